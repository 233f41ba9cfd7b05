"""What one hedged pair pays in every state in which its two venues can settle.

A hedge is one contract at Kalshi and the opposite one at Polymarket. Where both venues answer the
question, it pays one dollar. Where the rules part, it may pay less; the worst state that the rules
make possible is the one that counts. All amounts are whole micros.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import product
from typing import Final, NamedTuple

from matching.clause_kinds import fold
from matching.clause_words import SCALAR
from matching.clauses import Outcome as Settled
from matching.clauses import outcomes as settled_by
from matching.pairs import Relation
from matching.verdict import Divergence, Severity
from venues import ONE, Cash, Outcome, Price


class State(StrEnum):
    """How one venue settles one market. SCALAR: YES is paid a fraction of a dollar."""

    YES = "yes"
    NO = "no"
    VOID_LAST_PRICE = "void_last_price"
    REFUND = "refund"
    FIFTY = "fifty"
    SCALAR = "scalar"


class Joint(NamedTuple):
    """How both venues settle."""

    kalshi: State
    polymarket: State


class Hedge(NamedTuple):
    """The contract that is held at each venue, and what each cost where that is known.

    A refund gives back what was paid: without a price it counts as nothing.
    """

    kalshi: Outcome
    polymarket: Outcome
    kalshi_paid: Price = Price(0)
    polymarket_paid: Price = Price(0)


class Payout(NamedTuple):
    """The least that one hedged pair pays in one joint state, in micros."""

    joint: Joint
    pays: Cash


def hedge(kalshi: Outcome, relation: Relation) -> Hedge:
    """`kalshi` there and what pays where it does not. Raises ValueError without such a contract."""
    opposite = Outcome.NO if kalshi is Outcome.YES else Outcome.YES
    if relation is Relation.SAME:
        return Hedge(kalshi, opposite)
    if relation is Relation.INVERTED:
        return Hedge(kalshi, kalshi)
    raise ValueError(f"markets that are {relation.value} have no hedge")


def pays(joint: Joint, held: Hedge) -> Cash:
    """The least that the two contracts pay together; unknown numbers are each at their worst.

    Two last prices are two numbers: nothing makes the venues' agree.
    """
    return Cash(
        _least(joint.kalshi, held.kalshi, held.kalshi_paid)
        + _least(joint.polymarket, held.polymarket, held.polymarket_paid)
    )


def _least(state: State, holds: Outcome, paid: Price) -> int:
    match state:
        case State.YES:
            return ONE if holds is Outcome.YES else 0
        case State.NO:
            return ONE if holds is Outcome.NO else 0
        case State.FIFTY:
            return ONE // 2
        case State.REFUND:
            return paid
        case State.VOID_LAST_PRICE | State.SCALAR:
            return 0


def joint_states(relation: Relation, divergences: Iterable[Divergence]) -> tuple[Joint, ...]:
    """Every joint state that the rules make possible, without repeats, the usual ones first.

    A NOTE adds none. Raises ValueError for a relation that has no hedge.
    """
    found = [Joint(*pair) for pair in _agreed(relation)]
    for each in divergences:
        if each.severity is not Severity.NOTE:
            found.extend(added(each))
    return tuple(dict.fromkeys(found))


def table(joints: Iterable[Joint], held: Hedge) -> tuple[Payout, ...]:
    """What the hedge pays at least in each state, in the order given."""
    return tuple(Payout(joint, pays(joint, held)) for joint in joints)


def worst(joints: Iterable[Joint], held: Hedge) -> Payout:
    """The state that pays least, the first of equals. Raises ValueError where there is no state."""
    return min(table(joints, held), key=lambda row: row.pays)


def _agreed(relation: Relation) -> tuple[tuple[State, State], ...]:
    if relation is Relation.SAME:
        return (State.YES, State.YES), (State.NO, State.NO)
    if relation is Relation.INVERTED:
        return (State.YES, State.NO), (State.NO, State.YES)
    raise ValueError(f"markets that are {relation.value} have no hedge")


_ANSWERS: Final = (State.YES, State.NO)


def added(divergence: Divergence) -> Sequence[Joint]:
    """The joint states of one divergence: each venue by its own words.

    A divergence about the answer itself lets the venues answer apart. A clause that settles without
    an answer pairs with the other side's; a side whose words do not say how it settles may give
    either answer. Of a game put off, one venue may also settle while the other waits and answers.
    """
    silent = _SILENT.get(divergence.code)
    if silent is None:
        return [Joint(*pair) for pair in product(_ANSWERS, _ANSWERS)]
    ours = _states(divergence.kalshi_span, silent.kalshi)
    theirs = _states(divergence.polymarket_span, silent.polymarket)
    pairs = list(product(ours, theirs))
    if silent.waits:
        pairs += [*product(ours, _ANSWERS), *product(_ANSWERS, theirs)]
    return [Joint(*pair) for pair in pairs]


class _Silent(NamedTuple):
    """How each venue settles where its words do not say, and whether one may wait for the other."""

    kalshi: tuple[State, ...]
    polymarket: tuple[State, ...]
    waits: bool = False


_SHARED: Final = (State.SCALAR, *_ANSWERS)
# The codes whose clauses settle without an answer. With every other code the answers may part.
_SILENT: Final = {
    "postponement_and_cancel_rules": _Silent((State.VOID_LAST_PRICE,), (State.FIFTY,), waits=True),
    "postponement": _Silent(_ANSWERS, _ANSWERS, waits=True),
    "cancellation": _Silent(_ANSWERS, _ANSWERS),
    "tie_overtime": _Silent(_ANSWERS, _ANSWERS),
    "death_or_withdrawal": _Silent(_ANSWERS, _ANSWERS),
    "dead_heat": _Silent(_SHARED, _SHARED),
    "scalar": _Silent(_SHARED, _SHARED),
}


def _states(span: str, silent: tuple[State, ...]) -> tuple[State, ...]:
    """What the words say; where they name an answer that is not this market's, any answer."""
    found = void_states(span)
    if not found:
        return tuple(dict.fromkeys((*silent, *_ANSWERS))) if span and settled_by(span) else silent
    if State.FIFTY in found and (silent is _SHARED or SCALAR.search(fold(span))):
        return (*found, State.SCALAR)  # "split equally", but among how many?
    return found


def void_states(span: str) -> tuple[State, ...]:
    """Every state in which these words settle a market without its answer."""
    return tuple(dict.fromkeys(_STATES[how] for how in settled_by(span) if how in _STATES))


def hurts(joint: Joint, relation: Relation) -> bool:
    """Whether one of the two hedges may get less than a dollar; a refund counts as nothing here."""
    return any(pays(joint, hedge(side, relation)) < ONE for side in Outcome)


_STATES: Final = {
    Settled.FIFTY: State.FIFTY,
    Settled.LAST_PRICE: State.VOID_LAST_PRICE,
    Settled.REFUND: State.REFUND,
    Settled.NO: State.NO,
    Settled.OTHER: State.NO,
}
