"""Compares two claims: one question, one subject, one window, and which numbers or places pay."""

from __future__ import annotations

from typing import Final

from matching import entities
from matching.entities import Likeness
from matching.finding import Finding
from matching.linked import linked
from matching.pairs import Relation
from matching.relation import IntSet, of_sets, with_negations
from matching.terms import Claim, Terms
from matching.verdict import Agreement, Severity
from matching.versus_known import compare_known
from matching.versus_numbers import compare_numbers, over_time
from matching.versus_times import in_fine_window, in_window, same_year
from matching.versus_words import (
    all_words,
    name_words,
    question_code,
    same_but_for_stage,
    same_event,
    word_for_word,
    wording_of,
)

_PLACES: Final = IntSet.between(1, None)
_TEAM_LEAGUES: Final = frozenset({"nba", "nfl", "mlb", "nhl", "wnba"})
_ONE_WINNER: Final = (Relation.SAME, Relation.K_IMPLIES_P, Relation.P_IMPLIES_K)
_NOT_ASKED_ALIKE: Final = (Agreement.CONFLICT, Agreement.UNKNOWN)


def compare(k: Terms, p: Terms, finding: Finding) -> None:
    """Fills the finding with the relation of two claims and its evidence."""
    one, two = k.body, p.body
    assert isinstance(one, Claim)
    assert isinstance(two, Claim)
    if one.topic and two.topic:
        compare_known(k, p, one, two, finding)
    elif one.topic or two.topic:
        finding.veto("question", one.asked, two.asked, "metric_mismatch")
        finding.relate(Relation.UNRELATED)
    else:
        _worded(k, p, one, two, finding)
    finding.relate(with_negations(finding.relation, one.negated, two.negated))


def _worded(k: Terms, p: Terms, one: Claim, two: Claim, finding: Finding) -> None:
    """Questions that only their words name."""
    who = _who(k, one, two)
    wording = wording_of(one, two, who.agreement)
    if word_for_word(one, two):
        who, wording = Likeness(Agreement.AGREE), Agreement.AGREE
    if wording in _NOT_ASKED_ALIKE and linked(one, two, who.agreement, finding):
        return
    if wording is Agreement.CONFLICT:
        finding.veto("question", one.asked, two.asked, question_code(one, two))
        finding.relate(Relation.RELATED if one.tokens & two.tokens else Relation.UNRELATED)
        return
    is_open = not _asked_alike(one, two, wording, finding)
    if not same_year(k, p, one, two, finding):
        finding.relate(Relation.RELATED)
        return
    relation = _of_question(k, p, one, two, finding)
    _subjects(one, two, who, Relation.RELATED if is_open else relation, finding)


def _asked_alike(one: Claim, two: Claim, wording: Agreement, finding: Finding) -> bool:
    """The evidence of two wordings that do not conflict; False where they may ask two things."""
    spans = (one.asked, two.asked)
    if wording is not Agreement.UNKNOWN and not same_event(one, two):
        finding.unknown("event", *(" ".join(sorted(claim.context)) for claim in (one, two)))
    if wording is Agreement.AGREE:
        finding.agree("question", *spans)
    elif wording is Agreement.BRIDGED:
        finding.bridge("question", *spans, "wording")
    elif same_but_for_stage(one, two):
        finding.unknown("stage", *spans)
        finding.diverge("announcement_vs_actual", *spans, Severity.BAR)
    else:
        finding.unknown("question", *spans)
        finding.diverge(question_code(one, two), *spans, Severity.BAR)
        return False
    return True


def _who(k: Terms, one: Claim, two: Claim) -> Likeness:
    """The subjects; one that a title names only within its question counts as named."""
    if one.subject is None and not one.code and two.subject and name_words(two) <= one.tokens:
        return Likeness(Agreement.AGREE)
    if "pardon" in one.tokens and one.subject and two.subject and all_words(one) == all_words(two):
        return Likeness(Agreement.AGREE)  # only one of the two can pardon
    if two.subject is None and one.subject and name_words(one) <= two.tokens:
        return Likeness(Agreement.AGREE)
    series = k.listing.series or k.listing.id.split("-")[0]
    leagues = (_leagues(one), _leagues(two))
    return entities.compare(one.subject, one.code, series, two.subject, leagues)


def _leagues(claim: Claim) -> frozenset[str]:
    return (claim.tokens | claim.context) & _TEAM_LEAGUES


def _subjects(one: Claim, two: Claim, who: Likeness, relation: Relation, finding: Finding) -> None:
    """The evidence of both subjects; `relation` holds where they are one."""
    spans = (
        one.subject.span if one.subject else one.code,
        two.subject.span if two.subject else "",
    )
    if one.placeholder != two.placeholder and who.agreement is not Agreement.AGREE:
        who = Likeness(Agreement.CONFLICT)  # "another chef" is none of those named
    if who.agreement is Agreement.CONFLICT:
        finding.veto("subject", *spans, "entity_mismatch")
        sure = "question" not in finding.open
        kinds = who.how == "another kind"  # a party and a person, a woman and a name
        alone = one.single and two.single and relation in _ONE_WINNER and sure and not kinds
        finding.relate(Relation.EXCLUSIVE if alone else Relation.RELATED)
        return
    if one.placeholder or two.placeholder:
        finding.veto("placeholder", *spans, "")
    if who.agreement is Agreement.BRIDGED:
        finding.bridge("subject", *spans, who.how)
        if who.how == "subject_from_ticker" and one.subject is None:
            finding.diverge("entity_only_in_ticker", *spans, Severity.CAUTION)
    elif who.agreement is Agreement.AGREE:
        finding.agree("subject", *spans)
    else:
        finding.unknown("subject", *spans)
    finding.relate(relation)


def _of_question(k: Terms, p: Terms, one: Claim, two: Claim, finding: Finding) -> Relation:
    """The relation for one subject: by places, by numbers, or by the window of an act."""
    if one.figures != two.figures and not _figures(one, two, finding):
        return Relation.RELATED
    if one.numeric and two.numeric:
        return _of_numbers(k, p, one, two, finding)
    if one.ranks is not None and two.ranks is not None:
        if one.numeric or two.numeric:  # winning, and by how much
            finding.veto("margin", one.asked, two.asked, "metric_mismatch")
            return Relation.K_IMPLIES_P if one.numeric else Relation.P_IMPLIES_K
        return _of_places(k, p, one, two, finding)
    if one.numeric or two.numeric:
        finding.veto("numbers", one.asked, two.asked, "metric_mismatch")
        return Relation.RELATED
    if one.ranks is not None or two.ranks is not None:
        finding.unknown("place", one.rank_span, two.rank_span)
        return Relation.SAME
    return in_window(k, p, Relation.SAME, finding)


def _figures(one: Claim, two: Claim, finding: Finding) -> bool:
    """False where both name numbers beside those that pay, and others."""
    shown = (" ".join(sorted(one.figures)), " ".join(sorted(two.figures)))
    if one.figures and two.figures:
        finding.veto("figures", *shown, "metric_mismatch")
        return False
    finding.unknown("figures", *shown)
    return True


def _of_numbers(k: Terms, p: Terms, one: Claim, two: Claim, finding: Finding) -> Relation:
    """Numbers counted within a window, or of a contest, which needs none."""
    values = compare_numbers(one, two, finding)
    if values is None:
        return Relation.RELATED
    if one.ranks is not None or two.ranks is not None:
        return values
    windows = in_window(k, p, Relation.SAME, finding)
    return windows if windows is Relation.RELATED else over_time(one, two, values, windows)


def _of_places(k: Terms, p: Terms, one: Claim, two: Claim, finding: Finding) -> Relation:
    """The places that pay, then the day by which the contest is decided."""
    assert one.ranks is not None
    assert two.ranks is not None
    spans = (one.rank_span, two.rank_span)
    relation = of_sets(one.ranks, two.ranks, _PLACES)
    if relation is Relation.SAME:
        relation = in_fine_window(k, p, finding)
    if relation is not Relation.SAME:
        finding.veto("place", *spans, "value_grid_mismatch")
        if "primary" in one.tokens | two.tokens:
            finding.diverge("nominee_vs_primary_winner", *spans, Severity.BAR)
    return relation
