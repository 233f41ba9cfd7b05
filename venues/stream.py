"""What a venue's stream tells, and what a Session is: one connection's conversation, no I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Final, Protocol, TypeAlias, TypeVar

from venues.book import Book, Top
from venues.market import Contract
from venues.money import Price
from venues.order import Fill, Order, Position
from venues.sides import Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A book, when it was last known to be true, and why nobody should trade on it (None: good).

    `confirmed_ms` is UTC epoch; `confirmed_ns` is the same moment on the monotonic clock, and the
    one that ages are measured with. Both 0: never.
    """

    book: Book
    confirmed_ms: int
    confirmed_ns: int
    fault: str | None

    def age_ms(self, now_ns: int) -> int:
        """`now_ns` is the monotonic clock's."""
        return (now_ns - self.confirmed_ns) // 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnChange:
    """What rests at a YES price changed because of our own order: because it rests there itself,
    or because it took from there. `delta` may be negative. One may be lost with a gap;
    what rests of ours is known from orders and fills."""

    contract: Contract
    side: Side
    price: Price
    delta: int
    client_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconcile:
    """Something about our account may have been missed: read orders, fills and positions anew."""

    venue: str
    why: str


Private: TypeAlias = Fill | Order | Position | OwnChange | Reconcile
News = TypeVar("News")
"""Whatever else a venue's stream tells: trades, changes of markets, its complaints."""


@dataclass(slots=True)
class Counts:
    """What went wrong and what was done, since the beginning.

    `unknown`: frames of a type nobody documents; `broken`: frames that could not be read; `stray`:
    frames of a subscription we do not have; `overdue`: answers that did not come in time.
    `unreadable`: what the reader said of the last frame that it could not read, PONGs aside.
    """

    gaps: int = 0
    duplicates: int = 0
    restarts: int = 0
    resyncs: int = 0
    poisoned: int = 0
    unknown: int = 0
    broken: int = 0
    stray: int = 0
    overdue: int = 0
    unreadable: str = ""

    def add(self, other: Counts) -> None:
        for name in COUNTED:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.unreadable = other.unreadable or self.unreadable


COUNTED: Final = tuple(each.name for each in fields(Counts) if each.type == "int")
"""The numbers among them."""


class Session(Protocol[News]):
    """One connection from its first word to its last. Times are arguments: `now_ms` is UTC epoch,
    `now_ns` monotonic. Whoever drives it empties `outbox` (texts to send), `changed` (market ids
    whose book or fault changed), `private` and `public` after every call.
    """

    outbox: list[str]
    changed: set[str]
    private: list[Private]
    public: list[News]
    counts: Counts

    def open(self, markets: Iterable[str], now_ns: int) -> None:
        """The connection stands: ask for everything. Called once, before anything else."""
        ...

    def add(self, markets: Iterable[str], now_ns: int) -> None: ...

    def remove(self, markets: Iterable[str], now_ns: int) -> None: ...

    def receive(self, raw: str | bytes, now_ms: int, now_ns: int) -> None:
        """One frame as it came. Never raises: what cannot be read puts books in doubt."""
        ...

    def heartbeat(self, now_ms: int, now_ns: int) -> None:
        """The other end answered a ping."""
        ...

    def tick(self, now_ns: int) -> str | None:
        """Called every second or so; why this connection should be given up, None to go on."""
        ...

    def doubt(self, why: str) -> None:
        """Every book is in doubt from now on, as when the connection is gone."""
        ...

    def watched(self, market: str) -> Watched | None: ...

    def top(self, market: str) -> Top | None:
        """The best prices of what `watched` tells, at a tenth of the price."""
        ...

    @property
    def unproven(self) -> int:
        """How many subscriptions were not acknowledged by data yet."""
        ...
