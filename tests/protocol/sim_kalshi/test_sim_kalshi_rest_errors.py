"""Statuses and the four shapes of error bodies (section 4), routes, and bodies that are wrong."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from venues.sim.kalshi import rest_candles, rest_moves
from venues.sim.kalshi.rest import HANDLERS
from venues.sim.kalshi.rest_routes import OPERATIONS

ORDERS = "/portfolio/events/orders"
JSON = {"content-type": "application/json"}


def code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def test_the_table_of_operations_is_that_of_the_sdk(shared: Path) -> None:
    text = (shared / "facts/kalshi-endpoints.tsv").read_text().splitlines()
    rows = [*csv.DictReader(text, delimiter="\t")]
    assert len(rows) == len(OPERATIONS) == 118
    assert {(r["method"], r["path"], r["auth"] == "yes", r["core"] == "yes") for r in rows} == {
        (each.method, each.route, each.signed, each.core) for each in OPERATIONS
    }
    core = {(each.method, each.route) for each in OPERATIONS if each.core}
    assert core == set(HANDLERS) - set(rest_candles.HANDLERS) - set(rest_moves.HANDLERS)


async def test_what_is_not_core_answers_501_to_those_it_lets_in(exchange: Any) -> None:
    for each in OPERATIONS:
        if (each.method, each.route) in HANDLERS:
            continue
        path = each.route.replace("{", "").replace("}", "")
        answer = await exchange.client.call(each.method, path)
        assert code(answer) == (501, "not_implemented"), path
        unsigned = await exchange.public.call(each.method, path)
        assert unsigned.status_code == (401 if each.signed else 501)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/portfolio/orders"),
        ("POST", "/portfolio/orders/batched"),
        ("DELETE", "/portfolio/orders/batched"),
        ("DELETE", "/portfolio/orders/one"),
        ("POST", "/portfolio/orders/one/amend"),
        ("POST", "/portfolio/orders/one/decrease"),
    ],
)
async def test_the_old_writes_are_gone(exchange: Any, method: str, path: str) -> None:
    answer = await exchange.client.call(method, path, {})
    assert code(answer) == (410, "deprecated_v1_order_endpoint")


async def test_an_unknown_path_is_404_and_a_wrong_method_405(exchange: Any) -> None:
    for path in ("/market", "/markets/", "/markets//orderbook", "/portfolio"):
        assert code(await exchange.client.call("GET", path)) == (404, "not_found")
    outside = await exchange.client.http.get("http://venue.test/markets")
    assert outside.status_code == 404
    for method, path in (("POST", "/markets"), ("PATCH", ORDERS), ("GET", f"{ORDERS}/batched")):
        assert code(await exchange.client.call(method, path)) == (405, "method_not_allowed")


async def test_every_answer_says_what_it_is_and_when(exchange: Any) -> None:
    for answer in (
        await exchange.client.call("GET", "/exchange/status"),
        await exchange.client.call("GET", "/nowhere"),
    ):
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["content-length"] == str(len(answer.content))
        assert answer.headers["date"] == "Wed, 25 Nov 2026 00:00:00 GMT"
    empty = await exchange.client.call("DELETE", ORDERS)
    assert (empty.status_code, empty.content) == (204, b"")
    assert "content-type" not in empty.headers


async def test_a_batch_cancel_without_its_content_type_is_refused_flat(exchange: Any) -> None:
    headers = exchange.client.headers("DELETE", f"{ORDERS}/batched")
    answer = await exchange.client.http.request(
        "DELETE",
        f"http://venue.test/trade-api/v2{ORDERS}/batched",
        content=b'{"orders":[]}',
        headers=headers,
    )
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_content_type"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff", b"[" * 100_000])
async def test_a_body_that_is_no_json_object_is_refused(exchange: Any, body: bytes) -> None:
    headers = {**exchange.client.headers("POST", ORDERS), **JSON}
    answer = await exchange.client.http.post(
        f"http://venue.test/trade-api/v2{ORDERS}", content=body, headers=headers
    )
    assert code(answer) == (400, "invalid_parameters")


@pytest.mark.parametrize(
    "wrong",
    [
        {"ticker": None},
        {"side": None},
        {"side": "yes"},
        {"side": 1},
        {"count": 10},
        {"count": "-1"},
        {"count": "1.001"},
        {"count": "1e3"},
        {"count": " 1"},
        {"price": "0.5"},
        {"price": "0.50000"},
        {"price": 0.5},
        {"price": ".50"},
        {"time_in_force": None},
        {"time_in_force": "gtc"},
        {"self_trade_prevention_type": None},
        {"self_trade_prevention_type": "taker"},
        {"post_only": "true"},
        {"expiration_time": "1795564860"},
        {"expiration_time": True},
        {"subaccount": 64},
        {"subaccount": -1},
        {"exchange_index": -2},
        {"exchange_index": "0"},
        {"client_order_id": 5},
    ],
    ids=str,
)
async def test_a_create_that_is_not_as_documented_is_refused(
    exchange: Any, wrong: dict[str, Any]
) -> None:
    assert code(await exchange.client.create(**wrong)) == (400, "invalid_parameters")
    assert (await exchange.client.get("/portfolio/orders"))["orders"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"count": "0"},
        {"price": "0.0150"},
        {"price": "0.0000"},
        {"price": "1.0000"},
        {"time_in_force": "fill_or_kill", "expiration_time": 1_795_600_000},
        {"expiration_time": 1},
        {"reduce_only": True},
        {"exchange_index": 2},
    ],
    ids=str,
)
async def test_an_order_that_breaks_a_rule_is_refused(exchange: Any, wrong: dict[str, Any]) -> None:
    assert code(await exchange.client.create(**wrong)) == (400, "invalid_order")


async def test_unknown_keys_and_nulls_do_not_matter(exchange: Any) -> None:
    body = {**exchange.client.order(), "buy_max_cost": 5, "client_order_id": None, "type": "limit"}
    assert (await exchange.client.call("POST", ORDERS, body)).status_code == 201


async def test_the_house_is_heard_through_the_nested_shape(exchange: Any, clock: Any) -> None:
    create = exchange.client.create
    await exchange.client.created(client_order_id="mine")
    assert code(await create(client_order_id="mine")) == (409, "order_already_exists")
    assert code(await create(count="200000", price="0.5000")) == (400, "insufficient_balance")
    assert code(await create(ticker="KXNONE")) == (404, "not_found")
    paused = await create(ticker="KXHIGHNY-26NOV26-T55")
    assert code(paused) == (400, "MARKET_INACTIVE")
    status, said = code(await create(ticker="KXMVESPORTS-S1-A", price="0.0010"))
    assert status == 404
    assert said.startswith("user_not_found")


async def test_a_wrong_parameter_is_said_with_msg(exchange: Any) -> None:
    for path, query in (
        ("/markets", "limit=1001"),
        ("/markets", "limit=-1"),
        ("/markets", "limit=ten"),
        ("/markets", "status=active"),
        ("/markets", "status=open,closed"),
        ("/markets", "mve_filter=all"),
        ("/markets", "min_close_ts=2026-01-01"),
        ("/markets/trades", "is_block_trade=yes"),
        ("/markets/KXFEDDECISION-26DEC-C25/orderbook", "depth=101"),
        ("/events", "limit=0"),
        ("/events", "limit=201"),
        ("/events", "status=paused"),
        ("/events/fee_changes", "limit=1001"),
        ("/portfolio/orders", "limit=0"),
        ("/portfolio/orders", "status=filled"),
        ("/portfolio/orders", "subaccount=64"),
        ("/portfolio/positions", "settlement_status=open"),
        ("/portfolio/positions", "count_filter=position,resting"),
        ("/portfolio/fills", "ticker=" + ",".join("A" * 101)),
        ("/portfolio/fills", "exchange_index=-1"),
    ):
        answer = await exchange.client.call("GET", path, query=query)
        assert answer.status_code == 400, (path, query)
        assert set(answer.json()) == {"msg"}, (path, query)


async def test_a_paused_exchange_shows_the_same_status_with_503(exchange: Any) -> None:
    exchange.house.pauses.pause_trading()
    trading = await exchange.client.call("GET", "/exchange/status")
    assert (trading.status_code, trading.json()["trading_active"]) == (200, False)
    assert code(await exchange.client.create()) == (503, "trading_is_paused")

    exchange.house.pauses.pause_exchange(resume_ms=exchange.house.now_ms + 60_000)
    down = await exchange.client.call("GET", "/exchange/status")
    assert (down.status_code, down.json()["exchange_active"]) == (503, False)
    assert down.json()["exchange_estimated_resume_time"] == "2026-11-25T00:01:00Z"
    assert code(await exchange.client.create()) == (503, "exchange_is_paused")
