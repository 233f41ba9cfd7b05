"""The numbers that pay: from strikes, answers, titles and tickers, as a set on its grid."""

from __future__ import annotations

import re
from typing import Final

from matching.amounts import NANO, Amount, Sense, amounts, nanos
from matching.listing import Listing
from matching.relation import IntSet
from matching.terms import Numbers
from matching.ticker import Ticker, strike

_COMPARED: Final = (
    r"(?:above|below|over|under|at least|at most|at or above|at or below|exactly|more than"
    r"|less than|fewer than|greater than|between|up to|[<>]=?)"
)
_UNIT: Final = r"(?:%|°|k\b|m\b|b\b|bn\b|bps?\b|million\b|billion\b|trillion\b)"
_ANSWER: Final = re.compile(
    rf"^(?:{_COMPARED}\s*[-+$€£]{{0,2}}\d"
    rf"|[-+]?[$€£]?\d[\d,.]*\s?{_UNIT}?\s*(?:$|\+|to\b|-|or\b|and\b|[a-z ]+$))",
    re.IGNORECASE,
)
_FIGURE: Final = re.compile(r"(?<![\w-])\d[\d,]*(?:\.\d+)?\+?(?!\d|[a-z]*-)")
_NAMED_BEFORE: Final = re.compile(
    r"(?:s&p|russell|nasdaq[- ]?|dow|top|group|season|episode|district|chapter|part|week|round"
    r"|game|map|set|no\.|#|article|section|title|formula|f|lv|proposition|prop|question"
    r"|super bowl|ufc|windows|ios|gpt|gta|model)$"
)
_NAMED_AFTER: Final = re.compile(
    r"(?:th|st|nd|rd)\b|y\b|mag"
    r"|-?(?:year|day|month|week|yr|hour|minute|state|man|person|team|party|round)s?\b"
)
_MORE: Final = re.compile(r"\b(?:above|over|more than|exceed|at least)\b")
_UNCOUNTED: Final = re.compile(r"[$€£%°]|bps?\b")
_SCALES: Final = {"K": 1_000, "M": 10**6, "B": 10**9}


def is_number(answer: str) -> bool:
    """Whether the name of a YES side is a set of numbers ("At least 16 wins"), and no entity."""
    return bool(_ANSWER.match(answer))


def has_number(title: str) -> bool:
    """Whether a plain title names a number that belongs to no name."""
    return any(not _is_name(title, amount) for amount in amounts(title))


def numbers_of(
    listing: Listing, ticker: Ticker | None, title: str, answer: str, grid: int
) -> Numbers | None:
    """The set of numbers a listing pays for; `title` has its times cut out.

    Sources in their order: the venue's strike fields, the name of the YES side, the title, the
    ticker's strike. `grid` in nanos, 0: continuous.
    """
    if found := _from_strikes(listing, grid):
        return found
    if answer and _ANSWER.match(answer) and (said := amounts(answer)):
        return _numbers(_exact_if_bare(said[0]), grid, answer, "subtitle")
    said = [amount for amount in amounts(title) if not _is_name(title, amount)]
    if said:
        best = next((a for a in said if a.sense is not Sense.BARE), said[0])
        return _numbers(best, grid, title[best.start : best.end], "")
    return _from_ticker(ticker, title, grid) if ticker else None


def figures_of(title: str, used: Numbers | None) -> frozenset[str]:
    """The numbers of a plain title beside those that pay, as they stand.

    A strike or an answer pays too where the title says it again, or says the whole number above.
    """
    span = used.span if used and not used.source else ""
    rest = title.replace(span, " ", 1) if span else title
    paying = {nanos(figure) for figure in _figures(used.span)} if used else set()
    return frozenset(figure for figure in _figures(rest) if not _pays(nanos(figure), paying))


def _pays(figure: int, paying: set[int]) -> bool:
    """Whether a figure is one that pays, the whole number above it, or so many millions."""
    if any(0 <= figure - paid < NANO for paid in paying):
        return True
    return any(figure * scale in paying for scale in (10**3, 10**6, 10**9, 10**12))


def _figures(text: str) -> list[str]:
    return [found.group().replace(",", "").strip("+-.") for found in _FIGURE.finditer(text)]


def grid_of(text: str, *, counted: bool) -> int:
    """Steps of one (in nanos) for things one counts, else 0: continuous; `text` has the number."""
    return NANO if counted and not _UNCOUNTED.search(text) else 0


def _is_name(title: str, amount: Amount) -> bool:
    """Whether a number belongs to a name: "S&P 500", "top 5", "Group 2", "AK-47", "Season 23"."""
    if amount.sense is not Sense.BARE:
        return False
    before, after = title[: amount.start].rstrip().lower(), title[amount.end :].lstrip().lower()
    return bool(_NAMED_BEFORE.search(before) or _NAMED_AFTER.match(after))


def _from_strikes(listing: Listing, grid: int) -> Numbers | None:
    floor, cap, kind = listing.floor, listing.cap, listing.strike_type
    if not kind or not (floor or cap):
        return None
    try:
        low, high = (nanos(floor) if floor else None), (nanos(cap) if cap else None)
    except (ArithmeticError, ValueError):
        return None  # no number
    top = high if high is not None else low
    senses = {
        "greater": (Sense.ABOVE, low, None),
        "greater_or_equal": (Sense.AT_LEAST, low, None),
        "less": (Sense.BELOW, None, top),
        "less_or_equal": (Sense.AT_MOST, None, top),
        "between": (Sense.RANGE, low, high),
    }
    if kind not in senses:
        return None
    sense, low, high = senses[kind]
    amount = Amount(low, high, sense, "", 0, 0)
    return _numbers(amount, grid, f"{kind} {floor} {cap}".strip(), "strike")


def _from_ticker(ticker: Ticker, title: str, grid: int) -> Numbers | None:
    found = strike(ticker.code)
    if not found:
        return None
    kind, value, unit = found
    number = nanos(value) * _SCALES.get(unit, 1)
    low = title.lower()
    if kind == "T" and (_MORE.search(low) or ticker.series.endswith("D")):
        # A series of thresholds ends with D: KXBTCD beside KXBTC.
        amount = Amount(number, None, Sense.ABOVE, "", 0, 0)
    elif not kind and "." in value:  # a bare strike: the series asks for more than it
        if "MIN" in ticker.series or "how low" in low:
            amount = Amount(None, number, Sense.BELOW, "", 0, 0)
        else:
            amount = Amount(number, None, Sense.ABOVE, "", 0, 0)
    elif kind == "E":
        amount = Amount(number, number, Sense.EXACT, "", 0, 0)
    else:
        return None
    return _numbers(amount, grid, ticker.code, "ticker")


def _exact_if_bare(amount: Amount) -> Amount:
    return amount._replace(sense=Sense.EXACT) if amount.sense is Sense.BARE else amount


def _numbers(amount: Amount, grid: int, span: str, source: str) -> Numbers | None:
    values = _on_grid(amount, grid) if grid else _continuous(amount)
    if not values:
        return None
    return Numbers(
        values=values, grid=grid, edge=amount.sense.value, span=span.strip(), source=source
    )


def _on_grid(amount: Amount, grid: int) -> IntSet:
    """In steps of the grid: above is from the next step on, at least from this one."""
    low, high = amount.low, amount.high
    first = last = None
    if low is not None:
        first = low // grid + 1 if amount.sense is Sense.ABOVE else -(-low // grid)
    if high is not None:
        last = -(-high // grid) - 1 if amount.sense is Sense.BELOW else high // grid
    return IntSet.between(first, last)


def _continuous(amount: Amount) -> IntSet:
    """In nanos; an edge just below a round number (2039.99) is that number."""
    low, high = amount.low, amount.high
    if low is not None and low == high:
        return IntSet.between(low, high)
    if amount.sense is Sense.AT_LEAST and low is not None and low % NANO == NANO // 100:
        low -= NANO // 100  # "reach 150.01" is above 150
    first = _rounded(low) if low is not None else None
    last = _rounded(high) - 1 if high is not None else None
    return IntSet.between(first, last)


def _rounded(value: int) -> int:
    """129,999.99 → 130,000 and 6774.9999 → 6775: strikes that say "from the round number on"."""
    for tick in (NANO // 100, NANO // 1_000, NANO // 10_000, NANO // 10**7):
        if value % (tick * 100) == 99 * tick:
            return value + tick
    return value
