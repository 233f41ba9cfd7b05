"""Kalshi's public reads as values. Paths are relative to `/trade-api/v2`; each costs one call.

Source: OpenAPI 3.34.0, checked by tests/protocol/test_kalshi_openapi.py. Lists of tickers are
joined by commas, except for order books, where the name repeats (a joined list gives one book).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from venues.http import MIB, Call
from venues.kalshi.calls.parts import page, segment
from venues.kalshi.wire import public as wire

BATCH: Final = 100
"""Tickers in one call: the venue's limit for books and candles, and its default page of markets."""

HOUR_MIN: Final = 60


def exchange_status() -> Call[wire.ExchangeStatus]:
    """The venue sends its normal answer also as a 500, 503 or 504."""
    return Call(
        method="GET",
        path="/exchange/status",
        answer=wire.ExchangeStatus,
        accepted=(200, 500, 503, 504),
    )


def exchange_schedule() -> Call[wire.ScheduleAnswer]:
    return Call(method="GET", path="/exchange/schedule", answer=wire.ScheduleAnswer)


def series_list() -> Call[wire.SeriesList]:
    """All series in one answer of some 18 MB; there are no pages."""
    return Call(
        method="GET",
        path="/series",
        answer=wire.SeriesList,
        bytes_max=64 * MIB,
        deadline_s=60,
    )


def series(ticker: str) -> Call[wire.SeriesAnswer]:
    return Call(method="GET", path=f"/series/{segment(ticker)}", answer=wire.SeriesAnswer)


def series_fee_changes() -> Call[wire.SeriesFeeChanges]:
    """Fee changes still to come, of every series."""
    return Call(method="GET", path="/series/fee_changes", answer=wire.SeriesFeeChanges)


def event_fee_changes(cursor: str = "") -> Call[wire.EventFeeChanges]:
    return Call(
        method="GET",
        path="/events/fee_changes",
        answer=wire.EventFeeChanges,
        params=page(cursor, 1_000),
    )


def open_events(cursor: str = "") -> Call[wire.Events]:
    """Events with an open market, with all their markets; combos are never among them."""
    return Call(
        method="GET",
        path="/events",
        answer=wire.Events,
        params=(("status", "open"), ("with_nested_markets", "true"), *page(cursor, 200)),
        bytes_max=64 * MIB,
        deadline_s=30,
    )


def events(tickers: Sequence[str]) -> Call[wire.Events]:
    """At most BATCH events, without their markets."""
    return Call(
        method="GET",
        path="/events",
        answer=wire.Events,
        params=(("tickers", ",".join(tickers)), *page("", 200)),
    )


def event(ticker: str) -> Call[wire.EventAnswer]:
    """One event with its markets; older answers have them beside it."""
    return Call(
        method="GET",
        path=f"/events/{segment(ticker)}",
        answer=wire.EventAnswer,
        params=(("with_nested_markets", "true"),),
    )


def markets(tickers: Sequence[str]) -> Call[wire.Markets]:
    """At most BATCH markets, in any state."""
    return Call(
        method="GET",
        path="/markets",
        answer=wire.Markets,
        params=(("tickers", ",".join(tickers)), *page("", BATCH)),
    )


def market(ticker: str) -> Call[wire.MarketAnswer]:
    return Call(method="GET", path=f"/markets/{segment(ticker)}", answer=wire.MarketAnswer)


def orderbook(ticker: str) -> Call[wire.Orderbook]:
    """All resting orders of one market."""
    return Call(method="GET", path=f"/markets/{segment(ticker)}/orderbook", answer=wire.Orderbook)


def orderbooks(tickers: Sequence[str]) -> Call[wire.Orderbooks]:
    """All resting orders of at most BATCH markets."""
    return Call(
        method="GET",
        path="/markets/orderbooks",
        answer=wire.Orderbooks,
        params=tuple(("tickers", ticker) for ticker in tickers),
    )


def trades(ticker: str, *, limit: int, cursor: str = "") -> Call[wire.Trades]:
    """At most `limit` (≤ 1,000) public trades, newest first."""
    return Call(
        method="GET",
        path="/markets/trades",
        answer=wire.Trades,
        params=(("ticker", ticker), *page(cursor, limit)),
    )


def hourly_candles(ticker: str, *, start_s: int, end_s: int) -> Call[wire.Candles]:
    """Candles that end between the two moments (UTC epoch s, both included); 10,000 at most.

    The batch call, because the single one wants the series too.
    """
    return Call(
        method="GET",
        path="/markets/candlesticks",
        answer=wire.Candles,
        params=(
            ("market_tickers", ticker),
            ("start_ts", str(start_s)),
            ("end_ts", str(end_s)),
            ("period_interval", str(HOUR_MIN)),
        ),
    )
