"""A weighted token bucket: how we stay below a venue's request rate."""

from __future__ import annotations

import asyncio
import heapq
from itertools import count
from typing import Final, Protocol

from venues.clock import Clock

_NS: Final = 1_000_000_000


class Priced(Protocol):
    """What a call tells a bucket: what it costs, and whether it goes ahead of the others."""

    @property
    def cost(self) -> int: ...

    @property
    def urgent(self) -> bool: ...


class TokenBucket:
    """Holds up to `capacity` tokens and gains `refill_per_s` a second; calls take what they cost.

    The urgent go first, the others in the order they came; the last `reserve` tokens are for the
    urgent alone. Built on monotonic time, so a stepped wall clock neither starves nor floods a
    venue.
    """

    def __init__(self, clock: Clock, *, capacity: int, refill_per_s: int, reserve: int = 0) -> None:
        self._clock = clock
        self._capacity_ns = capacity * _NS
        self._refill_per_s = refill_per_s
        self._reserve_ns = reserve * _NS
        self._level_ns = self._capacity_ns
        self._seen_ns = clock.monotonic_ns()
        self._numbers = count()
        self._queue: list[tuple[bool, int, asyncio.Event]] = []

    def resize(self, *, capacity: int, refill_per_s: int, reserve: int = 0) -> None:
        """New measures from now on; a level above the new capacity spills."""
        self._refill()
        self._capacity_ns = capacity * _NS
        self._refill_per_s = refill_per_s
        self._reserve_ns = reserve * _NS
        self._level_ns = min(self._level_ns, self._capacity_ns)

    def empty(self) -> None:
        """The venue said that we were too fast: whatever we thought we had is gone."""
        self._refill()
        self._level_ns = min(self._level_ns, 0)

    async def admit(self, call: Priced) -> None:
        await self.take(call.cost, urgent=call.urgent)

    def refused(self, call: Priced) -> None:
        self.empty()

    async def take(self, cost: int, *, urgent: bool = False) -> None:
        """Waits until `cost` tokens are there, then takes them; more than fits is ValueError."""
        if cost > self.most(urgent=urgent):
            raise ValueError(f"a call of {cost} tokens can never pass this bucket")
        turn = asyncio.Event()
        place = (not urgent, next(self._numbers), turn)
        heapq.heappush(self._queue, place)
        self._queue[0][2].set()
        try:
            while (
                self._queue[0] is not place or (missing := self._missing(cost, urgent=urgent)) > 0
            ):
                if self._queue[0] is not place:
                    turn.clear()
                    await turn.wait()
                else:
                    await self._clock.sleep_ms(-(-missing // (self._refill_per_s * 1_000_000)))
            self._level_ns -= cost * _NS
        finally:
            self._queue.remove(place)
            heapq.heapify(self._queue)
            if self._queue:
                self._queue[0][2].set()

    def most(self, *, urgent: bool = False) -> int:
        """The dearest call that can ever pass."""
        return (self._capacity_ns - (0 if urgent else self._reserve_ns)) // _NS

    def _missing(self, cost: int, *, urgent: bool) -> int:
        """In nanotokens. One who waits while the bucket shrinks below his call waits for all."""
        self._refill()
        wanted = cost * _NS + (0 if urgent else self._reserve_ns)
        return min(wanted, self._capacity_ns) - self._level_ns

    def _refill(self) -> None:
        now = self._clock.monotonic_ns()
        gained = (now - self._seen_ns) * self._refill_per_s
        self._level_ns = min(self._capacity_ns, self._level_ns + gained)
        self._seen_ns = now
