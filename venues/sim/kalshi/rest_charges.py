"""What a signed call takes from the token buckets: items, by the shard whose bucket pays (13).

Looks into the request before anything checks it, and takes what it cannot read for one item on
shard 0. A call that routes itself by ticker pays on that market's shard (UNSURE #19).
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from venues.sim.kalshi.rest_ask import Ask


def charged(ask: Ask) -> bool:
    """Takes the tokens; False where one of the buckets has too few."""
    operation, limits = ask.operation, ask.house.limits
    return all(
        limits.charge(ask.user_id, operation.method, operation.route, items, exchange_index=shard)
        for shard, items in sorted(_shares(ask).items())
    )


def _shares(ask: Ask) -> Counter[int]:
    if ask.operation.method == "GET":
        return Counter({0: 1})
    body = _object(ask.body)
    items = body.get("orders")
    if ask.operation.route.endswith("/batched") and isinstance(items, list) and items:
        return Counter(_shard(ask, item if isinstance(item, dict) else {}) for item in items)
    query = {name: ask.query.text(name) for name in ("market_ticker", "exchange_index")}
    return Counter({_shard(ask, {**query, **body}): 1})


def _shard(ask: Ask, item: dict[str, Any]) -> int:
    text = str(item.get("exchange_index"))
    if text.isascii() and text.isdigit() and int(text[:3]) in ask.house.knobs.shards:
        return int(text[:3])
    market = ask.house.catalogue.markets.get(str(item.get("market_ticker") or item.get("ticker")))
    return market.exchange_index if market else 0


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
