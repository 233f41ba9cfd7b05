"""Money as text and back, the rounding of money, and the laws and faults of a book."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venues import Book, Contract, Level, Outcome, Price, Quantity, micros
from venues.money import (
    ONE,
    Cash,
    affordable,
    annual_bps,
    average_price,
    cost,
    edge_bps,
    price,
    proceeds,
    quantity,
    round_down,
    round_up,
    text,
)

amounts = st.integers(-(10**18), 10**18)
prices = st.integers(1, ONE - 1).map(Price)
sizes = st.integers(0, 10**15).map(Quantity)
YES = Contract("venue", "m", Outcome.YES)


@given(amounts, st.integers(0, 6))
def test_text_and_micros_are_inverse(amount: int, places: int) -> None:
    written = text(amount, places)
    assert micros(written) == micros(Decimal(written)) == amount
    assert Fraction(written) == Fraction(amount, ONE)
    assert len(written.partition(".")[2]) >= places


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("0.4525", 452_500),
        ("0.40", 400_000),
        ("1", ONE),
        ("1.", ONE),
        ("-0.000001", -1),
        ("-0", 0),
        ("007", 7 * ONE),
        ("5579792.8", 5_579_792_800_000),
        (Decimal("0.001"), 1_000),
        (Decimal("1E+2"), 100 * ONE),
        (Decimal("1E-6"), 1),
        (Decimal("0.100000"), 100_000),
    ],
)
def test_plain_numbers_are_taken_exactly(written: str | Decimal, amount: int) -> None:
    assert micros(written) == amount


@pytest.mark.parametrize(
    "written",
    [
        *("", "-", ".", ".5", "+1", "--1", " 1", "1 ", "1,5", "1_000", "1.2.3", "0x1"),
        *("1e3", "nan", "inf", "-inf", "½", "²", "١", "0.0000001", "0.1000000", "9" * 5_000),
        *(Decimal("NaN"), Decimal("sNaN"), Decimal("-Infinity"), Decimal("1E-7")),
        *(Decimal("1E+999999999"), Decimal("1E-999999999"), Decimal("0.1000000")),
    ],
)
def test_whatever_is_not_a_plain_number_of_six_places_is_refused(written: str | Decimal) -> None:
    with pytest.raises(ValueError, match=r"not a plain number|out of all proportion|^Exceeds"):
        micros(written)


@pytest.mark.parametrize("written", ["-0.000001", "1.000001", "-1", "2"])
def test_a_price_lies_between_nothing_and_a_dollar(written: str) -> None:
    assert (price("0"), price("1")) == (0, ONE)
    with pytest.raises(ValueError, match="not a price between"):
        price(written)


def test_a_quantity_is_not_below_zero() -> None:
    assert quantity("0") == 0
    with pytest.raises(ValueError, match="below zero"):
        quantity("-0.01")


@given(prices, sizes)
def test_we_pay_rounded_up_and_are_paid_rounded_down(at: Price, size: Quantity) -> None:
    exact = Fraction(at * size, ONE)
    assert 0 <= cost(at, size) - exact < 1
    assert 0 <= exact - proceeds(at, size) < 1


@given(prices, sizes)
def test_what_is_affordable_is_paid_for_and_one_more_is_not(at: Price, cash: int) -> None:
    most = affordable(at, Cash(cash))
    assert cost(at, most) <= cash
    assert at * (most + 1) > cash * ONE


@given(prices, st.integers(1, 10**15))
def test_an_average_price_is_never_flattered(at: Price, size: int) -> None:
    paid = cost(at, Quantity(size))
    average = average_price(paid, Quantity(size))
    assert 0 <= average - Fraction(paid * ONE, size) < 1


def test_returns_are_whole_basis_points_rounded_down() -> None:
    assert edge_bps(Cash(19_999), Cash(ONE)) == 199
    assert edge_bps(Cash(-1), Cash(ONE)) == -1
    assert edge_bps(Cash(1), Cash(0)) == 0
    assert annual_bps(Cash(10_000), Cash(ONE), 73) == 500
    assert annual_bps(Cash(10_000), Cash(ONE), 0) == annual_bps(Cash(1), Cash(0), 1) == 0


@given(amounts, st.integers(1, 10**7))
def test_rounding_stays_within_a_step_on_its_own_side(amount: int, step: int) -> None:
    up, down = round_up(amount, step), round_down(amount, step)
    assert up % step == down % step == 0
    assert amount - step < down <= amount <= up < amount + step


sides = st.dictionaries(prices, st.integers(1, 10**12).map(Quantity), max_size=8)


@st.composite
def books(draw: st.DrawFn) -> Book:
    """Any book without a fault: bids below a middle, asks above it, best first."""
    middle, levels = draw(st.integers(1, ONE - 1)), draw(sides)
    bids = [Level(at, levels[at]) for at in sorted(levels, reverse=True) if at < middle]
    asks = [Level(at, levels[at]) for at in sorted(levels) if at >= middle]
    stamp = draw(st.none() | st.integers(0, 10**13))
    return Book(YES, tuple(bids), tuple(asks), draw(st.integers(0, 10**13)), stamp)


@given(books())
def test_flipping_a_book_twice_changes_nothing(book: Book) -> None:
    flipped = book.flip()
    assert flipped.contract == YES.other
    assert book.fault() is flipped.fault() is None
    assert flipped.flip() == book


@given(books())
def test_a_bid_is_an_ask_of_the_other_outcome(book: Book) -> None:
    flipped = book.flip()
    assert [ONE - at for at, _ in flipped.asks] == [at for at, _ in book.bids]
    assert [size for _, size in flipped.bids] == [size for _, size in book.asks]
    assert (flipped.best_bid is None, flipped.best_ask is None) == (not book.asks, not book.bids)


def levels_of(side: list[tuple[int, int]]) -> tuple[Level, ...]:
    return tuple([Level(Price(at), Quantity(size)) for at, size in side])


def made(bids: list[tuple[int, int]], asks: list[tuple[int, int]]) -> Book:
    return Book(YES, levels_of(bids), levels_of(asks), 0)


@pytest.mark.parametrize(
    ("bids", "asks", "fault"),
    [
        ([], [], None),
        ([(1, 1)], [], None),
        ([], [(ONE - 1, 1)], None),
        ([(5, 1), (4, 1)], [(6, 1), (7, 1)], None),
        ([(0, 1)], [], "a bid with a price outside 0 … 1"),
        ([(5, 1), (-1, 1)], [], "a bid with a price outside 0 … 1"),
        ([], [(ONE, 1)], "an ask with a price outside 0 … 1"),
        ([(5, 1), (4, 0)], [], "a bid without size"),
        ([], [(5, -1)], "an ask without size"),
        ([(4, 1), (5, 1)], [], "a bid out of order"),
        ([(5, 1), (5, 1)], [], "a bid out of order"),
        ([], [(6, 1), (5, 1)], "an ask out of order"),
        ([], [(5, 1), (5, 1)], "an ask out of order"),
        ([(5, 1)], [(5, 1)], "crossed: its best bid is not below its best ask"),
        ([(6, 1)], [(5, 1)], "crossed: its best bid is not below its best ask"),
    ],
)
def test_a_book_names_its_first_fault(
    bids: list[tuple[int, int]], asks: list[tuple[int, int]], fault: str | None
) -> None:
    assert made(bids, asks).fault() == fault


def test_the_best_levels_are_the_first() -> None:
    book = made([(5, 1), (4, 2)], [(6, 3), (7, 4)])
    assert (book.best_bid, book.best_ask) == ((5, 1), (6, 3))
    assert (made([], []).best_bid, made([], []).best_ask) == (None, None)
