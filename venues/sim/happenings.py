"""What a matching engine takes in and what it tells: orders and happenings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from venues.money import Price, Quantity
from venues.sides import Side


class Tif(StrEnum):
    """How long an order works."""

    GTC = "good_till_canceled"
    IOC = "immediate_or_cancel"
    FOK = "fill_or_kill"


class SelfTrade(StrEnum):
    """What happens when an owner would trade with itself."""

    STOP_TAKER = "stop_taker"
    """The incoming order ends there; its earlier fills stand."""
    CANCEL_MAKER = "cancel_maker"
    """The resting order is cancelled and the incoming one goes on."""


class State(StrEnum):
    RESTING = "resting"
    CANCELED = "canceled"
    EXECUTED = "executed"


class Reason(StrEnum):
    """Why an order changed last."""

    PLACED = "placed"
    TRADE = "trade"
    DECREASE = "decrease"
    AMEND = "amend"
    CANCEL = "cancel"
    REMAINDER = "remainder"
    """What an IOC or a FOK order could not fill."""
    SELF_TRADE = "self_trade"
    POST_ONLY = "post_only"
    REDUCE_ONLY = "reduce_only"
    EXPIRED = "expired"
    CLOSED = "closed"
    HALTED = "halted"
    MARGIN = "margin"


class Fault(StrEnum):
    """Why the engine did nothing at all."""

    NO_MARKET = "no_market"
    NOT_TRADABLE = "not_tradable"
    BAD_PRICE = "bad_price"
    BAD_SIZE = "bad_size"
    BAD_EXPIRY = "bad_expiry"
    BAD_FLAGS = "bad_flags"
    NO_ORDER = "no_order"


class Rejected(Exception):
    """The engine refused and changed nothing."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """An order as it comes in. BUY and SELL are of YES; `price` is dollars of YES.

    `reduce_cap`: reduce-only, at most this quantity (the owner's open position on that side).
    """

    id: str
    owner: str
    market: str
    side: Side
    price: Price
    size: Quantity
    tif: Tif = Tif.GTC
    self_trade: SelfTrade = SelfTrade.STOP_TAKER
    post_only: bool = False
    reduce_cap: Quantity | None = None
    expires_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order as it stands; `size` counts what is filled too, `rank` is its place in time."""

    id: str
    owner: str
    market: str
    side: Side
    price: Price
    size: Quantity
    filled: Quantity
    state: State
    reason: Reason
    rank: int
    tif: Tif
    self_trade: SelfTrade
    expires_ms: int | None

    @property
    def open(self) -> Quantity:
        """What still works: nothing once it is not resting."""
        return Quantity(self.size - self.filled if self.state is State.RESTING else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """An order came in, before any match."""

    clock: int
    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """An order is not what it was; `order.reason` says why."""

    clock: int
    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Traded:
    """Two orders met at the resting one's price. Both are shown as they stand afterwards."""

    clock: int
    market: str
    price: Price
    size: Quantity
    taker: Order
    maker: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelChanged:
    """The size resting at one price moved by `delta`.

    `order` is the resting order whose size moved; `taker` the incoming order that hit it, None
    when the owner (or the house) moved it.
    """

    clock: int
    market: str
    side: Side
    price: Price
    delta: int
    order: Order
    taker: Order | None


Happening = Accepted | Changed | Traded | LevelChanged


class Level(NamedTuple):
    price: Price
    size: Quantity
