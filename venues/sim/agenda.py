"""What is due when: the only notion of time inside a simulated venue."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count

from venues.clock import Clock


class Agenda:
    """Actions in the order of their due times; two of the same millisecond in the order booked.

    `now_ms` (UTC epoch milliseconds) never falls. While an action runs it is the time the action
    was due, so a late `advance()` leaves the same stamps as a punctual one.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._now_ms = clock.now_ms()
        self._numbers = count()
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._running = False
        self._until_ms = self._now_ms

    @property
    def until_ms(self) -> int:
        """How far the advance under way will go: what is booked before it is done now."""
        return self._until_ms

    @property
    def now_ms(self) -> int:
        return self._now_ms

    @property
    def next_ms(self) -> int | None:
        """When the next action is due; None when nothing is booked."""
        return self._due[0][0] if self._due else None

    def at(self, due_ms: int, action: Callable[[], None]) -> None:
        """Books `action`; it must itself look whether it still makes sense. The past means now."""
        heapq.heappush(self._due, (max(due_ms, self._now_ms), next(self._numbers), action))

    def advance(self) -> None:
        """Does everything due by the clock, then stands at the clock. Inside an action: nothing."""
        if self._running:
            return
        until = self._until_ms = max(self._clock.now_ms(), self._now_ms)
        self._running = True
        try:
            while self._due and self._due[0][0] <= until:
                due_ms, _, action = heapq.heappop(self._due)
                self._now_ms = due_ms
                action()
        finally:
            self._running = False
        self._now_ms = until
