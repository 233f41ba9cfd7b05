"""Times as titles say them: days, months, quarters, deadlines and hours, the year often missing.

A day is (year, month, day) with 0 for a part the text leaves out, so that a missing year is seen
and never invented. Hours are minutes of the day in US Eastern time, as both venues write them.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

Day = tuple[int, int, int]

_MONTHS: Final = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTH: Final = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_CLOCK: Final = r"(?:\d{1,2}(?::\d\d)?\s?(?:am|pm|AM|PM)|noon|midnight|\d{1,2}:\d\d)"
_ZONES: Final = r"\s?\(?(?P<zone>ET|EST|EDT|UTC|GMT|PT|PST|PDT|CT|CST|CDT|JST|CET|CEST|BST)\b\)?"
_WHEN: Final = re.compile(
    r"(?:(?P<prep>\b(?i:before|by|on|in|until|through|after|following|for|during|ending|from|since|of"
    r"|at|as of|week of)\b,?\s+(?:the\s+)?)?(?P<end>\b(?:the\s+)?(?:end|close)\s+of\s+)?"
    r"(?P<weekof>\b[Ww]eek of\s+)?"
    rf"(?:(?P<clock1>{_CLOCK})(?:{_ZONES.replace('zone', 'zone1')})?\s+on\s+)?"
    r"(?:"
    r"(?P<iso>20\d\d-\d\d-\d\d)"
    rf"|(?P<m>{_MONTH})\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\b"
    rf"(?:\s?(?:-|to|through|and)\s?(?P<m2>{_MONTH}\s+)?(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b)?"
    r"(?:,?\s+(?P<y>20\d\d)\b)?"
    rf"(?:,?\s+(?:at\s+)?(?P<clock>{_CLOCK})(?:-{_CLOCK})?(?:{_ZONES})?)?"
    rf"|(?P<mo>{_MONTH})(?:,?\s+(?P<my>20\d\d)\b)?"
    r"|(?P<q>Q[1-4])(?:,?\s+(?P<qy>20\d\d)\b)?"
    r"|(?P<season>20\d\d\s?[-/]\s?(?:20)?\d\d)\b(?!-)"
    r"|(?P<year>(?<![$€£.])\b20\d\d)\b(?![-/.,]?\d|\s?[+%])"
    r"|this (?:year|season)\b))"
)

# Without one of these no time can stand in a text, and most texts have none.
_HINT: Final = re.compile(
    r"20\d\d|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Q[1-4]\b|this (?:year|season))"
)
_OR_LATER: Final = re.compile(r"\s+or (?:later|after)\b", re.IGNORECASE)
_COMPARED: Final = re.compile(
    r"\b(?:above|below|over|under|than|least|most|exactly|reach|hit|to)\s+$", re.IGNORECASE
)
_NAME: Final = re.compile(r"\s+[A-Z][a-z]")
_WORDS: Final = frozenset({"May", "Mar", "March"})  # months that are words or names as well
_ZONE_NAMES: Final = {
    **dict.fromkeys(("UTC", "GMT"), "UTC"),
    "BST": "Europe/London",
    **dict.fromkeys(("CET", "CEST"), "Europe/Paris"),
    "JST": "Asia/Tokyo",
    **dict.fromkeys(("CT", "CST", "CDT"), "America/Chicago"),
    **dict.fromkeys(("PT", "PST", "PDT"), "America/Los_Angeles"),
}
_EASTERN: Final = ZoneInfo("America/New_York")
_NOON: Final = 720  # minutes
_LAST_MINUTE: Final = 1439
_COMMON_YEAR: Final = 2027  # has no leap day: stands in where a text names no year


class Kind(StrEnum):
    """AT: one day or instant. SPAN: a stretch with both ends. UNTIL: a deadline."""

    AT = "at"
    SPAN = "span"
    UNTIL = "until"


@dataclass(frozen=True, slots=True)
class Window:
    """When it must come true: `first` to `last`, both included (`first` is () for a deadline).

    A day whose year the text leaves out has year 0 (-1, 1: the year before, after it). `minute` is
    of the day, US Eastern; None: the text names no hour. `text` is what was read.
    """

    kind: Kind
    first: Day | tuple[()]
    last: Day
    minute: int | None = None
    text: str = ""

    @property
    def year(self) -> int:
        return self.last[0]

    def of_year(self, year: int) -> Window:
        """This window with its missing year filled."""
        if self.last[0]:
            return self
        first = (year - self.first[0], *self.first[1:]) if self.first else ()
        last = _clip(year, self.last[1], self.last[2])
        return replace(self, first=first, last=last)


class Mention(NamedTuple):
    """A window, where in the text it stands, and the word before it ("by"), "" for none."""

    window: Window
    start: int
    end: int
    prep: str


@lru_cache(maxsize=1 << 14)
def mentions(text: str) -> tuple[Mention, ...]:
    """Every time that a plain text names, in order."""
    found: list[Mention] = []
    if not _HINT.search(text):
        return ()
    for match in _WHEN.finditer(text):
        window = _window(match)
        if window is None:
            continue
        prep = "after" if _OR_LATER.match(text, match.end()) else _stripped(match["prep"])
        mention = Mention(window, match.start(), match.end(), prep)
        if found and (joined := _between(text, found[-1], mention)):
            found[-1] = joined
        else:
            found.append(mention)
    return tuple(found)


def month_number(name: str) -> int:
    """1 to 12 of a month's name, short or long."""
    return _MONTHS.index(name[:3].lower()) // 4 + 1


def _stripped(prep: str | None) -> str:
    return (prep or "").strip().lower()


def _window(match: re.Match[str]) -> Window | None:
    """What a match means by its word: "before June" ends a day early, "by June" includes it."""
    span = _span(match)
    if span is None:
        return None
    first, last, minute, single = span
    prep = _stripped(match["prep"]).removesuffix(" the").rstrip(",")
    text = match[0].strip()
    if match["weekof"] or prep == "week of":
        return Window(Kind.SPAN, first, _later(first, 6), None, text)
    if prep == "before":
        if minute and single:
            return Window(Kind.UNTIL, (), last, minute, text)
        return Window(Kind.UNTIL, (), _later(first, -1), None, text)
    if prep in ("by", "until", "through"):
        if minute == 0 and single:  # midnight ends the day before
            return Window(Kind.UNTIL, (), _later(last, -1), None, text)
        minute = None if minute == _LAST_MINUTE else minute
        return Window(Kind.UNTIL, (), last, minute, text)
    if match["end"]:
        return Window(Kind.AT, last, last, minute, text)
    return Window(Kind.AT if single else Kind.SPAN, first, last, minute, text)


class _Span(NamedTuple):
    """Days from first to last; `single`: one day was said, and not a stretch."""

    first: Day
    last: Day
    minute: int | None = None
    single: bool = False


def _span(match: re.Match[str]) -> _Span | None:
    clock = match["clock"] or match["clock1"]
    minute = _minute(clock) if clock else None
    if match["iso"]:
        year, month, number = (int(part) for part in match["iso"].split("-"))
        day = (year, month, number)
        return _Span(day, day, minute, single=True) if _real(day) else None
    if match["m"]:
        return _days(match, minute)
    if match["mo"]:
        return _month(match)
    if match["q"]:
        month, year = int(match["q"][1]) * 3, int(match["qy"] or 0)
        return _Span((year, month - 2, 1), (year, month, _length(year, month)))
    if match["season"]:
        begin, end = re.split(r"\s?[-/]\s?", match["season"])
        until = int(end) if len(end) == 4 else int(begin[:2] + end)
        return _Span((int(begin), 7, 1), (until, 6, 30))
    if match["year"]:
        if _COMPARED.search(match.string, 0, match.start("year")):
            return None  # "above 2050"
        year = int(match["year"])
        return _Span((year, 1, 1), (year, 12, 31))
    return _Span((0, 1, 1), (0, 12, 31))  # "this year": its number stands elsewhere


def _days(match: re.Match[str], minute: int | None) -> _Span | None:
    """ "June 5", with a clock or without, and "June 5-9"."""
    year = int(match["y"] or 0)
    first = (year, month_number(match["m"]), int(match["d"]))
    if not _real(first):
        return None
    if not match["d2"]:
        first, minute = _eastern(first, minute, match["zone"] or match["zone1"] or "")
        return _Span(first, first, minute, single=True)
    last = (year, month_number(match["m2"] or match["m"]), int(match["d2"]))
    return _Span(first, last, minute) if _real(last) else None


def _month(match: re.Match[str]) -> _Span | None:
    """A whole month; None where the word is a name or a verb."""
    if not (match["prep"] or match["my"]):
        if _NAME.match(match.string, match.end()):
            return None  # "Will April Ryan win …"
        before = match.string[: match.start()].rstrip()
        begins = not before or before.endswith("Will") or match["mo"] == "May"
        if match["mo"] in _WORDS and begins:
            return None
    month, year = month_number(match["mo"]), int(match["my"] or 0)
    return _Span((year, month, 1), (year, month, _length(year, month)))


def _minute(clock: str) -> int:
    """The minute of the day of "12PM", "9:35am", "noon" or "18:00"."""
    clock = clock.strip().lower()
    if clock == "noon":
        return _NOON
    if clock == "midnight":
        return 0
    digits = re.match(r"(\d{1,2})(?::(\d\d))?", clock)
    assert digits
    hour, minute = int(digits[1]), int(digits[2] or 0)
    if clock.endswith("m"):
        hour = hour % 12 + (12 if clock.endswith("pm") else 0)
    return hour * 60 + minute


def _eastern(day: Day, minute: int | None, zone: str) -> tuple[Day, int | None]:
    """A clock of another zone in US Eastern time; a day without a year counts as of 2026."""
    name = _ZONE_NAMES.get(zone)
    if minute is None or name is None:
        return day, minute
    year, month, number = day
    hour, past = divmod(minute, 60)
    there = datetime(year or 2026, month, number, hour, past, tzinfo=ZoneInfo(name))
    here = there.astimezone(_EASTERN)
    moved = here.year if year else here.year - 2026
    return (moved, here.month, here.day), here.hour * 60 + here.minute


def _between(text: str, one: Mention, two: Mention) -> Mention | None:
    """One stretch of two days: "between Dec 1, 2026 and Dec 31, 2026"."""
    joint = text[one.end : two.start].strip().lower()
    if joint not in ("and", "to", "-", "through"):
        return None
    if one.window.kind is not Kind.AT or two.window.kind is Kind.SPAN:
        return None
    before = text[: one.start].rstrip().lower()
    word = next((word for word in ("between", "from") if before.endswith(word)), "")
    if not word and one.prep != "from":
        return None
    last = two.window.last
    first = one.window.last if one.window.year else (last[0], *one.window.last[1:])
    start = max(one.start - len(f"{word} "), 0) if word else one.start
    window = Window(Kind.SPAN, first, last, None, text[start : two.end])
    return Mention(window, start, two.end, one.prep)


def _real(day: Day) -> bool:
    year, month, number = day
    return 1 <= month <= 12 and 1 <= number <= _length(year, month)


def _length(year: int, month: int) -> int:
    return monthrange(year or _COMMON_YEAR, month)[1]


def _clip(year: int, month: int, day: int) -> Day:
    return (year, month, min(day, _length(year, month)))


def _later(day: Day, days: int) -> Day:
    """The day `days` later; where the year is missing it stays missing, or is -1 or 1."""
    year, month, number = day
    moved = date(year or _COMMON_YEAR, month, number) + timedelta(days=days)
    return (moved.year if year else moved.year - _COMMON_YEAR, moved.month, moved.day)
