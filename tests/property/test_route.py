"""The cheapest route equals trying every split: fees by `Fraction`, no shared code."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.composite import Depth, composite
from scanner.route import TRIES, Route, cheapest
from venues import (
    CarriedFee,
    Cash,
    Contract,
    FeeModel,
    Level,
    Outcome,
    Price,
    Quantity,
    RoundedFee,
    Side,
    WorseFee,
)

ONE = 1_000_000
LOT = 10_000
Rows = list[tuple[int, int]]
Fills = list[tuple[Fraction, Fraction]]

# The oracle: dollars and contracts as Fractions, from the venues' documents.


def up(x: Fraction, step: Fraction) -> Fraction:
    return ceil(x / step) * step


def down(x: Fraction, step: Fraction) -> Fraction:
    return floor(x / step) * step


MICRO = Fraction(1, ONE)


class Venue:
    """One venue in a drawn world; both the product and the oracle are made from it."""

    def __init__(self, rows: Rows, rate: int, grids: tuple[int, ...], least: int, worth: int):
        self.rows, self.rate, self.grids = rows, rate, grids
        self.least, self.worth = least, worth

    def __repr__(self) -> str:
        return f"Venue({self.rows}, {self.rate}, {self.grids}, {self.least}, {self.worth})"

    def depth(self, name: str) -> Depth:
        models: list[FeeModel] = [CarriedFee(self.rate, 0, Cash(grid)) for grid in self.grids]
        usual: FeeModel = RoundedFee(self.rate, Cash(10))
        fees = WorseFee(*models) if len(models) == 2 else (models or [usual])[0]
        return Depth(
            contract=Contract(name, "m", Outcome.YES),
            levels=tuple(Level(Price(p), Quantity(q)) for p, q in self.rows),
            fees=fees,
            minimum=Quantity(self.least * LOT),
            minimum_cost=Cash(self.worth),
        )

    def net(self, lots: int, *, buying: bool) -> Fraction | None:
        """What the order takes from us (a sale: below zero), None where it may not be sent."""
        if lots == 0:
            return Fraction(0)
        fills, left = [], Fraction(lots, 100)
        for price, size in self.rows:
            take = min(Fraction(size, ONE), left)
            if take > 0:
                fills.append((Fraction(price, ONE), take))
            left -= take
        if left > 0 or lots < self.least:
            return None
        rounded = [(up if buying else down)(p * q, MICRO) for p, q in fills]
        if sum(rounded) < Fraction(self.worth, ONE):
            return None
        fees = [self.carried(fills, Fraction(grid, ONE), buying=buying) for grid in self.grids]
        fee = max(fees) if fees else self.rounded(fills)
        return sum(rounded, Fraction(0)) * (1 if buying else -1) + fee

    def carried(self, fills: Fills, grid: Fraction, *, buying: bool) -> Fraction:
        total = account = Fraction(0)
        for price, quantity in fills:
            trade = up(Fraction(self.rate, ONE) * quantity * price * (1 - price), MICRO)
            moved = -up(quantity * price, MICRO) if buying else down(quantity * price, MICRO)
            rounding = moved - trade - down(moved - trade, grid)
            account += rounding
            rebate = down(min(account, trade + rounding), grid)
            account -= rebate
            total += trade + rounding - rebate
        return total

    def rounded(self, fills: Fills) -> Fraction:
        exact = (Fraction(self.rate, ONE) * q * p * (1 - p) for p, q in fills)
        return sum((Fraction(floor(x * 10**5 + Fraction(1, 2)), 10**5) for x in exact), Fraction())


def brute(lots: int, one: Venue, two: Venue, *, buying: bool) -> tuple[int, Fraction]:
    """(lots filled, what that takes at least): as many as possible, then as cheap as possible."""
    firsts = [one.net(each, buying=buying) for each in range(lots + 1)]
    seconds = [two.net(each, buying=buying) for each in range(lots + 1)]
    for filled in range(lots, 0, -1):
        ways = zip(firsts[: filled + 1], reversed(seconds[: filled + 1]), strict=True)
        sums = [a + b for a, b in ways if a is not None and b is not None]
        if sums:
            return filled, min(sums)
    return 0, Fraction(0)


@st.composite
def venues(draw: st.DrawFn, *, middle: int, tick: int, buying: bool, carried: bool) -> Venue:
    step = tick if buying else -tick
    price = min(max(middle + draw(st.integers(-3, 3)) * tick, 13 * tick), ONE - 13 * tick)
    rows: Rows = []
    for _ in range(draw(st.integers(0, 4))):
        crumb = draw(st.integers(0, LOT - 1)) if draw(st.booleans()) else 0
        rows.append((price, draw(st.integers(0, 14)) * LOT + crumb or 1))
        price += step * draw(st.integers(1, 3))
    grids = draw(st.sampled_from([(100,), (10_000,), (100, 10_000)])) if carried else ()
    return Venue(
        rows,
        draw(st.sampled_from([0, 70_000, 35_000, 50_000])),
        grids,
        draw(st.sampled_from([1, 1, 5, 12])),
        draw(st.sampled_from([0, 0, 40_000, 51_234])) if buying else 0,
    )


@st.composite
def worlds(draw: st.DrawFn) -> tuple[bool, int, Venue, Venue]:
    buying = draw(st.booleans())
    tick = draw(st.sampled_from([10_000, 1_000, 100]))
    middle = draw(st.sampled_from([13 * tick, *range(50_000, ONE, 50_000)]))
    drawn = [
        draw(venues(middle=middle, tick=tick, buying=buying, carried=carried))
        for carried in (True, draw(st.booleans()))
    ]
    return buying, draw(st.integers(1, 60)), drawn[0], drawn[1]


def routed(lots: int, one: Venue, two: Venue, *, buying: bool) -> Route:
    side = Side.BUY if buying else Side.SELL
    return cheapest(Quantity(lots * LOT), side, (one.depth("k"), two.depth("p")))


@settings(max_examples=3_000)
@given(worlds())
def test_a_route_equals_trying_every_split(world: tuple[bool, int, Venue, Venue]) -> None:
    buying, lots, one, two = world
    route = routed(lots, one, two, buying=buying)
    filled, least = brute(lots, one, two, buying=buying)
    assert route.quantity == filled * LOT
    assert route.missing == (lots - filled) * LOT
    assert route.total == int(least * ONE) * (1 if buying else -1)
    for part in route.parts:
        venue = one if part.contract.venue == "k" else two
        net = venue.net(part.quantity // LOT, buying=buying)
        assert net is not None, "an order that the venue would not take"
        assert part.amount * (1 if buying else -1) + part.fee == net * ONE


@settings(max_examples=500)
@given(worlds())
def test_no_venue_alone_beats_the_route(world: tuple[bool, int, Venue, Venue]) -> None:
    buying, lots, one, two = world
    route = routed(lots, one, two, buying=buying)
    for name, venue in (("k", one), ("p", two)):
        alone = cheapest(Quantity(lots * LOT), route.side, (venue.depth(name),))
        better = route.better_by(alone)
        assert alone.quantity <= route.quantity
        assert better is None or better >= 0


@settings(max_examples=500)
@given(worlds())
def test_a_composite_book_keeps_every_level_and_is_best_first(
    world: tuple[bool, int, Venue, Venue],
) -> None:
    buying, _, one, two = world
    levels = composite(Side.BUY if buying else Side.SELL, (one.depth("k"), two.depth("p")))
    assert sorted((v.price, v.quantity) for v in levels) == sorted(one.rows + two.rows)
    exact = []
    for level in levels:
        p = Fraction(level.price, ONE)
        rate = Fraction((one if level.contract.venue == "k" else two).rate, ONE)
        fee = rate * p * (1 - p)
        exact.append(p + fee if buying else p - fee)
        assert level.fee == ceil(fee * ONE)
        assert level.effective == (ceil if buying else floor)(exact[-1] * ONE)
    assert exact == sorted(exact, reverse=not buying)


@pytest.mark.parametrize("grid", [100, 10_000])
def test_where_both_venues_are_equally_dear_the_bound_of_the_search_holds(grid: int) -> None:
    """No split of 20,000 contracts can cost less than the line, and the search is within cents."""
    deep: Rows = [(430_000, 30_000 * ONE + 1)]
    one, two = Venue(deep, 70_000, (grid,), 1, 0), Venue(deep, 70_000, (), 1, 0)
    lots = 2_000_000
    assert lots > 2 * TRIES
    route = routed(lots, one, two, buying=True)
    line = lots * LOT * (430_000 + Fraction(70_000 * 430_000 * 570_000, ONE**2)) / ONE
    assert 0 <= route.total - line + 10 <= grid + 20


def test_a_route_of_no_or_three_venues_is_our_bug() -> None:
    with pytest.raises(ValueError, match="one or two"):
        cheapest(Quantity(LOT), Side.BUY, ())
