"""Frames over a real loopback socket: our feed, beside the bare library that only receives them.

The server is another process, so that the reader alone is measured.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from websockets.asyncio.client import connect

from venues import SystemClock
from venues.feed import Feed
from venues.kalshi.session import Session
from venues.socket import websocket

FRAMES = 60_000
MARKETS = 2_000
SERVER = """
import asyncio, json, sys
from websockets.asyncio.server import serve
frames, markets = int(sys.argv[1]), int(sys.argv[2])
names = [f"KXBENCH-{n}" for n in range(markets)]

def frame(kind, seq, **msg):
    return json.dumps({"type": kind, "sid": 1, "seq": seq, "msg": msg}, separators=(",", ":"))

LEVELS = {"yes_dollars_fp": [["0.4000", "10.00"]], "no_dollars_fp": [["0.6000", "10.00"]]}
SNAPSHOTS = [frame("orderbook_snapshot", n + 1, market_ticker=m, market_id="i", clock=1, **LEVELS)
             for n, m in enumerate(names)]
DELTAS = [frame("orderbook_delta", markets + n + 1, market_ticker=names[n % markets], market_id="i",
                clock=1, price_dollars=f"0.{10 + n % 25}00", delta_fp="1.00", side="yes")
          for n in range(frames)]

async def talk(ws):
    command = json.loads(await ws.recv())
    await ws.send(json.dumps({"type": "subscribed", "id": command["id"],
                              "msg": {"channel": "orderbook_delta", "sid": 1}}))
    for each in SNAPSHOTS:
        await ws.send(each)
    for each in DELTAS:
        await ws.send(each)
    await ws.wait_closed()

async def main():
    async with serve(talk, "127.0.0.1", 0, compression=None) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.get_running_loop().create_future()

asyncio.run(main())
"""


@pytest.fixture
def url() -> Iterator[str]:
    words = [sys.executable, "-c", SERVER, str(FRAMES), str(MARKETS)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield f"ws://127.0.0.1:{process.stdout.readline().strip()}"
        process.kill()


async def bare(url: str) -> float:
    """Seconds to receive every frame and do nothing with it."""
    async with connect(url, compression=None, proxy=None, max_queue=512) as ws:
        await ws.send(json.dumps({"id": 1}))
        start = time.perf_counter()
        for _ in range(1 + MARKETS + FRAMES):
            await ws.recv(decode=False)
        return time.perf_counter() - start


async def fed(url: str) -> float:
    """Seconds until every frame is in the feed's books."""
    clock = SystemClock()
    names = [f"KXBENCH-{n}" for n in range(MARKETS)]

    async def no_books(_: object) -> dict[str, object]:
        return {}

    feed = Feed(
        venue="kalshi",
        clock=clock,
        read_books=no_books,  # type: ignore[arg-type]
        books=Session,
        connect=websocket("kalshi", url, dict),
    )
    async with feed:
        start = time.perf_counter()
        feed.add(names)
        applied = 0
        last = names[(FRAMES - 1) % MARKETS]
        async for market in feed.changed():
            applied += 1
            found = feed.book(market) if market == last else None
            if found and sum(size for _, size in found.book.bids) == 40 * 10**6:
                break
        return time.perf_counter() - start


def test_a_feed_keeps_up_with_a_socket(url: str) -> None:
    floor = min(asyncio.run(bare(url)) for _ in range(2))
    ours = min(asyncio.run(fed(url)) for _ in range(2))
    total = MARKETS + FRAMES
    print(
        f"\n{total:,} frames of {MARKETS:,} markets over one socket: {total / ours:,.0f} a second "
        f"into the feed's books, {ours / floor:.2f} × the bare library that only receives them"
    )
