from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from venues.money import Quantity, micros, price, quantity
from venues.sim.exchange import State, Tif
from venues.sim.kalshi.knobs import Freed, Member
from venues.sim.kalshi.notices import BookChanged, FillMade, OrderUpdated, TradePrinted
from venues.sim.kalshi.records import (
    AmendOrder,
    BookSide,
    CancelOrder,
    SelfTradePrevention,
    UpdateReason,
)
from venues.sim.kalshi.refusal import Refusal

TICKER, OTHER = "KX0-E-M", "KX2-E-M"
NOW_S = 1_795_564_800
"""2026-11-25, where the tests' clock starts."""


def test_the_answer_to_a_create_tells_what_filled_and_what_rests(desk: Any) -> None:
    desk.ask("bob", "0.40", "4")
    desk.ask("bob", "0.42", "2")
    placed = desk.bid("ann", "0.42", "10")
    assert (placed.order.filled, placed.order.remaining) == (quantity("6"), quantity("4"))
    assert placed.average_fill_price == micros("0.406667")
    assert placed.average_fee_paid == micros("0.0169")
    assert desk.bid("cat", "0.10", "1").average_fill_price is None


def test_one_trade_tells_both_sides_and_the_book(desk: Any) -> None:
    desk.ask("bob", "0.40", "4", client_order_id="rest")
    desk.bid("ann", "0.40", "4", client_order_id="take")
    (trade,) = desk.kinds(TradePrinted)
    taker, maker = (notice.fill for notice in desk.kinds(FillMade))
    assert taker.trade_id == maker.trade_id == trade.trade.trade_id
    assert (taker.client_order_id, taker.is_taker) == ("take", True)
    assert (taker.post_position, maker.post_position) == (quantity("4"), -quantity("4"))
    assert taker.price == maker.price == price("0.40")
    rested, hit = desk.kinds(BookChanged)
    assert (rested.delta, rested.hit) == (quantity("4"), False)
    assert (hit.delta, hit.hit, hit.order.client_order_id) == (-quantity("4"), True, "rest")
    assert hit.clock > rested.clock


def test_a_used_client_order_id_is_409_and_nothing_is_placed(desk: Any) -> None:
    desk.bid("ann", "0.40", "1", client_order_id="x")
    with pytest.raises(Refusal) as no:
        desk.bid("ann", "0.40", "1", client_order_id="x")
    assert (no.value.status, no.value.code) == (409, "order_already_exists")
    desk.bid("bob", "0.40", "1", client_order_id="x")


@pytest.mark.parametrize(
    ("freed", "after_cancel", "after_fill"),
    [
        (Freed.NEVER, False, False),
        (Freed.WHEN_CANCELED, True, False),
        (Freed.WHEN_FINISHED, True, True),
    ],
)
def test_the_knob_says_when_a_client_order_id_is_free_again(
    open_desk: Callable[..., Any], freed: Freed, after_cancel: bool, after_fill: bool
) -> None:
    desk = open_desk(client_ids_freed=freed)
    desk.bid("ann", "0.40", "1", client_order_id="x", time_in_force=Tif.IOC)
    assert _works(lambda: desk.bid("ann", "0.40", "1", client_order_id="x")) is after_cancel
    desk.ask("bob", "0.50", "1")
    desk.bid("ann", "0.50", "1", client_order_id="y")
    assert _works(lambda: desk.bid("ann", "0.40", "1", client_order_id="y")) is after_fill


def _works(action: Callable[[], object]) -> bool:
    try:
        action()
    except Refusal:
        return False
    return True


@pytest.mark.parametrize(
    ("at", "count", "changes"),
    [
        ("0.405", "1", {}),
        ("0", "1", {}),
        ("1", "1", {}),
        ("0.40", "0", {}),
        ("0.40", "0.001", {}),
        ("0.40", "1", {"reduce_only": True}),
        ("0.40", "1", {"post_only": True, "time_in_force": Tif.IOC}),
        ("0.40", "1", {"time_in_force": Tif.FOK, "expiration_time_s": NOW_S + 60}),
        ("0.40", "1", {"expiration_time_s": NOW_S}),
        ("0.40", "1", {"exchange_index": 2}),
    ],
)
def test_a_bad_order_is_400_invalid_order(
    desk: Any, at: str, count: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(Refusal) as no:
        desk.bid("ann", at, count, **changes)
    assert (no.value.status, no.value.code) == (400, "invalid_order")
    assert not desk.kinds(OrderUpdated)


def test_a_post_only_order_that_would_cross_is_told_as_cancelled(desk: Any) -> None:
    desk.ask("bob", "0.40", "1")
    order = desk.bid("ann", "0.40", "1", post_only=True).order
    assert (order.status, order.filled, order.remaining) == (State.CANCELED, 0, 0)
    assert order.last_update_reason is UpdateReason.POST_ONLY_CROSS_CANCEL


def test_a_reduce_only_order_stops_at_the_open_position(desk: Any) -> None:
    desk.ask("bob", "0.40", "3")
    desk.bid("ann", "0.40", "3")
    desk.bid("cat", "0.38", "9")
    order = desk.ask("ann", "0.38", "9", time_in_force=Tif.IOC, reduce_only=True).order
    assert order.filled == quantity("3")
    assert order.last_update_reason is UpdateReason.REDUCE_ONLY_CANCEL
    assert desk.house.accounts.position("ann", TICKER).count == 0


def test_self_trade_prevention_speaks_the_venues_words(desk: Any) -> None:
    mine = desk.ask("ann", "0.40", "1").order.order_id
    stopped = desk.bid("ann", "0.40", "1").order
    assert stopped.last_update_reason is UpdateReason.SELF_TRADE_CANCEL
    maker = SelfTradePrevention.MAKER
    assert desk.bid("ann", "0.40", "1", self_trade_prevention_type=maker).order.remaining
    assert desk.house.view("ann").order(mine).status is State.CANCELED


async def test_an_order_expires_at_its_second(desk: Any) -> None:
    order_id = desk.bid("ann", "0.40", "1", expiration_time_s=NOW_S + 60).order.order_id
    await desk.clock.sleep_ms(59_999)
    desk.house.advance()
    assert desk.house.view("ann").order(order_id).remaining
    await desk.clock.sleep_ms(1)
    desk.house.advance()
    order = desk.house.view("ann").order(order_id)
    assert order.last_update_reason is UpdateReason.EXPIRY_CANCEL
    assert order.updated_ms == (NOW_S + 60) * 1_000


async def test_an_amend_may_remove_the_expiry_and_rename_the_order(desk: Any) -> None:
    order_id = desk.bid("ann", "0.40", "5", expiration_time_s=NOW_S + 60).order.order_id
    amended = desk.house.orders.amend("ann", order_id, _amend("4", expiration_time_s=0)).order
    assert (amended.initial, amended.expires_ms) == (quantity("4"), None)
    assert amended.last_update_reason is UpdateReason.AMEND
    body = _amend("4", updated_client_order_id="new")
    assert desk.house.orders.amend("ann", order_id, body).order.client_order_id == "new"
    await desk.clock.sleep_ms(61_000)
    desk.house.advance()
    assert desk.house.view("ann").order(order_id).remaining == quantity("4")
    with pytest.raises(Refusal, match="already exists"):
        desk.bid("ann", "0.40", "1", client_order_id="new")


def test_the_count_of_an_amend_is_the_total_and_not_what_is_left(desk: Any) -> None:
    order_id = desk.bid("ann", "0.40", "5").order.order_id
    desk.ask("bob", "0.40", "3")
    assert desk.house.orders.amend("ann", order_id, _amend("5")).order.remaining == quantity("2")
    with pytest.raises(Refusal):
        desk.house.orders.amend("ann", order_id, _amend("3"))


def _amend(count: str, at: str = "0.40", **more: Any) -> AmendOrder:
    body = AmendOrder(ticker=TICKER, side=BookSide.BID, count=quantity(count), price=price(at))
    return replace(body, **more)


def test_a_decrease_takes_exactly_one_of_by_and_to(desk: Any) -> None:
    order_id = desk.bid("ann", "0.40", "5").order.order_id
    orders = desk.house.orders
    assert orders.decrease("ann", order_id, by=quantity("2")).reduced_by == quantity("2")
    assert orders.decrease("ann", order_id, to=quantity("1")).order.remaining == quantity("1")
    for both in ({}, {"by": quantity("1"), "to": quantity("1")}):
        with pytest.raises(Refusal, match="exactly one"):
            orders.decrease("ann", order_id, **both)
    assert orders.decrease("ann", order_id, to=Quantity(0)).order.status is State.CANCELED


def test_a_cancel_without_ticker_and_shard_misses_orders_of_other_shards(desk: Any) -> None:
    desk.house.accounts.deposit("ann", micros("10"), exchange_index=2)
    order_id = desk.bid("ann", "0.40", "1", ticker=OTHER).order.order_id
    cancel = desk.house.orders.cancel
    for wrong in (CancelOrder(order_id=order_id), CancelOrder(order_id="?", market_ticker=OTHER)):
        with pytest.raises(Refusal) as no:
            cancel("ann", wrong)
        assert no.value.status == 404
    with pytest.raises(Refusal):
        cancel("bob", CancelOrder(order_id=order_id, market_ticker=OTHER))
    right = CancelOrder(order_id=order_id, market_ticker=OTHER)
    assert cancel("ann", right).reduced_by == quantity("1")
    with pytest.raises(Refusal, match="404"):
        cancel("ann", right)


def test_a_batch_is_not_atomic(desk: Any) -> None:
    good = desk.bid("ann", "0.40", "1").order
    answers = desk.house.orders.cancel_batch(
        "ann", (CancelOrder(order_id="?"), CancelOrder(order_id=good.order_id))
    )
    assert [isinstance(answer, Refusal) for answer in answers] == [True, False]


async def test_cancel_all_catches_orders_of_the_next_minute(desk: Any) -> None:
    desk.bid("ann", "0.40", "1")
    assert desk.house.orders.cancel_all("ann") == 1
    desk.bid("ann", "0.40", "1")
    await desk.clock.sleep_ms(59_000)
    late = desk.bid("ann", "0.40", "1").order.order_id
    await desk.clock.sleep_ms(1_000)
    desk.house.advance()
    assert not desk.house.view("ann").order(late).remaining
    assert desk.bid("ann", "0.40", "1").order.remaining
    await desk.clock.sleep_ms(10_000)
    desk.house.advance()
    assert desk.house.view("ann").orders()[0].remaining


def test_cancel_all_is_for_direct_members(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(member=Member.NON_DIRECT)
    with pytest.raises(Refusal, match="403"):
        desk.house.orders.cancel_all("ann")


def test_the_ceiling_of_open_orders_is_kept(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(open_orders_max=2)
    desk.bid("ann", "0.40", "1")
    desk.bid("ann", "0.40", "1")
    with pytest.raises(Refusal, match="too many"):
        desk.bid("ann", "0.40", "1")


def test_the_queue_position_is_what_trades_before(desk: Any) -> None:
    desk.bid("bob", "0.41", "2")
    desk.bid("bob", "0.40", "3")
    order_id = desk.bid("ann", "0.40", "1").order.order_id
    assert desk.house.orders.queue_ahead("ann", order_id) == quantity("5")


def test_the_order_keeps_costs_and_fees_of_taker_and_maker_apart(desk: Any) -> None:
    desk.ask("bob", "0.40", "4")
    order_id = desk.bid("ann", "0.50", "10").order.order_id
    desk.ask("bob", "0.50", "6")
    order = desk.house.view("ann").order(order_id)
    assert (order.taker_cost, order.maker_cost) == (micros("1.6"), micros("3"))
    assert (order.taker_fees, order.maker_fees) == (micros("0.0672"), 0)
    assert order.status is State.EXECUTED
