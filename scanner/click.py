"""What a click would have got: both legs bought at the limits that were alerted, against the books
of a later moment; what has no twin then is sold back at once. Pure.

It cannot know of anybody who came first in the queue, nor what this order would have moved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from matching.pairs import MarketKey
from scanner.opportunity import Leg, Opportunity
from venues import LOT, Book, Cash, FeeModel, Level, Price, Quantity, Side, Slice
from venues.money import cost, proceeds, round_down


class Click(NamedTuple):
    """A click of so many dollars, so long after the alert."""

    delay_ms: int
    budget: Cash


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """`wanted` of each leg, `hedged` of both; `unsold` found no bid and is lost. `profit` counts
    the payout of what is hedged, all costs and fees, and what selling back brought."""

    wanted: Quantity
    hedged: Quantity
    unsold: Quantity
    profit: Cash


class Bought(NamedTuple):
    quantity: int
    outlay: int


def wanted(found: Opportunity, budget: Cash) -> Quantity:
    """As much of the opportunity as its own outlay says that the budget buys, in whole lots."""
    if budget >= found.outlay:
        return found.quantity
    return Quantity(round_down(found.quantity * budget // found.outlay, LOT))


def got(
    found: Opportunity,
    budget: Cash,
    books: Mapping[MarketKey, Book],
    fees: Mapping[MarketKey, FeeModel],
) -> Got:
    """`books` are YES books at the moment of the click; a leg without one fills nothing."""
    quantity = wanted(found, budget)
    legs = [(leg, _book(leg, books), fees[_key(leg)]) for leg in found.legs]
    one, two = (_buy(quantity, leg.worst_price, book, fee) for leg, book, fee in legs)
    hedged = min(one.quantity, two.quantity)
    profit, unsold = hedged - one.outlay - two.outlay, 0
    for (_, book, fee), bought in zip(legs, (one, two), strict=True):
        sold, earned = _sell(bought.quantity - hedged, book, fee)
        profit += earned
        unsold += bought.quantity - hedged - sold
    return Got(
        wanted=quantity, hedged=Quantity(hedged), unsold=Quantity(unsold), profit=Cash(profit)
    )


def _buy(quantity: int, limit: Price, book: Book | None, fees: FeeModel) -> Bought:
    asks = book.asks if book else ()
    fills = _fills(quantity, tuple(level for level in asks if level.price <= limit))
    spent = sum(cost(fill.price, fill.quantity) for fill in fills)
    return Bought(sum(f.quantity for f in fills), spent + sum(fees.billed(Side.BUY, fills)))


def _sell(quantity: int, book: Book | None, fees: FeeModel) -> tuple[int, int]:
    """(sold, earned after fees) at whatever bids there are; never below nothing for one order."""
    fills = _fills(quantity, book.bids if book else ())
    earned = sum(proceeds(fill.price, fill.quantity) for fill in fills)
    return sum(f.quantity for f in fills), earned - sum(fees.billed(Side.SELL, fills))


def _fills(quantity: int, levels: tuple[Level, ...]) -> tuple[Slice, ...]:
    found, left = [], quantity
    for price, size in levels:
        if left <= 0:
            break
        take = min(left, size)
        found.append(Slice(price, Quantity(take)))
        left -= take
    return tuple(found)


def _book(leg: Leg, books: Mapping[MarketKey, Book]) -> Book | None:
    book = books.get(_key(leg))
    if book is None or book.fault():
        return None
    return book.of(leg.contract.outcome)


def _key(leg: Leg) -> MarketKey:
    return MarketKey(leg.contract.venue, leg.contract.market)
