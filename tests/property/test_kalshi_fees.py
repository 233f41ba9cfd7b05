"""Kalshi's fees as billed, against a second model written from the official rounding rule alone."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from venues import CENT, LOT, ONE, CarriedFee, Cash, Price, Quantity, Side, Slice, WorseFee

CASES = settings(derandomize=True, max_examples=2_000, deadline=None)
GRIDS = st.sampled_from([Cash(100), CENT])
RATES = st.sampled_from(
    [(70_000, 0), (70_000, 17_500), (70_000, 35_000), (35_000, 8_750), (35_000, 0), (0, 0)]
)
PRICES = st.integers(1, 9_999).map(lambda tick: Price(tick * 100))
SIDES = st.sampled_from(Side)
# Small fills are where the account and its cap matter; large ones where a carry could be lost.
LOTS = st.one_of(st.integers(1, 30), st.integers(1, 100_000)).map(lambda n: Quantity(n * LOT))
FILLS = st.lists(st.builds(Slice, PRICES, LOTS, st.booleans()), min_size=1, max_size=12)


class Second(NamedTuple):
    """One fill by the official page, in exact dollars: the charge, and how the balance moves."""

    fee: Fraction
    balance: Fraction


def second_model(
    fills: Sequence[Slice], *, buying: bool, rate: Fraction, maker_rate: Fraction, p: Fraction
) -> list[Second]:
    """facts/kalshi.md §11.3, word for word."""
    acc = Fraction(0)
    found = []
    for fill in fills:
        contracts, dollars = Fraction(fill.quantity, ONE), Fraction(fill.price, ONE)
        model_fee = (maker_rate if fill.maker else rate) * contracts * dollars * (1 - dollars)
        trade_fee = Fraction(ceil(model_fee * 1_000_000), 1_000_000)
        revenue = -contracts * dollars if buying else contracts * dollars
        aligned = floor((revenue - trade_fee) / p) * p
        rounding_fee = revenue - trade_fee - aligned
        acc += rounding_fee
        rebate = floor(min(acc, trade_fee + rounding_fee) / p) * p
        acc -= rebate
        found.append(Second(trade_fee + rounding_fee - rebate, aligned + rebate))
    return found


@CASES
@given(rates=RATES, grid=GRIDS, side=SIDES, fills=FILLS)
def test_an_order_is_billed_as_the_second_model_says(
    rates: tuple[int, int], grid: Cash, side: Side, fills: list[Slice]
) -> None:
    billed = CarriedFee(*rates, grid).billed(side, fills)

    expected = second_model(
        fills,
        buying=side is Side.BUY,
        rate=Fraction(rates[0], ONE),
        maker_rate=Fraction(rates[1], ONE),
        p=Fraction(grid, ONE),
    )
    assert [Fraction(fee, ONE) for fee in billed] == [each.fee for each in expected]
    assert all(fee >= 0 for fee in billed)
    assert all(each.balance / Fraction(grid, ONE) % 1 == 0 for each in expected)


@CASES
@given(
    rates=RATES,
    grid=GRIDS,
    side=SIDES,
    price=PRICES,
    slices=st.lists(st.tuples(LOTS, st.booleans()), min_size=1, max_size=40),
)
def test_no_slicing_at_one_price_costs_more_than_the_bound(
    rates: tuple[int, int],
    grid: Cash,
    side: Side,
    price: Price,
    slices: list[tuple[Quantity, bool]],
) -> None:
    quantity = Quantity(sum(size for size, _ in slices))
    fills = [Slice(price, size, maker) for size, maker in slices]
    fee = CarriedFee(*rates, grid)
    worse = WorseFee(CarriedFee(*rates, Cash(100)), CarriedFee(*rates, CENT))

    assert sum(fee.billed(side, fills)) <= fee.bound(side, price, quantity)
    assert sum(worse.billed(side, fills)) <= worse.bound(side, price, quantity)


@settings(CASES, max_examples=300)
@given(rates=RATES, grid=GRIDS, side=SIDES, price=PRICES, lots=st.integers(1, 300))
def test_slicing_into_single_lots_stays_within_the_bound(
    rates: tuple[int, int], grid: Cash, side: Side, price: Price, lots: int
) -> None:
    """The worst slicing, where every fill is a crumb; 300 lots are enough to pile up cents."""
    for maker in (False, True):
        crumbs = [Slice(price, LOT, maker)] * lots
        fee = CarriedFee(*rates, grid)

        assert sum(fee.billed(side, crumbs)) <= fee.bound(side, price, Quantity(lots * LOT))
