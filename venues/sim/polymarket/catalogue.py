"""Events and markets of the simulated Polymarket, as data; how they change is lifecycle.py's."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from venues.market import Grid
from venues.money import Price, Quantity, micros


class Phase(StrEnum):
    """`LISTED`: Gamma shows it, the exchange does not know it yet (§4.7). `PAUSED`: not accepting
    orders. `CLOSED`: over, no outcome yet. `RESOLVED`: pays."""

    LISTED = "listed"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """`rate` in millionths: 70_000 is 7 %."""

    rate: int
    exponent: int = 1
    taker_only: bool = True
    rebate: int = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """`id` is Gamma's number as text. `neg_risk`: exactly one of its markets resolves YES."""

    id: str
    slug: str
    title: str
    description: str = ""
    neg_risk: bool = False
    augmented: bool = False
    tags: tuple[str, ...] = ()
    series: str = ""
    end_ms: int | None = None
    neg_risk_fee_bips: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """`condition` as the exchange writes it: "0x" and 64 digits. `tokens` are YES, NO: the first
    and the second of `outcomes`. `id` is Gamma's number as text.

    `delay_s` (sports) and `taker_delay_ms` (`itode`) make takers wait; `cleared_at_start`: resting
    orders are canceled at `game_start_ms`. `payouts` of the two tokens, once resolved.
    """

    id: str
    condition: str
    event_id: str
    slug: str
    question: str
    tokens: tuple[str, str]
    outcomes: tuple[str, str] = ("Yes", "No")
    description: str = ""
    title: str = ""
    version: str = "v1"
    tick: Price = Price(micros("0.01"))  # noqa: RUF009 - a NewType call is the number itself
    minimum: Quantity = Quantity(micros("5"))  # noqa: RUF009
    fee: Fee | None = None
    fee_type: str = ""
    neg_risk: bool = False
    other_leg: bool = False
    phase: Phase = Phase.OPEN
    start_ms: int = 0
    end_ms: int | None = None
    game_start_ms: int | None = None
    cleared_at_start: bool = False
    delay_s: int = 0
    taker_delay_ms: int = 0
    uma_status: str = ""
    payouts: tuple[Price, Price] | None = None
    resolved_ms: int | None = None
    volume: int = 0

    @property
    def grid(self) -> Grid:
        return Grid.even(self.tick)


@dataclass(slots=True)
class Catalogue:
    """In the order they were listed."""

    events: dict[str, Event] = field(default_factory=dict)
    markets: dict[str, Market] = field(default_factory=dict)
    """By condition."""
    by_token: dict[str, str] = field(default_factory=dict)
    """Token → condition, of markets the exchange knows."""

    def market_of(self, token: str) -> Market | None:
        condition = self.by_token.get(token)
        return self.markets[condition] if condition else None

    def of_event(self, event_id: str) -> tuple[Market, ...]:
        return tuple(each for each in self.markets.values() if each.event_id == event_id)
