"""KalshiTrading against scripted answers: what is sent, what is made of each kind of answer."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx2
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
    Unavailable,
    micros,
)
from venues.http import Http
from venues.kalshi.account import KalshiAccount
from venues.kalshi.limits import Limits
from venues.kalshi.trading import KalshiTrading

ORDERS = "/trade-api/v2/portfolio/events/orders"
READS = "/trade-api/v2/portfolio/orders"
NO = Contract("kalshi", "KXA-1", Outcome.NO)
Answer = httpx2.Response | Exception
Routes = dict[tuple[str, str], Answer | list[Answer]]


class Script:
    """Answers by method and path; a list is given out one by one, the last for ever."""

    def __init__(self, routes: Routes) -> None:
        self.routes: Routes = {("GET", "/trade-api/v2/markets/KXA-1"): market(2), **routes}
        self.sent: list[tuple[str, str, Any]] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        body = json.loads(request.content) if request.content else dict(request.url.params)
        self.sent.append((request.method, path, body))
        found = self.routes[request.method, path]
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        if isinstance(found, Exception):
            raise found
        return httpx2.Response(found.status_code, content=found.content)

    def writes(self) -> list[tuple[str, str, Any]]:
        return [each for each in self.sent if each[0] != "GET"]


def said(status: int, **body: Any) -> httpx2.Response:
    return httpx2.Response(status, json=body)


def no(status: int, code: str) -> httpx2.Response:
    return said(status, error={"code": code, "message": code})


MARKET = """{"ticker": "KXA-1", "event_ticker": "KXA", "market_type": "binary", "status": "active",
 "yes_sub_title": "", "close_time": "2026-12-01T00:00:00Z", "settlement_timer_seconds": 60,
 "latest_expiration_time": "2026-12-01T00:00:00Z", "notional_value_dollars": "1.0000",
 "rules_primary": "", "rules_secondary": "", "price_ranges": []}"""
ROW = """{"user_id": "u", "ticker": "KXA-1", "outcome_side": "no", "book_side": "ask",
 "type": "limit", "yes_price_dollars": "0.4200", "no_price_dollars": "0.5800",
 "initial_count_fp": "10.00", "taker_fill_cost_dollars": "0", "maker_fill_cost_dollars": "0",
 "taker_fees_dollars": "0", "maker_fees_dollars": "0"}"""


def market(shard: int | None) -> httpx2.Response:
    more = {} if shard is None else {"exchange_index": shard}
    return said(200, market=json.loads(MARKET) | more)


def row(client_id: str, status: str = "resting", filled: str = "0.00", **more: Any) -> Any:
    left = "10.00" if status == "resting" else "0.00"
    names = {"order_id": f"their-{client_id}", "client_order_id": client_id}
    counts = {"status": status, "fill_count_fp": filled, "remaining_count_fp": left}
    return json.loads(ROW) | names | counts | more


def asked(client_id: str = "a", time: TimeInForce = TimeInForce.RESTING) -> OrderRequest:
    return OrderRequest(
        client_id=client_id,
        contract=NO,
        side=Side.BUY,
        limit=Price(micros("0.58")),
        quantity=Quantity(micros("10")),
        time_in_force=time,
    )


def resting(client_id: str = "a") -> Order:
    return Order(
        client_id=client_id,
        order_id=f"their-{client_id}",
        contract=NO,
        side=Side.BUY,
        limit=Price(micros("0.58")),
        quantity=Quantity(micros("10")),
        filled=Quantity(0),
        state=OrderState.ACKED,
    )


def created(client_id: str = "a", filled: str = "0.00", left: str = "10.00") -> dict[str, Any]:
    average = {} if filled == "0.00" else {"average_fill_price": "0.42"}
    return {
        "order_id": f"their-{client_id}",
        "client_order_id": client_id,
        "fill_count": filled,
        "remaining_count": left,
        "ts_ms": 5,
        **average,
    }


@asynccontextmanager
async def trading(
    clock: Clock, handler: Callable[[httpx2.Request], httpx2.Response]
) -> AsyncIterator[KalshiTrading]:
    limits = Limits.with_keys(clock)
    async with Http(
        venue="kalshi",
        hosts={"": "http://127.0.0.1:9/trade-api/v2"},
        clock=clock,
        bucket=limits,
        transport=httpx2.MockTransport(handler),
    ) as http:
        yield KalshiTrading(http, KalshiAccount(http, clock), limits)


async def test_an_order_names_its_shard_market_and_our_own_id(clock: Clock) -> None:
    script = Script({("POST", ORDERS): said(201, **created())})
    async with trading(clock, script) as venue:
        order = await venue.place(asked())
        await venue.place(asked())
    assert order == replace(resting(), venue_ms=5)
    assert script.writes()[0][2] == {
        "ticker": "KXA-1",
        "side": "ask",
        "count": "10.00",
        "price": "0.4200",
        "time_in_force": "good_till_canceled",
        "self_trade_prevention_type": "taker_at_cross",
        "client_order_id": "a",
        "exchange_index": 2,
    }
    assert [each[1] for each in script.sent if each[0] == "GET"] == ["/trade-api/v2/markets/KXA-1"]


async def test_a_market_without_a_known_shard_demands_routing_by_ticker(clock: Clock) -> None:
    script = Script({("POST", ORDERS): said(201, **created())})
    script.routes["GET", "/trade-api/v2/markets/KXA-1"] = market(None)
    async with trading(clock, script) as venue:
        await venue.place(asked())
    assert script.writes()[0][2]["exchange_index"] == -1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (no(400, "insufficient_balance"), Reason.FUNDS),
        (no(404, "user_not_found:_1"), Reason.FUNDS),
        (no(400, "MARKET_INACTIVE"), Reason.CLOSED),
        (no(400, "invalid_price"), Reason.PRICE),
        (no(410, "deprecated_v1_order_endpoint"), Reason.OTHER),
    ],
)
async def test_a_refused_order_says_why_and_is_not_repeated(
    clock: Clock, answer: httpx2.Response, reason: Reason
) -> None:
    script = Script({("POST", ORDERS): answer})
    async with trading(clock, script) as venue:
        with pytest.raises(OrderRefused) as caught:
            await venue.place(asked())
    assert (caught.value.reason, caught.value.client_id) == (reason, "a")
    assert reason.value in str(caught.value)
    assert len(script.writes()) == 1


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.ReadError("reset"),
        said(500),
        said(201, **created(client_id="b")),
        said(201, **created(filled="11.00", left="0.00")),
        said(201, error={"code": "invalid_order"}),
    ],
)
async def test_an_order_without_a_definite_answer_is_unknown_and_never_repeated(
    clock: Clock, answer: Answer
) -> None:
    script = Script({("POST", ORDERS): answer})
    async with trading(clock, script) as venue:
        with pytest.raises(OrderUnknown) as caught:
            await venue.place(asked())
    assert caught.value.client_id == "a"
    assert len(script.writes()) == 1


async def test_an_order_that_was_never_sent_is_not_unknown(clock: Clock) -> None:
    script = Script({("POST", ORDERS): httpx2.ConnectError("refused")})
    async with trading(clock, script) as venue:
        with pytest.raises(Unavailable):
            await venue.place(asked())
        script.routes["GET", "/trade-api/v2/markets/KXB-1"] = no(404, "not_found")
        with pytest.raises(OrderRefused, match="no such market"):
            await venue.place(
                OrderRequest(
                    client_id="b",
                    contract=Contract("kalshi", "KXB-1", Outcome.YES),
                    side=Side.BUY,
                    limit=Price(500_000),
                    quantity=Quantity(1_000_000),
                    time_in_force=TimeInForce.FILL_OR_KILL,
                )
            )
    assert len(script.writes()) == 1


async def test_a_used_id_means_that_the_order_exists_and_it_is_adopted(clock: Clock) -> None:
    listed = said(
        200, orders=[row("b"), row("a", filled="4.00", remaining_count_fp="6.00")], cursor=""
    )
    script = Script({("POST", ORDERS): no(409, "order_already_exists"), ("GET", READS): listed})
    async with trading(clock, script) as venue:
        order = await venue.place(asked())
    assert (order.order_id, order.state) == ("their-a", OrderState.PARTIAL)
    assert (order.contract, order.side, order.limit) == (NO, Side.BUY, 580_000)


@pytest.mark.parametrize(
    "listed",
    [
        said(200, orders=[row("b")], cursor=""),
        said(200, orders=[row("a", outcome_side="yes", book_side="bid")], cursor=""),
        said(200, orders=[row("b"), {"order_id": 1}], cursor=""),
        said(200, orders=[row("a", remaining_count_fp="50.00")], cursor=""),
        said(500),
    ],
)
async def test_a_used_id_whose_order_is_not_shown_leaves_it_unknown(
    clock: Clock, listed: httpx2.Response
) -> None:
    script = Script({("POST", ORDERS): no(409, "order_already_exists"), ("GET", READS): listed})
    async with trading(clock, script) as venue:
        with pytest.raises(OrderUnknown):
            await venue.place(asked())


async def test_a_cancel_names_the_market_and_its_shard(clock: Clock) -> None:
    answer = said(200, order_id="their-a", client_order_id="a", reduced_by="10.00", ts_ms=9)
    routes: Routes = {
        ("DELETE", f"{ORDERS}/their-a"): answer,
        ("POST", ORDERS): said(201, **created()),
    }
    script = Script(routes)
    async with trading(clock, script) as venue:
        ended = await venue.cancel(resting())
        await venue.cancel(await venue.place(asked()))
    assert (ended.state, ended.filled) == (OrderState.CANCELED, 0)
    first, _, second = (each[2] for each in script.writes())
    assert first == {"market_ticker": "KXA-1", "exchange_index": "-1"}  # no read comes before it
    assert second == {"market_ticker": "KXA-1", "exchange_index": "2"}


@pytest.mark.parametrize("taken", ["7.00", "0.00", "12.00"])
async def test_a_cancel_that_took_less_or_more_than_was_left_is_looked_at(
    clock: Clock, taken: str
) -> None:
    """Filled, or made smaller by somebody: only a read can tell which."""
    answer = said(200, order_id="their-a", client_order_id="a", reduced_by=taken, ts_ms=9)
    script = Script(
        {
            ("DELETE", f"{ORDERS}/their-a"): answer,
            ("GET", f"{READS}/their-a"): said(200, order=row("a", "canceled", "2.00")),
        }
    )
    async with trading(clock, script) as venue:
        ended = await venue.cancel(resting())
    assert (ended.state, ended.filled) == (OrderState.CANCELED, 2_000_000)


@pytest.mark.parametrize(
    ("read", "state"),
    [
        (said(200, order=row("a", "executed", "10.00")), OrderState.FILLED),
        (said(200, order=row("a", "canceled", "2.00")), OrderState.CANCELED),
        (said(200, order=row("a")), None),
        (no(404, "not_found"), None),
        (said(503), None),
    ],
)
async def test_nothing_to_cancel_may_hide_a_fill(
    clock: Clock, read: httpx2.Response, state: OrderState | None
) -> None:
    """F20: a cancel that finds nothing is not a cancel."""
    script = Script(
        {
            ("DELETE", f"{ORDERS}/their-a"): no(404, "not_found"),
            ("GET", f"{READS}/their-a"): read,
        }
    )
    async with trading(clock, script) as venue:
        if state is None:
            with pytest.raises(OrderUnknown):
                await venue.cancel(resting())
        else:
            assert (await venue.cancel(resting())).state is state
    assert len(script.writes()) == 1


async def test_a_cancel_answer_about_another_order_is_no_answer(clock: Clock) -> None:
    answer = said(200, order_id="their-b", reduced_by="7.00", ts_ms=9)
    script = Script({("DELETE", f"{ORDERS}/their-a"): answer})
    async with trading(clock, script) as venue:
        with pytest.raises(OrderUnknown):
            await venue.cancel(resting())
    async with trading(clock, Script({("DELETE", f"{ORDERS}/their-a"): no(400, "x")})) as venue:
        with pytest.raises(OrderRefused):
            await venue.cancel(resting())


async def test_each_order_of_a_batch_has_its_own_outcome(clock: Clock) -> None:
    items = [
        {"client_order_id": "c", "error": {"code": "insufficient_balance", "message": "no"}},
        created("a", "10.00", "0.00"),
        {"error": {"code": "invalid_price"}},
        {"client_order_id": "e", "order_id": 5},
    ]
    script = Script({("POST", f"{ORDERS}/batched"): said(201, orders=items)})
    async with trading(clock, script) as venue:
        a, c, d, e, f = await venue.place_batch([asked(x) for x in "acdef"])
    assert isinstance(a, Order)
    assert a.state is OrderState.FILLED
    assert isinstance(c, OrderRefused)
    assert c.reason is Reason.FUNDS
    assert isinstance(d, OrderRefused)  # a nameless error stands in its place
    assert isinstance(e, OrderUnknown)
    assert isinstance(f, OrderUnknown)


async def test_a_lost_batch_leaves_every_order_of_it_unknown_and_the_rest_goes_on(
    clock: Clock,
) -> None:
    names = [f"n{index}" for index in range(9)]
    first: list[Answer] = [
        httpx2.ReadError("reset"),
        said(201, orders=[created(name) for name in names[7:]]),
    ]
    script = Script({("POST", f"{ORDERS}/batched"): first})
    async with trading(clock, script) as venue:
        found = await venue.place_batch([asked(name) for name in names])
        assert await venue.place_batch([]) == ()
    assert [type(each) for each in found] == [OrderUnknown] * 7 + [Order] * 2
    assert [each.client_id for each in found] == names  # type: ignore[union-attr]
    assert [len(each[2]["orders"]) for each in script.writes()] == [7, 2]  # Basic: 100 tokens


async def test_a_batch_of_cancels_has_a_body_and_looks_behind_every_error(clock: Clock) -> None:
    items = [
        {"order_id": "their-a", "reduced_by": "10.00", "ts_ms": 9},
        {"order_id": "their-b", "reduced_by": "0.00", "error": {"code": "not_found"}},
        {"order_id": "their-c", "reduced_by": "0.00", "error": {"code": "not_found"}},
    ]
    script = Script(
        {
            ("DELETE", f"{ORDERS}/batched"): said(200, orders=items),
            ("GET", f"{READS}/their-b"): said(200, order=row("b", "executed", "10.00")),
            ("GET", f"{READS}/their-c"): said(200, order=row("c")),
        }
    )
    async with trading(clock, script) as venue:
        found = await venue.cancel_batch([resting(x) for x in "abcd"])
    assert [getattr(each, "state", None) for each in found] == [
        *(OrderState.CANCELED, OrderState.FILLED, None, None)
    ]
    assert script.writes()[0][2]["orders"][0] == {
        "order_id": "their-a",
        "market_ticker": "KXA-1",
        "exchange_index": -1,
    }
