"""What the rest of the house may ask of a venue.

`scanner` is handed MarketData only; `execution` alone is handed Trading.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from venues.book import Book
from venues.market import Contract, Event, Market
from venues.money import Cash, Price, Quantity
from venues.order import Balance, Fill, Order, OrderRequest, Position, Prepared, Settlement


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueStatus:
    """`trading`: orders are taken now; `says` is the venue's own word for its state.

    `skew_ms`: how far the venue's clock is ahead of ours, None where it did not tell.
    """

    venue: str
    trading: bool
    says: str
    skew_ms: int | None


@dataclass(frozen=True, slots=True)
class PricePoint:
    """A quoted YES price at a moment (UTC epoch ms): history for a chart, never for a decision."""

    at_ms: int
    price: Price


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a catalogue; `cursor` asks for the next one, "" after the last."""

    events: tuple[Event, ...]
    cursor: str


class MarketData(Protocol):
    """Public reads. A market id is the venue's own; what the venue does not know is left out of
    the answer, and what it sent broken is in `faults`."""

    @property
    def name(self) -> str: ...

    @property
    def faults(self) -> tuple[str, ...]:
        """What had to be left out or was not understood since the start, one sentence each."""
        ...

    async def status(self) -> VenueStatus: ...

    def pages(self, cursor: str = "") -> AsyncIterator[Page]:
        """Every open event with its markets, page after page from `cursor`, each event once."""
        ...

    async def resolve(self, text: str) -> str:
        """A name that a person may type (id, slug, ticker, token) → market id, or NotFound."""
        ...

    async def markets(self, ids: Collection[str]) -> Mapping[str, Market]: ...

    async def books(self, ids: Collection[str]) -> Mapping[str, Book]:
        """The YES book of each market; `flip()` gives NO."""
        ...

    async def prices(self, id: str, *, start_ms: int, end_ms: int) -> tuple[PricePoint, ...]:
        """Hourly YES prices between the two moments, oldest first."""
        ...


class Account(Protocol):
    """What a venue says of our own account. Reads only."""

    async def order(self, client_id: str, contract: Contract, since_ms: int) -> Order | None:
        """The order with our id, placed since then (of our clock); None: not listed, which proves
        nothing before `as_of_ms` has passed."""
        ...

    def recall(self, order: Order) -> None:
        """An order of ours from before the start: venues do not tell all that we know of it."""
        ...

    async def open_orders(self) -> tuple[Order, ...]: ...

    async def fills(self, since_ms: int) -> tuple[Fill, ...]:
        """Oldest first, each once, since that moment of our clock; a little earlier ones too."""
        ...

    async def positions(self) -> tuple[Position, ...]: ...

    async def balances(self) -> tuple[Balance, ...]:
        """One for each pocket."""
        ...

    async def settlements(self, since_ms: int) -> tuple[Settlement, ...]:
        """Oldest first; as fills, a little earlier ones too."""
        ...

    async def as_of_ms(self) -> int:
        """The moment that these reads show, at least; later events may be missing."""
        ...


class Trading(Protocol):
    """Orders. Only `execution/` is ever given one.

    Nothing here is ever sent twice. Raises OrderRefused for a definite no, Unavailable where
    nothing was sent, AuthRefused, and OrderUnknown for everything else.
    """

    @property
    def account(self) -> Account: ...

    @property
    def recycling(self) -> Recycling | None:
        """None at a venue that pairs do not have to be merged at, and where no way is set up."""
        ...

    async def prepare(self, request: OrderRequest) -> Prepared:
        """Everything but the sending: what is to be written down before anything leaves."""
        ...

    async def send(self, prepared: Prepared) -> Order: ...

    async def place(self, request: OrderRequest) -> Order:
        """Both at once."""
        ...

    async def cancel(self, order: Order) -> Order:
        """The order as it ended; with fills that came first, so not always CANCELED."""
        ...

    async def cancel_all(self) -> None:
        """Everything that rests, whoever placed it."""
        ...


class RecyclingState(StrEnum):
    """How a split, merge or redemption stands. PENDING: on its way. FAILED: it surely changed
    nothing. UNKNOWN is a state of its own, as with orders."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Recycled:
    """What became of a split, merge or redemption. `id` asks again; `transaction` is its hash on
    the chain, "" where none is known."""

    id: str
    state: RecyclingState
    transaction: str = ""


class Recycling(Protocol):
    """Frees capital before it is due: a YES and a NO of one market are a dollar again at once.
    Only `execution/` is ever given one. Money stays within our own wallet.

    `about` is our own id, made before anything is sent and never used again; `outcome` knows it
    too. The three wait for the end, minutes at most, and then return what was seen last. Nothing
    here is ever sent twice: raises as Trading does, OrderUnknown where nobody knows whether it was
    sent.
    """

    async def split(self, market: str, quantity: Quantity, about: str) -> Recycled:
        """`quantity` dollars become as many YES and as many NO."""
        ...

    async def merge(self, market: str, quantity: Quantity, about: str) -> Recycled:
        """`quantity` YES and as many NO become dollars; also after the market was resolved."""
        ...

    async def redeem(self, market: str, about: str) -> Recycled:
        """Everything that we hold of a resolved market becomes what it pays."""
        ...

    async def outcome(self, id: str) -> Recycled:
        """`id` is that of a Recycled, or what it was about. A read: raises as reads do."""
        ...


class Treasury(Protocol):
    """Cash between the pockets of our own account, and what frees it at a venue that counts by
    event. Only `execution/` is ever given one. No call takes money out of the account.

    As with Recycling `about` is our own id, a UUID, and nothing is sent twice.
    """

    async def move(
        self, amount: Cash, *, source: str, destination: str, about: str
    ) -> Recycled: ...

    async def is_netting(self) -> bool:
        """Whether positions of one event free each other's collateral. A read."""
        ...

    async def net(self, about: str) -> Recycled:
        """Has them do so from now on."""
        ...

    async def outcome(self, id: str) -> Recycled:
        """Of a move, by the id of a Recycled or by what it was about. A read."""
        ...
