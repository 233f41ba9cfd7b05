"""Kalshi's answers about prices over time; a candle itself is in `public`."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from venues.kalshi.wire.raw import Raws


# {"ticker": "…", "candlesticks": […]}; each element is a public.Candle
# rest/fairline_2026-07/candlesticks_weather.json
class MarketCandles(Struct, frozen=True, kw_only=True):
    ticker: str
    candlesticks: Raws


# {"market_tickers": ["…"], "market_candlesticks": [[…]], "adjusted_end_ts": 1784386800}
# OpenAPI, GetEventCandlesticksResponse. The two lists go together; `adjusted_end_ts` is where it
# was cut off: ask again from there.
class EventCandles(Struct, frozen=True, kw_only=True):
    market_tickers: tuple[str, ...]
    market_candlesticks: tuple[Raws, ...]
    adjusted_end_ts: int


# OpenAPI, PercentilePoint; `percentile` is in hundredths of a percent
class Percentile(Struct, frozen=True, kw_only=True):
    percentile: int
    raw_numerical_forecast: Decimal
    numerical_forecast: Decimal
    formatted_forecast: str


# OpenAPI, ForecastPercentilesPoint
class Forecast(Struct, frozen=True, kw_only=True):
    event_ticker: str
    end_period_ts: int
    period_interval: int
    percentile_points: tuple[Percentile, ...]


# OpenAPI, GetEventForecastPercentilesHistoryResponse
class Forecasts(Struct, frozen=True, kw_only=True):
    forecast_history: tuple[Forecast, ...]
