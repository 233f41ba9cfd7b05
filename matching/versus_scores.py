"""Compares the questions of one game: which final scores pay, and how the two sets of them lie."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Final, NamedTuple

from matching.amounts import NANO
from matching.finding import Finding
from matching.leagues import may_end_level
from matching.pairs import Relation
from matching.relation import (
    ALL_SCORES,
    EVERYTHING,
    FROM_ZERO,
    INFINITE,
    IntSet,
    of_masks,
    of_sets,
    score_mask,
)
from matching.terms import Game, Pick

# Where moneylines have two outcomes, though some games end level (leagues.may_end_level).
_TWO_WAY_SPORTS: Final = frozenset(
    {"basketball", "baseball", "hockey", "tennis", "esports", "mma", "football", "cricket"}
)
_LOW_SCORING: Final = frozenset({"soccer", "hockey", "baseball"})
_DRAWN_PARTS: Final = frozenset({"1h", "2h", "q1", "q2", "q3", "q4", "f5", "reg"})
_NO_TIE: Final = IntSet.of([(-INFINITE, -1), (1, INFINITE)])
_WON: Final = {
    Pick.A: IntSet.between(1, None),
    Pick.B: IntSet.between(None, -1),
    Pick.DRAW: IntSet.between(0, 0),
}
_MEASURES: Final[dict[str, Callable[[int, int], int]]] = {
    "margin": lambda a, b: a - b,
    "total": lambda a, b: a + b,
    "a": lambda a, _: a,
    "b": lambda _, b: b,
}


def compare_scores(k: Game, p: Game, turned: Game, finding: Finding) -> None:
    """Fills the finding with the relation of the scores that pay in one game.

    `turned` is Polymarket's game in Kalshi's order of sides; `p` is quoted as evidence.
    """
    if k.what == "other" or p.what == "other":
        _other(k, p, finding)
        return
    draws, spans = _draws(k, p), (_asked(k), _asked(p))
    if k.what == p.what == "result" and draws and _two_way(k, p):
        finding.veto("question", *spans, "scope_mismatch")
        finding.relate(Relation.RELATED)
        return
    relation = _relation(k, turned, draws=draws)
    if relation is None:
        finding.unknown("question", *spans)
        finding.relate(Relation.RELATED)
        return
    if k.what == p.what:
        finding.agree("question", *spans)
        if k.line_source:
            finding.assume("line_from_ticker")
    elif relation is not Relation.SAME:
        finding.differ("question", *spans, "metric_mismatch")
    if relation not in (Relation.SAME, Relation.INVERTED):
        finding.veto("scores", *spans, "")
    finding.may_tie = _may_tie(k, p, turned, relation)
    finding.relate(relation)


def _other(k: Game, p: Game, finding: Finding) -> None:
    if k.what == p.what and k.words and k.words == p.words and k.line == p.line:
        finding.unknown("question", _asked(k), _asked(p))
        finding.relate(Relation.SAME)
        return
    finding.veto("question", _asked(k), _asked(p), "metric_mismatch")
    finding.relate(Relation.RELATED)


def _asked(game: Game) -> str:
    line = "" if game.line is None else f" {game.line / NANO:g}"
    score = f" {game.score[0]}-{game.score[1]}" if game.score else ""
    return f"{game.what}{line}{score} {game.pick.value or game.code}".strip()


def _two_way(k: Game, p: Game) -> bool:
    """Whether a market's two outcomes are the two sides, so that a draw has none.

    Of half a game that may be so at Kalshi, too.
    """
    whole = k.segment in ("full", "reg")
    return any(side and side.source == "outcomes" for side in p.sides) or (whole and p.two_way)


def _draws(k: Game, p: Game) -> bool:
    """Whether the part of the game that both ask of can end in a draw."""
    if Pick.DRAW in (k.pick, p.pick):
        return True
    if _no_level_part(k):
        return False
    if k.segment in _DRAWN_PARTS:
        return True
    sport = k.sport or p.sport
    return sport not in _TWO_WAY_SPORTS and not (sport == "" and p.two_way)


def _may_tie(k: Game, p: Game, turned: Game, relation: Relation) -> bool:
    """Whether a level score is possible and leaves it open how the two contracts settle.

    So it is where the relation holds only without a draw, where Polymarket's two outcomes are the
    two sides, and where a whole line can be hit exactly.
    """
    if p.two_way and p.line is not None and p.line % NANO == 0:
        return True
    if _no_level_part(k) or not (
        k.segment in _DRAWN_PARTS or may_end_level(k.league or p.league, k.sport or p.sport)
    ):
        return False
    if p.what == "result" and p.two_way:
        return True
    return _relation(k, turned, draws=True) is not relation


def _no_level_part(game: Game) -> bool:
    """Whether the part of the game always has a winner."""
    return game.segment.startswith(("set", "map", "game", "series"))


class _Set(NamedTuple):
    """The scores that pay, as a set over one number of the game ("margin", "total", "a", "b")."""

    over: str
    values: IntSet


def _relation(k: Game, p: Game, *, draws: bool) -> Relation | None:
    """How the scores that pay relate, the sides in one order; None where that is unknown."""
    one, two = _set(k), _set(p)
    try:
        if one and two and one.over == two.over:
            return of_sets(one.values, two.values, _universe(one.over, draws=draws))
        if {k.sport, p.sport} & _LOW_SCORING:
            scores, others = _scores(k), _scores(p)
            if scores is None or others is None:
                return None
            return of_masks(scores, others, _all_scores(draws=draws))
    except ValueError:
        return None  # a set that no score, or every score, belongs to
    return Relation.RELATED if one and two else None


def _set(game: Game) -> _Set | None:
    """The game's YES set over margin (a - b), total, or one side's score."""
    if game.what == "result":
        values = _WON.get(game.pick)
        return _Set("margin", values) if values else None
    if game.line is None:
        return None
    beyond = game.line // NANO + 1
    if game.what == "total":
        return _Set("total", _or_outside(game, IntSet.between(beyond, None)))
    if game.pick not in (Pick.A, Pick.B):
        return None
    if game.what == "team_total":
        return _Set(game.pick.value, _or_outside(game, IntSet.between(beyond, None)))
    if game.what == "spread":
        a_wins, b_wins = IntSet.between(beyond, None), IntSet.between(None, -beyond)
        return _Set("margin", _or_outside(game, a_wins if game.pick is Pick.A else b_wins))
    return None


def _or_outside(game: Game, values: IntSet) -> IntSet:
    return values if game.over else values.outside()


def _universe(over: str, *, draws: bool) -> IntSet:
    if over == "margin":
        return EVERYTHING if draws else _NO_TIE
    return FROM_ZERO


def _scores(game: Game) -> int | None:
    """The final scores that pay, as a mask; None where the game's question does not tell them."""
    if game.what == "btts":
        return _both_score()
    if game.what == "exact" and game.score:
        return score_mask([game.score])
    found = _set(game)
    return None if found is None else _scores_of(found)


@lru_cache(maxsize=1 << 10)
def _scores_of(found: _Set) -> int:
    measure = _MEASURES[found.over]
    return score_mask(
        (a, b)
        for a, b in ALL_SCORES
        if any(low <= measure(a, b) <= high for low, high in found.values.parts)
    )


@cache
def _all_scores(*, draws: bool) -> int:
    return score_mask(ALL_SCORES if draws else [(a, b) for a, b in ALL_SCORES if a != b])


@cache
def _both_score() -> int:
    return score_mask((a, b) for a, b in ALL_SCORES if a and b)
