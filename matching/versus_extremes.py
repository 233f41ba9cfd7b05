"""Compares the highest or lowest number of a window with another one's, or with one instant's."""

from __future__ import annotations

from typing import Final

from matching.finding import Finding
from matching.pairs import Relation
from matching.relation import INFINITE
from matching.terms import Claim, Form, Terms
from matching.verdict import Severity
from matching.versus_numbers import EXTREMES, compare_numbers, over_time, sets_relate
from matching.versus_sources import price_sources
from matching.versus_times import lies_inside, time_text, windows_relate

CLOSES: Final = frozenset({"close", "settle"})  # prices that are not the last trade's at any time

_TOUCHED: Final = (
    *(Relation.SAME, Relation.K_IMPLIES_P, Relation.P_IMPLIES_K),
    Relation.RELATED,
)


def instant_and_extreme(k: Terms, p: Terms, one: Claim, two: Claim, finding: Finding) -> None:
    """At one instant against the highest or lowest of a window: being above implies reaching."""
    spans = (time_text(k), time_text(p))
    if {one.form, two.form} == {Form.MAX, Form.MIN}:
        finding.veto("form", *spans, "direction_mismatch")
        finding.relate(Relation.RELATED)
        return
    finding.veto("form", *spans, "timestamp_mismatch")
    if one.form is Form.AT and _reaches(k, p, one, two):
        finding.relate(Relation.K_IMPLIES_P)
    elif two.form is Form.AT and _reaches(p, k, two, one):
        finding.relate(Relation.P_IMPLIES_K)
    else:
        finding.relate(Relation.RELATED)


def _reaches(instant: Terms, window: Terms, at: Claim, touched: Claim) -> bool:
    """Whether YES at an instant makes YES of a window's extreme certain."""
    if touched.form not in EXTREMES or not at.numbers or not touched.numbers:
        return False
    if not lies_inside(instant.window, window.window):
        return False
    parts = touched.numbers.values.parts
    if parts[0][0] != -INFINITE and parts[-1][1] != INFINITE:
        return False
    inner = sets_relate(at.numbers.values, touched.numbers.values)
    return inner in (Relation.SAME, Relation.K_IMPLIES_P)


def two_extremes(k: Terms, p: Terms, one: Claim, two: Claim, finding: Finding) -> None:
    """Two highs, or two lows: more time and a nearer level are likelier."""
    windows = windows_relate(k.window, p.window, finding)
    if windows is None:
        finding.unknown("window", time_text(k), time_text(p))
        finding.relate(Relation.RELATED)
        return
    values = compare_numbers(one, two, finding)
    if values is None:
        finding.relate(Relation.RELATED)
        return
    if windows is not Relation.SAME:
        finding.veto("window", time_text(k), time_text(p), "period_mismatch")
    finding.relate(_of_closes(one, two, over_time(one, two, values, windows), finding))
    if one.topic and one.topic.value == "price" and finding.relation in _TOUCHED:
        price_sources(one, two, finding)
        _edges(one, two, finding)
        if windows is Relation.SAME:
            _start(k, p, finding)


def _of_closes(one: Claim, two: Claim, relation: Relation, finding: Finding) -> Relation:
    """A closing or settlement price that reaches a level implies that trading touched it."""
    ours, theirs = (bool(claim.tokens & CLOSES) for claim in (one, two))
    if ours == theirs:
        return relation
    finding.vetoes.append("settlement")
    finding.diverge("metric_mismatch", one.asked, two.asked, Severity.BAR)
    implied = Relation.K_IMPLIES_P if ours else Relation.P_IMPLIES_K
    return implied if relation in (Relation.SAME, implied) else Relation.RELATED


def _edges(one: Claim, two: Claim, finding: Finding) -> None:
    """What a touch pays for at the very edge."""
    assert one.numbers
    assert two.numbers
    edges = {one.numbers.edge, two.numbers.edge}
    if edges & {"at_least", "at_most"} and edges & {"above", "below"}:
        spans = (one.numbers.span, two.numbers.span)
        finding.diverge("boundary_above_vs_reach", *spans, Severity.CAUTION)


def _start(k: Terms, p: Terms, finding: Finding) -> None:
    """A window "by the end of the year" counts from whenever Kalshi listed it."""
    if k.window and not k.window.first and k.window.last[1:] == (12, 31):
        spans = (k.window.text, p.window.text if p.window else "")
        finding.diverge("window_start_at_listing", *spans, Severity.CAUTION)
