"""The times that rules texts name: the instant that counts, the deadline, where a window starts."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import Final, NamedTuple

_MONTHS: Final = (
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
)
_MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_ZONE: Final = r"(?:\s*\(?(?P<zone>e[sd]?t|utc|gmt|p[sd]?t|c[sd]?t|m[sd]?t|eastern)\b\)?)"
_CLOCK: Final = r"(?P<hour>\d{1,2})(?::(?P<minute>\d\d))?(?::\d\d)?\s?(?P<half>[ap])\.?m\b\.?"
_AT: Final = re.compile(rf"(?:{_CLOCK}|\b(?P<word>noon|midnight)\b){_ZONE}?")
_AT_24: Final = re.compile(
    r"\b(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?!:?\d|\s?[ap]\.?m)"
    rf"(?:\s+in the)?{_ZONE}"
)
_NOT_AN_INSTANT: Final = re.compile(
    r"\b(?:by|until|before|through|prior to|scheduled|after|between|and|from|released?|ends?|to)"
    rf"(?:[\s,(]+(?:for|at|on|the|end|of|{_MONTH}|'?\d{{1,4}}(?:st|nd|rd|th)?|[a-z]+day))*[\s,(]*$"
)
_MEASURED: Final = re.compile(
    r"\b(?:price|clos\w+|candles?|temperature|value|index|average|rate|level|number of|count|rating"
    r"|tweets|yield|figure|brti|rti|above|below|score|odds)\b"
)
_DAY: Final = (
    rf"(?P<month>{_MONTH})\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year>20\d\d)\b)?"
    rf"|(?P<month2>{_MONTH})(?:,?\s+(?P<year2>20\d\d)\b)|(?P<year3>20\d\d)\b(?![-/])"
)
_DEADLINE: Final = re.compile(
    r"\b(?P<prep>on or before|by|before|prior to|until|through|no later than|and)\s+"
    rf"(?P<end>(?:the )?end of (?:the )?(?:day on )?)?(?:{_CLOCK}{_ZONE}?\s+(?:on\s+)?)?(?:{_DAY})"
    r"(?:,?\s+\(?(?:at\s+)?(?P<hour2>\d{1,2})(?::(?P<minute2>\d\d))?(?::\d\d)?\s?(?P<half2>[ap])m"
    r"(?:\s*\(?(?P<zone2>e[sd]?t|utc|gmt|p[sd]?t|c[sd]?t)\b)?)?"
)
_BETWEEN: Final = re.compile(rf"\b(?:between|from|since|after)\s+(?:{_DAY})")
_LISTING: Final = re.compile(
    r"\b(?:between|from|after|since|following|upon|at|of)\s+(?:the\s+)?(?:time of\s+)?"
    r"(?:(?:market|contract)(?:'s)? (?:creation|launch|listing|open\w*|issuance)|issuance\b"
    r"|listing\b"
    r"|(?:creation|issuance|listing|launch|opening) of (?:this|the) (?:market|contract)"
    r"|(?:this|the) (?:market|contract)(?:'s| is| was) (?:creation|launch\w*|listing|listed|created"
    r"|issuance|issued|open\w*))"
)


_OFFSETS: Final = {
    "ET": (0,),
    "CT": (60,),
    "MT": (120,),
    "PT": (180,),
    "UTC": (-240, -300),
}


def instants(low: str) -> list[str]:
    """The hours at which something is measured: "21:00 ET"; "12:00" where no zone is named."""
    if not _MEASURED.search(low):
        return []
    found = [_clock(match) for match in _AT.finditer(low) if _is_instant(low, match)]
    return found + [_clock_24(match) for match in _AT_24.finditer(low) if _is_instant(low, match)]


def _is_instant(low: str, match: re.Match[str]) -> bool:
    """Whether the hour is no edge of a window ("by …", "scheduled for …")."""
    return not _NOT_AN_INSTANT.search(low[max(0, match.start() - 40) : match.start()])


def same_instant(one: str, two: str) -> bool:
    """Whether two hours can be one instant; an hour without a zone is Eastern, the venues' own."""
    return bool(_eastern(one) & _eastern(two))


def deadline(low: str) -> str:
    """The first moment too late for YES: "2027-01-01", with an hour "2026-12-31 12:00", zone last.

    A year that the text leaves out is 0000. "" where the sentence sets no deadline.
    """
    for match in _DEADLINE.finditer(low):
        if match["prep"] == "and" and "between" not in low[: match.start()]:
            continue
        day = _last_day(match)
        if day is None:
            continue
        hour = _hour(match["hour2"], match["minute2"], match["half2"])
        if hour is None:
            hour = _hour(match["hour"], match["minute"], match["half"])
        zone = _zone(match["zone2"] or match["zone"] or "")
        if match["prep"] in ("before", "prior to") and not match["end"]:
            return _moment(_first_day(match) or day, hour or 0, zone)
        return _moment(day, 1440 if hour is None or hour == 1439 else hour, zone)
    return ""


def same_deadline(one: str, two: str) -> bool:
    """Whether two deadlines are one moment, a missing year read as the other's."""
    if one[:4] == "0000" or two[:4] == "0000":
        one, two = one[4:], two[4:]
    return one == two


def window_start(low: str) -> str:
    """ "listing", a day as ISO text (year 0000 if it is left out), or ""."""
    if _LISTING.search(low):
        return "listing"
    match = _BETWEEN.search(low)
    day = _first_day(match) if match else None
    return _text(day) if day else ""


class _Day(NamedTuple):
    year: int
    month: int
    number: int


def _hour(hour: str | None, minute: str | None, half: str | None) -> int | None:
    if not hour:
        return None
    return (int(hour) % 12 + (12 if half == "p" else 0)) * 60 + int(minute or 0)


def _zone(zone: str) -> str:
    return {"": "", "gmt": "UTC", "utc": "UTC"}.get(zone, f"{zone[0].upper()}T" if zone else "")


def _clock(match: re.Match[str]) -> str:
    if match["word"]:
        minute = 720 if match["word"] == "noon" else 0
    else:
        minute = _hour(match["hour"], match["minute"], match["half"]) or 0
    return f"{minute // 60:02d}:{minute % 60:02d} {_zone(match['zone'] or '')}".strip()


def _clock_24(match: re.Match[str]) -> str:
    return f"{int(match['hour']):02d}:{match['minute']} {_zone(match['zone'])}".strip()


def _eastern(value: str) -> frozenset[int]:
    clock, _, zone = value.partition(" ")
    minute = int(clock[:2]) * 60 + int(clock[3:])
    return frozenset((minute + shift) % 1440 for shift in _OFFSETS.get(zone, (0,)))


def _first_day(match: re.Match[str]) -> _Day | None:
    return _day(match, last=False)


def _last_day(match: re.Match[str]) -> _Day | None:
    return _day(match, last=True)


def _day(match: re.Match[str], *, last: bool) -> _Day | None:
    if match["month"]:
        month, number = _MONTHS.index(match["month"][:3]) + 1, int(match["day"])
        year = int(match["year"] or 0)
    elif match["month2"]:
        month, year = _MONTHS.index(match["month2"][:3]) + 1, int(match["year2"])
        number = monthrange(year, month)[1] if last else 1
    else:
        year = int(match["year3"])
        month, number = (12, 31) if last else (1, 1)
    if not 1 <= number <= monthrange(year or 2028, month)[1]:
        return None
    return _Day(year, month, number)


def _moment(day: _Day, minute: int, zone: str) -> str:
    """The day at that minute as text; minute 1440 is the next day's beginning."""
    if minute == 1440:
        moved = date(day.year or 2027, day.month, min(day.number, 28)) + timedelta(
            days=day.number - min(day.number, 28) + 1
        )
        day = _Day(moved.year if day.year else 0, moved.month, moved.day)
        minute = 0
    hour = f" {minute // 60:02d}:{minute % 60:02d}" if minute else ""
    return f"{_text(day)}{hour}{'' if zone in ('', 'ET') else f' {zone}'}"


def _text(day: _Day) -> str:
    return f"{day.year:04d}-{day.month:02d}-{day.number:02d}"
