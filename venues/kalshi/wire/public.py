"""Kalshi's public REST answers: what we depend on is required, everything else is ignored.

Prices and counts stay text until normalize.py makes micros of them; JSON numbers that mean money
are Decimal. Words of an open list (status, types) stay text, so that a new word is news, not an
error. Above each struct stands a payload, cut short, and where it was seen: a recording in
`recorded/kalshi`, or the OpenAPI document 3.34.0 where nobody has recorded one yet.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from venues.kalshi.wire.raw import Moment, Raw, Raws


# {"start": "0.0000", "end": "1.0000", "step": "0.0100"}
# rest/fairline_2026-07/market_single.json
class PriceRange(Struct, frozen=True, kw_only=True):
    start: str
    end: str
    step: str


# {"ticker": "KXHIGHNY-26JUL19-T80", "event_ticker": "KXHIGHNY-26JUL19", "market_type": "binary",
#  "title": "Will the **high temp in NYC** be <80° on Jul 19, 2026?", "status": "active",
#  "yes_sub_title": "79° or below", "close_time": "2026-07-20T04:59:00Z", "strike_type": "less",
#  "cap_strike": 80,
#  "expected_expiration_time": "2026-07-20T14:00:00Z", "settlement_timer_seconds": 3600,
#  "latest_expiration_time": "2026-07-26T14:00:00Z", "notional_value_dollars": "1.0000",
#  "rules_primary": "If the highest…", "rules_secondary": "Not all weather…", "price_ranges": […]}
# rest/fairline_2026-07/market_single.json. Its prices are a cache's, up to 15 s old: never read.
class Market(Struct, frozen=True, kw_only=True):
    ticker: str
    event_ticker: str
    market_type: str
    yes_sub_title: str
    close_time: Moment
    latest_expiration_time: Moment
    settlement_timer_seconds: int
    status: str
    notional_value_dollars: str
    rules_primary: str
    rules_secondary: str
    price_ranges: tuple[PriceRange, ...]
    title: str = ""
    strike_type: str = ""
    floor_strike: Decimal | None = None
    cap_strike: Decimal | None = None
    settlement_bounds_type: str = "default"
    result: str = ""
    settlement_value_dollars: str | None = None
    expected_expiration_time: Moment | None = None
    settlement_ts: Moment | None = None
    exchange_index: int | None = None
    fee_waiver_expiration_time: Moment | None = None


# {"event_ticker": "KXHIGHNY-26JUL19", "series_ticker": "KXHIGHNY", "mutually_exclusive": true,
#  "title": "Highest temperature in NYC on Jul 19, 2026?", "category": "Climate and Weather",
#  "markets": […]}
# rest/fairline_2026-07/events_mixed.json; the overrides: OpenAPI, EventData
class Event(Struct, frozen=True, kw_only=True):
    event_ticker: str
    series_ticker: str
    title: str
    mutually_exclusive: bool
    category: str = ""
    markets: tuple[Market, ...] = ()
    fee_type_override: str | None = None
    fee_multiplier_override: Decimal | None = None
    exchange_index: int | None = None


# {"name": "NWS", "url": "https://…"}
# OpenAPI, SettlementSource
class SettlementSource(Struct, frozen=True, kw_only=True):
    name: str | None = None
    url: str | None = None


# {"market_ticker": "…", "image_url": "…", "color_code": "#0000ff"}
# OpenAPI, MarketMetadata
class MarketMetadata(Struct, frozen=True, kw_only=True):
    market_ticker: str
    image_url: str
    color_code: str


# {"image_url": "…", "market_details": […], "settlement_sources": […], "competition": "…"}
# OpenAPI, GetEventMetadataResponse
class EventMetadata(Struct, frozen=True, kw_only=True):
    image_url: str
    market_details: tuple[MarketMetadata, ...]
    settlement_sources: tuple[SettlementSource, ...] | None = None
    featured_image_url: str | None = None
    competition: str | None = None
    competition_scope: str | None = None


# {"events": […], "milestones": […], "cursor": ""}; milestones (wire/reference.py) if asked for
# rest/fairline_2026-07/events_settled.json
class Events(Struct, frozen=True, kw_only=True):
    events: Raws
    milestones: Raws = ()
    cursor: str | None = None


# {"event": {…}, "markets": […]}; the markets are inside the event where we ask for that
# rest/fairline_2026-07/event_single.json
class EventAnswer(Struct, frozen=True, kw_only=True):
    event: Event
    markets: tuple[Market, ...] = ()


# {"markets": […], "cursor": ""}
# rest/fairline_2026-07/markets_resolved.json
class Markets(Struct, frozen=True, kw_only=True):
    markets: Raws
    cursor: str | None = None


# {"market": {…}}
# rest/fairline_2026-07/market_single.json
class MarketAnswer(Struct, frozen=True, kw_only=True):
    market: Raw


# {"ticker": "KXHIGHNY", "title": "…", "category": "Climate and Weather", "tags": null,
#  "settlement_sources": null, "fee_type": "quadratic", "fee_multiplier": 1}
# OpenAPI, Series; the fee fields also in rest/weather_series_meta_202607.jsonl.gz
class Series(Struct, frozen=True, kw_only=True):
    ticker: str
    category: str
    fee_type: str
    fee_multiplier: Decimal
    tags: tuple[str, ...] | None = None


# {"series": [{…}, …]}; about 14,000 of them in one answer
# OpenAPI, GetSeriesListResponse
class SeriesList(Struct, frozen=True, kw_only=True):
    series: Raws


# {"series": {…}}
# OpenAPI, GetSeriesResponse
class SeriesAnswer(Struct, frozen=True, kw_only=True):
    series: Series


# {"id": "…", "series_ticker": "KXMLBGAME", "fee_type": "quadratic_with_maker_fees",
#  "fee_multiplier": 0.5, "scheduled_ts": "2026-07-09T00:00:00Z"}
# OpenAPI, SeriesFeeChange
class SeriesFeeChange(Struct, frozen=True, kw_only=True):
    series_ticker: str
    fee_type: str
    fee_multiplier: Decimal
    scheduled_ts: Moment


# {"series_fee_change_arr": […]}
# OpenAPI, GetSeriesFeeChangesResponse
class SeriesFeeChanges(Struct, frozen=True, kw_only=True):
    series_fee_change_arr: Raws


# {"id": "…", "event_ticker": "KXMLBGAME-…", "series_ticker": "KXMLBGAME",
#  "fee_type_override": null, "fee_multiplier_override": 1, "scheduled_ts": "…"}
# OpenAPI, EventFeeChange; both overrides null = the event's override is cleared
class EventFeeChange(Struct, frozen=True, kw_only=True):
    event_ticker: str
    fee_type_override: str | None
    fee_multiplier_override: Decimal | None
    scheduled_ts: Moment


# {"event_fee_changes": […], "cursor": ""}
# OpenAPI, GetEventFeeChangesResponse
class EventFeeChanges(Struct, frozen=True, kw_only=True):
    event_fee_changes: Raws
    cursor: str | None = None


# {"yes_dollars": [["0.0100", "1209.98"], ["0.0500", "708.00"]],
#  "no_dollars": [["0.1000", "40.00"], ["0.1100", "110.00"]]}
# rest/fairline_2026-07/orderbook.json. Both are bids, worst first; an empty side is [].
class Orders(Struct, frozen=True, kw_only=True):
    yes_dollars: tuple[tuple[str, str], ...]
    no_dollars: tuple[tuple[str, str], ...]


# {"orderbook_fp": {…}}
# rest/fairline_2026-07/orderbook.json
class Orderbook(Struct, frozen=True, kw_only=True):
    orderbook_fp: Orders


# {"ticker": "KXHIGHNY-26JUL19-T80", "orderbook_fp": {…}}
# OpenAPI, MarketOrderbookFp
class TickerOrderbook(Struct, frozen=True, kw_only=True):
    ticker: str
    orderbook_fp: Orders


# {"orderbooks": [{…}, …]}
# OpenAPI, GetMarketOrderbooksResponse
class Orderbooks(Struct, frozen=True, kw_only=True):
    orderbooks: Raws


# {"trade_id": "…", "ticker": "KXELONMARS-99", "count_fp": "1.00", "yes_price_dollars": "0.0600",
#  "taker_outcome_side": "no", "created_time": "2026-09-12T15:00:20.897212Z",
#  "is_block_trade": false}
# OpenAPI, Trade
class Trade(Struct, frozen=True, kw_only=True):
    trade_id: str
    ticker: str
    count_fp: str
    yes_price_dollars: str
    taker_outcome_side: str
    created_time: Moment
    is_block_trade: bool


# {"trades": […], "cursor": "EhIKEGiNwc3pm3X2"}; newest first
# OpenAPI, GetTradesResponse
class Trades(Struct, frozen=True, kw_only=True):
    trades: Raws
    cursor: str | None = None


# {"close_dollars": "0.2100", "high_dollars": "1.0000", …}
# rest/fairline_2026-07/candlesticks_weather.json
class Quoted(Struct, frozen=True, kw_only=True):
    close_dollars: str
    open_dollars: str | None = None
    low_dollars: str | None = None
    high_dollars: str | None = None


# {"close_dollars": "0.2100", "mean_dollars": "0.2371", …}; keys absent or null without trades
# rest/fairline_2026-07/candlesticks_weather.json
class Traded(Struct, frozen=True, kw_only=True):
    close_dollars: str | None = None
    open_dollars: str | None = None
    low_dollars: str | None = None
    high_dollars: str | None = None
    mean_dollars: str | None = None
    previous_dollars: str | None = None
    min_dollars: str | None = None
    max_dollars: str | None = None


# {"end_period_ts": 1784386800, "price": {…}, "yes_bid": {…}, "yes_ask": {…}, "volume_fp": "213.29"}
# rest/fairline_2026-07/candlesticks_weather.json
class Candle(Struct, frozen=True, kw_only=True):
    end_period_ts: int
    price: Traded
    yes_bid: Quoted
    yes_ask: Quoted
    volume_fp: str | None = None
    open_interest_fp: str | None = None


# {"market_ticker": "KXHIGHNY-26JUL19-T80", "candlesticks": […]}
# OpenAPI, MarketCandlesticksResponse
class MarketCandles(Struct, frozen=True, kw_only=True):
    market_ticker: str
    candlesticks: Raws


# {"markets": [{…}]}
# OpenAPI, BatchGetMarketCandlesticksResponse
class Candles(Struct, frozen=True, kw_only=True):
    markets: tuple[MarketCandles, ...]


# {"exchange_index": 3, "description": "Tennis, Baseball, Basketball", "exchange_active": true,
#  "trading_active": false, "intra_exchange_transfers_active": true}
# OpenAPI, ExchangeIndexStatus
class ShardStatus(Struct, frozen=True, kw_only=True):
    exchange_index: int
    description: str
    exchange_active: bool
    trading_active: bool
    intra_exchange_transfers_active: bool | None = None


# {"exchange_active": true, "trading_active": true, "exchange_index_statuses": […]}
# OpenAPI, ExchangeStatus
class ExchangeStatus(Struct, frozen=True, kw_only=True):
    exchange_active: bool
    trading_active: bool
    intra_exchange_transfers_active: bool | None = None
    exchange_estimated_resume_time: Moment | None = None
    exchange_index_statuses: tuple[ShardStatus, ...] = ()


# {"open_time": "08:00", "close_time": "00:00"}; US Eastern
# OpenAPI, DailySchedule
class Session(Struct, frozen=True, kw_only=True):
    open_time: str
    close_time: str


# {"start_time": "2026-01-01T00:00:00Z", "end_time": "2200-12-01T00:00:00Z", "monday": […], …}
# OpenAPI, WeeklySchedule
class Week(Struct, frozen=True, kw_only=True):
    start_time: Moment
    end_time: Moment
    monday: tuple[Session, ...]
    tuesday: tuple[Session, ...]
    wednesday: tuple[Session, ...]
    thursday: tuple[Session, ...]
    friday: tuple[Session, ...]
    saturday: tuple[Session, ...]
    sunday: tuple[Session, ...]


# {"start_datetime": "2026-07-09T07:00:00Z", "end_datetime": "2026-07-09T09:00:00Z"}
# OpenAPI, MaintenanceWindow
class Maintenance(Struct, frozen=True, kw_only=True):
    start_datetime: Moment
    end_datetime: Moment


# {"standard_hours": […], "maintenance_windows": []}
# OpenAPI, Schedule
class Schedule(Struct, frozen=True, kw_only=True):
    standard_hours: tuple[Week, ...]
    maintenance_windows: tuple[Maintenance, ...]


# {"schedule": {…}}
# OpenAPI, GetExchangeScheduleResponse
class ScheduleAnswer(Struct, frozen=True, kw_only=True):
    schedule: Schedule


# {"as_of_time": "2026-10-01T12:00:00.123Z"}
# OpenAPI, GetUserDataTimestampResponse
class UserDataTimestamp(Struct, frozen=True, kw_only=True):
    as_of_time: Moment
