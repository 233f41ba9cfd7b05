"""KalshiAccount against scripted answers: what is broken, late or circular loses nothing."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from venues import (
    AuthRefused,
    Clock,
    Contract,
    Order,
    OrderRequest,
    OrderState,
    OrderUnknown,
    Outcome,
    Price,
    Quantity,
    Side,
    TimeInForce,
    Unavailable,
    WireError,
)
from venues.bucket import TokenBucket
from venues.http import Http
from venues.kalshi.account import KalshiAccount
from venues.kalshi.limits import Limits
from venues.kalshi.trading import KalshiTrading

YES = Contract("kalshi", "KXA-1", Outcome.YES)
ORDER = """{"order_id": "o1", "client_order_id": "ours", "ticker": "KXA-1", "outcome_side": "yes",
 "book_side": "bid", "status": "executed", "yes_price_dollars": "0.4200",
 "no_price_dollars": "0.5800", "initial_count_fp": "10.00", "fill_count_fp": "10.00",
 "remaining_count_fp": "0.00", "taker_fees_dollars": "0", "maker_fees_dollars": "0"}"""
FILL = """{"fill_id": "f1", "order_id": "o1", "ticker": "KXA-1", "outcome_side": "yes",
 "book_side": "bid", "count_fp": "10.00", "yes_price_dollars": "0.4200",
 "no_price_dollars": "0.5800", "is_taker": true, "fee_cost": "0.1706"}"""
NEW = "2026-11-24T23:59:59Z"
OLD = "2026-10-01T00:00:00Z"


class Venue:
    """Answers by path; a callable is asked."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers
        self.asked: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        path = request.url.path.removeprefix("/trade-api/v2")
        found = self.answers.get(path, httpx2.Response(404, json={"code": "not_found"}))
        if callable(found):
            found = found(request)
        return found if isinstance(found, httpx2.Response) else httpx2.Response(200, json=found)


@asynccontextmanager
async def account(
    clock: Clock, venue: Callable[[httpx2.Request], httpx2.Response]
) -> AsyncIterator[tuple[KalshiAccount, Http]]:
    async with Http(
        venue="kalshi",
        hosts={"": "http://127.0.0.1:9/trade-api/v2"},
        clock=clock,
        bucket=TokenBucket(clock, capacity=10**6, refill_per_s=10**6),
        transport=httpx2.MockTransport(venue),
        attempts=1,
    ) as http:
        yield KalshiAccount(http, clock), http


def row(text: str, **more: Any) -> Any:
    return json.loads(text) | more


def fills(*rows: Any) -> Any:
    return {"fills": list(rows), "cursor": ""}


async def test_a_fill_is_told_in_the_words_of_its_order(clock: Clock) -> None:
    venue = Venue(
        {
            "/portfolio/fills": fills(row(FILL, created_time=NEW)),
            "/portfolio/orders/o1": {"order": row(ORDER)},
        }
    )
    async with account(clock, venue) as (mine, _):
        (fill,) = await mine.fills(since_ms=0)
        await mine.fills(since_ms=0)
    assert (fill.client_id, fill.contract, fill.side, fill.price) == (
        "ours",
        YES,
        Side.BUY,
        420_000,
    )
    assert (fill.quantity, fill.fee, fill.maker) == (10_000_000, 170_600, False)
    assert [each.url.path[-2:] for each in venue.asked].count("o1") == 1


async def test_a_fill_with_a_time_in_seconds_alone_is_a_fill(clock: Clock) -> None:
    venue = Venue(
        {
            "/portfolio/fills": fills(row(FILL, ts=1_790_000_000)),
            "/portfolio/orders/o1": {"order": row(ORDER)},
        }
    )
    async with account(clock, venue) as (mine, _):
        (fill,) = await mine.fills(since_ms=0)
    assert fill.filled_at == datetime.fromtimestamp(1_790_000_000, UTC)


async def test_a_new_fill_whose_order_is_not_shown_yet_is_not_given_away(clock: Clock) -> None:
    venue = Venue({"/portfolio/fills": fills(row(FILL, created_time=NEW))})
    async with account(clock, venue) as (mine, _):
        with pytest.raises(Unavailable, match="does not show order o1 yet"):
            await mine.fills(since_ms=0)


async def test_an_old_fill_of_an_archived_order_is_told_as_a_purchase(clock: Clock) -> None:
    sold = row(FILL, created_time=OLD, outcome_side="no", book_side="ask")
    async with account(clock, Venue({"/portfolio/fills": fills(sold)})) as (mine, _):
        (fill,) = await mine.fills(since_ms=0)
    assert (fill.client_id, fill.contract, fill.price) == ("", YES.other, 580_000)


async def test_an_order_that_makes_no_sense_does_not_hold_back_its_fills(clock: Clock) -> None:
    venue = Venue(
        {
            "/portfolio/fills": fills(row(FILL, created_time=NEW), row(FILL, fill_id="f2")),
            "/portfolio/orders/o1": {"order": row(ORDER, status="pending")},
        }
    )
    async with account(clock, venue) as (mine, _):
        (fill,) = await mine.fills(since_ms=0)
        assert len(mine.faults) == 2  # the order, and the fill without a time
    assert fill.client_id == "ours"


@pytest.mark.parametrize("read", ["fills", "order", "open_orders"])
async def test_a_list_that_goes_in_a_circle_is_not_taken_for_whole(clock: Clock, read: str) -> None:
    page = {"orders": [], "fills": [], "cursor": "again"}
    venue = Venue({"/portfolio/fills": page, "/portfolio/orders": page})
    async with account(clock, venue) as (mine, _):
        reads = {
            "fills": lambda: mine.fills(0),
            "order": lambda: mine.order("ours", YES, 0),
            "open_orders": mine.open_orders,
        }
        with pytest.raises(WireError, match="never ends"):
            await reads[read]()


async def test_reads_are_of_the_account_that_orders_go_to(clock: Clock) -> None:
    empty = {
        "orders": None,
        "fills": None,
        "market_positions": None,
        "settlements": None,
        "balance": 0,
        "balance_dollars": "0",
        "portfolio_value": 0,
        "updated_ts": 0,
    }
    names = ("orders", "fills", "positions", "settlements", "balance")
    venue = Venue({f"/portfolio/{name}": empty for name in names})
    async with account(clock, venue) as (mine, _):
        assert await mine.open_orders() == ()
        assert await mine.fills(0) == ()
        assert await mine.positions() == ()
        assert await mine.settlements(0) == ()
        assert len(await mine.balances()) == 1
        assert await mine.order("ours", YES, 0) is None
    assert {each.url.params["subaccount"] for each in venue.asked} == {"0"}


async def test_orders_that_cannot_be_read_are_not_forgotten_by_a_cancel_of_all(
    clock: Clock,
) -> None:
    unreadable = {"orders": [row(ORDER, status="resting", remaining_count_fp="odd")], "cursor": ""}
    venue = Venue(
        {
            "/portfolio/events/orders": httpx2.Response(403, json={"error": "members only"}),
            "/portfolio/orders": unreadable,
        }
    )
    async with account(clock, venue) as (mine, http):
        with pytest.raises(WireError, match="1 orders rest unread"):
            await KalshiTrading(http, mine, Limits.with_keys(clock)).cancel_all()


RESTING = Order(
    client_id="ours",
    order_id="o1",
    contract=YES,
    side=Side.BUY,
    limit=Price(420_000),
    quantity=Quantity(10_000_000),
    filled=Quantity(0),
    state=OrderState.ACKED,
)


async def test_a_decrease_of_another_order_is_unknown(clock: Clock) -> None:
    other = {"order_id": "o2", "remaining_count": "5.00", "ts_ms": 1}
    venue = Venue({"/portfolio/events/orders/o1/decrease": other})
    async with account(clock, venue) as (mine, http):
        with pytest.raises(OrderUnknown):
            await KalshiTrading(http, mine, Limits.with_keys(clock)).decrease(
                RESTING, to=Quantity(5_000_000)
            )


async def test_a_place_in_the_queue_that_is_no_number_is_a_wire_error(clock: Clock) -> None:
    venue = Venue({"/portfolio/orders/o1/queue_position": {"queue_position_fp": "next"}})
    async with account(clock, venue) as (mine, http):
        with pytest.raises(WireError):
            await KalshiTrading(http, mine, Limits.with_keys(clock)).queue_position(RESTING)


async def test_a_cancel_of_all_with_a_wrong_key_says_so(clock: Clock) -> None:
    no = httpx2.Response(401, json={"error": {"code": "authentication_error"}})
    venue = Venue({"/portfolio/events/orders": no})
    async with account(clock, venue) as (mine, http):
        with pytest.raises(AuthRefused):
            await KalshiTrading(http, mine, Limits.with_keys(clock)).cancel_all()
    assert len(venue.asked) == 1


@pytest.mark.parametrize("told", [httpx2.Response(503), {"market": {"ticker": "KXA-1"}}])
async def test_an_order_whose_shard_nobody_tells_is_not_sent(clock: Clock, told: Any) -> None:
    venue = Venue({"/markets/KXA-1": told})
    request = OrderRequest(
        client_id="ours",
        contract=YES,
        side=Side.BUY,
        limit=Price(420_000),
        quantity=Quantity(10_000_000),
        time_in_force=TimeInForce.FILL_OR_KILL,
    )
    async with account(clock, venue) as (mine, http):
        with pytest.raises(Unavailable, match="does not say where KXA-1 trades") as caught:
            await KalshiTrading(http, mine, Limits.with_keys(clock)).place(request)
    assert caught.value.definite
    assert [each.method for each in venue.asked] == ["GET"]
