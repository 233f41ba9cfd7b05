"""What goes wrong on the way, at every host; and what every answer has."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from venues.sim import faults
from venues.sim.polymarket.rest import HANDLERS
from venues.sim.polymarket.rest_routes import OPERATIONS


def test_every_route_in_the_table_is_served() -> None:
    assert {(each.method, each.route) for each in OPERATIONS} == set(HANDLERS)


async def test_every_answer_has_its_date_length_and_type(exchange: Any) -> None:
    for path in ("/ok", "/gamma/events", "/none"):
        answer = await exchange.public.call("GET", path)
        assert answer.headers["date"] == "Wed, 25 Nov 2026 00:00:00 GMT"
        assert answer.headers["content-type"] == "application/json"
        assert int(answer.headers["content-length"]) == len(answer.content)


async def test_an_unknown_path_or_method_is_refused(exchange: Any) -> None:
    for method, path, status in (
        ("GET", "/rewards/user", 404),
        ("GET", "/gamma/none", 404),
        ("DELETE", "/book", 405),
    ):
        assert (await exchange.public.call(method, path)).status_code == status


async def test_faults_know_requests_by_their_templates(exchange: Any) -> None:
    id = (await exchange.client.placed())["orderID"]
    exchange.faults.plan(faults.error(500), route="/data/order/{id}")
    answer = await exchange.client.call("GET", f"/data/order/{id}")
    assert (answer.status_code, answer.json()) == (500, {"error": "Internal server error"})
    assert (await exchange.client.call("GET", f"/data/order/{id}")).status_code == 200
    await exchange.public.get("/gamma/events/101")
    assert [each.route for each in exchange.faults.met] == [
        "/order",
        "/data/order/{id}",
        "/data/order/{id}",
        "/gamma/events/{id}",
    ]


@pytest.mark.parametrize(
    ("fault", "open_orders"), [(faults.LOST_REQUEST, 0), (faults.LOST_ANSWER, 1)]
)
async def test_a_lost_answer_leaves_the_order_behind(
    exchange: Any, fault: Any, open_orders: int
) -> None:
    exchange.faults.plan(fault, route="/order")
    with pytest.raises(httpx2.TransportError):
        await exchange.client.place()
    assert len((await exchange.client.get("/data/orders"))["data"]) == open_orders


async def test_a_web_page_may_stand_where_json_should(exchange: Any) -> None:
    page = faults.Fault(kind=faults.Kind.PAGE, status=503)
    exchange.faults.plan(page, route="/gamma/events")
    answer = await exchange.public.call("GET", "/gamma/events")
    assert answer.status_code == 503
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.text.startswith("<!DOCTYPE html>")


async def test_a_late_answer_is_late_on_the_venues_clock(exchange: Any, clock: Any) -> None:
    before_ms = clock.now_ms()
    exchange.faults.plan(faults.late(700), route="/time")
    assert await exchange.public.get("/time") == before_ms // 1_000
    assert clock.now_ms() == before_ms + 700


async def test_where_we_seem_to_be_is_a_knob(exchange: Any) -> None:
    path = "/site/api/geoblock"
    assert (await exchange.public.get(path))["blocked"] is False
    exchange.app.shelf.geoblock.update(blocked=True, country="US", region="NY")
    found = await exchange.public.get(path)
    assert (found["blocked"], found["country"], found["region"]) == (True, "US", "NY")
