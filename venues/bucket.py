"""A weighted token bucket: how we stay below a venue's request rate."""

from __future__ import annotations

import asyncio
from typing import Final

from venues.clock import Clock

_NS: Final = 1_000_000_000


class TokenBucket:
    """Holds up to `capacity` tokens and gains `refill_per_s` a second; calls take what they cost.

    Waiters are served in the order they came. Built on monotonic time, so a stepped wall clock
    neither starves nor floods a venue.
    """

    def __init__(self, clock: Clock, *, capacity: int, refill_per_s: int) -> None:
        self._clock = clock
        self._capacity_ns = capacity * _NS
        self._refill_per_s = refill_per_s
        self._level_ns = self._capacity_ns
        self._seen_ns = clock.monotonic_ns()
        self._turn = asyncio.Lock()

    async def take(self, cost: int) -> None:
        """Waits until `cost` tokens are there, then takes them; more than fits is ValueError."""
        wanted = cost * _NS
        if wanted > self._capacity_ns:
            raise ValueError(f"a call of {cost} tokens can never pass this bucket")
        async with self._turn:
            self._refill()
            while self._level_ns < wanted:
                missing = wanted - self._level_ns
                await self._clock.sleep_ms(-(-missing // (self._refill_per_s * 1_000_000)))
                self._refill()
            self._level_ns -= wanted

    def _refill(self) -> None:
        now = self._clock.monotonic_ns()
        gained = (now - self._seen_ns) * self._refill_per_s
        self._level_ns = min(self._capacity_ns, self._level_ns + gained)
        self._seen_ns = now
