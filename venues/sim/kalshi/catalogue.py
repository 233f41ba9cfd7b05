"""Series, events and markets as the house keeps them (6.2 – 6.6). Times are UTC epoch ms."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from venues.market import Band, Grid
from venues.money import ONE, Price


class Status(StrEnum):
    """The word in a market's `status` field; the filter words of GET /markets differ (6.5)."""

    INITIALIZED = "initialized"
    ACTIVE = "active"
    INACTIVE = "inactive"
    CLOSED = "closed"
    DETERMINED = "determined"
    DISPUTED = "disputed"
    AMENDED = "amended"
    FINALIZED = "finalized"


class Result(StrEnum):
    NONE = ""
    YES = "yes"
    NO = "no"
    SCALAR = "scalar"


class Source(NamedTuple):
    """A settlement source."""

    name: str
    url: str


class Leg(NamedTuple):
    """One selected market of a combo."""

    event_ticker: str
    market_ticker: str
    side: str


def _bands(*bands: tuple[int, int, int]) -> tuple[Band, ...]:
    return tuple(Band(Price(start), Price(end), Price(step)) for start, end, step in bands)


def _edged(edge: int, edge_step: int, middle_step: int) -> tuple[Band, ...]:
    return _bands(
        (0, edge, edge_step), (edge, ONE - edge, middle_step), (ONE - edge, ONE, edge_step)
    )


STRUCTURES: Final = {
    "linear_cent": _bands((0, ONE, 10_000)),
    "deci_cent": _bands((0, ONE, 1_000)),
    "tapered_deci_cent": _edged(100_000, 1_000, 10_000),
    "center_whole_edge_half_cent": _edged(100_000, 5_000, 10_000),
    "center_whole_edge_quint_cent": _edged(100_000, 2_000, 10_000),
    "center_half_edge_half_cent": _bands((0, ONE, 5_000)),
    "center_half_edge_quint_cent": _edged(100_000, 2_000, 5_000),
    "center_half_edge_deci_cent": _edged(100_000, 1_000, 5_000),
    "center_quint_edge_quint_cent": _bands((0, ONE, 2_000)),
    "center_quint_edge_deci_cent": _edged(100_000, 1_000, 2_000),
    "center_centi_edge_centi_cent": _bands((0, ONE, 100)),
    "center_deci_edge_centi_cent": _edged(10_000, 100, 1_000),
}
"""price_level_structure → price_ranges (6.6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A template of events. `fee_multiplier` in millionths: ONE is 1."""

    ticker: str
    title: str
    category: str = "Economics"
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    frequency: str = "custom"
    settlement_sources: tuple[Source, ...] = ()
    contract_url: str = ""
    contract_terms_url: str = ""
    fee_type: str = "quadratic"
    fee_multiplier: int = ONE
    additional_prohibitions: tuple[str, ...] = ()
    exchange_index: int = 0
    updated_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One occurrence. All its markets share `exchange_index`. The overrides are None where the
    series' own fee holds; `fee_multiplier_override` in millionths."""

    ticker: str
    series_ticker: str
    title: str
    sub_title: str = ""
    category: str = ""
    collateral_return_type: str = ""
    mutually_exclusive: bool = False
    strike_ms: int | None = None
    strike_period: str | None = None
    settlement_sources: tuple[Source, ...] = ()
    fee_type_override: str | None = None
    fee_multiplier_override: int | None = None
    exchange_index: int = 0
    updated_ms: int = 0

    @property
    def multivariate(self) -> bool:
        return self.ticker.startswith("KXMVE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """One yes/no contract of one dollar: what REST says of it but for its prices (see `Quote`).

    `id` is the UUID that only the websocket shows. `settlement_value` is the YES payout once it
    is determined; `settled_ms` is set once it is paid. Strikes are plain numbers.
    """

    ticker: str
    event_ticker: str
    open_ms: int
    close_ms: int
    id: str = ""
    market_type: str = "binary"
    title: str = ""
    subtitle: str = ""
    yes_sub_title: str = ""
    no_sub_title: str = ""
    created_ms: int = 0
    updated_ms: int = 0
    expected_expiration_ms: int | None = None
    latest_expiration_ms: int = 0
    occurrence_ms: int | None = None
    fee_waiver_ms: int | None = None
    settlement_timer_s: int = 300
    status: Status = Status.INITIALIZED
    result: Result = Result.NONE
    settlement_value: Price | None = None
    settlement_bounds_type: str = "default"
    determined_ms: int | None = None
    settled_ms: int | None = None
    can_close_early: bool = True
    early_close_condition: str = ""
    expiration_value: str = ""
    rules_primary: str = ""
    rules_secondary: str = ""
    price_level_structure: str = "linear_cent"
    bands: tuple[Band, ...] = STRUCTURES["linear_cent"]
    strike_type: str | None = None
    floor_strike: Decimal | None = None
    cap_strike: Decimal | None = None
    functional_strike: str | None = None
    custom_strike: tuple[tuple[str, str], ...] = ()
    mve_collection_ticker: str | None = None
    mve_selected_legs: tuple[Leg, ...] = ()
    is_provisional: bool = False
    exchange_index: int = 0

    @property
    def grid(self) -> Grid:
        return Grid(self.bands)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeChange:
    """A fee that changes at a time: of a series, or the override of an event (both None: cleared).

    `event_ticker` is "" for a change of the whole series. `fee_multiplier` in millionths.
    """

    id: str
    series_ticker: str
    event_ticker: str
    fee_type: str | None
    fee_multiplier: int | None
    scheduled_ms: int


class Catalogue:
    """What is listed, in the order it was listed. `Lifecycle` alone changes it."""

    def __init__(self) -> None:
        self.series: dict[str, Series] = {}
        self.events: dict[str, Event] = {}
        self.markets: dict[str, Market] = {}
        self.fee_changes: list[FeeChange] = []

    def event_of(self, ticker: str) -> Event:
        return self.events[self.markets[ticker].event_ticker]

    def series_of(self, ticker: str) -> Series:
        return self.series[self.event_of(ticker).series_ticker]

    def markets_of(self, event_ticker: str) -> tuple[Market, ...]:
        return tuple(m for m in self.markets.values() if m.event_ticker == event_ticker)
