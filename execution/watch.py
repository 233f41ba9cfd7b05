"""What becomes of the markets of a hedge after its fills, and what was charged for them. Pure.

A venue's word is compared with the one before it, the first with the plan. A result of one venue
alone is a result; two that do not add up to a dollar are a divergence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, NamedTuple

from execution.booking import basis_of
from execution.hedge import Hedge
from execution.ledger import Ledger
from execution.orders import Attempt
from execution.plan import closes_ms, wording
from execution.records import Closed, Diverged, Reckoned, Record, Watched
from venues import ONE, Cash, Fill, Market, MarketStatus, Slice, UnknownFee
from venues.money import text

Markets = Mapping[tuple[str, str], Market]
"""By (venue, market)."""
DRIFT_MIN: Final = Cash(10_000)
"""Venues round an order's fee by a cent at most."""
DRIFT_PERCENT: Final = 5


class Notice(NamedTuple):
    """`hedge`: what it is about; `is_critical`: money is at stake that a model did not know of."""

    hedge: Hedge
    says: tuple[str, ...]
    at_ms: int
    is_critical: bool


def wanted(ledger: Ledger) -> set[tuple[str, str]]:
    """The markets to look at: held and not yet paid by both venues, or with a fee to be reckoned.
    One that paid is looked at as long as its twin has not: its result may be told there alone."""
    found: set[tuple[str, str]] = set()
    for hedge in ledger.hedges.values():
        held = _held(hedge)
        if any(key not in ledger.settled for key in held):
            found |= held
        for each in hedge.attempts:
            if _is_to_reckon(each, ledger):
                contract = each.request.contract
                found.add((contract.venue, contract.market))
    return found


def news(ledger: Ledger, now: Markets, now_ms: int) -> Iterable[Record]:
    """What is to be written down of these markets, and told."""
    for hedge in ledger.hedges.values():
        for venue, id in sorted(_held(hedge)):
            if market := now.get((venue, id)):
                seen = _seen(hedge, market, ledger, now, now_ms)
                if seen is not None:
                    yield seen
        for each in hedge.attempts:
            if _is_to_reckon(each, ledger):
                contract = each.request.contract
                yield from _reckoned(each, now.get((contract.venue, contract.market)), now_ms)


def divergences(ledger: Ledger, now_ms: int) -> Iterable[Diverged]:
    """Of what the ledger knows by now."""
    for hedge in ledger.hedges.values():
        basis = basis_of(hedge, ledger)
        before = ledger.diverged.get(hedge.id)
        if basis is None or basis == (before.basis if before else 0):
            continue
        if basis:
            why = (
                f"the venues' results differ: {text(hedge.matched)} hedged contracts pay "
                f"${text(hedge.matched + basis)} instead of ${text(hedge.matched)}"
            )
        else:
            why = "the venues' results agree after all"
        yield Diverged(hedge=hedge.id, basis=basis, why=why, at_ms=now_ms)


def notice(record: Record, ledger: Ledger) -> Notice | None:
    """None for what nobody needs to hear."""
    match record:
        case Watched(says=says) if says:
            where = tuple(f"{record.venue}, {record.market}: {each}." for each in says)
            return Notice(ledger.hedges[record.hedge], where, record.at_ms, is_critical=False)
        case Diverged(why=why):
            said = (f"{why[0].upper()}{why[1:]}.",)
            return Notice(ledger.hedges[record.hedge], said, record.at_ms, is_critical=True)
        case _:
            return None


def drift_of(attempt: Attempt, ledger: Ledger) -> Cash | None:
    """Charged less reckoned; None where it is not reckoned."""
    found = ledger.reckoned.get(attempt.client_id)
    return None if found is None else Cash(attempt.fees - found.fee)


def is_off(charged: int, reckoned: int) -> bool:
    """Whether the difference is more than rounding, so that the model is another one."""
    off = abs(charged - reckoned)
    return off > DRIFT_MIN and off * 100 > DRIFT_PERCENT * reckoned


def _held(hedge: Hedge) -> set[tuple[str, str]]:
    contracts = {each.request.contract for each in hedge.attempts}
    return {(each.venue, each.market) for each in contracts if hedge.holds(each) > 0}


def _seen(
    hedge: Hedge, market: Market, ledger: Ledger, now: Markets, now_ms: int
) -> Watched | None:
    before = ledger.watched.get((hedge.id, market.venue, market.id)) or _planned(hedge, market)
    found = Watched(
        hedge=hedge.id,
        venue=market.venue,
        market=market.id,
        wording=wording(market),
        status=market.status,
        resolving=market.resolving,
        pays=market.pays,
        closes_ms=closes_ms(market),
        says=(),
        at_ms=now_ms,
    )
    if before is None:
        return found
    says = [*_changes(before, found, now_ms)]
    if found.pays is not None and found.pays != before.pays:
        says += [f"{name} has none yet" for name in _undecided(hedge, market, now)]
    return replace(found, says=tuple(says)) if says else None


def _planned(hedge: Hedge, market: Market) -> Watched | None:
    """As it was when the plan was made: an approval is bound to the words of then."""
    for leg in hedge.plan.legs:
        if (leg.contract.venue, leg.contract.market) == (market.venue, market.id) and leg.wording:
            return Watched(
                hedge=hedge.id,
                venue=market.venue,
                market=market.id,
                wording=leg.wording,
                status=MarketStatus.OPEN,
                resolving="",
                pays=None,
                closes_ms=leg.closes_ms,
                says=(),
                at_ms=hedge.plan.made_ms,
            )
    return None


def _changes(old: Watched, new: Watched, now_ms: int) -> Iterable[str]:
    if new.wording != old.wording:
        yield "its words are not those that were approved: read its rules again"
    if new.closes_ms != old.closes_ms and new.closes_ms is not None:
        is_earlier = old.closes_ms is None or new.closes_ms < old.closes_ms
        yield f"it closes {'earlier' if is_earlier else 'later'}, at {_at(new.closes_ms)}"
    is_result_new = (new.resolving, new.pays) != (old.resolving, old.pays)
    if is_result_new and new.resolving:
        yield f"its result is {new.resolving}{_paying(new)}"
    elif is_result_new:
        yield "no result is on its way any more"
    elif new.status is not old.status:
        early = new.closes_ms is not None and now_ms < new.closes_ms
        is_over = new.status is MarketStatus.CLOSED
        yield f"it is {new.status}{', before its time' if is_over and early else ''}"


def _paying(seen: Watched) -> str:
    if seen.pays is None:
        return ""
    odd = "" if seen.pays in {0, ONE} else ", which is neither: a void or a scalar"
    return f": YES pays ${text(seen.pays)}{odd}"


def _undecided(hedge: Hedge, market: Market, now: Markets) -> Iterable[str]:
    """The other venues where this hedge holds something without a result."""
    for key in sorted(_held(hedge) - {(market.venue, market.id)}):
        if key in now and now[key].pays is None:
            yield key[0]


def _is_to_reckon(attempt: Attempt, ledger: Ledger) -> bool:
    standing = _standing(attempt)
    return (
        attempt.order.over
        and attempt.is_told
        and not attempt.is_provisional
        and bool(standing)
        and all(each.fee_told and not each.maker for each in standing)
        and attempt.client_id not in ledger.reckoned
    )


def _standing(attempt: Attempt) -> list[Fill]:
    found = [each for each in attempt.fills if not each.reversed]
    return sorted(found, key=lambda each: (each.filled_at, each.fill_id))


def _reckoned(attempt: Attempt, market: Market | None, now_ms: int) -> Iterable[Record]:
    fills = _standing(attempt)
    model = market.fees.at(int(fills[0].filled_at.timestamp()) * 1_000) if market else None
    if model is None or isinstance(model, UnknownFee):
        return
    slices = [Slice(each.price, each.quantity) for each in fills]
    fees = model.billed(attempt.request.side, slices)
    made = Reckoned(
        hedge=attempt.hedge,
        client_id=attempt.client_id,
        fees=tuple((each.fill_id, fee) for each, fee in zip(fills, fees, strict=True)),
        at_ms=now_ms,
    )
    yield made
    if is_off(attempt.fees, made.fee):
        why = (
            f"it charged ${text(attempt.fees)} for order {attempt.client_id}, and our model of "
            f"its fees says ${text(made.fee)}"
        )
        yield Closed(venue=attempt.request.contract.venue, on=True, why=why, at_ms=now_ms)


def _at(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms // 1_000, UTC):%Y-%m-%d %H:%M} UTC"
