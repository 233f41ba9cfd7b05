"""Exact sizing: two offers that pay one dollar together → the quantity with the greatest profit.

Why this is not a one-liner: fees are rounded per fill and carried per order, so profit as a
function of quantity is a concave line with jitter of a few micro-dollars, and its maximum lies
near a level's end but not always on it. Between two breakpoints of the ladders both prices are
fixed, profit is linear but for the jitter, and the jitter is bounded (`Bill.above`, `below`).
So each segment is tried at its good end, and then exactly those other lots that the bound cannot
rule out. Equal to trying every lot (tests/property/test_spread.py), at the price of a few.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from scanner.begin import START, Begin, first_worth_trying, gift
from scanner.offer import Offer, OrderKind
from scanner.opportunity import Leg
from venues import CENT, LOT, ONE, Cash, Level, Price, Quantity, Side, Slice
from venues.fees import CUBE, Bill
from venues.money import affordable, average_price, cost, round_down, round_up

TRIES: Final = 200_000
"""Lots tried in one segment at most. Reached only where a contract's profit is so near to nothing
that 200,000 lots (2,000 contracts) change less than the jitter: what stays untried is worth less
than that, a cent or two for an order that spends an amount, a few hundredths of one otherwise."""


@dataclass(frozen=True, slots=True)
class Sized:
    """The best quantity and its two legs; profit is payout less costs and billed fees."""

    quantity: Quantity
    profit: Cash
    legs: tuple[Leg, Leg]


class Point(NamedTuple):
    """One point of the profit curve."""

    quantity: Quantity
    profit: Cash


def size(one: Offer, two: Offer, lot: Quantity = LOT) -> Sized | None:
    """The whole number of lots with the greatest profit above zero; the smallest such; or None."""
    search = _Search(one, two, lot)
    for segment in _segments(one, two, first_worth_trying(one, two, lot)):
        if not search.through(segment):
            break
    best = search.best
    if best.profit <= 0:
        return None
    return Sized(best.quantity, best.profit, (_leg(one, best.quantity), _leg(two, best.quantity)))


def curve(one: Offer, two: Offer) -> tuple[Point, ...]:
    """Profit at each quantity where one ladder moves to its next level: for display."""
    return tuple(Point(Quantity(s.end), Cash(s.profit(s.end))) for s in _segments(one, two, START))


class _Walk:
    """One offer on its way down its ladder: the levels behind are bought, `price` is next."""

    __slots__ = ("_bill", "_charged", "_levels", "_spent", "behind", "end", "offer", "price")

    def __init__(self, offer: Offer, bought_levels: int = 0) -> None:
        self.offer = offer
        self._bill: Bill = offer.fees.bill(Side.BUY)
        self._levels = iter(offer.asks)
        self._spent = self._charged = self.behind = self.end = 0
        self.price = Price(0)
        self._next()
        for _ in range(bought_levels):
            self.advance()

    def advance(self) -> bool:
        """Buys the present level whole; False when it was the last."""
        fill = Slice(self.price, Quantity(self.end - self.behind))
        self._spent += cost(fill.price, fill.quantity)
        self._charged += self._bill.add(fill)
        self.behind = self.end
        return self._next()

    def _next(self) -> bool:
        level = next(self._levels, None)
        if level is None:
            return False
        self.price = level.price
        self.end = self.behind + level.quantity
        return True

    def outlay(self, quantity: int) -> int:
        """Cost and billed fee of the first `quantity`, which ends inside the present level."""
        here = self.bought(quantity) - self.behind
        fee = self._bill.peek(self.price, Quantity(here))
        return self._spent + cost(self.price, Quantity(here)) + self._charged + fee

    def least(self, quantity: int) -> int:
        """No rounding makes the outlay for `quantity`, ending in the present level, any smaller."""
        here = (quantity - self.behind) * (self.price * ONE**2 + self.slope()) // CUBE
        return self._spent + self._charged + here - self._bill.below - 1

    def bought(self, quantity: int) -> int:
        """What an order for `quantity` really buys (OrderKind).

        Its limit is this level's price, so what is left of the amount at the level's end is not
        spent.
        """
        if self.offer.kind is OrderKind.QUANTITY:
            return quantity
        wanted = Quantity(quantity - self.behind)
        left = self.amount(wanted) - self._spent
        return min(self.behind + affordable(self.price, Cash(left)), self.end)

    def amount(self, wanted: Quantity) -> int:
        """The least whole cents that buy the levels behind and `wanted` of this one."""
        return round_up(self._spent + cost(self.price, wanted), CENT)

    def allowed(self, quantity: int) -> bool:
        """Whether the order for `quantity` is dear enough and within the cash limit.

        Both count what the order commits: of an amount all of it, even where not all is spent.
        """
        offer = self.offer
        if offer.cash is None and not offer.minimum_cost:
            return True
        here = Quantity(quantity - self.behind)
        committed = self._spent + cost(self.price, here)
        if offer.kind is OrderKind.AMOUNT:
            committed = self.amount(here)
            here = Quantity(self.bought(quantity) - self.behind)
        fee = self._charged + self._bill.peek(self.price, here)
        within = offer.cash is None or committed + fee <= offer.cash
        return within and committed >= offer.minimum_cost

    def floor(self) -> int:
        """No smaller quantity costs the minimum (as long as this level holds it)."""
        rounded_up = CENT if self.offer.kind is OrderKind.AMOUNT else 0
        missing = self.offer.minimum_cost - rounded_up - self._spent
        return self.behind + missing * ONE // self.price if missing > 0 else 0

    def ceiling(self) -> int:
        """No larger quantity stays within the cash limit, however low the fee comes out."""
        if self.offer.cash is None:
            return self.end
        left = self.offer.cash - self._spent - self._charged + self._bill.below + 1
        return self.behind + max(left, 0) * CUBE // (self.price * ONE**2 + self.slope())

    def slope(self) -> int:
        """The unrounded fee of one contract here, in 1e-18 dollars."""
        return self.offer.fees.marginal(self.price)

    def jitter_up(self, start: int) -> int:
        """How far profit can rise above the line through `start`, in micro-dollars."""
        settled = start == self.behind and (start == 0 or self.offer.kind is OrderKind.QUANTITY)
        return self._bill.below if settled else self.jitter()

    def jitter(self) -> int:
        """How far profit can lie from a line through any one of its values here."""
        crumb = 2 * CENT if self.offer.kind is OrderKind.AMOUNT else 0
        return self._bill.above + self._bill.below + 1 + crumb


class _Segment(NamedTuple):
    """Quantities above `start` up to `end`, over which neither leg changes its price."""

    start: int
    end: int
    one: _Walk
    two: _Walk

    def profit(self, quantity: int) -> int:
        return quantity - self.one.outlay(quantity) - self.two.outlay(quantity)

    def slope(self) -> int:
        """Unrounded profit of one more contract, in 1e-18 dollars."""
        gross = (ONE - self.one.price - self.two.price) * ONE**2
        return gross - self.one.slope() - self.two.slope()


def _segments(one: Offer, two: Offer, begin: Begin) -> Iterator[_Segment]:
    """The segments from `begin` on; the walks inside are the same two objects, moved on."""
    if not one.asks or not two.asks:
        return
    first, second, start = _Walk(one, begin.one), _Walk(two, begin.two), begin.start
    while True:
        end = min(first.end, second.end)
        yield _Segment(start, end, first, second)
        if (first.end == end and not first.advance()) or (
            second.end == end and not second.advance()
        ):
            return
        start = end


class _Search:
    """The best point so far. Segments are tried in order; slopes only fall from one to the next."""

    __slots__ = ("_first", "_lot", "_unseen", "best")

    def __init__(self, one: Offer, two: Offer, lot: Quantity) -> None:
        self.best = Point(Quantity(0), Cash(0))
        self._lot = lot
        self._first = round_up(max(one.minimum, two.minimum, lot), lot)
        self._unseen = gift(one) + gift(two)

    def through(self, segment: _Segment) -> bool:
        """Tries what could beat the best; False once nothing from here on can."""
        slope = segment.slope()
        low = max(self._first, segment.start + 1, segment.one.floor(), segment.two.floor())
        low = round_up(low, self._lot)
        high = min(segment.end, segment.one.ceiling(), segment.two.ceiling())
        high = round_down(high, self._lot)
        if slope > 0:
            self._try_from_the_end(segment, low, high, slope)
            return True
        start = segment.profit(segment.start)
        room = start - self.best.profit
        room += segment.one.jitter_up(segment.start) + segment.two.jitter_up(segment.start)
        self._try_from_the_start(segment, low, high, slope, room)
        return room + self._unseen + slope * (low - segment.start) // CUBE > 0

    def _try_from_the_end(self, segment: _Segment, low: int, high: int, slope: int) -> None:
        while high >= low and not self._allowed(segment, high):
            high -= self._lot
        if high < low:
            return
        self._try(segment, high)
        room = high - segment.one.least(high) - segment.two.least(high) - self.best.profit
        back = min(room * CUBE // (slope * self._lot), TRIES)
        for quantity in range(max(low, high - back * self._lot), high, self._lot):
            self._try(segment, quantity)

    def _try_from_the_start(
        self, segment: _Segment, low: int, high: int, slope: int, room: int
    ) -> None:
        if room <= 0:
            return
        if slope:
            high = min(high, segment.start + room * CUBE // -slope)
        for quantity in range(low, min(high, low + TRIES * self._lot) + 1, self._lot):
            self._try(segment, quantity)

    def _try(self, segment: _Segment, quantity: int) -> None:
        profit = segment.profit(quantity)
        better = profit > self.best.profit
        smaller = profit == self.best.profit and quantity < self.best.quantity
        if (better or smaller) and self._allowed(segment, quantity):
            self.best = Point(Quantity(quantity), Cash(profit))

    def _allowed(self, segment: _Segment, quantity: int) -> bool:
        return segment.one.allowed(quantity) and segment.two.allowed(quantity)


def _leg(offer: Offer, quantity: Quantity) -> Leg:
    """The order for `quantity` as it would fill: one fill per level."""
    fills = tuple(_fills(offer.asks, _bought(offer, quantity)))
    spent = Cash(sum(cost(fill.price, fill.quantity) for fill in fills))
    bought = Quantity(sum(fill.quantity for fill in fills))
    return Leg(
        contract=offer.contract,
        bought=bought,
        average_price=average_price(spent, bought),
        worst_price=fills[-1].price,
        cost=spent,
        fee=Cash(sum(offer.fees.billed(Side.BUY, fills))),
    )


def _bought(offer: Offer, quantity: Quantity) -> int:
    if offer.kind is OrderKind.QUANTITY:
        return quantity
    walk = _Walk(offer)
    while walk.end < quantity:
        walk.advance()
    return walk.bought(quantity)


def _fills(asks: tuple[Level, ...], bought: int) -> Iterator[Slice]:
    for price, available in asks:
        if bought <= 0:
            return
        yield Slice(price, Quantity(min(available, bought)))
        bought -= available
