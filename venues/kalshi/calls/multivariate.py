"""Combos as values: multivariate events, and the collections they are made from.

Combos are never among the other events; their markets are made when somebody asks for one.
Source: OpenAPI 3.34.0, facts section 8.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from venues.http import MIB, Call
from venues.kalshi.calls.parts import body, call, joined, page, query
from venues.kalshi.wire import multivariate as wire

PAGE: Final = 200


class Selected(NamedTuple):
    """One leg of a combo."""

    market_ticker: str
    event_ticker: str
    side: Literal["yes", "no"]


def events(
    *,
    cursor: str = "",
    limit: int | None = None,
    series_ticker: str | None = None,
    collection_ticker: str | None = None,
    tickers: Sequence[str] | None = None,
    with_nested_markets: bool | None = None,
) -> Call[wire.Events]:
    """Of a series or of a collection, not of both."""
    if series_ticker is not None and collection_ticker is not None:
        raise ValueError("combos are listed by series or by collection, not by both")
    return call(
        "GET",
        "/events/multivariate",
        answer=wire.Events,
        params=(
            *query(
                series_ticker=series_ticker,
                collection_ticker=collection_ticker,
                tickers=joined("tickers", tickers, PAGE),
                with_nested_markets=with_nested_markets,
            ),
            *page(cursor, limit, PAGE),
        ),
        bytes_max=64 * MIB,
    )


def collections(
    *,
    cursor: str = "",
    limit: int | None = None,
    status: Literal["unopened", "open", "closed"] | None = None,
    associated_event_ticker: str | None = None,
    series_ticker: str | None = None,
) -> Call[wire.Collections]:
    return call(
        "GET",
        "/multivariate_event_collections",
        answer=wire.Collections,
        params=(
            *query(
                status=status,
                associated_event_ticker=associated_event_ticker,
                series_ticker=series_ticker,
            ),
            *page(cursor, limit, PAGE),
        ),
    )


def collection(ticker: str) -> Call[wire.CollectionAnswer]:
    return call(
        "GET",
        "/multivariate_event_collections/{collection_ticker}",
        ticker,
        answer=wire.CollectionAnswer,
    )


def create_market(
    collection_ticker: str, legs: Sequence[Selected], *, with_market: bool | None = None
) -> Call[wire.MarketMade]:
    """The combo of these legs, made if it does not exist yet; 5,000 a week. Signed."""
    if not legs:
        raise ValueError("a combo has legs")
    return call(
        "POST",
        "/multivariate_event_collections/{collection_ticker}",
        collection_ticker,
        answer=wire.MarketMade,
        body=body(
            selected_markets=[each._asdict() for each in legs],
            with_market_payload=with_market,
        ),
        signed=True,
    )
