"""Polymarket's JSON beyond what we trade by: tags, series, single prices, the wallets' past.

A payload and its source stand above each struct. Numbers that mean money are Decimal, whether the
venue writes them as text (the exchange) or as numbers (the indexer).
"""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias

from msgspec import Struct

from venues.polymarket.wire import Raw

Id: TypeAlias = str | int
"""Gamma's own numbers: text everywhere but in a few lists."""


# {"markets": […], "next_cursor": "…"}; the last page has none. Facts §5
class MarketPage(Struct, frozen=True):
    markets: tuple[Raw, ...]
    next_cursor: str | None = None


# {"id": "101259", "label": "Health and Human Services", "slug": "health-and-human-services", …}
# rest/nautilus_rs_2026/gamma_tags.json; facts §5
class Tag(Struct, frozen=True):
    id: Id
    label: str | None = None
    slug: str | None = None


# {"id": "35", "ticker": "fomc", "slug": "fomc", "title": "FOMC", "recurrence": "monthly", …}
# rest/fed_june2026_event_20260517/gamma-event.json; SDK polymarket-client 0.14 models/gamma/series
class Series(Struct, frozen=True, kw_only=True):
    id: Id
    slug: str | None = None
    title: str | None = None
    recurrence: str | None = None
    closed: bool | None = None
    events: tuple[Raw, ...] | None = None


# {"id": 10, "sport": "nba", "resolution": "https://…", "tags": "1,745", "series": "10345", …}
# SDK models/gamma/common.py, SportsMetadata; `tags` are ids, parted by commas
class Sport(Struct, frozen=True):
    sport: str
    tags: str | None = None
    series: str | None = None
    resolution: str | None = None


# {"marketTypes": ["moneyline", "spreads", …]}; SDK models/gamma/common.py
class SportsMarketTypes(Struct, frozen=True, rename="camel"):
    market_types: tuple[str, ...] | None = None


# {"price": "0.45"}; facts §6
class Price(Struct, frozen=True):
    price: Decimal


# {"mid": "0.455"}; facts §6
class Midpoint(Struct, frozen=True):
    mid: Decimal


# {"spread": "0.01"}; facts §6
class Spread(Struct, frozen=True):
    spread: Decimal


# {"price": "0.5", "side": "BUY"}, in a list with "token_id"; facts §6
class LastTrade(Struct, frozen=True):
    price: Decimal
    side: str
    token_id: str = ""


# {"minimum_tick_size": 0.01}: a number, not text; facts §6
class TickSize(Struct, frozen=True):
    minimum_tick_size: Decimal


# {"neg_risk": false}; facts §6
class NegRisk(Struct, frozen=True):
    neg_risk: bool


# {"apiKeys": ["…uuid…"]}; facts §7.2
class ApiKeys(Struct, frozen=True, rename="camel"):
    api_keys: tuple[str, ...]


# {"proxy_wallet": "0x…", "token_id": "…", "condition_id": "0x…", "side": "BUY", "size": 100.0,
#  "price": 0.55, "timestamp": 1710000000, "transaction_hash": "0x…", …}
# /v2/trades; facts §17, SDK models/data/activity.py
class PublicTrade(Struct, frozen=True, kw_only=True):
    proxy_wallet: str
    token_id: str
    condition_id: str
    side: str
    size: Decimal
    price: Decimal
    timestamp: int
    transaction_hash: str = ""


# {"type": "SPLIT", "condition_id": "0x…", "usdc_size": 5, "timestamp": 1795564800, …}; a deposit, a
# reward or a tip has no market. /v2/activity; facts §17, SDK models/data/activity.py
class AnyActivity(Struct, frozen=True, kw_only=True):
    type: str
    timestamp: int
    usdc_size: Decimal | None = None
    size: Decimal | None = None
    price: Decimal | None = None
    side: str | None = None
    token_id: str | None = None
    condition_id: str | None = None
    transaction_hash: str | None = None


# {"proxy_wallet": "0x…", "value": 110.5}; SDK models/data/portfolio.py
class Worth(Struct, frozen=True):
    value: Decimal


# {"data": {"proxy_wallet": …}}; facts §17
class WorthAnswer(Struct, frozen=True):
    data: Worth


# {"timestamp": 1778997825, "price": 0.45, "resolution_seconds": 60}; 0: of that very second
# /v2/prices-history; facts §17, SDK models/data/analytics.py
class PastPrice(Struct, frozen=True):
    timestamp: int
    price: Decimal
    resolution_seconds: int
