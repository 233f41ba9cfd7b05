"""The same order, sent to Polymarket more than once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from polymarket_stage import BASE, PolymarketStage
from polymarket_tickets import ALL, buy, open_orders

from venues import (
    ONE,
    Cash,
    Clock,
    OrderRefused,
    OrderState,
    OrderUnknown,
    Price,
    Reason,
    Side,
)
from venues.polymarket.trading import PolymarketTrading


@pytest.fixture
async def stage(clock: Clock) -> AsyncIterator[PolymarketStage]:
    async with PolymarketStage(clock, BASE).open() as stage:
        yield stage


async def test_a_refusal_of_the_second_copy_says_nothing_of_the_first(
    stage: PolymarketStage,
) -> None:
    """The first one locks the money that the second is refused for."""
    stage.lose_answer()
    request = buy(stage, "0.40", "2000")
    with pytest.raises(OrderUnknown):
        await stage.trading.place(request)
    funds = {"error": "not enough balance / allowance: the balance is not enough"}
    stage.wire.say("POST", "/order", funds, 400)
    found = await stage.trading.place(request)
    assert (found.state, open_orders(stage)) == (OrderState.ACKED, 1)


@pytest.mark.parametrize("status", [401, 403])
async def test_keys_refused_for_the_second_copy_say_nothing_of_the_first(
    stage: PolymarketStage, status: int
) -> None:
    stage.lose_answer()
    request = buy(stage, "0.40", "10")
    with pytest.raises(OrderUnknown):
        await stage.trading.place(request)
    stage.wire.say("POST", "/order", {"error": "Unauthorized/Invalid api key"}, status)
    found = await stage.trading.place(request)
    assert (found.state, open_orders(stage)) == (OrderState.ACKED, 1)


async def test_who_may_open_no_more_still_finds_what_was_sent_before(
    stage: PolymarketStage,
) -> None:
    prepared = await stage.trading.prepare(buy(stage, "0.40", "10"))
    stage.lose_answer()
    with pytest.raises(OrderUnknown):
        await stage.trading.send(prepared)
    closing = PolymarketTrading(
        stage.http, stage.clock, stage.data, stage.account, stage.wallet, may_open=False
    )
    found = await closing.send(prepared)
    assert (found.state, stage.orders_seen()) == (OrderState.ACKED, 1)


async def test_two_clicks_at_an_all_or_nothing_order_are_never_refused_and_filled(
    stage: PolymarketStage,
) -> None:
    """Both look at the book first; the second copy is refused for what the first one took."""
    stage.rest(Side.SELL, "0.40", "20")
    prepared = await stage.trading.prepare(buy(stage, "0.40", "20", ALL))
    both_look, looking = asyncio.Event(), 0

    async def slow(send: Any) -> httpx2.Response:
        nonlocal looking
        looking += 1
        if looking == 2:
            both_look.set()
        await both_look.wait()
        return await send()  # type: ignore[no-any-return]

    async def refused(_send: Any) -> httpx2.Response:
        return httpx2.Response(400, json={"error": "not enough balance / allowance"})

    for _ in range(2):
        stage.wire.next("POST", "/books", slow)
    stage.wire.next("POST", "/order", lambda send: send())
    stage.wire.next("POST", "/order", refused)
    async with asyncio.TaskGroup() as group:
        clicks = [group.create_task(stage.trading.send(prepared)) for _ in range(2)]
    assert {click.result().state for click in clicks} == {OrderState.FILLED}
    assert {click.result().filled for click in clicks} == {20 * ONE}
    assert stage.wire.count("POST", "/order") == 2


async def test_a_batch_that_names_an_order_twice_sends_none(stage: PolymarketStage) -> None:
    request = buy(stage, "0.40", "10")
    with pytest.raises(ValueError, match="once"):
        await stage.trading.place_batch([request, request])
    assert stage.orders_seen() == 0


@pytest.mark.parametrize("status", [400, 425, 429])
async def test_of_a_repeat_that_is_not_found_nobody_knows(
    stage: PolymarketStage, status: int
) -> None:
    stage.lose_request()
    request = buy(stage, "0.40", "10")
    with pytest.raises(OrderUnknown):
        await stage.trading.place(request)
    stage.wire.say("POST", "/order", {"error": "not enough balance / allowance"}, status)
    with pytest.raises(OrderUnknown):
        await stage.trading.place(request)


async def test_a_definite_refusal_leaves_the_order_free_to_be_sent_again(
    stage: PolymarketStage,
) -> None:
    request = buy(stage, "0.40", "5000")
    for _ in range(2):
        with pytest.raises(OrderRefused) as caught:
            await stage.trading.place(request)
        assert caught.value.reason is Reason.FUNDS
    stage.house.wallets.deposit(stage.wallet.maker, Cash(5_000 * ONE))
    assert (await stage.trading.place(request)).state is OrderState.ACKED


async def test_two_clicks_at_once_are_one_order(stage: PolymarketStage) -> None:
    """Both wait for the terms; time goes on between them."""
    request = buy(stage, "0.40", "10")

    async def slow(send: Any) -> httpx2.Response:
        await asyncio.sleep(0)
        await stage.clock.sleep_ms(5)
        return await send()  # type: ignore[no-any-return]

    for _ in range(2):
        stage.wire.next("GET", f"/clob-markets/{stage.market}", slow)
    async with asyncio.TaskGroup() as group:
        clicks = [group.create_task(stage.trading.place(request)) for _ in range(2)]
    assert {click.result().order_id for click in clicks} == {clicks[0].result().order_id}
    assert (stage.orders_seen(), open_orders(stage)) == (1, 1)


async def test_an_id_means_one_order_for_ever(stage: PolymarketStage) -> None:
    request = buy(stage, "0.40", "10")
    await stage.trading.place(request)
    with pytest.raises(ValueError, match="another order"):
        await stage.trading.place(replace(request, limit=Price(410_000)))
    with pytest.raises(ValueError, match="signed before"):
        await stage.another_session().place(request)
    assert stage.orders_seen() == 1


async def test_after_a_restart_what_was_prepared_is_adopted_and_known(
    stage: PolymarketStage,
) -> None:
    prepared = await stage.trading.prepare(buy(stage, "0.40", "10"))
    stage.lose_answer()
    with pytest.raises(OrderUnknown):
        await stage.trading.send(prepared)
    stage.account.known.__init__()  # type: ignore[misc]
    assert await stage.account.order(prepared.request.client_id, prepared.order.contract, 0) is None
    found = await stage.another_session().send(prepared)
    assert (found.state, stage.orders_seen()) == (OrderState.ACKED, 1)
    known = await stage.account.order(prepared.request.client_id, prepared.order.contract, 0)
    assert known == found


async def test_what_left_again_after_a_restart_is_known_even_without_an_answer(
    stage: PolymarketStage,
) -> None:
    prepared = await stage.trading.prepare(buy(stage, "0.40", "10"))
    stage.account.known.__init__()  # type: ignore[misc]
    stage.lose_answer()
    with pytest.raises(OrderUnknown):
        await stage.another_session().send(prepared)
    found = await stage.account.order(prepared.request.client_id, prepared.order.contract, 0)
    assert found is not None
    assert found.state is OrderState.ACKED


async def test_an_order_is_signed_in_the_venues_time_and_sent_once(
    stage: PolymarketStage,
) -> None:
    """The clock jumps: the venue says 401, we learn its time, and the first try did nothing."""
    stage.app.clock_offset_ms = 600_000
    order = await stage.trading.place(buy(stage, "0.40", "10"))
    assert (order.state, stage.orders_seen()) == (OrderState.ACKED, 1)
    assert stage.wire.count("POST", "/order") <= 2
