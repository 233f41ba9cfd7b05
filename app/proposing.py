"""What a desk proposes to do with capital, and how a person has it done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from app.desk import Desk
from app.live import fetch_markets
from app.problem import Exit, Problem
from execution.acting import NoWay
from execution.ledger import Act
from execution.proposals import Proposal, State, proposals
from venues import Market, RecyclingState, VenueError

ROWS_MAX: Final = 200
"""Of so many pairs it is asked which pocket pays."""
_CODES: Final = {
    RecyclingState.DONE: Exit.DONE,
    RecyclingState.FAILED: Exit.REFUSED,
}


async def fresh(desk: Desk) -> tuple[Proposal, ...]:
    """Both accounts read now. Raises Problem where one does not answer."""
    if not await desk.executor.reconcile():
        away = [each.trouble for each in desk.executor.reconcilers.values() if each.trouble]
        raise Problem(Exit.PARTIAL, " ".join(away) or "A venue did not answer.")
    source = await desk.pairs.again()
    for name, venue in desk.venues.items():
        if venue.treasury is not None or desk.mode != "live":
            names = [getattr(row, name) for row in source.rows[:ROWS_MAX]]
            got = await fetch_markets(venue.data, names)
            desk.pockets |= {(name, each.pocket) for each in got.markets.values()}
    return known(desk, netting=await _netting(desk))


def known(desk: Desk, netting: dict[str, tuple[bool, int]] | None = None) -> tuple[Proposal, ...]:
    """As both accounts were read last."""
    looks = desk.executor.reconcilers.values()
    return proposals(
        State(
            ledger=desk.executor.journal.ledger,
            balances=[each for look in looks for each in look.balances],
            positions=[each for look in looks for each in look.positions],
            pockets=desk.pockets,
            wanted=desk.limits.order_max,
            now_ms=desk.clock.now_ms(),
            merges_at=desk.executor.actor.merges_at,
            netting=netting or {},
        )
    )


async def do(desk: Desk, id: str, by: str) -> Act:
    """The same once more is the first one's outcome. Raises Problem for what is not proposed, or
    cannot be done here, and JournalError."""
    acts = desk.executor.journal.ledger.acts
    if id in acts:
        return acts[id]
    if desk.mode != "live":
        raise Problem(Exit.REFUSED, f"mode is {desk.mode}: nothing is sent.")
    found = next((each for each in await fresh(desk) if each.id == id), None)
    if found is None:
        raise Problem(
            Exit.REFUSED, f"{id} is not proposed any more: see `dutchbook proposals` again."
        )
    try:
        return await desk.executor.act(found, by)
    except NoWay as error:
        raise Problem(Exit.REFUSED, str(error)) from None


def code_of(act: Act) -> Exit:
    return _CODES.get(act.state, Exit.UNKNOWN_OUTCOME)


async def _netting(desk: Desk) -> dict[str, tuple[bool, int]]:
    """A venue that does not say is left out: it is no more than a proposal."""
    found = {}
    for name, treasury in desk.executor.actor.treasuries.items():
        held = _held(desk, name)
        if len(held) < 2:
            continue
        try:
            markets = await desk.venues[name].data.markets(held)
            is_on = await treasury.is_netting()
        except VenueError:
            continue
        found[name] = is_on, _shared(markets.values())
    return found


def _held(desk: Desk, venue: str) -> list[str]:
    look = desk.executor.reconcilers[venue]
    return sorted({each.contract.market for each in look.positions})


def _shared(markets: Iterable[Market]) -> int:
    """Events in which more than one market is held."""
    counts = Counter(each.event_id for each in markets if each.event_id)
    return sum(count > 1 for count in counts.values())
