"""Time for sockets and feeds: it moves when a test says so, and wakes whoever slept until then."""

from __future__ import annotations

import asyncio

import pytest


class Timeline:
    """A Clock whose sleepers wake when a test moves it on."""

    def __init__(self) -> None:
        self.at_ms = 0
        self._sleepers: list[tuple[int, asyncio.Future[None]]] = []

    def now_ms(self) -> int:
        return self.at_ms

    def monotonic_ns(self) -> int:
        return self.at_ms * 1_000_000

    async def sleep_ms(self, duration_ms: int) -> None:
        wake: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.at_ms + duration_ms, wake))
        await wake

    async def run(self, duration_ms: int) -> None:
        end_ms = self.at_ms + duration_ms
        await self.settle()
        while due := [s for s in self._sleepers if s[0] <= end_ms]:
            first = min(due, key=lambda sleeper: sleeper[0])
            self._sleepers.remove(first)
            self.at_ms = max(self.at_ms, first[0])
            if not first[1].done():
                first[1].set_result(None)
            await self.settle()
        self.at_ms = end_ms

    async def settle(self) -> None:
        """Lets every task do what it can do now."""
        for _ in range(30):
            await asyncio.sleep(0)


@pytest.fixture
def timeline() -> Timeline:
    return Timeline()
