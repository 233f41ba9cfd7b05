"""What every venue's adapter must do with orders, told once for all of them."""

from __future__ import annotations

from itertools import count
from typing import Any

import kalshi_stage
import pytest

from venues import (
    ONE,
    Contract,
    Order,
    OrderRefused,
    OrderRequest,
    OrderState,
    OrderUnknown,
    Outcome,
    Price,
    Quantity,
    Reason,
    Side,
    TimeInForce,
    micros,
)

REST, NOW, ALL = TimeInForce.RESTING, TimeInForce.FILL_AND_KILL, TimeInForce.FILL_OR_KILL
_numbers = count(1)


def asked(
    stage: Any, outcome: Outcome, side: Side, limit: str, size: str, time: TimeInForce, **more: Any
) -> OrderRequest:
    return OrderRequest(
        client_id=f"00000000-0000-4000-8000-{next(_numbers):012d}",
        contract=Contract(stage.name, more.pop("market", stage.market), outcome),
        side=side,
        limit=Price(micros(limit)),
        quantity=Quantity(micros(size)),
        time_in_force=time,
        **more,
    )


def buy(stage: Any, limit: str, size: str, time: TimeInForce = REST, **more: Any) -> OrderRequest:
    return asked(stage, Outcome.YES, Side.BUY, limit, size, time, **more)


async def settled_reads(stage: Any) -> None:
    """Until the venue's reads show everything that has happened."""
    now_ms = stage.clock.now_ms()
    while await stage.account.as_of_ms() < now_ms:
        await stage.pass_ms(100)


async def cash(stage: Any) -> int:
    await settled_reads(stage)
    return sum(each.available for each in await stage.account.balances())


async def test_an_order_rests_is_found_by_our_id_and_is_canceled(stage: Any) -> None:
    order = await stage.trading.place(buy(stage, "0.40", "10"))
    assert (order.state, order.filled) == (OrderState.ACKED, 0)
    await settled_reads(stage)
    found = await stage.account.order(order.client_id, order.contract, since_ms=0)
    assert found is not None
    assert (found.order_id, found.contract, found.side) == (
        order.order_id,
        order.contract,
        order.side,
    )
    assert (found.limit, found.quantity, found.state) == (400_000, 10_000_000, OrderState.ACKED)
    assert [each.order_id for each in await stage.account.open_orders()] == [order.order_id]

    ended = await stage.trading.cancel(order)
    assert (ended.state, ended.filled) == (OrderState.CANCELED, 0)
    await settled_reads(stage)
    assert await stage.account.open_orders() == ()
    assert await stage.account.order("no-such-id", order.contract, since_ms=0) is None


@pytest.mark.parametrize("outcome", Outcome)
async def test_what_is_bought_is_filled_paid_and_held(stage: Any, outcome: Outcome) -> None:
    stage.rest(Side.BUY, "0.40", "30")
    stage.rest(Side.SELL, "0.45", "30")
    price = 450_000 if outcome is Outcome.YES else 600_000
    before = await cash(stage)
    order = await stage.trading.place(asked(stage, outcome, Side.BUY, "0.60", "2.5", ALL))
    assert (order.state, order.filled) == (OrderState.FILLED, 2_500_000)
    assert order.average_price == price

    await settled_reads(stage)
    (fill,) = await stage.account.fills(since_ms=0)
    assert (fill.client_id, fill.order_id) == (order.client_id, order.order_id)
    assert (fill.contract, fill.side, fill.price) == (order.contract, Side.BUY, price)
    assert (fill.quantity, fill.maker) == (2_500_000, False)
    assert fill.fee > 0
    (held,) = await stage.account.positions()
    assert (held.contract, held.quantity) == (order.contract, 2_500_000)
    assert held.cost == price * 2_500_000 // ONE
    assert before - await cash(stage) == held.cost + fill.fee
    assert await stage.account.fills(since_ms=0) == (fill,)


@pytest.mark.parametrize("outcome", Outcome)
async def test_what_is_held_is_sold_again(stage: Any, outcome: Outcome) -> None:
    stage.rest(Side.BUY, "0.40", "30")
    stage.rest(Side.SELL, "0.45", "30")
    await stage.trading.place(asked(stage, outcome, Side.BUY, "0.70", "4", ALL))
    before = await cash(stage)
    order = await stage.trading.place(
        asked(stage, outcome, Side.SELL, "0.30", "4", NOW, reduce_only=True)
    )
    assert (order.state, order.filled) == (OrderState.FILLED, 4_000_000)
    price = 400_000 if outcome is Outcome.YES else 550_000
    await settled_reads(stage)
    fill = (await stage.account.fills(since_ms=0))[-1]
    assert (fill.contract, fill.side, fill.price) == (order.contract, Side.SELL, price)
    assert await stage.account.positions() == ()
    assert await cash(stage) - before == price * 4 - fill.fee


@pytest.mark.parametrize(("time", "filled"), [(NOW, 3_000_000), (ALL, 0)])
async def test_more_than_there_is_fills_in_part_or_not_at_all(
    stage: Any, time: TimeInForce, filled: int
) -> None:
    stage.rest(Side.SELL, "0.45", "2")
    stage.rest(Side.SELL, "0.46", "1")
    stage.rest(Side.SELL, "0.48", "50")
    order = await stage.trading.place(buy(stage, "0.47", "5", time))
    assert (order.state, order.filled) == (OrderState.CANCELED, filled)
    await settled_reads(stage)
    prices = [(each.price, each.quantity) for each in await stage.account.fills(since_ms=0)]
    assert sorted(prices) == ([(450_000, 2_000_000), (460_000, 1_000_000)] if filled else [])


async def test_a_resting_order_fills_piece_by_piece(stage: Any) -> None:
    order = await stage.trading.place(buy(stage, "0.40", "10"))
    found = None
    for left, state in (("3", OrderState.PARTIAL), ("7", OrderState.FILLED)):
        stage.take(Side.SELL, "0.40", left)
        await settled_reads(stage)
        found = await stage.account.order(order.client_id, order.contract, since_ms=0)
        assert found is not None
        assert found.state is state
    assert found is not None
    fills = await stage.account.fills(since_ms=0)
    assert [(each.quantity, each.maker) for each in fills] == [(3_000_000, True), (7_000_000, True)]
    assert found.filled == sum(each.quantity for each in fills) == 10_000_000
    assert found.fee == sum(each.fee for each in fills)


async def test_a_cancel_that_loses_the_race_never_says_canceled(stage: Any) -> None:
    order = await stage.trading.place(buy(stage, "0.40", "10"))
    stage.take(Side.SELL, "0.40", "10")
    if stage.lag_ms:
        with pytest.raises(OrderUnknown):
            await stage.trading.cancel(order)
        await settled_reads(stage)
    ended = await stage.trading.cancel(order)
    assert (ended.state, ended.filled) == (OrderState.FILLED, 10_000_000)


async def test_a_cancel_tells_what_was_filled_before_it(stage: Any) -> None:
    order = await stage.trading.place(buy(stage, "0.40", "10"))
    stage.take(Side.SELL, "0.40", "4")
    if stage.lag_ms:
        with pytest.raises(OrderUnknown):
            await stage.trading.cancel(order)
        await settled_reads(stage)
    ended = await stage.trading.cancel(order)
    assert (ended.state, ended.filled) == (OrderState.CANCELED, 4_000_000)


async def test_a_lost_request_is_unknown_and_then_found_to_be_absent(stage: Any) -> None:
    stage.lose_request()
    request = buy(stage, "0.40", "10")
    with pytest.raises(OrderUnknown) as caught:
        await stage.trading.place(request)
    assert caught.value.client_id == request.client_id
    await settled_reads(stage)
    assert await stage.account.order(request.client_id, request.contract, since_ms=0) is None
    assert stage.orders_seen() == 0


async def test_a_lost_answer_is_unknown_and_then_found_to_be_there(stage: Any) -> None:
    stage.lose_answer()
    request = buy(stage, "0.40", "10")
    with pytest.raises(OrderUnknown):
        await stage.trading.place(request)
    assert stage.orders_seen() == 1
    await settled_reads(stage)
    found = await stage.account.order(request.client_id, request.contract, since_ms=0)
    assert found is not None
    assert (found.contract, found.side, found.limit) == (
        request.contract,
        request.side,
        request.limit,
    )


async def test_the_same_resting_order_twice_is_one_order(stage: Any) -> None:
    """I2: the repeat of the unknown-outcome procedure adopts what already rests."""
    stage.lose_answer()
    request = buy(stage, "0.40", "10")
    with pytest.raises(OrderUnknown):
        await stage.trading.place(request)
    await settled_reads(stage)
    adopted = await stage.trading.place(request)
    assert isinstance(adopted, Order)
    assert (adopted.client_id, adopted.state) == (request.client_id, OrderState.ACKED)
    assert stage.orders_seen() == 1


async def test_a_refusal_says_why_and_leaves_nothing_behind(stage: Any) -> None:
    stage.rest(Side.SELL, "0.45", "5")
    wrong = (
        (buy(stage, "0.95", "100000"), Reason.FUNDS),
        (buy(stage, "0.405", "10"), Reason.PRICE),
    )
    for request, reason in wrong:
        with pytest.raises(OrderRefused) as caught:
            await stage.trading.place(request)
        assert (caught.value.reason, caught.value.client_id) == (reason, request.client_id)
    assert stage.orders_seen() == 0
    stage.close()
    with pytest.raises(OrderRefused) as caught:
        await stage.trading.place(buy(stage, "0.40", "10"))
    assert caught.value.reason is Reason.CLOSED


async def test_an_order_that_may_only_rest_never_takes(stage: Any) -> None:
    stage.rest(Side.SELL, "0.45", "5")
    request = buy(stage, "0.45", "5", post_only=True)
    outcome = await _outcome(stage, request)
    if isinstance(outcome, OrderRefused):
        assert outcome.reason is Reason.POST_ONLY
    else:
        assert (outcome.state, outcome.filled) == (OrderState.CANCELED, 0)
    await settled_reads(stage)
    assert await stage.account.fills(since_ms=0) == ()
    assert await stage.account.open_orders() == ()


@pytest.mark.parametrize("stage", kalshi_stage.VARIANTS, indirect=True)
async def test_cash_of_another_pocket_cannot_be_spent(stage: Any) -> None:
    """Of venues with more than one."""
    await settled_reads(stage)
    markets = await stage.data.markets([stage.market, stage.elsewhere])
    pockets = {each.pocket: each.available for each in await stage.account.balances()}
    assert pockets[markets[stage.market].pocket] > 0
    assert pockets[markets[stage.elsewhere].pocket] == 0
    with pytest.raises(OrderRefused) as caught:
        await stage.trading.place(buy(stage, "0.40", "10", market=stage.elsewhere))
    assert caught.value.reason is Reason.FUNDS


async def test_everything_that_rests_is_canceled_at_once(stage: Any) -> None:
    for limit in ("0.40", "0.41"):
        await stage.trading.place(buy(stage, limit, "10"))
    await stage.trading.cancel_all()
    await settled_reads(stage)
    assert await stage.account.open_orders() == ()


async def test_a_market_that_paid_leaves_no_position(stage: Any) -> None:
    stage.rest(Side.SELL, "0.45", "5")
    order = await stage.trading.place(buy(stage, "0.45", "5", ALL))
    fee = (await _fills(stage))[0].fee
    before = await cash(stage)
    stage.resolve_yes()
    await stage.pass_ms(120_000)
    assert await cash(stage) - before == 5_000_000
    (paid,) = await stage.account.settlements(since_ms=0)
    assert (paid.market, paid.yes_pays, paid.yes) == (stage.market, ONE, order.filled)
    assert (paid.cost, paid.revenue, paid.fee) == (2_250_000, 5_000_000, fee)
    assert await stage.account.positions() == ()


async def _outcome(stage: Any, request: OrderRequest) -> Order | OrderRefused:
    try:
        order: Order = await stage.trading.place(request)
    except OrderRefused as refused:
        return refused
    return order


async def _fills(stage: Any) -> Any:
    await settled_reads(stage)
    return await stage.account.fills(since_ms=0)
