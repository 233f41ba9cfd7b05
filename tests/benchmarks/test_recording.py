"""What recording a stream costs: the same frames with and without a tape.

Prints numbers; asserts none of them. The goal: at least 0.85 of the throughput over a socket.
"""

from __future__ import annotations

import asyncio
import runpy
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from venues import SystemClock
from venues.feed import Feed
from venues.kalshi.session import Session
from venues.recorded import Recorder
from venues.socket import websocket
from venues.tapes import Tapes, tapes_in

HERE = Path(__file__).parent
STREAM = runpy.run_path(str(HERE / "test_stream.py"))
SOCKETS = runpy.run_path(str(HERE / "test_sockets.py"))
FRAMES, MARKETS = SOCKETS["FRAMES"], SOCKETS["MARKETS"]
ROUNDS = 9
# The other end must not compete for the processor: it sends all changes as one piece of bytes.
SERVER = SOCKETS["SERVER"].replace(
    """    for each in DELTAS:
        await ws.send(each)
""",
    """    ws.transport.write(b"".join(
        b"\\x81\\x7e" + len(x).to_bytes(2, "big") + x.encode() for x in DELTAS))
""",
)
assert SOCKETS["SERVER"] != SERVER


@pytest.fixture
def url() -> Iterator[str]:
    words = [sys.executable, "-c", SERVER, str(FRAMES), str(MARKETS)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield f"ws://127.0.0.1:{process.stdout.readline().strip()}"
        process.kill()


def pure_seconds(run: list[bytes], make: Callable[[], Any], wait: Callable[[], None]) -> float:
    session = make()
    session.open([STREAM["json"].loads(run[0])["msg"]["market_ticker"]], 0)
    session.receive(STREAM["SUBSCRIBED"], 0, 0)
    start = time.perf_counter()
    for number, raw in enumerate(run):
        session.receive(raw, 1_795_564_800_000, 123_456_789_012)
        if number % 20_000 == 0:
            wait()
    wait()
    return time.perf_counter() - start


def plain() -> Session:
    return Session(yes_prices=False)


def test_recorded_frames_without_a_socket(shared: Path, tmp_path: Path) -> None:
    runs = STREAM["recorded"](shared / STREAM["RUN"])
    count, without, with_tape, clock = sum(map(len, runs)), [], [], SystemClock()
    with Tapes(tmp_path, clock) as tapes:
        make = Recorder(tapes, clock).session("kalshi", plain)
        for _ in range(ROUNDS):
            without.append(sum(pure_seconds(run, plain, lambda: None) for run in runs))
            with_tape.append(sum(pure_seconds(run, make, tapes.wait) for run in runs))
    size = sum(path.stat().st_size for path in tapes_in(tmp_path))
    print(
        f"\n{count:,} frames, no socket: {count / min(without):,.0f} a second, "
        f"{count / min(with_tape):,.0f} on tape: {min(without) / min(with_tape):.2f} of it; "
        f"{(min(with_tape) - min(without)) / count * 1e6:.1f} µs and "
        f"{size / count / ROUNDS:.0f} bytes a frame"
    )


async def fed(address: str, recorder: Recorder | None) -> float:
    """Seconds until every frame is in the feed's books."""

    async def no_books(_: Any) -> Any:
        return {}

    feed: Feed[Any] = Feed(
        venue="kalshi",
        clock=SystemClock(),
        read_books=no_books,
        books=recorder.session("kalshi", Session) if recorder else Session,
        connect=websocket("kalshi", address, dict),
    )
    async with feed:
        feed.add([f"KXBENCH-{n}" for n in range(MARKETS)])
        start, last = time.perf_counter(), f"KXBENCH-{(FRAMES - 1) % MARKETS}"
        want = 10_000_000 + len(range((FRAMES - 1) % MARKETS, FRAMES, MARKETS)) * 1_000_000
        async for id in feed.changed():
            watched = feed.book(id) if id == last else None
            if watched and sum(level.quantity for level in watched.book.bids) == want:
                break
        return time.perf_counter() - start


def test_recorded_frames_over_a_socket(url: str, tmp_path: Path) -> None:
    without, with_tape, clock = [], [], SystemClock()
    with Tapes(tmp_path, clock) as tapes:
        recorder = Recorder(tapes, clock)
        for _ in range(ROUNDS):
            without.append(asyncio.run(fed(url, None)))
            with_tape.append(asyncio.run(fed(url, recorder)))
    print(
        f"\n{FRAMES:,} frames over a socket: {FRAMES / min(without):,.0f} a second, "
        f"{FRAMES / min(with_tape):,.0f} on tape: {min(without) / min(with_tape):.2f} of it"
    )
