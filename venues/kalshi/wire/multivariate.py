"""Kalshi's answers about combos: multivariate events and the collections they are made from."""

from __future__ import annotations

from msgspec import Struct

from venues.kalshi.wire.public import Market, PriceRange
from venues.kalshi.wire.raw import Moment, Raws


# OpenAPI, GetMultivariateEventsResponse; each element is a public.Event
class Events(Struct, frozen=True, kw_only=True):
    events: Raws
    cursor: str | None = None


# OpenAPI, AssociatedEvent; also rest/golden_2026-01/multivariate_event_collection_single…
class AssociatedEvent(Struct, frozen=True, kw_only=True):
    ticker: str
    is_yes_only: bool
    size_max: int | None = None
    size_min: int | None = None
    active_quoters: tuple[str, ...] | None = None


# OpenAPI, MultivariateEventCollection
class Collection(Struct, frozen=True, kw_only=True):
    collection_ticker: str
    series_ticker: str
    title: str
    description: str
    open_date: Moment
    close_date: Moment
    associated_events: tuple[AssociatedEvent, ...]
    is_ordered: bool
    size_min: int
    size_max: int
    functional_description: str
    is_single_market_per_event: bool | None = None
    is_all_yes: bool | None = None
    price_level_structure: str | None = None
    price_ranges: tuple[PriceRange, ...] | None = None
    exchange_index: int | None = None


# OpenAPI, GetMultivariateEventCollectionResponse
class CollectionAnswer(Struct, frozen=True, kw_only=True):
    multivariate_contract: Collection


# OpenAPI, GetMultivariateEventCollectionsResponse; each element is a Collection
class Collections(Struct, frozen=True, kw_only=True):
    multivariate_contracts: Raws
    cursor: str | None = None


# OpenAPI, CreateMarketInMultivariateEventCollectionResponse; the market if it was asked for
class MarketMade(Struct, frozen=True, kw_only=True):
    event_ticker: str
    market_ticker: str
    market: Market | None = None
