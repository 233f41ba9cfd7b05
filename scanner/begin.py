"""Where sizing may begin: what plain integers already rule out, before any fee is billed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.offer import Offer, OrderKind
from venues import CENT, ONE, Level, Quantity, Side
from venues.fees import CUBE


class Begin(NamedTuple):
    """Where a segment begins: the index of each leg's level, and the quantity behind."""

    one: int
    two: int
    start: int


START: Final = Begin(0, 0, 0)


def first_worth_trying(one: Offer, two: Offer, lot: Quantity) -> Begin:
    """The first segment that can hold the best quantity, found in plain integers, without bills.

    Where slopes are positive, unrounded profit only grows. The last such level end that minimums
    and cash limits surely admit, less all that rounding can take, is a promise: what the best
    reaches at least. Earlier segments that end below it, whatever rounding gives, need no trying.
    """
    line = promise = spent_one = spent_two = cost_one = cost_two = 0
    rounding = _rounding(one) + _rounding(two)
    ends: list[tuple[int, Begin]] = []
    for begin, end in _steps(one.asks, two.asks):
        at_one, at_two = one.asks[begin.one].price, two.asks[begin.two].price
        dear_one = at_one * ONE**2 + one.fees.marginal(at_one)
        dear_two = at_two * ONE**2 + two.fees.marginal(at_two)
        slope = CUBE - dear_one - dear_two
        if slope <= 0:
            break
        size = end - begin.start
        line += size * slope
        ends.append((line, begin))
        spent_one += size * dear_one
        spent_two += size * dear_two
        cost_one += size * at_one
        cost_two += size * at_two
        least = end - lot
        if _admits(one, least, spent_one, cost_one - lot * at_one, rounding) and _admits(
            two, least, spent_two, cost_two - lot * at_two, rounding
        ):
            promise = (line - lot * slope) // CUBE - rounding
    enough = (promise - gift(one) - gift(two) - 1) * CUBE
    return next((begin for line, begin in ends if line >= enough), START)


def gift(offer: Offer) -> int:
    """The most that rounding can give in our favour, fill by fill, down one whole ladder."""
    return len(offer.asks) * offer.fees.shortfall


def _rounding(offer: Offer) -> int:
    """The most that rounding can take on the way down one whole ladder.

    Each level counts, for fills below a grid step can pile up (CarriedFee.bound).
    """
    bill = offer.fees.bill(Side.BUY)
    crumb = 2 * CENT if offer.kind is OrderKind.AMOUNT else 0
    return len(offer.asks) * (bill.above + offer.fees.shortfall + 2) + crumb


def _admits(offer: Offer, quantity: int, outlay: int, least_cost: int, rounding: int) -> bool:
    """Whether an order for `quantity` or up to a lot more is surely allowed.

    Unrounded, it takes at most `outlay` (1e-24 dollars) and costs `least_cost` or more (1e-12).
    """
    if quantity < offer.minimum or least_cost < offer.minimum_cost * ONE:
        return False
    return offer.cash is None or outlay // CUBE + rounding <= offer.cash


def _steps(one: tuple[Level, ...], two: tuple[Level, ...]) -> Iterator[tuple[Begin, int]]:
    """(begin, end) of each segment."""
    if not one or not two:
        return
    i = j = start = 0
    end_one, end_two = int(one[0].quantity), int(two[0].quantity)
    while True:
        end = min(end_one, end_two)
        yield Begin(i, j, start), end
        start = end
        if end_one == end:
            i += 1
            if i == len(one):
                return
            end_one += one[i].quantity
        if end_two == end:
            j += 1
            if j == len(two):
                return
            end_two += two[j].quantity
