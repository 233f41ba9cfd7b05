"""A pair of one market at each venue, and books of one level a side."""

from __future__ import annotations

from typing import Final

from matching.pairs import MarketKey, Pair, Relation
from scanner.scan import Listed
from venues import (
    Book,
    CarriedFee,
    Cash,
    Contract,
    FeeSchedule,
    Grid,
    Level,
    Market,
    MarketStatus,
    Outcome,
    Price,
    Quantity,
    RoundedFee,
)

START_MS: Final = 1_795_564_800_000
K: Final = MarketKey("kalshi", "K")
P: Final = MarketKey("polymarket", "P")


def book(key: MarketKey, bid: int, ask: int, size: int = 100) -> Book:
    """Prices in cents, sizes in contracts; 0 or 100: no such side."""

    def side(cents: int) -> tuple[Level, ...]:
        empty = cents in (0, 100)
        return () if empty else (Level(Price(cents * 10_000), Quantity(size * 1_000_000)),)

    return Book(Contract(*key, Outcome.YES), side(bid), side(ask), START_MS)


def market(key: MarketKey) -> Market:
    fees = CarriedFee(70_000, 0, Cash(100)) if key.venue == "kalshi" else RoundedFee(0, Cash(10))
    return Market(
        venue=key.venue,
        id=key.id,
        event_id="",
        title="",
        yes_means="",
        rules="",
        status=MarketStatus.OPEN,
        grid=Grid.even(Price(10_000)),
        fees=FeeSchedule.always(fees),
    )


def listed(one: MarketKey = K, two: MarketKey = P, relation: Relation = Relation.SAME) -> Listed:
    return Listed(Pair(f"{one.id}-{two.id}", one, two, relation), market(one), market(two))
