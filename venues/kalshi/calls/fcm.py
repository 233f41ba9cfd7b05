"""What futures brokers (FCM members) may ask, as values. All are signed; nobody else may.

Source: OpenAPI 3.34.0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from venues.http import Call
from venues.kalshi.calls.orders import Status
from venues.kalshi.calls.parts import CREATED, amount_dollars, body, call, joined, page, query
from venues.kalshi.calls.portfolio import Counted, Settled
from venues.kalshi.wire import fcm as wire
from venues.kalshi.wire import orders as order_wire
from venues.kalshi.wire import portfolio
from venues.money import ONE, Cash, Price, Quantity

PAGE: Final = 1_000
_BLOCKED: Final = "/fcm/subtraders/blocked_categories"
_CAP: Final = "/fcm/subtraders/event_contract_daily_cap"


def fills(
    *, cursor: str = "", after_s: int | None = None, before_s: int | None = None
) -> Call[wire.Fills]:
    return call(
        "GET",
        "/fcm/fills",
        answer=wire.Fills,
        params=(*query(min_ts=after_s, max_ts=before_s), *page(cursor, None)),
        signed=True,
    )


def orders(
    *,
    subtrader_id: str | None = None,
    client_order_ids: Sequence[str] | None = None,
    cursor: str = "",
    limit: int | None = None,
    ticker: str | None = None,
    event_ticker: str | None = None,
    status: Status | None = None,
    after_s: int | None = None,
    before_s: int | None = None,
) -> Call[order_wire.Orders]:
    """Of a subtrader, or by at most 100 client order ids, and then of the last 24 hours only."""
    return call(
        "GET",
        "/fcm/orders",
        answer=order_wire.Orders,
        params=(
            *query(
                subtrader_id=subtrader_id,
                client_order_ids=joined("client_order_ids", client_order_ids, 100),
                ticker=ticker,
                event_ticker=event_ticker,
                status=status,
                min_ts=after_s,
                max_ts=before_s,
            ),
            *page(cursor, limit, PAGE),
        ),
        signed=True,
    )


def positions(
    *,
    subtrader_id: str | None = None,
    cursor: str = "",
    limit: int | None = None,
    ticker: str | None = None,
    event_ticker: str | None = None,
    counted: Sequence[Counted] | None = None,
    settled: Settled | None = None,
) -> Call[portfolio.Positions]:
    """The subtrader may be left out only with a key that is bound to one."""
    return call(
        "GET",
        "/fcm/positions",
        answer=portfolio.Positions,
        params=(
            *query(
                subtrader_id=subtrader_id,
                ticker=ticker,
                event_ticker=event_ticker,
                count_filter=joined("counted", counted, 2),
                settlement_status=settled,
            ),
            *page(cursor, limit, PAGE),
        ),
        signed=True,
    )


def transfer_position(
    market_ticker: str, *, source: str, target: str, yes: Quantity, price: Price
) -> Call[wire.PositionTransfer]:
    """Whole contracts between subtraders: positive moves YES, negative NO.

    `price` is of YES, in whole cents, also when NO moves.
    """
    if not yes or yes % ONE:
        raise ValueError("a position moves in whole contracts, at least one")
    if not 0 <= price <= ONE or price % (ONE // 100):
        raise ValueError("a position moves at a price in whole cents, 0 to 1 dollar")
    return call(
        "POST",
        "/fcm/positions/transfers",
        answer=wire.PositionTransfer,
        body=body(
            source_subtrader_id=source,
            target_subtrader_id=target,
            market_ticker=market_ticker,
            position_centicount=yes // (ONE // 100),
            price_centicents=price // (ONE // 10_000),
        ),
        accepted=CREATED,
        signed=True,
    )


def subtraders() -> Call[wire.Subtraders]:
    return call("GET", "/fcm/subtraders", answer=wire.Subtraders, signed=True)


def create_subtrader(suffix: str) -> Call[wire.SubtraderCreated]:
    return call(
        "POST",
        "/fcm/subtraders",
        answer=wire.SubtraderCreated,
        body=body(subtrader_suffix=suffix),
        accepted=CREATED,
        signed=True,
    )


def blocked_categories(subtrader_id: str) -> Call[wire.BlockedCategories]:
    return call(
        "GET",
        _BLOCKED,
        answer=wire.BlockedCategories,
        params=query(subtrader_id=subtrader_id),
        signed=True,
    )


def set_blocked_category(
    subtrader_id: str, category: str, *, blocked: bool
) -> Call[wire.BlockedCategories]:
    return call(
        "PUT",
        _BLOCKED,
        answer=wire.BlockedCategories,
        body=body(subtrader_id=subtrader_id, category=category, blocked=blocked),
        signed=True,
    )


def daily_cap(*, subtrader_id: str | None = None) -> Call[wire.DailyCap]:
    """What a subtrader may spend on event contracts in a day, and how much of it is used."""
    return call(
        "GET",
        _CAP,
        answer=wire.DailyCap,
        params=query(subtrader_id=subtrader_id),
        signed=True,
    )


def set_daily_cap(subtrader_id: str, limit: Cash) -> Call[order_wire.Done]:
    return call(
        "PUT",
        _CAP,
        answer=order_wire.Done,
        body=body(subtrader_id=subtrader_id, limit=amount_dollars(limit)),
        signed=True,
    )


def delete_daily_cap(subtrader_id: str) -> Call[order_wire.Done]:
    return call(
        "DELETE",
        _CAP,
        answer=order_wire.Done,
        params=query(subtrader_id=subtrader_id),
        signed=True,
    )
