"""Ten thousand broken answers: only venue errors come out, and no broken order is a success (F06).

Seeded, so that a failure names the mutation that made it.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

from venues import (
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
    VenueError,
)
from venues.bucket import TokenBucket
from venues.http import MIB, Http
from venues.kalshi import Kalshi, Member
from venues.kalshi.account import KalshiAccount
from venues.kalshi.limits import Limits
from venues.kalshi.trading import KalshiTrading

BASE: Final = "http://127.0.0.1:9/trade-api/v2"
READS: Final = 6_000
WRITES: Final = 4_000
JUNK: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, -1, 10**400, 1.5, "", "x", "-0.01", "1e9", "NaN", "1.0000001"),
    *([], {}, [[]], {"error": {"code": "no"}}, "é\u202e", "0.5\n"),
)
ASKED: Final = OrderRequest(
    client_id="ours",
    contract=Contract("kalshi", "KXA-1", Outcome.YES),
    side=Side.BUY,
    limit=Price(440_000),
    quantity=Quantity(10_000_000),
    time_in_force=TimeInForce.RESTING,
)
CREATED: Final = {
    "order_id": "3b23c1c7-f4ef-4f0d-8b9a-9e53c61f1a0d",
    "client_order_id": "ours",
    "fill_count": "4.00",
    "remaining_count": "6.00",
    "average_fill_price": "0.4400",
    "average_fee_paid": "0.017300",
    "ts_ms": 1_790_000_000_000,
}
PAGES: Final = (
    *(b"", b"null", b"[]", b"{}", b'"ok"', b"<!DOCTYPE html><p>ok", b"\xff\xfe", b"{" * 100_000),
    b'{"error": {"code": "invalid_order", "message": "no"}}',
)


def mutated(body: bytes, rng: random.Random) -> bytes:
    """One of: bytes flipped, cut off, doubled; a key lost or renamed; a value replaced."""
    kind = rng.randrange(6)
    if kind == 0:
        changed = bytearray(body)
        for _ in range(rng.randint(1, 3)):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        return bytes(changed)
    if kind == 1:
        return body[: rng.randrange(len(body))]
    if kind == 2:
        at = rng.randrange(len(body))
        return body[:at] + body[rng.randrange(len(body)) :]
    found = json.loads(body)
    places = [*_places(found)]
    holder, key = rng.choice(places)
    if kind == 3:
        del holder[key]
    elif kind == 4 and isinstance(holder, dict):
        holder[f"{key}_"] = holder.pop(key)
    else:
        holder[key] = rng.choice(JUNK)
    return json.dumps(found).encode()


def _places(found: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key or index) in a JSON value."""
    items = found.items() if isinstance(found, dict) else enumerate(found)
    for key, value in items:
        yield found, key
        if isinstance(value, dict | list):
            yield from _places(value)


class Answering:
    """Answers everything with the same bytes."""

    def __init__(self) -> None:
        self.status, self.body = 200, b"{}"

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(self.status, content=self.body)


def client(clock: Clock, answering: Answering) -> Http:
    return Http(
        venue="kalshi",
        hosts={"": BASE},
        clock=clock,
        bucket=TokenBucket(clock, capacity=10**9, refill_per_s=10**9),
        transport=httpx2.MockTransport(answering),
        attempts=1,
    )


def recordings(shared: Path) -> Iterator[tuple[str, bytes]]:
    folder = shared / "data/recorded/kalshi"
    names = "event_single events_mixed events_settled market_single markets_resolved orderbook"
    for name in names.split():
        yield name, (folder / f"rest/fairline_2026-07/{name}.json").read_bytes()
    for file in sorted((folder / "orders/tydog99_2026-01").glob("*.json")):
        yield file.stem, file.read_bytes()


async def test_no_mutation_of_a_recorded_answer_escapes_the_error_tree(
    clock: Clock, shared: Path
) -> None:
    answering = Answering()
    bodies = [*recordings(shared)]
    async with client(clock, answering) as http:
        kalshi, account = Kalshi(http, clock, Member.DIRECT), KalshiAccount(http, clock)
        reads = (
            lambda: kalshi.books(["KXA-1"]),
            lambda: kalshi.books(["KXA-1", "KXA-2"]),
            lambda: kalshi.markets(["KXHIGHNY-26JUL19-T80"]),
            lambda: kalshi.resolve("KXHIGHNY-26JUL19-T80"),
            lambda: _first(kalshi),
            kalshi.status,
            lambda: kalshi.prices("KXA-1", start_ms=0, end_ms=3_600_000),
            lambda: kalshi.trades("KXA-1", 5),
            lambda: account.order("ours", ASKED.contract, 0),
            account.open_orders,
            lambda: account.fills(0),
            account.positions,
            account.balances,
            lambda: account.settlements(0),
            account.as_of_ms,
        )
        fine = 0
        for seed in range(READS):
            rng = random.Random(seed)
            name, body = rng.choice(bodies)
            answering.status = rng.choice((200, 200, 200, 400, 404, 500))
            answering.body = mutated(body, rng)
            try:
                await rng.choice(reads)()
            except VenueError:
                fine += 1
            except Exception as error:
                error.add_note(f"seed {seed}: {name}, HTTP {answering.status}")
                raise
    assert 0 < fine < READS


async def _first(kalshi: Kalshi) -> None:
    async for _ in kalshi.pages():
        break


async def test_no_mutation_of_an_order_answer_becomes_another_success(clock: Clock) -> None:
    """What still is a whole, consistent answer about our order may be believed, nothing else."""
    answering = Answering()
    believed = unknown = 0
    good = json.dumps(CREATED).encode()
    async with client(clock, answering) as http:
        venue = KalshiTrading(http, KalshiAccount(http, clock), Limits.with_keys(clock))
        venue._shards["KXA-1"] = 0
        for seed in range(WRITES):
            rng = random.Random(seed)
            answering.status = rng.choice((200, 201))
            answering.body = rng.choice(PAGES) if seed % 20 == 0 else mutated(good, rng)
            try:
                order = await venue.place(ASKED)
            except OrderUnknown:
                unknown += 1
            except Exception as error:
                error.add_note(f"seed {seed}: {answering.body!r}")
                raise
            else:
                believed += 1
                assert whole(order, answering.body), f"seed {seed}: {answering.body!r}"
    assert unknown > WRITES // 2
    assert believed


def whole(order: Order, body: bytes) -> bool:
    """Read here again, by other means: is this an answer that the venue could have meant?"""
    said = json.loads(body.decode("utf-8", "replace"))
    filled, left = (said.get(name) for name in ("fill_count", "remaining_count"))
    average = said.get("average_fill_price")
    number = r"\d{1,4}(\.\d{1,6})?"
    return (
        isinstance(said.get("order_id"), str)
        and order.order_id == said["order_id"] != ""
        and said.get("client_order_id") in {None, "ours"}
        and isinstance(said.get("ts_ms"), int)
        and all(isinstance(n, str) and re.fullmatch(number, n) for n in (filled, left))
        and float(filled) + float(left) <= 10
        and order.filled == round(float(filled) * 10**6)
        and (average is None) == (float(filled) == 0)
        and (average is None or 0 < float(average) <= 0.44)
        and order.state
        is (
            (OrderState.FILLED if float(filled) == 10 else OrderState.CANCELED)
            if float(left) == 0
            else (OrderState.PARTIAL if float(filled) else OrderState.ACKED)
        )
    )


@pytest.mark.parametrize("status", [200, 201, 204, 302, 400, 404, 409, 500])
async def test_the_answers_of_the_old_order_endpoint_are_no_success(
    clock: Clock, shared: Path, status: int
) -> None:
    answering = Answering()
    answering.status = status
    folder = shared / "data/recorded/kalshi/orders/tydog99_2026-01"
    async with client(clock, answering) as http:
        venue = KalshiTrading(http, KalshiAccount(http, clock), Limits.with_keys(clock))
        venue._shards["KXA-1"] = 0
        for file in sorted(folder.glob("*.json")):
            answering.body = file.read_bytes()
            with pytest.raises(VenueError):
                await venue.place(ASKED)


async def test_a_huge_order_answer_is_given_up_on(clock: Clock) -> None:
    answering = Answering()
    answering.body = json.dumps(CREATED | {"more": "x" * (9 * MIB)}).encode()
    async with client(clock, answering) as http:
        venue = KalshiTrading(http, KalshiAccount(http, clock), Limits.with_keys(clock))
        venue._shards["KXA-1"] = 0
        with pytest.raises(OrderUnknown):
            await asyncio.wait_for(venue.place(ASKED), 10)
