"""Many orders at Polymarket: batches of them, their cancels, and its dead man's switch."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, Final

import pytest
from polymarket_stage import BASE, PolymarketStage
from polymarket_tickets import NOW, buy, open_orders

from venues import (
    ONE,
    Clock,
    Order,
    OrderRefused,
    OrderState,
    OrderUnknown,
    Reason,
    Side,
    Unavailable,
)
from venues.polymarket.limits import Limits
from venues.sim.faults import LOST_ANSWER, LOST_REQUEST, TRUNCATED, WEB_PAGE

HIDDEN: Final = replace(BASE, dead_orders_shown=False)


@pytest.fixture
async def stage(clock: Clock) -> AsyncIterator[PolymarketStage]:
    async with PolymarketStage(clock, BASE).open() as stage:
        yield stage


async def test_what_was_proved_to_be_filled_stays_so_where_reads_do_not_show_it(
    clock: Clock,
) -> None:
    async with PolymarketStage(clock, replace(HIDDEN, lag_ms=5_000)).open() as stage:
        stage.rest(Side.SELL, "0.45", "4")
        order = await stage.trading.place(buy(stage, "0.45", "10"))
        assert (order.state, order.filled) == (OrderState.PARTIAL, 4 * ONE)
        ended = await stage.trading.cancel(order)
        assert (ended.state, ended.filled) == (OrderState.CANCELED, 4 * ONE)


@pytest.mark.parametrize("said", [{"canceled": []}, {"canceled": ["0x1"]}, {"canceled": None}, {}])
async def test_a_cancel_that_does_not_name_the_order_is_unknown(
    stage: PolymarketStage, said: dict[str, Any]
) -> None:
    order = await stage.trading.place(buy(stage, "0.40", "10"))
    stage.wire.say("DELETE", "/order", said)
    with pytest.raises(OrderUnknown):
        await stage.trading.cancel(order)


async def test_a_cancel_whose_reads_are_refused_is_unknown(stage: PolymarketStage) -> None:
    order = await stage.trading.place(buy(stage, "0.40", "10"))
    for _ in range(4):
        stage.wire.say("GET", f"/data/order/{order.order_id}", {"error": "bad"}, 401)
    with pytest.raises(OrderUnknown):
        await stage.trading.cancel(order)


async def test_many_cancels_all_leave_before_one_is_looked_at(clock: Clock) -> None:
    """And they share the wait for trailing reads."""
    async with PolymarketStage(clock, HIDDEN).open() as stage:
        requests = [buy(stage, "0.01", "1", id=f"n{n}") for n in range(120)]
        outcomes = await stage.trading.place_batch(requests)
        orders = [each for each in outcomes if isinstance(each, Order)]
        assert len(orders) == 120
        started_ms = clock.now_ms()
        ended = await stage.trading.cancel_batch(orders)
    assert all(isinstance(each, Order) and each.over for each in ended)
    assert clock.now_ms() - started_ms == 2_000
    ways = [each[:2] for each in stage.wire.sent]
    first_look = ways.index(("GET", f"/data/order/{orders[0].order_id}"))
    assert ways.index(("DELETE", "/orders")) < first_look
    assert ways[:first_look].count(("DELETE", "/orders")) == 2
    looks = [path for _, path in ways if path.startswith("/data/order/")]
    assert len(looks) == 4 + 119


async def test_a_batch_of_cancels_tells_of_each_what_became_of_it(stage: PolymarketStage) -> None:
    requests = [buy(stage, limit, "10") for limit in ("0.40", "0.39", "0.38")]
    orders = [await stage.trading.place(each) for each in requests]
    stage.take(Side.SELL, "0.40", "10")
    gone = replace(orders[2], order_id="0x" + "9" * 64)
    outcomes = await stage.trading.cancel_batch([orders[0], orders[1], gone])
    states = [each.state if isinstance(each, Order) else type(each) for each in outcomes]
    assert states == [OrderState.FILLED, OrderState.CANCELED, OrderUnknown]
    assert await stage.trading.cancel_batch([]) == ()


async def test_one_market_is_emptied_and_others_are_not(stage: PolymarketStage) -> None:
    here = await stage.trading.place(buy(stage, "0.40", "10"))
    elsewhere = replace(here.contract, market=stage.second)
    there = await stage.trading.place(replace(buy(stage, "0.40", "10", id="x"), contract=elsewhere))
    await stage.trading.cancel_market(stage.market)
    assert [each.order_id for each in await stage.account.open_orders()] == [there.order_id]


async def test_a_cancel_of_all_that_leaves_some_names_one_of_them(stage: PolymarketStage) -> None:
    order = await stage.trading.place(buy(stage, "0.40", "10"))
    said = {"canceled": [], "not_canceled": {order.order_id: "delayed"}}
    stage.wire.say("DELETE", "/cancel-all", said)
    with pytest.raises(OrderUnknown) as caught:
        await stage.trading.cancel_all()
    assert caught.value.client_id == order.client_id


async def test_as_many_cancels_go_at_once_as_the_smallest_bucket_holds(clock: Clock) -> None:
    """More would never pass, and nothing would be canceled at all."""
    async with PolymarketStage(clock, BASE).open() as stage:
        stage.http._bucket = Limits(clock, requests_per_s=100)
        requests = [buy(stage, "0.01", "1", id=f"n{n}") for n in range(130)]
        orders = [
            each for each in await stage.trading.place_batch(requests) if isinstance(each, Order)
        ]
        outcomes = await stage.trading.cancel_batch(orders)
        assert all(isinstance(each, Order) and each.over for each in outcomes)
        assert open_orders(stage) == 0


# Batches


async def test_a_batch_tells_of_each_what_became_of_it(stage: PolymarketStage) -> None:
    stage.rest(Side.SELL, "0.45", "4")
    requests = [
        buy(stage, "0.40", "10"),
        buy(stage, "0.45", "10"),
        buy(stage, "0.46", "3", post_only=True, id="post"),
        buy(stage, "0.90", "100000"),
    ]
    stage.rest(Side.SELL, "0.46", "10")
    one, two, three, four = await stage.trading.place_batch(requests)
    assert isinstance(one, Order)
    assert one.state is OrderState.ACKED
    assert isinstance(two, Order)
    assert (two.state, two.filled) == (OrderState.PARTIAL, 4 * ONE)
    assert isinstance(three, OrderRefused)
    assert (three.reason, three.client_id) == (Reason.POST_ONLY, "post")
    assert isinstance(four, OrderRefused)
    assert four.reason is Reason.FUNDS
    assert open_orders(stage) == 2


async def test_a_long_batch_goes_in_parts_and_none_is_lost(stage: PolymarketStage) -> None:
    requests = [buy(stage, "0.01", "1", id=f"n{n}") for n in range(32)]
    outcomes = await stage.trading.place_batch(requests)
    assert [each.client_id for each in outcomes if isinstance(each, Order)] == [
        f"n{n}" for n in range(32)
    ]
    assert (stage.wire.count("POST", "/orders"), open_orders(stage)) == (3, 32)
    assert await stage.trading.place_batch([]) == ()


@pytest.mark.parametrize("fault", [LOST_ANSWER, LOST_REQUEST, TRUNCATED, WEB_PAGE], ids=str)
async def test_of_a_batch_without_an_answer_each_is_unknown_and_can_be_sent_again(
    stage: PolymarketStage, fault: Any
) -> None:
    stage.app.faults.plan(fault, method="POST", route="/orders")
    requests = [buy(stage, limit, "10") for limit in ("0.40", "0.41")]
    outcomes = await stage.trading.place_batch(requests)
    told = [each.client_id for each in outcomes if isinstance(each, OrderUnknown)]
    assert told == [each.client_id for each in requests]
    again = await stage.trading.place_batch(requests)
    assert [isinstance(each, Order) and each.state for each in again] == [OrderState.ACKED] * 2
    assert (stage.orders_seen(), open_orders(stage)) == (2, 2)


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said[1:],
        lambda said: said[::-1],
        lambda said: [*said, said[1]],
        lambda said: [],
    ],
    ids=["too short", "turned round", "too long", "empty"],
)
async def test_a_refusal_in_a_batch_out_of_order_is_nobodys(
    stage: PolymarketStage, change: Any
) -> None:
    """The refusal stands in the place of the order that lives."""
    stage.wire.change("POST", "/orders", change)
    requests = [buy(stage, "0.40", "10"), buy(stage, "0.90", "100000")]
    outcomes = await stage.trading.place_batch(requests)
    assert [type(each) for each in outcomes] == [OrderUnknown, OrderUnknown]
    assert open_orders(stage) == 1


@pytest.mark.parametrize("leg", [None, 7, "no", [], {}, {"error": "no"}, {"orderID": 5}], ids=str)
async def test_a_leg_that_cannot_be_read_is_unknown_and_alone(
    stage: PolymarketStage, leg: Any
) -> None:
    stage.wire.change("POST", "/orders", lambda said: [leg, said[1]])
    requests = [buy(stage, limit, "10") for limit in ("0.40", "0.41")]
    one, two = await stage.trading.place_batch(requests)
    assert isinstance(one, OrderUnknown)
    assert one.client_id == requests[0].client_id
    assert isinstance(two, Order)
    assert two.state is OrderState.ACKED


async def test_the_second_copy_in_a_batch_adopts_the_first(stage: PolymarketStage) -> None:
    request = buy(stage, "0.40", "10")
    await stage.trading.place(request)
    funds = [{"success": True, "orderID": "", "errorMsg": "not enough balance / allowance"}]
    stage.wire.say("POST", "/orders", funds)
    (found,) = await stage.trading.place_batch([request])
    assert isinstance(found, Order)
    assert found.state is OrderState.ACKED


async def test_orders_at_once_are_no_batch_and_a_bad_one_stops_all(stage: PolymarketStage) -> None:
    with pytest.raises(ValueError, match="that rest"):
        await stage.trading.place_batch([buy(stage, "0.40", "10", NOW)])
    with pytest.raises(OrderRefused):
        await stage.trading.place_batch([buy(stage, "0.40", "10"), buy(stage, "0.405", "10")])
    assert stage.wire.count("POST", "/orders") == 0


# The dead man's switch


async def test_a_heartbeat_goes_on_with_the_last_id_and_silence_cancels_all(
    stage: PolymarketStage,
) -> None:
    await stage.trading.place(buy(stage, "0.40", "10"))
    for _ in range(3):
        await stage.trading.heartbeat()
        await stage.pass_ms(5_000)
    assert open_orders(stage) == 1
    await stage.pass_ms(5_001)
    assert open_orders(stage) == 0


async def test_the_right_heartbeat_is_adopted_from_the_venue(stage: PolymarketStage) -> None:
    """As after a restart, when the venue knows an id and we do not."""
    await stage.trading.heartbeat()
    await stage.another_session().heartbeat()
    assert stage.wire.count("POST", "/v1/heartbeats") == 3


async def test_after_silence_the_heartbeat_begins_anew(stage: PolymarketStage) -> None:
    """The venue has forgotten the id, and answers the old one with a plain refusal."""
    await stage.trading.heartbeat()
    await stage.pass_ms(20_000)
    with pytest.raises(OrderUnknown):
        await stage.trading.heartbeat()
    await stage.trading.heartbeat()
    await stage.trading.heartbeat()


async def test_a_heartbeat_that_is_never_taken_says_so(stage: PolymarketStage) -> None:
    for _ in range(2):
        said = {"error_msg": "Invalid Heartbeat ID", "heartbeat_id": "x"}
        stage.wire.say("POST", "/v1/heartbeats", said, 400)
    with pytest.raises(Unavailable, match="takes no heartbeat"):
        await stage.trading.heartbeat()
