"""How the numbers of two claims relate: one set inside the other, apart, or the same."""

from __future__ import annotations

from typing import Final

from matching.finding import Finding
from matching.pairs import Relation
from matching.relation import EVERYTHING, INFINITE, IntSet, flipped, of_events, of_sets
from matching.terms import Claim, Form, Numbers
from matching.verdict import Severity

EXTREMES: Final = (Form.MAX, Form.MIN)

_EQUAL: Final = (Relation.SAME, Relation.INVERTED)
_STRICT: Final = frozenset({"above", "below"})
_INCLUSIVE: Final = frozenset({"at_least", "at_most"})


def compare_numbers(one: Claim, two: Claim, finding: Finding) -> Relation | None:
    """The relation of both sets of numbers, with its evidence; None where one is not known."""
    a, b = one.numbers, two.numbers
    if a is None or b is None:
        if one.numeric or two.numeric:
            _one_sided(one, two, finding)
        return None
    relation = sets_relate(*_on_one_grid(a, b))
    if relation is None:
        finding.unknown("numbers", a.span, b.span)
        return None
    if "bare" in (a.edge, b.edge) and not one.topic and relation is not Relation.SAME:
        relation = Relation.RELATED  # "score 50" and "score 60": at least, or exactly? nobody says
    other_edge = (a.edge in _STRICT) != (b.edge in _STRICT)
    if relation is Relation.INVERTED and {a.edge, b.edge} <= _STRICT | _INCLUSIVE:
        other_edge = not other_edge  # "above 90" leaves "90 or lower", and nothing between
    if relation not in _EQUAL:
        finding.veto("numbers", a.span, b.span, "")
    elif other_edge and not one.topic and not a.grid:
        finding.unknown("boundary", a.span, b.span)  # whole numbers, or not: nobody says
    else:
        finding.agree("numbers", a.span, b.span)
        if a.source == "ticker":
            finding.assume("strike_from_ticker")
    if a.grid and other_edge and _INCLUSIVE & {a.edge, b.edge}:
        finding.diverge("strict_vs_inclusive_bound", a.span, b.span, Severity.NOTE)
    return relation


def over_time(one: Claim, two: Claim, values: Relation, windows: Relation) -> Relation:
    """Numbers counted, or touched, over two windows: more time helps a set that is open upwards."""
    if windows is Relation.SAME or one.numbers is None or two.numbers is None:
        return of_events(values, windows)
    ends = {_open_end(claim.form, claim.numbers) for claim in (one, two) if claim.numbers}
    if len(ends) != 1 or 0 in ends:
        return Relation.RELATED
    return of_events(values, windows if 1 in ends else flipped(windows))


def sets_relate(k: IntSet, p: IntSet) -> Relation | None:
    """The relation of two sets of numbers; None where one of them asks nothing."""
    try:
        return of_sets(k, p, EVERYTHING)
    except ValueError:
        return None


def _one_sided(one: Claim, two: Claim, finding: Finding) -> None:
    a, b = one.numbers, two.numbers
    finding.unknown("numbers", a.span if a else "", b.span if b else "")
    if a or b:
        spans = (a.span if a else one.code, b.span if b else "")
        finding.diverge("range_vs_threshold", *spans, Severity.BAR)


def _on_one_grid(a: Numbers, b: Numbers) -> tuple[IntSet, IntSet]:
    """Both sets in one unit: steps of a shared grid, else nanos."""
    return (a.values, b.values) if a.grid == b.grid else (_nanos(a), _nanos(b))


def _nanos(numbers: Numbers) -> IntSet:
    if not numbers.grid:
        return numbers.values
    return IntSet.of(
        (
            low if low == -INFINITE else low * numbers.grid,
            high if high == INFINITE else (high + 1) * numbers.grid - 1,
        )
        for low, high in numbers.values.parts
    )


def _open_end(form: Form, numbers: Numbers) -> int:
    """1 where more time makes YES likelier, -1 where it makes NO likelier, 0: it can do both."""
    parts = numbers.values.parts
    up, down = parts[-1][1] == INFINITE, parts[0][0] == -INFINITE
    if len(parts) != 1 or up == down:
        return 0
    return 1 if up != (form is Form.MIN) else -1
