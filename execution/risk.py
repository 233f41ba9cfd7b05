"""Limits, and the only door to the router: what is not Approved cannot be opened.

Every interface goes through here, and every entry a second time just before it is sent, so that
lower limits and the kill switch bind at once. Repairing what is naked is never refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from execution.exposure import committed, contracts, reserved, unhedged
from execution.hedge import Hedge, State
from execution.ledger import Ledger
from execution.orders import Rung
from execution.plan import HedgePlan
from venues import ONE, Balance, Cash, Contract, Outcome
from venues.money import text

DAY_MS: Final = 86_400_000
SHUT_MS: Final = 240_000
"""An engine that restarts is away for a minute or two, and then takes no takers for two more
(venues/polymarket/modes.py)."""
_SEAL: Final = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a person allows. Money in micro-dollars; each bounds a sum, not only the next order.

    `order_max` one leg; `pair_max` all hedges of one pair; `group_max` all that share a market,
    directly or through others; `venue_max` what is tied up at one venue; `day_max` what entries of
    the last 24 hours may take; `unhedged_max` all that has no twin, at worst; `hedge_loss_max` what
    repairing one hedge may cost; `day_loss_max` stops entries for a day; `cooldown_ms` after a
    hedge that had to be repaired; `edge_bps_min`, `profit_min` of a plan.
    """

    order_max: Cash = Cash(100 * ONE)
    pair_max: Cash = Cash(200 * ONE)
    group_max: Cash = Cash(400 * ONE)
    venue_max: Cash = Cash(1_000 * ONE)
    day_max: Cash = Cash(1_000 * ONE)
    unhedged_max: Cash = Cash(100 * ONE)
    hedge_loss_max: Cash = Cash(10 * ONE)
    day_loss_max: Cash = Cash(50 * ONE)
    open_max: int = 3
    cooldown_ms: int = 60_000
    edge_bps_min: int = 10
    profit_min: Cash = Cash(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What else decides. `barred`: why this pair may not be traded, each a sentence."""

    now_ms: int
    balances: Sequence[Balance]
    barred: tuple[str, ...] = ()


class Around(NamedTuple):
    """Cash at both venues, and why one of them cannot be traded at now."""

    balances: tuple[Balance, ...]
    away: tuple[str, ...]


class Approved:
    """A plan that passed. Only `approve` makes one."""

    __slots__ = ("plan",)

    def __init__(self, plan: HedgePlan, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("only execution.risk.approve approves a plan")
        self.plan = plan


class NotApproved(Exception):
    """`reasons`: every limit that says no, a sentence each."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = tuple(reasons)


def approve(plan: HedgePlan, ledger: Ledger, limits: Limits, around: Circumstances) -> Approved:
    """Raises NotApproved."""
    if reasons := refusals(plan, ledger, limits, around):
        raise NotApproved(reasons)
    return Approved(plan, _SEAL)


def refusals(
    plan: HedgePlan, ledger: Ledger, limits: Limits, around: Circumstances
) -> tuple[str, ...]:
    """Every reason against it; none: it may go. The plan's own hedge, if it is open already, does
    not count against itself."""
    others = {id: each for id, each in ledger.hedges.items() if id != plan.id}
    rest = Ledger(hedges=others, settled=ledger.settled, diverged=ledger.diverged)
    found = [
        *_stops(plan, ledger, around),
        *_of_plan(plan, limits),
        *_sums(plan, rest, limits, around.now_ms),
        *_pauses(plan, rest, limits, around.now_ms),
        *_opposes(plan, rest, ledger),
        *_funds(plan, rest, around),
        *around.barred,
    ]
    return tuple(dict.fromkeys(found))


def _stops(plan: HedgePlan, ledger: Ledger, around: Circumstances) -> list[str]:
    found = [ledger.killed.why] if ledger.killed else []
    closed = [ledger.closed.get(leg.contract.venue) for leg in plan.legs]
    found += [f"{each.venue} is closed to entries: {each.why}." for each in closed if each]
    found += [
        f"{venue} took no orders a moment ago."
        for venue in {leg.contract.venue for leg in plan.legs}
        if _shut(venue, ledger, around.now_ms)
    ]
    if around.now_ms > plan.expires_ms:
        found.append("The plan is too old; look again.")
    return found


def _shut(venue: str, ledger: Ledger, now_ms: int) -> bool:
    """Nobody probes whether it does again: time has to pass."""
    return any(
        each.closes and each.request.contract.venue == venue and now_ms < each.sent_ms + SHUT_MS
        for hedge in ledger.hedges.values()
        for each in hedge.attempts
    )


def _of_plan(plan: HedgePlan, limits: Limits) -> list[str]:
    found = [
        _over(f"one order at {leg.contract.venue}", leg.reserve, limits.order_max)
        for leg in plan.legs
    ]
    if plan.edge_bps < limits.edge_bps_min:
        found.append(
            f"Its edge of {plan.edge_bps} bps is below {limits.edge_bps_min} (edge_bps_min)."
        )
    if plan.profit < limits.profit_min:
        found.append(f"Its profit is below ${text(limits.profit_min)} (profit_min).")
    if plan.least_profit <= 0:
        found.append("Filled at its limits it would lose money.")
    if plan.loss_max > limits.hedge_loss_max:
        found.append(f"It may lose more than ${text(limits.hedge_loss_max)} (hedge_loss_max).")
    return [each for each in found if each]


def _sums(plan: HedgePlan, rest: Ledger, limits: Limits, now_ms: int) -> list[str]:
    reserve = plan.legs[0].reserve + plan.legs[1].reserve
    hedges = [each for each in rest.hedges.values() if not _is_paid(each, rest)]
    same = [each for each in hedges if each.plan.pair_id == plan.pair_id]
    today = [
        each
        for each in rest.hedges.values()
        if each.opened_ms > now_ms - DAY_MS and (each.attempts or each.state is State.OPENED)
    ]
    found = [
        _over("all of this pair", reserve + _taken(same, rest), limits.pair_max),
        _over("this group", reserve + _taken(_group(plan, hedges), rest), limits.group_max),
        _over("entries of a day", reserve + _entered(today), limits.day_max),
        _over("what has no twin", unhedged(rest, now_ms) + plan.naked_max, limits.unhedged_max),
    ]
    for leg in plan.legs:
        venue = leg.contract.venue
        tied = committed(rest, venue) + leg.reserve
        found.append(_over(f"what is tied up at {venue}", tied, limits.venue_max))
    return [each for each in found if each]


def _pauses(plan: HedgePlan, rest: Ledger, limits: Limits, now_ms: int) -> list[str]:
    found = []
    working = [h for h in rest.hedges.values() if h.state not in {State.HEDGED, State.FLAT}]
    if len(working) >= limits.open_max:
        found.append(f"{len(working)} hedges are at work or parked; {limits.open_max} may be.")
    markets = frozenset((leg.contract.venue, leg.contract.market) for leg in plan.legs)
    for hedge in rest.hedges.values():
        if contracts(hedge) & markets and _cools(hedge, limits, now_ms):
            found.append(f"Its markets cool down after {hedge.id}.")
            break
    if (lost := lost_since(rest, now_ms - DAY_MS)) >= limits.day_loss_max:
        found.append(f"${text(lost)} were lost within a day; entries stop (day_loss_max).")
    return found


def _opposes(plan: HedgePlan, rest: Ledger, ledger: Ledger) -> list[str]:
    """A YES and a NO of one market become a dollar at Kalshi at once: of neither could be sold
    again what has no twin."""
    found = []
    for leg in plan.legs:
        venue, market, other = leg.contract.venue, leg.contract.market, leg.contract.other
        holders = [each.id for each in rest.hedges.values() if _is_in(other, each, rest)]
        foreign = ledger.baseline.get(Contract(venue, market, Outcome.YES), 0)
        if foreign > 0 if other.outcome is Outcome.YES else foreign < 0:
            holders.append("somebody else")
        if holders:
            found.append(f"The other side of {market} is held at {venue} ({holders[0]}).")
    return found


def _is_in(contract: Contract, hedge: Hedge, rest: Ledger) -> bool:
    """Whether it holds this, or may come to."""
    if (contract.venue, contract.market) in rest.settled:
        return False
    planned = contract in {leg.contract for leg in hedge.plan.legs}
    return hedge.holds(contract) > 0 or (planned and hedge.state not in {State.HEDGED, State.FLAT})


def _funds(plan: HedgePlan, rest: Ledger, around: Circumstances) -> list[str]:
    """Both legs must be payable before the first goes, beside all that is spoken for."""
    found = []
    has = {(each.venue, each.pocket): each.available for each in around.balances}
    for leg in plan.legs:
        venue, pocket = leg.contract.venue, leg.pocket
        where = f"{venue}, pocket {pocket}" if pocket else venue
        available = has.get((venue, pocket), has.get((venue, "")))
        if available is None:
            found.append(f"Nothing is known of our cash at {where}.")
            continue
        spoken = reserved(rest.hedges.values(), venue, pocket, around.now_ms)
        if (free := available - spoken) < leg.reserve:
            found.append(
                f"${text(leg.reserve)} are needed at {where}, ${text(max(free, 0))} are free there."
            )
    return found


def lost_since(ledger: Ledger, since_ms: int) -> Cash:
    """What hedges that came to an end since then lost; those that are parked as if what they hold
    without a twin paid nothing; and what results that were found to differ since then take. Profits
    do not make up for it."""
    ended = [h for h in ledger.hedges.values() if h.attempts and h.since_ms > since_ms]
    resting = {State.FLAT, State.PARKED, State.HEDGED}
    lost = sum(max(-h.result, 0) for h in ended if h.state in resting)
    found = [each for each in ledger.diverged.values() if each.at_ms > since_ms]
    return Cash(lost + sum(max(-each.basis, 0) for each in found))


def _over(what: str, amount: int, limit: Cash) -> str:
    if amount <= limit:
        return ""
    return f"{what[0].upper()}{what[1:]} would be ${text(amount)}, more than ${text(limit)}."


def _cools(hedge: Hedge, limits: Limits, now_ms: int) -> bool:
    """After it had to be repaired, or sold again."""
    was_repaired = any(each.rung not in {Rung.ENTER, Rung.CROSS} for each in hedge.attempts)
    is_sold = hedge.state is State.FLAT and any(each.filled for each in hedge.attempts)
    ended_badly = was_repaired or is_sold or hedge.state is State.PARKED
    return ended_badly and now_ms < hedge.since_ms + limits.cooldown_ms


def _taken(hedges: Sequence[Hedge], ledger: Ledger) -> Cash:
    return committed(Ledger(hedges={each.id: each for each in hedges}, settled=ledger.settled))


def _entered(hedges: Sequence[Hedge]) -> int:
    return sum(each.plan.legs[0].reserve + each.plan.legs[1].reserve for each in hedges)


def _group(plan: HedgePlan, hedges: Sequence[Hedge]) -> list[Hedge]:
    """All that share a market with the plan, with those that share one with them, and so on."""
    seen = {(leg.contract.venue, leg.contract.market) for leg in plan.legs}
    found: dict[str, Hedge] = {}
    grew = True
    while grew:
        new = [h for h in hedges if h.id not in found and contracts(h) & seen]
        grew = bool(new)
        for each in new:
            found[each.id] = each
            seen |= contracts(each)
    return list(found.values())


def _is_paid(hedge: Hedge, ledger: Ledger) -> bool:
    markets: Mapping[tuple[str, str], object] = ledger.settled
    return all((leg.contract.venue, leg.contract.market) in markets for leg in hedge.plan.legs)
