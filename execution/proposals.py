"""What a person could have done with one click to free or move capital. Pure.

A proposal is what the state of now suggests, and has an id of its own for as long as it does. It
becomes an act (execution.acting) only because a person said so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from execution.booking import holdings
from execution.exposure import reserved
from execution.ledger import Ledger
from execution.records import Acting, ActKind
from venues import ONE, Balance, Cash, Outcome, Position, RecyclingState
from venues.money import round_down, text

LEAST: Final = Cash(ONE)
"""Less than a dollar is not worth a click."""
_CENT: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """`amount` in micro-dollars, 0 where none moves; `of_hedges`: the part of a merge that hedges
    hold, the rest is of the account besides."""

    id: str
    kind: ActKind
    venue: str
    market: str = ""
    amount: Cash = Cash(0)
    of_hedges: Cash = Cash(0)
    source: str = ""
    destination: str = ""
    says: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What proposals rest on. `pockets`: where cash is wanted, by (venue, pocket). `wanted`: as
    much as one order may take. `netting`: of venues that can, whether they do, and the events of
    which more than one market is held there."""

    ledger: Ledger
    balances: Sequence[Balance]
    positions: Sequence[Position]
    pockets: Collection[tuple[str, str]]
    wanted: Cash
    now_ms: int
    merges_at: Collection[str] = ()
    netting: Mapping[str, tuple[bool, int]] = field(default_factory=dict)


def proposals(state: State) -> tuple[Proposal, ...]:
    """None of what is being done, or of which nobody knows what became of it."""
    ledger = state.ledger
    found = [*_merges(state), *_moves(state), *_nettings(state)]
    busy = {_subject(each.asked) for each in ledger.acts.values() if not each.is_over}
    return tuple(_named(each, ledger) for each in found if _subject(each) not in busy)


def _merges(state: State) -> Iterable[Proposal]:
    """Pairs of hedges, and pairs of what the account holds besides; never one of each, for then a
    hedge would lose what it holds."""
    ours = _ours(state.ledger)
    there: dict[tuple[str, str], dict[Outcome, int]] = {}
    for each in state.positions:
        key = each.contract.venue, each.contract.market
        if key[0] in state.merges_at:
            there.setdefault(key, {})[each.contract.outcome] = each.quantity
    for (venue, market), sides in sorted(there.items()):
        mine = ours.get((venue, market), {})
        of_hedges = min(mine.get(each, 0) for each in Outcome)
        besides = min(sides.get(each, 0) - mine.get(each, 0) for each in Outcome)
        amount = min(of_hedges + max(besides, 0), *(sides.get(each, 0) for each in Outcome))
        if amount < LEAST:
            continue
        yield Proposal(
            id="",
            kind=ActKind.MERGE,
            venue=venue,
            market=market,
            amount=Cash(amount),
            of_hedges=Cash(min(of_hedges, amount)),
            says=(
                f"{text(amount)} YES and NO of {market} at {venue} become ${text(amount)} of "
                "cash now"
            ),
        )


def _ours(ledger: Ledger) -> dict[tuple[str, str], dict[Outcome, int]]:
    """What hedges hold, less what was merged, or may have been."""
    found: dict[tuple[str, str], dict[Outcome, int]] = {}
    for each in holdings(ledger):
        key = each.contract.venue, each.contract.market
        found.setdefault(key, {})[each.contract.outcome] = each.quantity
    for act in ledger.acts.values():
        key = act.asked.venue, act.asked.market
        if act.asked.kind is ActKind.MERGE and act.state is not RecyclingState.FAILED:
            for outcome in found.get(key, {}):
                found[key][outcome] -= act.asked.of_hedges
    return found


def _moves(state: State) -> Iterable[Proposal]:
    """A pocket that could not pay one order gets as much as that from the fullest one that can
    spare it. What hedges may still take is spoken for."""
    for venue, pocket in sorted(state.pockets):
        if not pocket:
            continue
        free = _free(state, venue)
        short = state.wanted - free.get(pocket, 0)
        spare = {name: amount - state.wanted for name, amount in free.items() if name != pocket}
        source = max(spare, key=lambda name: (spare[name], name), default="")
        amount = round_down(max(min(short, spare.get(source, 0)), 0), _CENT)
        if amount < LEAST:
            continue
        yield Proposal(
            id="",
            kind=ActKind.MOVE,
            venue=venue,
            amount=Cash(amount),
            source=source,
            destination=pocket,
            says=(
                f"pocket {pocket} of {venue} has ${text(max(free.get(pocket, 0), 0))} free: "
                f"${text(amount)} move there from pocket {source}"
            ),
        )


def _free(state: State, venue: str) -> dict[str, int]:
    hedges = state.ledger.hedges.values()
    return {
        each.pocket: each.available - reserved(hedges, venue, each.pocket, state.now_ms)
        for each in state.balances
        if each.venue == venue and each.pocket
    }


def _nettings(state: State) -> Iterable[Proposal]:
    for venue, (is_on, events) in sorted(state.netting.items()):
        if not is_on and events:
            yield Proposal(
                id="",
                kind=ActKind.NET,
                venue=venue,
                says=(
                    f"more than one market of {events} event{'s' if events > 1 else ''} is held at "
                    f"{venue}: it may free what they lock twice, if you let it net by event"
                ),
            )


def _subject(each: Proposal | Acting) -> tuple[str, str, str, str]:
    return each.kind, each.venue, each.market, each.destination


def _named(each: Proposal, ledger: Ledger) -> Proposal:
    """The same proposal has the same id until it was done: the next one like it is another."""
    before = sum(_subject(act.asked) == _subject(each) for act in ledger.acts.values())
    words = (*_subject(each), each.source, str(each.amount), str(before))
    digits = hashlib.sha256("\0".join(words).encode()).hexdigest()
    return replace(each, id=f"{each.kind}-{digits[:8]}")
