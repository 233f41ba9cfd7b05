"""What is critical now, as it stands in the ledger, the pair book and the venues' own words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from alerts.escalation import Trouble
from app.kill_switch import stopped
from app.pair_source import Source
from app.works import Works
from execution.hedge import Hedge, State
from execution.ledger import Ledger
from matching.pair_book import PairState
from venues.money import text

_STUCK_MS: Final = 120_000
"""No rung is tried as long as this."""
_AT_REST: Final = frozenset({State.HEDGED, State.FLAT, State.PARKED})
_MANY: Final = 5
"""Approvals that are told one by one."""


def troubles_of(works: Works) -> list[Trouble]:
    ledger = works.desk.executor.journal.ledger
    return [
        *_of_switch(works),
        *(_of_hedge(each) for each in tuple(ledger.hedges.values()) if _waits(each, works)),
        *_of_ledger(ledger),
        *_of_venues(works),
        *_of_approvals(works.source),
    ]


def _of_switch(works: Works) -> Iterator[Trouble]:
    why = stopped(works.settings)
    if why is not None:
        lines = (f"Why: {why}", "No hedge begins. To let go: dutchbook kill off.")
        yield Trouble(subject="kill switch", title="The kill switch is on", lines=lines)


def _waits(hedge: Hedge, works: Works) -> bool:
    is_stuck = works.clock.now_ms() - hedge.since_ms > _STUCK_MS
    return hedge.state is State.PARKED or (hedge.state not in _AT_REST and is_stuck)


def _of_hedge(hedge: Hedge) -> Trouble:
    is_parked = hedge.state is State.PARKED
    lines = (
        f"{text(abs(hedge.naked))} contracts have no twin. Why: {hedge.why or 'not said'}.",
        f"Look: dutchbook hedge show {hedge.id}, then resume or unwind it.",
    )
    how = "parked" if is_parked else f"stuck ({hedge.state})"
    title = f"Hedge {how}: {hedge.plan.pair_id}"
    return Trouble(subject=f"hedge {hedge.id}", title=title, lines=lines, is_told=is_parked)


def _of_ledger(ledger: Ledger) -> Iterator[Trouble]:
    for venue, closed in tuple(ledger.closed.items()):
        lines = (f"Why: {closed.why}", "It takes no new entries until somebody opens it again.")
        yield Trouble(subject=f"{venue} closed", title=f"{venue} is closed", lines=lines)
    for differs in tuple(ledger.differs.values()):
        yield Trouble(
            subject=f"difference {differs.venue} {differs.subject}",
            title=f"{differs.venue} and the journal differ: {differs.subject}",
            lines=(f"{differs.venue} says {differs.venue_says}, we say {differs.we_say}.",),
        )

    for id, found in tuple(ledger.diverged.items()):
        pays = f"{text(abs(found.basis))} dollars {'less' if found.basis < 0 else 'more'}"
        yield Trouble(
            subject=f"divergence {id}",
            title=f"The venues do not pay alike: {ledger.hedges[id].plan.pair_id}",
            lines=(f"Why: {found.why}", f"The hedge pays {pays} than a dollar each."),
            is_told=True,
        )


def _of_venues(works: Works) -> Iterator[Trouble]:
    for venue, status in tuple(works.room.statuses.items()):
        if not status.trading:
            lines = (f"It says: {status.says}", "Nothing of it is alerted until it trades.")
            yield Trouble(
                subject=f"{venue} read-only", title=f"{venue} does not trade", lines=lines
            )


def _of_approvals(source: Source) -> Iterator[Trouble]:
    booked = (source.booked or {}).values()
    revoked = [each.kept for each in booked if each.kept.state is PairState.REVOKED]
    revoked.sort(key=lambda kept: -kept.at_ms)
    for kept in revoked[:_MANY]:
        lines = (f"Why: {kept.note or 'not said'}", f"Look: dutchbook pairs show {kept.id}")
        title = f"The approval of {kept.id} is revoked"
        yield Trouble(subject=f"approval {kept.id}", title=title, lines=lines)
    if more := revoked[_MANY:]:
        yield Trouble(
            subject="approvals",
            title=f"{len(more)} more approvals are revoked",
            lines=tuple(kept.id for kept in more[:40]),
        )
