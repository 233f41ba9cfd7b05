"""One line of a feed, and the two clocks it lives by."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import pytest
from websockets.sync.server import serve as sync_serve

from venues import AuthRefused, SystemClock
from venues.feed import Feed, Mode
from venues.feed_settings import FeedSettings
from venues.line import Line
from venues.polymarket.session import Session
from venues.polymarket.terms import TermsBook
from venues.socket import websocket
from venues.stream import Counts


class TwoClocks:
    """The wall clock can be set, and runs on while the machine sleeps; the other does neither."""

    def __init__(self) -> None:
        self.wall_ms = 1_795_564_800_000
        self.steady_ms = 5

    def now_ms(self) -> int:
        return self.wall_ms

    def monotonic_ns(self) -> int:
        return self.steady_ms * 1_000_000

    async def sleep_ms(self, duration_ms: int) -> None:
        self.wall_ms += duration_ms
        self.steady_ms += duration_ms


async def nowhere() -> Any:
    raise AssertionError("nothing connects here")


@pytest.mark.parametrize(
    ("jump_ms", "is_given_up"),
    [(0, False), (4_000, False), (3_600_000, True), (-3_600_000, True)],
)
async def test_a_line_is_given_up_after_the_machine_slept_or_its_clock_was_set(
    jump_ms: int, is_given_up: bool
) -> None:
    """F34: ages are told by the clock that stands still meanwhile."""
    clock = TwoClocks()
    line: Line[Any] = Line(
        lambda: Session(TermsBook()), nowhere, clock, lambda most: most, lambda *_: None
    )
    line.connected()
    assert line.tick() is None
    await clock.sleep_ms(1_000)
    clock.wall_ms += jump_ms
    why = line.tick()
    assert (why is not None) is is_given_up
    assert why is None or "slept" in why
    await clock.sleep_ms(1_000)
    assert line.tick() is None


class Stamps:
    """A Session that keeps when each frame is said to have come, and each sign of life."""

    unproven = 0

    def __init__(self) -> None:
        self.outbox: list[str] = []
        self.changed: set[str] = set()
        self.private: list[Any] = []
        self.public: list[Any] = []
        self.counts = Counts()
        self.at_ns: dict[str, int] = {}

    def open(self, _markets: Any, _now_ns: int) -> None: ...

    def tick(self, _now_ns: int) -> None: ...

    def doubt(self, _why: str) -> None: ...

    def receive(self, raw: str | bytes, now_ms: int, now_ns: int) -> None:
        self.at_ns[raw if isinstance(raw, str) else raw.decode()] = now_ns

    def heartbeat(self, _now_ms: int, now_ns: int) -> None:
        self.at_ns["alive"] = now_ns


async def test_what_is_read_after_a_stall_counts_as_of_before_it_until_a_ping_is_answered() -> None:
    """F35: the frames may have waited all the while."""
    clock, session = TwoClocks(), Stamps()
    line: Line[Any] = Line(lambda: session, nowhere, clock, lambda most: most, lambda *_: None)  # type: ignore[arg-type, return-value]
    line.connected()
    asked_early_ns = line.socket.beat_ns = clock.monotonic_ns()
    await clock.sleep_ms(400)
    line.received("in time")
    await clock.sleep_ms(4_000)
    line.received("after the stall")
    line.socket.beat_ns = clock.monotonic_ns()
    line.heartbeat(asked_early_ns)  # it was asked before: it says nothing of what came since
    line.received("of the rest")
    assert line.behind
    await clock.sleep_ms(100)
    line.heartbeat(clock.monotonic_ns())
    line.received("young")
    assert not line.behind
    assert {name: ns // 1_000_000 for name, ns in session.at_ns.items()} == {
        "in time": 405,
        "after the stall": 5,
        "alive": 4_505,
        "of the rest": 5,
        "young": 4_505,
    }


async def test_no_frame_of_a_real_socket_is_taken_for_younger_than_it_is() -> None:
    """A loop that blocks for seconds while a server writes; half a second is what nobody sees."""
    sent: list[int] = []
    session = Stamps()

    def write(connection: Any) -> None:
        for number in range(8):
            sent.append(time.monotonic_ns())
            connection.send(str(number))
            time.sleep(0.25)
        connection.recv()

    with sync_serve(write, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        line: Line[Any] = Line(
            lambda: session,  # type: ignore[arg-type, return-value]
            websocket("v", address, dict),
            SystemClock(),
            lambda most: most,
            lambda *_: None,
        )
        async with asyncio.TaskGroup() as group:
            running = group.create_task(line.socket.run())
            while not sent:  # noqa: ASYNC110 - another thread fills it
                await asyncio.sleep(0.01)
            time.sleep(1.5)  # noqa: ASYNC251 - this is the stall
            while len(session.at_ns) < 9 or line.behind:  # noqa: ASYNC110 - and a sign of life
                await asyncio.sleep(0.05)
            running.cancel()
    older_ms = [(session.at_ns[str(at)] - sent_ns) // 1_000_000 for at, sent_ns in enumerate(sent)]
    assert max(older_ms) < 600, older_ms


@pytest.mark.parametrize(("keyless", "mode"), [(True, Mode.STREAMING), (False, Mode.POLLING)])
async def test_a_refusal_is_the_last_word_only_where_books_need_keys(
    timeline: Any, keyless: bool, mode: Mode
) -> None:
    async def refused() -> Any:
        raise AuthRefused("polymarket", 403, "go away")

    async def no_books(_: Any) -> Any:
        return {}

    feed: Feed[Any] = Feed(
        venue="polymarket",
        clock=timeline,
        read_books=no_books,
        books=lambda: Session(TermsBook()),
        connect=refused,
        settings=FeedSettings(keyless=keyless),
    )
    async with feed:
        feed.add(["0x" + "ab" * 32])
        await timeline.run(5_000)
        assert feed.mode is mode
