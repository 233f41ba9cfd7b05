"""Every simulated route by method and template, and the finding of one.

One port serves all hosts: the exchange without a prefix, the others below theirs.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from venues.sim import asgi
from venues.sim.polymarket.refusal import Refusal


class Door(StrEnum):
    """What a route asks for: nothing, a wallet's signature, an HMAC, or a relayer key."""

    OPEN = "-"
    L1 = "1"
    L2 = "2"
    RELAYER = "r"


_TABLE: Final = """
- GET /
- GET /ok
- GET /time
- GET /version
- GET /book
- POST /books
- GET /price
- POST /prices
- GET /midpoint
- POST /midpoints
- GET /spread
- POST /spreads
- GET /last-trade-price
- POST /last-trades-prices
- GET /tick-size
- GET /tick-size/{token_id}
- GET /neg-risk
- GET /fee-rate
- GET /fee-rate/{token_id}
- GET /markets-by-token/{token_id}
- GET /clob-markets/{condition_id}
- GET /markets
- GET /sampling-markets
- GET /simplified-markets
- GET /sampling-simplified-markets
- GET /markets/{condition_id}
- GET /prices-history
1 POST /auth/api-key
1 GET /auth/derive-api-key
2 GET /auth/api-keys
2 DELETE /auth/api-key
2 GET /auth/ban-status/closed-only
2 POST /order
2 DELETE /order
2 POST /orders
2 DELETE /orders
2 DELETE /cancel-all
2 DELETE /cancel-market-orders
2 GET /data/orders
2 GET /data/order/{id}
2 GET /data/trades
2 GET /balance-allowance
2 GET /balance-allowance/update
2 POST /v1/heartbeats
2 GET /notifications
2 DELETE /notifications
2 GET /order-scoring
2 POST /orders-scoring
- GET /gamma/markets
- GET /gamma/markets/keyset
- GET /gamma/markets/{id}
- GET /gamma/markets/{id}/tags
- GET /gamma/markets/slug/{slug}
- GET /gamma/events
- GET /gamma/events/keyset
- GET /gamma/events/{id}
- GET /gamma/events/{id}/tags
- GET /gamma/events/slug/{slug}
- GET /gamma/public-search
- GET /gamma/tags
- GET /gamma/tags/{id}
- GET /gamma/tags/slug/{slug}
- GET /gamma/series
- GET /gamma/series/{id}
- GET /gamma/sports
- GET /gamma/sports/market-types
- GET /data/v2/positions
- GET /data/v2/trades
- GET /data/v2/activity
- GET /data/v2/value
- GET /data/v2/resolutions
- GET /data/v2/prices-history
- GET /relayer/deployed
r GET /relayer/v1/account/transactions/params
r GET /relayer/v1/account/transactions/{id}
r GET /relayer/relay-payload
r GET /relayer/transactions
r POST /relayer/submit
- GET /site/api/geoblock
- POST /rpc
"""


class Operation(NamedTuple):
    door: Door
    method: str
    route: str


def _operation(line: str) -> Operation:
    door, method, route = line.split()
    return Operation(Door(door), method, route)


OPERATIONS: Final = tuple(_operation(line) for line in _TABLE.strip().splitlines())
_BY_VARIABLES: Final = sorted(OPERATIONS, key=lambda each: each.route.count("{"))


class Found(NamedTuple):
    operation: Operation
    values: dict[str, str]


def find(method: str, path: str) -> Found:
    """The operation of a raw path; fixed words win over variables.

    Raises Refusal: 404 for an unknown path, 405 where the path has other methods.
    """
    segments = tuple(path.split("/")[1:])
    other = False
    for operation in _BY_VARIABLES:
        values = asgi.values(operation.route, segments)
        if values is not None and operation.method == method:
            return Found(operation, values)
        other = other or values is not None
    raise Refusal(405, "Method Not Allowed") if other else Refusal(404, "Not Found")
