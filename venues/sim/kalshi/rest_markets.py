"""REST: markets, their books, and public trades (8.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from venues.sim.kalshi import wire_out, wire_out_markets
from venues.sim.kalshi.catalogue import Market, Status
from venues.sim.kalshi.house import House
from venues.sim.kalshi.records import TradeRecord
from venues.sim.kalshi.refusal import Refusal, invalid_parameters
from venues.sim.kalshi.rest_ask import Ask, BadQuery, Handler, Query, Said
from venues.sim.kalshi.rest_pages import Place, page

TICKERS_MAX: Final = 100
TICKER_LENGTH_MAX: Final = 200

FILTERS: Final = {
    "unopened": {Status.INITIALIZED},
    "open": {Status.ACTIVE},
    "paused": {Status.INACTIVE},
    "closed": {Status.CLOSED, Status.DETERMINED, Status.DISPUTED, Status.AMENDED},
    "settled": {Status.FINALIZED},
}
"""The filter's words → the field's (6.5)."""

_FAMILIES: Final[dict[str, tuple[tuple[str, ...], Callable[[Market], int | None]]]] = {
    "created": (("unopened", "open"), lambda market: market.created_ms),
    "close": (("closed",), lambda market: market.close_ms),
    "settled": (("settled",), lambda market: market.settled_ms),
    "updated": ((), lambda market: market.updated_ms),
}
"""Families of time filters: the status filters each goes with, and what it looks at."""

Fits = Callable[[Market], bool]


def markets(ask: Ask) -> Said:
    house, query = ask.house, ask.query
    fits = tuple(_filters(house, query))
    ranks = {ticker: -number for number, ticker in enumerate(house.catalogue.markets)}
    found = [m for m in house.live_markets() if all(fit(m) for fit in fits)]
    rows, cursor = page(
        found,
        query,
        kind="markets",
        place=lambda market: Place(ranks[market.ticker], market.ticker),
        zero=True,
    )
    return Said({"markets": [shown(house, each) for each in rows], "cursor": cursor})


def market(ask: Ask) -> Said:
    return Said({"market": shown(ask.house, ask.house.market(ask.values["ticker"]))})


def historical_market(ask: Ask) -> Said:
    return Said({"market": shown(ask.house, ask.house.archived_market(ask.values["ticker"]))})


def shown(house: House, market: Market) -> dict[str, Any]:
    return wire_out_markets.market(market, house.quote(market.ticker))


def orderbook(ask: Ask) -> Said:
    depth = ask.query.whole("depth", low=0, high=100) or 0
    ticker = ask.house.market(ask.values["ticker"]).ticker
    return Said({"orderbook_fp": _book(ask.house, ticker, depth)})


def orderbooks(ask: Ask) -> Said:
    """`tickers` is repeated; unknown ones are left out (our reading: a comma-joined list was seen
    to give only one book, so the venue does not refuse what it does not know)."""
    asked = ask.query.repeated("tickers")
    if not 1 <= len(asked) <= TICKERS_MAX:
        raise invalid_parameters(f"1 to {TICKERS_MAX} tickers must be given")
    if any(len(ticker) > TICKER_LENGTH_MAX for ticker in asked):
        raise invalid_parameters(f"a ticker has at most {TICKER_LENGTH_MAX} characters")
    live = {each.ticker for each in ask.house.live_markets()}
    tickers = dict.fromkeys(_first_of_a_joined_list(ticker) for ticker in asked)
    books = [
        {"ticker": ticker, "orderbook_fp": _book(ask.house, ticker, 0)}
        for ticker in tickers
        if ticker in live
    ]
    return Said({"orderbooks": books})


def trades(ask: Ask) -> Said:
    ticker, block = ask.query.text("ticker"), ask.query.flag("is_block_trade")
    inside = ask.query.between("min_ts", "max_ts")
    found = [
        each
        for each in ask.house.trades()
        if ticker in {None, each.ticker}
        and block in {None, each.is_block_trade}
        and inside(each.created_ms)
    ]
    rows, cursor = page(found, ask.query, kind="trades", place=_place_of_trade, zero=True)
    return Said({"trades": [wire_out.trade(each) for each in rows], "cursor": cursor})


def _first_of_a_joined_list(ticker: str) -> str:
    """`A,B` gives one book (section 5); that it is the first one's is our reading."""
    return ticker.partition(",")[0]


def _place_of_trade(trade: TradeRecord) -> Place:
    return Place(trade.created_ms, trade.trade_id)


def _book(house: House, ticker: str, depth: int) -> dict[str, Any]:
    return wire_out_markets.book(house.bids(ticker), house.asks(ticker), depth)


def _filters(house: House, query: Query) -> Iterator[Fits]:
    status = _status(house, query)
    family = _family(query, status)
    if status:
        yield lambda market: market.status in FILTERS[status]
    if family:
        yield _in_time(query, family)
    if event_ticker := query.text("event_ticker"):
        yield lambda market: market.event_ticker == event_ticker
    if series_ticker := query.text("series_ticker"):
        yield lambda m: house.catalogue.events[m.event_ticker].series_ticker == series_ticker
    if tickers := frozenset(query.listed("tickers")):
        yield lambda market: market.ticker in tickers
    if combos := query.word("mve_filter", ("only", "exclude")):
        only = combos == "only"
        yield lambda m: house.catalogue.events[m.event_ticker].multivariate is only


def _status(house: House, query: Query) -> str | None:
    status = query.text("status")
    if status == "paused" and not house.knobs.paused_status_accepted:
        raise BadQuery("status: 'paused' is not supported")
    return query.word("status", tuple(FILTERS))


def _family(query: Query, status: str | None) -> str | None:
    """The one family of times that is asked for, checked against the other filters (8.3)."""
    asked = [
        family
        for family in _FAMILIES
        if query.text(f"min_{family}_ts") or query.text(f"max_{family}_ts")
    ]
    if not asked:
        return None
    if len(asked) > 1:
        raise _incompatible("timestamp filters of different kinds")
    family = asked[0]
    if status and status not in _FAMILIES[family][0]:
        raise _incompatible(f"{family}_ts filters and status {status}")
    if family == "updated":
        _check_updated(query)
    return family


def _check_updated(query: Query) -> None:
    if query.text("event_ticker") or query.text("tickers") or query.text("mve_filter") == "only":
        raise _incompatible("updated_ts filters and others but mve_filter=exclude")
    if query.text("series_ticker") and query.text("mve_filter") != "exclude":
        raise _incompatible("updated_ts filters and series_ticker without mve_filter=exclude")


def _in_time(query: Query, family: str) -> Fits:
    inside, moment = query.between(f"min_{family}_ts", f"max_{family}_ts"), _FAMILIES[family][1]

    def fits(market: Market) -> bool:
        at_ms = moment(market)
        return at_ms is not None and inside(at_ms)

    return fits


def _incompatible(what: str) -> Refusal:
    return invalid_parameters(f"{what} cannot be combined")


HANDLERS: Final[dict[tuple[str, str], Handler]] = {
    ("GET", "/markets"): markets,
    ("GET", "/markets/{ticker}"): market,
    ("GET", "/markets/{ticker}/orderbook"): orderbook,
    ("GET", "/markets/orderbooks"): orderbooks,
    ("GET", "/markets/trades"): trades,
    ("GET", "/historical/markets/{ticker}"): historical_market,
}
