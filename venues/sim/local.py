"""A connection to a simulated stream without a socket: the client's end, in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from venues.clock import Clock
from venues.errors import Unavailable
from venues.sim.stream_faults import Line


class Conversation(Protocol):
    """The server's end."""

    line: Line

    @property
    def closed(self) -> bool: ...

    def received(self, text: str) -> None: ...

    def next_frame(self) -> str | None: ...

    def close(self) -> None: ...


C = TypeVar("C", bound=Conversation)


class LocalConnection(Generic[C]):
    """A `venues.socket.Connection`. Everything but `close` raises Unavailable once it is gone.

    Waiting for a frame that is late sleeps on `clock`; `now_ms` is the venue's time.
    """

    def __init__(
        self,
        conversation: C,
        now_ms: Callable[[], int],
        clock: Clock,
        why: Callable[[], Unavailable],
    ) -> None:
        self.conversation = conversation
        self._now_ms = now_ms
        self._clock = clock
        self._why = why
        self._ready = asyncio.Event()
        conversation.line.wake = self._ready.set

    async def send(self, text: str) -> None:
        self._check()
        self.conversation.received(text)

    async def recv(self) -> str:
        while True:
            self._ready.clear()
            if (frame := self.conversation.next_frame()) is not None:
                return frame
            self._check()
            next_ms = self.conversation.line.next_ms
            if next_ms is None:
                await self._ready.wait()
            else:
                await self._sleep(next_ms - self._now_ms())

    async def ping(self) -> None:
        """A websocket's own ping: answered at once, even while data are frozen."""
        self._check()

    async def close(self) -> None:
        self.conversation.close()

    async def _sleep(self, duration_ms: int) -> None:
        """Until then, or until there is something to say at once."""
        async with asyncio.TaskGroup() as group:
            slept = group.create_task(self._clock.sleep_ms(duration_ms))
            woken = group.create_task(self._ready.wait())
            await asyncio.wait((slept, woken), return_when=asyncio.FIRST_COMPLETED)
            slept.cancel()
            woken.cancel()

    def _check(self) -> None:
        if self.conversation.closed:
            raise self._why()
