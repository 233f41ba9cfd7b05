"""A change that is worth telling."""

from __future__ import annotations

from typing import Final

from pair_books import START_MS

from scanner.episode import Change, Happened, Proof, begin
from scanner.opportunity import Leg, Opportunity
from venues import Cash, Contract, Outcome, Price, Quantity

GOOD: Final = Proof(ages_ms=(10, 20))


def appeared(pair: str, *, at_ms: int = START_MS) -> Change:
    """Five dollars on a hundred."""
    legs = tuple(
        Leg(
            contract=Contract(venue, f"{pair} {venue}", Outcome.YES),
            bought=Quantity(100_000_000),
            average_price=Price(cents * 10_000),
            worst_price=Price(cents * 10_000),
            cost=Cash(cents * 1_000_000),
            fee=Cash(0),
        )
        for venue, cents in (("kalshi", 40), ("polymarket", 55))
    )
    found = Opportunity(
        pair_id=pair, legs=(legs[0], legs[1]), quantity=Quantity(100_000_000), seen_ms=at_ms
    )
    return Change(happened=Happened.APPEARED, episode=begin(found, GOOD))
