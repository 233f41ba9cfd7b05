"""Wallets: what the chain says they hold, what the exchange believes, and who may do what.

Money comes in by `deposit` and leaves by `take_away`; everything else moves between wallets, the
pool behind each market's pairs, and the fees taken. `audit.py` adds it up.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from venues.money import ONE, Cash, Price, Quantity
from venues.sim.polymarket.contracts import EXCHANGES
from venues.sim.polymarket.core import Core
from venues.sim.polymarket.derive import wallet_of
from venues.sim.polymarket.index import DataIndex, Moved
from venues.sim.polymarket.records import Activity, Kind
from venues.sim.polymarket.refusal import Refusal

__all__ = ["CASH", "UNLIMITED", "Moved", "Purse", "Wallets"]

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
    def __init__(self, core: Core, index: DataIndex) -> None:
        self._core = core
        self._index = index
        self._purses: dict[str, Purse] = {}
        self.pool: Counter[str] = Counter()
        """Collateral behind the pairs of a market, by condition."""
        self.dust: Counter[str] = Counter()
        """What rounding left in a resolved market's pool, in millionths of a micro-dollar."""
        self.paid_in = 0
        self.fees = 0
        self.outside: dict[str, Counter[str]] = defaultdict(Counter)
        """Tokens that the outside world holds, by market."""
        self.changed: Callable[[str], None] = lambda _wallet: None
        """Is told of a wallet that something was taken away from."""

    def open(self, owner: str, kind: Kind = Kind.EOA) -> str:
        """The wallet's address, derived from its owner's. Everything is approved."""
        made = wallet_of(owner, kind)
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
        """The wallet of an owner for a signature type."""
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
        self._core.agenda.advance()
        self.shift(wallet, {CASH: cash})
        self.paid_in += cash

    def give(self, wallet: str, token: str, quantity: Quantity) -> None:
        """From outside: somebody split a pair there and keeps the other half."""
        self._core.agenda.advance()
        market = self._core.listed(token)
        other = market.tokens[1 - market.tokens.index(token)]
        self.shift(wallet, {token: quantity})
        self.pool[market.condition] += quantity
        self.paid_in += quantity
        self.outside[market.condition][other] += quantity
        self.note(wallet, (Moved(token, quantity),))

    def take_away(self, wallet: str, token: str | None, amount: int) -> None:
        """To outside, by its owner, elsewhere. ValueError for more than is held."""
        self._core.agenda.advance()
        market = None if token is None else self._core.listed(token)
        self.shift(wallet, {token or CASH: -amount})
        if market is None or token is None:
            self.paid_in -= amount
            return
        self.outside[market.condition][token] += amount
        self.note(wallet, (Moved(token, -amount),))

    def move(self, wallet: str, changes: Mapping[str, int]) -> None:
        """By the exchange, which knows at once. ValueError below zero: then nothing moved."""
        purse = self.purse(wallet)
        for asset, amount in changes.items():
            if purse.held[asset] + amount < 0:
                raise ValueError(f"{wallet} holds less than {-amount}")
        for asset, amount in changes.items():
            purse.held[asset] += amount

    def shift(self, wallet: str, changes: Mapping[str, int]) -> None:
        """By anybody else: the exchange may believe its old view for a while. ValueError as above.

        Resting orders are looked at again as soon as the exchange knows.
        """
        self.move(wallet, changes)
        purse = self.purse(wallet)
        wait_ms = self._core.knobs.cache_ms if purse.looked_at else 0
        if wait_ms:
            due_ms = self._core.now_ms + wait_ms
            purse.unseen += [(due_ms, asset, amount) for asset, amount in changes.items()]
        if min(changes.values(), default=0) < 0:
            self._core.after(wait_ms, lambda: self.changed(wallet))

    def note(self, wallet: str, moved: tuple[Moved, ...], activity: Activity | None = None) -> None:
        """For the Data API's indexer: tokens came or went."""
        self._index.note(wallet, moved, activity)

    def set_allowance(self, wallet: str, spender: str, amount: int) -> None:
        """Of pUSD; any number above zero approves the tokens too. Known at once."""
        self._core.agenda.advance()
        purse = self.purse(wallet)
        purse.cash_allowances[spender] = amount
        purse.token_allowances[spender] = UNLIMITED if amount else 0
        self.changed(wallet)

    def spend_allowance(self, wallet: str, spender: str, amount: int) -> None:
        """As ERC-20 does: an unlimited one stays so."""
        allowances = self.purse(wallet).cash_allowances
        if allowances.get(spender, 0) < UNLIMITED:
            allowances[spender] = allowances.get(spender, 0) - amount

    def refresh(self, wallet: str) -> None:
        """/balance-allowance/update."""
        self._core.agenda.advance()
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
        self._core.agenda.advance()
        purse = self.purse(wallet)
        return dict(purse.cash_allowances if token is None else purse.token_allowances)

    def ban(self, address: str) -> None:
        """A wallet, or all of an owner."""
        for purse in self._named(address):
            purse.banned = True

    def close_only(self, address: str, *, on: bool = True) -> None:
        """A wallet, or all of an owner."""
        for purse in self._named(address):
            purse.close_only = on

    def is_close_only(self, address: str) -> bool:
        """Of a wallet, or of any wallet of an owner."""
        return any(purse.close_only for purse in self._named(address))

    def pay_out(self, condition: str, shares: int, payout: int) -> int:
        """Takes what shares are worth out of a resolved market's pool, rounded down."""
        worth, dust = divmod(shares * payout, ONE)
        self.pool[condition] -= worth
        self.dust[condition] += dust
        return worth

    def pays(self, market: str, tokens: tuple[str, str], payouts: tuple[Price, Price]) -> None:
        """What the outside world holds of a resolved market is paid out of its pool."""
        for token, payout in zip(tokens, payouts, strict=True):
            self.paid_in -= self.pay_out(market, self.outside[market].pop(token, 0), payout)

    def _named(self, address: str) -> list[Purse]:
        return [p for p in self._purses.values() if address in {p.address, p.owner}]
