"""Polymarket's public JSON: what we depend on is required, everything else is ignored.

Gamma (the catalogue) leaves out or nulls most fields at will and packs lists into strings; the CLOB
(the exchange) is tidy. Numbers that mean money are Decimal; prices and sizes of books stay text
until normalize.py makes micros of them. Lists are Raw where one broken element must lose only
itself. Above each struct stands a payload and where it was seen, below `recorded/polymarket`.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct, field
from msgspec import Raw as Raw  # noqa: PLC0414 - venue.py hands rows on by this name

Moment = Annotated[datetime, Meta(tz=True)]
Condition = Annotated[str, Meta(pattern="^0x[0-9a-fA-F]{62}([0-9a-fA-F]{2})?$")]
T = TypeVar("T")


def read(raw: Raw, kind: type[T]) -> T:
    """One element of a list. Raises ValueError for another shape than `kind`'s."""
    return msgspec.json.decode(raw, type=kind)


def packed(text: str | None) -> tuple[str, ...]:
    """A list that Gamma wrote into a string: '["Yes", "No"]'. Raises ValueError for others."""
    return msgspec.json.decode(text, type=tuple[str, ...]) if text else ()


def label(raw: Raw) -> str:
    """What to call a broken element: by its own name where it has one."""
    try:
        found = msgspec.json.decode(raw)
    except ValueError:
        found = None
    names = ("slug", "conditionId", "asset_id", "id")
    own = [found[name] for name in names if found.get(name)] if isinstance(found, dict) else []
    return str(own[0])[:100] if own else "something without a name"


# {"exponent": 1, "rate": 0.05, "takerOnly": true, "rebateRate": 0.25}
# rest/fed_june2026_event_20260517/gamma-event.json
class FeeTerms(Struct, frozen=True, rename="camel"):
    rate: Decimal
    exponent: Decimal = Decimal(1)
    taker_only: bool = True


# {"slug": "economic-policy", …}
class Tag(Struct, frozen=True):
    slug: str | None = None


# {"id": "101772", "slug": "…", "title": "…", "negRisk": true, "enableNegRisk": true,
#  "negRiskAugmented": false, "markets": […], "tags": […], "seriesSlug": "fomc"}
# rest/fed_june2026_event_20260517/gamma-event.json; without markets and tags inside a market
class Event(Struct, frozen=True, kw_only=True, rename="camel"):
    id: str
    title: str
    slug: str | None = None
    markets: tuple[Raw, ...] = ()
    tags: tuple[Tag, ...] | None = None
    series_slug: str | None = None
    neg_risk: bool | None = None
    neg_risk_augmented: bool | None = None


# {"events": […], "next_cursor": "…"}; the last page has none. Facts §5
class EventPage(Struct, frozen=True, kw_only=True):
    events: tuple[Raw, ...]
    next_cursor: str | None = None


# {"id": "906973", "conditionId": "0xdde0…", "question": "Will the Fed…", "outcomes": "[…]",
#  "clobTokenIds": "[…]", "feeType": "economics_fees", "feeSchedule": {…}, "negRiskOther": false, …}
# A game also has "line": -1.5 and "gameStartTime": "2026-04-05 15:00:00+00".
# rest/fed_june2026_event_20260517/gamma-event.json. Its prices are a cache's: "outcomePrices" is
# read once it is resolved, for then it is the payouts (facts §4.1).
class Market(Struct, frozen=True, kw_only=True, rename="camel"):
    condition_id: Condition
    question: str
    outcomes: str
    clob_token_ids: str | None = None
    position_ids: tuple[str, ...] | None = None
    description: str | None = None
    group_item_title: str | None = None
    slug: str | None = None
    line: Decimal | None = None
    game_start_time: str | None = None
    end_date: Moment | None = None
    active: bool | None = None
    closed: bool | None = None
    archived: bool | None = None
    enable_order_book: bool | None = None
    accepting_orders: bool | None = None
    order_price_min_tick_size: Decimal | None = None
    order_min_size: Decimal | None = None
    neg_risk_other: bool | None = None
    outcome_prices: str | None = None
    uma_resolution_status: str | None = None
    resolution_status: str | None = None
    seconds_delay: int | None = None
    version: str | None = None
    fees_enabled: bool | None = None
    fee_type: str | None = None
    fee_schedule: FeeTerms | None = None
    events: tuple[Event, ...] | None = None


# the two names of a market, where that is all we ask for
class MarketName(Struct, frozen=True, rename="camel"):
    condition_id: Condition
    slug: str = ""


# {"events": […], "pagination": {…}}; rest/fed_june2026_event_20260517/gamma-search.json
class Search(Struct, frozen=True):
    events: tuple[Raw, ...] | None = None


# {"price": "0.001", "size": "5579792.8"}
class Level(Struct, frozen=True):
    price: str
    size: str


# {"market": "0x…", "asset_id": "…", "timestamp": "1778997825875", "hash": "…", "bids": […],
#  "asks": […], "min_order_size": "5", "tick_size": "0.001", "neg_risk": true, …}; best comes last
# rest/fed_june2026_event_20260517/clob-books.json
class Book(Struct, frozen=True, kw_only=True):
    market: Condition
    asset_id: str
    timestamp: str
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


# {"t": "65193…", "o": "Yes"}
class Token(Struct, frozen=True):
    t: str
    o: str


# {"r": 0.05, "e": 1, "to": true}
class CompactFee(Struct, frozen=True):
    r: Decimal
    e: Decimal = Decimal(1)
    to: bool = True


# {"t": […], "c": "0xdde0…", "mos": 5, "mts": 0.001, "ao": true, "nr": true, "fd": {…}}
# rest/fed_june2026_event_20260517/clob-markets.json; more keys in facts §6.2
class CompactMarket(Struct, frozen=True, kw_only=True):
    condition: Condition = field(name="c")
    tokens: tuple[Token, ...] = field(name="t")
    tick: Decimal = field(name="mts")
    minimum: Decimal = field(name="mos")
    accepting: bool = field(name="ao", default=False)
    fee: CompactFee | None = field(name="fd", default=None)
    delay_s: int | None = field(name="sd", default=None)
    taker_delay: bool | None = field(name="itode", default=None)
    version: str | None = field(name="v", default=None)
    neg_risk: bool | None = field(name="nr", default=None)


# {"condition_id": "0x…", "primary_token_id": "…", "secondary_token_id": "…"}; facts §6
class TokenMarket(Struct, frozen=True):
    condition_id: Condition
    primary_token_id: str


# {"t": 1778997825, "p": 0.45}; facts §6
class HistoryPoint(Struct, frozen=True):
    t: int
    p: Decimal


class History(Struct, frozen=True):
    history: tuple[Raw, ...]
