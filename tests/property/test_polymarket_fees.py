"""Polymarket's fee equals an independent model in Fractions, and `bound` holds for any slicing."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import floor

from hypothesis import given, settings
from hypothesis import strategies as st

from venues import Price, Quantity, RoundedFee, Side, Slice
from venues.polymarket import fees

rates = st.sampled_from(["0.03", "0.04", "0.05", "0.07", "0.072", "0", "0.3"]) | st.decimals(
    0, Decimal("0.3"), places=6
).map(str)
exponents = st.sampled_from([1, 2])
prices = st.integers(1, 9_999).map(lambda tick: tick * 100) | st.integers(1, 999_999)
sizes = st.integers(1, 5_000_000_000)  # micro-shares
lots = st.integers(1, 100_000)  # hundredths of a share
sides = st.sampled_from(Side)


def half_up_to_5_places(exact: Fraction) -> Fraction:
    return Fraction(floor(exact * 100_000 + Fraction(1, 2)), 100_000)


def fee_in_dollars(rate: str, exponent: int, price: int, size: int) -> Fraction:
    p = Fraction(price, 1_000_000)
    shares = Fraction(size, 1_000_000)
    return half_up_to_5_places(shares * Fraction(rate) * (p * (1 - p)) ** exponent)


def model(rate: str, exponent: int) -> RoundedFee:
    found = fees.model(Decimal(rate), Decimal(exponent))
    assert isinstance(found, RoundedFee)
    return found


@settings(max_examples=2_500)
@given(rates, exponents, sides, st.lists(st.tuples(prices, sizes, st.booleans()), max_size=6))
def test_every_fill_is_billed_as_the_fractions_say(
    rate: str, exponent: int, side: Side, fills: list[tuple[int, int, bool]]
) -> None:
    slices = [Slice(Price(p), Quantity(q), maker) for p, q, maker in fills]
    expected = [0 if m else fee_in_dollars(rate, exponent, p, q) for p, q, m in fills]
    billed = model(rate, exponent).billed(side, slices)
    assert [Fraction(fee, 1_000_000) for fee in billed] == expected
    assert all(fee >= 0 for fee in billed)


@settings(max_examples=1_000)
@given(rates, exponents, sides, prices, st.lists(lots, min_size=1, max_size=40))
def test_no_slicing_into_whole_lots_costs_more_than_the_bound(
    rate: str, exponent: int, side: Side, price: int, slices: list[int]
) -> None:
    fee = model(rate, exponent)
    fills = [Slice(Price(price), Quantity(n * 10_000)) for n in slices]
    whole = Quantity(sum(fill.quantity for fill in fills))
    assert sum(fee.billed(side, fills)) <= fee.bound(side, Price(price), whole)


@given(rates, exponents, sides, prices, st.integers(1, 300))
def test_not_even_one_lot_at_a_time_costs_more_than_the_bound(
    rate: str, exponent: int, side: Side, price: int, count: int
) -> None:
    fee = model(rate, exponent)
    lot = Slice(Price(price), Quantity(10_000))
    total = count * fee.billed(side, [lot])[0]
    assert total <= fee.bound(side, Price(price), Quantity(count * 10_000))
