"""What the house tells its listeners, in order: enough to build every frame of 12.5.

`ts_ms` is the house's time of the happening. Opening and closing by the clock tell nothing (14).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from venues.money import Price
from venues.sides import Outcome
from venues.sim.kalshi.catalogue import Event, Market
from venues.sim.kalshi.records import (
    FillRecord,
    GroupRecord,
    OrderRecord,
    PositionRecord,
    ShardStatus,
    TradeRecord,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookChanged:
    """One level moved by `delta` micro-contracts.

    `outcome` YES is a bid; NO is an ask, whose NO price is ONE − `yes_price`. `clock` is the
    shard's. `order` is the resting order whose size moved, as it stands then; `hit` when an
    incoming order took it (UNSURE #9 asks whether its client id is then shown); `taker` is that
    incoming order.
    """

    ticker: str
    exchange_index: int
    clock: int
    outcome: Outcome
    yes_price: Price
    delta: int
    order: OrderRecord
    hit: bool
    ts_ms: int
    taker: OrderRecord | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TradePrinted:
    trade: TradeRecord
    exchange_index: int
    clock: int
    ts_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderUpdated:
    order: OrderRecord
    ts_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FillMade:
    """Sent once for each side of a trade, the taker's first."""

    fill: FillRecord
    ts_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionChanged:
    position: PositionRecord
    ts_ms: int


class GroupEvent(StrEnum):
    CREATED = "created"
    TRIGGERED = "triggered"
    RESET = "reset"
    DELETED = "deleted"
    LIMIT_UPDATED = "limit_updated"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupChanged:
    event: GroupEvent
    group: GroupRecord
    ts_ms: int


class MarketEvent(StrEnum):
    CREATED = "created"
    ACTIVATED = "activated"
    DEACTIVATED = "deactivated"
    CLOSE_DATE_UPDATED = "close_date_updated"
    DETERMINED = "determined"
    SETTLED = "settled"
    PRICE_LEVEL_STRUCTURE_UPDATED = "price_level_structure_updated"
    METADATA_UPDATED = "metadata_updated"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketChanged:
    """`market` and `parent` as they stand after it; each event has its own fields there."""

    event: MarketEvent
    market: Market
    parent: Event
    ts_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCreated:
    event: Event
    ts_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFeeChanged:
    """The overrides are those of `event`; both None: cleared."""

    event: Event
    ts_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardChanged:
    """A pause began or ended. No frame says so; a face may cut its connections."""

    status: ShardStatus
    ts_ms: int


Notice = (
    BookChanged
    | TradePrinted
    | OrderUpdated
    | FillMade
    | PositionChanged
    | GroupChanged
    | MarketChanged
    | EventCreated
    | EventFeeChanged
    | ShardChanged
)
