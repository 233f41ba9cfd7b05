"""Token buckets: a read one and, for each shard, a write one per user (section 13)."""

from __future__ import annotations

from typing import Final

from venues.sim.kalshi.core import Core
from venues.sim.kalshi.knobs import Tier

BALANCE: Final = "/portfolio/balance"
SLOW: Final = ("basic", "advanced")
"""The balance has a bucket of its own: one call a second in these tiers, five above (OpenAPI)."""


class _Bucket:
    """Thousandths of a token: a rate of n a second is n of them a millisecond."""

    def __init__(self, per_s: int, capacity: int, now_ms: int) -> None:
        self._per_ms = per_s
        self._capacity = self._level = capacity * 1_000
        self._seen_ms = now_ms

    def take(self, tokens: int, now_ms: int) -> bool:
        gained = (now_ms - self._seen_ms) * self._per_ms
        self._level, self._seen_ms = min(self._capacity, self._level + gained), now_ms
        if self._level < tokens * 1_000:
            return False
        self._level -= tokens * 1_000
        return True


class Limits:
    """A refused call takes no tokens; there is no penalty time."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._tiers: dict[str, str] = {}
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def charge(
        self, user_id: str, method: str, route: str, items: int = 1, *, exchange_index: int = 0
    ) -> bool:
        """Takes the cost of a signed call; False: answer 429. `route` is the template, e.g.
        `/portfolio/orders/{order_id}`; `items` counts the entries of a batch."""
        name, tier = self.tier(user_id)
        if (method, route) == ("GET", BALANCE):
            calls = 1 if name in SLOW else 5
            return self._take((user_id, "balance"), calls, calls, 1)
        if method == "GET":
            name, per_s, capacity = "read", tier.read_per_s, tier.read_capacity
        else:
            name, per_s, capacity = f"write {exchange_index}", tier.write_per_s, tier.write_capacity
        return self._take((user_id, name), per_s, capacity, self.cost(method, route) * items)

    def charge_ip(self, ip: str) -> bool:
        """Takes one request of an unsigned caller; False: answer 429."""
        knobs = self._core.knobs
        return self._take((ip, "ip"), knobs.unsigned_per_s, knobs.unsigned_capacity, 1)

    def cost(self, method: str, route: str) -> int:
        return self._core.knobs.costs.get((method, route), self._core.knobs.cost_default)

    def tier(self, user_id: str) -> tuple[str, Tier]:
        name = self._tiers.get(user_id, self._core.knobs.tier)
        return name, self._core.knobs.tiers[name]

    def set_tier(self, user_id: str, tier: str) -> None:
        """Buckets of this user start full again."""
        self._tiers[user_id] = tier
        self._buckets = {key: b for key, b in self._buckets.items() if key[0] != user_id}

    def _take(self, key: tuple[str, str], per_s: int, capacity: int, tokens: int) -> bool:
        self._core.advance()
        now_ms = self._core.now_ms
        if key not in self._buckets:
            self._buckets[key] = _Bucket(per_s, capacity, now_ms)
        return self._buckets[key].take(tokens, now_ms)
