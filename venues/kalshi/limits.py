"""Kalshi's rate limits: a bucket of tokens for reads, one for writes, and a price per route.

Prices and sizes come from `/account/endpoint_costs` and `/account/limits`; until those are read,
the smallest account is assumed. Source: docs/venues/kalshi.md, "Rate limits".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Self

from venues.bucket import TokenBucket
from venues.clock import Clock
from venues.http import Call

DEFAULT_COST: Final = 10
BALANCE: Final = "/portfolio/balance"
"""Has a bucket of its own, counted in calls: one a second in the two lowest tiers, five above."""
_SLOW: Final = ("basic", "advanced")
_MARGIN: Final = 20  # one part in so many of a bucket is left alone: packets bunch on their way
_RESERVE: Final = 5  # and one part in so many is for cancels and hedges


class Pace(NamedTuple):
    """One bucket as the venue states it: tokens it holds, tokens it gains a second."""

    capacity: int
    refill_per_s: int


BASIC: Final = (Pace(200, 200), Pace(100, 100))
"""Reads and writes of the smallest account, since 2026-04-23."""

# What deviated from the default on 2026-09-17; the venue's own table replaces it.
COSTS: Final[Mapping[tuple[str, str], int]] = {
    ("DELETE", "/portfolio/events/orders/{order_id}"): 2,
    ("DELETE", "/portfolio/events/orders/batched"): 2,
    ("DELETE", "/portfolio/events/orders"): 2,
    ("GET", "/portfolio/orders/{order_id}"): 2,
    ("POST", "/account/api_usage_level/upgrade"): 30,
}


class Limits:
    """A Gate: calls wait here until the venue would take them."""

    def __init__(self, read: TokenBucket, write: TokenBucket, balance: TokenBucket) -> None:
        self._read = read
        self._write = write
        self._balance = balance
        self.prices(DEFAULT_COST, COSTS)

    @classmethod
    def with_keys(cls, clock: Clock) -> Self:
        read, write = (TokenBucket(clock, **_measures(pace)) for pace in BASIC)
        return cls(read, write, TokenBucket(clock, capacity=1, refill_per_s=1))

    @classmethod
    def without_keys(cls, clock: Clock, *, requests_per_s: int) -> Self:
        """Evenly, never in bursts: the venue counts by address and does not say how."""
        refill = requests_per_s * DEFAULT_COST
        read, write, balance = (
            TokenBucket(clock, capacity=DEFAULT_COST, refill_per_s=refill) for _ in range(3)
        )
        return cls(read, write, balance)

    def pace(self, read: Pace, write: Pace, tier: str) -> None:
        """What `/account/limits` says of this account."""
        calls = 1 if tier in _SLOW else 5
        self._balance.resize(capacity=calls, refill_per_s=calls)
        for bucket, given in ((self._read, read), (self._write, write)):
            bucket.resize(**_measures(given))

    def prices(self, default: int, costs: Mapping[tuple[str, str], int]) -> None:
        """What `/account/endpoint_costs` says: (method, route) → tokens."""
        self._default = default
        self._costs = costs

    async def admit(self, call: Call[Any]) -> None:
        """Raises ValueError for a batch that could never pass."""
        await self._bucket(call).take(self.cost(call), urgent=call.urgent)

    def refused(self, call: Call[Any]) -> None:
        self._bucket(call).empty()

    def cost(self, call: Call[Any]) -> int:
        if call.route == BALANCE:
            return 1
        return self._costs.get((call.method, call.route), self._default) * call.items

    def items_max(self, call: Call[Any]) -> int:
        """How many items like those of `call` one batch may have."""
        each = max(self.cost(call) // call.items, 1)
        return max(self._bucket(call).most(urgent=call.urgent) // each, 1)

    def _bucket(self, call: Call[Any]) -> TokenBucket:
        if call.route == BALANCE:
            return self._balance
        return self._read if call.method == "GET" else self._write


def _measures(pace: Pace) -> dict[str, int]:
    capacity = max(pace.capacity - pace.capacity // _MARGIN, DEFAULT_COST)
    return {
        "capacity": capacity,
        "refill_per_s": max(pace.refill_per_s, 1),
        "reserve": min(capacity // _RESERVE, capacity - DEFAULT_COST),
    }
