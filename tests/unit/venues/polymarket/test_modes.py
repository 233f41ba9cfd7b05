"""By which answers the exchange is up and takes no orders, and how fast we may go."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from venues import OrderUnknown, Paused, TradingMode
from venues.bucket import TokenBucket
from venues.http import Call, Http
from venues.polymarket import calls_orders as calls
from venues.polymarket.limits import Limits
from venues.polymarket.modes import mode

POST_ONLY = {
    "error": "post-only mode: only post-only orders and cancels are allowed",
    "code": "post_only_mode",
    "retry_after_seconds": 79,
}
CANCEL_ONLY = "Trading is currently cancel-only. New orders are not accepted, but cancels are…"
DISABLED = "Trading is currently disabled. Check polymarket.com for updates"


async def placed(clock: Any, status: int, body: bytes, headers: dict[str, str]) -> None:
    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(status, content=body, headers=headers)

    async with Http(
        venue="polymarket",
        hosts={"": "http://sim.test"},
        clock=clock,
        bucket=TokenBucket(clock, capacity=10, refill_per_s=10),
        transport=httpx2.MockTransport(answer),
        modes=mode,
    ) as http:
        await http.act(calls.place(b"{}", urgent=False), "c1")


@pytest.mark.parametrize(
    ("status", "words", "wanted", "wait_s"),
    [
        (425, {"error": "restarting"}, TradingMode.RESTARTING, None),
        (425, None, TradingMode.RESTARTING, None),
        (503, POST_ONLY, TradingMode.POST_ONLY, 79),
        (503, {"error": CANCEL_ONLY}, TradingMode.CANCEL_ONLY, None),
        (503, {"error": DISABLED}, TradingMode.DISABLED, None),
    ],
)
async def test_a_documented_mode_is_a_definite_no(
    clock: Any, status: int, words: Any, wanted: TradingMode, wait_s: int | None
) -> None:
    headers = {"retry-after": str(wait_s)} if wait_s else {}
    with pytest.raises(Paused) as caught:
        await placed(clock, status, json.dumps(words).encode() if words else b"", headers)
    assert (caught.value.mode, caught.value.retry_after_s) == (wanted, wait_s)
    assert caught.value.definite
    assert "did nothing" in str(caught.value)


@pytest.mark.parametrize(
    "body", [b"", b'{"error": "upstream"}', b"<html>cancel-only</html>", b'["post-only mode"]']
)
async def test_any_other_503_leaves_an_order_unknown(clock: Any, body: bytes) -> None:
    with pytest.raises(OrderUnknown):
        await placed(clock, 503, body, {})


async def test_orders_cancels_and_reads_wait_for_their_own_rates(clock: Any) -> None:
    limits = Limits(clock, requests_per_s=10)
    batch = calls.place_batch([b"{}"] * 15, urgent=False)
    for _ in range(2):  # 38 tokens are for everybody, 19 more for the urgent
        await limits.admit(batch)
    start = clock.monotonic_ns()
    await limits.admit(calls.cancel_batch(["0x1"] * 100))
    await limits.admit(calls.place_batch([b"{}"] * 15, urgent=True))
    assert clock.monotonic_ns() == start
    await limits.admit(batch)
    assert clock.monotonic_ns() > start


async def test_reads_go_evenly(clock: Any) -> None:
    limits = Limits(clock, requests_per_s=10)
    call: Call[Any] = calls.cash(0)
    for _ in range(11):
        await limits.admit(call)
    assert clock.monotonic_ns() == 10**9
