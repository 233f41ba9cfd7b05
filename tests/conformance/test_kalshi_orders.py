"""What only Kalshi has (amend, decrease, batches), and what other hands do to our orders there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import count
from typing import Any

import pytest

from venues import (
    Clock,
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
from venues.sim.faults import LOST_ANSWER

_numbers = count(1)


@pytest.fixture
async def kalshi(stages: Any, clock: Clock) -> AsyncIterator[Any]:
    async with stages["kalshi"](clock).open() as stage:
        yield stage


def asked(
    side: Side, limit: str, size: str = "10", time: TimeInForce = TimeInForce.RESTING
) -> OrderRequest:
    return OrderRequest(
        client_id=f"00000000-0000-4000-8001-{next(_numbers):012d}",
        contract=Contract("kalshi", "KXCONF-26DEC-A", Outcome.YES),
        side=side,
        limit=Price(micros(limit)),
        quantity=Quantity(micros(size)),
        time_in_force=time,
    )


async def truth(kalshi: Any, order: Order) -> Order:
    found: Order = await kalshi.account.order_by_id(order.order_id, order.contract)
    return found


async def test_an_amend_into_our_own_order_is_no_fill(kalshi: Any) -> None:
    await kalshi.trading.place(asked(Side.SELL, "0.60"))
    bid = await kalshi.trading.place(asked(Side.BUY, "0.40"))
    ended = await kalshi.trading.amend(bid, limit=Price(650_000), quantity=bid.quantity)
    assert (ended.state, ended.filled) == (OrderState.CANCELED, 0)
    assert await kalshi.account.fills(since_ms=0) == ()


async def test_an_amend_that_crosses_tells_its_fills(kalshi: Any) -> None:
    kalshi.rest(Side.SELL, "0.45", "4")
    bid = await kalshi.trading.place(asked(Side.BUY, "0.40"))
    amended = await kalshi.trading.amend(bid, limit=Price(450_000), quantity=Quantity(12_000_000))
    assert (amended.state, amended.filled) == (OrderState.PARTIAL, 4_000_000)
    assert amended.quantity == (await truth(kalshi, bid)).quantity
    kalshi.rest(Side.SELL, "0.46", "50")
    whole = await kalshi.trading.amend(amended, limit=Price(460_000), quantity=amended.quantity)
    assert (whole.state, whole.filled) == (OrderState.FILLED, 12_000_000)


@pytest.mark.parametrize("by", ["us", "the rival", "a person"])
async def test_what_was_filled_before_a_cancel_is_never_guessed(kalshi: Any, by: str) -> None:
    """Decreased by us, filled in part by a rival, or decreased by a person on the site (F27)."""
    order = await kalshi.trading.place(asked(Side.BUY, "0.40"))
    if by == "us":
        assert await kalshi.trading.decrease(order, to=Quantity(5_000_000)) == 5_000_000
    elif by == "the rival":
        kalshi.take(Side.SELL, "0.40", "3")
    else:
        kalshi.house.orders.decrease(
            "us", order.order_id, by=Quantity(6_000_000), market_ticker=kalshi.market
        )
    ended = await kalshi.trading.cancel(order)
    assert (ended.state, ended.filled) == (await _end(kalshi, order))
    assert ended.filled == (3_000_000 if by == "the rival" else 0)


async def _end(kalshi: Any, order: Order) -> tuple[OrderState, Quantity]:
    found = await truth(kalshi, order)
    return found.state, found.filled


async def test_a_batch_adopts_what_is_there_already(kalshi: Any) -> None:
    requests = [asked(Side.BUY, f"0.4{n}") for n in range(3)]
    route = "/portfolio/events/orders/batched"
    kalshi.app.faults.plan(LOST_ANSWER, method="POST", route=route)
    lost = await kalshi.trading.place_batch(requests)
    assert [type(each) for each in lost] == [OrderUnknown] * 3
    again = await kalshi.trading.place_batch(requests)
    assert [each.client_id for each in again] == [each.client_id for each in requests]
    assert [type(each) for each in again] == [Order] * 3
    assert kalshi.orders_seen() == 3


async def test_a_batch_with_a_wrong_order_sends_none(kalshi: Any) -> None:
    wrong = asked(Side.BUY, "0.40005")
    with pytest.raises(ValueError, match="no price"):
        await kalshi.trading.place_batch([asked(Side.BUY, "0.40") for _ in range(9)] + [wrong])
    assert kalshi.orders_seen() == 0


async def test_an_order_under_our_id_that_is_not_ours_is_not_adopted(kalshi: Any) -> None:
    first = asked(Side.BUY, "0.40")
    await kalshi.trading.place(first)
    for size, time in (("50", TimeInForce.RESTING), ("10", TimeInForce.FILL_OR_KILL)):
        other = asked(Side.BUY, "0.40", size, time)
        same_id = OrderRequest(
            client_id=first.client_id,
            contract=other.contract,
            side=other.side,
            limit=other.limit,
            quantity=other.quantity,
            time_in_force=time,
        )
        with pytest.raises(OrderUnknown):
            await kalshi.trading.place(same_id)


async def test_order_and_fill_of_one_id_speak_the_same_words(kalshi: Any) -> None:
    kalshi.rest(Side.BUY, "0.40", "50")
    kalshi.lose_answer()
    request = asked(Side.SELL, "0.40", "10", TimeInForce.FILL_AND_KILL)
    with pytest.raises(OrderUnknown):
        await kalshi.trading.place(request)
    await kalshi.account.fills(since_ms=0)  # seen before anybody knows what it was asked as
    order = await kalshi.account.order(request.client_id, request.contract, since_ms=0)
    (fill,) = await kalshi.account.fills(since_ms=0)
    assert (order.contract, order.side) == (request.contract, Side.SELL)
    assert (fill.contract, fill.side, fill.price) == (request.contract, Side.SELL, 400_000)


async def test_a_clock_that_is_off_loses_no_fill_and_no_order(kalshi: Any) -> None:
    kalshi.rest(Side.SELL, "0.45", "5")
    for ahead_ms in (-180_000, -3_000, 3_000):
        kalshi.app.clock_offset_ms = ahead_ms
        kalshi.streams.clock_offset_ms = ahead_ms
        order = await kalshi.trading.place(asked(Side.BUY, "0.45", "1", TimeInForce.FILL_AND_KILL))
        now_ms = kalshi.clock.now_ms()
        assert order.order_id in [x.order_id for x in await kalshi.account.fills(since_ms=now_ms)]


async def test_a_market_that_does_not_exist_is_a_refusal(kalshi: Any) -> None:
    request = asked(Side.BUY, "0.40")
    nowhere = OrderRequest(
        client_id=request.client_id,
        contract=Contract("kalshi", "KXNONE-1", Outcome.YES),
        side=request.side,
        limit=request.limit,
        quantity=request.quantity,
        time_in_force=request.time_in_force,
    )
    with pytest.raises(OrderRefused) as caught:
        await kalshi.trading.place(nowhere)
    assert caught.value.reason is Reason.MARKET
