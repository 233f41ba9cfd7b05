"""REST: series, events, and their changing fees (8.1, 8.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from venues.sim.kalshi import wire_out_markets as out
from venues.sim.kalshi.catalogue import Event, FeeChange, Market
from venues.sim.kalshi.house import House
from venues.sim.kalshi.refusal import invalid_parameters, not_found
from venues.sim.kalshi.rest_ask import Ask, Handler, Query, Said
from venues.sim.kalshi.rest_markets import FILTERS, shown
from venues.sim.kalshi.rest_pages import Place, page

EVENTS_MAX: Final = 200
_STATUSES: Final = ("unopened", "open", "closed", "settled")

Children = dict[str, list[Market]]


def series_list(ask: Ask) -> Said:
    """Everything at once; `category` matches the discovery categories exactly."""
    query = ask.query
    category, tags = query.text("category"), frozenset(query.listed("tags"))
    since = query.whole("min_updated_ts")
    volumes = _volumes(ask.house) if query.flag("include_volume") else None
    metadata = bool(query.flag("include_product_metadata"))
    rows = [
        out.series(
            each,
            volume=None if volumes is None else volumes.get(each.ticker, 0),
            metadata=metadata,
        )
        for each in ask.house.catalogue.series.values()
        if (category is None or category in (each.categories or (each.category,)))
        and (not tags or tags.intersection(each.tags))
        and (since is None or each.updated_ms > since * 1_000)
    ]
    return Said({"series": rows})


def series(ask: Ask) -> Said:
    found = ask.house.catalogue.series.get(ask.values["series_ticker"])
    if found is None:
        raise not_found("series")
    volume = None
    if ask.query.flag("include_volume"):
        volume = _volumes(ask.house).get(found.ticker, 0)
    return Said({"series": out.series(found, volume=volume)})


def events(ask: Ask) -> Said:
    """Without multivariate ones. Old events stay; their archived markets do not."""
    house, query = ask.house, ask.query
    children = _children(house)
    nested, milestones = query.flag("with_nested_markets"), query.flag("with_milestones")
    fits = tuple(_filters(query, children))
    ranks = {ticker: -number for number, ticker in enumerate(house.catalogue.events)}
    found = [
        each
        for each in house.catalogue.events.values()
        if not each.multivariate and all(fit(each) for fit in fits)
    ]
    rows, cursor = page(
        found,
        query,
        kind="events",
        place=lambda event: Place(ranks[event.ticker], event.ticker),
        most=EVENTS_MAX,
        default=EVENTS_MAX,
    )
    listed = [
        out.event(each, _shown(house, children.get(each.ticker, [])) if nested else None)
        for each in rows
    ]
    return Said({"events": listed, **({"milestones": []} if milestones else {}), "cursor": cursor})


def event(ask: Ask) -> Said:
    nested = ask.query.flag("with_nested_markets")
    excluded = ask.query.flag("exclude_markets")
    if nested and excluded:
        raise invalid_parameters("exclude_markets cannot be combined with with_nested_markets")
    found = ask.house.catalogue.events.get(ask.values["event_ticker"])
    if found is None:
        raise not_found("event")
    children = [] if excluded else _children(ask.house).get(found.ticker, [])
    markets = list(_shown(ask.house, children))
    if nested:
        return Said({"event": out.event(found, markets), "markets": []})
    return Said({"event": out.event(found), "markets": markets})


def series_fee_changes(ask: Ask) -> Said:
    """Only those to come, unless `show_historical`."""
    ticker, past = ask.query.text("series_ticker"), ask.query.flag("show_historical")
    rows = [
        out.series_fee_change(each)
        for each in ask.house.catalogue.fee_changes
        if not each.event_ticker
        and ticker in {None, each.series_ticker}
        and (past or each.scheduled_ms > ask.house.now_ms)
    ]
    return Said({"series_fee_change_arr": rows})


def event_fee_changes(ask: Ask) -> Said:
    """Past ones too (our reading: this list has no `show_historical`), latest scheduled first."""
    ticker = ask.query.text("event_ticker")
    found = [
        each
        for each in ask.house.catalogue.fee_changes
        if each.event_ticker and ticker in {None, each.event_ticker}
    ]
    found.sort(key=lambda each: -each.scheduled_ms)
    rows, cursor = page(found, ask.query, kind="event_fee_changes", place=_place_of_change)
    return Said(
        {"event_fee_changes": [out.event_fee_change(each) for each in rows], "cursor": cursor}
    )


def _place_of_change(change: FeeChange) -> Place:
    return Place(change.scheduled_ms, change.id)


def _filters(query: Query, children: Children) -> Iterator[Callable[[Event], bool]]:
    if status := query.word("status", _STATUSES):
        words = FILTERS[status]
        yield lambda event: any(m.status in words for m in children.get(event.ticker, ()))
    if series_ticker := query.text("series_ticker"):
        yield lambda event: event.series_ticker == series_ticker
    if tickers := frozenset(query.listed("tickers", EVENTS_MAX)):
        yield lambda event: event.ticker in tickers
    if (close_s := query.whole("min_close_ts")) is not None:
        yield lambda e: any(m.close_ms > close_s * 1_000 for m in children.get(e.ticker, ()))
    if (updated_s := query.whole("min_updated_ts")) is not None:
        yield lambda event: event.updated_ms > updated_s * 1_000


def _children(house: House) -> Children:
    found: Children = {}
    for market in house.live_markets():
        found.setdefault(market.event_ticker, []).append(market)
    return found


def _shown(house: House, markets: list[Market]) -> Iterator[dict[str, Any]]:
    return (shown(house, market) for market in markets)


def _volumes(house: House) -> dict[str, int]:
    """Contracts traded, by series."""
    found: dict[str, int] = {}
    for ticker in house.catalogue.markets:
        name = house.catalogue.series_of(ticker).ticker
        found[name] = found.get(name, 0) + house.quote(ticker).volume
    return found


HANDLERS: Final[dict[tuple[str, str], Handler]] = {
    ("GET", "/series"): series_list,
    ("GET", "/series/{series_ticker}"): series,
    ("GET", "/series/fee_changes"): series_fee_changes,
    ("GET", "/events"): events,
    ("GET", "/events/{event_ticker}"): event,
    ("GET", "/events/fee_changes"): event_fee_changes,
}
