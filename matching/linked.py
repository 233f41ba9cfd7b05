"""Contests of which one leads to the other: what a place in one says about the other."""

from __future__ import annotations

from typing import Final

from matching import entities
from matching.finding import Finding
from matching.lexicon import lexicon
from matching.pairs import Relation
from matching.relation import IntSet, flipped
from matching.sides import resemblance, team_ids
from matching.tables import teams
from matching.terms import Claim, Game, Pick, Said
from matching.verdict import Agreement

# A conference, the contest that it leads to, and its name in the table of teams.
_SURE: Final = 0.8  # of a side's name
_CONFERENCES: Final = {
    "conference_west": ("nba", "west"),
    "conference_east": ("nba", "east"),
    "national_league": ("world_series", "nl"),
    "american_league": ("world_series", "al"),
    "nfc": ("super_bowl", "nfc"),
    "afc": ("super_bowl", "afc"),
}
_LEAGUE_TITLES: Final = {
    "nba": "nba",
    "nhl": "stanley_cup",
    "mlb": "world_series",
    "nfl": "super_bowl",
}


def linked(one: Claim, two: Claim, who: Agreement, finding: Finding) -> bool:
    """Relates two contests by a known link; False where none is known."""
    for a, b, turned in ((one, two, False), (two, one, True)):
        relation = _conference(a, b, who) or _ticket(a, b) or _running_mate(a, b, who)
        if relation is None:
            continue
        finding.veto("contest", one.asked, two.asked, "scope_mismatch")
        finding.relate(flipped(relation) if turned else relation)
        return True
    return False


def series_and_title(game: Game, year: int, claim: Claim, title_year: int) -> Relation | None:
    """A playoff series against the season's title: who wins that has won every series before.

    As the relation of the series (first) to the title; None where no such link is known.
    """
    won = _LEAGUE_TITLES.get(game.league)
    if game.segment != "series" or game.what != "result" or not won or year != title_year:
        return None
    if claim.tokens - lexicon().soft != {won} or claim.ranks != IntSet.between(1, 1):
        return None
    a, b = game.sides
    if game.pick not in (Pick.A, Pick.B) or a is None or b is None or claim.subject is None:
        return None
    winner, loser = (a, b) if game.pick is Pick.A else (b, a)
    champion = claim.subject.value
    fits = [resemblance(side.value, champion, game.league) for side in (winner, loser)]
    if max(fits) < _SURE or fits[0] == fits[1]:
        return Relation.RELATED
    return Relation.P_IMPLIES_K if fits[0] > fits[1] else Relation.EXCLUSIVE


def _conference(inner: Claim, outer: Claim, who: Agreement) -> Relation | None:
    """Winning a conference against winning its league, for one team or two."""
    named = inner.tokens & _CONFERENCES.keys()
    if len(named) != 1 or inner.ranks is None or outer.ranks is None:
        return None
    league, group = _CONFERENCES[next(iter(named))]
    soft = lexicon().soft
    if league not in outer.tokens:
        return None
    if inner.tokens - named - outer.tokens - soft or outer.tokens - {league} - soft:
        return None
    if who is not Agreement.CONFLICT:
        return Relation.P_IMPLIES_K
    other = _group_of(outer.subject, league) if outer.subject else ""
    return Relation.EXCLUSIVE if other == group else Relation.RELATED


def _group_of(subject: Said, title: str) -> str:
    """The one conference of all teams of this name that can win a title, "" for several."""
    ids = team_ids(subject.value)
    leagues = {league for league, won in _LEAGUE_TITLES.items() if won == title}
    groups = {t.group.lower() for t in teams() if t.league in leagues and (t.league, t.id) in ids}
    return groups.pop() if len(groups) == 1 else ""


def _ticket(ticket: Claim, nomination: Claim) -> Relation | None:
    """A ticket's head is its party's nominee; nobody else is."""
    if "ticket" not in ticket.tokens or "nominee_of" not in nomination.tokens:
        return None
    if ticket.tokens - {"ticket"} != nomination.tokens - {"nominee_of"}:
        return None
    if ticket.subject is None or nomination.subject is None or nomination.ranks is None:
        return None
    head, joint, _ = ticket.subject.value.partition(" and ")
    if not joint:
        return None
    same = entities.names(head, nomination.subject.value).agreement is not Agreement.CONFLICT
    return Relation.K_IMPLIES_P if same else Relation.EXCLUSIVE


def _running_mate(vice: Claim, head: Claim, who: Agreement) -> Relation | None:
    """Nobody is nominated for both offices; two people are two questions."""
    offices = vice.tokens ^ head.tokens
    if offices != {"vp", "president"} or "vp" not in vice.tokens:
        return None
    if "nominee_of" not in vice.tokens & head.tokens:
        return None
    return Relation.RELATED if who is Agreement.CONFLICT else Relation.EXCLUSIVE
