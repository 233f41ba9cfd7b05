"""Orders as values: writes are the venue's V2, reads keep the older paths. All are signed.

There is one book per market, of YES: `bid` buys YES at `price`, `ask` sells YES, which is buying NO
at 1 − price. There is no verb for selling NO: a bid reduces a NO position, an ask a YES position.
Source: OpenAPI 3.34.0 and facts section 9.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from venues.http import Call
from venues.kalshi.calls.parts import (
    CREATED,
    NO_CONTENT,
    between,
    body,
    call,
    contracts,
    dollars,
    filled,
    joined,
    page,
    query,
    shard_of,
    subaccount_of,
)
from venues.kalshi.wire import orders as wire
from venues.money import Price, Quantity

BookSide = Literal["bid", "ask"]
TimeInForce = Literal["good_till_canceled", "immediate_or_cancel", "fill_or_kill"]
SelfTradePrevention = Literal["taker_at_cross", "maker"]
Status = Literal["resting", "canceled", "executed"]

BATCH: Final = 20
"""Orders in one batch. The venue's own limit follows the write budget; we stay at this."""

PAGE: Final = 1_000
AUTO: Final = -1
"""As `shard` of a write: route by the ticker, and refuse rather than fall back to shard 0."""

_DEADLINE_S: Final = 3
"""A write that takes longer is unknown: another leg waits for it."""

_ORDERS: Final = "/portfolio/events/orders"
_ORDER: Final = "/portfolio/events/orders/{order_id}"
_BATCHED: Final = "/portfolio/events/orders/batched"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """One order to create. `price` is of YES, on the market's grid; `count` in steps of 0.01.

    `self_trade_prevention`: `taker_at_cross` stops this order when it would meet one of ours,
    `maker` cancels ours that rests. `expires_s` (UTC epoch seconds) only with good_till_canceled;
    `reduce_only` only with immediate_or_cancel.
    """

    ticker: str
    side: BookSide
    count: Quantity
    price: Price
    time_in_force: TimeInForce
    client_order_id: str
    self_trade_prevention: SelfTradePrevention = "taker_at_cross"
    expires_s: int | None = None
    post_only: bool | None = None
    reduce_only: bool | None = None
    cancel_on_pause: bool | None = None
    order_group_id: str | None = None
    subaccount: int | None = None
    shard: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToCancel:
    """One order of a batch cancel. Without the ticker, or the shard, shard 0 alone is asked."""

    order_id: str
    ticker: str | None
    subaccount: int | None = None
    shard: int | None = None


def create(order: NewOrder, *, urgent: bool = False) -> Call[wire.Created]:
    """A second create with the same client order id is refused with 409: the first one arrived."""
    return call(
        "POST",
        _ORDERS,
        answer=wire.Created,
        body=body(**_created(order)),
        accepted=CREATED,
        signed=True,
        urgent=urgent,
        deadline_s=_DEADLINE_S,
    )


def create_batch(orders: Sequence[NewOrder], *, urgent: bool = False) -> Call[wire.CreatedItems]:
    """At most BATCH orders, billed one by one; not atomic, each item carries its own error."""
    _few(orders)
    return call(
        "POST",
        _BATCHED,
        answer=wire.CreatedItems,
        body=body(orders=[_created(each) for each in orders]),
        accepted=CREATED,
        signed=True,
        urgent=urgent,
        items=len(orders),
        deadline_s=_DEADLINE_S,
    )


def cancel(
    order_id: str,
    *,
    ticker: str | None,
    shard: int | None = None,
    subaccount: int | None = None,
) -> Call[wire.Canceled]:
    """Give the ticker, or the shard: without both only shard 0 is asked, and 404 is the answer.

    404 is also the answer for an order that was filled: read the order. Costs 2 tokens.
    """
    return call(
        "DELETE",
        _ORDER,
        order_id,
        answer=wire.Canceled,
        params=query(
            market_ticker=ticker,
            exchange_index=_routed(shard),
            subaccount=subaccount_of(subaccount),
        ),
        signed=True,
        urgent=True,
        deadline_s=_DEADLINE_S,
    )


def cancel_batch(orders: Sequence[ToCancel]) -> Call[wire.CanceledItems]:
    """At most BATCH orders, 2 tokens each; not atomic. A DELETE that carries a body."""
    _few(orders)
    listed = [
        filled(
            order_id=each.order_id,
            market_ticker=each.ticker,
            exchange_index=_routed(each.shard),
            subaccount=subaccount_of(each.subaccount),
        )
        for each in orders
    ]
    return call(
        "DELETE",
        _BATCHED,
        answer=wire.CanceledItems,
        body=body(orders=listed),
        signed=True,
        urgent=True,
        items=len(orders),
        deadline_s=_DEADLINE_S,
    )


def cancel_all(*, subaccount: int | None = None) -> Call[None]:
    """Every resting order of every shard, of all subaccounts without one.

    Orders that are placed within the next minute may be caught too.
    """
    return call(
        "DELETE",
        _ORDERS,
        answer=type(None),
        params=query(subaccount=subaccount_of(subaccount)),
        accepted=NO_CONTENT,
        signed=True,
        urgent=True,
        deadline_s=_DEADLINE_S,
    )


def amend(
    order_id: str,
    *,
    ticker: str,
    side: BookSide,
    price: Price,
    total: Quantity,
    client_order_id: str | None = None,
    updated_client_order_id: str | None = None,
    expires_s: int | None = None,
    shard: int | None = None,
    subaccount: int | None = None,
) -> Call[wire.Amended]:
    """`total` counts what is already filled too. A new price or a larger total loses the queue.

    `expires_s`: None keeps the expiry, 0 removes it. The order may cross and fill at once.
    """
    return call(
        "POST",
        "/portfolio/events/orders/{order_id}/amend",
        order_id,
        answer=wire.Amended,
        params=query(subaccount=subaccount_of(subaccount)),
        body=body(
            ticker=ticker,
            side=side,
            price=dollars(price),
            count=contracts(total),
            client_order_id=client_order_id,
            updated_client_order_id=updated_client_order_id,
            expiration_time=_not_negative("expires_s", expires_s),
            exchange_index=_routed(shard),
        ),
        signed=True,
        deadline_s=_DEADLINE_S,
    )


def decrease(
    order_id: str,
    *,
    ticker: str | None,
    by: Quantity | None = None,
    to: Quantity | None = None,
    shard: int | None = None,
    subaccount: int | None = None,
) -> Call[wire.Decreased]:
    """Smaller by `by`, or down `to` what shall rest: one of them. To nothing is a cancel."""
    if (by is None) == (to is None):
        raise ValueError("an order is decreased either by or to a number of contracts")
    return call(
        "POST",
        "/portfolio/events/orders/{order_id}/decrease",
        order_id,
        answer=wire.Decreased,
        params=query(subaccount=subaccount_of(subaccount)),
        body=body(
            reduce_by=None if by is None else contracts(by),
            reduce_to=None if to is None else contracts(to),
            market_ticker=ticker,
            exchange_index=_routed(shard),
        ),
        signed=True,
        deadline_s=_DEADLINE_S,
    )


def orders(
    *,
    cursor: str = "",
    limit: int | None = None,
    ticker: str | None = None,
    event_tickers: Sequence[str] | None = None,
    status: Status | None = None,
    after_s: int | None = None,
    before_s: int | None = None,
    subaccount: int | None = None,
    shard: int | None = None,
    urgent: bool = False,
) -> Call[wire.Orders]:
    """Resting orders and those that ended since the historical cutoff, of all subaccounts and
    shards without one. A new order may be missing for some 1.5 s."""
    return call(
        "GET",
        "/portfolio/orders",
        answer=wire.Orders,
        params=(
            *query(
                ticker=ticker,
                event_ticker=joined("event_tickers", event_tickers, 100),
                status=status,
                min_ts=after_s,
                max_ts=before_s,
                subaccount=subaccount_of(subaccount),
                exchange_index=shard_of(shard),
            ),
            *page(cursor, limit, PAGE),
        ),
        signed=True,
        urgent=urgent,
    )


def order(order_id: str, *, urgent: bool = False) -> Call[wire.OrderAnswer]:
    """Trails the engine by some 0.4 s. Costs 2 tokens."""
    return call(
        "GET",
        "/portfolio/orders/{order_id}",
        order_id,
        answer=wire.OrderAnswer,
        signed=True,
        urgent=urgent,
    )


def queue_position(order_id: str) -> Call[wire.QueuePosition]:
    """Contracts ahead of a resting order; 0 = next."""
    return call(
        "GET",
        "/portfolio/orders/{order_id}/queue_position",
        order_id,
        answer=wire.QueuePosition,
        signed=True,
    )


def queue_positions(
    *,
    tickers: Sequence[str] | None = None,
    event_ticker: str | None = None,
    subaccount: int | None = None,
) -> Call[wire.QueuePositions]:
    """Of all resting orders in these markets, or in one event; of the primary without one."""
    return call(
        "GET",
        "/portfolio/orders/queue_positions",
        answer=wire.QueuePositions,
        params=query(
            market_tickers=joined("tickers", tickers, 100),
            event_ticker=event_ticker,
            subaccount=subaccount_of(subaccount),
        ),
        signed=True,
    )


def _created(order: NewOrder) -> dict[str, object]:
    if order.expires_s is not None and order.time_in_force != "good_till_canceled":
        raise ValueError("only an order that is good till canceled can expire")
    if order.reduce_only and order.time_in_force != "immediate_or_cancel":
        raise ValueError("only an immediate order can be reduce-only")
    return filled(
        ticker=order.ticker,
        side=order.side,
        count=contracts(order.count),
        price=dollars(order.price),
        time_in_force=order.time_in_force,
        self_trade_prevention_type=order.self_trade_prevention,
        client_order_id=order.client_order_id,
        expiration_time=_not_negative("expires_s", order.expires_s),
        post_only=order.post_only,
        reduce_only=order.reduce_only,
        cancel_order_on_pause=order.cancel_on_pause,
        order_group_id=order.order_group_id,
        subaccount=subaccount_of(order.subaccount),
        exchange_index=_routed(order.shard),
    )


def _routed(shard: int | None) -> int | None:
    return between("shard", shard, AUTO, 100)


def _few(orders: Sequence[object]) -> None:
    if not 1 <= len(orders) <= BATCH:
        raise ValueError(f"a batch of {len(orders)} orders; 1 to {BATCH}")


def _not_negative(name: str, value: int | None) -> int | None:
    if value is not None and value < 0:
        raise ValueError(f"{name} is {value}, before 1970")
    return value
