"""The websocket face of a house: its open conversations, and connections without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from venues.clock import Clock
from venues.errors import Unavailable
from venues.sim.polymarket.house import House
from venues.sim.polymarket.stream import Channel, Conversation
from venues.sim.polymarket.stream_knobs import StreamKnobs
from venues.sim.polymarket.stream_market import MarketChannel
from venues.sim.polymarket.stream_user import UserChannel
from venues.sim.stream_faults import FAULTLESS, Line, StreamFaults

Trouble = Callable[[int], StreamFaults]
"""The faults of the n-th connection of a channel, counted from 0."""


def faultless(_number: int) -> StreamFaults:
    return FAULTLESS


class Streams:
    """Opens conversations. `trouble` (market channel) and `user_trouble` may be replaced at any
    time; they are asked once a connection."""

    def __init__(
        self,
        house: House,
        *,
        knobs: StreamKnobs | None = None,
        trouble: Trouble = faultless,
        user_trouble: Trouble = faultless,
    ) -> None:
        self.house = house
        self.knobs = knobs or StreamKnobs()
        self.trouble = trouble
        self.user_trouble = user_trouble
        self._market_opened = 0
        self._user_opened = 0
        self._open: list[Conversation] = []

    @property
    def conversations(self) -> tuple[Conversation, ...]:
        """Those that are open, of both channels, oldest first."""
        return tuple(each for each in self._open if not each.closed)

    def open_market(self) -> Conversation:
        line = self._line(self.trouble(self._market_opened))
        self._market_opened += 1
        channel = MarketChannel(self.house, self.knobs, lambda: line.faults.unserved)
        return self._converse(channel, line)

    def open_user(self) -> Conversation:
        line = self._line(self.user_trouble(self._user_opened))
        self._user_opened += 1
        return self._converse(UserChannel(self.house, self.knobs), line)

    def connect_market(self, clock: Clock) -> LocalConnection:
        """A connection in this process."""
        return LocalConnection(self.open_market(), self.house, clock)

    def connect_user(self, clock: Clock) -> LocalConnection:
        """A connection in this process; its first frame says whose it is."""
        return LocalConnection(self.open_user(), self.house, clock)

    def _line(self, faults: StreamFaults) -> Line:
        return Line(lambda: self.house.now_ms, faults)

    def _converse(self, channel: Channel, line: Line) -> Conversation:
        new = Conversation(self.house, channel, line, self.knobs)
        self._open = [*self.conversations, new]
        return new


class LocalConnection:
    """The client's end of a conversation, without a socket. `conversation` is the server's end.

    Everything but `close` raises Unavailable once the connection is gone. Waiting for a frame that
    is late sleeps on `clock`.
    """

    def __init__(self, conversation: Conversation, house: House, clock: Clock) -> None:
        self.conversation = conversation
        self._house = house
        self._clock = clock
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
                await self._sleep(next_ms - self._house.now_ms)

    async def ping(self) -> None:
        """A websocket's own ping, answered at once; the venue's is the text PING."""
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
            farewell = self.conversation.farewell
            why = f"closed: {farewell.code} {farewell.reason}" if farewell else "it broke"
            raise Unavailable("polymarket", why.strip())
