"""Sizing equals an independent brute force: every lot tried, fees by `Fraction`, no shared code."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from scanner import Offer, OrderKind, Sized, curve, size
from venues import CarriedFee, Cash, Contract, Level, Outcome, Price, Quantity, RoundedFee

ONE = 1_000_000
LOT = 10_000
CENT = 10_000
K = Contract("k", "m", Outcome.YES)
P = Contract("p", "m", Outcome.NO)


# The oracle. Written from the venues' documents, in dollars and contracts as Fractions.


def up(x: Fraction, step: Fraction) -> Fraction:
    return ceil(x / step) * step


def down(x: Fraction, step: Fraction) -> Fraction:
    return floor(x / step) * step


@dataclass
class OracleLeg:
    asks: list[tuple[Fraction, Fraction]]
    rate: Fraction
    grid: Fraction | None  # None: rounded half up to 5 decimals per fill
    by_amount: bool = False
    minimum: Fraction = Fraction(1, 100)
    minimum_cost: Fraction = Fraction(0)
    cash: Fraction | None = None

    def fills(self, q: Fraction) -> list[tuple[Fraction, Fraction]] | None:
        out = []
        for price, size_ in self.asks:
            take = min(size_, q)
            if take > 0:
                out.append((price, take))
            q -= take
        return out if q == 0 else None

    def order(self, q: Fraction) -> list[tuple[Fraction, Fraction]] | None:
        fills = self.fills(q)
        if not self.by_amount or fills is None:
            return fills
        spend = up(self.cost(fills), Fraction(1, 100)) - self.cost(fills[:-1])
        last = fills[-1][0]
        there = next(size_ for price, size_ in self.asks if price == last)
        bought = min(down(spend / last, Fraction(1, ONE)), there)
        return [*fills[:-1], (last, bought)]

    @staticmethod
    def cost(fills: list[tuple[Fraction, Fraction]]) -> Fraction:
        return sum((up(p * x, Fraction(1, ONE)) for p, x in fills), Fraction(0))

    def fee(self, fills: list[tuple[Fraction, Fraction]]) -> Fraction:
        total, account = Fraction(0), Fraction(0)
        for price, quantity in fills:
            exact = self.rate * quantity * price * (1 - price)
            if self.grid is None:
                total += Fraction(floor(exact * 100_000 + Fraction(1, 2)), 100_000)
                continue
            trade = up(exact, Fraction(1, ONE))
            revenue = -up(quantity * price, Fraction(1, ONE))
            aligned = down(revenue - trade, self.grid)
            rounding = revenue - trade - aligned
            account += rounding
            rebate = down(min(account, trade + rounding), self.grid)
            account -= rebate
            total += trade + rounding - rebate
        return total

    def outlay(self, q: Fraction) -> tuple[Fraction, Fraction] | None:
        """(cost, fee) of the order for q, or None where it may not be sent."""
        fills = self.order(q)
        if fills is None or q < self.minimum:
            return None
        cost, fee = self.cost(fills), self.fee(fills)
        committed = up(self.cost(self.fills(q) or []), Fraction(1, 100)) if self.by_amount else cost
        if committed < self.minimum_cost:
            return None
        if self.cash is not None and committed + fee > self.cash:
            return None
        return cost, fee


def brute(one: OracleLeg, two: OracleLeg) -> tuple[int, int] | None:
    """(quantity, profit) in micros of the best whole number of 0.01 contracts."""
    depth = min(sum((s for _, s in leg.asks), Fraction(0)) for leg in (one, two))
    best: tuple[Fraction, Fraction] | None = None
    for lots in range(1, floor(depth * 100) + 1):
        q = Fraction(lots, 100)
        a, b = one.outlay(q), two.outlay(q)
        if a is None or b is None:
            continue
        profit = q - sum(a) - sum(b)
        if profit > 0 and (best is None or profit > best[1]):
            best = (q, profit)
    return None if best is None else (int(best[0] * ONE), int(best[1] * ONE))


# Random worlds, in micros; the product and the oracle get the same numbers in their own units.


Rows = list[tuple[int, int]]
World = tuple[Rows, Rows, tuple[int, int], int]


@st.composite
def ladders(draw: st.DrawFn, middle: int, *, tick: int, levels: int, lots: int, fine: bool) -> Rows:
    start = min(max(middle + draw(st.integers(-4, 4)) * tick, tick), ONE - levels * tick * 3)
    price, out = start, []
    for _ in range(draw(st.integers(1, levels))):
        crumb = draw(st.integers(0, LOT - 1)) if fine and draw(st.booleans()) else 0
        out.append((price, draw(st.integers(1, lots)) * LOT + crumb))
        price += tick * draw(st.integers(1, 3))
    return out


@st.composite
def worlds(draw: st.DrawFn, *, lots: int = 14, levels: int = 3) -> World:
    tick = draw(st.sampled_from([10_000, 1_000, 100, 5_000]))
    middle = draw(st.integers(2, 98)) * 10_000
    if draw(st.booleans()):
        middle = draw(st.sampled_from([2 * tick, ONE - 12 * tick]))
    first = draw(ladders(middle, tick=tick, levels=levels, lots=lots, fine=False))
    second = draw(ladders(ONE - middle, tick=tick, levels=levels, lots=lots, fine=True))
    rates = (draw(st.sampled_from([70_000, 35_000, 0])), draw(st.sampled_from([50_000, 0, 72_000])))
    return first, second, rates, draw(st.sampled_from([100, 10_000]))


def offers(world: World, **two_extra: Any) -> tuple[Offer, Offer]:
    first, second, (rate_k, rate_p), grid = world
    one = Offer(
        contract=K,
        asks=tuple(Level(Price(p), Quantity(q)) for p, q in first),
        fees=CarriedFee(rate_k, 0, Cash(grid)),
    )
    two = Offer(
        contract=P,
        asks=tuple(Level(Price(p), Quantity(q)) for p, q in second),
        fees=RoundedFee(rate_p, Cash(10)),
        **two_extra,
    )
    return one, two


def oracle(world: World) -> tuple[OracleLeg, OracleLeg]:
    first, second, (rate_k, rate_p), grid = world

    def f(rows: Rows) -> list[tuple[Fraction, Fraction]]:
        return [(Fraction(p, ONE), Fraction(q, ONE)) for p, q in rows]

    return (
        OracleLeg(f(first), Fraction(rate_k, ONE), Fraction(grid, ONE)),
        OracleLeg(f(second), Fraction(rate_p, ONE), None),
    )


def check(sized: Sized | None, expected: tuple[int, int] | None) -> None:
    got = None if sized is None else (sized.quantity, sized.profit)
    assert got == expected
    if sized is None:
        return
    outlay = sum(leg.cost + leg.fee for leg in sized.legs)
    assert sized.quantity - outlay == sized.profit, "the legs do not add up to the profit"


@settings(max_examples=5_000)
@given(worlds())
def test_sizing_equals_trying_every_lot(world: World) -> None:
    check(size(*offers(world)), brute(*oracle(world)))


@settings(max_examples=4_000)
@given(worlds(), st.data())
def test_sizing_keeps_to_minimums_and_cash(world: World, data: st.DataObject) -> None:
    minimum = data.draw(st.integers(1, 20)) * LOT
    minimum_cost = data.draw(st.sampled_from([0, 50_000, 123_457]))
    cash = data.draw(st.integers(0, 300)) * 1_000
    one, two = offers(
        world,
        minimum=Quantity(minimum),
        minimum_cost=Cash(minimum_cost),
        cash=Cash(cash),
    )
    first, second = oracle(world)
    second.minimum = Fraction(minimum, ONE)
    second.minimum_cost, second.cash = Fraction(minimum_cost, ONE), Fraction(cash, ONE)
    check(size(one, two), brute(first, second))


@settings(max_examples=2_000)
@given(worlds(), st.sampled_from([None, 40_000, 150_000]), st.sampled_from([0, 30_000, 31_234]))
def test_an_order_that_spends_an_amount_is_sized_with_the_crumb_it_buys_over(
    world: World, cash: int | None, minimum_cost: int
) -> None:
    limit = None if cash is None else Cash(cash)
    one, two = offers(world, kind=OrderKind.AMOUNT, cash=limit, minimum_cost=Cash(minimum_cost))
    first, second = oracle(world)
    second.by_amount = True
    second.cash = None if cash is None else Fraction(cash, ONE)
    second.minimum_cost = Fraction(minimum_cost, ONE)
    check(size(one, two), brute(first, second))


@settings(max_examples=60)
@given(worlds(lots=400, levels=3))
def test_sizing_equals_trying_every_lot_of_deep_ladders(world: World) -> None:
    check(size(*offers(world)), brute(*oracle(world)))


@settings(max_examples=300)
@given(worlds())
def test_profit_never_grows_with_fees_or_with_less_depth(world: World) -> None:
    first, second, (rate_k, rate_p), grid = world

    def profit(w: World) -> int:
        sized = size(*offers(w))
        return sized.profit if sized else 0

    best = profit(world)
    assert profit((first[:1], second, (rate_k, rate_p), grid)) <= best
    if grid == 100:  # one grid: more of the same formula, never less
        assert profit((first, second, (rate_k, rate_p + 10_000), grid)) <= best + 10 * len(second)


@settings(max_examples=300)
@given(worlds())
def test_the_curve_ends_where_the_thinner_ladder_does(world: World) -> None:
    points = curve(*offers(world))
    depth = min(sum(q for _, q in world[0]), sum(q for _, q in world[1]))
    assert points[-1].quantity == depth
    assert [p.quantity for p in points] == sorted({p.quantity for p in points})


def test_no_time_is_lost_where_prices_add_up_to_exactly_a_dollar() -> None:
    """Flat profit over a deep level is the worst case of the search; without fees it is nothing."""
    deep = Quantity(300_000 * ONE)
    one = Offer(contract=K, asks=(Level(Price(400_000), deep),), fees=CarriedFee(0, 0, Cash(100)))
    two = Offer(contract=P, asks=(Level(Price(600_000), deep),), fees=RoundedFee(0, Cash(10)))
    assert size(one, two) is None


@st.composite
def crumbs(draw: st.DrawFn) -> World:
    """Long ladders of next to nothing, cheap on one side: rounding piles up level by level."""
    tick = draw(st.sampled_from([100, 1_000]))
    first, price = [], tick * draw(st.integers(1, 60))
    for _ in range(draw(st.integers(4, 24))):
        first.append((price, draw(st.integers(1, 90_000))))
        price += tick
    top = ONE - first[-1][0] - draw(st.integers(1, 60)) * tick
    second = [(max(top, tick), draw(st.integers(1, 90)) * LOT + draw(st.integers(0, LOT - 1)))]
    rates = (draw(st.sampled_from([70_000, 35_000])), draw(st.sampled_from([0, 50_000])))
    return first, second, rates, draw(st.sampled_from([100, 10_000]))


@settings(max_examples=1_500)
@given(crumbs(), st.sampled_from([None, 1_099, 20_000, 400_000]))
def test_rounding_that_piles_up_over_many_crumbs_hides_no_profit(
    world: World, cash: int | None
) -> None:
    one, two = offers(world)
    first, second = oracle(world)
    one = replace(one, cash=None if cash is None else Cash(cash))
    first.cash = None if cash is None else Fraction(cash, ONE)
    check(size(one, two), brute(first, second))
