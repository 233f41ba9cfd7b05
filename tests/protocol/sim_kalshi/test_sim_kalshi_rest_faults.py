"""Rate limits, and what a script of faults does to a client in process and over a socket (13)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from venues.sim import faults
from venues.sim.faults import Fault, Faults, Kind
from venues.sim.loopback import serving

ORDERS = "/portfolio/events/orders"
FED = "KXFEDDECISION-26DEC-C25"
MLB = "KXMLBGAME-26NOV26NYYBOS-NYY"


async def resting(exchange: Any) -> int:
    """How many orders we have, whatever the wire does."""
    return len(exchange.house.view(exchange.client_user).orders())


async def test_tokens_run_out_with_a_bare_429(
    make_exchange: Callable[..., Any], clock: Any
) -> None:
    exchange = make_exchange(tier="basic")
    for _ in range(10):
        await exchange.client.created()
    refused = await exchange.client.create()
    assert (refused.status_code, refused.json()) == (429, {"error": "too many requests"})
    assert "retry-after" not in refused.headers
    assert await resting(exchange) == 10
    await exchange.client.created(ticker=MLB)
    assert (await exchange.client.call("GET", "/portfolio/balance")).status_code == 200
    await clock.sleep_ms(100)
    await exchange.client.created()


async def test_a_batch_is_billed_item_by_item_on_the_shards_of_its_items(
    make_exchange: Callable[..., Any],
) -> None:
    exchange = make_exchange(tier="basic")
    eleven = {"orders": [exchange.client.order()] * 11}
    assert (await exchange.client.call("POST", f"{ORDERS}/batched", eleven)).status_code == 429
    mixed = {"orders": [exchange.client.order()] * 6 + [exchange.client.order(ticker=MLB)] * 6}
    assert (await exchange.client.call("POST", f"{ORDERS}/batched", mixed)).status_code == 201
    away = {"orders": [{"order_id": str(n), "market_ticker": FED} for n in range(20)]}
    assert (await exchange.client.call("DELETE", f"{ORDERS}/batched", away)).status_code == 200
    assert (await exchange.client.create()).status_code == 429


async def test_callers_without_keys_share_what_their_address_has(
    make_exchange: Callable[..., Any],
) -> None:
    exchange = make_exchange(unsigned_capacity=3)
    path = "/exchange/status"
    statuses = [(await exchange.public.call("GET", path)).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    refused = await exchange.public.call("GET", path)
    assert refused.json() == {
        "error": {"code": "too_many_requests", "message": "too many requests"}
    }
    assert (await exchange.client.call("GET", path)).status_code == 200


async def test_a_lost_request_and_a_lost_answer_look_alike(exchange: Any) -> None:
    exchange.faults.plan(faults.LOST_REQUEST, method="POST")
    with pytest.raises(httpx2.TransportError):
        await exchange.client.create(client_order_id="one")
    assert await resting(exchange) == 0

    exchange.faults.plan(faults.LOST_ANSWER, method="POST")
    with pytest.raises(httpx2.TransportError):
        await exchange.client.create(client_order_id="one")
    assert await resting(exchange) == 1
    assert (await exchange.client.create(client_order_id="one")).status_code == 409


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
@pytest.mark.parametrize("processed", [False, True])
async def test_an_error_says_nothing_about_what_was_done(
    exchange: Any, status: int, processed: bool
) -> None:
    exchange.faults.plan(faults.error(status, processed=processed))
    answer = await exchange.client.create()
    assert answer.status_code == status
    assert "error" in answer.json()
    assert await resting(exchange) == int(processed)


async def test_an_answer_can_be_a_web_page_or_half_of_itself(exchange: Any) -> None:
    exchange.faults.plan(faults.WEB_PAGE)
    page = await exchange.client.call("GET", "/markets")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.text.startswith("<!DOCTYPE html>")

    exchange.faults.plan(faults.TRUNCATED)
    half = await exchange.client.create()
    assert half.status_code == 201
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        half.json()
    exchange.faults.plan(faults.CUT_BODY)
    with pytest.raises(httpx2.TransportError):
        await exchange.client.create()
    assert await resting(exchange) == 2


async def test_a_delay_passes_on_the_clock_before_or_after_the_deed(
    exchange: Any, clock: Any
) -> None:
    before_ms = clock.now_ms()
    exchange.faults.plan(faults.late(5_000))
    made = await exchange.client.created()
    assert made["ts_ms"] == before_ms + 5_000
    exchange.faults.plan(faults.late(5_000, processed=True))
    answer = await exchange.client.create()
    assert answer.json()["ts_ms"] == before_ms + 5_000
    assert answer.headers["date"] == "Wed, 25 Nov 2026 00:00:10 GMT"


async def test_a_request_may_hang_until_the_client_gives_up(exchange: Any) -> None:
    exchange.faults.plan(Fault(kind=Kind.HANG, processed=True))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await exchange.client.create()
    assert await resting(exchange) == 1


def test_a_script_meets_the_nth_request_that_fits() -> None:
    plans = Faults()
    plans.plan(faults.LOST_ANSWER, method="POST", route="/a", nth=2, times=2)
    plans.plan(faults.LOST_REQUEST, method="GET")
    asked = [("POST", "/a"), ("POST", "/b"), ("GET", "/a"), ("POST", "/a"), ("POST", "/a")]
    met = [plans.next(*each) for each in asked]
    lost = faults.LOST_ANSWER
    assert met == [None, None, faults.LOST_REQUEST, lost, lost]
    assert plans.next("POST", "/a") is None
    assert [(each.method, each.route) for each in plans.met[:5]] == asked


def test_chance_repeats_itself_with_its_seed() -> None:
    def drawn(seed: int) -> list[Fault | None]:
        plans = Faults()
        odds = {faults.LOST_ANSWER: 100_000, faults.LOST_REQUEST: 200_000}
        plans.chance(seed, odds, only=lambda method, _route: method == "POST")
        assert plans.next("GET", "/") is None
        return [plans.next("POST", "/") for _ in range(1_000)]

    first = drawn(1)
    assert first == drawn(1) != drawn(2)
    assert 60 < first.count(faults.LOST_ANSWER) < 140
    assert 150 < first.count(faults.LOST_REQUEST) < 250
    with pytest.raises(ValueError, match="certainty"):
        Faults().chance(0, {faults.LOST_ANSWER: 1_000_001})


def test_only_an_answer_can_be_cut() -> None:
    with pytest.raises(ValueError, match="processed"):
        Fault(kind=Kind.CUT)


async def test_over_a_socket_it_is_the_same_exchange(exchange: Any) -> None:
    made = await exchange.client.created(client_order_id="one")
    async with serving(exchange.app) as port, httpx2.AsyncClient(trust_env=False) as http:
        base = f"http://127.0.0.1:{port}/trade-api/v2"
        path = f"/portfolio/orders/{made['order_id']}"
        answer = await http.get(base + path, headers=exchange.client.headers("GET", path))
        assert answer.json()["order"]["client_order_id"] == "one"
        assert answer.headers.get_list("date") == ["Wed, 25 Nov 2026 00:00:00 GMT"]
        assert "server" not in answer.headers
        odd = "/portfolio/orders/A%20B%2FC%25"
        answer = await http.get(base + odd, headers=exchange.client.headers("GET", odd))
        assert answer.status_code == 404
        empty = await http.delete(base + ORDERS, headers=exchange.client.headers("DELETE", ORDERS))
        assert (empty.status_code, empty.content) == (204, b"")
        assert "content-length" not in empty.headers


@pytest.mark.parametrize(
    ("fault", "done"), [(faults.LOST_REQUEST, 0), (faults.LOST_ANSWER, 1), (faults.CUT_BODY, 1)]
)
async def test_over_a_socket_a_lost_answer_is_a_dropped_connection(
    exchange: Any, fault: Fault, done: int
) -> None:
    exchange.faults.plan(fault)
    headers = {**exchange.client.headers("POST", ORDERS), "content-type": "application/json"}
    async with serving(exchange.app) as port, httpx2.AsyncClient(trust_env=False) as http:
        url = f"http://127.0.0.1:{port}/trade-api/v2{ORDERS}"
        with pytest.raises(httpx2.TransportError):
            await http.post(url, json=exchange.client.order(), headers=headers)
        assert await resting(exchange) == done
        again = await http.post(url, json=exchange.client.order(), headers=headers)
        assert again.status_code == 201


async def test_over_a_socket_a_request_hangs_until_the_client_gives_up(exchange: Any) -> None:
    exchange.faults.plan(Fault(kind=Kind.HANG))
    async with serving(exchange.app) as port, httpx2.AsyncClient(trust_env=False) as http:
        url = f"http://127.0.0.1:{port}/trade-api/v2/exchange/status"
        with pytest.raises(httpx2.ReadTimeout):
            await http.get(url, timeout=0.1)
        assert (await http.get(url)).status_code == 200
