"""What could be lost, and what is spoken for: open and unknown orders count as filled or as
unfilled, whichever is worse. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from execution.hedge import AT_REST, Hedge, State
from execution.ledger import Ledger
from execution.orders import Attempt
from venues import Cash, Contract, Quantity, Side
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
    """What is lost if all that has no twin pays nothing: of the leg that would be dearer to have
    alone, its dearest orders first, each at its limit, fees in."""
    return Cash(max(_lost(hedge, leg, now_ms) for leg in (0, 1)))


def _lost(hedge: Hedge, leg: int, now_ms: int) -> int:
    left, found = _ahead(hedge, leg, now_ms), 0
    buys = [e for e in hedge.attempts if e.leg == leg and e.request.side is Side.BUY]
    for each in sorted(buys, key=lambda each: -each.request.limit):
        most = each.request.quantity if may_fill(each, now_ms) else each.filled
        if left > 0 and most:
            found += cost(each.request.limit, Quantity(min(left, most)))
            found += max(each.fee_bound, each.fees)
            left -= most
    return found


def unhedged(ledger: Ledger, now_ms: int) -> Cash:
    """Over all hedges. One that is not at rest counts as the most that it may come to."""
    found = 0
    for hedge in ledger.hedges.values():
        least = 0 if hedge.state in AT_REST else hedge.plan.naked_max
        found += max(exposure(hedge, now_ms), least)
    return Cash(found)


def reserved(hedges: Iterable[Hedge], venue: str, pocket: str, now_ms: int) -> Cash:
    """Cash of one pocket that hedges may still take: what is missing of a leg at what was reserved
    for it, orders that may still fill at their limits."""
    found = 0
    for hedge in hedges:
        if hedge.state in {State.HEDGED, State.FLAT} and not _may_move(hedge, now_ms):
            continue
        for leg, planned in enumerate(hedge.plan.legs):
            if (planned.contract.venue, planned.pocket) != (venue, pocket):
                continue
            sent = [each for each in hedge.attempts if each.leg == leg]
            open_ = sum(_may_take(each) for each in sent if may_fill(each, now_ms))
            found += max(open_, _for_the_rest(hedge, leg, now_ms))
    return Cash(found)


def _for_the_rest(hedge: Hedge, leg: int, now_ms: int) -> int:
    """For what its twin has, or may come to have, more than this leg."""
    plan, planned = hedge.plan, hedge.plan.legs[leg]
    ahead = _ahead(hedge, 1 - leg, now_ms) if hedge.attempts else plan.quantity
    missing = min(ahead, plan.quantity)
    if missing <= 0:
        return 0
    fee = planned.reserve - cost(planned.limit, plan.quantity)
    return cost(planned.limit, Quantity(missing)) + fee


def _may_move(hedge: Hedge, now_ms: int) -> bool:
    return any(may_fill(each, now_ms) for each in hedge.attempts)


def _may_take(attempt: Attempt) -> int:
    if attempt.request.side is Side.SELL:
        return 0
    return cost(attempt.request.limit, unfilled(attempt)) + attempt.fee_bound


def committed(ledger: Ledger, venue: str | None = None) -> Cash:
    """What open positions and orders have cost, or may cost, until they are paid out: of each leg
    by the contracts that stand for it."""
    found = 0
    for hedge in ledger.hedges.values():
        for leg, planned in enumerate(hedge.plan.legs):
            sent = [each for each in hedge.attempts if each.leg == leg]
            tied = {c: _tied(hedge, c, sent) for c in {e.request.contract for e in sent}}
            if not sent and hedge.state not in {State.FLAT, State.HEDGED}:
                tied[planned.contract] = planned.reserve
            found += sum(
                amount
                for contract, amount in tied.items()
                if venue in {None, contract.venue}
                and (contract.venue, contract.market) not in ledger.settled
            )
    return Cash(found)


def _tied(hedge: Hedge, contract: Contract, sent: Iterable[Attempt]) -> int:
    of_it = [each for each in sent if each.request.contract == contract]
    spent = sum(each.outlay for each in of_it) if hedge.holds(contract) else 0
    return max(spent, 0) + sum(_may_take(each) for each in of_it if each.is_open)


def contracts(hedge: Hedge) -> frozenset[tuple[str, str]]:
    """The markets that a hedge is in."""
    planned: list[Contract] = [leg.contract for leg in hedge.plan.legs]
    planned += [each.request.contract for each in hedge.attempts]
    return frozenset((each.venue, each.market) for each in planned)
