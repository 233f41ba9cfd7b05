"""What a signed write costs its signer in tokens (§15.2); reads cost none."""

from __future__ import annotations

from typing import Final

from venues.sim.polymarket.rest_ask import Ask, Handler, Said
from venues.sim.polymarket.rest_limits import Buckets, Pool

_POOLS: Final = {
    ("POST", "/order"): Pool.ORDERS,
    ("POST", "/orders"): Pool.ORDERS,
    ("DELETE", "/order"): Pool.CANCELS,
    ("DELETE", "/orders"): Pool.CANCELS,
    ("DELETE", "/cancel-all"): Pool.CANCELS,
    ("DELETE", "/cancel-market-orders"): Pool.CANCELS,
}


def charged(buckets: Buckets, ask: Ask, route: str, handle: Handler) -> Said:
    """The handler's answer with the bucket's state. Raises Refusal (429) before it does anything.

    A single call costs 1, a batch its length, a cancel of everything what it cancelled too.
    """
    pool = _POOLS.get((ask.method, route))
    if pool is None:
        return handle(ask)
    signer, now_ms = ask.account.address, ask.house.now_ms
    buckets.take(signer, pool, _items(ask, route), now_ms)
    said = handle(ask)
    if route.startswith("/cancel-"):
        buckets.charge(signer, len(said.body["canceled"]), now_ms)
    return said._replace(headers=(*said.headers, *buckets.headers(signer, pool, now_ms)))


def _items(ask: Ask, route: str) -> int:
    found = ask.parsed() if route == "/orders" else None
    return max(len(found), 1) if isinstance(found, list) else 1
