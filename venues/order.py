"""What we ask of a venue, what it acknowledged, what happened, and what we then hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

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


_OVER: Final = frozenset(
    {OrderState.REJECTED, OrderState.FILLED, OrderState.CANCELED, OrderState.EXPIRED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """What we ask. `client_id` is ours and made before anything is sent; `limit` is the worst price
    in the contract's own dollars.

    `post_only`, `expires_at` only for RESTING orders. `reduce_only`, for FILL_AND_KILL, never opens
    a position. `urgent`: a hedge or an unwind, which goes ahead of entries in the rate budget.
    `spend`, for a BUY at once at a venue that counts those in money: whole cents to spend, however
    much more than `quantity` they buy below `limit`.
    """

    client_id: str
    contract: Contract
    side: Side
    limit: Price
    quantity: Quantity
    time_in_force: TimeInForce
    post_only: bool = False
    expires_at: datetime | None = None
    reduce_only: bool = False
    urgent: bool = False
    spend: Cash | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the venue acknowledged; `order_id` is the venue's.

    `quantity` is the whole order, what is filled included. `average_price` is over the fills, in
    the contract's dollars and as far as the venue tells it: money is counted from fills. `fee` is
    what those fills cost in fees. Both, and the venue's own time of its word, None where untold.
    """

    client_id: str
    order_id: str
    contract: Contract
    side: Side
    limit: Price
    quantity: Quantity
    filled: Quantity
    state: OrderState
    average_price: Price | None = None
    fee: Cash | None = None
    venue_ms: int | None = None

    @property
    def over(self) -> bool:
        """Nothing of it can fill any more, as far as the venue's word goes."""
        return self.state in _OVER


def planned(request: OrderRequest, order_id: str = "") -> Order:
    """The order before anything is known of it."""
    return Order(
        client_id=request.client_id,
        order_id=order_id,
        contract=request.contract,
        side=request.side,
        limit=request.limit,
        quantity=request.quantity,
        filled=Quantity(0),
        state=OrderState.PLANNED,
    )


@dataclass(frozen=True, slots=True)
class Prepared:
    """An order that has not left: `order` has the id by which the venue will know it ("" where the
    venue names it in its answer), `body` is exactly what is sent."""

    request: OrderRequest
    order: Order
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """What happened: part of an order executed at one price.

    `provisional` until the venue says that it can no longer be reversed. `reversed`: it was, and
    counts for nothing any more. `fee_told`: the venue says the fee itself; else it is what our
    model makes of the market's terms.
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
    reversed: bool = False
    fee_told: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """What we hold of one contract, and what it cost without fees."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """A market that paid: what we held, what it had cost, what came in.

    `yes_pays` is the payout of one YES contract (NO pays ONE minus that), None where the venue
    settled at another value than 0 or 1 and does not tell it here.
    """

    venue: str
    market: str
    yes_pays: Price | None
    yes: Quantity
    no: Quantity
    cost: Cash
    revenue: Cash
    fee: Cash
    settled_at: datetime
