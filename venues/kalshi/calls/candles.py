"""Prices over time, as values: of one market, of an event's markets, of an event's forecast.

`start_s` and `end_s` (UTC epoch seconds) bound the ends of the periods, both included. Candles of
several markets are `public.candles`, those of archived markets `historical.candles`.
Source: OpenAPI 3.34.0, facts section 6.8.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from venues.http import MIB, Call
from venues.kalshi.calls.parts import between, call, query, repeated
from venues.kalshi.wire import candles as wire

Minutes = Literal[1, 60, 1440]


def of_market(
    series_ticker: str,
    ticker: str,
    *,
    start_s: int,
    end_s: int,
    minutes: Minutes,
    include_latest_before_start: bool | None = None,
) -> Call[wire.MarketCandles]:
    return call(
        "GET",
        "/series/{series_ticker}/markets/{ticker}/candlesticks",
        series_ticker,
        ticker,
        answer=wire.MarketCandles,
        params=query(
            start_ts=start_s,
            end_ts=end_s,
            period_interval=minutes,
            include_latest_before_start=include_latest_before_start,
        ),
    )


def of_event(
    series_ticker: str, event_ticker: str, *, start_s: int, end_s: int, minutes: Minutes
) -> Call[wire.EventCandles]:
    """Of every market of the event; a long answer is cut off and says where to go on."""
    return call(
        "GET",
        "/series/{series_ticker}/events/{ticker}/candlesticks",
        series_ticker,
        event_ticker,
        answer=wire.EventCandles,
        params=query(start_ts=start_s, end_ts=end_s, period_interval=minutes),
        bytes_max=32 * MIB,
    )


def forecast(
    series_ticker: str,
    event_ticker: str,
    *,
    percentiles: Sequence[int],
    start_s: int,
    end_s: int,
    minutes: Literal[0, 1, 60, 1440],
) -> Call[wire.Forecasts]:
    """At most 10 percentiles, in hundredths of a percent (5000 = the median). 0 minutes is 5 s.

    Signed, unlike the candles.
    """
    for each in percentiles:
        between("a percentile", each, 0, 9_999)
    return call(
        "GET",
        "/series/{series_ticker}/events/{ticker}/forecast_percentile_history",
        series_ticker,
        event_ticker,
        answer=wire.Forecasts,
        params=(
            *repeated("percentiles", percentiles, 10),
            *query(start_ts=start_s, end_ts=end_s, period_interval=minutes),
        ),
        signed=True,
    )
