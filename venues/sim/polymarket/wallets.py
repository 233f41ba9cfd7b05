"""Wallets: what the chain says they hold, what the exchange believes, and who may do what.

Money comes in by `deposit` and leaves by `take_away`; everything else moves between wallets, the
pool behind each market's pairs, and the fees taken. `audit.py` adds it up.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from venues.money import ONE, Cash, Price, Quantity
from venues.sim.polymarket.contracts import EXCHANGES
from venues.sim.polymarket.core import Core
from venues.sim.polymarket.derive import wallet_of
from venues.sim.polymarket.records import Kind
from venues.sim.polymarket.refusal import Refusal

CASH: Final = ""
"""The asset that is no token: pUSD."""
UNLIMITED: Final = 2**256 - 1


@dataclass(slots=True)
class Purse:
    """One wallet. `held` by asset; `unseen` what the exchange does not know of yet."""

    address: str
    owner: str
    kind: Kind
    held: Counter[str] = field(default_factory=Counter)
    unseen: list[tuple[int, str, int]] = field(default_factory=list)
    cash_allowances: dict[str, int] = field(default_factory=dict)
    token_allowances: dict[str, int] = field(default_factory=dict)
    auto_redeem: bool = True
    banned: bool = False
    close_only: bool = False
    looked_at: bool = False
    """By the exchange, which believes from then on what it saw."""


class Wallets:
    def __init__(self, core: Core) -> None:
        self._core = core
        self._purses: dict[str, Purse] = {}
        self.pool: Counter[str] = Counter()
        """Collateral behind the pairs of a market, by condition."""
        self.paid_in = 0
        self.fees = 0
        self.outside: dict[str, Counter[str]] = defaultdict(Counter)
        """Tokens that the outside world holds, by market."""
        self.changed: Callable[[str], None] = lambda _wallet: None
        """Is told of a wallet that something was taken away from."""

    def open(self, owner: str, kind: Kind = Kind.EOA, *, address: str = "") -> str:
        """The wallet's address, derived from its owner's unless told. Everything is approved."""
        made = address or wallet_of(owner, kind)
        if made not in self._purses:
            self._purses[made] = Purse(
                address=made,
                owner=owner,
                kind=kind,
                cash_allowances=dict.fromkeys(EXCHANGES, UNLIMITED),
                token_allowances=dict.fromkeys(EXCHANGES, UNLIMITED),
            )
        return made

    def of(self, owner: str, kind: Kind) -> str | None:
        """The wallet of an owner for a signature type; the last one opened."""
        found = [p.address for p in self._purses.values() if (p.owner, p.kind) == (owner, kind)]
        return found[-1] if found else None

    def purse(self, wallet: str) -> Purse:
        """404 for one that nobody opened."""
        found = self._purses.get(wallet)
        if found is None:
            raise Refusal(404, f"wallet {wallet[:60]} not found")
        return found

    def find(self, wallet: str) -> Purse | None:
        return self._purses.get(wallet)

    def all(self) -> tuple[Purse, ...]:
        return tuple(self._purses.values())

    def deposit(self, wallet: str, cash: Cash) -> None:
        self.paid_in += cash
        self._from_outside(wallet, CASH, cash)

    def give(self, wallet: str, token: str, quantity: Quantity) -> None:
        """From outside: somebody split a pair there and keeps the other half."""
        market = self._core.listed(token)
        self.pool[market.condition] += quantity
        self.paid_in += quantity
        other = market.tokens[1 - market.tokens.index(token)]
        self.outside[market.condition][other] += quantity
        self._from_outside(wallet, token, quantity)

    def take_away(self, wallet: str, token: str | None, amount: int) -> None:
        """To outside, by its owner, elsewhere. ValueError for more than is held."""
        asset = token or CASH
        if amount > self.purse(wallet).held[asset]:
            raise ValueError(f"{wallet} holds less than {amount}")
        if token is None:
            self.paid_in -= amount
        else:
            self.outside[self._core.listed(token).condition][token] += amount
        self._from_outside(wallet, asset, -amount)

    def move(self, wallet: str, asset: str, amount: int) -> None:
        """By the exchange or the chain: known at once. ValueError below zero: nothing moved."""
        purse = self.purse(wallet)
        if purse.held[asset] + amount < 0:
            raise ValueError(f"{wallet} holds less than {-amount}")
        purse.held[asset] += amount

    def set_allowance(self, wallet: str, spender: str, amount: int) -> None:
        """Of pUSD; any number above zero approves the tokens too."""
        purse = self.purse(wallet)
        purse.cash_allowances[spender] = amount
        purse.token_allowances[spender] = UNLIMITED if amount else 0

    def refresh(self, wallet: str) -> None:
        """/balance-allowance/update."""
        self.purse(wallet).unseen.clear()
        self.changed(wallet)

    def cash(self, wallet: str) -> Cash:
        self._core.agenda.advance()
        return Cash(self.purse(wallet).held[CASH])

    def held(self, wallet: str, token: str) -> Quantity:
        self._core.agenda.advance()
        return Quantity(self.purse(wallet).held[token])

    def seen(self, wallet: str, token: str | None) -> int:
        """What the exchange believes; `token` None: pUSD."""
        self._core.agenda.advance()
        purse, asset, now_ms = self.purse(wallet), token or CASH, self._core.now_ms
        purse.looked_at = True
        purse.unseen = [each for each in purse.unseen if each[0] > now_ms]
        return purse.held[asset] - sum(delta for _, a, delta in purse.unseen if a == asset)

    def allowances(self, wallet: str, token: str | None) -> dict[str, int]:
        purse = self.purse(wallet)
        return dict(purse.cash_allowances if token is None else purse.token_allowances)

    def ban(self, address: str) -> None:
        self.purse(address).banned = True

    def close_only(self, address: str, *, on: bool = True) -> None:
        self.purse(address).close_only = on

    def is_close_only(self, address: str) -> bool:
        """Of a wallet, or of any wallet of an owner."""
        named = (p for p in self._purses.values() if address in {p.address, p.owner})
        return any(purse.close_only for purse in named)

    def pays(self, market: str, tokens: tuple[str, str], payouts: tuple[Price, Price]) -> None:
        """What the outside world holds of a resolved market is paid out of its pool."""
        for token, payout in zip(tokens, payouts, strict=True):
            worth = self.outside[market].pop(token, 0) * payout // ONE
            self.pool[market] -= worth
            self.paid_in -= worth

    def _from_outside(self, wallet: str, asset: str, amount: int) -> None:
        purse = self.purse(wallet)
        purse.held[asset] += amount
        wait_ms = self._core.knobs.cache_ms if purse.looked_at else 0
        if wait_ms:
            purse.unseen.append((self._core.now_ms + wait_ms, asset, amount))
        if amount < 0:
            self._core.after(wait_ms, lambda: self.changed(wallet))
