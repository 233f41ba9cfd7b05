"""The rest of Polymarket's catalogue as values: single events, tags, series, sports, market lists.

Source: facts/polymarket.md §5; SDK polymarket-client 0.14, gamma.py (2026-11-22). Its prices are a
cache's: never trade by them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias, TypeVar

from venues.http import MIB, Call
from venues.polymarket import wire
from venues.polymarket import wire_reference as reference
from venues.polymarket.calls import GAMMA, as_gamma_writes, one

MARKETS_MAX: Final = 100
TAGS_MAX: Final = 100
SERIES_MAX: Final = 50
"""Rows of one page; whoever asks for more gets so many."""
Order: TypeAlias = Literal["id", "volumeNum", "volume24hr", "liquidityNum", "startDate", "endDate"]
"""Not "volume" and "liquidity": those are texts, and sorted as such."""

T = TypeVar("T")


def markets_page(
    cursor: str = "",
    *,
    closed: bool = False,
    conditions: Sequence[str] = (),
    slugs: Sequence[str] = (),
    tokens: Sequence[str] = (),
    positions: Sequence[str] = (),
    tag: str = "",
    version: Literal["", "v1", "v2"] = "",
    ends_from: datetime | None = None,
    ends_to: datetime | None = None,
    volume_min: int = 0,
    order: Order = "id",
    ascending: bool = True,
) -> Call[reference.MarketPage]:
    """At most MARKETS_MAX markets, rows of wire.Market; the next page with the same filters.

    A list takes IDS_MAX values, any of which will do. `tokens` finds markets of v1 only, their ids
    in v2 are `positions`. `tag` is a number, `volume_min` in whole dollars. Open or closed ones,
    never both.
    """
    lists = {
        "condition_ids": tuple(map(as_gamma_writes, conditions)),
        "slug": slugs,
        "clob_token_ids": tokens,
        "position_ids": positions,
    }
    filters = (
        ("closed", "true" if closed else "false"),
        ("tag_id", tag),
        ("version", version),
        ("end_date_min", _moment(ends_from)),
        ("end_date_max", _moment(ends_to)),
        ("volume_num_min", str(volume_min or "")),
        ("order", order),
        ("ascending", "true" if ascending else "false"),
        ("after_cursor", cursor),
    )
    repeated = ((name, each) for name, values in lists.items() for each in values)
    return _listed("/markets/keyset", (*repeated, *filters), MARKETS_MAX, reference.MarketPage)


def market_tags(number: str) -> Call[tuple[reference.Tag, ...]]:
    return one("/markets/{id}/tags", number, tuple[reference.Tag, ...], host=GAMMA)


def event_by_number(number: str) -> Call[wire.Event]:
    """With all its markets. By Gamma's own id, a short decimal number, as all numbers here."""
    return one("/events/{id}", number, wire.Event, host=GAMMA)


def event_tags(number: str) -> Call[tuple[reference.Tag, ...]]:
    return one("/events/{id}/tags", number, tuple[reference.Tag, ...], host=GAMMA)


def tags(offset: int = 0) -> Call[tuple[reference.Tag, ...]]:
    """At most TAGS_MAX; fewer are the last page."""
    return _listed("/tags", _from(offset), TAGS_MAX, tuple[reference.Tag, ...])


def tag_by_number(number: str) -> Call[reference.Tag]:
    return one("/tags/{id}", number, reference.Tag, host=GAMMA)


def tag_by_slug(slug: str) -> Call[reference.Tag]:
    return one("/tags/slug/{slug}", slug, reference.Tag, host=GAMMA)


def series_page(offset: int = 0, *, slug: str = "") -> Call[tuple[reference.Series, ...]]:
    """At most SERIES_MAX, without their events; fewer are the last page."""
    filters = (("slug", slug), ("exclude_events", "true"), *_from(offset))
    return _listed("/series", filters, SERIES_MAX, tuple[reference.Series, ...])


def series(number: str) -> Call[reference.Series]:
    """With its events, as far as the venue tells them: rows of wire.Event."""
    return one("/series/{id}", number, reference.Series, host=GAMMA)


def sports() -> Call[tuple[reference.Sport, ...]]:
    """Leagues, each with its tags, its series, and who settles it."""
    return Call(method="GET", host=GAMMA, path="/sports", answer=tuple[reference.Sport, ...])


def sports_market_types() -> Call[reference.SportsMarketTypes]:
    """Every value that a market's `sportsMarketType` may have."""
    path = "/sports/market-types"
    return Call(method="GET", host=GAMMA, path=path, answer=reference.SportsMarketTypes)


def _listed(path: str, filters: Sequence[tuple[str, str]], limit: int, answer: type[T]) -> Call[T]:
    return Call(
        method="GET",
        host=GAMMA,
        path=path,
        params=(*(each for each in filters if each[1]), ("limit", str(limit))),
        answer=answer,
        bytes_max=16 * MIB,
    )


def _from(offset: int) -> tuple[tuple[str, str]]:
    return (("offset", str(offset or "")),)


def _moment(at: datetime | None) -> str:
    """Raises ValueError for a time without a zone."""
    if at is None:
        return ""
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
