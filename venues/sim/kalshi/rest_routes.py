"""Every operation of SDK 3.34 by method and route, and the finding of one (section 8)."""

from __future__ import annotations

from typing import Final, NamedTuple

from venues.sim import asgi
from venues.sim.kalshi.refusal import Refusal, not_found

# public · signed · core public · core signed · gone (410). Routes are relative to /trade-api/v2.
_TABLE: Final = """
P GET /exchange/schedule
P GET /exchange/status
P GET /exchange/user_data_timestamp
P GET /series/fee_changes
P GET /markets
p GET /markets/candlesticks
P GET /markets/orderbooks
P GET /markets/trades
P GET /markets/{ticker}
P GET /markets/{ticker}/orderbook
P GET /series
P GET /series/{series_ticker}
p GET /series/{series_ticker}/markets/{ticker}/candlesticks
P GET /events
P GET /events/fee_changes
p GET /events/multivariate
P GET /events/{event_ticker}
p GET /events/{event_ticker}/metadata
p GET /series/{series_ticker}/events/{ticker}/candlesticks
s GET /series/{series_ticker}/events/{ticker}/forecast_percentile_history
p GET /multivariate_event_collections
p GET /multivariate_event_collections/{collection_ticker}
s POST /multivariate_event_collections/{collection_ticker}
S DELETE /portfolio/events/orders
S POST /portfolio/events/orders
S DELETE /portfolio/events/orders/batched
S POST /portfolio/events/orders/batched
S DELETE /portfolio/events/orders/{order_id}
S POST /portfolio/events/orders/{order_id}/amend
S POST /portfolio/events/orders/{order_id}/decrease
S GET /portfolio/orders
s GET /portfolio/orders/queue_positions
S GET /portfolio/orders/{order_id}
S GET /portfolio/orders/{order_id}/queue_position
S GET /portfolio/order_groups
S POST /portfolio/order_groups/create
S DELETE /portfolio/order_groups/{order_group_id}
S GET /portfolio/order_groups/{order_group_id}
S PUT /portfolio/order_groups/{order_group_id}/limit
S PUT /portfolio/order_groups/{order_group_id}/reset
S PUT /portfolio/order_groups/{order_group_id}/trigger
S GET /portfolio/balance
s GET /portfolio/deposits
S GET /portfolio/fills
S POST /portfolio/intra_exchange_instance_transfer
s GET /portfolio/intra_exchange_instance_transfers
S GET /portfolio/intra_exchange_instance_transfers/{transfer_id}
S GET /portfolio/positions
S GET /portfolio/settlements
s POST /portfolio/subaccounts
s GET /portfolio/subaccounts/balances
s GET /portfolio/subaccounts/netting
s PUT /portfolio/subaccounts/netting
s POST /portfolio/subaccounts/transfer
s GET /portfolio/subaccounts/transfers
s GET /portfolio/summary/total_resting_order_value
S GET /portfolio/target_balance_allocation
S POST /portfolio/target_balance_allocation
s GET /portfolio/withdrawals
s POST /account/api_usage_level/upgrade
s GET /account/api_usage_level/volume_progress
P GET /account/endpoint_costs
S GET /account/limits
s GET /api_keys
s POST /api_keys
s POST /api_keys/generate
s DELETE /api_keys/{api_key}
P GET /historical/cutoff
s GET /historical/fills
p GET /historical/markets
P GET /historical/markets/{ticker}
p GET /historical/markets/{ticker}/candlesticks
s GET /historical/orders
s GET /historical/positions
p GET /historical/trades
s GET /communications/block-trade-proposals
s POST /communications/block-trade-proposals
s POST /communications/block-trade-proposals/{block_trade_proposal_id}/accept
s GET /communications/id
s GET /communications/quotes
s POST /communications/quotes
s DELETE /communications/quotes/{quote_id}
s GET /communications/quotes/{quote_id}
s PUT /communications/quotes/{quote_id}/accept
s PUT /communications/quotes/{quote_id}/confirm
s GET /communications/rfqs
s POST /communications/rfqs
s DELETE /communications/rfqs/{rfq_id}
s GET /communications/rfqs/{rfq_id}
s DELETE /communications/rfqs/{rfq_id}/quotes/{quote_id}
s GET /communications/rfqs/{rfq_id}/quotes/{quote_id}
s PUT /communications/rfqs/{rfq_id}/quotes/{quote_id}/accept
s PUT /communications/rfqs/{rfq_id}/quotes/{quote_id}/confirm
s GET /fcm/fills
s GET /fcm/orders
s GET /fcm/positions
s POST /fcm/positions/transfers
s GET /fcm/subtraders
s POST /fcm/subtraders
s GET /fcm/subtraders/blocked_categories
s PUT /fcm/subtraders/blocked_categories
s DELETE /fcm/subtraders/event_contract_daily_cap
s GET /fcm/subtraders/event_contract_daily_cap
s PUT /fcm/subtraders/event_contract_daily_cap
p GET /live_data/batch
p GET /live_data/events/{event_ticker}
p GET /live_data/milestone/{milestone_id}
p GET /live_data/milestone/{milestone_id}/game_stats
p GET /live_data/weather/{city}
p GET /live_data/weather/{city}/calibrations
p GET /live_data/{type}/milestone/{milestone_id}
p GET /milestones
p GET /milestones/{milestone_id}
p GET /structured_targets
p GET /structured_targets/{structured_target_id}
p GET /search/filters_by_sport
p GET /search/tags_by_categories
p GET /incentive_programs
x POST /portfolio/orders
x POST /portfolio/orders/batched
x DELETE /portfolio/orders/batched
x DELETE /portfolio/orders/{order_id}
x POST /portfolio/orders/{order_id}/amend
x POST /portfolio/orders/{order_id}/decrease
"""


class Operation(NamedTuple):
    """One of the venue's operations. `core`: what a trader needs. `gone` answers 410."""

    method: str
    route: str
    signed: bool
    core: bool
    gone: bool


def _operation(line: str) -> Operation:
    kind, method, route = line.split()
    return Operation(method, route, kind in "sSx", kind in "PS", kind == "x")


_ALL: Final = tuple(_operation(line) for line in _TABLE.strip().splitlines())
OPERATIONS: Final = tuple(each for each in _ALL if not each.gone)
_BY_VARIABLES: Final = sorted(_ALL, key=lambda each: each.route.count("{"))


class Found(NamedTuple):
    operation: Operation
    values: dict[str, str]


def find(method: str, path: str) -> Found:
    """The operation of a raw path without its prefix; fixed words win over variables.

    Raises Refusal: 404 for an unknown path, 405 where the path has other methods.
    """
    segments = tuple(path.split("/")[1:])
    other = False
    for operation in _BY_VARIABLES:
        values = asgi.values(operation.route, segments)
        if values is not None and operation.method == method:
            return Found(operation, values)
        other = other or values is not None
    if other:
        raise Refusal(405, "method_not_allowed", "method not allowed")
    raise not_found("page")
