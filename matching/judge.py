"""Two listings → Judgement: vetoes before scores, evidence with everything."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from matching import versus_claims, versus_games
from matching.amounts import NANO
from matching.clauses import Clause, clauses
from matching.divergence_voids import Asked
from matching.divergences import compared
from matching.extract import extract
from matching.finding import Finding
from matching.game_unread import more_than_a_name, unread
from matching.games_polymarket import named_outcomes
from matching.lexicon import word_set
from matching.linked import series_and_title
from matching.listing import Listing
from matching.pairs import MarketKey, Relation
from matching.relation import flipped, negated_p
from matching.terms import Claim, Domain, Game, Terms
from matching.text import name_key, plain
from matching.verdict import Judgement, Verdict
from matching.when import Day

_BOUND: Final = re.compile(
    r"(?:above|below|over|under|(?:more|less|fewer|greater) than|at least|at most|[<>]=?)\s*[$]?\d"
    r"|\d[\d,.]*[kmb%]? or (?:more|less|higher|lower|above|below|greater|fewer)",
    re.IGNORECASE,
)
_UNIT: Final = re.compile(
    r"\b(sets|games|maps|rounds|goals|points|runs|(?:set|game|map|round)(?= (?:handicap|spread)))\b"
)
_EQUAL: Final = (Relation.SAME, Relation.INVERTED)
_MEASURED_AT: Final = ("station:", "poll:")  # as clauses name whose number counts
_STATION: Final = re.compile(
    r"(?:recorded|measured|observed|reported) at (?:the )?"
    r"(?P<name>[A-Z][\w.'&-]*(?: [A-Z][\w.'&-]*)*)"
)
_NO_STATION: Final = frozenset(
    ["airport", "international", "intl", "station", "the", "at", "of", "municipal", "regional"]
)
_KINDS: Final = frozenset({"airport", "park", "downtown", "field", "base"})  # of a city's stations


def judge(kalshi: Listing, polymarket: Listing) -> Judgement:
    """How Kalshi's YES relates to Polymarket's YES, by the texts of both."""
    return judge_terms(extract(kalshi), extract(polymarket))


def judge_terms(k: Terms, p: Terms) -> Judgement:
    """The same for listings that were read before."""
    finding = Finding()
    if isinstance(k.body, Game) and isinstance(p.body, Game):
        versus_games.compare(k.body, p.body, finding)
    elif isinstance(k.body, Claim) and isinstance(p.body, Claim):
        versus_claims.compare(k, p, finding)
    else:
        _contest_and_game(k, p, finding)
    if p.listing.outcomes[:1] and plain(p.listing.outcomes[0]).lower() == "no":
        finding.relate(negated_p(finding.relation))  # YES is what stands first
    if finding.relation in _EQUAL and not finding.vetoes:
        _unread(k, p, finding)
        _rules(k, p, finding)
    verdict, score = _verdict(finding)
    return Judgement(
        kalshi=MarketKey("kalshi", k.listing.id),
        polymarket=MarketKey("polymarket", p.listing.id),
        relation=finding.relation,
        verdict=verdict,
        score=score,
        assumed=tuple(finding.assumed),
        vetoes=tuple(finding.vetoes),
        evidence=tuple(finding.evidence),
        divergences=tuple(finding.divergences),
    )


def _contest_and_game(k: Terms, p: Terms, finding: Finding) -> None:
    """A game and a claim: two questions, one of which may lead to the other."""
    relation = None
    if isinstance(k.body, Game) and isinstance(p.body, Claim):
        relation = series_and_title(k.body, k.year, p.body, p.year)
    elif isinstance(k.body, Claim) and isinstance(p.body, Game):
        found = series_and_title(p.body, p.year, k.body, k.year)
        relation = flipped(found) if found else None
    finding.veto("domain", k.domain.value, p.domain.value, "metric_mismatch")
    if relation:
        finding.relate(relation)


def comparable(k: Terms, p: Terms) -> bool:
    """Whether a full reading could find more than "unrelated": a cheap look at what must agree."""
    one, two = k.body, p.body
    if isinstance(one, Game) and isinstance(two, Game):
        return _comparable_games(one, two)
    if isinstance(one, Claim) and isinstance(two, Claim):
        return _comparable_claims(one, two)
    return False


def _comparable_games(one: Game, two: Game) -> bool:
    if one.sport and two.sport and one.sport != two.sport:
        return False
    return not (one.day and two.day and two.day[0]) or _near(one.day, two.day)


def _comparable_claims(one: Claim, two: Claim) -> bool:
    if one.topic is None or two.topic is None:
        return one.topic is two.topic
    if one.topic.value != two.topic.value:
        return False
    if one.topic.value.startswith("player"):
        return True
    return not (one.subject and two.subject) or one.subject.value == two.subject.value


def acceptable(k: Terms, p: Terms) -> bool:
    """False where one look at the numbers shows that comparable terms are two events."""
    one, two = k.body, p.body
    if isinstance(one, Game) and isinstance(two, Game):
        if one.what != two.what or one.line is None or two.line is None:
            return True
        return one.line // NANO in (two.line // NANO, -two.line // NANO)
    if not (isinstance(one, Claim) and isinstance(two, Claim)):
        return False
    if one.ranks != two.ranks and one.ranks and two.ranks:
        return False
    a, b = one.numbers, two.numbers
    if a is None or b is None or a.grid != b.grid:
        return True
    return a.values == b.values or a.values == b.values.outside()


def _near(one: Day, two: Day) -> bool:
    return one == two or abs(_ordinal(one) - _ordinal(two)) <= 1


def _ordinal(day: Day) -> int:
    year, month, number = day
    return date(year, month or 1, number or 1).toordinal()


def _unread(k: Terms, p: Terms, finding: Finding) -> None:
    """Words of a game's texts that no rule has read leave its question open."""
    ours, theirs = _left_over(k), _left_over(p)
    if ours or theirs:
        finding.unknown("words", ours, theirs)
    if "and" in _joined(p) and "and" not in _joined(k):
        finding.unknown("condition", k.listing.title, p.listing.title)
    units = _units(k), _units(p)
    if all(units) and not units[0] & units[1]:
        finding.unknown("unit", *map(" ".join, map(sorted, units)))
    if _qualifiers(k) != _qualifiers(p):
        finding.unknown("qualifier", *map(" ".join, map(sorted, (_qualifiers(k), _qualifiers(p)))))


def _left_over(terms: Terms) -> str:
    game, listing = terms.body, terms.listing
    if not isinstance(game, Game):
        return _bounds(terms)
    names = (game.named, *named_outcomes(listing), listing.subtitle * (listing.venue == "kalshi"))
    more = (more_than_a_name(name, game) for name in names)
    return unread(listing.title, game) or next(filter(None, more), game.unread)


def _bounds(terms: Terms) -> str:
    """The title of a claim that names two bounds, of which the one that was read is open-ended."""
    claim, title = terms.body, plain(terms.listing.title)
    if not isinstance(claim, Claim) or claim.topic is None:
        return ""  # a worded claim may name more figures ("of magnitude 7 or higher")
    if claim.numbers is None or not claim.numbers.is_open:
        return ""
    return title if len(_BOUND.findall(title)) > 1 else ""


def _joined(terms: Terms) -> tuple[str, ...]:
    """The words of a worded claim, among which an "and" may join a second condition."""
    if not isinstance(terms.body, Claim) or terms.body.topic is not None:
        return ()
    listing = terms.listing
    return tuple(name_key(f"{listing.title} {listing.subtitle} {listing.event_title}").split())


def _units(terms: Terms) -> frozenset[str]:
    """What a game's line counts, as far as title and name of the answer say (sets, games)."""
    if not isinstance(terms.body, Game) or terms.body.line is None:
        return frozenset()
    said = f"{terms.listing.title} {terms.listing.subtitle}".lower()
    return frozenset(found.removesuffix("s") for found in _UNIT.findall(said))


def _qualifiers(terms: Terms) -> frozenset[str]:
    """Words that tell which number of a known question counts (an average, the futures')."""
    if not isinstance(terms.body, Claim) or terms.body.topic is None:
        return frozenset()
    said = f"{terms.listing.title} {terms.listing.subtitle}"
    return word_set("qualifiers").intersection(name_key(said).split())


def _rules(k: Terms, p: Terms, finding: Finding) -> None:
    """What the rules texts say beyond the titles: divergences, and who or where measures.

    Another weather station or another pollster is another number, so that is a veto.
    """
    if not (k.listing.has_rules or p.listing.has_rules or finding.may_tie):
        return
    ours, theirs = clauses(k.listing), clauses(p.listing)
    differ = _clashing_sources(ours, theirs)
    if not differ and k.domain is Domain.WEATHER:
        differ = _clashing_stations(k.listing, p.listing)
    if differ:
        finding.veto("source", *differ, "metric_mismatch")
        return
    asked = Asked(finding.relation, finding.may_tie)
    finding.divergences.extend(compared(k.listing, ours, p.listing, theirs, asked))


def _clashing_sources(k: tuple[Clause, ...], p: tuple[Clause, ...]) -> tuple[str, str] | None:
    """The first words of both about a station or a pollster, where they have none in common."""
    for kind in _MEASURED_AT:
        ours, theirs = _sources(k, kind), _sources(p, kind)
        if ours and theirs and not ours.keys() & theirs.keys():
            return next(iter(ours.values())), next(iter(theirs.values()))
    return None


def _sources(found: tuple[Clause, ...], kind: str) -> dict[str, str]:
    return {clause.value: clause.span for clause in found if clause.value.startswith(kind)}


def _clashing_stations(k: Listing, p: Listing) -> tuple[str, str] | None:
    """Where the rules of both say that they measure, if that is two places.

    They share no word of a name, or a city's airport stands beside its park.
    """
    ours, theirs = _station(k), _station(p)
    one, two = (set(name_key(name).split()) for name in (ours, theirs))
    kinds, others = one & _KINDS, two & _KINDS
    if kinds and others and not kinds & others:
        return ours, theirs
    one, two = one - _NO_STATION, two - _NO_STATION
    return (ours, theirs) if one and two and not one & two else None


def _station(listing: Listing) -> str:
    found = _STATION.search(" ".join(listing.rules))
    return found["name"] if found else ""


def _verdict(finding: Finding) -> tuple[Verdict, float]:
    """The verdict, and the share of such pairs that proved to be one event (docs/matching.md)."""
    if finding.vetoes:
        return Verdict.REJECT, 0.0
    if finding.relation not in _EQUAL:
        return Verdict.REVIEW, 0.3
    if finding.open:
        return Verdict.REVIEW, 0.5
    return Verdict.ACCEPT, 0.99
