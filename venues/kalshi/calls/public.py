"""The market data that needs no keys, as values. Paths are relative to `/trade-api/v2`.

Source: OpenAPI 3.34.0, checked by tests/protocol/test_kalshi_openapi.py. Lists of tickers are
joined by commas, except for order books, where the name repeats (a joined list gives one book).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from venues.http import MIB, Call
from venues.kalshi.calls.parts import between, call, joined, page, query, repeated
from venues.kalshi.wire import public as wire

EventStatus = Literal["unopened", "open", "closed", "settled"]
MarketStatus = Literal["unopened", "open", "paused", "closed", "settled"]
Combos = Literal["only", "exclude"]

BATCH: Final = 100
"""Tickers in one call: the venue's limit for books and candles, and its default page of markets."""

EVENTS_PAGE: Final = 200
PAGE: Final = 1_000
HOUR_MIN: Final = 60
_DEPTH_MAX: Final = 100


def exchange_status() -> Call[wire.ExchangeStatus]:
    """The venue sends its normal answer also as a 500, 503 or 504."""
    return call(
        "GET", "/exchange/status", answer=wire.ExchangeStatus, accepted=(200, 500, 503, 504)
    )


def exchange_schedule() -> Call[wire.ScheduleAnswer]:
    return call("GET", "/exchange/schedule", answer=wire.ScheduleAnswer)


def user_data_timestamp() -> Call[wire.UserDataTimestamp]:
    """Up to when orders, fills and balances are in the REST answers about them."""
    return call("GET", "/exchange/user_data_timestamp", answer=wire.UserDataTimestamp)


def series_list(
    *,
    category: str | None = None,
    tags: str | None = None,
    updated_after_s: int | None = None,
    include_product_metadata: bool | None = None,
    include_volume: bool | None = None,
) -> Call[wire.SeriesList]:
    """Without a filter all series in one answer of some 18 MB; there are no pages."""
    return call(
        "GET",
        "/series",
        answer=wire.SeriesList,
        params=query(
            category=category,
            tags=tags,
            min_updated_ts=updated_after_s,
            include_product_metadata=include_product_metadata,
            include_volume=include_volume,
        ),
        bytes_max=64 * MIB,
        deadline_s=60,
    )


def series(ticker: str, *, include_volume: bool | None = None) -> Call[wire.SeriesAnswer]:
    return call(
        "GET",
        "/series/{series_ticker}",
        ticker,
        answer=wire.SeriesAnswer,
        params=query(include_volume=include_volume),
    )


def series_fee_changes(
    *, series_ticker: str | None = None, show_historical: bool | None = None
) -> Call[wire.SeriesFeeChanges]:
    """Fee changes still to come, of every series; with `show_historical` those gone too."""
    return call(
        "GET",
        "/series/fee_changes",
        answer=wire.SeriesFeeChanges,
        params=query(series_ticker=series_ticker, show_historical=show_historical),
    )


def event_fee_changes(
    cursor: str = "", *, event_ticker: str | None = None, limit: int = PAGE
) -> Call[wire.EventFeeChanges]:
    return call(
        "GET",
        "/events/fee_changes",
        answer=wire.EventFeeChanges,
        params=(*query(event_ticker=event_ticker), *page(cursor, limit, PAGE)),
    )


def events_page(
    *,
    cursor: str = "",
    limit: int = EVENTS_PAGE,
    status: EventStatus | None = None,
    series_ticker: str | None = None,
    tickers: Sequence[str] | None = None,
    with_nested_markets: bool | None = None,
    with_milestones: bool | None = None,
    closes_after_s: int | None = None,
    updated_after_s: int | None = None,
) -> Call[wire.Events]:
    """Combos are never among them. An event has a status when any of its markets has it."""
    return call(
        "GET",
        "/events",
        answer=wire.Events,
        params=(
            *query(
                status=status,
                series_ticker=series_ticker,
                tickers=joined("tickers", tickers, EVENTS_PAGE),
                with_nested_markets=with_nested_markets,
                with_milestones=with_milestones,
                min_close_ts=closes_after_s,
                min_updated_ts=updated_after_s,
            ),
            *page(cursor, limit, EVENTS_PAGE),
        ),
        bytes_max=64 * MIB,
        deadline_s=30,
    )


def open_events(cursor: str = "") -> Call[wire.Events]:
    """Events with an open market, with all their markets; combos are never among them."""
    return events_page(cursor=cursor, status="open", with_nested_markets=True)


def events(tickers: Sequence[str]) -> Call[wire.Events]:
    """At most BATCH events, without their markets."""
    return events_page(tickers=tickers)


def event(
    ticker: str, *, with_nested_markets: bool = True, exclude_markets: bool | None = None
) -> Call[wire.EventAnswer]:
    """One event with its markets inside; older answers have them beside it.

    Its markets are left out by `exclude_markets`, which goes without nested ones.
    """
    if exclude_markets and with_nested_markets:
        raise ValueError("markets are either nested or left out")
    return call(
        "GET",
        "/events/{event_ticker}",
        ticker,
        answer=wire.EventAnswer,
        params=query(with_nested_markets=with_nested_markets, exclude_markets=exclude_markets),
        bytes_max=64 * MIB,
    )


def event_metadata(ticker: str) -> Call[wire.EventMetadata]:
    """Pictures, colours, settlement sources, and the competition of a sports event."""
    return call("GET", "/events/{event_ticker}/metadata", ticker, answer=wire.EventMetadata)


def markets_page(
    *,
    cursor: str = "",
    limit: int = PAGE,
    status: MarketStatus | None = None,
    event_ticker: str | None = None,
    series_ticker: str | None = None,
    tickers: Sequence[str] | None = None,
    combos: Combos | None = None,
    created_s: tuple[int | None, int | None] = (None, None),
    updated_s: tuple[int | None, int | None] = (None, None),
    closes_s: tuple[int | None, int | None] = (None, None),
    settled_s: tuple[int | None, int | None] = (None, None),
) -> Call[wire.Markets]:
    """Each window is (after, before), and the venue takes one of the four.

    `created_s` goes with the status unopened, open or none; `closes_s` with closed or none;
    `settled_s` with settled or none; `updated_s` sees only changes that are no trading.
    """
    windows = (created_s, updated_s, closes_s, settled_s)
    if sum(any(bound is not None for bound in window) for window in windows) > 1:
        raise ValueError("the venue takes one window of time in a call")
    return call(
        "GET",
        "/markets",
        answer=wire.Markets,
        params=(
            *query(
                status=status,
                event_ticker=event_ticker,
                series_ticker=series_ticker,
                tickers=joined("tickers", tickers, PAGE),
                mve_filter=combos,
                min_created_ts=created_s[0],
                max_created_ts=created_s[1],
                min_updated_ts=updated_s[0],
                max_updated_ts=updated_s[1],
                min_close_ts=closes_s[0],
                max_close_ts=closes_s[1],
                min_settled_ts=settled_s[0],
                max_settled_ts=settled_s[1],
            ),
            *page(cursor, limit, PAGE),
        ),
        bytes_max=32 * MIB,
    )


def markets(tickers: Sequence[str]) -> Call[wire.Markets]:
    """At most BATCH markets, in any state."""
    return markets_page(tickers=tickers, limit=BATCH)


def market(ticker: str) -> Call[wire.MarketAnswer]:
    """404 once it is archived: ask `historical.market` then."""
    return call("GET", "/markets/{ticker}", ticker, answer=wire.MarketAnswer)


def orderbook(ticker: str, *, depth: int | None = None) -> Call[wire.Orderbook]:
    """All resting orders of one market, or its `depth` (1 … 100) best levels, worst first."""
    return call(
        "GET",
        "/markets/{ticker}/orderbook",
        ticker,
        answer=wire.Orderbook,
        params=query(depth=between("depth", depth, 0, _DEPTH_MAX)),
    )


def orderbooks(tickers: Sequence[str]) -> Call[wire.Orderbooks]:
    """All resting orders of at most BATCH markets."""
    return call(
        "GET",
        "/markets/orderbooks",
        answer=wire.Orderbooks,
        params=repeated("tickers", tickers, BATCH),
    )


def trades(
    ticker: str | None,
    *,
    limit: int = PAGE,
    cursor: str = "",
    after_s: int | None = None,
    before_s: int | None = None,
    is_block_trade: bool | None = None,
) -> Call[wire.Trades]:
    """At most `limit` (≤ 1,000) public trades, newest first; of all markets without a ticker."""
    return call(
        "GET",
        "/markets/trades",
        answer=wire.Trades,
        params=(
            *query(ticker=ticker, min_ts=after_s, max_ts=before_s, is_block_trade=is_block_trade),
            *page(cursor, limit, PAGE),
        ),
    )


def candles(
    tickers: Sequence[str],
    *,
    start_s: int,
    end_s: int,
    minutes: int,
    include_latest_before_start: bool | None = None,
) -> Call[wire.Candles]:
    """Of at most BATCH markets; 10,000 candles at most. `minutes` is 1, 60 or 1,440.

    Candles that end between the two moments (UTC epoch s, both included).
    """
    if minutes < 1:
        raise ValueError("a candle lasts a minute or more")
    return call(
        "GET",
        "/markets/candlesticks",
        answer=wire.Candles,
        params=query(
            market_tickers=joined("tickers", tickers, BATCH),
            start_ts=start_s,
            end_ts=end_s,
            period_interval=minutes,
            include_latest_before_start=include_latest_before_start,
        ),
    )


def hourly_candles(ticker: str, *, start_s: int, end_s: int) -> Call[wire.Candles]:
    """The batch call, because the single one wants the series too."""
    return candles([ticker], start_s=start_s, end_s=end_s, minutes=HOUR_MIN)
