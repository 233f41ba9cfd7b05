"""What to say of a hedge that changed. Pure."""

from __future__ import annotations

from alerts.message import Message
from execution.hedge import Hedge, State
from execution.records import Closed
from execution.watch import Notice
from venues.money import text

_NEXT = {
    State.PARKED: "A person must look: dutchbook hedge show {id}, then resume or unwind it.",
    State.CROSSING: "It is being repaired.",
}


def of_hedge(hedge: Hedge, *, mode: str, simulated: bool) -> Message | None:
    """None for what nobody needs to hear: the first steps, and what is on its way."""
    filled = any(each.filled for each in hedge.attempts)
    was_taken_back = hedge.state is State.CROSSING and _was_taken_back(hedge)
    is_told = hedge.state in {State.HEDGED, State.PARKED} or (hedge.state is State.FLAT and filled)
    if not is_told and not was_taken_back:
        return None
    mark = "SIM " if simulated else ""
    word = "lost a leg" if was_taken_back else hedge.state.value
    lines = [
        f"{text(hedge.matched)} contracts are hedged, {text(abs(hedge.naked))} have no twin.",
        f"It took ${text(hedge.outlay)}.",
        f"If what has no twin pays nothing, it leaves ${text(hedge.result)}.",
        f"Why: {hedge.why}.",
    ]
    if hedge.state in _NEXT:
        lines.append(_NEXT[hedge.state].format(id=hedge.id))
    return Message(
        title=f"{mark}{mode} hedge {word}: {hedge.plan.pair_id}",
        lines=tuple(lines),
        is_critical=hedge.state is State.PARKED or was_taken_back,
    )


def of_notice(found: Notice | Closed, *, mode: str, simulated: bool) -> Message:
    mark = "SIM " if simulated else ""
    if isinstance(found, Closed):
        return Message(
            title=f"{mark}{mode} {found.venue} is closed to entries",
            lines=(
                f"{found.why[0].upper()}{found.why[1:]}.",
                f"Hedges at work go on. Once you know why: dutchbook hedge reopen {found.venue}.",
            ),
            is_critical=True,
        )
    hedge = found.hedge
    next_ = f"Nothing is traded for it. See dutchbook hedge show {hedge.id}."
    word = "diverges" if found.is_critical else "has news"
    return Message(
        title=f"{mark}{mode} hedge {word}: {hedge.plan.pair_id}",
        lines=(*found.says, next_),
        is_critical=found.is_critical,
    )


def _was_taken_back(hedge: Hedge) -> bool:
    return any(fill.reversed for each in hedge.attempts for fill in each.fills)
