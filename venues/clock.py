"""Time as a port: the only reader of the system's clocks."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """`now_ms` is UTC epoch milliseconds and may jump; `monotonic_ns` never goes back."""

    def now_ms(self) -> int: ...

    def monotonic_ns(self) -> int: ...

    async def sleep_ms(self, duration_ms: int) -> None: ...


class SystemClock:
    """The machine's own clocks."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic_ns(self) -> int:
        return time.monotonic_ns()

    async def sleep_ms(self, duration_ms: int) -> None:
        await asyncio.sleep(duration_ms / 1_000)
