"""Polymarket's rate limits: reads as slowly as we like, orders and cancels at the account's pace.

The venue delays what is too fast before it refuses it, by address; orders and cancels have a bucket
for each signer too (docs/venues/polymarket.md, "Rate limits"). The smallest tier is assumed.
"""

from __future__ import annotations

from typing import Any, Final

from venues.bucket import TokenBucket
from venues.clock import Clock
from venues.http import Call

# Nineteen of twenty of what the Standard tier may (a second; at once): packets bunch on their way.
_ORDERS: Final = {"refill_per_s": 38, "capacity": 57, "reserve": 19}
_CANCELS: Final = {"refill_per_s": 76, "capacity": 114}
_ORDER_PATHS: Final = ("/order", "/orders")


class Limits:
    """A Gate. Reads go evenly, never in bursts; the urgent go first. Heartbeats and what concerns
    keys wait among the reads."""

    def __init__(self, clock: Clock, *, requests_per_s: int) -> None:
        self._reads = TokenBucket(clock, capacity=1, refill_per_s=requests_per_s)
        self._orders = TokenBucket(clock, **_ORDERS)
        self._cancels = TokenBucket(clock, **_CANCELS)

    async def admit(self, call: Call[Any]) -> None:
        """Raises ValueError for a batch that could never pass."""
        await self._bucket(call).take(call.items, urgent=call.urgent)

    def refused(self, call: Call[Any]) -> None:
        self._bucket(call).empty()

    def _bucket(self, call: Call[Any]) -> TokenBucket:
        if call.method == "POST" and call.path in _ORDER_PATHS:
            return self._orders
        if call.method == "DELETE" and call.path != "/auth/api-key":
            return self._cancels
        return self._reads
