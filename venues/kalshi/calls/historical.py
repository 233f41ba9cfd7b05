"""What has left the live window, as values: markets and trades after some three months, finished
orders and fills after some two weeks.

A complete history is live and historical, each row once by its id. The lists come in the
envelopes of the live calls. Source: OpenAPI 3.34.0, facts section 8.8.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from venues.http import MIB, Call
from venues.kalshi.calls.parts import Params, call, joined, page, query, subaccount_of
from venues.kalshi.wire import historical as wire
from venues.kalshi.wire import orders as order_wire
from venues.kalshi.wire import portfolio, public

PAGE: Final = 1_000
Minutes = Literal[1, 60, 1440]


def cutoff() -> Call[wire.Cutoff]:
    """The moments between the live and the historical calls."""
    return call("GET", "/historical/cutoff", answer=wire.Cutoff)


def market(ticker: str) -> Call[public.MarketAnswer]:
    return call("GET", "/historical/markets/{ticker}", ticker, answer=public.MarketAnswer)


def markets(
    *,
    cursor: str = "",
    limit: int = PAGE,
    tickers: Sequence[str] | None = None,
    event_ticker: str | None = None,
    series_ticker: str | None = None,
    combos: Literal["exclude"] | None = None,
) -> Call[public.Markets]:
    return call(
        "GET",
        "/historical/markets",
        answer=public.Markets,
        params=(
            *query(
                tickers=joined("tickers", tickers, PAGE),
                event_ticker=event_ticker,
                series_ticker=series_ticker,
                mve_filter=combos,
            ),
            *page(cursor, limit, PAGE),
        ),
        bytes_max=32 * MIB,
    )


def candles(ticker: str, *, start_s: int, end_s: int, minutes: Minutes) -> Call[wire.Candles]:
    """Candles that end between the two moments (UTC epoch s, both included)."""
    return call(
        "GET",
        "/historical/markets/{ticker}/candlesticks",
        ticker,
        answer=wire.Candles,
        params=query(start_ts=start_s, end_ts=end_s, period_interval=minutes),
    )


def trades(
    *,
    cursor: str = "",
    limit: int = PAGE,
    ticker: str | None = None,
    after_s: int | None = None,
    before_s: int | None = None,
    is_block_trade: bool | None = None,
) -> Call[public.Trades]:
    return call(
        "GET",
        "/historical/trades",
        answer=public.Trades,
        params=(
            *query(ticker=ticker, min_ts=after_s, max_ts=before_s, is_block_trade=is_block_trade),
            *page(cursor, limit, PAGE),
        ),
    )


def fills(
    *,
    cursor: str = "",
    limit: int = PAGE,
    ticker: str | None = None,
    after_s: int | None = None,
    before_s: int | None = None,
    subaccount: int | None = None,
) -> Call[portfolio.Fills]:
    return call(
        "GET",
        "/historical/fills",
        answer=portfolio.Fills,
        params=(*_ours(ticker, after_s, before_s, subaccount), *page(cursor, limit, PAGE)),
        signed=True,
    )


def orders(
    *,
    cursor: str = "",
    limit: int = PAGE,
    ticker: str | None = None,
    after_s: int | None = None,
    before_s: int | None = None,
    subaccount: int | None = None,
) -> Call[order_wire.Orders]:
    """Finished orders only: those that rest are always live."""
    return call(
        "GET",
        "/historical/orders",
        answer=order_wire.Orders,
        params=(*_ours(ticker, after_s, before_s, subaccount), *page(cursor, limit, PAGE)),
        signed=True,
    )


def positions(
    *,
    cursor: str = "",
    limit: int = PAGE,
    ticker: str | None = None,
    event_ticker: str | None = None,
    subaccount: int | None = None,
) -> Call[portfolio.Positions]:
    """Of the primary without a subaccount."""
    return call(
        "GET",
        "/historical/positions",
        answer=portfolio.Positions,
        params=(
            *query(
                ticker=ticker,
                event_ticker=event_ticker,
                subaccount=subaccount_of(subaccount),
            ),
            *page(cursor, limit, PAGE),
        ),
        signed=True,
    )


def _ours(
    ticker: str | None, after_s: int | None, before_s: int | None, subaccount: int | None
) -> Params:
    return query(
        ticker=ticker, min_ts=after_s, max_ts=before_s, subaccount=subaccount_of(subaccount)
    )
