"""What hedges earned. Locked, provisional and realised are three different things, never added.

Realised: it is money again (sold, or paid out by both venues). Locked: both legs are there, told in
full and final; what is missing is the day of payment. Provisional: a fill may still be taken back,
or is not told yet. What has no twin is counted as if it paid nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from execution.hedge import Hedge, State
from execution.ledger import Ledger
from venues import ONE, Cash, Contract, Outcome, Price, Quantity
from venues.money import proceeds


class Standing(StrEnum):
    REALISED = "realised"
    LOCKED = "locked"
    PROVISIONAL = "provisional"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """One hedge. `profit` by its `standing`; `basis`: what two venues that settled apart cost or
    gave, part of a realised profit. `fee_drift`: charged less predicted, None where not all filled
    as planned or the fills are not told."""

    hedge: Hedge
    standing: Standing
    profit: Cash
    basis: Cash
    fees: Cash
    fee_drift: Cash | None


class Holding(NamedTuple):
    """What is held of one contract over all hedges, and what it cost, fees in, less sales."""

    contract: Contract
    quantity: Quantity
    outlay: Cash


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    realised: Cash
    locked: Cash
    provisional: Cash
    at_risk: Cash
    basis: Cash
    fees: Cash


def booked(hedge: Hedge, ledger: Ledger) -> Booked:
    paid = _paid(hedge, ledger)
    standing, profit, basis = _standing(hedge), hedge.result, Cash(0)
    if paid is not None:
        standing, profit = Standing.REALISED, Cash(paid - hedge.outlay)
        basis = Cash(paid - hedge.matched)
    return Booked(
        hedge=hedge,
        standing=standing,
        profit=profit,
        basis=basis,
        fees=hedge.fees,
        fee_drift=_drift(hedge),
    )


def sums(ledger: Ledger) -> Sums:
    every = [booked(hedge, ledger) for hedge in ledger.hedges.values() if hedge.attempts]
    by = {
        standing: Cash(sum(each.profit for each in every if each.standing is standing))
        for standing in Standing
    }
    return Sums(
        realised=by[Standing.REALISED],
        locked=by[Standing.LOCKED],
        provisional=by[Standing.PROVISIONAL],
        at_risk=by[Standing.OPEN],
        basis=Cash(sum(each.basis for each in every)),
        fees=Cash(sum(each.fees for each in every)),
    )


def holdings(ledger: Ledger) -> tuple[Holding, ...]:
    """By contract, of markets that have not paid."""
    found: dict[Contract, tuple[int, int]] = {}
    for attempt in (each for hedge in ledger.hedges.values() for each in hedge.attempts):
        contract = attempt.request.contract
        if (contract.venue, contract.market) in ledger.settled:
            continue
        held, spent = found.get(contract, (0, 0))
        found[contract] = held + attempt.signed, spent + attempt.outlay
    every = [Holding(c, Quantity(n), Cash(m)) for c, (n, m) in found.items() if n]
    return tuple(sorted(every, key=lambda each: str(each.contract)))


def mergeable(held: Iterable[Holding]) -> dict[tuple[str, str], Quantity]:
    """(venue, market) → how many YES and NO of one market are held side by side: together they are
    dollars that wait."""
    both: dict[tuple[str, str], dict[Outcome, int]] = {}
    for each in held:
        key = each.contract.venue, each.contract.market
        both.setdefault(key, {})[each.contract.outcome] = each.quantity
    found = {key: min(sides.values()) for key, sides in both.items() if len(sides) == 2}
    return {key: Quantity(n) for key, n in found.items() if n > 0}


def _standing(hedge: Hedge) -> Standing:
    match hedge.state:
        case State.FLAT:
            told = all(each.is_told and not each.is_provisional for each in hedge.attempts)
            return Standing.REALISED if told else Standing.PROVISIONAL
        case State.HEDGED:
            return Standing.LOCKED if hedge.is_final else Standing.PROVISIONAL
        case _:
            return Standing.OPEN


def _paid(hedge: Hedge, ledger: Ledger) -> Cash | None:
    """What both venues paid for what was held; None before, or where a value is not told."""
    contracts = {each.request.contract for each in hedge.attempts}
    held = {contract: n for contract in contracts if (n := hedge.holds(contract)) > 0}
    if not held:
        return None
    total = 0
    for contract, quantity in held.items():
        settlement = ledger.settled.get((contract.venue, contract.market))
        if settlement is None or settlement.yes_pays is None:
            return None
        yes = settlement.yes_pays
        pays = yes if contract.outcome is Outcome.YES else ONE - yes
        total += proceeds(Price(pays), Quantity(quantity))
    return Cash(total)


def _drift(hedge: Hedge) -> Cash | None:
    planned = hedge.plan.legs[0].fee + hedge.plan.legs[1].fee
    if hedge.matched != hedge.plan.quantity or len(hedge.attempts) != 2:
        return None
    if not all(each.is_told for each in hedge.attempts):
        return None
    return Cash(hedge.fees - planned)
