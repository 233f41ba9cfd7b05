"""One line of a feed: a socket, the session it carries now, and the markets that live on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, Generic, TypeAlias

from venues.book import Top
from venues.clock import Clock
from venues.socket import Connect, Jitter, Socket
from venues.stream import Counts, News, Private, Session, Watched

Hear: TypeAlias = Callable[[Iterable[str], Iterable[Private], Iterable[News]], None]
"""Takes changed markets, private events and news, before it returns."""


JUMP_MS: Final = 5_000
LATE_NS: Final = 500_000_000
"""A loop that was not seen to run for so long may have let frames wait."""


class Line(Generic[News]):
    """A `venues.socket.Listener`: a new session for every connection, the same markets.

    `told_ns`: when it last told of a book or of our own orders, monotonic; a new connection counts.

    A frame is as old as its reading, unless this loop stood still: what is read after that may have
    waited all the while, and counts as of the moment when the loop was last seen to run, until the
    other end has answered a ping that was sent later.
    """

    def __init__(
        self,
        session: Callable[[], Session[News]],
        connect: Connect,
        clock: Clock,
        jitter: Jitter,
        hear: Hear[News],
    ) -> None:
        self.markets: dict[str, None] = {}
        self.trouble = "not connected yet"
        self._ahead_ms: int | None = None
        self._stood: tuple[int, int] | None = None
        self._late_ns = 0
        self.told_ns = 0
        self.socket = Socket(connect, self, clock, jitter)
        self._make = session
        self._session = session()
        self._earlier = Counts()
        self._clock = clock
        self._hear = hear

    @property
    def counts(self) -> Counts:
        total = Counts()
        total.add(self._earlier)
        total.add(self._session.counts)
        return total

    @property
    def unproven(self) -> int:
        return self._session.unproven if self.socket.up else max(1, len(self.markets))

    def watched(self, market: str) -> Watched | None:
        return self._session.watched(market)

    def top(self, market: str) -> Top | None:
        return self._session.top(market)

    def add(self, markets: Iterable[str]) -> None:
        new = [each for each in markets if each not in self.markets]
        self.markets.update(dict.fromkeys(new))
        if self.socket.up:
            self._session.add(new, self._clock.monotonic_ns())
            self._pass_on()

    def remove(self, markets: Iterable[str]) -> None:
        gone = [each for each in markets if each in self.markets]
        for each in gone:
            del self.markets[each]
        if self.socket.up:
            self._session.remove(gone, self._clock.monotonic_ns())
            self._pass_on()

    def give_up(self, why: str) -> None:
        """What came over this connection is not to be trusted: every book of it, from now on."""
        self.socket.drop(why)
        self._session.doubt(why)
        self._pass_on()

    def connected(self) -> None:
        self._earlier.add(self._session.counts)
        self._session = self._make()
        self.told_ns = self._clock.monotonic_ns()
        self._session.open(self.markets, self.told_ns)
        self._stood = None
        self.trouble = ""
        self._pass_on()

    def received(self, raw: str | bytes) -> None:
        now_ms, now_ns = self._clock.now_ms(), self._clock.monotonic_ns()
        if now_ns - self.socket.beat_ns > LATE_NS:
            self._stand_still(now_ms, now_ns)
        at_ms, at_ns = self._stood or (now_ms, now_ns)
        self._session.receive(raw, at_ms, at_ns)
        if self._session.changed or self._session.private:
            self.told_ns = now_ns
        self._pass_on()

    @property
    def behind(self) -> bool:
        return self._stood is not None

    def heartbeat(self, asked_ns: int) -> None:
        if asked_ns > self._late_ns:
            self._stood = None
        now_ms, now_ns = self._clock.now_ms(), self._clock.monotonic_ns()
        at_ms, at_ns = self._stood or (now_ms, now_ns)
        self._session.heartbeat(at_ms, at_ns)

    def _stand_still(self, now_ms: int, now_ns: int) -> None:
        self._late_ns = now_ns
        if self._stood is None:
            beat_ns = self.socket.beat_ns
            self._stood = now_ms - (now_ns - beat_ns) // 1_000_000, beat_ns

    def tick(self) -> str | None:
        now_ns = self._clock.monotonic_ns()
        why = self._session.tick(now_ns) or self._jumped(now_ns)
        self._pass_on()
        return why

    def _jumped(self, now_ns: int) -> str | None:
        """Ages are told by a clock that stands while the machine sleeps: after that, or when the
        other clock was set, nobody knows how old a book is."""
        ahead_ms = self._clock.now_ms() - now_ns // 1_000_000
        before_ms, self._ahead_ms = self._ahead_ms, ahead_ms
        if before_ms is None or abs(ahead_ms - before_ms) <= JUMP_MS:
            return None
        return "this machine slept, or its clock was set"

    def lost(self, why: str) -> None:
        self.trouble = why
        self._session.doubt(f"not connected: {why}")
        self._pass_on()

    def _pass_on(self) -> None:
        session = self._session
        if session.outbox:
            self.socket.send(session.outbox)
            session.outbox.clear()
        if session.changed or session.private or session.public:
            self._hear(session.changed, session.private, session.public)
            session.changed.clear()
            session.private.clear()
            session.public.clear()
