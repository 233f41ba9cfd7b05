"""A websocket conversation of the simulated Polymarket: pure, one per connection.

What the client says goes in by `received`; the house's notices come by themselves; frames wait
until `next_frame` hands them out. Nothing here opens a socket or reads a clock.

A PING is answered around the line: a frozen stream still says PONG (facts §12.2). Before the first
subscription anything else ends the connection; afterwards nonsense is answered and changes nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final, Protocol

from venues.sim.polymarket.frames import frame
from venues.sim.polymarket.house import House
from venues.sim.polymarket.notices import EngineRestarted, Notice
from venues.sim.polymarket.stream_knobs import StreamKnobs
from venues.sim.polymarket.stream_words import NONSENSE, PING, PONG, Closing, Nonsense, Said, read
from venues.sim.polymarket.wire_text import Object
from venues.sim.stream_faults import Line

_DATA: Final = "data"
"""What the line counts."""


class Channel(Protocol):
    """What a connection is about. Events come out as they are to be framed, an array in one frame.
    `open` and `update` raise Closing or Nonsense, and have then changed nothing."""

    def open(self, said: Said) -> Iterable[Object | list[Object]]: ...

    def update(self, said: Said) -> Iterable[Object | list[Object]]: ...

    def told(self, notice: Notice) -> Iterable[Object | list[Object]]: ...


class Conversation:
    """`line` may be given new faults, or be cut, at any time. `farewell` says how the venue ended
    it; None where the connection is open or just broke."""

    def __init__(self, house: House, channel: Channel, line: Line, knobs: StreamKnobs) -> None:
        self.channel = channel
        self.line = line
        self.farewell: Closing | None = None
        self._house = house
        self._knobs = knobs
        self._opened = False
        self._closed = False
        self._answers: deque[str] = deque()
        self._stop_listening = house.listen(self._noticed)

    @property
    def closed(self) -> bool:
        """Nothing more will come: it was closed, or its line was cut."""
        return self._closed or self.line.broken

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._stop_listening()
            self.line.cut()

    def received(self, text: str) -> None:
        """What the client says; the answer waits for `next_frame`."""
        self._house.advance()
        if self.closed:
            return
        try:
            self._obey(text.strip())
        except Nonsense:
            self._answer(NONSENSE)
        except Closing as closing:
            self.farewell = closing
            self.close()

    def next_frame(self) -> str | None:
        """The next frame to send; None when none is due now."""
        self._house.advance()
        if self.closed:
            return None
        return self._answers.popleft() if self._answers else self.line.next_frame()

    def inject(self, text: str) -> None:
        """Sends anything at all: poisoned books, frames from the future."""
        self.line.put(text)

    def _obey(self, text: str) -> None:
        if text == PING and (self._opened or not self._knobs.early_ping_closes):
            self._answer(PONG)
        elif self._opened:
            self._say(self.channel.update(read(text)))
        else:
            self._open(text)

    def _open(self, text: str) -> None:
        try:
            events = self.channel.open(read(text))
        except Nonsense:
            raise Closing.invalid_payload() from None
        self._opened = True
        self._say(events)

    def _noticed(self, notice: Notice) -> None:
        if self.closed:
            return
        if isinstance(notice, EngineRestarted) and self._knobs.cut_on_restart:
            self.line.cut()
        elif self._opened:
            self._say(self.channel.told(notice))

    def _say(self, events: Iterable[Object | list[Object]]) -> None:
        for each in events:
            if self.line.pending(_DATA) >= self._knobs.buffer_max:
                self.line.cut()
                return
            if self._knobs.empty_arrays:
                self.line.put("[]", _DATA)
            self.line.put(frame(each, self._knobs), _DATA)

    def _answer(self, text: str) -> None:
        self._answers.append(text)
        self.line.wake()
