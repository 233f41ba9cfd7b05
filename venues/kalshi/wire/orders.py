"""Kalshi's answers about orders and order groups.

The V2 writes answer flat, with bare names (`fill_count`); the reads answer with whole orders and
names with a unit (`fill_count_fp`). Money and counts stay text. Above each struct stands a
payload, cut short, and its source: nobody has recorded the V2 answers yet.
"""

from __future__ import annotations

from msgspec import Struct

from venues.kalshi.wire.raw import Moment, Raws, Rows


# {}
# OpenAPI, EmptyResponse
class Done(Struct, frozen=True):
    pass


# {"order_id": "…", "client_order_id": "…", "fill_count": "2.00", "remaining_count": "0.00",
#  "average_fill_price": "0.4400", "average_fee_paid": "0.017300", "ts_ms": 1790000000000}
# OpenAPI, CreateOrderV2Response. The averages exist only if something filled; the price is the YES
# price, the fee is per contract. Of an IOC the remainder is told after its cancel: "0.00".
class Created(Struct, frozen=True, kw_only=True):
    order_id: str
    fill_count: str
    remaining_count: str
    ts_ms: int
    client_order_id: str | None = None
    average_fill_price: str | None = None
    average_fee_paid: str | None = None


# {"code": "insufficient_balance", "message": "…"}
# OpenAPI, ErrorResponse: why one item of a batch failed
class ItemError(Struct, frozen=True, kw_only=True):
    code: str | None = None
    message: str | None = None
    details: str | None = None


# {"client_order_id": "…", "order_id": "…", "fill_count": "0.00", "remaining_count": "10.00",
#  "ts_ms": 1790000000000} or {"client_order_id": "…", "error": {…}}
# OpenAPI, an item of BatchCreateOrdersV2Response
class CreatedItem(Struct, frozen=True, kw_only=True):
    order_id: str | None = None
    client_order_id: str | None = None
    fill_count: str | None = None
    remaining_count: str | None = None
    average_fill_price: str | None = None
    average_fee_paid: str | None = None
    ts_ms: int | None = None
    error: ItemError | None = None


# {"orders": [{…}, {…}]}; 201 even when every item failed; each element is a CreatedItem
# OpenAPI, BatchCreateOrdersV2Response
class CreatedItems(Struct, frozen=True, kw_only=True):
    orders: Raws


# {"order_id": "…", "client_order_id": "…", "reduced_by": "10.00", "ts_ms": 1790000000000}
# OpenAPI, CancelOrderV2Response
class Canceled(Struct, frozen=True, kw_only=True):
    order_id: str
    reduced_by: str
    ts_ms: int
    client_order_id: str | None = None


# {"order_id": "…", "reduced_by": "0.00", "error": {…}}
# OpenAPI, an item of BatchCancelOrdersV2Response
class CanceledItem(Struct, frozen=True, kw_only=True):
    order_id: str
    reduced_by: str
    client_order_id: str | None = None
    ts_ms: int | None = None
    error: ItemError | None = None


# {"orders": [{…}, {…}]}; each element is a CanceledItem
# OpenAPI, BatchCancelOrdersV2Response
class CanceledItems(Struct, frozen=True, kw_only=True):
    orders: Raws


# {"order_id": "…", "remaining_count": "8.00", "ts_ms": 1790000000000}
# OpenAPI, DecreaseOrderV2Response
class Decreased(Struct, frozen=True, kw_only=True):
    order_id: str
    remaining_count: str
    ts_ms: int
    client_order_id: str | None = None


# {"order_id": "…", "client_order_id": "…", "remaining_count": "10.00", "fill_count": "0.00",
#  "average_fill_price": null, "average_fee_paid": null, "ts_ms": 1790000000000}
# OpenAPI, AmendOrderV2Response
class Amended(Struct, frozen=True, kw_only=True):
    order_id: str
    ts_ms: int
    client_order_id: str | None = None
    remaining_count: str | None = None
    fill_count: str | None = None
    average_fill_price: str | None = None
    average_fee_paid: str | None = None


# {"order_id": "…", "user_id": "…", "client_order_id": "…", "ticker": "KXHIGHNY-26JUL19-T80",
#  "outcome_side": "yes", "book_side": "bid", "type": "limit", "status": "resting",
#  "yes_price_dollars": "0.4400", "no_price_dollars": "0.5600", "initial_count_fp": "10.00",
#  "fill_count_fp": "2.50", "remaining_count_fp": "7.50", "taker_fill_cost_dollars": "1.100000",
#  "maker_fill_cost_dollars": "0.000000", "taker_fees_dollars": "0.043200", …}
# OpenAPI, Order. Three statuses: resting, canceled, executed; partly filled is resting.
class Order(Struct, frozen=True, kw_only=True):
    order_id: str
    client_order_id: str
    ticker: str
    outcome_side: str
    book_side: str
    status: str
    yes_price_dollars: str
    no_price_dollars: str
    initial_count_fp: str
    fill_count_fp: str
    remaining_count_fp: str
    taker_fees_dollars: str
    maker_fees_dollars: str
    taker_fill_cost_dollars: str = ""
    maker_fill_cost_dollars: str = ""
    user_id: str = ""
    type: str = ""
    created_time: Moment | None = None
    last_update_time: Moment | None = None
    expiration_time: Moment | None = None
    self_trade_prevention_type: str | None = None
    order_group_id: str | None = None
    cancel_order_on_pause: bool | None = None
    subaccount_number: int | None = None
    exchange_index: int | None = None


# {"orders": [{…}], "cursor": ""}; each element is an Order
# OpenAPI, GetOrdersResponse
class Orders(Struct, frozen=True, kw_only=True):
    orders: Rows
    cursor: str | None = None


# {"order": {…}}
# OpenAPI, GetOrderResponse
class OrderAnswer(Struct, frozen=True, kw_only=True):
    order: Order


# {"queue_position_fp": "120.00"}; contracts ahead of the order, 0 = next
# OpenAPI, GetOrderQueuePositionResponse
class QueuePosition(Struct, frozen=True, kw_only=True):
    queue_position_fp: str


# {"order_id": "…", "market_ticker": "…", "queue_position_fp": "120.00"}
# OpenAPI, OrderQueuePosition
class OrderQueuePosition(Struct, frozen=True, kw_only=True):
    order_id: str
    market_ticker: str
    queue_position_fp: str


# {"queue_positions": [{…}]}; null without any
# OpenAPI, GetOrderQueuePositionsResponse
class QueuePositions(Struct, frozen=True, kw_only=True):
    queue_positions: tuple[OrderQueuePosition, ...] | None


# {"order_group_id": "…", "subaccount": 0, "exchange_index": 2}
# OpenAPI, CreateOrderGroupResponse
class GroupCreated(Struct, frozen=True, kw_only=True):
    order_group_id: str
    subaccount: int | None = None
    exchange_index: int | None = None


# {"id": "…", "contracts_limit_fp": "100.00", "is_auto_cancel_enabled": true, "exchange_index": 2}
# OpenAPI, OrderGroup
class Group(Struct, frozen=True, kw_only=True):
    id: str
    is_auto_cancel_enabled: bool
    contracts_limit_fp: str | None = None
    exchange_index: int | None = None


# {"order_groups": [{…}]}; each element is a Group
# OpenAPI, GetOrderGroupsResponse
class Groups(Struct, frozen=True, kw_only=True):
    order_groups: Rows = None


# {"is_auto_cancel_enabled": true, "contracts_limit_fp": "100.00", "orders": ["…"]}; ids of orders
# OpenAPI, GetOrderGroupResponse
class GroupAnswer(Struct, frozen=True, kw_only=True):
    is_auto_cancel_enabled: bool
    orders: tuple[str, ...]
    contracts_limit_fp: str | None = None
    exchange_index: int | None = None
