"""Drives the engine: one task for each venue's changed books, and full passes in slices."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from typing import Final, Protocol

from matching.pairs import MarketKey
from scanner.engine import Books, Engine
from scanner.episode import Change
from venues import Clock

Tell = Callable[[Iterable[Change]], None]
"""Takes what happened; must not wait."""
_TURN_NS: Final = 2_000_000
"""After so long others get a turn on the loop."""


class Following(Books, Protocol):
    """A feed: books, and the ids of those that change."""

    def changed(self) -> AsyncIterator[str]: ...


async def follow(venue: str, feed: Following, engine: Engine, clock: Clock, tell: Tell) -> None:
    """Prices what changes, for ever. Under a burst a book that changes often is priced once, as it
    is when its turn comes."""
    turn_ns = clock.monotonic_ns()
    async for market in feed.changed():
        now_ns = clock.monotonic_ns()
        if changes := engine.touched(MarketKey(venue, market), clock.now_ms(), now_ns):
            tell(changes)
        if now_ns - turn_ns > _TURN_NS:
            await clock.sleep_ms(0)
            turn_ns = clock.monotonic_ns()


async def full_pass(engine: Engine, clock: Clock, tell: Tell) -> None:
    """Prices every pair, with a turn for everybody else after each slice."""
    for ids in engine.slices():
        if changes := engine.price(ids, clock.now_ms(), clock.monotonic_ns()):
            tell(changes)
        await clock.sleep_ms(0)
