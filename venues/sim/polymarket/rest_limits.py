"""How many requests an address may make (§15.1), and how many orders a signer (§15.2).

The venue at first delays what is too much; here it is refused at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from enum import StrEnum
from typing import Final, NamedTuple

from venues.sim.polymarket.refusal import Refusal

_TEN_S: Final = 10_000
_TEN_MIN: Final = 600_000


class Rule(NamedTuple):
    """At most `most` requests within any `window_ms`."""

    scope: str
    most: int
    window_ms: int = _TEN_S


_TOTALS: Final = {
    "": Rule("clob", 9_000),
    "/gamma": Rule("gamma", 4_000),
    "/data/v2": Rule("data", 800),
}
_LEDGER: Final = ("/data/orders", "/data/trades", "/data/order/{id}", "/notifications")
_OWN: Final[dict[tuple[str, str], tuple[Rule, ...]]] = {
    ("GET", "/ok"): (Rule("ok", 100),),
    **{("GET", path): (Rule(path, 1_500),) for path in ("/book", "/price", "/midpoint")},
    **{("POST", path): (Rule(path, 500),) for path in ("/books", "/prices", "/midpoints")},
    ("GET", "/prices-history"): (Rule("history", 1_000),),
    ("GET", "/tick-size"): (Rule("tick", 200),),
    ("GET", "/tick-size/{token_id}"): (Rule("tick", 200),),
    ("GET", "/data/orders"): (Rule("orders", 500),),
    ("GET", "/data/trades"): (Rule("trades", 500),),
    ("GET", "/notifications"): (Rule("notifications", 125),),
    ("GET", "/balance-allowance"): (Rule("balance", 200),),
    ("GET", "/balance-allowance/update"): (Rule("refresh", 50),),
    ("POST", "/order"): (Rule("place", 5_000), Rule("place long", 120_000, _TEN_MIN)),
    ("DELETE", "/order"): (Rule("cancel", 5_000), Rule("cancel long", 120_000, _TEN_MIN)),
    ("POST", "/orders"): (Rule("batch", 2_000), Rule("batch long", 21_000, _TEN_MIN)),
    ("DELETE", "/orders"): (Rule("cancels", 2_000), Rule("cancels long", 15_000, _TEN_MIN)),
    ("DELETE", "/cancel-all"): (Rule("all", 250), Rule("all long", 6_000, _TEN_MIN)),
    ("DELETE", "/cancel-market-orders"): (
        Rule("market", 1_500),
        Rule("market long", 21_000, _TEN_MIN),
    ),
    ("GET", "/gamma/events"): (Rule("gamma events", 500),),
    ("GET", "/gamma/events/keyset"): (Rule("gamma events", 500),),
    ("GET", "/gamma/markets"): (Rule("gamma markets", 300),),
    ("GET", "/gamma/markets/keyset"): (Rule("gamma markets", 300),),
    ("GET", "/gamma/tags"): (Rule("gamma tags", 200),),
    ("GET", "/gamma/public-search"): (Rule("gamma search", 350),),
    ("GET", "/data/v2/trades"): (Rule("data trades", 300),),
    **{
        ("GET", f"/data/v2/{name}"): (Rule("data rows", 200),)
        for name in ("positions", "activity", "prices-history")
    },
    ("POST", "/relayer/submit"): (Rule("submit", 25, 60_000),),
}


def rules(method: str, route: str) -> Iterator[Rule]:
    yield Rule("everything", 15_000)
    host = next((each for each in ("/gamma", "/data/v2") if route.startswith(each + "/")), "")
    if host or not route.startswith(("/relayer/", "/site/", "/rpc")):
        yield _TOTALS[host]
    if route in _LEDGER:
        yield Rule("ledger", 900)
    if route.startswith("/auth/"):
        yield Rule("keys", 100)
    yield from _OWN.get((method, route), ())


class Windows:
    """Sliding windows per client address. A refused request does not count."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], deque[int]] = {}

    def pass_through(self, client: str, method: str, route: str, now_ms: int) -> None:
        """Raises Refusal (429) with the seconds until there is room again."""
        met = [(rule, self._window(client, rule, now_ms)) for rule in rules(method, route)]
        for rule, window in met:
            if len(window) >= rule.most:
                wait_ms = window[0] + rule.window_ms - now_ms
                raise Refusal(429, "Too Many Requests", retry_after_s=-(-wait_ms // 1_000))
        for _, window in met:
            window.append(now_ms)

    def _window(self, client: str, rule: Rule, now_ms: int) -> deque[int]:
        window = self._seen.setdefault((client, rule.scope), deque())
        while window and window[0] <= now_ms - rule.window_ms:
            window.popleft()
        return window


class Tier(NamedTuple):
    """Order tokens a second, and at most."""

    name: str
    per_s: int
    burst: int


TIERS: Final = (
    Tier("Standard", 40, 60),
    Tier("Copper", 60, 90),
    Tier("Bronze", 80, 120),
    Tier("Silver", 200, 300),
    Tier("Gold", 400, 600),
    Tier("Platinum", 450, 675),
    Tier("Diamond", 525, 787),
    Tier("Elite", 600, 900),
)


class Pool(StrEnum):
    ORDERS = "orders"
    CANCELS = "cancels"


class Buckets:
    """A signer's tokens, in thousandths: so many a second are so many a millisecond.

    A batch is let in whole or not at all; cancels of unknown number are charged afterwards, and may
    leave less than nothing.
    """

    def __init__(self, tier: Tier = TIERS[0]) -> None:
        self.tier = tier
        self._levels: dict[tuple[str, Pool], tuple[int, int]] = {}

    def take(self, signer: str, pool: Pool, tokens: int, now_ms: int) -> None:
        """Raises Refusal (429) where there are too few."""
        level = self._level(signer, pool, now_ms)
        if level < tokens * 1_000:
            wait_ms = -(-(tokens * 1_000 - level) // self._rate(pool)[0])
            raise Refusal(429, "Too Many Requests", retry_after_s=-(-wait_ms // 1_000))
        self._levels[signer, pool] = level - tokens * 1_000, now_ms

    def charge(self, signer: str, canceled: int, now_ms: int) -> None:
        """What a cancel of everything turned out to cost beyond its own token."""
        level = self._level(signer, Pool.CANCELS, now_ms)
        self._levels[signer, Pool.CANCELS] = level - canceled * 1_000, now_ms

    def headers(self, signer: str, pool: Pool, now_ms: int) -> tuple[tuple[bytes, bytes], ...]:
        level, (per_s, burst) = self._level(signer, pool, now_ms), self._rate(pool)
        full_ms = max(burst * 1_000 - level, 0) // per_s
        return (
            (b"poly-ratelimit-remaining", str(level // 1_000).encode()),
            (b"poly-ratelimit-reset", str(-(-full_ms // 1_000)).encode()),
            (b"poly-ratelimit-tier", self.tier.name.encode()),
        )

    def _rate(self, pool: Pool) -> tuple[int, int]:
        """(tokens a second, most tokens); cancels have twice those of orders."""
        times = 2 if pool is Pool.CANCELS else 1
        return times * self.tier.per_s, times * self.tier.burst

    def _level(self, signer: str, pool: Pool, now_ms: int) -> int:
        per_s, burst = self._rate(pool)
        level, at_ms = self._levels.get((signer, pool), (burst * 1_000, now_ms))
        return min(burst * 1_000, level + (now_ms - at_ms) * per_s)
