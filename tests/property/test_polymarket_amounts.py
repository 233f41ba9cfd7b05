"""Amounts of orders, against the venue's rule in exact fractions."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

from hypothesis import given, settings
from hypothesis import strategies as st

from venues.money import Cash, Price, Quantity
from venues.polymarket.amounts import Amounts, at_once_buy, at_once_sell, limit
from venues.sides import Side

# tick: decimals of prices, of sizes, and of amounts, as the venue's clients keep them
DECIMALS = {
    Fraction("0.1"): (1, 2, 3),
    Fraction("0.01"): (2, 2, 4),
    Fraction("0.005"): (3, 2, 5),
    Fraction("0.0025"): (4, 2, 6),
    Fraction("0.001"): (3, 2, 5),
    Fraction("0.0001"): (4, 2, 6),
}
MICRO = 10**6


def down(value: Fraction, decimals: int) -> Fraction:
    return Fraction(floor(value * 10**decimals), 10**decimals)


def rounded(value: Fraction, decimals: int) -> Fraction:
    """First up at four more decimals, then down; both only where there are more."""
    if value == down(value, decimals):
        return value
    return down(Fraction(ceil(value * 10 ** (decimals + 4)), 10 ** (decimals + 4)), decimals)


def units(value: Fraction) -> int:
    assert (value * MICRO).denominator == 1
    return int(value * MICRO)


@st.composite
def tickets(draw: st.DrawFn) -> tuple[Fraction, Fraction, Fraction]:
    """Tick, a price on its grid, and an amount of at least 0.01."""
    tick = draw(st.sampled_from([*DECIMALS]))
    price = tick * draw(st.integers(1, int(1 / tick) - 1))
    return tick, price, Fraction(draw(st.integers(10_000, 10**13)), MICRO)


@settings(max_examples=500)
@given(tickets(), st.sampled_from(Side))
def test_limit_orders_are_those_of_the_rule_and_lie_exactly_at_their_price(
    ticket: tuple[Fraction, Fraction, Fraction], side: Side
) -> None:
    tick, price, amount = ticket
    _, size_decimals, amount_decimals = DECIMALS[tick]
    shares = down(amount, size_decimals)
    paid = rounded(shares * price, amount_decimals)
    expected = (units(paid), units(shares))

    found = limit(side, Price(units(price)), Quantity(units(amount)), Price(units(tick)))

    assert found == Amounts(*expected if side is Side.BUY else reversed(expected))
    assert paid / shares == price
    if side is Side.SELL:
        sold = at_once_sell(Quantity(units(amount)), Price(units(price)), Price(units(tick)))
        assert sold == found


@settings(max_examples=500)
@given(tickets())
def test_buys_at_once_are_those_of_the_rule_with_four_decimals_and_keep_to_their_price(
    ticket: tuple[Fraction, Fraction, Fraction],
) -> None:
    tick, price, amount = ticket
    _, size_decimals, amount_decimals = DECIMALS[tick]
    paid = down(amount, size_decimals)
    shares = down(rounded(paid / price, amount_decimals), 4)
    try:
        found = at_once_buy(Cash(units(amount)), Price(units(price)), Price(units(tick)))
    except ValueError:
        assert not shares or paid / shares >= price + Fraction(1, 10_000)
    else:
        assert found == Amounts(units(paid), units(shares))
        assert price <= paid / shares < price + Fraction(1, 10_000)
        assert units(paid) % 10_000 == 0
        assert units(shares) % 100 == 0
