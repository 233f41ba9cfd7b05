"""What we ask of a venue, what it acknowledged, what happened, and what we then hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from venues.market import Contract
from venues.money import Cash, Price, Quantity
from venues.sides import Side


class TimeInForce(StrEnum):
    """How long an order lives. FILL_AND_KILL takes what is there now (a venue's IOC or FAK)."""

    FILL_AND_KILL = "fill_and_kill"
    FILL_OR_KILL = "fill_or_kill"
    RESTING = "resting"


class OrderState(StrEnum):
    """Where an order stands. UNKNOWN is a state of its own: only the venue's word ends it."""

    PLANNED = "planned"
    JOURNALED = "journaled"
    SENT = "sent"
    ACKED = "acked"
    UNKNOWN = "unknown"
    REJECTED = "rejected"
    PARTIAL = "partial"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """What we ask. `client_id` is ours and made before anything is sent; `limit` is the worst price
    in the contract's own dollars; `expires_at` only for RESTING orders."""

    client_id: str
    contract: Contract
    side: Side
    limit: Price
    quantity: Quantity
    time_in_force: TimeInForce
    post_only: bool = False
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the venue acknowledged; `order_id` is the venue's."""

    client_id: str
    order_id: str
    contract: Contract
    side: Side
    limit: Price
    quantity: Quantity
    filled: Quantity
    state: OrderState


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """What happened: part of an order executed at one price.

    `provisional` until the venue says that it can no longer be reversed.
    """

    client_id: str
    order_id: str
    fill_id: str
    contract: Contract
    side: Side
    price: Price
    quantity: Quantity
    fee: Cash
    maker: bool
    filled_at: datetime
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """What we hold of one contract, and what it cost including fees."""

    contract: Contract
    quantity: Quantity
    cost: Cash


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Cash at one venue; `pocket` names the part of the venue it can be spent in ("" where the
    venue has just one)."""

    venue: str
    pocket: str
    available: Cash
