"""Kalshi's ticker grammar, as its listings show it: series, date, game codes, strike."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from matching.when import Day, month_number

_DATE: Final = re.compile(
    r"^(?P<y>\d\d)(?P<m>JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)"
    r"(?P<d>\d\d)?(?:H?(?P<hh>\d\d)(?P<mm>\d\d)?)?(?P<rest>[A-Z].*)?$"
)
_YEAR: Final = re.compile(r"^(?:20)?(\d\d)(?P<rest>[A-Z].*)?$")
_NAMED_YEAR: Final = re.compile(r"^[A-Z]+(2[4-9]|3\d)$")  # a tournament and its year: PGC26
_SIGNED: Final = ("T", "B")  # a strike's letter, when its number has a minus
_STRIKE: Final = re.compile(r"^(?P<kind>[A-Z]*?)(?P<value>-?\d+(?:\.\d+)?)(?P<unit>[KMBP]?)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticker:
    """What a ticker says. `day` has 0 for a missing month or day, () where there is no date.

    `minute` is of the day, US Eastern; None: no hour is said. `rest` follows the date inside its
    part (a game's two codes), `code` is the last part (a team, a person's initials, a strike), ""
    where the ticker is its event's only market.
    """

    series: str
    day: Day | tuple[()]
    minute: int | None
    rest: str
    code: str
    parts: tuple[str, ...]

    @property
    def year(self) -> int:
        return self.day[0] if self.day else 0


@lru_cache(maxsize=1 << 16)
def parse(ticker: str, event: str = "") -> Ticker:
    """Reads any ticker; what follows no grammar is left in `parts`. `event`: its event's ticker."""
    ticker = ticker.upper()
    parts = tuple(_parts(ticker))
    date = _date(parts[1:])
    ends_dated = not event and parts[-1:] == (date.part,)
    alone = len(parts) < 2 or ticker == event.upper() or ends_dated
    return Ticker(
        series=parts[0] if parts else "",
        day=date.day,
        minute=date.minute,
        rest=date.rest,
        code="" if alone else parts[-1],
        parts=parts,
    )


@lru_cache(maxsize=1 << 14)
def strike(code: str) -> tuple[str, str, str] | None:
    """("T", "2039.99", "") of T2039.99; None where the code is no strike."""
    found = _STRIKE.match(code)
    return (found["kind"], found["value"], found["unit"]) if found else None


def _parts(ticker: str) -> list[str]:
    """The parts between hyphens; a hyphen that is a minus sign stays with its number."""
    parts: list[str] = []
    minus = False
    for part in ticker.split("-"):
        if not part:
            minus = True
        elif parts and (minus or (parts[-1] in _SIGNED and part[0].isdigit())):
            letter = parts[-1] in _SIGNED
            parts[-1:] = [f"{parts[-1]}-{part}"] if letter else [parts[-1], f"-{part}"]
            minus = False
        else:
            parts.append(part)
    return parts


class _Date(NamedTuple):
    """The date of a ticker, what follows it in its part, and that part."""

    day: Day | tuple[()] = ()
    minute: int | None = None
    rest: str = ""
    part: str = ""


def _date(parts: tuple[str, ...]) -> _Date:
    """The first date of the parts after the series, else the first year."""
    for part in parts:
        if found := _DATE.match(part):
            day = (2000 + int(found["y"]), month_number(found["m"]), int(found["d"] or 0))
            return _Date(day, _minute(found), found["rest"] or "", part)
    for part in parts:
        if (found := _YEAR.match(part)) and 20 <= int(found[1]) <= 60:
            return _Date((2000 + int(found[1]), 0, 0), None, found["rest"] or "", part)
    if parts and (found := _NAMED_YEAR.match(parts[0])):
        return _Date((2000 + int(found[1]), 0, 0))
    return _Date()


def _minute(found: re.Match[str]) -> int | None:
    """The minute of the day that follows a date, as Kalshi writes it: US Eastern."""
    if not found["hh"]:
        return None
    hour, minute = int(found["hh"]), int(found["mm"] or 0)
    return hour * 60 + minute if hour < 24 and minute < 60 else None
