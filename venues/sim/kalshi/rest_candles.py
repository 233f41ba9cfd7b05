"""REST: candles of live markets (8.3). Beyond the core: charts want them."""

from __future__ import annotations

from typing import Any, Final

from venues.sim.kalshi.candles import Bar, Candle, mean
from venues.sim.kalshi.refusal import invalid_parameters
from venues.sim.kalshi.rest_ask import Ask, BadQuery, Handler, Said
from venues.sim.kalshi.wire_text import count, dollars

TICKERS_MAX: Final = 100
CANDLES_MAX: Final = 10_000
_PERIODS: Final = (1, 60, 1_440)


def of_market(ask: Ask) -> Said:
    """`include_latest_before_start` is taken and changes nothing."""
    ticker = ask.house.market(ask.values["ticker"]).ticker
    return Said({"ticker": ticker, "candlesticks": _candles(ask, ticker)})


def of_markets(ask: Ask) -> Said:
    """Unknown tickers are left out."""
    known = {market.ticker for market in ask.house.live_markets()}
    markets = [
        {"market_ticker": ticker, "candlesticks": _candles(ask, ticker)}
        for ticker in ask.query.listed("market_tickers", TICKERS_MAX)
        if ticker in known
    ]
    if sum(len(each["candlesticks"]) for each in markets) > CANDLES_MAX:
        raise invalid_parameters(f"more than {CANDLES_MAX} candlesticks")
    return Said({"markets": markets})


def _candles(ask: Ask, ticker: str) -> list[dict[str, Any]]:
    first, last, minutes = (
        ask.query.whole(name) for name in ("start_ts", "end_ts", "period_interval")
    )
    if first is None or last is None or minutes not in _PERIODS:
        raise BadQuery("start_ts, end_ts and a period_interval of 1, 60 or 1440 are needed")
    found = ask.house.candles.of(ticker, minutes)
    return [_json(each) for each in found if first <= each.end_ms // 1_000 <= last]


def _json(candle: Candle) -> dict[str, Any]:
    price: dict[str, Any] = _prices(candle.price) if candle.price else {}
    if candle.price:
        price["mean_dollars"] = dollars(mean(candle))
    if candle.before is not None:
        price["previous_dollars"] = dollars(candle.before)
    return {
        "end_period_ts": candle.end_ms // 1_000,
        "yes_bid": _prices(candle.bid),
        "yes_ask": _prices(candle.ask),
        "price": price,
        "volume_fp": count(candle.volume),
        "open_interest_fp": count(candle.open_interest),
    }


def _prices(bar: Bar) -> dict[str, Any]:
    named = {"open": bar.open, "low": bar.low, "high": bar.high, "close": bar.close}
    return {f"{name}_dollars": dollars(price) for name, price in named.items()}


HANDLERS: Final[dict[tuple[str, str], Handler]] = {
    ("GET", "/series/{series_ticker}/markets/{ticker}/candlesticks"): of_market,
    ("GET", "/markets/candlesticks"): of_markets,
}
