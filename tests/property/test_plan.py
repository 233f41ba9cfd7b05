"""What a plan promises, held against fractions that share no code with it.

However its two orders are filled, level by level and lot by lot, at their limits or better, no leg
takes more than what was set aside for it, and both whole leave a profit.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import ceil, floor

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pair_books import K, P, market

from execution.plan import Asked, HedgePlan, plan
from matching.pairs import MarketKey, Pair, Relation
from scanner.scan import Listed, Policy
from venues import (
    Book,
    Cash,
    Contract,
    FeeSchedule,
    Level,
    Outcome,
    Price,
    Quantity,
    RoundedFee,
)

ONE, LOT, CENT = 1_000_000, 10_000, 10_000
RATE_K, RATE_P = 70_000, 50_000
Fills = list[tuple[int, int]]


def kalshi_fee(fills: Fills) -> Fraction:
    """The formula up to a micro-dollar, the balance on a grid of 0.0001, what that took paid back
    in whole steps: facts/kalshi.md §11.3."""
    total, account, step = Fraction(0), Fraction(0), Fraction(1, 10_000)
    for price, quantity in fills:
        p, q = Fraction(price, ONE), Fraction(quantity, ONE)
        trade = Fraction(ceil(Fraction(RATE_K, ONE) * q * p * (1 - p) * ONE), ONE)
        after = -Fraction(ceil(p * q * ONE), ONE) - trade
        rounding = after - floor(after / step) * step
        account += rounding
        back = floor(min(account, trade + rounding) / step) * step
        account -= back
        total += trade + rounding - back
    return total


def polymarket_fee(fills: Fills) -> Fraction:
    """The formula, half up at the fifth decimal, fill by fill."""
    exact = [
        Fraction(RATE_P, ONE) * Fraction(q, ONE) * Fraction(p, ONE) * (1 - Fraction(p, ONE))
        for p, q in fills
    ]
    return sum((Fraction(floor(x * 100_000 + Fraction(1, 2)), 100_000) for x in exact), Fraction(0))


def paid(fills: Fills) -> Fraction:
    return Fraction(sum(ceil(Fraction(p * q, ONE)) for p, q in fills), ONE)


def took(venue: str, fills: Fills) -> Fraction:
    fee = kalshi_fee(fills) if venue == "kalshi" else polymarket_fee(fills)
    return paid(fills) + fee


def planned(two: tuple[Book, Book]) -> HedgePlan | str:
    charged = replace(market(P), fees=FeeSchedule.always(RoundedFee(RATE_P, Cash(10))))
    return plan(
        Listed(Pair("x", K, P, Relation.SAME), market(K), charged),
        {K: two[0], P: two[1]},
        policy=Policy(),
        asked=Asked(id="h", now_ms=1, life_ms=1, loss_max=Cash(0)),
    )


@st.composite
def books(draw: st.DrawFn) -> tuple[Book, Book]:
    """YES is cheap at Kalshi, NO at Polymarket, by some cents or none."""
    ask = draw(st.integers(5, 80))
    bid = min(ask + draw(st.integers(1, 15)), 97)
    return side(draw, K, asks=ask), side(draw, P, bids=bid)


def side(draw: st.DrawFn, key: MarketKey, *, asks: int = 0, bids: int = 0) -> Book:
    start, sign = (asks, 1) if asks else (bids, -1)
    levels, cents = [], start
    for _ in range(draw(st.integers(1, 4))):
        if not 1 <= cents <= 99:
            break
        levels.append(Level(Price(cents * CENT), Quantity(draw(st.integers(1, 800)) * LOT)))
        cents += sign * draw(st.integers(1, 3))
    contract = Contract(key.venue, key.id, Outcome.YES)
    found = tuple(levels)
    return Book(contract, () if asks else found, found if asks else (), 0)


@settings(max_examples=300)
@given(books(), st.data())
def test_no_filling_within_the_limits_takes_more_than_what_is_set_aside(
    two: tuple[Book, Book], data: st.DataObject
) -> None:
    made = planned(two)
    assume(isinstance(made, HedgePlan))
    assert isinstance(made, HedgePlan)
    outlay = Fraction(0)
    for leg in made.legs:
        left, fills = int(made.quantity), []
        while left:
            lots = data.draw(st.integers(1, left // LOT))
            price = data.draw(st.integers(1, leg.limit // CENT)) * CENT
            if data.draw(st.booleans()):
                price = int(leg.limit)
            fills.append((price, lots * LOT))
            left -= lots * LOT
        spent = took(leg.contract.venue, fills)
        assert spent <= Fraction(leg.reserve, ONE)
        outlay += spent
    profit = Fraction(made.quantity, ONE) - outlay
    assert profit >= Fraction(made.least_profit, ONE) > 0


@settings(max_examples=300)
@given(books())
def test_a_plan_counts_what_its_books_hold_at_its_limits(two: tuple[Book, Book]) -> None:
    made = planned(two)
    assume(isinstance(made, HedgePlan))
    assert isinstance(made, HedgePlan)
    total = Fraction(0)
    for leg in made.legs:
        levels = (
            [(int(p), int(q)) for p, q in two[0].asks]
            if leg.contract.venue == "kalshi"
            else [(ONE - p, int(q)) for p, q in two[1].bids]
        )
        fills, left = [], int(made.quantity)
        for price, size in levels:
            if left and price <= leg.limit:
                fills.append((price, min(size, left)))
                left -= fills[-1][1]
        assert left == 0
        assert fills[-1][0] == leg.limit
        assert Fraction(leg.outlay, ONE) == took(leg.contract.venue, fills)
        total += took(leg.contract.venue, fills)
    assert Fraction(made.profit, ONE) == Fraction(made.quantity, ONE) - total
    assert made.worst == min(each.profit for each in made.endings)


def test_where_only_the_prices_of_now_pay_the_plan_is_made_smaller() -> None:
    """All of it at its limits would cost 0.32 + 0.68: what the best level leaves is planned."""
    one = (Level(Price(300_000), Quantity(50 * ONE)), Level(Price(320_000), Quantity(50 * ONE)))
    two = (Level(Price(360_000), Quantity(50 * ONE)), Level(Price(320_000), Quantity(50 * ONE)))
    made = planned(
        (
            Book(Contract(*K, Outcome.YES), (), one, 0),
            Book(Contract(*P, Outcome.YES), two, (), 0),
        )
    )
    assert isinstance(made, HedgePlan)
    assert made.quantity <= 50 * ONE
    assert made.least_profit > 0
