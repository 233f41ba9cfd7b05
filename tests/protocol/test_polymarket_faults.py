"""The fault rows of reliability.md at Polymarket, as far as the venue's own code must stand them:
what gets lost, modes, races with a cancel, orders that wait. Fills are in …_faults_2.py."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any, Final

import pytest
from polymarket_stage import BASE, PolymarketStage
from polymarket_tickets import ALL, NOW, buy, open_orders

from venues import (
    ONE,
    Clock,
    Order,
    OrderState,
    OrderUnknown,
    Paused,
    RateLimited,
    Side,
    TradingMode,
)
from venues.sim.faults import CUT_BODY, LOST_ANSWER, LOST_REQUEST, TRUNCATED, WEB_PAGE, error

LOSSES: Final = {
    "no answer": LOST_ANSWER,
    "half an answer": TRUNCATED,
    "cut off": CUT_BODY,
    "bad gateway after the deed": error(502, processed=True),
    "server error after the deed": error(500, processed=True),
}
NEVER: Final = {
    "no request": LOST_REQUEST,
    "a web page": WEB_PAGE,
    "a web page with 503": replace(WEB_PAGE, status=503),
    "bad gateway": error(502),
    "gateway timeout": error(504),
}


@pytest.fixture
async def stage(clock: Clock) -> AsyncIterator[PolymarketStage]:
    async with PolymarketStage(clock, BASE).open() as stage:
        yield stage


async def found(stage: PolymarketStage, order: Order) -> Order:
    shown = await stage.account.order(order.client_id, order.contract, since_ms=0)
    assert shown is not None
    return shown


async def available(stage: PolymarketStage) -> int:
    return (await stage.account.balances())[0].available


# F01 and F02: answers and requests that get lost


@pytest.mark.parametrize("name", LOSSES)
async def test_f01_an_answer_that_gets_lost_leaves_one_order_that_is_adopted(
    stage: PolymarketStage, name: str
) -> None:
    stage.app.faults.plan(LOSSES[name], method="POST", route="/order")
    request = buy(stage, "0.40", "10")
    with pytest.raises(OrderUnknown) as caught:
        await stage.trading.place(request)
    assert caught.value.client_id == request.client_id
    adopted = await stage.trading.place(request)
    assert (adopted.state, adopted.filled) == (OrderState.ACKED, 0)
    assert (stage.orders_seen(), open_orders(stage)) == (1, 1)


@pytest.mark.parametrize("name", NEVER)
async def test_f02_a_request_that_gets_lost_is_unknown_and_then_sent_once(
    stage: PolymarketStage, name: str
) -> None:
    stage.app.faults.plan(NEVER[name], method="POST", route="/order")
    request = buy(stage, "0.40", "10")
    with pytest.raises(OrderUnknown):
        await stage.trading.place(request)
    assert stage.orders_seen() == 0
    assert (await stage.trading.place(request)).state is OrderState.ACKED
    assert stage.orders_seen() == 1


@pytest.mark.parametrize("name", [*LOSSES, *NEVER])
async def test_a_cancel_without_an_answer_is_unknown_and_the_next_one_tells(
    stage: PolymarketStage, name: str
) -> None:
    order = await stage.trading.place(buy(stage, "0.40", "10"))
    stage.take(Side.SELL, "0.40", "3")
    stage.app.faults.plan((LOSSES | NEVER)[name], method="DELETE", route="/order")
    with pytest.raises(OrderUnknown):
        await stage.trading.cancel(order)
    assert open_orders(stage) == (name in NEVER)
    ended = await stage.trading.cancel(order)
    assert (ended.state, ended.filled) == (OrderState.CANCELED, 3 * ONE)


@pytest.mark.parametrize("name", [*LOSSES, *NEVER])
async def test_a_batch_of_cancels_without_an_answer_is_unknown_for_each(
    stage: PolymarketStage, name: str
) -> None:
    orders = [await stage.trading.place(buy(stage, limit, "10")) for limit in ("0.40", "0.41")]
    stage.app.faults.plan((LOSSES | NEVER)[name], method="DELETE", route="/orders")
    outcomes = await stage.trading.cancel_batch(orders)
    told = [each.client_id for each in outcomes if isinstance(each, OrderUnknown)]
    assert told == [each.client_id for each in orders]


@pytest.mark.parametrize("name", [*LOSSES, *NEVER])
@pytest.mark.parametrize("route", ["/cancel-all", "/cancel-market-orders"])
async def test_a_cancel_of_all_without_an_answer_is_unknown(
    stage: PolymarketStage, name: str, route: str
) -> None:
    trading = stage.trading
    cancels: dict[str, Callable[[], Awaitable[None]]] = {
        "/cancel-all": trading.cancel_all,
        "/cancel-market-orders": partial(trading.cancel_market, stage.market),
    }
    await stage.trading.place(buy(stage, "0.40", "10"))
    stage.app.faults.plan((LOSSES | NEVER)[name], method="DELETE", route=route)
    with pytest.raises(OrderUnknown):
        await cancels[route]()
    assert open_orders(stage) == (name in NEVER)


# F04 and F05: modes


async def test_f04_a_restart_is_a_pause_with_its_wait_and_reads_go_on(
    stage: PolymarketStage,
) -> None:
    stage.rest(Side.SELL, "0.45", "10")
    order = await stage.trading.place(buy(stage, "0.30", "10"))
    stage.house.modes.restart(down_ms=90_000, post_only_ms=120_000)
    sent = stage.wire.count("POST", "/order")
    with pytest.raises(Paused) as down:
        await stage.trading.place(buy(stage, "0.40", "10"))
    assert (down.value.mode, down.value.definite) == (TradingMode.RESTARTING, True)
    with pytest.raises(Paused):
        await stage.trading.cancel(order)
    assert await stage.data.books([stage.market])
    assert [each.order_id for each in await stage.account.open_orders()] == [order.order_id]
    await stage.pass_ms(90_000)
    with pytest.raises(Paused) as post_only:
        await stage.trading.place(buy(stage, "0.45", "10", NOW))
    assert (post_only.value.mode, post_only.value.retry_after_s) == (TradingMode.POST_ONLY, 120)
    assert stage.wire.count("POST", "/order") == sent + 2
    resting = await stage.trading.place(buy(stage, "0.41", "10", post_only=True))
    assert resting.state is OrderState.ACKED
    assert (await stage.trading.cancel(order)).state is OrderState.CANCELED
    await stage.pass_ms(120_000)
    assert (await stage.trading.place(buy(stage, "0.45", "10", NOW))).filled == 10 * ONE


async def test_f05_cancel_only_takes_cancels_and_disabled_takes_nothing(
    stage: PolymarketStage,
) -> None:
    one = await stage.trading.place(buy(stage, "0.40", "10"))
    two = await stage.trading.place(buy(stage, "0.41", "10"))
    stage.house.modes.cancel_only()
    with pytest.raises(Paused) as caught:
        await stage.trading.place(buy(stage, "0.42", "10"))
    assert caught.value.mode is TradingMode.CANCEL_ONLY
    batch = await stage.trading.place_batch([buy(stage, "0.43", "10")])
    assert isinstance(batch[0], Paused)
    assert (await stage.trading.cancel(one)).state is OrderState.CANCELED
    stage.house.modes.disable()
    with pytest.raises(Paused) as off:
        await stage.trading.cancel(two)
    assert off.value.mode is TradingMode.DISABLED
    assert open_orders(stage) == 1


async def test_f05_what_rests_when_cancels_stop_too_is_unknown_and_not_unsent(
    stage: PolymarketStage,
) -> None:
    """The engine restarts between an order at once and the cancel of what it leaves."""
    stage.rest(Side.SELL, "0.45", "4")

    def restart(said: Any) -> Any:
        stage.house.modes.restart()
        return said

    stage.wire.change("POST", "/order", restart)
    request = buy(stage, "0.45", "10", NOW)
    with pytest.raises(OrderUnknown):
        await stage.trading.place(request)
    shown = await stage.account.order(request.client_id, request.contract, since_ms=0)
    assert shown is not None
    assert (shown.state, shown.filled) == (OrderState.PARTIAL, 4 * ONE)


async def test_a_venue_that_asks_to_slow_down_surely_did_nothing(stage: PolymarketStage) -> None:
    stage.app.faults.plan(error(429), method="POST", route="/order")
    request = buy(stage, "0.40", "10")
    with pytest.raises(RateLimited):
        await stage.trading.place(request)
    assert stage.wire.count("POST", "/order") == 1
    assert (await stage.trading.place(request)).state is OrderState.ACKED


# F20: a cancel races with fills


@pytest.mark.parametrize("lag_ms", [0, 300, 1_000, 1_900])
@pytest.mark.parametrize("is_shown", [True, False])
@pytest.mark.parametrize("filled", [0, 4, 10])
@pytest.mark.parametrize("when", ["before", "on its way", "after the answer"])
async def test_f20_a_cancel_tells_exactly_what_was_filled_or_nothing(
    clock: Clock, lag_ms: int, is_shown: bool, filled: int, when: str
) -> None:
    """Every moment, every size, reads that trail, dead orders shown or not."""
    knobs = replace(BASE, lag_ms=lag_ms, dead_orders_shown=is_shown)
    async with PolymarketStage(clock, knobs).open() as stage:
        order = await stage.trading.place(buy(stage, "0.40", "10"))

        def take() -> None:
            if filled:
                stage.take(Side.SELL, "0.40", str(filled))

        async def on_its_way(send: Any) -> Any:
            take()
            return await send()

        async def after(send: Any) -> Any:
            answer = await send()
            take()
            return answer

        if when == "before":
            take()
        else:
            plan = on_its_way if when == "on its way" else after
            stage.wire.next("DELETE", "/order", plan)
        ended = await stage.trading.cancel(order)
        real = 0 if when == "after the answer" else filled
        assert ended.filled == real * ONE
        assert ended.state is (OrderState.FILLED if real == 10 else OrderState.CANCELED)
        assert open_orders(stage) == 0


@pytest.mark.parametrize("is_shown", [True, False])
@pytest.mark.parametrize("first", [0, 4])
@pytest.mark.parametrize("then", [0, 3, 6])
async def test_f20_fills_between_an_order_at_once_and_its_cancel_are_counted(
    clock: Clock, is_shown: bool, first: int, then: int
) -> None:
    async with PolymarketStage(clock, replace(BASE, dead_orders_shown=is_shown)).open() as stage:
        if first:
            stage.rest(Side.SELL, "0.40", str(first))

        async def race(send: Any) -> Any:
            if then:
                stage.take(Side.SELL, "0.40", str(then))
            return await send()

        stage.wire.next("DELETE", "/order", race)
        order = await stage.trading.place(buy(stage, "0.40", "10", NOW))
        assert order.filled == (first + then) * ONE
        assert order.state is (OrderState.FILLED if first + then == 10 else OrderState.CANCELED)
        assert open_orders(stage) == 0
        fills = await stage.account.fills(since_ms=0)
        assert sum(each.quantity for each in fills) == order.filled


# F22: orders that wait


def delayed(stage: PolymarketStage) -> None:
    """A game is on: who takes waits three seconds."""
    markets = stage.house.catalogue.markets
    start_ms = stage.clock.now_ms() - 1
    markets[stage.market] = replace(markets[stage.market], delay_s=3, game_start_ms=start_ms)


@pytest.mark.parametrize("there", [3, 10])
async def test_f22_an_order_at_once_that_has_to_wait_never_stays_in_the_book(
    stage: PolymarketStage, there: int
) -> None:
    """Sports: three seconds in which nothing can be canceled."""
    delayed(stage)
    stage.rest(Side.SELL, "0.40", str(there))
    order = await stage.trading.place(buy(stage, "0.40", "10", NOW))
    assert order.filled == there * ONE
    assert order.state is (OrderState.FILLED if there == 10 else OrderState.CANCELED)
    assert open_orders(stage) == 0


async def test_f22_a_resting_order_that_has_to_wait_counts_as_open_at_its_full_size(
    clock: Clock,
) -> None:
    async with PolymarketStage(clock, BASE).open() as stage:
        delayed(stage)
        stage.rest(Side.SELL, "0.40", "4")
        before = await available(stage)
        order = await stage.trading.place(buy(stage, "0.40", "10"))
        assert (order.state, order.filled, order.quantity) == (OrderState.ACKED, 0, 10 * ONE)
        assert (await found(stage, order)).state is OrderState.ACKED
        assert before - await available(stage) == 4 * ONE
        with pytest.raises(OrderUnknown):
            await stage.trading.cancel(order)
        await stage.pass_ms(1_500)
        shown = await found(stage, order)
        assert (shown.state, shown.filled) == (OrderState.PARTIAL, 4 * ONE)


async def test_f22_an_order_dropped_out_of_its_wait_is_canceled_without_a_fill(
    clock: Clock,
) -> None:
    async with PolymarketStage(clock, BASE).open() as stage:
        delayed(stage)
        stage.rest(Side.SELL, "0.40", "4")
        order = await stage.trading.place(buy(stage, "0.40", "10"))
        stage.house.lifecycle.pause(stage.market)
        await stage.pass_ms(3_500)
        shown = await found(stage, order)
        assert (shown.state, shown.filled) == (OrderState.CANCELED, 0)


@pytest.mark.parametrize("time", [NOW, ALL])
async def test_f22_a_short_wait_that_blocks_the_answer_changes_nothing(
    clock: Clock, time: Any
) -> None:
    """`itode`: 250 ms, and then the final answer."""
    async with PolymarketStage(clock, BASE).open() as stage:
        markets = stage.house.catalogue.markets
        markets[stage.market] = replace(markets[stage.market], taker_delay_ms=250)
        stage.rest(Side.SELL, "0.40", "10")
        order = await stage.trading.place(buy(stage, "0.40", "10", time))
        assert (order.state, order.filled) == (OrderState.FILLED, 10 * ONE)
