"""Compares two claims of known questions: a price, a statistic, a rate, a player's number."""

from __future__ import annotations

from typing import Final

from matching import entities
from matching.finding import Finding
from matching.pairs import Relation
from matching.sides import codes_fit
from matching.terms import Claim, Domain, Form, Said, Terms
from matching.text import name_key
from matching.verdict import Agreement, Severity
from matching.versus_extremes import CLOSES, instant_and_extreme, two_extremes
from matching.versus_numbers import EXTREMES, compare_numbers
from matching.versus_sources import price_sources, same_source
from matching.versus_times import one_period, time_text, windows_relate
from matching.when import Kind

_FIRST_ESTIMATE: Final = frozenset({"real", "advance", "adv", "flash", "preliminary", "prel"})
_CODES_FIT: Final = 0.6  # from which on two joined codes abbreviate two sides


def compare_known(k: Terms, p: Terms, one: Claim, two: Claim, finding: Finding) -> None:
    """Fills the finding with the relation of two known questions and its evidence."""
    if not _one_measure(one, two, finding):
        return
    if _says_more(one, two):
        _qualifiers(one, two, finding)
    if one.form is not two.form:
        instant_and_extreme(k, p, one, two, finding)
    elif one.form in EXTREMES:
        two_extremes(k, p, one, two, finding)
    elif not _same_time(k, p, one, two, finding):
        _range_beside_threshold(one, two, finding)
        finding.relate(Relation.RELATED)
    elif one.form is Form.UP:
        finding.unknown("duration", one.asked, two.asked)
        finding.relate(Relation.SAME)
    else:
        _at_one_time(one, two, finding)


def _one_measure(one: Claim, two: Claim, finding: Finding) -> bool:
    """One number of one thing in one place from one source; False where they differ."""
    assert one.topic
    assert two.topic
    if not _same_subject(one, two, finding):
        finding.relate(Relation.UNRELATED)
        return False
    finding.relate(Relation.RELATED)
    if one.place and two.place and one.place.value != two.place.value:
        spans = (one.place.span or one.place.value, two.place.span or two.place.value)
        finding.veto("place", *spans, "entity_mismatch")
        return False
    if one.topic.value != two.topic.value:
        finding.veto("measure", one.topic.span, two.topic.span, "metric_mismatch")
        return False
    finding.agree("measure", one.topic.span, two.topic.span)
    _same_place(one, two, finding)
    return same_source(one, two, finding)


def _same_subject(one: Claim, two: Claim, finding: Finding) -> bool:
    a, b = one.subject, two.subject
    if a is None or b is None:
        if a or b:
            finding.unknown("subject", *_spans(a, b))
        return True
    if _is_player(one):
        return _same_player(a, b, finding)
    if a.value != b.value:
        code = "metric_mismatch" if _is_price(one) else "entity_mismatch"
        finding.veto("subject", a.span, b.span, code)
        return False
    finding.agree("subject", a.span, b.span)
    return True


def _same_player(a: Said, b: Said, finding: Finding) -> bool:
    who = entities.names(a.value, b.value).agreement
    if who is Agreement.CONFLICT:
        finding.veto("subject", a.span, b.span, "entity_mismatch")
    elif who is Agreement.AGREE:
        finding.agree("subject", a.span, b.span)
    else:
        finding.unknown("subject", a.span, b.span)
    return who is not Agreement.CONFLICT


def _same_place(one: Claim, two: Claim, finding: Finding) -> None:
    a, b = one.place, two.place
    if a and b:
        if (a.source == "implied") != (b.source == "implied"):
            finding.bridge("place", a.span or a.value, b.span or b.value, "country_of_statistic")
        else:
            finding.agree("place", a.span, b.span)
    elif a or b:
        finding.unknown("place", *_spans(a, b))


def _spans(a: Said | None, b: Said | None) -> tuple[str, str]:
    return a.span if a else "", b.span if b else ""


def _is_player(claim: Claim) -> bool:
    return claim.topic is not None and claim.topic.value.startswith("player")


def _is_price(claim: Claim) -> bool:
    return claim.topic is not None and claim.topic.value == "price"


def _says_more(one: Claim, two: Claim) -> bool:
    """Words on one side only; whether an extreme is of closes is compared elsewhere."""
    if one.form in EXTREMES:
        return one.tokens - CLOSES != two.tokens - CLOSES
    return one.tokens != two.tokens


def _qualifiers(one: Claim, two: Claim, finding: Finding) -> None:
    left = " ".join(sorted(one.tokens - two.tokens))
    right = " ".join(sorted(two.tokens - one.tokens))
    if (one.tokens ^ two.tokens) <= _FIRST_ESTIMATE and not (left and right):
        finding.bridge("estimate", left, right, "first_estimate")
    else:
        finding.unknown("qualifiers", left, right)


def _range_beside_threshold(one: Claim, two: Claim, finding: Finding) -> None:
    """Kalshi's ranges of a price (their strikes begin with B) against a price above a level."""
    is_range = one.code.startswith("B") and _is_price(one)
    if is_range and two.numbers and two.numbers.edge != "range":
        finding.diverge("range_vs_threshold", one.code, two.numbers.span, Severity.BAR)


def _at_one_time(one: Claim, two: Claim, finding: Finding) -> None:
    if one.numbers is two.numbers is None and name_key(one.text) == name_key(two.text):
        finding.agree("question", one.asked, two.asked)  # "Will it snow …?"
        finding.relate(Relation.SAME)
        return
    relation = compare_numbers(one, two, finding)
    finding.relate(relation or Relation.RELATED)
    if one.topic and one.topic.value.endswith("_count"):
        spans = (one.asked, two.asked)
        finding.diverge("count_convention_25bp_equivalents", *spans, Severity.CAUTION)
    if relation and _is_price(one):
        price_sources(one, two, finding)


def _same_time(k: Terms, p: Terms, one: Claim, two: Claim, finding: Finding) -> bool:
    """One instant or one published period; the year and the hour may be bridged."""
    a, b = k.window, p.window
    if a is None or b is None:
        _half_known(k, p, one, two, finding)
        return True
    spans = (time_text(k), time_text(p))
    if a.kind is not b.kind and Kind.UNTIL in (a.kind, b.kind):
        if windows_relate(a, b, finding) is not Relation.SAME:
            finding.unknown("window", *spans)
        return True
    is_price = _is_price(one)
    code = "timestamp_mismatch" if is_price else "period_mismatch"
    # Only a bank's meeting is one thing as a day and as a month.
    exact = is_price or k.domain is not Domain.CENTRAL_BANK
    if (exact and a.kind is not b.kind) or not one_period(a, b):
        finding.veto("window", *spans, code)
        return False
    if not a.year or not b.year:
        finding.bridge("window", *spans, "year")
    if a.minute is not None and b.minute is not None:
        if a.minute != b.minute:
            finding.veto("hour", *spans, code)
        return a.minute == b.minute
    if is_price and (a.minute is None) != (b.minute is None):
        finding.unknown("hour", *spans)
    else:
        finding.agree("window", *spans)
    return True


def _half_known(k: Terms, p: Terms, one: Claim, two: Claim, finding: Finding) -> None:
    """One window or none: a period may be told by its year, a player's game by its sides."""
    spans = (time_text(k), time_text(p))
    if not _is_price(one) and k.year and k.year == p.year:
        finding.agree("window", *spans)
    elif _is_player(one) and _one_game(one, two):
        finding.bridge("window", *spans, "game_day")
    else:
        finding.unknown("window", *spans)


def _one_game(one: Claim, two: Claim) -> bool:
    """Whether Kalshi's two codes abbreviate the two sides that Polymarket names."""
    if len(one.game) != 1 or len(two.game) != 2:
        return False
    return codes_fit(one.game[0], *two.game) >= _CODES_FIT
