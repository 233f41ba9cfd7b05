"""The simulated fee against the rule of kalshi.md 11.3 written once more, in dollars."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

from hypothesis import given
from hypothesis import strategies as st

from venues.money import LOT, ONE, Cash, Price, Quantity
from venues.sim.kalshi.fees import charge
from venues.sim.kalshi.knobs import Member

KS = st.sampled_from([Fraction(n, 8) for n in (0, 1, 2, 4, 8, 16)])
FILLS = st.lists(
    st.tuples(KS, st.integers(1, 9_999), st.integers(1, 30_000)), min_size=1, max_size=12
)


def _step(value: Fraction, unit: Fraction) -> Fraction:
    return floor(value / unit) * unit


@given(st.sampled_from(list(Member)), FILLS)
def test_every_fill_of_an_order_costs_what_the_rule_says(
    member: Member, fills: list[tuple[Fraction, int, int]]
) -> None:
    unit = Fraction(1, 10_000) if member is Member.DIRECT else Fraction(1, 100)
    carried, balance, exact_total = Fraction(0), Fraction(0), Fraction(0)
    acc, moved, net_total = Cash(0), 0, 0
    for k, ticks, lots in fills:
        p, c = Fraction(ticks, 10_000), Fraction(lots, 100)
        model = k * Fraction(7, 100) * c * p * (1 - p)
        trade_fee = Fraction(ceil(model * ONE), ONE)
        aligned = _step(-c * p - trade_fee, unit)
        rounding = -c * p - trade_fee - aligned
        carried += rounding
        rebate = _step(min(carried, trade_fee + rounding), unit)
        carried -= rebate
        balance += aligned + rebate
        exact_total += model

        paid = charge(
            k, Price(ticks * 100), Quantity(lots * LOT), precision=member.precision, carried=acc
        )
        acc, moved, net_total = paid.carried, moved + paid.change, net_total + paid.net
        assert paid.net >= 0
        assert Fraction(paid.net, ONE) == trade_fee + rounding - rebate
        assert (Fraction(acc, ONE), Fraction(moved, ONE)) == (carried, balance)
        assert moved % member.precision == 0
    excess = Fraction(net_total - acc, ONE) - exact_total
    assert 0 <= excess < Fraction(len(fills), ONE)
