"""The catalogue: events, markets, tags, series, search (§5)."""

from __future__ import annotations

from typing import Final

from venues.sim.polymarket.catalogue import Event, Market
from venues.sim.polymarket.gamma_filters import Row, filtered, keyset, legacy
from venues.sim.polymarket.gamma_rows import event_row, market_row, series_row, tag_row
from venues.sim.polymarket.gamma_words import found_by
from venues.sim.polymarket.refusal import Refusal
from venues.sim.polymarket.rest_ask import Ask, Handlers, Said
from venues.sim.polymarket.wire_text import Object

TAGS_MAX: Final = 100
SERIES_MAX: Final = 50
FOUND_MAX: Final = 50


def events_keyset(ask: Ask) -> Said:
    rows, cursor = keyset(_events(ask), ask.query, most=500)
    listed = [event_row(ask, ask.house.catalogue.events[each.id]) for each in rows]
    return Said(_paged("events", listed, cursor))


def markets_keyset(ask: Ask) -> Said:
    rows, cursor = keyset(_markets(ask), ask.query, most=100)
    return Said(_paged("markets", _market_rows(ask, rows), cursor))


def events(ask: Ask) -> Said:
    rows = legacy(_events(ask), ask.query, most=500)
    return Said([event_row(ask, ask.house.catalogue.events[each.id]) for each in rows])


def markets(ask: Ask) -> Said:
    return Said(_market_rows(ask, legacy(_markets(ask), ask.query, most=100)))


def event_by_id(ask: Ask) -> Said:
    return Said(event_row(ask, _event(ask, "id")))


def event_by_slug(ask: Ask) -> Said:
    return Said(event_row(ask, _event(ask, "slug")))


def market_by_id(ask: Ask) -> Said:
    return Said(market_row(ask, _market(ask, "id"), with_event=True))


def market_by_slug(ask: Ask) -> Said:
    return Said(market_row(ask, _market(ask, "slug"), with_event=True))


def event_tags(ask: Ask) -> Said:
    return Said([tag_row(ask, tag) for tag in _event(ask, "id").tags])


def market_tags(ask: Ask) -> Said:
    event = ask.house.catalogue.events[_market(ask, "id").event_id]
    return Said([tag_row(ask, tag) for tag in event.tags])


def search(ask: Ask) -> Said:
    """Events with all their markets, best match first; by default open ones alone."""
    query = ask.query
    if not query.text("q").strip():
        raise Refusal(422, "q is required")
    found = found_by(query.text("q"), ask.house.catalogue)
    if query.text("events_status") in {"", "active"}:
        found = [each for each in found if not _is_over(ask, each)]
    size = min(query.whole("limit_per_type") or 10, FOUND_MAX)
    start = (max(query.whole("page") or 1, 1) - 1) * size
    shown = [event_row(ask, each) for each in found[start : start + size]]
    pagination = {"hasMore": start + size < len(found), "totalResults": len(found)}
    return Said({"events": shown, "pagination": pagination})


def tags(ask: Ask) -> Said:
    return _offset(ask, [tag_row(ask, tag) for tag in _all_tags(ask)], TAGS_MAX)


def tag(ask: Ask) -> Said:
    return Said(_named(ask, [tag_row(ask, tag) for tag in _all_tags(ask)]))


def series(ask: Ask) -> Said:
    return _offset(ask, [series_row(ask, name) for name in _all_series(ask)], SERIES_MAX)


def one_series(ask: Ask) -> Said:
    return Said(_named(ask, [series_row(ask, name) for name in _all_series(ask)]))


def sports(_ask: Ask) -> Said:
    """None are simulated."""
    return Said([])


def sports_types(_ask: Ask) -> Said:
    return Said({"marketTypes": ["moneyline", "spreads", "totals"]})


def _events(ask: Ask) -> list[Row]:
    catalogue = ask.house.catalogue
    rows = [Row.of_event(each, catalogue.of_event(each.id)) for each in catalogue.events.values()]
    return filtered(rows, ask)


def _markets(ask: Ask) -> list[Row]:
    catalogue = ask.house.catalogue
    rows = [Row.of_market(m, catalogue.events[m.event_id]) for m in catalogue.markets.values()]
    return filtered(rows, ask)


def _market_rows(ask: Ask, rows: list[Row]) -> list[Object]:
    by_id = {each.id: each for each in ask.house.catalogue.markets.values()}
    return [market_row(ask, by_id[each.id], with_event=True) for each in rows]


def _paged(name: str, rows: list[Object], cursor: str) -> Object:
    """The last page has no cursor at all."""
    return {name: rows, "next_cursor": cursor} if cursor else {name: rows}


def _offset(ask: Ask, rows: list[Object], most: int) -> Said:
    size, start = min(ask.query.whole("limit") or most, most), ask.query.whole("offset") or 0
    return Said(rows[start : start + size])


def _named(ask: Ask, rows: list[Object]) -> Object:
    for each in rows:
        if all(each[name] == value for name, value in ask.values.items()):
            return each
    raise Refusal(404, f"{'slug' if 'slug' in ask.values else 'id'} not found")


def _event(ask: Ask, name: str) -> Event:
    for each in ask.house.catalogue.events.values():
        if getattr(each, name) == ask.values[name]:
            return each
    raise Refusal(404, f"{name} not found")


def _market(ask: Ask, name: str) -> Market:
    for each in ask.house.catalogue.markets.values():
        if getattr(each, name) == ask.values[name]:
            return each
    raise Refusal(404, f"{name} not found")


def _is_over(ask: Ask, event: Event) -> bool:
    return Row.of_event(event, ask.house.catalogue.of_event(event.id)).closed


def _all_tags(ask: Ask) -> list[str]:
    return list(dict.fromkeys(t for e in ask.house.catalogue.events.values() for t in e.tags))


def _all_series(ask: Ask) -> list[str]:
    found = (each.series for each in ask.house.catalogue.events.values() if each.series)
    return list(dict.fromkeys(found))


HANDLERS: Final[Handlers] = {
    ("GET", "/gamma/events/keyset"): events_keyset,
    ("GET", "/gamma/markets/keyset"): markets_keyset,
    ("GET", "/gamma/events"): events,
    ("GET", "/gamma/markets"): markets,
    ("GET", "/gamma/events/{id}"): event_by_id,
    ("GET", "/gamma/events/{id}/tags"): event_tags,
    ("GET", "/gamma/events/slug/{slug}"): event_by_slug,
    ("GET", "/gamma/markets/{id}"): market_by_id,
    ("GET", "/gamma/markets/{id}/tags"): market_tags,
    ("GET", "/gamma/markets/slug/{slug}"): market_by_slug,
    ("GET", "/gamma/public-search"): search,
    ("GET", "/gamma/tags"): tags,
    ("GET", "/gamma/tags/{id}"): tag,
    ("GET", "/gamma/tags/slug/{slug}"): tag,
    ("GET", "/gamma/series"): series,
    ("GET", "/gamma/series/{id}"): one_series,
    ("GET", "/gamma/sports"): sports,
    ("GET", "/gamma/sports/market-types"): sports_types,
}
