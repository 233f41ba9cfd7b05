"""Tells open pages that something changed, and no more: each fetches what it shows.

Changes come together: a page hears of a topic at most every APART_MS, however fast books change.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Final

from scanner.episode import Change
from venues import Clock

APART_MS: Final = 1_000
BEAT_S: Final = 15
LISTENERS_MAX: Final = 32
OPPORTUNITIES: Final = "opportunities"
HEDGES: Final = "hedges"
_OVER: Final = "over"


class Full(Exception):
    """So many pages are open that no other is served."""


class _Listener:
    def __init__(self) -> None:
        self.topics: set[str] = set()
        self.bell = asyncio.Event()

    def ring(self, topic: str) -> None:
        self.topics.add(topic)
        self.bell.set()


class Live:
    """`tell` hears of every change of the engine; `stream` is one page's."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._listeners: set[_Listener] = set()
        self._closed = False

    def tell(self, changes: Iterable[Change]) -> None:
        if self._listeners and any(True for _ in changes):
            self.ring(OPPORTUNITIES)

    def ring(self, topic: str) -> None:
        for each in self._listeners:
            each.ring(topic)

    def close(self) -> None:
        """Ends every stream."""
        self._closed = True
        self.ring(_OVER)

    def stream(self) -> AsyncIterator[bytes]:
        """Raises Full at once."""
        if len(self._listeners) >= LISTENERS_MAX:
            raise Full
        return self._stream()

    async def _stream(self) -> AsyncIterator[bytes]:
        listener = _Listener()
        self._listeners.add(listener)
        try:
            yield b"retry: 2000\n\n"
            while not self._closed:
                try:
                    async with asyncio.timeout(BEAT_S):
                        await listener.bell.wait()
                except TimeoutError:
                    yield b": still here\n\n"
                    continue
                topics, listener.topics = sorted(listener.topics - {_OVER}), set()
                listener.bell.clear()
                for topic in topics:
                    yield f"event: {topic}\ndata: {self._clock.now_ms()}\n\n".encode()
                await self._clock.sleep_ms(APART_MS)
        finally:
            self._listeners.discard(listener)
