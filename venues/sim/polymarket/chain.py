"""Split, merge, redeem and convert on the chain (§11): instant ledger steps after a while."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from venues.money import Cash, Price, Quantity
from venues.sim.polymarket.catalogue import Market, Phase
from venues.sim.polymarket.core import Core
from venues.sim.polymarket.records import Activity, ActivityKind
from venues.sim.polymarket.refusal import Refusal
from venues.sim.polymarket.wallets import CASH, Moved, Wallets

NEW, CONFIRMED, FAILED = "STATE_NEW", "STATE_CONFIRMED", "STATE_FAILED"
_NONE: Final = Quantity(0)
_ALL_BIPS: Final = 10_000


@dataclass(slots=True)
class _Transaction:
    wallet: str
    state: str
    hash: str = ""


class Chain:
    """One wallet does one thing at a time. Nobody here looks at signatures."""

    def __init__(self, core: Core, wallets: Wallets) -> None:
        self._core = core
        self._wallets = wallets
        self._transactions: dict[str, _Transaction] = {}
        self._busy: set[str] = set()
        self._to_fail = 0

    def fail_next(self, count: int = 1) -> None:
        self._to_fail += count

    def submit(
        self,
        wallet: str,
        operation: str,
        *,
        market: str,
        quantity: Quantity = _NONE,
        more: tuple[str, ...] = (),
    ) -> str:
        """`operation` is split, merge, redeem or convert (whose further legs are `more`). 400 while
        the wallet is busy. What the chain will not do ends STATE_FAILED."""
        self._core.agenda.advance()
        self._wallets.purse(wallet)
        if wallet in self._busy:
            raise Refusal(400, "wallet busy: a transaction is pending")
        steps: dict[str, Callable[[str], None]] = {
            "split": lambda hashed: self._split(wallet, self._market(market), quantity, hashed),
            "merge": lambda hashed: self._merge(wallet, self._market(market), quantity, hashed),
            "redeem": lambda hashed: self._redeem(wallet, self._market(market), hashed),
            "convert": lambda hashed: self._convert(wallet, (market, *more), quantity, hashed),
        }
        if operation not in steps:
            raise Refusal(400, f"unknown operation {operation[:40]}")
        if quantity <= 0 and operation != "redeem":
            raise Refusal(400, f"nothing to {operation}")
        id = self._core.new_uuid()
        self._transactions[id] = _Transaction(wallet, NEW)
        self._busy.add(wallet)
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
            self.redeem_winner(purse.address, condition)

    def redeem_winner(self, wallet: str, condition: str) -> None:
        market, purse = self._market(condition), self._wallets.purse(wallet)
        if purse.auto_redeem and any(purse.held[token] for token in market.tokens):
            self._redeem(wallet, market, self._core.new_hash())

    def _run(self, id: str, step: Callable[[str], None]) -> None:
        transaction = self._transactions[id]
        transaction.hash = self._core.new_hash()
        transaction.state = FAILED
        self._busy.discard(transaction.wallet)
        self._core.after(self._core.knobs.kept_ms, lambda: self._forget(id))
        if self._to_fail:
            self._to_fail -= 1
            return
        try:
            step(transaction.hash)
        except (ValueError, Refusal):
            return
        transaction.state = CONFIRMED

    def _forget(self, id: str) -> None:
        del self._transactions[id]

    def _split(self, wallet: str, market: Market, quantity: Quantity, hashed: str) -> None:
        yes, no = market.tokens
        self._wallets.shift(wallet, {CASH: -quantity, yes: quantity, no: quantity})
        self._wallets.pool[market.condition] += quantity
        half = quantity // 2
        moved = (Moved(yes, quantity, half), Moved(no, quantity, quantity - half))
        self._tell(
            ActivityKind.SPLIT, wallet, market, moved, size=quantity, cash=quantity, hashed=hashed
        )

    def _merge(self, wallet: str, market: Market, quantity: Quantity, hashed: str) -> None:
        yes, no = market.tokens
        self._wallets.shift(wallet, {yes: -quantity, no: -quantity, CASH: quantity})
        self._wallets.pool[market.condition] -= quantity
        moved = (Moved(yes, -quantity), Moved(no, -quantity))
        self._tell(
            ActivityKind.MERGE, wallet, market, moved, size=quantity, cash=quantity, hashed=hashed
        )

    def _redeem(self, wallet: str, market: Market, hashed: str) -> None:
        """Rounds down by token; losing shares stay."""
        if market.phase is not Phase.RESOLVED or market.payouts is None:
            raise ValueError("not resolved")
        held = {
            token: (int(self._wallets.held(wallet, token)), int(payout))
            for token, payout in zip(market.tokens, market.payouts, strict=True)
            if payout and self._wallets.held(wallet, token)
        }
        if not held:
            return
        paid = sum(self._wallets.pay_out(market.condition, *each) for each in held.values())
        out = {token: -shares for token, (shares, _) in held.items()}
        self._wallets.shift(wallet, out | {CASH: paid})
        moved = tuple(Moved(token, size) for token, size in out.items())
        size = -sum(out.values())
        self._tell(ActivityKind.REDEEM, wallet, market, moved, size=size, cash=paid, hashed=hashed)

    def _convert(
        self, wallet: str, conditions: tuple[str, ...], quantity: Quantity, hashed: str
    ) -> None:
        """NO of each of k legs becomes YES of every other leg, and k − 1 dollars; less the event's
        fee. The chain burns the NO, and those that come with the new YES: the outside holds them.
        """
        legs = [self._market(each) for each in dict.fromkeys(conditions)]
        event = self._core.catalogue.events[legs[0].event_id]
        family = self._core.catalogue.of_event(event.id)
        others = [each for each in family if each not in legs]
        if not event.neg_risk or not others or any(leg not in family for leg in legs):
            raise ValueError("not legs of one neg-risk event")
        fee = quantity * event.neg_risk_fee_bips // _ALL_BIPS
        sets = len(legs) - 1
        change = {leg.tokens[1]: -quantity for leg in legs}
        change |= {each.tokens[0]: quantity - fee for each in others}
        self._wallets.shift(wallet, change | {CASH: sets * (quantity - fee)})
        self._wallets.fees += sets * fee
        self._wallets.paid_in += quantity * (sets + len(others))
        outside = self._wallets.outside
        for leg in legs:
            outside[leg.condition][leg.tokens[1]] += quantity
        for each in others:
            outside[each.condition][each.tokens[0]] += fee
            outside[each.condition][each.tokens[1]] += quantity
            self._wallets.pool[each.condition] += quantity
        moved = tuple(Moved(token, size) for token, size in change.items())
        cash = sets * (quantity - fee)
        self._tell(
            ActivityKind.CONVERSION, wallet, legs[0], moved, size=quantity, cash=cash, hashed=hashed
        )

    def _tell(
        self,
        kind: ActivityKind,
        wallet: str,
        market: Market,
        moved: tuple[Moved, ...],
        *,
        size: int,
        cash: int,
        hashed: str,
    ) -> None:
        activity = Activity(
            wallet=wallet,
            kind=kind,
            market=market.condition,
            token="",
            side=None,
            size=Quantity(size),
            price=Price(0),
            cash=Cash(cash),
            at_ms=self._core.now_ms,
            transaction_hash=hashed,
        )
        self._wallets.note(wallet, moved, activity)

    def _market(self, condition: str) -> Market:
        found = self._core.catalogue.markets.get(condition)
        if found is None:
            raise Refusal(404, "market not found")
        return found
