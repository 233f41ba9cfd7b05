"""What the journal holds: one class for each kind of line. Times are UTC epoch ms, 0 where an older
version did not say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from execution.hedge import Event
from execution.orders import Rung
from execution.plan import HedgePlan
from venues import Cash, Contract, Fill, Order, OrderRequest, Settlement


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A hedge was asked for and approved; `key` makes asking twice the same hedge."""

    plan: HedgePlan
    key: str
    by: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    hedge: str
    event: Event
    why: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """Written before the first byte leaves. `order_id` where the venue's id is known before, and
    `body` the hash of exactly what is sent."""

    hedge: str
    number: int
    leg: int
    rung: Rung
    request: OrderRequest
    order_id: str
    body: str
    fee_bound: Cash
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The venue's word about an order of ours."""

    hedge: str
    order: Order
    at_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NotDone:
    """The order surely does not exist: refused, or never sent. `closes`: nothing else will work at
    this venue either."""

    hedge: str
    client_id: str
    why: str
    closes: bool = False
    at_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """It left, and nobody knows what became of it."""

    hedge: str
    client_id: str
    why: str
    at_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """Asked for so often and so long that it is presumed never to have come to be."""

    hedge: str
    client_id: str
    asked: int
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    hedge: str
    fill: Fill


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    """The kill switch was seen set, or seen cleared (`on` False), which only a person may do."""

    on: bool
    why: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A venue takes no new entries until somebody opens it again (`on` False)."""

    venue: str
    on: bool
    why: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Differs:
    """What a venue says, and what this journal says, of one subject. Alike again: it is over."""

    venue: str
    subject: str
    venue_says: str
    we_say: str
    at_ms: int

    @property
    def is_over(self) -> bool:
        return self.venue_says == self.we_say


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What was there before us, or came from elsewhere: never touched, and not counted as ours."""

    contract: Contract
    quantity: int
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    settlement: Settlement


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """A single-use token of the page was used for this hedge."""

    nonce: str
    hedge: str
    at_ms: int


Record = (
    Opened
    | Moved
    | Sending
    | Answered
    | NotDone
    | Lost
    | Absent
    | Filled
    | Killed
    | Closed
    | Differs
    | Baseline
    | Settled
    | Confirmed
)
KINDS: Final[dict[str, type[Record]]] = {kind.__name__.lower(): kind for kind in Record.__args__}
