"""What the house tells its listeners, in order: enough to build every frame of §12 and §13."""

from __future__ import annotations

from dataclasses import dataclass

from venues.money import Price, Quantity
from venues.sides import Side
from venues.sim.polymarket.catalogue import Event, Market
from venues.sim.polymarket.records import OrderRecord, TradeRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelsChanged:
    """Levels of one market that one command moved, in YES dollars: (side, price, size left).

    The NO book's levels are their mirror. Told after the whole command, when the book stands.
    """

    market: str
    levels: tuple[tuple[Side, Price, Quantity], ...]
    traded: bool
    ts_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TradePrinted:
    """One maker's match, for last_trade_price; `token`, `side`, `price` are the taker's."""

    market: str
    token: str
    side: Side
    price: Price
    size: Quantity
    transaction_hash: str
    ts_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderUpdated:
    """`kind` is PLACEMENT, UPDATE or CANCELLATION."""

    kind: str
    order: OrderRecord
    ts_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeUpdated:
    """A trade was made or its status changed."""

    trade: TradeRecord
    ts_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TickChanged:
    market: str
    old: Price
    new: Price
    ts_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketListed:
    market: Market
    event: Event
    ts_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketResolved:
    """`winner` is 0 (first outcome) or 1; None for 50/50."""

    market: Market
    event: Event
    winner: int | None
    ts_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineRestarted:
    """Connections may be cut; books stand."""

    ts_ms: int


Notice = (
    LevelsChanged
    | TradePrinted
    | OrderUpdated
    | TradeUpdated
    | TickChanged
    | MarketListed
    | MarketResolved
    | EngineRestarted
)
