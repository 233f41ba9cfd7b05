"""What stands where a guard of execution was, while it is switched off (test_switches.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import execution.journal
import execution.reconcile
import execution.rungs
from execution.records import Answered, NotDone
from venues import LOT, Cash, MarketStatus, OrderState, VenueError

Patch = tuple[object, str, Any]


def guess(hedge: str, client_id: str, why: str) -> NotDone:
    return NotDone(hedge=hedge, client_id=client_id, why=why)


def wrapped(owner: Any, name: str, change: Callable[..., Any]) -> Patch:
    """`change(old, *args)` instead."""
    old = getattr(owner, name)
    return owner, name, lambda *args, **named: change(old, *args, **named)


async def success(old: Any, sender: Any, hedge: Any, ready: Any, began_ns: int) -> Any:
    """Whatever came back counts as filled."""
    (_, *rest) = await old(sender, hedge, ready, began_ns)
    order = replace(ready.prepared.order, state=OrderState.FILLED, filled=ready.ticket.quantity)
    return Answered(hedge=hedge.id, order=order), *rest


async def canceled(old: Any, asking: Any, attempt: Any, found: Any) -> Any:
    try:
        ended = await asking._trading.cancel(found)
    except VenueError:
        ended = replace(found, state=OrderState.CANCELED)
    return Answered(hedge=attempt.hedge, order=ended)


async def only_cash(old: Any, gate: Any, name: str) -> Any:
    return await gate._accounts[name].balances(), ""


def approved_for_ever(old: Any, gate: Any, *args: Any) -> Any:
    gate._barred = lambda *_: ()
    return old(gate, *args)


def as_planned(old: Any, hedge: Any, rung: Any, now: Any, **named: Any) -> Any:
    made = old(hedge, rung, now, **named)
    if isinstance(made, execution.rungs.Ticket):
        return replace(made, quantity=hedge.plan.quantity)
    return made


def any_size(old: Any, one: Any, view: Any, minimum_cost: Any) -> Any:
    market = replace(view.market, minimum=LOT, status=MarketStatus.OPEN)
    return old(one, view._replace(market=market), Cash(0))


def every_word(old: Any, attempt: Any, fill: Any) -> Any:
    return replace(attempt, fills=(*attempt.fills, fill))


def not_taken_back(attempt: Any) -> Any:
    return max(sum(each.quantity for each in attempt.fills), attempt.order.filled)


async def carry_on(old: Any, journal: Any, *records: Any, since: Any = None) -> None:
    try:
        await old(journal, *records, since=since)
    except execution.journal.JournalError:
        journal.broken = None
        for each in records:
            journal.ledger.apply(each)


def wall(reconciler: Any) -> bool:
    if reconciler.looked_ms is None:
        return False
    return bool(reconciler._clock.now_ms() - reconciler.looked_ms < 120_000)


def since_it_was_sent(reconciler: Any) -> int:
    return min((each.sent_ms for each in reconciler._attempts()), default=0)


async def whatever_was_heard(old: Any, journal: Any, *records: Any, since: Any = None) -> None:
    await old(journal, *records)


def while_all_rest(old: Any, venue: str, ledger: Any, *args: Any) -> Any:
    moving = any(execution.reconcile._is_moving(each) for each in ledger.hedges.values())
    return () if moving else old(venue, ledger, *args)


async def since_our_clock_said(old: Any, asking: Any, attempt: Any, asked: Any) -> Any:
    as_of_ms = await asking._trading.account.as_of_ms()
    return None if as_of_ms < attempt.sent_ms + 3_000 else await old(asking, attempt, asked)


async def unshielded(journal: Any, *records: Any, since: Any = None) -> None:
    await journal._append(records, since)


def no_checksums(rows: Iterable[Any]) -> Iterable[Any]:
    return rows
