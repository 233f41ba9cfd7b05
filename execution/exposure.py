"""What could be lost, and what is spoken for: open and unknown orders count as filled or as
unfilled, whichever is worse. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from execution.hedge import Hedge, State
from execution.ledger import Ledger
from execution.orders import Attempt
from venues import Cash, Contract, Price, Quantity, Side
from venues.money import cost

ABSENT_MS: Final = 60_000
"""What is presumed absent is counted for so long: a signature that old is refused by both venues
(docs/venues), so that nothing that was held up on its way can still arrive."""


def may_fill(attempt: Attempt, now_ms: int) -> bool:
    """Whether more of it could still turn up."""
    absent_ms = attempt.absent_ms
    return attempt.is_open or (absent_ms is not None and now_ms < absent_ms + ABSENT_MS)


def unfilled(attempt: Attempt) -> Quantity:
    return Quantity(max(attempt.request.quantity - attempt.filled, 0))


def naked_most(hedge: Hedge, now_ms: int) -> int:
    """Micro-contracts without a twin, at worst. What is open on one leg fills, on the other not."""
    return max(_ahead(hedge, 0, now_ms), _ahead(hedge, 1, now_ms), 0)


def _ahead(hedge: Hedge, leg: int, now_ms: int) -> int:
    found = hedge.held(leg) - hedge.held(1 - leg)
    for each in hedge.attempts:
        if may_fill(each, now_ms) and (each.leg == leg) == (each.request.side is Side.BUY):
            found += unfilled(each)
    return found


def exposure(hedge: Hedge, now_ms: int) -> Cash:
    """What is lost if all that has no twin pays nothing: its contracts at the dearest price that
    any order of this hedge could pay, fees in."""
    naked = naked_most(hedge, now_ms)
    if not naked:
        return Cash(0)
    buys = [each for each in hedge.attempts if each.request.side is Side.BUY]
    dearest = max((each.request.limit for each in buys), default=Price(0))
    fees = sum(max(each.fee_bound, each.fees) for each in buys)
    return Cash(cost(dearest, Quantity(naked)) + fees)


def unhedged(ledger: Ledger, now_ms: int) -> Cash:
    """Over all hedges. One that was opened and has not begun counts as what its first leg may
    take: it may begin at any moment."""
    found = 0
    for hedge in ledger.hedges.values():
        began = hedge.attempts or hedge.state is not State.OPENED
        found += exposure(hedge, now_ms) if began else hedge.plan.naked_max
    return Cash(found)


def reserved(hedges: Iterable[Hedge], venue: str, pocket: str, now_ms: int) -> Cash:
    """Cash of one pocket that hedges may still take: legs that were not sent yet at what was
    reserved for them, orders that may still fill at their limits."""
    found = 0
    for hedge in hedges:
        if hedge.state in {State.HEDGED, State.FLAT} and not _may_move(hedge, now_ms):
            continue
        for leg, planned in enumerate(hedge.plan.legs):
            if (planned.contract.venue, planned.pocket) != (venue, pocket):
                continue
            sent = [each for each in hedge.attempts if each.leg == leg]
            if not sent:
                found += planned.reserve
            found += sum(_may_take(each) for each in sent if may_fill(each, now_ms))
    return Cash(found)


def _may_move(hedge: Hedge, now_ms: int) -> bool:
    return any(may_fill(each, now_ms) for each in hedge.attempts)


def _may_take(attempt: Attempt) -> int:
    if attempt.request.side is Side.SELL:
        return 0
    return cost(attempt.request.limit, unfilled(attempt)) + attempt.fee_bound


def committed(ledger: Ledger, venue: str | None = None) -> Cash:
    """What open positions and orders have cost, or may cost, until they are paid out."""
    found = 0
    for hedge in ledger.hedges.values():
        for leg, planned in enumerate(hedge.plan.legs):
            contract = planned.contract
            if venue not in {None, contract.venue}:
                continue
            if (contract.venue, contract.market) in ledger.settled:
                continue
            found += _leg_cost(hedge, leg)
    return Cash(found)


def _leg_cost(hedge: Hedge, leg: int) -> int:
    sent = [each for each in hedge.attempts if each.leg == leg]
    if not sent:
        is_waiting = hedge.state not in {State.FLAT, State.HEDGED}
        return hedge.plan.legs[leg].reserve if is_waiting else 0
    spent = sum(each.outlay for each in sent) if hedge.held(leg) else 0
    return max(spent, 0) + sum(_may_take(each) for each in sent if each.is_open)


def contracts(hedge: Hedge) -> frozenset[tuple[str, str]]:
    """The markets that a hedge is in."""
    planned: list[Contract] = [leg.contract for leg in hedge.plan.legs]
    planned += [each.request.contract for each in hedge.attempts]
    return frozenset((each.venue, each.market) for each in planned)
