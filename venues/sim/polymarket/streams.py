"""The websocket face of a house: its open conversations, and connections without a socket."""

from __future__ import annotations

from collections.abc import Callable

from venues.clock import Clock
from venues.errors import Unavailable
from venues.sim.local import LocalConnection
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

    def connect_market(self, clock: Clock) -> LocalConnection[Conversation]:
        """A connection in this process."""
        return self._local(self.open_market(), clock)

    def connect_user(self, clock: Clock) -> LocalConnection[Conversation]:
        """A connection in this process; its first frame says whose it is."""
        return self._local(self.open_user(), clock)

    def _local(self, conversation: Conversation, clock: Clock) -> LocalConnection[Conversation]:
        return LocalConnection(
            conversation, lambda: self.house.now_ms, clock, lambda: _gone(conversation)
        )

    def _line(self, faults: StreamFaults) -> Line:
        return Line(lambda: self.house.now_ms, faults)

    def _converse(self, channel: Channel, line: Line) -> Conversation:
        new = Conversation(self.house, channel, line, self.knobs)
        self._open = [*self.conversations, new]
        return new


def _gone(conversation: Conversation) -> Unavailable:
    farewell = conversation.farewell
    why = f"closed: {farewell.code} {farewell.reason}" if farewell else "it broke"
    return Unavailable("polymarket", why.strip())
