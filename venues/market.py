"""What a venue lists: events, their yes/no markets, and the contracts that one buys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from venues.fees import FeeSchedule
from venues.money import LOT, ONE, Price, Quantity
from venues.sides import Outcome

_EXPONENT_MAX: Final = 30


class MarketStatus(StrEnum):
    """Where a market stands. UNKNOWN keeps a venue's new word from being taken for an old one."""

    UPCOMING = "upcoming"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"
    RESOLVED = "resolved"
    SETTLED = "settled"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Contract:
    """The thing one buys: it pays one dollar if `outcome` of `market` comes true."""

    venue: str
    market: str
    outcome: Outcome

    @property
    def other(self) -> Contract:
        return Contract(self.venue, self.market, self.outcome.other)

    def __str__(self) -> str:
        return f"{self.venue}:{self.market}:{self.outcome}"


@dataclass(frozen=True, slots=True)
class Band:
    """Prices from `start` to `end`, both included, in steps of `step`."""

    start: Price
    end: Price
    step: Price

    def holds(self, price: Price) -> bool:
        return self.start <= price <= self.end and (price - self.start) % self.step == 0


@dataclass(frozen=True, slots=True)
class Grid:
    """The prices a venue accepts: on some band and strictly inside 0 … 1."""

    bands: tuple[Band, ...]

    @classmethod
    def even(cls, step: Price) -> Grid:
        return cls((Band(Price(0), Price(ONE), step),))

    def holds(self, price: Price) -> bool:
        return 0 < price < ONE and any(band.holds(price) for band in self.bands)

    def holds_all(self, prices: Iterable[Price]) -> bool:
        if len(self.bands) == 1 and self.bands[0].end == ONE:  # as nearly everywhere
            start, step = self.bands[0].start, self.bands[0].step
            return not any(not 0 < p < ONE or p < start or (p - start) % step for p in prices)
        return all(self.holds(price) for price in prices)


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """One yes/no question at one venue.

    `payout_at` is the venue's own expectation of when it pays (None: it does not say). `yes_means`
    is the venue's short name of the YES side. `warnings` are facts that a person must see before
    trading (an unknown status word, a placeholder leg, a fee type nobody documents). `pocket` names
    the part of the venue whose cash an order here needs ("" where the venue has just one).

    What follows `warnings` is for whoever must understand the question: the venue's own words where
    it has them. `strike_type`, `floor` and `cap` are Kalshi's strikes as written. `outcomes` are
    Polymarket's two, YES first; `group_title` is its short name within the event, `line` a sports
    market's line as written, `starts_at` when the game begins.

    `resolving` is the venue's word once a result is on its way ("proposed", "disputed",
    "determined"), `pays` what one YES pays as far as the venue says it: it may still be challenged.
    """

    venue: str
    id: str
    event_id: str
    title: str
    yes_means: str
    rules: str
    status: MarketStatus
    grid: Grid
    fees: FeeSchedule
    minimum: Quantity = LOT
    lot: Quantity = LOT
    closes_at: datetime | None = None
    payout_at: datetime | None = None
    category: str = ""
    url: str = ""
    pocket: str = ""
    warnings: tuple[str, ...] = ()
    slug: str = ""
    strike_type: str = ""
    floor: str = ""
    cap: str = ""
    outcomes: tuple[str, ...] = ()
    group_title: str = ""
    line: str = ""
    starts_at: datetime | None = None
    resolving: str = ""
    pays: Price | None = None

    def contract(self, outcome: Outcome) -> Contract:
        return Contract(self.venue, self.id, outcome)

    @property
    def name(self) -> str:
        """What YES is called: its short name where that says more than "Yes", else the title."""
        return self.title if self.yes_means.casefold() in {"", "yes", "no"} else self.yes_means


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A venue's group of markets; `exclusive` when at most one can resolve yes."""

    venue: str
    id: str
    title: str
    exclusive: bool
    markets: tuple[Market, ...] = ()
    category: str = ""
    series: str = ""
    tags: tuple[str, ...] = field(default=())
    slug: str = ""


def written(number: Decimal | None) -> str:
    """A strike or a line as venues write them, without an exponent; "" where there is none.

    >>> written(Decimal("2.50")), written(Decimal("1E+5")), written(None)
    ('2.50', '100000', '')
    """
    if number is None or not number.is_finite() or abs(number.adjusted()) > _EXPONENT_MAX:
        return ""
    return format(number, "f")
