"""Times: what a text is rendered from is what is read from it, and nothing from other texts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from matching.text import plain
from matching.when import Day, Kind, Mention, mentions

MONTHS: Final = [date(2026, m, 1).strftime("%B") for m in range(1, 13)]
YEARS: Final = (2026, 2027, 2028)
days = st.dates(date(YEARS[0], 1, 1), date(YEARS[-1], 12, 31))
DEADLINES: Final = ("by", "until", "through")


def month_names(month: int) -> list[str]:
    name = MONTHS[month - 1]
    short = name[:3]
    sept = ["Sept", "Sept."] if month == 9 else []
    return [name, short, *([] if short == name else [f"{short}."]), *sept]


@st.composite
def written_days(draw: st.DrawFn, day: date) -> tuple[Day, str]:
    """A day and one way to write it; year 0 where that way leaves it out."""
    name = draw(st.sampled_from(month_names(day.month)))
    th = "th" if 10 < day.day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    number = draw(st.sampled_from([str(day.day), f"{day.day}{th}", f"{day.day:02d}"]))
    full = (day.year, day.month, day.day)
    ways = [
        (full, f"{name} {number}, {day.year}"),
        (full, f"{name} {number} {day.year}"),
        (full, day.isoformat()),
        ((0, day.month, day.day), f"{name} {number}"),
    ]
    leap_day = (day.month, day.day) == (2, 29)  # only a year can say that there is one
    return draw(st.sampled_from(ways[:3] if leap_day else ways))


def read(text: str) -> Mention:
    found = mentions(plain(text))
    assert len(found) == 1, f"{text!r} reads as {found}"
    assert plain(text)[found[0].start : found[0].end].strip()
    return found[0]


def yesterday(day: Day) -> Day:
    """The day before; a year that is left out stays out, -1 is the year before it."""
    year, month, number = day
    before = date(year or 2027, month, number) - timedelta(days=1)
    return (before.year if year else before.year - 2027, before.month, before.day)


def month_end(year: int, month: int) -> Day:
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return (last.year, last.month, last.day)


SETTINGS: Final = ("{}", "Will it happen {}?", "Will the Fed cut rates {} or later?")


@settings(max_examples=300)
@given(
    st.data(), days, st.sampled_from(SETTINGS), st.sampled_from(["", "on", "before", *DEADLINES])
)
def test_a_day_is_read_from_every_wording(
    data: st.DataObject, day: date, setting: str, prep: str
) -> None:
    said, text = data.draw(written_days(day))
    window = read(setting.format(f"{prep} {text}".strip())).window
    if prep == "before":
        expected: tuple[object, ...] = (Kind.UNTIL, (), yesterday(said))
    elif prep in DEADLINES:
        expected = (Kind.UNTIL, (), said)
    else:
        expected = (Kind.AT, said, said)
    assert (window.kind, window.first, window.last, window.minute) == (*expected, None), text


@st.composite
def stretches(draw: st.DrawFn) -> tuple[Day, Day, str]:
    """The first and last day of a month, quarter or year, and its name."""
    year = draw(st.sampled_from(YEARS))
    month, quarter = draw(st.integers(1, 12)), draw(st.integers(1, 4))
    whole_month = f"{draw(st.sampled_from(month_names(month)))}{draw(st.sampled_from(['', ',']))}"
    return draw(
        st.sampled_from(
            [
                ((year, month, 1), month_end(year, month), f"{whole_month} {year}"),
                ((year, 3 * quarter - 2, 1), month_end(year, 3 * quarter), f"Q{quarter} {year}"),
                ((year, 1, 1), (year, 12, 31), str(year)),
            ]
        )
    )


@settings(max_examples=200)
@given(
    stretches(),
    st.sampled_from(SETTINGS),
    st.sampled_from(["", "in", "during", "before", "by", "by end of", "by the end of"]),
)
def test_a_month_quarter_or_year_is_read_from_every_wording(
    stretch: tuple[Day, Day, str], setting: str, prep: str
) -> None:
    first, last, text = stretch
    window = read(setting.format(f"{prep} {text}".strip())).window
    if prep == "before":
        expected: tuple[object, ...] = (Kind.UNTIL, (), yesterday(first))
    elif prep.startswith("by"):
        expected = (Kind.UNTIL, (), last)
    else:
        expected = (Kind.SPAN, first, last)
    assert (window.kind, window.first, window.last, window.minute) == (*expected, None), text


@given(st.integers(1, 12))
def test_a_month_without_a_year_has_year_zero(month: int) -> None:
    for name in month_names(month):
        window = read(f"Will it happen in {name}?").window
        assert (window.kind, window.first) == (Kind.SPAN, (0, month, 1))
        assert window.of_year(2026).last == month_end(2026, month)
        assert window.of_year(2026).first == (2026, month, 1)


@given(days, st.integers(1, 40))
def test_a_stretch_of_days_is_read_from_every_wording(day: date, length: int) -> None:
    end = day + timedelta(days=length)
    first, last = (day.year, day.month, day.day), (end.year, end.month, end.day)
    one, two = (f"{d:%B} {d.day}, {d.year}" for d in (day, end))
    texts = [f"between {one} and {two}", f"from {one} to {two}"]
    if day.year == end.year:
        texts += [f"{day:%b} {day.day} - {end:%b} {end.day}, {end.year}"]
    if day.month == end.month and day.year == end.year:
        texts += [f"{day:%B} {day.day}-{end.day}, {end.year}"]
    for text in texts:
        window = read(f"Will it happen {text}?").window
        assert (window.kind, window.first, window.last) == (Kind.SPAN, first, last), text


ZONES: Final = {
    "ET": "America/New_York",
    "UTC": "UTC",
    "GMT": "UTC",
    "CT": "America/Chicago",
    "PT": "America/Los_Angeles",
    "JST": "Asia/Tokyo",
}
EASTERN: Final = ZoneInfo("America/New_York")
ONE_DAY: Final = timedelta(days=1)


def clocks(hour: int, minute: int) -> list[str]:
    half, twelve = ("AM" if hour < 12 else "PM"), hour % 12 or 12
    written = [f"{hour:02d}:{minute:02d}", f"{twelve}:{minute:02d} {half}"]
    if not minute:
        written += [f"{twelve}{half}", f"{twelve} {half.lower()}"]
    return [*written, *{(12, 0): ["noon"], (0, 0): ["midnight"]}.get((hour, minute), [])]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    "form", ["{day} at {clock} {zone}", "{day}, {clock} {zone}", "{clock} {zone} on {day}"]
)
@settings(max_examples=100)
@given(st.data(), days, st.tuples(st.integers(0, 23), st.sampled_from([0, 15, 30, 45, 59])))
def test_a_clock_of_any_zone_is_read_in_eastern_time(
    form: str, zone: str, data: st.DataObject, day: date, at: tuple[int, int]
) -> None:
    local = datetime(day.year, day.month, day.day, *at, tzinfo=ZoneInfo(ZONES[zone]))
    around = ((local + n * ONE_DAY).astimezone(EASTERN).utcoffset() for n in (-1, 2))
    assume(len(set(around)) == 1)  # no clock is changed within a day
    eastern = local.astimezone(EASTERN)
    written = f"{day:%B} {day.day}, {day.year}"
    clock = data.draw(st.sampled_from(clocks(*at)))
    text = form.format(day=written, clock=clock, zone=zone)
    window = read(f"Will it be higher at {text}?").window
    assert window.kind is Kind.AT
    assert (*window.last, window.minute) == (
        *(eastern.year, eastern.month, eastern.day),
        eastern.hour * 60 + eastern.minute,
    ), text


@pytest.mark.parametrize(
    ("text", "last", "minute"),
    [
        ("by May 3, 2026 at 11:59 PM ET", (2026, 5, 3), None),
        ("by May 3, 2026, 12:00 AM ET", (2026, 5, 2), None),
        ("before May 3, 2026 at midnight", (2026, 5, 2), None),
        ("before May 3, 2026 at 5pm ET", (2026, 5, 3), 1020),
        ("by 5 PM ET on May 3, 2026", (2026, 5, 3), 1020),
        ("before Jan 1, 2027", (2026, 12, 31), None),
    ],
)
def test_a_deadline_at_midnight_is_the_end_of_the_day_before(
    text: str, last: Day, minute: int | None
) -> None:
    window = read(text).window
    assert (window.kind, window.last, window.minute) == (Kind.UNTIL, last, minute)


@pytest.mark.parametrize(
    "text",
    [
        *("May I win", "March Madness", "Will the Fed march on", "Will Theresa May resign?"),
        *("Who may win?", "Will the march reach 20,260 people?", "Will augusta decide?"),
        *("The Second Amendment", "Will it be a marvel?", "Juneau", "Will Octavia declare?"),
        *("May the Fourth be with you", "Will Mayor Q say it?", "Will gold be above $2050?"),
        *("Will ETH reach $2,050?", "Will 2,026 people come?", "Will it score 2050+ points?"),
    ],
)
def test_a_text_without_times_names_none(text: str) -> None:
    assert not mentions(plain(text))


@pytest.mark.parametrize("name", ["April Ryan", "June Carter", "August Wilson", "Jan Oblak"])
def test_a_name_that_is_a_month_is_no_time(name: str) -> None:
    assert not mentions(f"Will {name} win the award?")
