"""Sets of numbers as titles and strikes say them: "above 2.6%", "between 100k and 150k", "25+".

Numbers are whole nanos (1e-9), so that thresholds compare exactly.
"""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

NANO: Final = 1_000_000_000

_NUMBER: Final = re.compile(
    r"(?<![\w.])(?<![A-Za-z]{2}-)(?P<sign>[-+](?=[$\d.]))?[$€£]?"
    r"(?P<digits>\d[\d,]*(?:\.\d+)?|\.\d+)"
    r"(?:\s?(?P<scale>k|m|b|t|bn|mm|thousand|million|billion|trillion)\b)?"
    r"(?P<unit>\s?(?:%|bps?\b|basis points?\b|percentage points?\b|percent\b"
    r"|°\s?(?:[fc]\b)?|degrees\b|-?\s?inch(?:es)?\b|mph\b|x\b))?(?![\w])",
    re.IGNORECASE,
)
_SCALES: Final = {
    "k": 1_000,
    "thousand": 1_000,
    "m": 10**6,
    "mm": 10**6,
    "million": 10**6,
    "b": 10**9,
    "bn": 10**9,
    "billion": 10**9,
    "t": 10**12,
    "trillion": 10**12,
}
# The words before a number; the longer ones of two that begin alike stand first.
_EDGES: Final = (
    r"(?P<at_or>at or (?:above|over|higher than))|(?P<at_under>at or (?:below|under))"
    r"|(?P<above>more than|greater than|higher than|larger than|longer than|later than|older than"
    r"|strictly above|above|over|exceeds?|exceeding|surpass(?:es)?|>)"
    r"|(?P<at_least>at least|no less than|no fewer than|not less than|minimum of"
    r"|reach(?:es)?(?: or exceed)?|hits?(?: \(?high\)?)?|>=|as (?:high|many) as|up to"
    r"|touch(?:es)?|get above|get to|climb to|rise to)"
    r"|(?P<below>less than|fewer than|lower than|smaller than|under|below|<)"
    r"|(?P<at_most>at most|no more than|not more than|no higher than|maximum of|<="
    r"|(?:dip|drop|fall|crash)s? to|hits? \(?low\)?)"
    r"|(?P<exact>exactly|equal to|precisely)"
)
_BEFORE: Final = re.compile(rf"(?:{_EDGES})\s*(?:a\s|an\s|the\s)?$", re.IGNORECASE)
_BEFORE_MAX: Final = 30  # letters before a number that are searched for such words
_AFTER: Final = re.compile(
    r"\s*(?:(?P<plus>\+)"
    r"|(?:(?!at\b|close)\w+\s){0,2}?or (?P<more>more|higher|above|greater|better|over|later)\b"
    r"|(?:(?!at\b|close)\w+\s){0,2}?or (?P<less>less|lower|below|fewer|under)\b"
    r"|\s?\(?(?P<hl>high|low)\)?(?!\w))",
    re.IGNORECASE,
)
_JOINT: Final = re.compile(r"^\s*(?:-|to|and)\s*[$€£]?$", re.IGNORECASE)
_BEFORE_TO: Final = ("from", "between", "of", "range", "be", "in", "by")
_UNSCALED_MAX: Final = 10_000 * NANO  # "100-150k" means 100k; "20,000-150k" does not mean 20,000k


class Sense(StrEnum):
    """How the words set the edges."""

    ABOVE = "above"
    AT_LEAST = "at_least"
    BELOW = "below"
    AT_MOST = "at_most"
    RANGE = "range"
    EXACT = "exact"
    BARE = "bare"


class Amount(NamedTuple):
    """A set of numbers in nanos (None: no end), how it was said, its unit, and where it stands."""

    low: int | None
    high: int | None
    sense: Sense
    unit: str
    start: int
    end: int


def nanos(text: str) -> int:
    """The nanos of a decimal text such as "2039.99"."""
    return int(Decimal(text.replace(",", "")) * NANO)


def amounts(text: str) -> list[Amount]:
    """Every set of numbers in a plain text, in order; times must be blanked out before."""
    numbers = [_number(match) for match in _NUMBER.finditer(text)]
    found: list[Amount] = []
    at = 0
    while at < len(numbers):
        joint = _joint(text, *numbers[at : at + 2]) if at + 1 < len(numbers) else None
        found.append(joint or _alone(text, numbers[at]))
        at += 2 if joint else 1
    return found


class _Number(NamedTuple):
    """One number in nanos; `scaled`: a word or letter multiplies it ("k", "million")."""

    value: int
    unit: str
    start: int
    end: int
    scaled: bool


def _number(match: re.Match[str]) -> _Number:
    scale = _SCALES.get((match["scale"] or "").lower(), 1)
    value = int(Decimal(match["digits"].replace(",", "")) * NANO * scale)
    if match["sign"] == "-" and _is_minus(match.string[: match.start()]):
        value = -value
    return _Number(value, _unit(match), match.start(), match.end(), scale != 1)


def _unit(match: re.Match[str]) -> str:
    """The unit as written, in lower case; "bp" and "%" however they are spelt."""
    unit = (match["unit"] or "").strip().lower()
    if unit.startswith(("bp", "basis")):
        return "bp"
    return "%" if unit.startswith("percent") else unit


def _is_minus(before: str) -> bool:
    """Whether a "-" after this text is a sign, and not a dash between a word and its number."""
    if not before or before[-1] in " ($=<>":
        return True
    return before.endswith(("to", "and")) or (before[-1] == "-" and before[-2:-1].isdigit())


def _joint(text: str, one: _Number, two: _Number) -> Amount | None:
    """The range that two neighbours make, None where each stands for itself."""
    if two.start == one.end and text[one.end] == "-":  # a dash that was read as a sign: "3-5"
        return _range(text, one, two._replace(value=abs(two.value)), "-")
    between = text[one.end : two.start]
    return _range(text, one, two, between.strip().lower()) if _JOINT.match(between) else None


def _range(text: str, one: _Number, two: _Number, joint: str) -> Amount | None:
    """A range, the first number in the second's scale where it has none ("100-150k")."""
    before = text[: one.start].rstrip().lower()
    if joint == "and" and not before.endswith("between"):
        return None
    if joint == "to" and before and not before.endswith(_BEFORE_TO):
        return None
    low = one.value
    if two.scaled and not one.scaled and low < _UNSCALED_MAX:
        scaled = low * _scale_of(text[two.start : two.end])
        low = scaled if scaled <= two.value else low
    if low > two.value:
        return None
    return Amount(low, two.value, Sense.RANGE, two.unit or one.unit, one.start, two.end)


def _scale_of(text: str) -> int:
    found = re.search(r"[a-z]+", text.lower())
    return _SCALES.get(found[0], 1) if found else 1


def _alone(text: str, number: _Number) -> Amount:
    value, unit, start, end, _ = number
    after = _AFTER.match(text, end)
    if after and (after["plus"] or after["more"]):
        return Amount(value, None, Sense.AT_LEAST, unit, start, after.end())
    if after and after["less"]:
        return Amount(None, value, Sense.AT_MOST, unit, start, after.end())
    before = _BEFORE.search(text, max(0, start - _BEFORE_MAX), start)
    if before is None:
        return Amount(value, value, Sense.BARE, unit, start, end)
    sense = _sense(before)
    if after and (after["hl"] or "").lower() == "low" and sense is Sense.AT_LEAST:
        sense = Sense.AT_MOST  # "hit 50 (low)"
    low = value if sense in (Sense.ABOVE, Sense.AT_LEAST, Sense.EXACT) else None
    high = value if sense in (Sense.BELOW, Sense.AT_MOST, Sense.EXACT) else None
    return Amount(low, high, sense, unit, before.start(), end)


def _sense(before: re.Match[str]) -> Sense:
    group = str(before.lastgroup)
    return Sense({"at_or": "at_least", "at_under": "at_most"}.get(group, group))
