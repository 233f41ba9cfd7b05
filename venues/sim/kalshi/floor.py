"""The trading floor: the engines of all shards, and the records of what happens on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from venues.market import Grid
from venues.money import ONE, Cash, Price, Quantity, cost
from venues.sides import Outcome, Side
from venues.sim.exchange import (
    Accepted,
    Changed,
    Exchange,
    Happening,
    Level,
    LevelChanged,
    NewOrder,
    Order,
    Reason,
    Traded,
)
from venues.sim.kalshi.accounts import Accounts, Purse
from venues.sim.kalshi.core import Core
from venues.sim.kalshi.fees import FREE, Rates, charge, rates
from venues.sim.kalshi.figures import Figures
from venues.sim.kalshi.notices import (
    BookChanged,
    FillMade,
    OrderUpdated,
    PositionChanged,
    TradePrinted,
)
from venues.sim.kalshi.records import FillRecord, OrderRecord, Quote, TradeRecord, UpdateReason
from venues.sim.kalshi.refusal import insufficient_balance
from venues.sim.kalshi.versions import Versions

REASONS: Final = {
    Reason.TRADE: UpdateReason.TRADE,
    Reason.DECREASE: UpdateReason.DECREASE,
    Reason.AMEND: UpdateReason.AMEND,
    Reason.SELF_TRADE: UpdateReason.SELF_TRADE_CANCEL,
    Reason.POST_ONLY: UpdateReason.POST_ONLY_CROSS_CANCEL,
    Reason.REDUCE_ONLY: UpdateReason.REDUCE_ONLY_CANCEL,
    Reason.EXPIRED: UpdateReason.EXPIRY_CANCEL,
    Reason.CLOSED: UpdateReason.CLOSE_CANCEL,
    Reason.HALTED: UpdateReason.HALT_CANCEL,
    Reason.MARGIN: UpdateReason.MARGIN_CANCEL,
}


class Floor:
    """Turns what an engine tells into records, payments and notices."""

    def __init__(self, core: Core, accounts: Accounts) -> None:
        self._core = core
        self._accounts = accounts
        self._incoming: OrderRecord | None = None
        self._renamed: str | None = None
        self.figures = Figures()
        self.records: dict[str, OrderRecord] = {}
        self.versions: Versions[str, OrderRecord] = Versions(core.knobs.kept_ms)
        self.orders_of: dict[str, list[str]] = {}
        self.fills_of: dict[str, list[FillRecord]] = {}
        self.trades: list[TradeRecord] = []
        self.on_fill: Callable[[OrderRecord, Quantity], None] = lambda _order, _count: None
        self._exchanges = {
            shard: Exchange(listen=partial(self._happened, shard), check=self._check)
            for shard in core.statuses
        }

    def engine(self, ticker: str) -> Exchange:
        return self._exchanges[self._core.catalogue.markets[ticker].exchange_index]

    def open_market(self, ticker: str, grid: Grid) -> None:
        self.engine(ticker).open_market(ticker, grid)
        self.engine(ticker).set_tradable(ticker, tradable=False)

    def place(self, record: OrderRecord, new: NewOrder) -> OrderRecord:
        self._incoming = record
        self.engine(record.ticker).place(new)
        return self.records[record.order_id]

    def amend(
        self, order: OrderRecord, *, price: Price, size: Quantity, expires_ms: int | None, name: str
    ) -> OrderRecord:
        """`name`: its client_order_id from now on."""
        self._renamed = name
        try:
            self.engine(order.ticker).amend(
                order.order_id, price=price, size=size, expires_ms=expires_ms
            )
        finally:
            self._renamed = None
        return self.records[order.order_id]

    def decrease(self, order: OrderRecord, to: Quantity) -> OrderRecord:
        self.engine(order.ticker).decrease(order.order_id, to=to)
        return self.records[order.order_id]

    def cancel(self, order_id: str, reason: Reason = Reason.CANCEL) -> bool:
        """False: it did not rest any more."""
        order = self.records[order_id]
        if not order.remaining:
            return False
        self.engine(order.ticker).cancel(order_id, reason)
        return True

    def cancel_market(self, ticker: str, reason: Reason) -> None:
        self.engine(ticker).cancel_all(market=ticker, reason=reason)

    def open_orders(self) -> tuple[OrderRecord, ...]:
        """Of everybody, shard by shard, oldest first."""
        engines = self._exchanges.values()
        return tuple(self.records[order.id] for engine in engines for order in engine.resting())

    def best(self, ticker: str) -> tuple[Level, Level]:
        """Best YES bid and ask, with the sentinels of an empty side (6.4)."""
        engine = self.engine(ticker)
        bids, asks = engine.levels(ticker, Side.BUY), engine.levels(ticker, Side.SELL)
        empty = Quantity(0)
        return (
            bids[0] if bids else Level(Price(0), empty),
            asks[0] if asks else Level(Price(ONE), empty),
        )

    def quote(self, ticker: str) -> Quote:
        bid, ask = self.best(ticker)
        open_interest = self._accounts.positions.open_interest(ticker)
        return self.figures.quote(ticker, self._core.now_ms, bid, ask, open_interest)

    def mark(self, ticker: str) -> Price:
        """What one YES is worth: its payout once determined, else the last price."""
        value = self._core.catalogue.markets[ticker].settlement_value
        return self.figures.last_price(ticker) if value is None else value

    def rates(self, ticker: str) -> Rates:
        """What the market charges now: the event's override where set, else the series' (11.1)."""
        catalogue, knobs = self._core.catalogue, self._core.knobs
        market, event = catalogue.markets[ticker], catalogue.event_of(ticker)
        if market.fee_waiver_ms is not None and self._core.now_ms < market.fee_waiver_ms:
            return FREE
        series, multiplier = catalogue.series_of(ticker), event.fee_multiplier_override
        return rates(
            event.fee_type_override or series.fee_type,
            series.fee_multiplier if multiplier is None else multiplier,
            multiplier_on_maker=knobs.multiplier_on_maker,
        )

    def call_margin(self) -> None:
        """Where a fee took cash below what open orders lock, the newest orders go."""
        while touched := self._accounts.take_touched():
            for purse in touched:
                for order in reversed(self._accounts.open_orders(purse)):
                    if self._accounts.free_in(purse) >= 0:
                        break
                    self.cancel(order.order_id, Reason.MARGIN)
                self._accounts.note(purse)

    def _check(self, new: NewOrder, replaced: Order | None) -> None:
        """Free cash must cover what the order locks at its limit, and its fees (10)."""
        record = self.records[replaced.id] if replaced else self._incoming
        assert record is not None
        purse = Purse(record.user_id, record.subaccount, record.exchange_index)
        working = replace(record, price=new.price, remaining=new.size)
        before = self._accounts.locked_in(purse)
        need = self._accounts.locked_in(purse, working) + self._fees(record, new)
        if need > before and need > self._accounts.free_in(purse) + before:
            raise insufficient_balance()

    def _fees(self, record: OrderRecord, new: NewOrder) -> int:
        """The taker fees of what matches at once and the maker fee of the rest in one fill, less
        what closing a position brings in."""
        if not self._core.knobs.fees_reserved:
            return 0
        terms, carried, total = self.rates(record.ticker), record.carried, 0
        held = self._accounts.position(record.user_id, record.ticker, subaccount=record.subaccount)
        closable = max(0, -held.count * record.side.sign)
        now = self.engine(record.ticker).crossing(new)
        rest = Level(new.price, Quantity(new.size - sum(level.size for level in now)))
        for level, k in (*((level, terms.taker) for level in now), (rest, terms.maker)):
            own = record.side.own(level.price)
            precision = self._accounts.member(record.user_id).precision
            paid = charge(k, own, level.size, precision=precision, carried=carried)
            closes = Quantity(min(closable, level.size))
            total += max(0, paid.net - (closes - cost(own, closes)))
            carried, closable = paid.carried, closable - closes
        return total

    def _happened(self, shard: int, happening: Happening) -> None:
        match happening:
            case Accepted():
                assert self._incoming is not None
                self.orders_of.setdefault(self._incoming.user_id, []).append(
                    self._incoming.order_id
                )
                self._keep(self._incoming)
            case Traded():
                self._traded(shard, happening)
            case LevelChanged():
                self._level_changed(shard, happening)
            case Changed():
                self._order_changed(happening.order)

    def _traded(self, shard: int, traded: Traded) -> None:
        now = self._core.now_ms
        taker = self.records[traded.taker.id]
        trade = TradeRecord(
            trade_id=self._core.new_id(),
            ticker=traded.market,
            price=traded.price,
            count=traded.size,
            taker_side=taker.side,
            created_ms=now,
        )
        self.trades.append(trade)
        self.figures.printed(trade)
        notice = TradePrinted(trade=trade, exchange_index=shard, clock=traded.clock, ts_ms=now)
        self._core.tell(notice)
        self._fill(trade, traded.taker, maker=False)
        self._fill(trade, traded.maker, maker=True)

    def _fill(self, trade: TradeRecord, order: Order, *, maker: bool) -> None:
        record = self.records[order.id]
        own = record.side.own(trade.price)
        paid = charge(
            self.rates(trade.ticker).of(maker=maker),
            own,
            trade.count,
            precision=self._accounts.member(record.user_id).precision,
            carried=record.carried,
        )
        held = self._accounts.position(record.user_id, trade.ticker, subaccount=record.subaccount)
        fill = FillRecord(
            trade_id=trade.trade_id,
            order_id=record.order_id,
            client_order_id=record.client_order_id,
            user_id=record.user_id,
            subaccount=record.subaccount,
            ticker=trade.ticker,
            exchange_index=record.exchange_index,
            side=record.side,
            price=trade.price,
            count=trade.count,
            is_taker=not maker,
            fee=paid.net,
            post_position=held.count + record.side.sign * trade.count,
            created_ms=trade.created_ms,
        )
        self._keep(_after_fill(record, order, fill, carried=paid.carried))
        position = self._accounts.fill(fill)
        self.fills_of.setdefault(record.user_id, []).append(fill)
        self._core.tell(FillMade(fill=fill, ts_ms=trade.created_ms))
        self._core.tell(PositionChanged(position=position, ts_ms=trade.created_ms))
        self.on_fill(record, trade.count)

    def _level_changed(self, shard: int, change: LevelChanged) -> None:
        now = self._core.now_ms
        record = self.records[change.order.id]
        self.figures.moved(change.market, now, lambda: self.best(change.market))
        self._core.tell(
            BookChanged(
                ticker=change.market,
                exchange_index=shard,
                clock=change.clock,
                outcome=Outcome.YES if change.side is Side.BUY else Outcome.NO,
                yes_price=change.price,
                delta=change.delta,
                order=record,
                hit=change.taker is not None,
                ts_ms=now,
                taker=None if change.taker is None else self.records[change.taker.id],
            )
        )
        if change.order.reason is Reason.PLACED and change.delta > 0:
            self._core.tell(OrderUpdated(order=record, ts_ms=now))

    def _order_changed(self, order: Order) -> None:
        record = self.records[order.id]
        amended = order.reason is Reason.AMEND and self._renamed is not None
        record = replace(
            record,
            price=order.price,
            initial=order.size if amended else record.initial,
            client_order_id=self._renamed or "" if amended else record.client_order_id,
            expires_ms=order.expires_ms,
            remaining=order.open,
            status=order.state,
            last_update_reason=REASONS.get(order.reason),
            updated_ms=self._core.now_ms,
        )
        self._keep(record)
        self._core.tell(OrderUpdated(order=record, ts_ms=self._core.now_ms))

    def _keep(self, record: OrderRecord) -> None:
        self.records[record.order_id] = record
        self.versions.put(record.order_id, self._core.now_ms, record)
        self._accounts.track(record)


def _after_fill(
    record: OrderRecord, order: Order, fill: FillRecord, *, carried: Cash
) -> OrderRecord:
    paid = cost(fill.side.own(fill.price), fill.count)
    filled = replace(
        record,
        filled=order.filled,
        remaining=order.open,
        status=order.state,
        last_update_reason=UpdateReason.TRADE,
        updated_ms=fill.created_ms,
        carried=carried,
    )
    if fill.is_taker:
        return replace(
            filled,
            taker_cost=Cash(record.taker_cost + paid),
            taker_fees=Cash(record.taker_fees + fill.fee),
        )
    return replace(
        filled,
        maker_cost=Cash(record.maker_cost + paid),
        maker_fees=Cash(record.maker_fees + fill.fee),
    )
