"""What hedges earned. Locked, provisional, settled and realised are different things, never added.

Realised: sold again. Settled: both venues paid. Locked: both legs are there, told in full and
final; what is missing is the day of payment. Provisional: a fill may still be taken back, or is not
told yet. What has no twin is counted as if it paid nothing, until it did pay.

A profit is what trading made of a dollar for each hedged contract. That two venues paid more or
less than that dollar is no trade: it is basis, booked apart and never part of a profit.
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
    SETTLED = "settled"
    LOCKED = "locked"
    PROVISIONAL = "provisional"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """One hedge. `profit` by its `standing`, without `basis`: what two venues that settled apart
    cost or gave. `due`: the same of results that are not paid yet. `fee_drift`: charged less what
    the fee models make of the same fills, where a venue says what it charged; None until all of
    them are reckoned."""

    hedge: Hedge
    standing: Standing
    profit: Cash
    basis: Cash
    due: Cash
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
    settled: Cash
    locked: Cash
    provisional: Cash
    at_risk: Cash
    basis: Cash
    due: Cash
    fees: Cash
    fee_drift: Cash


def booked(hedge: Hedge, ledger: Ledger) -> Booked:
    standing, profit = _standing(hedge), hedge.result
    basis, paid = basis_of(hedge, ledger), _paid(hedge, ledger)
    if paid is not None and basis is not None and _is_paid(hedge, ledger):
        standing, profit = Standing.SETTLED, Cash(paid - hedge.outlay - basis)
    is_booked = standing is Standing.SETTLED
    return Booked(
        hedge=hedge,
        standing=standing,
        profit=profit,
        basis=Cash(basis or 0) if is_booked else Cash(0),
        due=Cash(0) if is_booked else Cash(basis or 0),
        fees=hedge.fees,
        fee_drift=_drift(hedge, ledger),
    )


def basis_of(hedge: Hedge, ledger: Ledger) -> Cash | None:
    """What the results known by now make of the hedged contracts, less a dollar for each: of each
    leg the part that has a twin, in the measure of what is held. None before all are known."""
    found = 0
    for leg in (0, 1):
        held = _held(hedge, leg)
        pays = [_pays(hedge, contract, ledger) for contract in held]
        if not held or None in pays:
            return None
        whole = sum(
            proceeds(Price(pay or 0), Quantity(n))
            for pay, n in zip(pays, held.values(), strict=True)
        )
        found += whole * hedge.matched // sum(held.values())
    return Cash(found - hedge.matched)


def sums(ledger: Ledger) -> Sums:
    every = [booked(hedge, ledger) for hedge in ledger.hedges.values() if hedge.attempts]
    by = {
        standing: Cash(sum(each.profit for each in every if each.standing is standing))
        for standing in Standing
    }
    return Sums(
        realised=by[Standing.REALISED],
        settled=by[Standing.SETTLED],
        locked=by[Standing.LOCKED],
        provisional=by[Standing.PROVISIONAL],
        at_risk=by[Standing.OPEN],
        basis=Cash(sum(each.basis for each in every)),
        due=Cash(sum(each.due for each in every)),
        fees=Cash(sum(each.fees for each in every)),
        fee_drift=Cash(sum(each.fee_drift or 0 for each in every)),
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


def _held(hedge: Hedge, leg: int | None = None) -> dict[Contract, int]:
    """What is held of a leg, or of both."""
    sent = [each for each in hedge.attempts if leg in {None, each.leg}]
    found: dict[Contract, int] = {}
    for each in sent:
        contract = each.request.contract
        found[contract] = found.get(contract, 0) + each.signed
    return {contract: n for contract, n in found.items() if n > 0}


def _is_paid(hedge: Hedge, ledger: Ledger) -> bool:
    return all((each.venue, each.market) in ledger.settled for each in _held(hedge))


def _paid(hedge: Hedge, ledger: Ledger) -> Cash | None:
    """What is held, at the results known by now; None where there is nothing, or one is missing."""
    held = _held(hedge)
    pays = {contract: _pays(hedge, contract, ledger) for contract in held}
    if not held or None in pays.values():
        return None
    return Cash(sum(proceeds(Price(pays[c] or 0), Quantity(n)) for c, n in held.items()))


def _pays(hedge: Hedge, contract: Contract, ledger: Ledger) -> Price | None:
    """Of one contract: as it was paid, else by the venue's result. Of a scalar payment the venue
    tells the value with the market alone."""
    venue, market = contract.venue, contract.market
    paid = ledger.settled.get((venue, market))
    seen = ledger.watched.get((hedge.id, venue, market))
    yes = paid.yes_pays if paid else None
    if yes is None:
        yes = seen.pays if seen else None
    if yes is None:
        return None
    return yes if contract.outcome is Outcome.YES else Price(ONE - yes)


def _drift(hedge: Hedge, ledger: Ledger) -> Cash | None:
    filled = [e for e in hedge.attempts if e.filled and all(f.fee_told for f in e.fills)]
    if not filled or any(each.client_id not in ledger.reckoned for each in filled):
        return None
    return Cash(sum(each.fees - ledger.reckoned[each.client_id].fee for each in filled))
