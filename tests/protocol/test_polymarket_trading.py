"""Orders where Polymarket alone has the trouble: orders at once that rest for a moment, ids made of
hashes, answers that prove little. What every venue must do is in tests/conformance."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from polymarket_stage import BASE, PolymarketStage, answer
from polymarket_tickets import ALL, NOW, buy, open_orders

from venues import (
    ONE,
    Clock,
    OrderState,
    OrderUnknown,
    Side,
    Unavailable,
)
from venues.sim.faults import LOST_ANSWER, LOST_REQUEST, error


@pytest.fixture
async def stage(clock: Clock) -> AsyncIterator[PolymarketStage]:
    async with PolymarketStage(clock, BASE).open() as stage:
        yield stage


# An order at once


async def test_what_an_order_at_once_leaves_is_canceled(stage: PolymarketStage) -> None:
    stage.rest(Side.SELL, "0.45", "3")
    order = await stage.trading.place(buy(stage, "0.46", "5", NOW))
    assert (order.state, order.filled, order.average_price) == (
        OrderState.CANCELED,
        3 * ONE,
        450_000,
    )
    assert open_orders(stage) == 0


@pytest.mark.parametrize("fault", [LOST_ANSWER, error(503, processed=True)])
async def test_an_order_at_once_whose_answer_is_lost_never_stays_in_the_book(
    stage: PolymarketStage, fault: Any
) -> None:
    """Its id is known before it leaves, so that it can be canceled unseen."""
    stage.rest(Side.SELL, "0.45", "3")
    stage.app.faults.plan(fault, method="POST", route="/order")
    order = await stage.trading.place(buy(stage, "0.46", "5", NOW))
    assert (order.state, order.filled) == (OrderState.CANCELED, 3 * ONE)
    assert open_orders(stage) == 0
    assert stage.orders_seen() == 1


async def test_an_order_at_once_that_never_arrived_is_unknown(stage: PolymarketStage) -> None:
    stage.lose_request()
    with pytest.raises(OrderUnknown):
        await stage.trading.place(buy(stage, "0.46", "5", NOW))
    assert stage.orders_seen() == 0


@pytest.mark.parametrize("trouble", [(401, "no"), (425, ""), (429, "slow"), (404, "no"), (503, "")])
async def test_a_cancel_that_fails_never_says_that_nothing_was_sent(
    stage: PolymarketStage, trouble: tuple[int, str]
) -> None:
    """Unavailable, a refusal or wrong keys would tell a router that it may go home."""
    stage.rest(Side.SELL, "0.45", "3")
    for _ in range(2):
        stage.wire.say("DELETE", "/order", {"error": trouble[1]}, trouble[0])
    with pytest.raises(OrderUnknown):
        await stage.trading.place(buy(stage, "0.46", "5", NOW))
    assert open_orders(stage) == 1


@pytest.mark.parametrize("status", [425, 429, 503])
async def test_a_cancel_that_fails_once_is_tried_once_more(
    stage: PolymarketStage, status: int
) -> None:
    stage.rest(Side.SELL, "0.45", "3")
    stage.wire.say("DELETE", "/order", {"error": "later"}, status)
    order = await stage.trading.place(buy(stage, "0.46", "5", NOW))
    assert (order.state, order.filled, open_orders(stage)) == (OrderState.CANCELED, 3 * ONE, 0)


@pytest.mark.parametrize("path", ["/order", "/data/order"])
async def test_a_caller_who_gives_up_leaves_no_order_at_once_behind(
    stage: PolymarketStage, path: str
) -> None:
    """Cancelled while the order is on its way, or while its end is being looked at."""
    stage.rest(Side.SELL, "0.45", "3")
    request = buy(stage, "0.46", "5", NOW)
    prepared = await stage.trading.prepare(request)
    waits = asyncio.Event()

    async def hang(send: Any) -> httpx2.Response:
        await send()
        waits.set()
        await asyncio.Event().wait()
        return answer({})

    method, at = (
        ("POST", path) if path == "/order" else ("GET", f"{path}/{prepared.order.order_id}")
    )
    stage.wire.next(method, at, hang)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(stage.trading.send(prepared))
        await waits.wait()
        task.cancel()
    assert task.cancelled()
    assert (stage.orders_seen(), open_orders(stage)) == (1, 0)
    found = await stage.account.order(request.client_id, request.contract, since_ms=0)
    assert found is not None
    assert (found.state, found.filled) == (OrderState.CANCELED, 3 * ONE)


async def test_a_caller_who_gives_up_on_a_resting_order_leaves_it_alone(
    stage: PolymarketStage,
) -> None:
    waits = asyncio.Event()

    async def hang(send: Any) -> httpx2.Response:
        await send()
        waits.set()
        await asyncio.Event().wait()
        return answer({})

    stage.wire.next("POST", "/order", hang)
    request = buy(stage, "0.40", "5")
    async with asyncio.TaskGroup() as group:
        task = group.create_task(stage.trading.place(request))
        await waits.wait()
        task.cancel()
    assert open_orders(stage) == 1
    again = await stage.trading.place(request)
    assert (again.state, stage.orders_seen()) == (OrderState.ACKED, 1)


# All or nothing


async def test_the_repeat_of_an_all_or_nothing_order_finds_the_first(
    stage: PolymarketStage,
) -> None:
    """The book no longer holds it all: our first copy took it."""
    stage.rest(Side.SELL, "0.45", "5")
    request = buy(stage, "0.46", "5", ALL)
    prepared = await stage.trading.prepare(request)
    stage.lose_answer()
    stage.app.faults.plan(LOST_REQUEST, method="DELETE", route="/order", times=2)
    for _ in range(4):
        stage.app.faults.plan(error(503), method="GET", route="/data/order/{id}", times=4)
    with pytest.raises(OrderUnknown):
        await stage.trading.send(prepared)
    stage.app.faults.clear()
    found = await stage.trading.send(prepared)
    assert (found.state, found.filled) == (OrderState.FILLED, 5 * ONE)
    assert stage.orders_seen() == 1


async def test_after_a_restart_an_all_or_nothing_order_of_before_is_found(
    stage: PolymarketStage,
) -> None:
    stage.rest(Side.SELL, "0.45", "5")
    prepared = await stage.trading.prepare(buy(stage, "0.46", "5", ALL))
    await stage.trading.send(prepared)
    found = await stage.another_session().send(prepared)
    assert (found.state, found.filled, stage.orders_seen()) == (OrderState.FILLED, 5 * ONE, 1)


async def test_a_book_that_cannot_be_read_means_that_nothing_was_sent(
    stage: PolymarketStage,
) -> None:
    stage.break_reads()
    with pytest.raises(Unavailable) as caught:
        await stage.trading.place(buy(stage, "0.46", "5", ALL))
    assert caught.value.definite
    assert stage.wire.count("POST", "/order") == 0


# What an answer proves


@pytest.mark.parametrize("amounts", [{}, {"makingAmount": "", "takingAmount": ""}])
async def test_a_resting_order_that_traded_first_tells_its_fills_even_if_it_says_live(
    stage: PolymarketStage, amounts: dict[str, str]
) -> None:
    stage.rest(Side.SELL, "0.45", "4")
    stage.wire.change("POST", "/order", lambda said: said | {"status": "live"} | amounts)
    order = await stage.trading.place(buy(stage, "0.45", "10"))
    if amounts:  # it says nothing of them: they are found by reading
        found = await stage.account.order(order.client_id, order.contract, since_ms=0)
        assert found is not None
        order = found
    assert (order.state, order.filled) == (OrderState.PARTIAL, 4 * ONE)


@pytest.mark.parametrize(
    "change",
    [
        {"orderID": ""},
        {"orderID": "0x" + "1" * 64},
        {"success": False},
        {"status": "unmatched"},
        {"status": None},
        {"errorMsg": "could not insert order"},
        {"errorMsg": "could not insert order", "orderID": ""},
        {"status": "ORDER_STATUS_LIVE"},
    ],
    ids=str,
)
async def test_an_answer_that_proves_nothing_is_unknown(
    stage: PolymarketStage, change: dict[str, Any]
) -> None:
    stage.wire.change("POST", "/order", lambda said: said | change)
    with pytest.raises(OrderUnknown):
        await stage.trading.place(buy(stage, "0.40", "10"))


@pytest.mark.parametrize(
    "amount", ["1e999999999", "9" * 5_000, "-1", "NaN", "1_0", "٣", "0.0000001"]
)
async def test_amounts_that_make_no_sense_are_read_elsewhere(
    stage: PolymarketStage, amount: str
) -> None:
    stage.rest(Side.SELL, "0.45", "10")
    stage.wire.change("POST", "/order", lambda said: said | {"takingAmount": amount})
    order = await stage.trading.place(buy(stage, "0.45", "10"))
    assert (order.state, order.filled, order.average_price) == (
        OrderState.FILLED,
        10 * ONE,
        450_000,
    )


async def test_a_matched_order_that_reads_never_show_is_unknown_whatever_they_say(
    stage: PolymarketStage,
) -> None:
    """Keys that are revoked in between: the order was sent all the same."""
    stage.rest(Side.SELL, "0.45", "10")
    stage.wire.change("POST", "/order", lambda said: said | {"takingAmount": ""})
    request = buy(stage, "0.45", "10")
    prepared = await stage.trading.prepare(request)
    for status in (401, 403, 400, 404):
        stage.wire.say("GET", f"/data/order/{prepared.order.order_id}", {"error": "no"}, status)
        stage.wire.say("GET", "/data/trades", {"error": "no"}, 400)
    with pytest.raises(OrderUnknown):
        await stage.trading.send(prepared)
