"""The exchange floor: one book a market in YES dollars, and what its trades mean for both tokens.

Buying NO at p is selling YES at 1 − p (§9.6). A taker that buys meets sellers of the same token
(complementary) or buyers of the other one (mint); one that sells likewise (merge).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from venues.money import ONE, Cash, Price, Quantity
from venues.sides import Side
from venues.sim.exchange import (
    Accepted,
    Changed,
    Exchange,
    Happening,
    Level,
    LevelChanged,
    NewOrder,
    SelfTrade,
    Tif,
    Traded,
)
from venues.sim.polymarket import knobs as turned
from venues.sim.polymarket.catalogue import Market
from venues.sim.polymarket.core import Core
from venues.sim.polymarket.fees import taker_fee
from venues.sim.polymarket.notices import LevelsChanged, OrderUpdated, TradePrinted
from venues.sim.polymarket.records import (
    BookView,
    MakerMatch,
    OrderRecord,
    OrderStatus,
    OrderType,
    TradeRecord,
    TradeStatus,
)
from venues.sim.polymarket.versions import Versions

_ONE_MICRO: Final = Quantity(1)


@dataclass(frozen=True, slots=True)
class Met:
    """A maker that a taker would meet: in the taker's own dollars."""

    price: Price
    size: Quantity


@dataclass(slots=True)
class _Tape:
    changed_ms: int
    last_yes: Price | None = None
    last_taker: tuple[int, Side] | None = None
    """The taker's token (0, 1) and side of the last trade."""


class Floor:
    def __init__(self, core: Core) -> None:
        self._core = core
        lag_ms = core.knobs.lag_ms
        self.orders: Versions[OrderRecord] = Versions(lag_ms)
        self.trades: Versions[TradeRecord] = Versions(lag_ms)
        self.open: dict[str, OrderRecord] = {}
        """What rests or waits, newest last."""
        self._tapes: dict[str, _Tape] = {}
        self._moved: dict[tuple[Side, Price], None] = {}
        self._traded: list[Traded] = []
        self._ended: list[str] = []
        self._engine = Exchange(listen=self._hear, check=lambda _new, _old: None)

    def open_market(self, market: Market) -> None:
        self._engine.open_market(market.condition, market.grid, lot=_ONE_MICRO)
        self._tapes[market.condition] = _Tape(self._core.now_ms)

    def set_grid(self, market: Market) -> None:
        self._engine.set_grid(market.condition, market.grid)

    def put(self, record: OrderRecord) -> OrderRecord:
        """Keeps a record's newest state."""
        self.orders.put(record.id, record, self._core.now_ms)
        if record.status in {OrderStatus.LIVE, OrderStatus.DELAYED}:
            self.open[record.id] = record
        else:
            self.open.pop(record.id, None)
            self._core.forget(lambda: self.orders.drop(record.id), record.has_account)
        return record

    def meets(self, market: Market, record: OrderRecord) -> tuple[Met, ...]:
        """Makers that an order would trade with at once, in the order it would."""
        side, price = in_yes(market, record)
        found = []
        for maker in self._engine.against(market.condition, side, price):
            if maker.owner == self._owner(record):
                continue
            met = maker.price if _is_yes(market, record.token) else Price(ONE - maker.price)
            found.append(Met(met, maker.open))
        return tuple(found)

    def crosses(self, market: Market, record: OrderRecord) -> bool:
        """Whether anybody's order stands in its way, its own wallet's too."""
        return bool(self._engine.against(market.condition, *in_yes(market, record)))

    def match(
        self, market: Market, record: OrderRecord, size: Quantity, *, rests: bool
    ) -> tuple[OrderRecord, TradeRecord | None]:
        """Trades up to `size` shares, and leaves what did not trade in the book if it `rests`.

        Tells of book and orders; the trade is the caller's to settle and to tell.
        """
        side, price = in_yes(market, record)
        self._moved.clear()
        self._traded.clear()
        self._ended.clear()
        self._engine.place(
            NewOrder(
                id=record.id,
                owner=self._owner(record),
                market=market.condition,
                side=side,
                price=price,
                size=size,
                tif=Tif.GTC if rests else Tif.IOC,
                self_trade=SelfTrade.CANCEL_MAKER,
            )
        )
        trade = self._trade(market, record) if self._traded else None
        filled = Quantity(sum(each.size for each in self._traded))
        now = replace(
            record,
            matched=Quantity(record.matched + filled),
            updated_ms=self._core.now_ms,
            trade_ids=(*record.trade_ids, *((trade.id,) if trade else ())),
        )
        is_open = self._engine.order(record.id) is not None
        status = OrderStatus.LIVE if is_open else OrderStatus.MATCHED
        now = self.put(replace(now, status=status))
        self._tell_book(market)
        for id in self._ended:
            if id != record.id:
                self.end(id, OrderStatus.CANCELED, "CANCELED_SELF_TRADE", from_book=False)
        return now, trade

    def end(
        self, id: str, status: OrderStatus, why: str = "", *, from_book: bool = True
    ) -> OrderRecord:
        """Takes an order out of the book, or out of its delay, and tells of it."""
        record = self.open[id]
        market = self._core.catalogue.markets[record.market]
        self._moved.clear()
        if from_book and self._engine.order(id) is not None:
            self._engine.cancel(id)
        record = self.put(replace(record, status=status, why=why, updated_ms=self._core.now_ms))
        self._tell_book(market)
        self._core.tell(OrderUpdated(kind="CANCELLATION", order=record, ts_ms=self._core.now_ms))
        return record

    def resting(self, market: str = "", wallet: str = "") -> tuple[OrderRecord, ...]:
        """Oldest first, those that wait in a delay too."""
        return tuple(
            each
            for each in self.open.values()
            if market in {"", each.market} and wallet in {"", each.maker_address}
        )

    def levels(self, condition: str, side: Side) -> tuple[Level, ...]:
        """In YES dollars, best first."""
        return self._engine.levels(condition, side)

    def book(self, token: str) -> BookView:
        market = self._core.listed(token)
        tape = self._tapes[market.condition]
        bids, asks = (self.levels(market.condition, side) for side in (Side.BUY, Side.SELL))
        last = tape.last_yes
        if not _is_yes(market, token):
            bids, asks = _mirrored(asks), _mirrored(bids)
            last = None if last is None else Price(ONE - last)
        return BookView(
            market=market.condition,
            token=token,
            bids=bids,
            asks=asks,
            changed_ms=tape.changed_ms,
            last_trade=last,
            last_side=_last_side(market, token, tape),
        )

    def _owner(self, record: OrderRecord) -> str:
        """Whom the engine keeps from trading with itself: nobody, where that is allowed."""
        allowed = self._core.knobs.self_trade is turned.SelfTrade.ALLOWED
        return record.id if allowed else record.maker_address

    def _trade(self, market: Market, taker: OrderRecord) -> TradeRecord:
        """One record of all that a taker met; the makers' own records are brought up to date."""
        now_ms, id = self._core.now_ms, self._core.new_uuid()
        tape = self._tapes[market.condition]
        makers, fee, money, shares = [], 0, 0, 0
        transaction = self._core.new_hash()
        for each in self._traded:
            maker = self.open[each.maker.id]
            at_yes = _is_yes(market, taker.token)
            price = each.price if at_yes else Price(ONE - each.price)
            makers.append(_part(market, maker, each))
            fee += taker_fee(market.fee, price, each.size)
            money += price * each.size
            shares += each.size
            tape.last_yes = each.price
            self._fill_maker(maker, each.size, id)
            self._core.tell(
                TradePrinted(
                    market=market.condition,
                    token=taker.token,
                    side=taker.side,
                    price=price,
                    size=each.size,
                    transaction_hash=transaction,
                    ts_ms=now_ms,
                )
            )
        tape.last_taker = (market.tokens.index(taker.token), taker.side)
        return TradeRecord(
            id=id,
            taker_order_id=taker.id,
            market=market.condition,
            token=taker.token,
            outcome=taker.outcome,
            side=taker.side,
            size=Quantity(shares),
            price=Price(money // shares),
            status=TradeStatus.MATCHED,
            matched_ms=now_ms,
            updated_ms=now_ms,
            bucket_index=0,
            owner=taker.owner,
            maker_address=taker.maker_address,
            transaction_hash=transaction,
            makers=tuple(makers),
            fee=Cash(fee),
        )

    def _fill_maker(self, maker: OrderRecord, size: Quantity, trade_id: str) -> None:
        matched = Quantity(maker.matched + size)
        over = self._engine.order(maker.id) is None
        record = self.put(
            replace(
                maker,
                matched=matched,
                status=OrderStatus.MATCHED if over else OrderStatus.LIVE,
                updated_ms=self._core.now_ms,
                trade_ids=(*maker.trade_ids, trade_id),
            )
        )
        self._core.tell(OrderUpdated(kind="UPDATE", order=record, ts_ms=self._core.now_ms))

    def _hear(self, happening: Happening) -> None:
        match happening:
            case LevelChanged():
                self._moved[happening.side, happening.price] = None
            case Traded():
                self._traded.append(happening)
            case Changed() if happening.order.open == 0 and happening.order.id in self.open:
                if happening.order.filled < happening.order.size:
                    self._ended.append(happening.order.id)
            case Accepted() | Changed():
                pass

    def _tell_book(self, market: Market) -> None:
        if not self._moved:
            return
        now_ms = self._core.now_ms
        self._tapes[market.condition].changed_ms = now_ms
        sizes = {side: dict(self.levels(market.condition, side)) for side in (Side.BUY, Side.SELL)}
        levels = tuple(
            (side, price, Quantity(sizes[side].get(price, 0))) for side, price in self._moved
        )
        traded = bool(self._traded)
        self._moved.clear()
        self._traded.clear()
        self._core.tell(
            LevelsChanged(market=market.condition, levels=levels, traded=traded, ts_ms=now_ms)
        )


def in_yes(market: Market, record: OrderRecord) -> tuple[Side, Price]:
    """Side and limit of an order in YES dollars."""
    if _is_yes(market, record.token):
        return record.side, record.price
    return record.side.other, Price(ONE - record.price)


def is_at_once(kind: OrderType) -> bool:
    return kind in {OrderType.FAK, OrderType.FOK}


def _is_yes(market: Market, token: str) -> bool:
    return token == market.tokens[0]


def _part(market: Market, maker: OrderRecord, traded: Traded) -> MakerMatch:
    price = traded.price if _is_yes(market, maker.token) else Price(ONE - traded.price)
    return MakerMatch(
        order_id=maker.id,
        owner=maker.owner,
        maker_address=maker.maker_address,
        matched=traded.size,
        price=price,
        token=maker.token,
        outcome=maker.outcome,
        side=maker.side,
    )


def _mirrored(levels: tuple[Level, ...]) -> tuple[Level, ...]:
    return tuple(Level(Price(ONE - price), size) for price, size in levels)


def _last_side(market: Market, token: str, tape: _Tape) -> Side | None:
    """As this token's traders would say it."""
    if tape.last_taker is None:
        return None
    index, side = tape.last_taker
    return side if market.tokens[index] == token else side.other
