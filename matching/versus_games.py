"""Compares two games: the same two sides, the same day, the same part; then the scores that pay."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date
from typing import Final, NamedTuple

from matching import sides
from matching.entities import names
from matching.finding import Finding
from matching.pairs import Relation
from matching.relation import with_negations
from matching.sides import TwoSides
from matching.terms import Game, Pick, Said
from matching.verdict import Agreement
from matching.versus_scores import compare_scores
from matching.when import Day

_OF_PERSONS: Final = frozenset({"tennis", "mma"})  # a name tells the player, and men from women
_APART_MAX: Final = 120  # minutes between two announcements of one game's start


def compare(k: Game, p: Game, finding: Finding) -> None:
    """Fills the finding with the relation of two games and its evidence."""
    turned = _in_order_of(k, p, finding)
    if turned is None or not _same_day(k, p, finding):
        finding.relate(Relation.UNRELATED)
        return
    k = _named_alone(k, turned)
    if not _same_part(k, p, finding):
        finding.relate(Relation.RELATED)
        return
    compare_scores(k, p, turned, finding)
    finding.relate(with_negations(finding.relation, k.negated, p.negated))


def _named_alone(k: Game, p: Game) -> Game:
    """A Kalshi game whose two sides stand only in its ticker, its side found by Polymarket's names.

    `p` is in Kalshi's order.
    """
    if k.sides != (None, None) or not k.codes or k.pick is not Pick.NONE:
        return k
    return replace(k, pick=sides.pick(k.named, k.code, p.sides))


def _in_order_of(k: Game, p: Game, finding: Finding) -> Game | None:
    """Polymarket's game with its sides in Kalshi's order; None where they are not the same two."""
    if k.league and p.league and k.league != p.league and not _may_meet(k, p):
        finding.veto("league", k.league, p.league, "entity_mismatch")
        return None
    league = k.league if k.league == p.league else ""
    straight, crossed = _fit(k, p.sides, league), _fit(k, _swapped(p.sides), league)
    best, spans = max(straight, crossed), (_names(k), _names(p))
    if best.sure < 0.6 or straight.sure == crossed.sure:
        finding.veto("sides", *spans, "entity_mismatch")
        return None
    _tell_sides(best, spans, finding)
    if k.women != p.women and (k.sport or p.sport) not in _OF_PERSONS:
        finding.veto("gender", *spans, "entity_mismatch")
        return None
    turned = _turned(p) if crossed > straight else p
    if not _same_player(k, turned, finding):
        return None
    if best.half and not (k.day and p.day):
        finding.unknown("opponent", *spans)  # a team, and neither its opponent nor a day
    elif best.half:
        finding.assume("opponent")
    return turned if _same_number(k, p, finding) else None


def _may_meet(k: Game, p: Game) -> bool:
    """Soccer leagues name one game differently (a cup, a slug); other sports do not."""
    return (k.sport or "soccer") == (p.sport or "soccer") == "soccer"


class _Fit(NamedTuple):
    """How surely two sides are the same two, by names or by codes; `half`: one has no name."""

    sure: float
    by_code: bool = False
    half: bool = False


def _fit(k: Game, others: TwoSides, league: str) -> _Fit:
    """How surely Kalshi's two sides are these, in this order; codes stand in for missing names."""
    one, two = others
    if one is None and two is None:
        return _Fit(0.0)
    a, b = k.sides
    if a is not None and b is not None:
        return _fit_of_names(k.codes, (a, b), others, league)
    if k.codes:
        return _Fit(_codes_fit(k.codes, others), by_code=True, half=one is None or two is None)
    return _Fit(0.0)


def _fit_of_names(codes: str, own: tuple[Said, Said], others: TwoSides, league: str) -> _Fit:
    one, two = others
    if one is None or two is None:
        return _Fit(_fit_of_one(own, others, league), half=True)
    fits = [
        sides.resemblance(x.value, y.value, league) for x, y in zip(own, (one, two), strict=True)
    ]
    if codes and min(fits) == 0 and max(fits) >= 0.8:
        # One name is sure and the other says nothing: the ticker's codes may know it.
        by_code = _codes_fit(codes, others)
        if by_code > 0.8:
            return _Fit(by_code, by_code=True)
    return _Fit(min(fits))


def _fit_of_one(own: tuple[Said, Said], others: TwoSides, league: str) -> float:
    """How surely the only name of `others` is its side; 0.5 at most where both sides fit it."""
    one, two = others
    alone = one or two
    assert alone is not None
    side, opponent = own if one is not None else (own[1], own[0])
    sure = sides.resemblance(side.value, alone.value, league)
    if sides.resemblance(opponent.value, alone.value, league) >= 0.8:
        return min(sure, 0.5)
    return sure


def _codes_fit(codes: str, others: TwoSides) -> float:
    one, two = others
    return sides.codes_fit(codes, one.value if one else "", two.value if two else "")


def _tell_sides(fit: _Fit, spans: tuple[str, str], finding: Finding) -> None:
    if fit.by_code:
        finding.bridge("sides", *spans, "teams_from_ticker")
    elif fit.sure < 0.8:
        finding.unknown("sides", *spans)
    else:
        finding.agree("sides", *spans)


def _same_player(k: Game, p: Game, finding: Finding) -> bool:
    """Kalshi's titles give surnames, its YES side the whole name: that must agree too."""
    if not k.named or k.pick not in (Pick.A, Pick.B) or sides.team_ids(k.named):
        return True
    side = p.sides[0] if k.pick is Pick.A else p.sides[1]
    if side is None or " " not in side.value or " " not in k.named:
        return True
    if (k.sport or p.sport) not in _OF_PERSONS:
        return True
    if names(k.named, side.value).agreement is Agreement.CONFLICT:
        finding.veto("player", k.named, side.value, "entity_mismatch")
        return False
    return True


def _same_number(k: Game, p: Game, finding: Finding) -> bool:
    """Whether both may mean the same game of a double-header."""
    if k.number == p.number:
        return True
    spans = str(k.number), str(p.number)
    if k.number and p.number:
        finding.veto("game number", *spans, "period_mismatch")
        return False
    finding.unknown("game number", *spans)
    return True


def _same_day(k: Game, p: Game, finding: Finding) -> bool:
    days = (_day(k), _day(p))
    if not k.day or not p.day:
        finding.bridge("day", *days, "game_day")
        return True
    if not k.day[1] or not p.day[1]:
        if k.day[0] == p.day[0]:
            finding.bridge("day", *days, "game_day")
            return True
        finding.veto("year", *days, "period_mismatch")
        return False
    if k.minute is not None and p.minute is not None and abs(k.minute - p.minute) > _APART_MAX:
        finding.veto("hour", str(k.minute), str(p.minute), "period_mismatch")  # a double-header
        return False
    if k.day == p.day or (not p.day[0] and k.day[1:] == p.day[1:]):
        finding.agree("day", *days)
        return True
    if p.day_is_utc and "soccer" in (k.sport, p.sport) and _neighbours(k.day, p.day):
        finding.bridge("day", *days, "game_day_utc")
        return True
    finding.veto("day", *days, "period_mismatch")
    return False


def _day(game: Game) -> str:
    return "-".join(f"{part:02d}" for part in game.day) if game.day else ""


def _neighbours(one: Day, two: Day) -> bool:
    """Whether two days are one apart; a missing year of the second is that of the first."""
    return abs(_ordinal(one) - _ordinal((two[0] or one[0], *two[1:]))) <= 1


def _ordinal(day: Day) -> int:
    year, month, number = day
    return date(year or 1, month, min(number, monthrange(year or 1, month)[1])).toordinal()


def _same_part(k: Game, p: Game, finding: Finding) -> bool:
    """Whether both ask of one part of the game; soccer's full time is its regulation time."""
    regulation = {k.segment, p.segment} == {"full", "reg"} and "soccer" in (k.sport, p.sport)
    if k.segment == p.segment or regulation:
        finding.agree("segment", k.segment, p.segment)
        return True
    code = "period_mismatch" if k.what == p.what else "metric_mismatch"
    finding.veto("segment", k.segment, p.segment, code)
    return False


def _names(game: Game) -> str:
    named = [side.span for side in game.sides if side]
    return " vs ".join(named) or game.codes


def _turned(game: Game) -> Game:
    """The same game with its two sides in the other order."""
    pick = {Pick.A: Pick.B, Pick.B: Pick.A}.get(game.pick, game.pick)
    score = (game.score[1], game.score[0]) if game.score else None
    return replace(game, sides=_swapped(game.sides), pick=pick, score=score)


def _swapped(pair: TwoSides) -> TwoSides:
    one, two = pair
    return two, one
