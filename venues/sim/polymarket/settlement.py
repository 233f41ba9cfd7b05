"""Trades on their way to the chain (§9.3): MATCHED, MINED, CONFIRMED; or RETRYING, FAILED.

Balances move when a trade is MINED; from its match until then both sides' money and tokens are
locked. A trade that fails moved nothing: `size_matched` of its orders stays what it was (UNSURE),
what they had locked for it is free again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from venues.money import ONE, Cash, Price, Quantity, cost, proceeds
from venues.sides import Side
from venues.sim.polymarket.catalogue import Market
from venues.sim.polymarket.contracts import exchange
from venues.sim.polymarket.core import Core
from venues.sim.polymarket.fees import maker_fee, taker_fee
from venues.sim.polymarket.floor import Floor
from venues.sim.polymarket.notices import TradeUpdated
from venues.sim.polymarket.records import Activity, ActivityKind, TradeRecord, TradeStatus
from venues.sim.polymarket.wallets import CASH, Moved, Wallets


class Leg(NamedTuple):
    """One wallet's part in a trade; `cash` is what it pays or gets, without its fee."""

    wallet: str
    token: str
    side: Side
    shares: Quantity
    price: Price
    cash: Cash
    fee: Cash

    @property
    def sign(self) -> int:
        return 1 if self.side is Side.BUY else -1


class Settlement:
    def __init__(self, core: Core, floor: Floor, wallets: Wallets) -> None:
        self._core = core
        self._floor = floor
        self._wallets = wallets
        self._pending: dict[str, tuple[Leg, ...]] = {}
        self._to_fail = self._to_retry = 0
        self.changed: Callable[[str], None] = lambda _wallet: None
        """Is told of wallets that a trade took something from."""
        self.paid_late: Callable[[str, str], None] = lambda _wallet, _condition: None
        """Is told of wallets that got shares of a market that had been resolved."""

    def fail_next(self, count: int = 1) -> None:
        self._to_fail += count

    def retry_next(self, count: int = 1) -> None:
        self._to_retry += count

    def begin(self, market: Market, trade: TradeRecord) -> None:
        self._pending[trade.id] = legs(market, trade)
        self._show(trade)
        knobs = self._core.knobs
        fails = self._counted("_to_fail") or self._core.drawn(knobs.fail)
        retries = self._counted("_to_retry") or self._core.drawn(knobs.retry)
        mined_ms = knobs.mined_ms
        if retries:
            self._core.after(mined_ms, lambda: self._retry(trade.id))
            mined_ms += knobs.retry_ms
        due = self._fail if fails else self._mine
        self._core.after(mined_ms, lambda: due(trade.id))

    def fail(self, trade_id: str) -> None:
        """Takes back a trade that has not reached the chain; later ones stand."""
        self._core.agenda.advance()
        self._fail(trade_id)

    def locked(self, wallet: str, token: str | None) -> int:
        """What pending trades will take from a wallet; `token` None: of its cash."""
        total = 0
        for parts in self._pending.values():
            for leg in parts:
                if leg.wallet != wallet:
                    continue
                if token is None:
                    total += leg.cash + leg.fee if leg.side is Side.BUY else 0
                elif leg.side is Side.SELL and leg.token == token:
                    total += leg.shares
        return total

    def _fail(self, trade_id: str) -> None:
        if self._pending.pop(trade_id, None) is not None:
            self._become(trade_id, TradeStatus.FAILED)

    def _retry(self, trade_id: str) -> None:
        if trade_id in self._pending:
            self._become(trade_id, TradeStatus.RETRYING)

    def _mine(self, trade_id: str) -> None:
        trade = self._floor.trades.now(trade_id)
        if trade is None or trade_id not in self._pending:
            return
        parts = self._pending[trade_id]
        market = self._core.catalogue.markets[trade.market]
        if not self._is_covered(market, parts):
            self._fail(trade_id)
            return
        del self._pending[trade_id]
        self._move(market, parts)
        mined = self._become(trade_id, TradeStatus.MINED)
        for leg in parts:
            self._wallets.note(leg.wallet, *_told(mined, leg))
        for wallet in dict.fromkeys(leg.wallet for leg in parts):
            self.changed(wallet)
            if market.payouts is not None:
                self.paid_late(wallet, market.condition)
        knobs = self._core.knobs
        wait_ms = max(knobs.confirmed_ms - knobs.mined_ms, 0)
        self._core.after(wait_ms, lambda: self._confirm(trade_id))

    def _confirm(self, trade_id: str) -> None:
        self._become(trade_id, TradeStatus.CONFIRMED)

    def _is_covered(self, market: Market, parts: tuple[Leg, ...]) -> bool:
        """The chain looks at what is there and approved, not at what the exchange believes."""
        spender = exchange(market.version, market.neg_risk)[0]
        for wallet, change in _changes(parts).items():
            purse = self._wallets.purse(wallet)
            mine = [leg for leg in parts if leg.wallet == wallet]
            sold = any(leg.side is Side.SELL for leg in mine)
            if any(purse.held[asset] + amount < 0 for asset, amount in change.items()):
                return False
            if purse.cash_allowances.get(spender, 0) < _spent(mine):
                return False
            if sold and not purse.token_allowances.get(spender, 0):
                return False
        return True

    def _move(self, market: Market, parts: tuple[Leg, ...]) -> None:
        spender = exchange(market.version, market.neg_risk)[0]
        for wallet, change in _changes(parts).items():
            self._wallets.move(wallet, change)
            spent = _spent([leg for leg in parts if leg.wallet == wallet])
            self._wallets.spend_allowance(wallet, spender, spent)
        self._wallets.fees += sum(leg.fee for leg in parts)
        self._wallets.pool[market.condition] += sum(leg.sign * leg.cash for leg in parts)

    def _become(self, trade_id: str, status: TradeStatus) -> TradeRecord:
        trade = self._floor.trades.now(trade_id)
        assert trade is not None
        transaction = trade.transaction_hash
        if trade.status is TradeStatus.RETRYING:  # a retry is another transaction
            transaction = self._core.new_hash()
        trade = replace(
            trade, status=status, transaction_hash=transaction, updated_ms=self._core.now_ms
        )
        self._show(trade)
        if status in {TradeStatus.CONFIRMED, TradeStatus.FAILED}:
            readable = (trade.has_account, *(part.has_account for part in trade.makers))
            self._core.forget(lambda: self._floor.trades.drop(trade_id), *readable)
        return trade

    def _show(self, trade: TradeRecord) -> None:
        self._floor.trades.put(trade.id, trade, self._core.now_ms)
        self._core.tell(TradeUpdated(trade=trade, ts_ms=self._core.now_ms))

    def _counted(self, name: str) -> bool:
        left: int = getattr(self, name)
        if left:
            setattr(self, name, left - 1)
        return left > 0


def legs(market: Market, trade: TradeRecord) -> tuple[Leg, ...]:
    """The taker's parts, one for each maker, and the makers'. What two buyers pay adds up to a
    dollar a share, what a buyer pays is what its seller gets: to the micro, and the taker bears
    the rounding, so that no maker pays more than it had locked."""
    found = []
    for part in trade.makers:
        same = part.token == trade.token
        price = part.price if same else Price(ONE - part.price)
        at = proceeds if part.side is Side.BUY else cost
        theirs = at(part.price, part.matched)
        ours = theirs if same else Cash(part.matched - theirs)
        paid, charged = (
            fee(market.fee, part.price, part.matched) for fee in (taker_fee, maker_fee)
        )
        found += [
            Leg(trade.maker_address, trade.token, trade.side, part.matched, price, ours, paid),
            Leg(
                part.maker_address,
                part.token,
                part.side,
                part.matched,
                part.price,
                theirs,
                charged,
            ),
        ]
    return tuple(found)


def taken_cash(market: Market, trade: TradeRecord) -> Cash:
    """What the taker paid or got, without its fee."""
    return Cash(sum(leg.cash for leg in legs(market, trade)[::2]))


def _changes(parts: tuple[Leg, ...]) -> dict[str, Counter[str]]:
    """By wallet, what a trade adds to each asset of it."""
    found: dict[str, Counter[str]] = {}
    for leg in parts:
        change = found.setdefault(leg.wallet, Counter())
        change[CASH] -= leg.sign * leg.cash + leg.fee
        change[leg.token] += leg.sign * leg.shares
    return found


def _spent(mine: list[Leg]) -> int:
    return sum(leg.cash + leg.fee for leg in mine if leg.side is Side.BUY)


def _told(trade: TradeRecord, leg: Leg) -> tuple[tuple[Moved, ...], Activity]:
    """For the indexer."""
    paid = leg.cash if leg.side is Side.BUY else 0
    activity = Activity(
        wallet=leg.wallet,
        kind=ActivityKind.TRADE,
        market=trade.market,
        token=leg.token,
        side=leg.side,
        size=leg.shares,
        price=leg.price,
        cash=leg.cash,
        at_ms=trade.updated_ms,
        transaction_hash=trade.transaction_hash,
    )
    return (Moved(leg.token, leg.sign * leg.shares, paid),), activity
