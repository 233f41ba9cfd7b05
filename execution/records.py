"""What the journal holds: one class for each kind of line. Times are UTC epoch ms, 0 where an older
version did not say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from execution.hedge import Event
from execution.orders import Rung
from execution.plan import HedgePlan
from venues import (
    Cash,
    Contract,
    Fill,
    MarketStatus,
    Order,
    OrderRequest,
    Price,
    RecyclingState,
    Settlement,
)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A market of a hedge, as its venue shows it after the fills: `says` what is new, a few words
    each; nothing where it was seen for the first time. `pays`: of one YES, once there is a result.
    """

    hedge: str
    venue: str
    market: str
    wording: str
    status: MarketStatus
    resolving: str
    pays: Price | None
    closes_ms: int | None
    says: tuple[str, ...]
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Diverged:
    """The results at hand make what is hedged pay `basis` more (below zero: less) than a dollar
    each; 0: they do not any more."""

    hedge: str
    basis: Cash
    why: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoned:
    """What the venue's fee model makes of the fills of one order: (fill, fee) each."""

    hedge: str
    client_id: str
    fees: tuple[tuple[str, Cash], ...]
    at_ms: int

    @property
    def fee(self) -> Cash:
        return Cash(sum(fee for _, fee in self.fees))


class ActKind(StrEnum):
    """MERGE: a YES and a NO of one market become a dollar. MOVE: cash to another pocket of the same
    account. NET: the venue counts positions of one event against each other from now on."""

    MERGE = "merge"
    MOVE = "move"
    NET = "net"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """A person has a proposal done; written before the first byte leaves. `about`: the id by which
    the venue is asked for it. `amount`: micro-dollars; of them `of_hedges` were held by hedges."""

    id: str
    kind: ActKind
    venue: str
    market: str
    amount: Cash
    of_hedges: Cash
    source: str
    destination: str
    about: str
    by: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """What became of it, as far as anybody knows. `ref`: the venue's own id, "" where untold."""

    id: str
    state: RecyclingState
    ref: str
    why: str
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
    | Watched
    | Diverged
    | Reckoned
    | Acting
    | Acted
)
KINDS: Final[dict[str, type[Record]]] = {kind.__name__.lower(): kind for kind in Record.__args__}
