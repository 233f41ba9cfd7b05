"""Polymarket's public reads as values: the catalogue at host "gamma", the exchange at host "".

Source: facts/polymarket.md §5–6 (SDK polymarket-client 0.14, docs; 2026-11-22). Condition ids are
given as the exchange writes them: "0x" and 64 digits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
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
    ids = tuple(("condition_ids", _as_gamma_writes(id)) for id in conditions)
    return Call(
        method="GET",
        host=GAMMA,
        path="/markets",
        params=(*ids, ("closed", "true" if closed else "false"), ("limit", str(IDS_MAX))),
        answer=tuple[wire.Raw, ...],
        bytes_max=16 * MIB,
    )


def market_by_slug(slug: str) -> Call[wire.MarketName]:
    path = f"/markets/slug/{_segment(slug)}"
    return Call(method="GET", host=GAMMA, path=path, answer=wire.MarketName)


def market_by_number(number: str) -> Call[wire.MarketName]:
    """By Gamma's own id, a short decimal number."""
    path = f"/markets/{_segment(number)}"
    return Call(method="GET", host=GAMMA, path=path, answer=wire.MarketName)


def event_by_slug(slug: str) -> Call[wire.Event]:
    path = f"/events/slug/{_segment(slug)}"
    return Call(method="GET", host=GAMMA, path=path, answer=wire.Event)


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
    path = f"/clob-markets/{_segment(condition)}"
    return Call(method="GET", path=path, answer=wire.CompactMarket)


def market_of_token(token: str) -> Call[wire.TokenMarket]:
    return Call(method="GET", path=f"/markets-by-token/{_segment(token)}", answer=wire.TokenMarket)


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


def _as_gamma_writes(condition: str) -> str:
    """Gamma writes a Protocol V2 condition with 62 digits, its last two zeros left out."""
    is_v2 = not condition[_RESERVED].strip("0")
    return condition[:-2] if is_v2 else condition


def _segment(text: str) -> str:
    """A name as one path segment. Raises ValueError for those that would lead elsewhere."""
    if not text.strip("."):
        raise ValueError(f"{text!r} is no name")
    return quote(text, safe="")
