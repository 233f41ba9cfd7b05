"""Split, merge, redeem and convert on the chain (§11): instant ledger steps after a while."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from venues.money import ONE, Cash, Price, Quantity
from venues.sim.polymarket.catalogue import Market, Phase
from venues.sim.polymarket.core import Core
from venues.sim.polymarket.records import Activity, ActivityKind
from venues.sim.polymarket.refusal import Refusal
from venues.sim.polymarket.wallets import CASH, Wallets

NEW, MINED, CONFIRMED, FAILED = (
    "STATE_NEW",
    "STATE_MINED",
    "STATE_CONFIRMED",
    "STATE_FAILED",
)


_NONE: Final = Quantity(0)


@dataclass(slots=True)
class _Transaction:
    wallet: str
    state: str
    hash: str = ""


class Chain:
    """`recheck` is told of wallets whose holdings changed."""

    def __init__(self, core: Core, wallets: Wallets, recheck: Callable[[str], None]) -> None:
        self._core = core
        self._wallets = wallets
        self._recheck = recheck
        self._transactions: dict[str, _Transaction] = {}
        self._to_fail = 0
        self.done: list[Activity] = []
        """What was done, oldest first, for the index."""

    def fail_next(self, count: int = 1) -> None:
        self._to_fail += count

    def submit(
        self, wallet: str, operation: str, *, market: str, quantity: Quantity = _NONE
    ) -> str:
        """`operation` is split, merge, redeem or convert. 400 while the wallet is busy."""
        self._core.agenda.advance()
        self._wallets.purse(wallet)
        if any(t.wallet == wallet and t.state == NEW for t in self._transactions.values()):
            raise Refusal(400, "wallet busy: a transaction is pending")
        steps: dict[str, Callable[[], None]] = {
            "split": lambda: self._split(wallet, self._market(market), quantity),
            "merge": lambda: self._merge(wallet, self._market(market), quantity),
            "redeem": lambda: self._redeem(wallet, self._market(market)),
        }
        if operation not in steps:
            raise Refusal(400, f"unknown operation {operation[:40]}")
        id = self._core.new_uuid()
        self._transactions[id] = _Transaction(wallet, NEW)
        self._core.after(self._core.knobs.chain_ms, lambda: self._run(id, steps[operation]))
        return id

    def state(self, id: str) -> tuple[str, str]:
        """(state, transaction hash). 404 for an unknown id."""
        self._core.agenda.advance()
        found = self._transactions.get(id)
        if found is None:
            raise Refusal(404, "transaction not found")
        return found.state, found.hash

    def redeem_all(self, condition: str) -> None:
        """AutoRedeemer pays who approved it."""
        for purse in self._wallets.all():
            market = self._market(condition)
            if purse.auto_redeem and any(purse.held[token] for token in market.tokens):
                self._redeem(purse.address, market)

    def _run(self, id: str, step: Callable[[], None]) -> None:
        transaction = self._transactions[id]
        transaction.hash = self._core.new_hash()
        if self._to_fail:
            self._to_fail -= 1
            transaction.state = FAILED
            return
        try:
            step()
        except (ValueError, Refusal):
            transaction.state = FAILED
            return
        transaction.state = CONFIRMED
        self._recheck(transaction.wallet)

    def _split(self, wallet: str, market: Market, quantity: Quantity) -> None:
        self._wallets.move(wallet, CASH, -quantity)
        for token in market.tokens:
            self._wallets.move(wallet, token, quantity)
        self._wallets.pool[market.condition] += quantity
        self._tell(ActivityKind.SPLIT, wallet, market, quantity, Cash(quantity))

    def _merge(self, wallet: str, market: Market, quantity: Quantity) -> None:
        if any(self._wallets.held(wallet, token) < quantity for token in market.tokens):
            raise ValueError("no such pairs")
        for token in market.tokens:
            self._wallets.move(wallet, token, -quantity)
        self._wallets.move(wallet, CASH, quantity)
        self._wallets.pool[market.condition] -= quantity
        self._tell(ActivityKind.MERGE, wallet, market, quantity, Cash(quantity))

    def _redeem(self, wallet: str, market: Market) -> None:
        if market.phase is not Phase.RESOLVED or market.payouts is None:
            raise ValueError("not resolved")
        paid = held = 0
        for token, payout in zip(market.tokens, market.payouts, strict=True):
            shares = self._wallets.held(wallet, token)
            if not payout or not shares:
                continue
            paid += shares * payout // ONE
            held += shares
            self._wallets.move(wallet, token, -shares)
        self._wallets.move(wallet, CASH, paid)
        self._wallets.pool[market.condition] -= paid
        if held:
            self._tell(ActivityKind.REDEEM, wallet, market, Quantity(held), Cash(paid))

    def _tell(
        self, kind: ActivityKind, wallet: str, market: Market, size: Quantity, cash: Cash
    ) -> None:
        self.done.append(
            Activity(
                wallet=wallet,
                kind=kind,
                market=market.condition,
                token="",
                side=None,
                size=size,
                price=Price(0),
                cash=cash,
                at_ms=self._core.now_ms,
                transaction_hash=self._core.new_hash(),
            )
        )

    def _market(self, condition: str) -> Market:
        found = self._core.catalogue.markets.get(condition)
        if found is None:
            raise Refusal(404, "market not found")
        return found
