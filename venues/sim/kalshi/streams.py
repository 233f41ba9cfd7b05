"""The websocket face of a house: who may connect, and connections without a socket."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from venues.clock import Clock
from venues.errors import Unavailable
from venues.sim.kalshi.house import House
from venues.sim.kalshi.refusal import Refusal
from venues.sim.kalshi.rest_auth import STREAM, ApiKeys
from venues.sim.kalshi.stream import Conversation
from venues.sim.kalshi.stream_knobs import StreamKnobs
from venues.sim.kalshi.stream_notices import Viewer
from venues.sim.local import LocalConnection
from venues.sim.stream_faults import FAULTLESS, StreamFaults

Trouble = Callable[[int], StreamFaults]
"""The faults of the n-th connection of a house, counted from 0."""


def faultless(_number: int) -> StreamFaults:
    return FAULTLESS


class Streams:
    """Opens conversations. `trouble` may be replaced at any time; it is asked once a connection."""

    def __init__(
        self, house: House, *, knobs: StreamKnobs | None = None, trouble: Trouble = faultless
    ) -> None:
        self.house = house
        self.knobs = knobs or StreamKnobs()
        self.trouble = trouble
        self.clock_offset_ms = 0
        """How far the venue's clock is from ours: in handshakes."""
        self._opened = 0
        self._open: list[tuple[Viewer, Conversation]] = []

    @property
    def now_ms(self) -> int:
        """The time by the venue's clock."""
        return self.house.now_ms + self.clock_offset_ms

    @property
    def conversations(self) -> tuple[Conversation, ...]:
        """Those that are open, oldest first."""
        return tuple(it for _, it in self._open if not it.closed)

    def admit(self, keys: ApiKeys, headers: Mapping[str, str]) -> Viewer:
        """Who signed the upgrade request, headers by lower-case name. Raises Refusal: 401, or 429
        (our choice) for one connection too many."""
        self.house.advance()
        key = keys.verify(
            headers,
            method="GET",
            path=STREAM,
            now_ms=self.now_ms,
            skew_ms=self.house.knobs.skew_ms,
        )
        viewer = Viewer(key.user_id, key.subaccount)
        self._check_room(viewer)
        return viewer

    def open(self, viewer: Viewer) -> Conversation:
        """Raises Refusal (429) for one connection too many."""
        self._check_room(viewer)
        it = Conversation(self.house, viewer, knobs=self.knobs, faults=self.trouble(self._opened))
        self._opened += 1
        self._open.append((viewer, it))
        return it

    def connect(self, user_id: str, clock: Clock) -> LocalConnection[Conversation]:
        """A connection in this process, as if `user_id` had signed for it."""
        gone = Unavailable("kalshi", "the connection is closed")
        conversation = self.open(Viewer(user_id))
        return LocalConnection(conversation, lambda: self.house.now_ms, clock, lambda: gone)

    def _check_room(self, viewer: Viewer) -> None:
        self._open = [(who, it) for who, it in self._open if not it.closed]
        mine = [who for who, _ in self._open if who.user_id == viewer.user_id]
        if len(mine) >= self.knobs.connections_max:
            raise Refusal(429, "too_many_requests", "too many connections")
