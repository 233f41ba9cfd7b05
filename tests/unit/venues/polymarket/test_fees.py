"""The fee vectors of facts/polymarket.md §10, and the dated table."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from venues import Cash, FeeModel, RoundedFee, Side, Slice, UnknownFee, micros
from venues.money import price, quantity
from venues.polymarket import fees

TABLE = {
    "finance": "0.04",
    "politics": "0.04",
    "mentions": "0.04",
    "tech": "0.04",
    "economics": "0.05",
    "culture": "0.05",
    "weather": "0.05",
    "other": "0.05",
    "geopolitics": "0",
}


def known(model: FeeModel | UnknownFee) -> RoundedFee:
    assert isinstance(model, RoundedFee)
    return model


def on(category: str | None, day: str) -> FeeModel | UnknownFee:
    moment = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return fees.assumed(category).at(int(moment.timestamp()) * 1_000)


@pytest.mark.parametrize(
    ("shares", "at", "rate", "fee"),
    [
        ("100", "0.50", ".07", "1.75000"),
        ("100", "0.10", ".07", "0.63000"),
        ("100", "0.99", ".07", "0.06930"),
        ("17.8571", "0.56", ".07", "0.30800"),
        ("100", "0.50", ".05", "1.25000"),
        ("100", "0.30", ".04", "0.84000"),
        ("10", "0.95", ".07", "0.03325"),
        ("1", "0.01", ".04", "0.00040"),
        ("0.02", "0.01", ".04", "0.00001"),
        ("5", "0.001", ".05", "0.00025"),
        ("33.33", "0.333", ".05", "0.37015"),
        ("1000000", "0.50", "0", "0"),
    ],
)
def test_a_takers_fee_is_that_of_the_published_vector(
    shares: str, at: str, rate: str, fee: str
) -> None:
    fill = Slice(price(at), quantity(shares))
    assert known(fees.model(Decimal(rate))).billed(Side.BUY, [fill]) == (micros(fee),)
    assert known(fees.model(Decimal(rate))).billed(Side.SELL, [fill]) == (micros(fee),)


def test_the_worked_example_loses_by_its_fees() -> None:
    crypto = known(fees.model(Decimal("0.07")))
    legs = [Slice(price(at), quantity("100")) for at in ("0.48", "0.49")]
    assert sum(crypto.billed(Side.BUY, legs)) == micros("3.4965")


@pytest.mark.parametrize(("at", "fee"), [("0.5", "1.5625"), ("0.1", "0.2025")])
def test_an_exponent_of_two_is_understood(at: str, fee: str) -> None:
    model = known(fees.model(Decimal("0.25"), Decimal(2)))
    assert model.billed(Side.BUY, [Slice(price(at), quantity("100"))]) == (micros(fee),)


def test_a_half_is_rounded_up_and_less_than_a_half_is_free() -> None:
    model = known(fees.model(Decimal("0.04")))
    exact_half, below = (Slice(price("0.5"), quantity(q)) for q in ("0.0005", "0.000499"))
    assert model.billed(Side.BUY, [exact_half, below]) == (micros("0.00001"), 0)


def test_a_maker_pays_only_where_the_terms_say_so() -> None:
    fill = Slice(price("0.5"), quantity("100"), maker=True)
    assert known(fees.model(Decimal("0.05"))).billed(Side.SELL, [fill]) == (0,)
    both = known(fees.model(Decimal("0.05"), taker_only=False))
    assert both.billed(Side.SELL, [fill]) == (micros("1.25"),)


@pytest.mark.parametrize(
    ("rate", "exponent"),
    [("0.05", "0.5"), ("0.05", "3"), ("0.05", "sNaN"), ("5", "1"), ("-0.01", "1"), ("NaN", "1")],
)
def test_terms_that_make_no_sense_are_an_unknown_fee(rate: str, exponent: str) -> None:
    assert isinstance(fees.model(Decimal(rate), Decimal(exponent)), UnknownFee)


def test_a_rate_finer_than_a_millionth_is_rounded_against_us() -> None:
    assert known(fees.model(Decimal("0.0500001"))).rate == 50_001


@pytest.mark.parametrize(("category", "rate"), TABLE.items())
def test_categories_pay_their_rate_from_2026_03_30(category: str, rate: str) -> None:
    assert on(category, "2026-03-29") == fees.FREE
    assert on(category, "2026-03-30") == fees.model(Decimal(rate))
    assert on(category, "2026-11-25") == fees.model(Decimal(rate))


def test_sports_pay_more_since_2026_07_10() -> None:
    assert on("sports", "2026-03-29") == fees.FREE
    assert on("sports", "2026-07-09") == fees.model(Decimal("0.03"))
    assert on("sports", "2026-07-10") == fees.model(Decimal("0.05"))


def test_the_higher_crypto_rate_counts_until_the_lower_one_was_surely_seen() -> None:
    assert on("crypto", "2026-07-23") == fees.model(Decimal("0.072"))
    assert on("crypto", "2026-07-24") == fees.model(Decimal("0.07"))


@pytest.mark.parametrize("category", ["crypto", None])
def test_what_crypto_paid_before_the_categories_is_unknown(category: str | None) -> None:
    assert isinstance(on(category, "2026-03-29"), UnknownFee)


@pytest.mark.parametrize("day", ["2026-03-30", "2026-07-10", "2026-07-24", "2026-11-25"])
@pytest.mark.parametrize("category", [None, "a category of tomorrow"])
def test_an_unknown_category_costs_as_much_as_the_dearest(category: str | None, day: str) -> None:
    dearest = max(known(on(name, day)).rate for name in fees.RATES)
    assert known(on(category, day)).rate == dearest
    assert known(on(category, day)).unit == Cash(10)
