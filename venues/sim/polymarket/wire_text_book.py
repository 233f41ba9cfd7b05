"""A book as the exchange writes it, and its hash (facts §6.1)."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha1

from venues.money import ONE, Price
from venues.sides import Side
from venues.sim.happenings import Level
from venues.sim.polymarket.catalogue import Market
from venues.sim.polymarket.records import BookView
from venues.sim.polymarket.wire_text import Object, json_text, plain


def levels(side: Iterable[Level]) -> list[Object]:
    """Of a side that is best first: the wire has the best last."""
    rows = [{"price": plain(each.price), "size": plain(each.size)} for each in side]
    return rows[::-1]


def book(view: BookView, market: Market) -> Object:
    """All keys in the order that the hash needs; `version` for Protocol V2 only, at the end."""
    found: Object = {
        "market": view.market,
        "asset_id": view.token,
        "timestamp": str(view.changed_ms),
        "hash": "",
        "bids": levels(view.bids),
        "asks": levels(view.asks),
        "min_order_size": plain(market.minimum),
        "tick_size": plain(market.tick),
        "neg_risk": market.neg_risk,
        "last_trade_price": "" if view.last_trade is None else plain(view.last_trade),
    }
    if market.version == "v2":
        found["version"] = "v2"
    found["hash"] = book_hash(found)
    return found


def book_hash(found: Object) -> str:
    """SHA-1 of the compact JSON with an empty hash in its place."""
    return sha1(json_text(found | {"hash": ""}).encode(), usedforsecurity=False).hexdigest()


def best(view: BookView) -> tuple[Price | None, Price | None]:
    """The best bid and the best ask."""
    return (
        view.bids[0].price if view.bids else None,
        view.asks[0].price if view.asks else None,
    )


def middle(view: BookView) -> int:
    """Micro-dollars between the two best; a missing side counts as its end, 0 or 1 dollar.

    Halves of a micro-dollar do not occur: every tick is even.
    """
    bid, ask = best(view)
    return ((bid or 0) + (ONE if ask is None else ask)) // 2


def side_text(side: Side) -> str:
    return side.value.upper()
