"""Numbers and tickers: what a text is rendered from is what is read from it."""

from __future__ import annotations

import string
from datetime import date
from fractions import Fraction
from typing import Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from matching.amounts import Amount, Sense, amounts
from matching.text import plain
from matching.ticker import parse, strike
from matching.when import Day

NANO: Final = 10**9
days = st.dates(date(2026, 1, 1), date(2028, 12, 31))


# Amounts

SCALES: Final = {
    "": 1,
    "k": 10**3,
    "K": 10**3,
    " thousand": 10**3,
    "M": 10**6,
    " million": 10**6,
    "B": 10**9,
    "bn": 10**9,
    " billion": 10**9,
}
WORDINGS: Final = {
    Sense.ABOVE: ("above {}", "over {}", "more than {}", "greater than {}", ">{}", "> {}"),
    Sense.AT_LEAST: (
        *("{} or more", "{} or higher", "{} or above", "{}+", "at least {}", "≥{}", ">= {}"),
        *("at or above {}", "no less than {}", "{} or greater"),
    ),
    Sense.BELOW: ("below {}", "under {}", "less than {}", "fewer than {}", "<{}", "< {}"),
    Sense.AT_MOST: (
        *("{} or less", "{} or lower", "{} or below", "{} or fewer", "at most {}", "≤{}"),
        *("<= {}", "at or below {}", "no more than {}"),
    ),
    Sense.RANGE: ("between {} and {}", "{} to {}", "from {} to {}"),
}
SENTENCES: Final = ("{}", "Will it be {}?", "Will the highest price be {} in the end?")


UNITS: Final = ("$", "scale", "%", "°", "°F")


@st.composite
def styles(draw: st.DrawFn, unit: str) -> tuple[str, str, int]:
    """(before the digits, behind them, what they are multiplied by)."""
    if unit[0] in "%°":
        return "", unit, 1
    scale = draw(st.sampled_from(sorted(SCALES)))
    return ("$" if unit == "$" else ""), scale, SCALES[scale]


@st.composite
def numbers(draw: st.DrawFn, style: tuple[str, str, int]) -> tuple[Fraction, str]:
    """A number and one way to write it."""
    before, behind, scale = style
    hundredths = draw(st.integers(-(10**8), 10**8))
    size, sign = abs(hundredths), "-" if hundredths < 0 else ""
    whole, cents = divmod(size, 100)
    digits = f"{whole:,}" if draw(st.booleans()) else str(whole)
    if cents:
        digits += f".{cents:02d}".rstrip("0") if draw(st.booleans()) else f".{cents:02d}"
    return Fraction(hundredths, 100) * scale, f"{sign}{before}{digits}{behind}"


def only(text: str) -> Amount:
    found = amounts(plain(text))
    assert len(found) == 1, f"{text!r} reads as {found}"
    return found[0]


def in_nanos(value: Fraction | None) -> int | None:
    return None if value is None else int(value * NANO)


@pytest.mark.parametrize("sense", WORDINGS)
@pytest.mark.parametrize("unit", UNITS)
@settings(max_examples=100)
@given(st.data(), st.sampled_from(SENTENCES))
def test_a_set_of_numbers_is_read_from_every_wording(
    unit: str, sense: Sense, data: st.DataObject, sentence: str
) -> None:
    style = data.draw(styles(unit))
    wording = data.draw(st.sampled_from(WORDINGS[sense]))
    drawn = sorted(data.draw(numbers(style)) for _ in range(wording.count("{}")))
    text = sentence.format(wording.format(*(each for _, each in drawn)))
    found, edge = only(text), drawn[0][0]
    low = edge if sense in (Sense.ABOVE, Sense.AT_LEAST, Sense.RANGE) else None
    high = edge if sense in (Sense.BELOW, Sense.AT_MOST) else None
    high = drawn[1][0] if sense is Sense.RANGE else high
    assert (found.low, found.high) == (in_nanos(low), in_nanos(high)), text
    assert found.sense is sense, text
    assert found.unit == (unit.lower() if unit[0] in "%°" else ""), text


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.booleans(), st.sampled_from("-–"))
def test_two_numbers_around_a_dash_are_a_range(one: int, two: int, comma: bool, dash: str) -> None:
    low, high = sorted((one, two))
    text = f"{low:,}{dash}{high:,}" if comma else f"{low}{dash}{high}"
    assert only(text)[:3] == (low * NANO, high * NANO, Sense.RANGE)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("$100-$150", 100, 150),
        ("100-150k", 100_000, 150_000),
        ("$100–150K", 100_000, 150_000),
        ("1.5-2.5M", 1_500_000, 2_500_000),
        ("$100k-$150k", 100_000, 150_000),
        ("100k-150k", 100_000, 150_000),
        ("$1.5B-$2B", 1_500_000_000, 2_000_000_000),
        ("4-5%", 4, 5),
        ("4%-5%", 4, 5),
        ("4.1%–4.5%", Fraction("4.1"), Fraction("4.5")),
        ("80°-81°", 80, 81),
        ("80-81°F", 80, 81),
        ("-5--2", -5, -2),
        ("-5 - -2", -5, -2),
        ("-0.5%-0.5%", Fraction("-0.5"), Fraction("0.5")),
    ],
)
def test_a_dashed_range_keeps_its_signs_and_scales(
    text: str, low: Fraction | int, high: Fraction | int
) -> None:
    assert only(text)[:3] == (low * NANO, high * NANO, Sense.RANGE)


@pytest.mark.parametrize("text", ["", "no number here", "Will A beat B?", "v1.2.3a", "Kraft-Heinz"])
def test_a_text_without_numbers_has_no_amount(text: str) -> None:
    assert not [a for a in amounts(plain(text)) if a.sense is not Sense.BARE]


# Tickers

codes = st.text(string.ascii_uppercase, min_size=2, max_size=6)


def strikes_of(kind: str) -> st.SearchStrategy[str]:
    return st.integers(-9_999, 99_999).map(lambda hundredths: f"{kind}{hundredths / 100:g}")


@st.composite
def dated(draw: st.DrawFn) -> tuple[str, Day, int | None]:
    """The date of a ticker, as far as it goes."""
    day = draw(days)
    hour, minute = draw(st.integers(0, 23)), draw(st.integers(0, 59))
    stamp, month = f"{day:%y%b%d}".upper(), f"{day:%y%b}".upper()
    full = (day.year, day.month, day.day)
    return draw(
        st.sampled_from(
            [
                (f"{day:%y}", (day.year, 0, 0), None),
                (month, (day.year, day.month, 0), None),
                (stamp, full, None),
                (f"{stamp}{hour:02d}", full, 60 * hour),
                (f"{stamp}{hour:02d}{minute:02d}", full, 60 * hour + minute),
            ]
        )
    )


@pytest.mark.parametrize("last", [codes, strikes_of("T"), strikes_of("B")], ids=["name", "T", "B"])
@settings(max_examples=100)
@given(st.data(), codes, dated(), st.just("") | codes, st.booleans())
def test_a_ticker_is_read_by_its_grammar(
    last: st.SearchStrategy[str],
    data: st.DataObject,
    series: str,
    when: tuple[str, Day, int | None],
    game: str,
    small: bool,
) -> None:
    code = data.draw(last)
    stamp, day, minute = when
    event = f"KX{series}-{stamp}{game}"
    ticker = f"{event}-{code}"
    found = parse(ticker.lower() if small else ticker, event)
    assert (found.series, found.day, found.minute) == (f"KX{series}", day, minute)
    assert (found.rest, found.code, found.year) == (game, code, day[0])
    assert found.parts == (f"KX{series}", f"{stamp}{game}", code)
    assert parse(event, event).code == ""


@given(st.sampled_from("TB"), st.integers(-9_999, 99_999), st.sampled_from(["", "K", "M"]))
def test_a_strike_is_read_by_its_grammar(kind: str, hundredths: int, unit: str) -> None:
    value = f"{hundredths / 100:g}"
    assert strike(f"{kind}{value}{unit}") == (kind, value, unit)


@given(st.text(), st.text())
@example("", "")
@example("-", "")
@example("--5", "-")
def test_any_text_is_a_ticker_without_falling(ticker: str, event: str) -> None:
    found = parse(ticker, event)
    assert found.year == 0 or 2000 <= found.year <= 2099
