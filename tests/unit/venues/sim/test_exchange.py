from __future__ import annotations

from itertools import count

import pytest

from venues.market import Grid
from venues.money import ONE, Price, Quantity
from venues.sides import Side
from venues.sim.exchange import (
    Exchange,
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

NAMES = count()


class Pit:
    """One market in whole cents and contracts."""

    def __init__(self) -> None:
        self.seen: list[Happening] = []
        self.engine = Exchange(listen=self.seen.append, check=lambda new, old: None)
        self.engine.open_market("m", Grid.even(Price(10_000)))

    def place(
        self,
        side: Side,
        cents: int,
        size: int,
        owner: str = "a",
        *,
        tif: Tif = Tif.GTC,
        self_trade: SelfTrade = SelfTrade.STOP_TAKER,
        post_only: bool = False,
        reduce_cap: int | None = None,
    ) -> Order:
        return self.engine.place(
            NewOrder(
                id=f"{next(NAMES)}",
                owner=owner,
                market="m",
                side=side,
                price=Price(cents * 10_000),
                size=Quantity(size * ONE),
                tif=tif,
                self_trade=self_trade,
                post_only=post_only,
                reduce_cap=None if reduce_cap is None else Quantity(reduce_cap * ONE),
            )
        )

    def trades(self) -> list[tuple[str, int, int]]:
        """(resting order, cents, contracts)"""
        return [
            (it.maker.id, it.price // 10_000, it.size // ONE)
            for it in self.seen
            if isinstance(it, Traded)
        ]


@pytest.fixture
def pit() -> Pit:
    return Pit()


def test_the_best_price_trades_first_then_the_oldest_at_the_resting_price(pit: Pit) -> None:
    late = pit.place(Side.SELL, 50, 5, "x")
    older = pit.place(Side.SELL, 49, 5, "y")
    newer = pit.place(Side.SELL, 49, 5, "z")
    taker = pit.place(Side.BUY, 60, 12)
    assert pit.trades() == [(older.id, 49, 5), (newer.id, 49, 5), (late.id, 50, 2)]
    assert taker.state is State.EXECUTED
    assert pit.engine.levels("m", Side.SELL) == (Level(Price(500_000), Quantity(3 * ONE)),)


def test_what_an_ioc_order_cannot_fill_is_cancelled(pit: Pit) -> None:
    pit.place(Side.SELL, 50, 5, "x")
    order = pit.place(Side.BUY, 50, 8, tif=Tif.IOC)
    assert (order.state, order.reason) == (State.CANCELED, Reason.REMAINDER)
    assert order.filled == 5 * ONE
    assert not pit.engine.levels("m", Side.BUY)


def test_a_fok_order_fills_wholly_or_not_at_all(pit: Pit) -> None:
    pit.place(Side.SELL, 50, 5, "x")
    assert pit.place(Side.BUY, 50, 6, tif=Tif.FOK).filled == 0
    assert pit.place(Side.BUY, 50, 5, tif=Tif.FOK).state is State.EXECUTED


def test_a_fok_order_does_not_count_its_owners_own_orders(pit: Pit) -> None:
    mine = pit.place(Side.SELL, 50, 5)
    pit.place(Side.SELL, 50, 5, "x")
    assert pit.place(Side.BUY, 50, 6, tif=Tif.FOK, self_trade=SelfTrade.CANCEL_MAKER).filled == 0
    assert pit.engine.order(mine.id) is not None


def test_a_post_only_order_that_would_cross_is_not_placed(pit: Pit) -> None:
    pit.place(Side.SELL, 50, 5, "x")
    order = pit.place(Side.BUY, 50, 1, post_only=True)
    assert (order.state, order.reason, order.filled) == (State.CANCELED, Reason.POST_ONLY, 0)


def test_a_reduce_only_order_fills_no_more_than_its_cap(pit: Pit) -> None:
    pit.place(Side.SELL, 50, 9, "x")
    order = pit.place(Side.BUY, 50, 8, tif=Tif.IOC, reduce_cap=3)
    assert (order.filled, order.reason) == (3 * ONE, Reason.REDUCE_ONLY)
    assert pit.place(Side.BUY, 50, 8, tif=Tif.IOC, reduce_cap=0).filled == 0


def test_taker_at_cross_stops_the_incoming_order_and_its_fills_stand(pit: Pit) -> None:
    pit.place(Side.SELL, 49, 2, "x")
    mine = pit.place(Side.SELL, 50, 2)
    order = pit.place(Side.BUY, 50, 5)
    assert (order.filled, order.reason) == (2 * ONE, Reason.SELF_TRADE)
    assert pit.engine.order(mine.id) is not None


def test_the_maker_rule_cancels_the_resting_order_and_goes_on(pit: Pit) -> None:
    mine = pit.place(Side.SELL, 49, 2)
    pit.place(Side.SELL, 50, 2, "x")
    order = pit.place(Side.BUY, 50, 5, self_trade=SelfTrade.CANCEL_MAKER)
    assert (order.filled, order.state) == (2 * ONE, State.RESTING)
    assert pit.engine.order(mine.id) is None


def test_a_smaller_size_keeps_the_place_and_a_larger_one_or_a_new_price_loses_it(pit: Pit) -> None:
    first, second = pit.place(Side.BUY, 40, 5, "x"), pit.place(Side.BUY, 40, 5, "y")

    def amend(cents: int, size: int) -> None:
        price, total = Price(cents * 10_000), Quantity(size * ONE)
        pit.engine.amend(first.id, price=price, size=total, expires_ms=None)

    amend(40, 4)
    assert pit.engine.queue_ahead(second.id) == 4 * ONE
    amend(40, 6)
    assert pit.engine.queue_ahead(first.id) == 5 * ONE
    amend(41, 6)
    assert pit.engine.queue_ahead(second.id) == 6 * ONE


def test_an_amended_order_may_cross_and_its_count_is_the_total(pit: Pit) -> None:
    mine = pit.place(Side.BUY, 40, 5)
    pit.place(Side.SELL, 40, 2, "x")
    pit.place(Side.SELL, 45, 9, "y")
    order = pit.engine.amend(mine.id, price=Price(450_000), size=Quantity(4 * ONE), expires_ms=None)
    assert order.state is State.EXECUTED
    assert pit.trades()[-1][1:] == (45, 2)


def test_a_decrease_keeps_the_place_and_tells_the_level(pit: Pit) -> None:
    first, second = pit.place(Side.BUY, 40, 5, "x"), pit.place(Side.BUY, 40, 5, "y")
    pit.engine.decrease(first.id, to=Quantity(2 * ONE))
    assert pit.engine.queue_ahead(second.id) == 2 * ONE
    deltas = [it.delta // ONE for it in pit.seen if isinstance(it, LevelChanged)]
    assert deltas == [5, 5, -3]


def test_the_clock_counts_every_happening(pit: Pit) -> None:
    pit.place(Side.SELL, 50, 5, "x")
    pit.place(Side.BUY, 50, 5)
    assert [it.clock for it in pit.seen] == list(range(1, len(pit.seen) + 1))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"cents": 0}, Fault.BAD_PRICE),
        ({"cents": 100}, Fault.BAD_PRICE),
        ({"size": 0}, Fault.BAD_SIZE),
        ({"tif": Tif.FOK, "post_only": True}, Fault.BAD_FLAGS),
        ({"reduce_cap": 1}, Fault.BAD_FLAGS),
    ],
)
def test_a_bad_order_is_refused_and_nothing_happens(
    pit: Pit, changes: dict[str, int], fault: Fault
) -> None:
    with pytest.raises(Rejected) as no:
        pit.place(**{"side": Side.BUY, "cents": 40, "size": 1, **changes})  # type: ignore[arg-type]
    assert no.value.fault is fault
    assert not pit.seen


def test_a_market_that_is_not_tradable_takes_only_cancels(pit: Pit) -> None:
    order = pit.place(Side.BUY, 40, 5)
    pit.engine.set_tradable("m", tradable=False)
    with pytest.raises(Rejected, match="not_tradable"):
        pit.place(Side.BUY, 40, 5)
    with pytest.raises(Rejected, match="not_tradable"):
        pit.engine.decrease(order.id, to=Quantity(ONE))
    assert pit.engine.cancel(order.id).state is State.CANCELED
