"""One line of a feed, and the two clocks it lives by."""

from __future__ import annotations

from typing import Any

import pytest

from venues import AuthRefused
from venues.feed import Feed, Mode
from venues.feed_settings import FeedSettings
from venues.line import Line
from venues.polymarket.session import Session
from venues.polymarket.terms import TermsBook


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
