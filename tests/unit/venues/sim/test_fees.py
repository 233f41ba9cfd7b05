"""The vectors of shared/facts/kalshi.md, section 11.4 (b) and (c)."""

from __future__ import annotations

from fractions import Fraction

import pytest

from venues.money import Cash, micros, price, quantity
from venues.sim.kalshi.fees import charge, rates
from venues.sim.kalshi.knobs import Member

TAKER, MAKER, COMBO = Fraction(1), Fraction(1, 4), Fraction(1, 2)
D, N = Member.DIRECT, Member.NON_DIRECT

Fill = tuple[Fraction, str, str]
VECTORS: list[tuple[Member, list[Fill], list[str], list[str], str]] = [
    (D, [(TAKER, "1", "0.055")], ["0.0037"], ["-0.0587"], "0.000061"),
    (D, [(TAKER, "1", "0.50")], ["0.0175"], ["-0.5175"], "0"),
    (N, [(TAKER, "1", "0.50")], ["0.02"], ["-0.52"], "0.0025"),
    (D, [(TAKER, "100", "0.50")], ["1.75"], ["-51.75"], "0"),
    (D, [(TAKER, "7", "0.33")], ["0.1084"], ["-2.4184"], "0.000061"),
    (D, [(MAKER, "100", "0.25")], ["0.3282"], ["-25.3282"], "0.000075"),
    (D, [(COMBO, "100", "0.50")], ["0.875"], ["-50.875"], "0"),
    (
        D,
        [(TAKER, "1", "0.41")] * 4,
        ["0.0170", "0.0169", "0.0169", "0.0170"],
        ["-0.4270", "-0.4269", "-0.4269", "-0.4270"],
        "0.000068",
    ),
    (
        N,
        [(TAKER, "1", "0.50")] * 5,
        ["0.02", "0.02", "0.02", "0.01", "0.02"],
        ["-0.52", "-0.52", "-0.52", "-0.51", "-0.52"],
        "0.0025",
    ),
    (
        N,
        [(TAKER, "0.03", "0.3301")] * 3,
        ["0.010097", "0.000097", "0.000097"],
        ["-0.02", "-0.01", "-0.01"],
        "0.008896",
    ),
    (
        N,
        [(TAKER, "10", "0.41"), (MAKER, "15", "0.41")],
        ["0.17", "0.07"],
        ["-4.27", "-6.22"],
        "0.007171",
    ),
    (N, [(TAKER, "0.01", "0.50")] * 3, ["0.005"] * 3, ["-0.01"] * 3, "0.014475"),
]


@pytest.mark.parametrize(("member", "fills", "nets", "changes", "carried"), VECTORS)
def test_a_published_vector_comes_out_to_the_micro(
    member: Member, fills: list[Fill], nets: list[str], changes: list[str], carried: str
) -> None:
    acc, got_nets, got_changes = Cash(0), [], []
    for k, count, at in fills:
        paid = charge(k, price(at), quantity(count), precision=member.precision, carried=acc)
        acc = paid.carried
        got_nets.append(paid.net)
        got_changes.append(paid.change)
    assert got_nets == [micros(net) for net in nets]
    assert got_changes == [micros(change) for change in changes]
    assert acc == micros(carried)


def test_the_sell_case_of_the_direct_vector_brings_what_it_says() -> None:
    paid = charge(
        TAKER, price("0.33"), quantity("7"), precision=D.precision, carried=Cash(0), buys=False
    )
    assert (paid.net, paid.change) == (micros("0.1084"), micros("2.2016"))
    assert paid.carried == micros("0.000061")


def test_the_official_non_direct_example_shows_each_step() -> None:
    paid = charge(TAKER, price("0.055"), quantity("1"), precision=N.precision, carried=Cash(0))
    assert paid.trade_fee == micros("0.003639")
    assert paid.rounding_fee == micros("0.001361")
    assert (paid.net, paid.change) == (micros("0.005"), micros("-0.06"))


def test_the_cap_blocks_a_rebate_above_the_fee_of_its_own_fill() -> None:
    free = Fraction(0)
    changes = []
    acc = Cash(0)
    for _ in range(3):  # 0.996 leaves 0.004 each time
        paid = charge(free, price("0.996"), quantity("1"), precision=N.precision, carried=acc)
        acc = paid.carried
        changes.append(paid.rounding_fee)
    assert changes == [micros("0.004")] * 3
    assert acc == micros("0.012")  # the cap: this fill's own fee is below a cent


def test_the_multiplier_scales_both_sides_unless_the_knob_says_taker_only() -> None:
    half = rates("quadratic_with_maker_fees", micros("0.5"))
    assert (half.taker, half.maker) == (Fraction(1, 2), Fraction(1, 8))
    other = rates("quadratic_with_maker_fees", micros("0.5"), multiplier_on_maker=False)
    assert (other.taker, other.maker) == (Fraction(1, 2), Fraction(1, 4))


def test_an_unknown_fee_type_is_priced_as_with_maker_fees() -> None:
    assert rates("flat", micros("1")) == rates("quadratic_with_maker_fees", micros("1"))
