"""A venue's market, or a row of a file → Listing, pure. What is not said stays empty.

Rows are taken as they come: our own files, labelled pairs, and the venues' raw objects (Kalshi's
REST market, Polymarket's Gamma market). A field of the wrong type counts as missing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from matching.listing import Listing
from venues import Event, Market
from venues.market import written

Row = Mapping[str, object]


def listing_of(market: Market, event: Event) -> Listing:
    """What the venue says of a market and of the event around it."""
    return Listing(
        venue=market.venue,
        id=market.id,
        title=market.title.strip(),
        subtitle=(market.yes_means if market.venue == "kalshi" else market.group_title).strip(),
        event_id=market.event_id,
        event_title=event.title.strip(),
        series=event.series,
        slug=market.slug or event.slug,
        outcomes=market.outcomes,
        rules=(market.rules,) if market.rules else (),
        strike_type=market.strike_type,
        floor=market.floor,
        cap=market.cap,
        line=market.line,
        starts_at=market.starts_at,
        closes_at=market.closes_at,
    )


def listing_from_row(venue: str, row: Row) -> Listing:
    """A row of a file. Without an id it goes by its title; raises ValueError without a title."""
    found = _kalshi(row) if venue == "kalshi" else _polymarket(row)
    if not found.title:
        raise ValueError(f"the {venue} market has no title")
    return found


def catalogued(venue: str, row: Row) -> Listing:
    """A row of a catalogue. Raises ValueError without an id or a title."""
    names = _IDS[venue]
    if not _text(row, *names):
        raise ValueError(f"the {venue} market has no id")
    return listing_from_row(venue, row)


def row_from_listing(listing: Listing) -> dict[str, object]:
    """A row that `listing_from_row` reads back; what is empty is left out."""
    names = _KALSHI_NAMES if listing.venue == "kalshi" else _POLYMARKET_NAMES
    found = {name: getattr(listing, field) for field, name in names.items()}
    written = {name: _plain(value) for name, value in found.items() if value}
    return {"rules": list(listing.rules), **written} if listing.rules else written


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


_KALSHI_NAMES: Final = {
    "id": "ticker",
    "event_id": "event_ticker",
    "series": "series",
    "title": "title",
    "event_title": "event_title",
    "subtitle": "yes_sub_title",
    "slug": "slug",
    "strike_type": "strike_type",
    "floor": "floor_strike",
    "cap": "cap_strike",
    "closes_at": "close_time",
}
_POLYMARKET_NAMES: Final = {
    "id": "id",
    "title": "title",
    "event_title": "event_title",
    "event_id": "event_id",
    "slug": "slug",
    "series": "series",
    "outcomes": "outcomes",
    "line": "line",
    "subtitle": "group_item_title",
    "starts_at": "game_start",
    "closes_at": "end_date",
}
_IDS: Final[Mapping[str, tuple[str, ...]]] = {
    "kalshi": ("ticker", "ticker_name", "id"),
    "polymarket": ("conditionId", "condition_id", "id"),
}


def _kalshi(row: Row) -> Listing:
    event = _inner(row.get("event"))
    ticker = _text(row, *_IDS["kalshi"])
    event_title = _unmarked(_text(row, "event_title") or _text(event, "title"))
    title = _unmarked(_text(row, "title")) or event_title
    return Listing(
        venue="kalshi",
        id=ticker or title,
        title=title,
        subtitle=_unmarked(_text(row, "yes_sub_title", "subtitle")),
        event_id=_text(row, "event_ticker", "event_id") or _event_of(ticker),
        event_title=event_title,
        series=_text(row, "series_ticker", "series")
        or _text(event, "series_ticker")
        or (ticker.partition("-")[0] if "-" in ticker else ""),
        slug=_text(row, "slug"),
        rules=_rules(row, "rules_primary", "rules_secondary"),
        strike_type=_text(row, "strike_type"),
        floor=_number(row, "floor_strike", "floor"),
        cap=_number(row, "cap_strike", "cap"),
        closes_at=_day_end(row, "close_time", "close_date", "closes_at"),
    )


def _event_of(ticker: str) -> str:
    """The event of a ticker of three parts or more. One of two parts may be its own event."""
    before, _, _ = ticker.rpartition("-")
    return before if "-" in before else ""


def _polymarket(row: Row) -> Listing:
    events = row.get("events")
    first = events[0] if isinstance(events, list) and events else row.get("event")
    event = _inner(first)
    title = _text(row, "question", "title")
    return Listing(
        venue="polymarket",
        id=_text(row, *_IDS["polymarket"]) or title,
        title=title,
        subtitle=_text(row, "groupItemTitle", "group_item_title"),
        event_id=_text(row, "event_id") or _text(event, "id"),
        event_title=_text(row, "event_title") or _text(event, "title"),
        series=_text(row, "seriesSlug", "series_slug", "series")
        or _text(event, "seriesSlug", "series_slug"),
        slug=_text(row, "slug", "market_slug", "event_slug") or _text(event, "slug"),
        outcomes=_outcomes(row.get("outcomes")),
        rules=_rules(row, "description"),
        line=_number(row, "line"),
        starts_at=_moment(row, "gameStartTime", "game_start_time", "game_start"),
        closes_at=_day_end(row, "endDate", "end_date", "closes_at"),
    )


def _inner(value: object) -> Row:
    return value if isinstance(value, Mapping) else {}


def _text(row: Row, *names: str) -> str:
    """The first of the fields that holds a text; a whole number is the text of its digits."""
    for name in names:
        value = row.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


def _unmarked(text: str) -> str:
    """Kalshi's titles come with ** around what its site prints bold."""
    return text.replace("**", "").strip()


def _rules(row: Row, *names: str) -> tuple[str, ...]:
    """The rules texts under the venue's own names, else under `rules`: one text or a list."""
    found = tuple(text for name in names if (text := _text(row, name)))
    if found:
        return found
    value = row.get("rules")
    texts = value if isinstance(value, list | tuple) else [value]
    return tuple(text.strip() for text in texts if isinstance(text, str) and text.strip())


def _outcomes(value: object) -> tuple[str, ...]:
    """Gamma writes the list as a text of JSON."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return ()
    if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        return tuple(value)
    return ()


def _number(row: Row, *names: str) -> str:
    """A number as the file writes it; of a JSON number the shortest digits that mean it."""
    for name in names:
        value = row.get(name)
        if isinstance(value, str):
            return value.strip()
        if isinstance(value, float):
            value = Decimal(repr(value))
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return written(Decimal(value))
    return ""


def _day_end(row: Row, *names: str) -> datetime | None:
    """A moment, or a bare day, which then counts to its noon: its year is what is asked of it."""
    found = _moment(row, *names)
    for name in names if found is None else ():
        value = row.get(name)
        if isinstance(value, str) and re.fullmatch(r"20\d\d-\d\d-\d\d", value.strip()):
            with suppress(ValueError):
                return datetime.fromisoformat(f"{value.strip()}T12:00:00+00:00")
    return found


def _moment(row: Row, *names: str) -> datetime | None:
    """A date with its hour; both venues write UTC where no zone stands. A bare day is no moment."""
    for name in names:
        value = row.get(name)
        if isinstance(value, datetime):
            return value if value.tzinfo else value.replace(tzinfo=UTC)
        if isinstance(value, str) and ":" in value:
            try:
                found = datetime.fromisoformat(value.strip())
                return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
            except (ValueError, OverflowError):
                continue
    return None
