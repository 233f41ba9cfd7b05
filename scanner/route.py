"""The cheapest way to buy, or to sell, a quantity at two venues: how much goes where.

Without rounding, what both orders take is convex in how much goes to the first, so its minimum is
where one of the ladders moves to its next level. Rounding moves the real minimum away from there,
but never to where the unrounded line alone is already dearer: so lots are tried from that point
outwards until it is. Each venue alone, and orders just of its minimum, are tried too.
Equal to trying every split (tests/property/test_route.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from math import lcm
from typing import Final, NamedTuple

from scanner.composite import Depth
from scanner.filling import Filling, Part
from venues import Cash, Quantity, Side
from venues.fees import CUBE
from venues.money import round_down, round_up

TRIES: Final = 50_000
"""Lots tried in each direction at most. Reached only where both venues are equally dear over more
than 500 contracts: what stays untried is better by no more than rounding took, cents at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One order for each venue that takes part. `missing` is what no venue would fill."""

    side: Side
    wanted: Quantity
    parts: tuple[Part, ...]

    @property
    def quantity(self) -> Quantity:
        return Quantity(sum(part.quantity for part in self.parts))

    @property
    def missing(self) -> Quantity:
        return Quantity(self.wanted - self.quantity)

    @property
    def amount(self) -> Cash:
        return Cash(sum(part.amount for part in self.parts))

    @property
    def fee(self) -> Cash:
        return Cash(sum(part.fee for part in self.parts))

    @property
    def total(self) -> Cash:
        """Fees counted in: what a purchase costs, what a sale brings."""
        return Cash(self.amount + (self.fee if self.side is Side.BUY else -self.fee))

    def better_by(self, other: Route) -> Cash | None:
        """What this saves, or brings, over `other`; None where the two fill unlike quantities."""
        if self.quantity != other.quantity:
            return None
        more = other.total - self.total
        return Cash(more if self.side is Side.BUY else -more)


def cheapest(quantity: Quantity, side: Side, depths: Sequence[Depth]) -> Route:
    """As much of `quantity` as one or two venues fill, and of the ways to do that the best.

    Never more than was asked for. Of equal ways the one with fewer orders.
    """
    if not 1 <= len(depths) <= 2:
        raise ValueError(f"a route has one or two venues, not {len(depths)}")
    lot = lcm(*(depth.lot for depth in depths))
    nothing = replace(depths[0], levels=())
    one, two = (Filling(side, depth, lot) for depth in (*depths, nothing)[:2])
    reach = _reach(round_down(quantity, lot), one, two)
    if not reach:
        return Route(side=side, wanted=quantity, parts=())
    best = min(_Ways(one, two, reach, lot).best(), key=lambda way: (way.outlay, way.orders))
    shares = ((one, best.first), (two, reach - best.first))
    parts = tuple(filling.part(share) for filling, share in shares if share)
    return Route(side=side, wanted=quantity, parts=parts)


def _reach(wanted: int, one: Filling, two: Filling) -> int:
    """The most that orders which both venues would take can fill."""
    ways = [min(wanted, each.most) for each in (one, two) if each.least <= min(wanted, each.most)]
    if one.allows(one.least) and two.allows(two.least) and one.least + two.least <= wanted:
        ways.append(min(wanted, one.most + two.most))
    return max(ways, default=0)


class _Way(NamedTuple):
    """`first`: what goes to the first venue."""

    outlay: int
    orders: int
    first: int


@dataclass(frozen=True, slots=True)
class _Ways:
    """The ways to fill `reach` at two venues."""

    one: Filling
    two: Filling
    reach: int
    lot: int

    def best(self) -> Iterator[_Way]:
        """The best with each number of orders."""
        for filling, first in ((self.one, self.reach), (self.two, 0)):
            if filling.allows(self.reach):
                yield self._way(first, orders=1)
        low = max(self.one.least, self.reach - self.two.most)
        high = min(self.one.most, self.reach - self.two.least)
        if low <= high:
            yield self._split(low, high)

    def _split(self, low: int, high: int) -> _Way:
        start = min(self._corners(low, high), key=self._line)
        best = self._way(start, orders=2)
        gift = self.one.gift(self.reach) + self.two.gift(self.reach)
        for lots in (range(start, high + 1, self.lot), range(start, low - 1, -self.lot)):
            for first in islice(lots, 1, TRIES):
                if self._line(first) >= (best.outlay + gift) * CUBE:
                    break
                best = min(best, self._way(first, orders=2), key=lambda way: way.outlay)
        return best

    def _corners(self, low: int, high: int) -> set[int]:
        """Where the line can be lowest: the lots around each end of a level, and both bounds."""
        ends = [*self.one.ends, *(self.reach - end for end in self.two.ends)]
        near = {turn(end, self.lot) for end in ends for turn in (round_down, round_up)}
        return {low, high} | {first for first in near if low < first < high}

    def _line(self, first: int) -> int:
        return self.one.line(first) + self.two.line(self.reach - first)

    def _way(self, first: int, *, orders: int) -> _Way:
        outlay = self.one.outlay(first) + self.two.outlay(self.reach - first)
        return _Way(outlay, orders, first)
