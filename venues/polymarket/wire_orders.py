"""Polymarket's account JSON: keys, orders, balances. Source of each: facts/polymarket.md, §7–§9.

Prices and sizes stay text until normalize_orders.py makes micros of them.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Raw as Raw  # noqa: PLC0414 - account.py hands rows on by this name
from msgspec import Struct, field


# {"apiKey": "…uuid…", "secret": "…", "passphrase": "…"}; §7.1
class ApiKey(Struct, frozen=True, rename="camel"):
    api_key: str
    secret: str
    passphrase: str

    def __repr__(self) -> str:
        return f"ApiKey({self.api_key!r})"


# {"success": true, "errorMsg": "", "orderID": "0x…", "status": "live", "makingAmount": "",
#  "takingAmount": "", "tradeIDs": ["…"], "transactionsHashes": []}; §9.1
class Placed(Struct, frozen=True, kw_only=True):
    success: bool = True
    error: str | None = field(name="errorMsg", default=None)
    order_id: str | None = field(name="orderID", default=None)
    status: str | None = None
    making: str | None = field(name="makingAmount", default=None)
    taking: str | None = field(name="takingAmount", default=None)


# {"canceled": ["0x…"], "not_canceled": {"0x…": "already canceled or matched"}}; §9.4
class Canceled(Struct, frozen=True):
    canceled: tuple[str, ...]
    not_canceled: dict[str, str] | None = None


# {"id": "0x…", "status": "LIVE", "market": "0x…", "asset_id": "…", "side": "BUY", "price": "0.5",
#  "original_size": "100", "size_matched": "25", "created_at": 1703875200, …}; §9.5
class Order(Struct, frozen=True, kw_only=True):
    id: str
    status: str
    market: str
    asset_id: str
    side: str
    price: str
    original_size: str
    size_matched: str
    order_type: str = ""
    associate_trades: tuple[str, ...] | None = None


# {"data": […], "next_cursor": "LTE=", "limit": 100, "count": 1}; §9.5
class Page(Struct, frozen=True):
    data: tuple[Raw, ...]
    next_cursor: str | None = None


# {"balance": "1000000000", "allowances": {"0x…": "…"}} in base units; §9.5
class BalanceAllowance(Struct, frozen=True):
    balance: str
    allowances: dict[str, str] | None = None


# {"closed_only": false}; §7.2
class ClosedOnly(Struct, frozen=True):
    closed_only: bool


# {"blocked": false, "ip": "…", "country": "PT", "region": ""}; §2
class Geoblock(Struct, frozen=True):
    blocked: bool
    country: str = ""
    region: str = ""


# {"heartbeat_id": "…"}; with 400 also {"error_msg": "Invalid Heartbeat ID"}; §9.8
class Heartbeat(Struct, frozen=True):
    heartbeat_id: str
    error_msg: str = ""


# {"proxy_wallet": "0x…", "token_id": "…", "condition_id": "0x…", "current_size": 150.5,
#  "entry_cost_usdc": 82.775, "avg_price": 0.55, "status": "OPEN", "redeemable": false, …}
# /v2/positions; §17, SDK polymarket-client 0.14 models/data/portfolio.py
class Holding(Struct, frozen=True, kw_only=True):
    token_id: str
    condition_id: str
    current_size: Decimal
    avg_price: Decimal
    current_price: Decimal
    redeemable: bool = False


# {"type": "REDEEM", "condition_id": "0x…", "usdc_size": 5, "timestamp": 1795564800, …}
# /v2/activity; §17, SDK models/data/activity.py
class Activity(Struct, frozen=True, kw_only=True):
    type: str
    condition_id: str
    usdc_size: Decimal
    timestamp: int


# {"condition_id": "0x…", "status": "resolved", "payouts": ["1000000", "0"], …} in micro-dollars
# /v2/resolutions; §17, SDK models/data/resolutions.py
class Resolution(Struct, frozen=True, kw_only=True):
    condition_id: str | None = None
    payouts: tuple[Decimal, Decimal] | None = None
    resolved_at: str | int | None = None


class Pagination(Struct, frozen=True):
    next_cursor: str | None = None


class DataPage(Struct, frozen=True):
    data: tuple[Raw, ...]
    pagination: Pagination | None = None
