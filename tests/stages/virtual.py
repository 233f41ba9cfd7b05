"""An event loop on which waiting takes no time: when nobody can go on, the clock jumps to the next
timer. Sockets and threads do not belong there."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

T = TypeVar("T")
START_MS: Final = 1_795_564_800_000  # 2026-11-25
_MS: Final = 1_000_000


class _Jumps(selectors.DefaultSelector):
    """Waits for nothing, and says how long it would have waited."""

    def __init__(self) -> None:
        super().__init__()
        self.now_ns = 0

    def select(self, timeout: float | None = None) -> Any:
        found = super().select(0)
        if not found:
            assert timeout is not None, "everybody waits for somebody else"
            self.now_ns += round(timeout * 1e9)
        return found


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.jumps = _Jumps()
        super().__init__(self.jumps)

    def time(self) -> float:
        return self.jumps.now_ns / 1e9


class LoopClock:
    """A `venues.Clock` of such a loop."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._jumps = loop.jumps

    def now_ms(self) -> int:
        return START_MS + self._jumps.now_ns // _MS

    def monotonic_ns(self) -> int:
        return self._jumps.now_ns + _MS  # 0 is never

    async def sleep_ms(self, duration_ms: int) -> None:
        await asyncio.sleep(duration_ms / 1_000)


def run_virtually(main: Coroutine[Any, Any, T], loop: VirtualLoop) -> T:
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(main)
