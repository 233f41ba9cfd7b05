"""Where a question finds no answer: what is put off, cancelled, tied, shared, or not played.

Here two texts can part even where they say the same: two last prices are two numbers, a refund
gives back less than a dollar, and of two opposite questions both may settle to No.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Final, NamedTuple

from matching.clauses import Kind, Outcome
from matching.divergence_sides import Claim, Side, differ, one_speaks, quote
from matching.pairs import Relation
from matching.payout import Joint, State, hurts, void_states


class Asked(NamedTuple):
    """How the two questions relate (same or inverted), and whether a tie answers neither surely."""

    relation: Relation = Relation.SAME
    may_tie: bool = False


SAME_QUESTION: Final = Asked()


def unanswered(k: Side, p: Side, asked: Asked) -> Iterator[Claim]:
    """All claims about what settles without an answer, but those of ties."""
    yield from _interruptions(k, p, asked)
    yield from _shared_places(k, p, asked)
    yield from _absences(k, p, asked)


def ties(k: Side, p: Side, asked: Asked) -> Iterator[Claim]:
    """Overtime first: it decides whether there is a tie. That it counts goes without saying.

    Where a game may end in a tie that no text settles, that is claimed without any words.
    """
    ours, theirs = k.of(Kind.OVERTIME), p.of(Kind.OVERTIME)
    yield from differ("overtime", ours, theirs)
    for mine, other, silent in ((ours, theirs, p), (theirs, ours, k)):
        if "excluded" in mine and not other and silent.shown and not silent.says(Kind.TIE):
            yield quote("regulation", ours, theirs)
    ours, theirs = _tie_values(k), _tie_values(p)
    yield from _apart("tie", ours, theirs, asked.relation)
    if one_speaks(k, p, ours, theirs) and not {"no", "named"} & {*ours, *theirs}:
        yield from _each("tie", ours, theirs)
    if asked.may_tie and not (ours and theirs):
        yield from _each("tie", ours, theirs)


def _apart(
    case: str, ours: dict[str, str], theirs: dict[str, str], relation: Relation
) -> Iterator[Claim]:
    """A claim for every two sentences that may settle apart; both sides speak.

    One value on both sides is taken for one rule, and claimed only where that rule itself can pay a
    hedge less than a dollar. A value that only one side has may meet each of the other's.
    """
    for (value, span), (other, words) in product(ours.items(), theirs.items()):
        one_rule = value == other and not _hurting(span, words, relation)
        if not one_rule and (value == other or value not in theirs or other not in ours):
            yield case, span, words


def _hurting(span: str, words: str, relation: Relation) -> bool:
    pairs = product(void_states(span), void_states(words))
    return any(hurts(Joint(*pair), relation) for pair in pairs)


def _each(case: str, ours: dict[str, str], theirs: dict[str, str]) -> Iterator[Claim]:
    """A claim for every sentence of the one, with each of the other or its silence."""
    for span, words in product(ours.values() or ("",), theirs.values() or ("",)):
        yield case, span, words


def _interruptions(k: Side, p: Side, asked: Asked) -> Iterator[Claim]:
    """Postponed and cancelled: for a game one code for both, since they are one rule there."""
    cancelled, postponed = Kind.CANCELLATION, Kind.POSTPONEMENT
    ours, theirs = ({**side.of(cancelled), **side.of(postponed)} for side in (k, p))
    if not any(_GAME.search(span) for span in (*ours.values(), *theirs.values())):
        yield from _settled("cancelled", k, p, cancelled, asked)
        yield from _apart("postponed", k.of(postponed), p.of(postponed), asked.relation)
        return
    yield from _apart("game", _as_no(ours), _as_no(theirs), asked.relation)
    for kind, ours_usual, theirs_usual in (
        (cancelled, "last_price", "fifty"),
        (postponed, "within:336", "open"),
    ):
        ours, theirs = k.of(kind), p.of(kind)
        if (
            one_speaks(k, p, ours, theirs)
            or (theirs and not k.shown and (ours_usual not in theirs or _at_a_price(theirs)))
            or (ours and not p.shown and theirs_usual not in ours)
        ):
            yield from _each("game", ours, theirs)


_GAME: Final = re.compile(r"\b(?:[Gg]ame|[Mm]atch|[Bb]out|[Ff]ight|[Ff]ixture|[Mm]ake-?up)\b")


def _at_a_price(said: dict[str, str]) -> bool:
    """Whether a sentence settles at a last price, which is another one at the other venue."""
    return any(State.VOID_LAST_PRICE in void_states(span) for span in said.values())


def _settled(case: str, k: Side, p: Side, kind: Kind, asked: Asked) -> Iterator[Claim]:
    """Where the question finds no answer: a claim if the outcomes differ, or one side's is odd.

    Odd is what the question's own logic (No) would not pay, of opposite questions also No; where
    Polymarket has no text, Kalshi's half a dollar may be its rule, too.
    """
    ours, theirs = _as_no(k.of(kind)), _as_no(p.of(kind))
    yield from _apart(case, ours, theirs, asked.relation)
    odd = (
        _ODD | {Outcome.NO} if asked.relation is Relation.INVERTED and k.shown and p.shown else _ODD
    )
    if ours and not theirs:
        yield from _odd(case, ours, odd if p.shown else odd - {Outcome.FIFTY}, kalshi=True)
    if theirs and not ours:
        yield from _odd(case, theirs, odd, kalshi=False)


_ODD: Final = frozenset((Outcome.FIFTY, Outcome.LAST_PRICE, Outcome.REFUND))


def _odd(
    case: str, said: dict[str, str], odd: frozenset[Outcome], *, kalshi: bool
) -> Iterator[Claim]:
    for value, span in said.items():
        if value in odd:
            yield (case, span, "") if kalshi else (case, "", span)


def _as_no(said: dict[str, str]) -> dict[str, str]:
    """ "Other" in an event of many answers is No for each that was named."""
    return {"no" if value == "other" else value: span for value, span in said.items()}


def _tie_values(side: Side) -> dict[str, str]:
    """A tie that pays a contract of its own pays No on both teams'."""
    said = side.of(Kind.TIE)
    return {_SAME_TIE.get(value, value): span for value, span in said.items()}


_SAME_TIE: Final = {"tie_market": "no", "other": "no"}


def _shared_places(k: Side, p: Side, asked: Asked) -> Iterator[Claim]:
    ours, theirs = k.of(Kind.DEAD_HEAT), p.of(Kind.DEAD_HEAT)
    yield from _apart("dead_heat", ours, theirs, asked.relation)
    if one_speaks(k, p, ours, theirs):
        yield from _each("dead_heat", ours, theirs)
    ours, theirs = k.of(Kind.SCALAR), p.of(Kind.SCALAR)
    if one_speaks(k, p, ours, theirs) and not (k.says(Kind.DEAD_HEAT) or p.says(Kind.DEAD_HEAT)):
        yield quote("scalar", ours, theirs)


def _absences(k: Side, p: Side, asked: Asked) -> Iterator[Claim]:
    yield from _settled("death", k, p, Kind.DEATH, asked)
    ours, theirs = k.of(Kind.WITHDRAWAL), p.of(Kind.WITHDRAWAL)
    if "advances" in {*ours, *theirs} and one_speaks(k, p, ours, theirs):
        return  # who goes on wins: that is what the silent side's question says, too
    yield from _settled("withdrawal", k, p, Kind.WITHDRAWAL, asked)
