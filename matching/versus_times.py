"""How the windows of two claims relate."""

from __future__ import annotations

from datetime import date
from typing import Final

from matching.finding import Finding
from matching.pairs import Relation
from matching.relation import Span, of_events, of_spans
from matching.terms import Claim, Terms
from matching.when import Day, Kind, Window

Period = tuple[Day, Day]
"""The first and the last day."""

_YEARS: Final = (((1, 1), (12, 31)), ((7, 1), (6, 30)))  # a year, a season
_FOOTBALL: Final = frozenset({"nfl", "afc", "nfc", "super_bowl", "cfp"})
_FAR: Final = 2040  # a ticker's year from which on a market only has to end some day


def time_text(terms: Terms) -> str:
    """The words of a window, else the year."""
    return terms.window.text if terms.window else str(terms.year or "")


def windows_relate(a: Window | None, b: Window | None, finding: Finding) -> Relation | None:
    """How two windows lie, None where one is unknown; a missing year is the other's, assumed."""
    if a is None or b is None:
        return None
    if a.year <= 1 and b.year > 1:
        a = a.of_year(b.year)
        finding.assume("year")
    elif b.year <= 1 and a.year > 1:
        b = b.of_year(a.year)
        finding.assume("year")
    relation = of_spans(_span(a, b), _span(b, a))
    if relation is Relation.SAME:
        finding.agree("window", a.text, b.text)
    return relation


def in_window(k: Terms, p: Terms, values: Relation, finding: Finding) -> Relation:
    """An act within a window: an earlier deadline implies a later one."""
    a, b = k.window, p.window
    if a is None or b is None:
        if known := a or b:
            _half_known(k, p, known, finding)
        return values
    if Kind.AT in (a.kind, b.kind):
        if a.kind is b.kind and one_period(a, b):
            finding.agree("window", a.text, b.text)
            return values
        finding.veto("window", a.text, b.text, "period_mismatch")
        return Relation.RELATED
    windows = windows_relate(a, b, finding)
    assert windows
    if windows is not Relation.SAME:
        finding.veto("window", a.text, b.text, "period_mismatch")
    return of_events(values, windows)


def in_fine_window(k: Terms, p: Terms, finding: Finding) -> Relation:
    """A contest decided by a deadline or in a month; a year or a season names only the contest."""
    fine = [terms.window for terms in (k, p) if _is_fine(terms.window)]
    if len(fine) == 2:
        return in_window(k, p, Relation.SAME, finding)
    if any(window and window.kind is not Kind.AT for window in fine):
        finding.unknown("window", time_text(k), time_text(p))
    return Relation.SAME


def same_year(k: Terms, p: Terms, one: Claim, two: Claim, finding: Finding) -> bool:
    """Contests of two years are two contests; a year that one side leaves out is bridged."""
    if one.ranks is None and two.ranks is None:
        return True
    spans = (time_text(k), time_text(p))
    if k.year and k.year == p.year:
        finding.agree("year", *spans)
    elif not (k.year and p.year) or _next_of_kind(k, one) or _football_season(k, p, one, two):
        finding.assume("year")
    else:
        finding.veto("year", *spans, "period_mismatch")
        return False
    dated = [each for each in (k.window, p.window) if each and each.kind is Kind.AT]
    if len(dated) == 2 and not one_period(*dated):
        finding.veto("window", *spans, "period_mismatch")
        return False
    return True


def one_period(a: Window, b: Window) -> bool:
    """Equal, or a day inside the month that the other side names (a meeting's day)."""
    one, two = (a.first or a.last, a.last), (b.first or b.last, b.last)
    if not a.year or not b.year:
        one, two = _without_year(one), _without_year(two)
    return one == two or _is_day_of(one, two) or _is_day_of(two, one)


def lies_inside(instant: Window | None, window: Window | None) -> bool:
    """Whether the last day of one lies within the other, as far as both are known."""
    if instant is None or window is None or not instant.year or not window.year:
        return False
    day = _ordinal(instant.last)
    return day <= _ordinal(window.last) and (not window.first or _ordinal(window.first) <= day)


def _without_year(period: Period) -> Period:
    first, last = period
    return (0, *first[1:]), (0, *last[1:])


def _is_day_of(day: Period, stretch: Period) -> bool:
    """Whether a single day lies in the month in which a stretch ends."""
    is_day, is_stretch = day[0] == day[1], stretch[0][1:] != stretch[1][1:]
    return is_day and is_stretch and day[1][:2] == stretch[1][:2]


def _half_known(k: Terms, p: Terms, known: Window, finding: Finding) -> None:
    """One window: that of a whole year is also Polymarket's where its year is, or is the last."""
    if _is_year(known) and k.year - p.year in (0, 1):
        finding.bridge("window", time_text(k), time_text(p), "year")
    else:
        finding.unknown("window", time_text(k), time_text(p))


def _is_year(window: Window) -> bool:
    return bool(window.first) and (window.first[1:], window.last[1:]) in _YEARS


def _is_fine(window: Window | None) -> bool:
    return window is not None and window.text != "ticker" and not _is_year(window)


def _next_of_kind(k: Terms, one: Claim) -> bool:
    """ "The next …": the ticker's year is only when the market would end."""
    of_ticker = k.window is not None and k.window.text == "ticker"
    return ("next" in one.tokens and of_ticker) or k.year >= _FAR


def _football_season(k: Terms, p: Terms, one: Claim, two: Claim) -> bool:
    """American football's tickers count a season by its first year, titles by both."""
    words = one.tokens | one.context | two.tokens | two.context
    if not words & _FOOTBALL or "super_bowl" in words or k.year != p.year - 1:
        return False
    return bool(p.window and p.window.first and p.window.first[1:] == (7, 1))


def _span(window: Window, other: Window) -> Span:
    """A deadline counts from whenever on; against a whole year its start is that year's."""
    last = _ordinal(window.last)
    if window.first:
        return Span(_ordinal(window.first), last)
    year = not other.first or (other.first[1:], other.last[1:]) == _YEARS[0]
    return Span(None if year else 0, last)


def _ordinal(day: Day) -> int:
    year, month, number = day
    return date(year if year > 1 else 2001, month, number).toordinal()
