"""A price-time matching engine: one book per market, priced in dollars of YES, pure.

It knows no venue and no money: who may place what (`check`) and who owes whom what (`listen`, on
`Traded`) belongs to the house around it. Everything that happens is told to `listen` in order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count

from venues.market import Grid
from venues.money import LOT, Price, Quantity
from venues.sides import Side
from venues.sim.happenings import (
    Accepted,
    Changed,
    Fault,
    Happening,
    Level,
    LevelChanged,
    NewOrder,
    Order,
    Reason,
    Rejected,
    SelfTrade,
    State,
    Tif,
    Traded,
)
from venues.sim.queues import Queues

__all__ = [
    "Accepted",
    "Changed",
    "Exchange",
    "Fault",
    "Happening",
    "Level",
    "LevelChanged",
    "NewOrder",
    "Order",
    "Reason",
    "Rejected",
    "SelfTrade",
    "State",
    "Tif",
    "Traded",
]


class Exchange:
    """Books of markets. `clock` counts up by one with every happening."""

    def __init__(
        self,
        *,
        listen: Callable[[Happening], None],
        check: Callable[[NewOrder, Order | None], None],
    ) -> None:
        """`check(new, replaced)` is asked before anything moves and raises to refuse; `replaced`
        is the order that an amend rewrites (`new` then carries what is still to fill)."""
        self._tell = listen
        self._check = check
        self._books: dict[str, Queues] = {}
        self._resting: dict[str, Order] = {}
        self._clock = 0
        self._ranks = count()

    def open_market(self, market: str, grid: Grid, *, lot: Quantity = LOT) -> None:
        """Opens an empty, tradable book; sizes are multiples of `lot`."""
        self._books[market] = Queues(grid, lot)

    def set_grid(self, market: str, grid: Grid) -> None:
        """New prices from now on; what rests keeps its price."""
        self._books[market].grid = grid

    def set_tradable(self, market: str, *, tradable: bool) -> None:
        """While not tradable nothing is placed, amended or decreased; `cancel` always works."""
        self._books[market].tradable = tradable

    def place(self, new: NewOrder) -> Order:
        """Takes an order in, matches it, rests what may rest. Returns it as it then stands.

        Raises Rejected, or what `check` raised: then nothing happened. An order that would cross
        though post-only, could not fill though FOK, or has nothing to reduce comes back cancelled.
        """
        book = self._tradable(new.market)
        _check_shape(book, new)
        most = new.size if new.reduce_cap is None else min(new.size, new.reduce_cap)
        if most:
            self._check(replace(new, size=most), None)
        order = _taken_in(new, next(self._ranks))
        self._tell(Accepted(clock=self._tick(), order=order))
        if not most:
            return self._end(order, Reason.REDUCE_ONLY)
        if new.post_only and self.crossing(new):
            return self._end(order, Reason.POST_ONLY)
        if new.tif is Tif.FOK and self._fillable(order) < most:
            return self._end(order, Reason.REMAINDER)
        order = self._match(book, order, most)
        if order.state is not State.RESTING:
            return order
        if new.tif is Tif.GTC:
            return self._rest(book, order)
        return self._end(order, Reason.REMAINDER if most == new.size else Reason.REDUCE_ONLY)

    def amend(self, id: str, *, price: Price, size: Quantity, expires_ms: int | None) -> Order:
        """`size` is the new total, filled part included. Keeps the queue place when only the size
        shrinks or the expiry changes; otherwise goes to the back, and may match."""
        old = self._known(id)
        book = self._tradable(old.market)
        if not book.grid.holds(price):
            raise Rejected(Fault.BAD_PRICE)
        if size <= old.filled or size % book.lot:
            raise Rejected(Fault.BAD_SIZE)
        self._check(_still_to_fill(old, price, size), old)
        new = replace(old, price=price, size=size, expires_ms=expires_ms, reason=Reason.AMEND)
        if price == old.price and size <= old.size:
            return self._shrink(book, old, new)
        self._take_off(old)
        new = replace(new, rank=next(self._ranks))
        self._tell(Changed(clock=self._tick(), order=new))
        new = self._match(book, new, new.open)
        return self._rest(book, new) if new.state is State.RESTING else new

    def decrease(self, id: str, *, to: Quantity) -> Order:
        """Leaves `to` still to fill (less than now); zero cancels. Keeps the queue place."""
        old = self._known(id)
        book = self._tradable(old.market)
        if not 0 <= to < old.open or to % book.lot:
            raise Rejected(Fault.BAD_SIZE)
        if to == 0:
            return self.cancel(id, Reason.DECREASE)
        size = Quantity(old.filled + to)
        return self._shrink(book, old, replace(old, size=size, reason=Reason.DECREASE))

    def cancel(self, id: str, reason: Reason = Reason.CANCEL) -> Order:
        order = self._known(id)
        self._take_off(order)
        return self._end(order, reason)

    def cancel_all(
        self, *, owner: str | None = None, market: str | None = None, reason: Reason = Reason.CANCEL
    ) -> tuple[Order, ...]:
        """Cancels whatever rests of this owner and market, oldest first."""
        return tuple(self.cancel(o.id, reason) for o in self.resting(owner=owner, market=market))

    def order(self, id: str) -> Order | None:
        """A resting order; finished ones are forgotten."""
        return self._resting.get(id)

    def resting(self, *, owner: str | None = None, market: str | None = None) -> tuple[Order, ...]:
        """Oldest first."""
        orders = self._books[market].orders() if market else self._resting.values()
        mine = (order for order in orders if owner in {None, order.owner})
        return tuple(sorted(mine, key=lambda order: order.rank))

    def against(self, market: str, side: Side, limit: Price) -> tuple[Order, ...]:
        """What an order of `side` with this limit would meet, in the order it would."""
        return tuple(self._books[market].against(side, limit))

    def levels(self, market: str, side: Side) -> tuple[Level, ...]:
        """Best first."""
        book = self._books[market]
        return tuple(
            Level(price, Quantity(sum(order.open for order in book.at(side, price))))
            for price in book.prices(side)
        )

    def queue_ahead(self, id: str) -> Quantity:
        """Contracts that must trade before this resting order does, at its own price and better."""
        order = self._known(id)
        return Quantity(sum(o.open for o in self._books[order.market].ahead(order)))

    def crossing(self, new: NewOrder) -> tuple[Level, ...]:
        """What `new` would trade at once, order by order, ignoring who owns what."""
        met: list[Level] = []
        left: int = new.size
        for maker in self._books[new.market].against(new.side, new.price):
            if left <= 0:
                break
            met.append(Level(maker.price, Quantity(min(left, maker.open))))
            left -= maker.open
        return tuple(met)

    def newest_clock(self, market: str) -> int:
        """The clock of the last change of this book; 0 for none."""
        return self._books[market].clock

    def _match(self, book: Queues, taker: Order, most: Quantity) -> Order:
        """Trades up to `most`; the taker comes back executed, stopped, or still wanting."""
        left: int = most
        while left and (maker := next(book.against(taker.side, taker.price), None)):
            if maker.owner != taker.owner:
                size = Quantity(min(left, maker.open))
                taker = self._trade(book, taker, maker, size)
                left -= size
            elif taker.self_trade is SelfTrade.CANCEL_MAKER:
                self.cancel(maker.id, Reason.SELF_TRADE)
            else:
                return self._end(taker, Reason.SELF_TRADE)
        return taker

    def _trade(self, book: Queues, taker: Order, maker: Order, size: Quantity) -> Order:
        taker, old, maker = _filled(taker, size), maker, _filled(maker, size)
        if maker.open:
            self._put(book, maker)
        else:
            self._drop(book, old)
        self._tell(
            Traded(
                clock=self._tick(),
                market=taker.market,
                price=maker.price,
                size=size,
                taker=taker,
                maker=maker,
            )
        )
        self._level(maker, -size, taker)
        self._tell(Changed(clock=self._tick(), order=maker))
        self._tell(Changed(clock=self._tick(), order=taker))
        return taker

    def _fillable(self, taker: Order) -> int:
        """What a FOK order would fill, its owner's own orders taken as its self-trade rule says."""
        found = 0
        for maker in self._books[taker.market].against(taker.side, taker.price):
            if maker.owner != taker.owner:
                found += maker.open
            elif taker.self_trade is SelfTrade.STOP_TAKER:
                break
        return found

    def _rest(self, book: Queues, order: Order) -> Order:
        self._put(book, order)
        self._level(order, order.open, None)
        return order

    def _shrink(self, book: Queues, old: Order, new: Order) -> Order:
        self._put(book, new)
        if new.open != old.open:
            self._level(new, new.open - old.open, None)
        self._tell(Changed(clock=self._tick(), order=new))
        return new

    def _take_off(self, order: Order) -> None:
        self._drop(self._books[order.market], order)
        self._level(order, -order.open, None)

    def _end(self, order: Order, reason: Reason) -> Order:
        order = replace(order, state=State.CANCELED, reason=reason)
        self._tell(Changed(clock=self._tick(), order=order))
        return order

    def _level(self, order: Order, delta: int, taker: Order | None) -> None:
        clock = self._books[order.market].clock = self._tick()
        self._tell(
            LevelChanged(
                clock=clock,
                market=order.market,
                side=order.side,
                price=order.price,
                delta=delta,
                order=order,
                taker=taker,
            )
        )

    def _put(self, book: Queues, order: Order) -> None:
        book.put(order)
        self._resting[order.id] = order

    def _drop(self, book: Queues, order: Order) -> None:
        book.drop(order)
        del self._resting[order.id]

    def _tradable(self, market: str) -> Queues:
        book = self._books.get(market)
        if book is None:
            raise Rejected(Fault.NO_MARKET)
        if not book.tradable:
            raise Rejected(Fault.NOT_TRADABLE)
        return book

    def _known(self, id: str) -> Order:
        order = self._resting.get(id)
        if order is None:
            raise Rejected(Fault.NO_ORDER)
        return order

    def _tick(self) -> int:
        self._clock += 1
        return self._clock


def _check_shape(book: Queues, new: NewOrder) -> None:
    if not book.grid.holds(new.price):
        raise Rejected(Fault.BAD_PRICE)
    if new.size <= 0 or new.size % book.lot:
        raise Rejected(Fault.BAD_SIZE)
    if new.expires_ms is not None and new.tif is not Tif.GTC:
        raise Rejected(Fault.BAD_EXPIRY)
    if new.post_only and new.tif is not Tif.GTC:
        raise Rejected(Fault.BAD_FLAGS)
    if new.reduce_cap is not None and new.tif is not Tif.IOC:
        raise Rejected(Fault.BAD_FLAGS)


def _taken_in(new: NewOrder, rank: int) -> Order:
    return Order(
        id=new.id,
        owner=new.owner,
        market=new.market,
        side=new.side,
        price=new.price,
        size=new.size,
        filled=Quantity(0),
        state=State.RESTING,
        reason=Reason.PLACED,
        rank=rank,
        tif=new.tif,
        self_trade=new.self_trade,
        expires_ms=new.expires_ms,
    )


def _still_to_fill(old: Order, price: Price, size: Quantity) -> NewOrder:
    return NewOrder(
        id=old.id,
        owner=old.owner,
        market=old.market,
        side=old.side,
        price=price,
        size=Quantity(size - old.filled),
        self_trade=old.self_trade,
    )


def _filled(order: Order, size: Quantity) -> Order:
    filled = Quantity(order.filled + size)
    state = State.EXECUTED if filled == order.size else State.RESTING
    return replace(order, filled=filled, state=state, reason=Reason.TRADE)
