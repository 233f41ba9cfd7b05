"""A trade of ours, as REST lists it and the user channel tells it. Facts §9.5, §13.

Numbers stay text until normalize_trades.py makes micros of them.
"""

from __future__ import annotations

from msgspec import Struct


# {"order_id": "0x…", "owner": "…uuid…", "maker_address": "0x…", "matched_amount": "25.0000",
#  "price": "0.5000", "fee_rate_bps": "0", "asset_id": "7132…", "outcome": "Yes", "side": "SELL"}
# rest/nautilus_rs_2026/http_trade_report.json; without `side` in ws/nautilus_rs_2026/ws_user_trade
class MakerOrder(Struct, frozen=True, kw_only=True):
    order_id: str
    matched_amount: str
    price: str
    asset_id: str
    owner: str = ""
    maker_address: str | None = None
    side: str | None = None


# {"id": "…", "taker_order_id": "0x…", "market": "0x…", "asset_id": "7132…", "side": "BUY", "size":
#  "25.0000", "price": "0.5000", "status": "CONFIRMED", "match_time": "2024-01-01T00:00:00Z", …}
# rest/nautilus_rs_2026/http_trade_report.json, ws/nautilus_rs_2026/ws_user_trade_msg.json
class Trade(Struct, tag_field="event_type", tag="trade", frozen=True, kw_only=True):
    id: str
    taker_order_id: str
    asset_id: str
    side: str
    size: str
    price: str
    status: str
    market: str = ""
    owner: str = ""
    trade_owner: str | None = None
    maker_address: str | None = None
    trader_side: str | None = None
    maker_orders: tuple[MakerOrder, ...] | None = None
    match_time: str | int | None = None
    matchtime: str | int | None = None
    last_update: str | int | None = None
    timestamp: str | int | None = None
