"""Polymarket's public reads as values: the catalogue at host "gamma", the exchange at host "".

Source: facts/polymarket.md §5–6 (SDK polymarket-client 0.14, docs; 2026-11-22). Condition ids are
given as the exchange writes them: "0x" and 64 digits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar
from urllib.parse import quote

import msgspec

from venues.http import MIB, Call
from venues.polymarket import wire

GAMMA: Final = "gamma"
BOOKS_MAX: Final = 500
"""Books in one call; more is refused as "Payload exceeds the limit"."""
IDS_MAX: Final = 100
"""Values of one repeated parameter; more is refused with 422."""
HISTORY_S_MAX: Final = 14 * 86_400
"""A span of prices over 15 days is refused as "interval is too long"."""

T = TypeVar("T")
_RESERVED: Final = slice(40, 56)  # 64 bits of a v2 id that are always zero (facts §4.4)


def open_events(cursor: str = "") -> Call[wire.EventPage]:
    """A page of events with all their markets. `after_cursor` moves on; `cursor` would not."""
    params = [("closed", "false"), ("limit", "100"), ("order", "id"), ("ascending", "true")]
    if cursor:
        params.append(("after_cursor", cursor))
    return Call(
        method="GET",
        host=GAMMA,
        path="/events/keyset",
        params=tuple(params),
        answer=wire.EventPage,
        bytes_max=32 * MIB,
        deadline_s=30,
    )


def markets(conditions: Sequence[str], *, closed: bool) -> Call[tuple[wire.Raw, ...]]:
    """At most IDS_MAX markets by condition id; open and closed ones are asked for apart."""
    ids = tuple(("condition_ids", as_gamma_writes(id)) for id in conditions)
    return Call(
        method="GET",
        host=GAMMA,
        path="/markets",
        params=(*ids, ("closed", "true" if closed else "false"), ("limit", str(IDS_MAX))),
        answer=tuple[wire.Raw, ...],
        bytes_max=16 * MIB,
    )


def market_by_slug(slug: str) -> Call[wire.MarketName]:
    return one("/markets/slug/{slug}", slug, wire.MarketName, host=GAMMA)


def market_by_number(number: str) -> Call[wire.MarketName]:
    """By Gamma's own id, a short decimal number."""
    return one("/markets/{id}", number, wire.MarketName, host=GAMMA)


def event_by_slug(slug: str) -> Call[wire.Event]:
    return one("/events/slug/{slug}", slug, wire.Event, host=GAMMA)


def search(words: str) -> Call[wire.Search]:
    """Events, best match first, with their markets."""
    return Call(
        method="GET",
        host=GAMMA,
        path="/public-search",
        params=(("q", words),),
        answer=wire.Search,
    )


def compact_market(condition: str) -> Call[wire.CompactMarket]:
    """Tick, minimum, fee and tokens as the exchange has them now."""
    return one("/clob-markets/{condition_id}", condition, wire.CompactMarket)


def market_of_token(token: str) -> Call[wire.TokenMarket]:
    return one("/markets-by-token/{asset_id}", token, wire.TokenMarket)


def books(tokens: Sequence[str]) -> Call[tuple[wire.Raw, ...]]:
    """At most BOOKS_MAX whole books; unknown tokens are left out of the answer."""
    return Call(
        method="POST",
        path="/books",
        body=msgspec.json.encode([{"token_id": token} for token in tokens]),
        answer=tuple[wire.Raw, ...],
        bytes_max=64 * MIB,
    )


def history(token: str, *, start_s: int, end_s: int) -> Call[wire.History]:
    """Sampled quotes each hour, over at most HISTORY_S_MAX."""
    span = (("startTs", str(start_s)), ("endTs", str(end_s)))
    return Call(
        method="GET",
        path="/prices-history",
        params=(("market", token), *span, ("fidelity", "60")),
        answer=wire.History,
    )


def time() -> Call[int]:
    """The exchange's clock in epoch seconds."""
    return Call(method="GET", path="/time", answer=int)


def ok() -> Call[str]:
    """ "OK" while the exchange is up."""
    return Call(method="GET", path="/ok", answer=str)


def one(route: str, name: str, answer: type[T], *, host: str = "") -> Call[T]:
    """What has this name, the only gap of `route`; the name stays one segment of the path.

    Raises ValueError for names that would lead elsewhere.
    """
    if not name.strip("."):
        raise ValueError(f"{name!r} is no name")
    before, _, rest = route.partition("{")
    path = before + quote(name, safe="") + rest.partition("}")[2]
    return Call(method="GET", host=host, path=path, route=route, answer=answer)


def as_gamma_writes(condition: str) -> str:
    """Gamma writes a Protocol V2 condition with 62 digits, its last two zeros left out."""
    is_v2 = not condition[_RESERVED].strip("0")
    return condition[:-2] if is_v2 else condition
