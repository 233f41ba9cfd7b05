"""Kalshi's answers about what has left the live window.

Lists are in the same envelopes as the live ones; candles drop the suffixes of their names.
"""

from __future__ import annotations

from msgspec import Struct

from venues.kalshi.wire.raw import Moment, Raws


# {"market_settled_ts": "2026-07-28T00:00:00Z", "trades_created_ts": "…", "orders_updated_ts": "…"}
# OpenAPI, GetHistoricalCutoffResponse. Older than this is only in the historical calls.
class Cutoff(Struct, frozen=True, kw_only=True):
    market_settled_ts: Moment
    trades_created_ts: Moment
    orders_updated_ts: Moment
    market_positions_last_updated_ts: Moment | None = None


# {"open": "0.2100", "low": "0.2100", "high": "0.2200", "close": "0.2100"}
# rest/fairline_2026-07/historical_candlesticks.json
class Quoted(Struct, frozen=True, kw_only=True):
    open: str
    low: str
    high: str
    close: str


# {"open": null, "low": null, "high": null, "close": null, "mean": null, "previous": "0.2100"}
# rest/fairline_2026-07/historical_candlesticks.json
class Traded(Struct, frozen=True, kw_only=True):
    open: str | None = None
    low: str | None = None
    high: str | None = None
    close: str | None = None
    mean: str | None = None
    previous: str | None = None


# {"end_period_ts": 1784386800, "price": {…}, "yes_bid": {…}, "yes_ask": {…}, "volume": "213.29"}
# rest/fairline_2026-07/historical_candlesticks.json
class Candle(Struct, frozen=True, kw_only=True):
    end_period_ts: int
    yes_bid: Quoted
    yes_ask: Quoted
    price: Traded
    volume: str
    open_interest: str


# {"ticker": "…", "candlesticks": […]}; each element is a Candle
# rest/fairline_2026-07/historical_candlesticks.json
class Candles(Struct, frozen=True, kw_only=True):
    ticker: str
    candlesticks: Raws
