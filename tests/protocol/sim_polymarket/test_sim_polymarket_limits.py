"""How much is too much (§15)."""

from __future__ import annotations

from typing import Any

import pytest

from venues.sim.polymarket.refusal import Refusal
from venues.sim.polymarket.rest_limits import TIERS, Buckets, Pool, Windows, rules
from venues.sim.polymarket.rest_routes import OPERATIONS


def refused(windows: Windows, method: str, route: str, at_ms: int, client: str = "a") -> int | None:
    """The seconds to wait, None where it passes."""
    try:
        windows.pass_through(client, method, route, at_ms)
    except Refusal as refusal:
        return refusal.retry_after_s if refusal.status == 429 else -1
    return None


def test_a_window_slides() -> None:
    windows = Windows()
    for number in range(100):
        assert refused(windows, "GET", "/ok", number * 50) is None
    assert refused(windows, "GET", "/ok", 5_000) == 5
    assert refused(windows, "GET", "/ok", 9_999) == 1
    assert refused(windows, "GET", "/ok", 10_000) is None
    assert refused(windows, "GET", "/ok", 10_000) == 1


def test_addresses_and_routes_do_not_share_a_window() -> None:
    windows = Windows()
    for _ in range(100):
        refused(windows, "GET", "/ok", 0)
    assert refused(windows, "GET", "/ok", 0, client="b") is None
    assert refused(windows, "GET", "/time", 0) is None


@pytest.mark.parametrize(
    ("method", "route", "most"),
    [
        ("GET", "/book", 1_500),
        ("POST", "/books", 500),
        ("GET", "/data/orders", 500),
        ("GET", "/balance-allowance/update", 50),
        ("DELETE", "/cancel-all", 250),
        ("POST", "/order", 5_000),
        ("GET", "/gamma/markets/keyset", 300),
        ("GET", "/data/v2/trades", 300),
        ("POST", "/relayer/submit", 25),
    ],
)
def test_the_numbers_are_those_of_the_facts(method: str, route: str, most: int) -> None:
    assert min(each.most for each in rules(method, route)) == most


def test_every_route_counts_towards_some_total() -> None:
    for operation in OPERATIONS:
        assert len(list(rules(operation.method, operation.route))) >= 1


async def test_too_many_requests_are_told_when_to_come_back(exchange: Any) -> None:
    for _ in range(100):
        await exchange.public.get("/ok")
    answer = await exchange.public.call("GET", "/ok")
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "10"


async def test_a_knob_lifts_the_limits(make_exchange: Any) -> None:
    exchange = make_exchange(rate_limits=False)
    for _ in range(101):
        await exchange.public.get("/ok")


def test_a_bucket_fills_with_time() -> None:
    buckets = Buckets()
    buckets.take("us", Pool.ORDERS, 60, 0)
    with pytest.raises(Refusal) as caught:
        buckets.take("us", Pool.ORDERS, 1, 0)
    assert caught.value.retry_after_s == 1
    buckets.take("us", Pool.ORDERS, 4, 100)
    buckets.take("us", Pool.CANCELS, 120, 100)
    buckets.take("them", Pool.ORDERS, 60, 100)


def test_higher_tiers_hold_more() -> None:
    assert [each.burst for each in TIERS] == sorted(each.burst for each in TIERS)
    assert (TIERS[-1].per_s, TIERS[-1].burst) == (600, 900)


async def test_a_batch_is_let_in_whole_or_not_at_all(exchange: Any, clock: Any) -> None:
    exchange.app.buckets = Buckets()
    for _ in range(4):
        bodies = [exchange.client.order(price="0.01", size="5") for _ in range(14)]
        assert (await exchange.client.call("POST", "/orders", bodies)).status_code == 200
    bodies = [exchange.client.order(price="0.01", size="5") for _ in range(5)]
    refused_batch = await exchange.client.call("POST", "/orders", bodies)
    assert refused_batch.status_code == 429
    one = await exchange.client.place(price="0.01", size="5")
    assert one.headers["poly-ratelimit-remaining"] == "3"
    assert one.headers["poly-ratelimit-tier"] == "Standard"
    cancels = await exchange.client.call("DELETE", "/cancel-all")
    assert cancels.headers["poly-ratelimit-remaining"] == str(120 - 1 - 57)
