"""Known questions about central banks: a decision, the level of a rate, how often one cuts."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache, lru_cache
from typing import Final

from matching.amounts import NANO, Amount, Sense, amounts
from matching.lexicon import any_of
from matching.relation import INFINITE, IntSet
from matching.tables import Bank, banks
from matching.terms import Domain, Form, Numbers, Said
from matching.title import Title
from matching.topic_kinds import Topic
from matching.when import Kind, Mention

_BANK: Final = re.compile(
    r"bank|fed\b|fomc|ecb|boe|boj|federal reserve|federal funds|fed funds|rba|rbnz|copom|selic"
    r"|snb|pboc|rbi|banxico|norges|riksbank"
)
_FED_FUNDS: Final = re.compile(r"\bfed(?:eral)? funds rate\b")
_RATE: Final = re.compile(
    r"\brates?\b|\b(?:upper|lower) bound\b|\bbps?\b|\bbasis points?\b|\bhike|\bcut\b"
    r"|\bdecision\b|\bmaintain\b"
)
_LEVEL: Final = re.compile(
    r"(?P<which>upper|lower) (?:bound|limit)|federal funds rate|fed funds rate|policy rate"
)
_AT_LEVEL: Final = re.compile(r"\b(?:to|below|above|at) \d+(?:\.\d+)?\s?%")
_HOLD: Final = re.compile(
    r"\bno change\b|\bmaintains?\b|\bhold(?:s|ing)?\b|\bunchanged\b|\b0\s?bps?\b|\bkeep\b"
    r"|\bleave\b|\bpause\b|\bsteady\b"
)
_CHANGE: Final = re.compile(r"\bchange\b")
_CUT: Final = re.compile(r"\bcuts?\b|\bdecreas|\blower|\breduc|\bease\b")
_HIKE: Final = re.compile(r"\bhikes?\b|\bincreas|\brais")
_BASIS_POINTS: Final = re.compile(r"\s?bps?\b")
_TIMES: Final = re.compile(r"\b(?:times|rate (?:cut|hike)s? happen|how many)\b")
_NONE: Final = re.compile(r"\b(?:no|zero)\b")
# No single decision is asked.
_COUNTED: Final = re.compile(
    r"\btimes\b|\bhow many\b|\b(?:cuts|hikes) (?:happen|in)\b|\bby (?:the )?\w+ ?\d* meeting\b"
    r"|\bbefore\b|\bdissent|\bin 20\d\d\?"
)
_REACHED: Final = re.compile(r"\breach|\bhit\b|\babove\b|or higher")
_BELOW: Final = re.compile(r"or lower|below")
_FALLING: Final = re.compile(r"or lower|below|\bdip|\bfall")
_STEP: Final = 25  # basis points, of these banks
_QUARTERS: Final = frozenset({"FED", "BOC", "BOE", "ECB", "RBA"})
_ANY_MOVE: Final = ((1, INFINITE), (-INFINITE, -1))


def of_bank(series: str, low: str, title: Title) -> Topic | None:
    """The known question about a central bank; `low`: title and answer in lower case."""
    bank = _bank_of(series, low)
    if bank is None or not _asks_rate(low):
        return None
    subject = Said(bank.id, bank.id)
    if known := _level(low, subject, title.times) or _count(low, subject):
        return known
    if _AT_LEVEL.search(low):
        return None  # a level, and not how far it moves
    if _COUNTED.search(low) or _has_deadline(title.times):
        return None
    numbers = _change(low, f"{title.text} {title.answer}")
    if numbers is None:
        return None
    if bank.id in _QUARTERS:
        numbers = replace(numbers, values=_in_quarters(numbers.values))
    return Topic(
        id="rate_change",
        domain=Domain.CENTRAL_BANK,
        span=numbers.span,
        subject=subject,
        grid=NANO,
        numbers=numbers,
    )


def _bank_of(series: str, low: str) -> Bank | None:
    if known := _bank_of_series(series):
        return known
    if not _BANK.search(low):
        return None
    if _FED_FUNDS.search(low):
        return next(bank for bank in banks() if bank.id == "FED")
    return next((bank for pattern, bank in _bank_names() if pattern.search(low)), None)


@lru_cache(maxsize=1 << 12)
def _bank_of_series(series: str) -> Bank | None:
    return next((bank for bank in banks() if series and series in bank.series), None)


@cache
def _bank_names() -> tuple[tuple[re.Pattern[str], Bank], ...]:
    return tuple((any_of(name.lower() for name in bank.names), bank) for bank in banks())


def _asks_rate(low: str) -> bool:
    return bool(_RATE.search(low)) or ("meeting" in low and (_moves(low) or "no change" in low))


def _moves(low: str) -> bool:
    return bool(_CUT.search(low) or _HIKE.search(low))


def _has_deadline(times: tuple[Mention, ...]) -> bool:
    return any(each.window.kind is Kind.UNTIL for each in times)


def _level(low: str, subject: Said, times: tuple[Mention, ...]) -> Topic | None:
    """The level of a rate: the upper bound where the text does not say which."""
    found = _LEVEL.search(low)
    if not found or (_moves(low) and not found["which"]):
        return None
    return Topic(
        id=f"policy_rate_{found['which'] or 'upper'}",
        domain=Domain.CENTRAL_BANK,
        span=found[0],
        subject=subject,
        form=_form(low) if _has_deadline(times) else Form.AT,
    )


def _form(low: str) -> Form:
    """By a deadline: the highest where it must rise to a level, the lowest where it must fall."""
    if _REACHED.search(low) and not _BELOW.search(low):
        return Form.MAX
    return Form.MIN if _FALLING.search(low) else Form.AT


def _count(low: str, subject: Said) -> Topic | None:
    """How many times a bank cuts, or hikes, in a year."""
    if not _TIMES.search(low) or "meeting" in low or not _moves(low):
        return None
    which = "cut" if _CUT.search(low) else "hike"
    numbers = None
    if _NONE.search(low):
        numbers = Numbers(values=IntSet.between(0, 0), grid=NANO, edge="exact", span="no")
    return Topic(
        id=f"rate_{which}_count",
        domain=Domain.COUNT,
        span=which,
        subject=subject,
        form=Form.TOTAL,
        grid=NANO,
        numbers=numbers,
    )


def _change(low: str, text: str) -> Numbers | None:
    """The change in basis points that pays; a cut is negative, no change is 0."""
    cut, hike, hold = _CUT.search(low), _HIKE.search(low), _HOLD.search(low)
    amount = _basis_points(text)
    if _CHANGE.search(low) and not (hold or cut or hike or amount):
        return Numbers(values=IntSet.between(0, 0).outside(), grid=NANO, edge="some", span="change")
    zero = amount is not None and amount.low == amount.high == 0
    if zero or (hold and not (cut or hike)):
        return Numbers(values=IntSet.between(0, 0), grid=NANO, edge="exact", span="no change")
    moved = cut or hike
    if moved is None or (cut and hike):
        return None
    values = _whole(amount) if amount else IntSet.between(1, None)
    if cut:
        values = IntSet.of((-high, -low) for low, high in values.parts)
    shown = text[amount.start : amount.end] if amount else ""
    edge = amount.sense.value if amount else "some"
    return Numbers(values=values, grid=NANO, edge=edge, span=f"{moved[0]} {shown}".strip())


def _basis_points(text: str) -> Amount | None:
    said = amounts(text)
    return next((a for a in said if a.unit == "bp" or _BASIS_POINTS.match(text[a.end :])), None)


def _whole(amount: Amount) -> IntSet:
    """At least 1: how far a rate moves, whichever way."""
    first = 1
    last: int | None = None
    if amount.low is not None:
        first = amount.low // NANO + (amount.sense is Sense.ABOVE)
    if amount.high is not None:
        last = amount.high // NANO - (amount.sense is Sense.BELOW)
    return IntSet.between(first, last)


def _in_quarters(values: IntSet) -> IntSet:
    """These banks move in steps of 25: "more than 25" is 50 or more."""
    found = IntSet.of(
        (
            low if low < -INFINITE // 2 else -(-low // _STEP) * _STEP,
            high if high > INFINITE // 2 else high // _STEP * _STEP,
        )
        for low, high in values.parts
        if (low, high) not in _ANY_MOVE
    )
    return found or values
