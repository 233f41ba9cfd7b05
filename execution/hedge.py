"""The life of one hedge: a table of states, and what comes next. Pure.

The same function drives a hedge that was opened a moment ago and one that was found in the journal
after a kill: it looks only at what is written there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, assert_never

from execution.orders import Attempt, IllegalMove, Rung
from execution.plan import HedgePlan
from venues import Cash, Contract, Quantity


class State(StrEnum):
    OPENED = "opened"
    ENTERING = "entering"
    CROSSING = "crossing"
    SUBSTITUTING = "substituting"
    UNWINDING = "unwinding"
    PARKED = "parked"
    HEDGED = "hedged"
    FLAT = "flat"


class Event(StrEnum):
    BEGAN = "began"
    DROPPED = "dropped"
    MATCHED = "matched"
    NAKED = "naked"
    EMPTY = "empty"
    EXPIRED = "expired"
    STUCK = "stuck"
    RESUMED = "resumed"
    UNWOUND = "unwound"


_LADDER: Final = (State.CROSSING, State.SUBSTITUTING, State.UNWINDING)
TRANSITIONS: Final[Mapping[tuple[State, Event], State]] = {
    (State.OPENED, Event.BEGAN): State.ENTERING,  # approved again, the first order follows
    (State.OPENED, Event.DROPPED): State.FLAT,  # nothing was sent
    (State.ENTERING, Event.MATCHED): State.HEDGED,
    (State.ENTERING, Event.EMPTY): State.FLAT,  # what was sent met nobody
    (State.ENTERING, Event.NAKED): State.CROSSING,  # a leg filled, its twin has not
    (State.CROSSING, Event.EXPIRED): State.SUBSTITUTING,
    (State.SUBSTITUTING, Event.EXPIRED): State.UNWINDING,
    (State.UNWINDING, Event.EXPIRED): State.PARKED,  # a person must look; alerts say so
    **{(state, Event.MATCHED): State.HEDGED for state in (*_LADDER, State.PARKED)},
    **{(state, Event.EMPTY): State.FLAT for state in (*_LADDER, State.PARKED)},
    **{(state, Event.STUCK): State.PARKED for state in (State.ENTERING, *_LADDER)},
    (State.PARKED, Event.RESUMED): State.CROSSING,
    (State.PARKED, Event.UNWOUND): State.UNWINDING,
    (State.HEDGED, Event.NAKED): State.CROSSING,  # a fill was taken back, or came late
    (State.FLAT, Event.NAKED): State.CROSSING,
    (State.HEDGED, Event.EMPTY): State.FLAT,  # all of it was taken back
}
AT_REST: Final = frozenset({State.PARKED, State.HEDGED, State.FLAT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Hedge:
    """A plan alive. `opened_by`: who asked for it; `why`: of its last move."""

    plan: HedgePlan
    key: str
    opened_by: str
    opened_ms: int
    state: State = State.OPENED
    since_ms: int = 0
    why: str = ""
    attempts: tuple[Attempt, ...] = ()

    @property
    def id(self) -> str:
        return self.plan.id

    def held(self, leg: int) -> int:
        """Micro-contracts that stand for this leg, whichever contract they are of."""
        return sum(each.signed for each in self.attempts if each.leg == leg)

    def holds(self, contract: Contract) -> int:
        return sum(each.signed for each in self.attempts if each.request.contract == contract)

    @property
    def naked(self) -> int:
        """What the first leg has without a twin; below zero: what the second has."""
        return self.held(0) - self.held(1)

    @property
    def long_leg(self) -> int:
        return 0 if self.naked > 0 else 1

    @property
    def matched(self) -> Quantity:
        return Quantity(max(min(self.held(0), self.held(1)), 0))

    @property
    def open_attempts(self) -> tuple[Attempt, ...]:
        return tuple(each for each in self.attempts if each.is_open)

    @property
    def outlay(self) -> Cash:
        """All that it took so far, fees in, less what sales brought."""
        return Cash(sum(each.outlay for each in self.attempts))

    @property
    def result(self) -> Cash:
        """What it leaves if what is naked pays nothing."""
        return Cash(self.matched - self.outlay)

    @property
    def fees(self) -> Cash:
        return Cash(sum(each.fees for each in self.attempts))

    @property
    def is_final(self) -> bool:
        """Both legs are whole, told in full, and can no longer be taken back."""
        return self.state is State.HEDGED and all(
            each.is_told and not each.is_provisional for each in self.attempts
        )

    def moved(self, event: Event, at_ms: int, why: str) -> Hedge:
        """Raises IllegalMove."""
        to = TRANSITIONS.get((self.state, event))
        if to is None:
            raise IllegalMove(f"hedge {self.id} is {self.state}: {event} cannot happen")
        return replace(self, state=to, since_ms=at_ms, why=why)


@dataclass(frozen=True, slots=True)
class Enter:
    """Approve once more on fresh books, then send the first leg, or both."""


@dataclass(frozen=True, slots=True)
class Look:
    """Find out what became of these orders before anything else."""

    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True)
class Repair:
    """Try this rung for what is naked."""

    rung: Rung


@dataclass(frozen=True, slots=True)
class Move:
    event: Event
    why: str


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing to do until somebody, or a venue, says something new."""


Step = Enter | Look | Repair | Move | Rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """How long each rung is tried, in ms."""

    cross_ms: int = 2_000
    substitute_ms: int = 3_000
    unwind_ms: int = 10_000

    @property
    def whole_ms(self) -> int:
        """As long as a hedge may take from its first order on, if every rung is needed."""
        return self.cross_ms + self.substitute_ms + self.unwind_ms

    def of(self, state: State) -> int:
        match state:
            case State.CROSSING:
                return self.cross_ms
            case State.SUBSTITUTING:
                return self.substitute_ms
            case State.UNWINDING:
                return self.unwind_ms
            case _:
                raise ValueError(f"{state} has no deadline")


RUNGS: Final[Mapping[State, Rung]] = {
    State.CROSSING: Rung.CROSS,
    State.SUBSTITUTING: Rung.SUBSTITUTE,
    State.UNWINDING: Rung.UNWIND,
}


def next_step(hedge: Hedge, *, age_ms: int, dust: Quantity, deadlines: Deadlines) -> Step:
    """`age_ms`: time in the present state. `dust`: naked contracts up to this many are let be, for
    no venue would take an order for them.

    An order that may still fill comes first, whatever the state: who does not know what it holds
    must not trade.
    """
    if hedge.open_attempts and hedge.state is not State.PARKED:
        return Look(hedge.open_attempts)
    is_naked = abs(hedge.naked) > dust
    match hedge.state:
        case State.OPENED:
            return Enter()
        case State.ENTERING:
            return Move(Event.NAKED, "one leg is ahead") if is_naked else _whole(hedge)
        case State.CROSSING | State.SUBSTITUTING | State.UNWINDING as state:
            if not is_naked:
                return _whole(hedge)
            if age_ms >= deadlines.of(state):
                return Move(Event.EXPIRED, f"{state} took longer than {deadlines.of(state)} ms")
            if state is State.SUBSTITUTING and not hedge.plan.substitutes:
                return Move(Event.EXPIRED, "no equivalent contract is known")
            return Repair(RUNGS[state])
        case State.HEDGED | State.FLAT:
            if is_naked:
                return Move(Event.NAKED, "a fill was taken back, or came late")
            if hedge.state is State.HEDGED and not hedge.matched:
                return Move(Event.EMPTY, "all of it was taken back")
            return Rest()
        case State.PARKED:
            return Rest() if is_naked or hedge.open_attempts else _whole(hedge)
        case _:
            assert_never(hedge.state)


def _whole(hedge: Hedge) -> Move:
    if hedge.matched:
        return Move(Event.MATCHED, "both legs are there")
    return Move(Event.EMPTY, "nothing is held")
