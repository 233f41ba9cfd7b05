"""The engine against a matcher so plain that it can be read at a glance, and the order laws."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from venues.market import Grid
from venues.money import LOT, Price, Quantity
from venues.sides import Side
from venues.sim.exchange import (
    Exchange,
    Happening,
    LevelChanged,
    NewOrder,
    Order,
    SelfTrade,
    State,
    Tif,
    Traded,
)

CENT = 10_000


@dataclass
class Plain:
    """A resting order of the reference."""

    id: str
    owner: str
    side: Side
    price: int
    left: int


class Reference:
    """One list, oldest first. The best is found by looking at everything."""

    def __init__(self) -> None:
        self.resting: list[Plain] = []
        self.trades: list[tuple[str, str, int, int]] = []

    def place(self, new: Plain, tif: Tif, rule: SelfTrade) -> None:
        if tif is Tif.FOK and self._fillable(new, rule) < new.left:
            return
        while new.left:
            met = self._meets(new)
            if not met:
                break
            best = met[0]
            if best.owner == new.owner and rule is SelfTrade.STOP_TAKER:
                return
            if best.owner == new.owner:
                self.resting.remove(best)
                continue
            size = min(new.left, best.left)
            self.trades.append((new.id, best.id, best.price, size))
            new.left -= size
            best.left -= size
            if not best.left:
                self.resting.remove(best)
        if new.left and tif is Tif.GTC:
            self.resting.append(new)

    def cancel(self, id: str) -> None:
        self.resting = [order for order in self.resting if order.id != id]

    def amend(self, id: str, price: int, left: int) -> None:
        order = next(order for order in self.resting if order.id == id)
        if price == order.price and left <= order.left:
            order.left = left
            return
        self.cancel(id)
        order.price, order.left = price, left
        self.place(order, Tif.GTC, SelfTrade.STOP_TAKER)

    def _meets(self, new: Plain) -> list[Plain]:
        if new.side is Side.BUY:
            asks = [o for o in self.resting if o.side is Side.SELL and o.price <= new.price]
            return sorted(asks, key=lambda o: o.price)
        bids = [o for o in self.resting if o.side is Side.BUY and o.price >= new.price]
        return sorted(bids, key=lambda o: -o.price)

    def _fillable(self, new: Plain, rule: SelfTrade) -> int:
        total = 0
        for order in self._meets(new):
            if order.owner != new.owner:
                total += order.left
            elif rule is SelfTrade.STOP_TAKER:
                break
        return total


STEP = st.tuples(
    st.sampled_from(["place", "place", "place", "cancel", "amend"]),
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from([Side.BUY, Side.SELL]),
    st.integers(46, 54),
    st.integers(1, 400),
    st.sampled_from([Tif.GTC, Tif.GTC, Tif.IOC, Tif.FOK]),
    st.sampled_from(list(SelfTrade)),
)
Step = tuple[str, str, Side, int, int, Tif, SelfTrade]


class Pair:
    """The same stream into both."""

    def __init__(self) -> None:
        self.seen: list[Happening] = []
        self.engine = Exchange(listen=self.seen.append, check=lambda new, old: None)
        self.engine.open_market("m", Grid.even(Price(CENT)))
        self.plain = Reference()
        self.placed: list[Order] = []

    def do(self, step: Step) -> None:
        kind, _, _, cents, lots, _, _ = step
        if kind == "place":
            self._place(step)
            return
        resting = self.engine.resting()
        if not resting:
            return
        order = resting[lots % len(resting)]
        if kind == "cancel":
            self.engine.cancel(order.id)
            self.plain.cancel(order.id)
        elif order.self_trade is SelfTrade.STOP_TAKER:
            price = Price(cents * CENT) if cents % 2 else order.price
            left = Quantity(lots * LOT)
            size = Quantity(order.filled + left)
            self.engine.amend(order.id, price=price, size=size, expires_ms=None)
            self.plain.amend(order.id, price, left)

    def _place(self, step: Step) -> None:
        _, owner, side, cents, lots, tif, rule = step
        id = f"{len(self.placed)}"
        new = NewOrder(
            id=id,
            owner=owner,
            market="m",
            side=side,
            price=Price(cents * CENT),
            size=Quantity(lots * LOT),
            tif=tif,
            self_trade=rule,
        )
        self.placed.append(self.engine.place(new))
        self.plain.place(Plain(id, owner, side, cents * CENT, lots * LOT), tif, rule)


@given(st.lists(STEP, min_size=20, max_size=80))
def test_the_engine_trades_as_the_plain_matcher_does(steps: list[Step]) -> None:
    pair = Pair()
    for step in steps:
        pair.do(step)
        got = [
            (it.taker.id, it.maker.id, it.price, it.size)
            for it in pair.seen
            if isinstance(it, Traded)
        ]
        assert got == pair.plain.trades
        resting = [(o.id, o.price, o.open) for o in pair.engine.resting()]
        assert resting == [(o.id, o.price, o.left) for o in pair.plain.resting]


@given(st.lists(STEP, min_size=20, max_size=80))
def test_a_book_is_never_locked_or_crossed_and_the_deltas_rebuild_it(steps: list[Step]) -> None:
    pair = Pair()
    for step in steps:
        pair.do(step)
        bids, asks = (pair.engine.levels("m", side) for side in Side)
        assert not bids or not asks or bids[0].price < asks[0].price
        assert all(level.size > 0 for level in (*bids, *asks))
        for side, levels in zip(Side, (bids, asks), strict=True):
            rebuilt: dict[int, int] = {}
            for it in pair.seen:
                if isinstance(it, LevelChanged) and it.side is side:
                    rebuilt[it.price] = rebuilt.get(it.price, 0) + it.delta
            assert {price: size for price, size in rebuilt.items() if size} == dict(levels)
    assert [it.clock for it in pair.seen] == list(range(1, len(pair.seen) + 1))


@given(st.lists(STEP, min_size=20, max_size=80))
def test_immediate_orders_never_rest_and_fok_is_all_or_nothing(steps: list[Step]) -> None:
    pair = Pair()
    for step in steps:
        pair.do(step)
    for order in pair.placed:
        if order.tif is not Tif.GTC:
            assert order.state is not State.RESTING
            assert pair.engine.order(order.id) is None
        if order.tif is Tif.FOK:
            assert order.filled in {0, order.size}
