"""Drives hedges against two venues: the only place from which an order leaves.

For each hedge, until it rests: what does the journal say, what comes next (execution.hedge), do it,
write down what happened. A start does the same with what the last run left behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol, assert_never

from execution.asking import PAUSE_MS, Asking
from execution.hedge import (
    Deadlines,
    Enter,
    Event,
    Hedge,
    Look,
    Move,
    Repair,
    Rest,
    Step,
    next_step,
)
from execution.journal import Journal
from execution.orders import Attempt, IllegalMove, Rung
from execution.plan import HedgePlan
from execution.reading import views
from execution.records import Moved, Opened, Record
from execution.risk import Approved, Around, NotApproved
from execution.rungs import NoTicket, Ticket, Views, ticket
from execution.sending import Sender
from venues import LOT, Cash, Clock, Contract, MarketData, Quantity, Side, Trading, Treasury
from venues.money import cost

UNKNOWN_MS: Final = 60_000
"""So long orders are looked for before a person is called."""
_DUST: Final = Quantity(LOT - 1)


class Venue(NamedTuple):
    """What execution needs of one venue. `treasury`: None where cash has just one pocket, or no
    way to move it is set up. `closed`: why nothing may be opened there, by the venue's own word;
    "" where it may."""

    data: MarketData
    trading: Trading
    treasury: Treasury | None = None
    closed: str = ""


class Gate(Protocol):
    """Says once more, just before the first order, whether a plan may go."""

    async def around(self, names: Iterable[str]) -> Around:
        """Everything that is to be read but the books: they come last, and are newest."""
        ...

    def check(self, plan: HedgePlan, now: Views, around: Around) -> Approved:
        """Raises NotApproved."""
        ...

    def barred(self, plan: HedgePlan, now: Views) -> frozenset[Contract]:
        """The substitutes that may not stand in for its second leg now."""
        ...

    def stops(self) -> str:
        """Why no entry may leave this instant, "" where one may."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """`minimum_cost`: the least an order may cost, by venue. `dust`: naked contracts that are let
    be."""

    deadlines: Deadlines = field(default_factory=Deadlines)
    minimum_cost: Mapping[str, Cash] = field(default_factory=dict)
    dust: Quantity = _DUST


class Router:
    """`told` hears of each hedge whenever its state changed."""

    def __init__(
        self,
        journal: Journal,
        venues: Mapping[str, Venue],
        *,
        clock: Clock,
        gate: Gate,
        pace: Pace,
        told: Callable[[Hedge], None],
    ) -> None:
        self.journal = journal
        self._data = {name: venue.data for name, venue in venues.items()}
        self._clock = clock
        self._gate = gate
        self._pace = pace
        self._told = told
        self._asking = {n: Asking(v.trading, journal, clock) for n, v in venues.items()}
        trading = {name: venue.trading for name, venue in venues.items()}
        self._sender = Sender(journal, trading, clock, gate.stops)

    async def open(
        self, approved: Approved, *, key: str, by: str, more: Iterable[Record] = ()
    ) -> Hedge:
        """Writes the hedge down, `more` with it or not at all. The same key once more is the same
        hedge, and nothing new happens."""
        ledger = self.journal.ledger
        if key not in ledger.keys:
            opened = Opened(plan=approved.plan, key=key, by=by, at_ms=self._clock.now_ms())
            try:
                await self.journal.append(opened, *more)
            except IllegalMove:
                if key not in ledger.keys:  # else it was asked for twice in the same instant
                    raise
        return ledger.hedges[ledger.keys[key]]

    async def drive(self, id: str) -> Hedge:
        """Until the hedge rests. Raises JournalError: then nothing more can be sent.

        One at a time for each hedge.
        """
        state, since_ns, said = None, 0, ""
        while True:
            hedge = self.journal.ledger.hedges[id]
            if hedge.state is not state:
                state, since_ns = hedge.state, self._clock.monotonic_ns()
                self._told(hedge)
            age_ms = (self._clock.monotonic_ns() - since_ns) // 1_000_000
            step = next_step(
                hedge, age_ms=age_ms, dust=self._pace.dust, deadlines=self._pace.deadlines
            )
            if isinstance(step, Rest):
                return hedge
            said = await self._do(hedge, step, said, age_ms)

    async def ask(self, hedge: Hedge) -> None:
        """Once, what became of orders that nobody waits for any more. Raises JournalError."""
        for each in hedge.open_attempts:
            await self._asking[each.request.contract.venue].ask(each)

    def is_done(self, hedge: Hedge) -> bool:
        """Whether `drive` would have nothing to do."""
        return isinstance(
            next_step(hedge, age_ms=0, dust=self._pace.dust, deadlines=self._pace.deadlines), Rest
        )

    async def _do(self, hedge: Hedge, step: Step, said: str, age_ms: int) -> str:
        """What is to be said with the next move."""
        match step:
            case Enter():
                return await self._enter(hedge)
            case Look(attempts=attempts):
                await self._look(hedge, attempts, age_ms)
            case Repair(rung=rung):
                return await self._repair(hedge, rung)
            case Move(event=event, why=why):
                await self._move(hedge, event, f"{why}: {said}" if said else why)
                return ""
            case Rest():
                pass
            case _:
                assert_never(step)
        return said

    async def _enter(self, hedge: Hedge) -> str:
        plan = hedge.plan
        around = await self._gate.around(plan.venues)
        asked_ns = self._clock.monotonic_ns()
        now = await views(self._data, (leg.contract for leg in plan.legs))
        try:
            approved = self._gate.check(plan, now, around)
        except NotApproved as error:
            await self._move(hedge, Event.DROPPED, str(error))
            return ""
        await self._move(hedge, Event.BEGAN, "approved on fresh books")
        hedge = self.journal.ledger.hedges[hedge.id]
        legs = (0, 1) if plan.together else (0,)
        return await self._sender.send(hedge, [_entry(approved, leg, asked_ns) for leg in legs])

    async def _look(self, hedge: Hedge, attempts: Iterable[Attempt], age_ms: int) -> None:
        learned = False
        for each in attempts:
            learned |= await self._asking[each.request.contract.venue].ask(each)
        if learned:
            return
        if age_ms >= UNKNOWN_MS:
            await self._move(hedge, Event.STUCK, "a venue does not say what became of an order")
        else:
            await self._clock.sleep_ms(PAUSE_MS)

    async def _repair(self, hedge: Hedge, rung: Rung) -> str:
        plan = hedge.plan
        asked = [leg.contract for leg in plan.legs]
        if rung is not Rung.CROSS:
            asked += [*plan.substitutes, *(each.request.contract for each in hedge.attempts)]
        now = await views(self._data, asked)
        made = ticket(
            hedge,
            rung,
            now,
            now_ms=self._clock.now_ms(),
            minimum_cost=self._pace.minimum_cost,
            barred=self._gate.barred(plan, now) if rung is Rung.SUBSTITUTE else frozenset(),
        )
        if isinstance(made, NoTicket):
            if made.for_good:
                await self._move(hedge, Event.EXPIRED, made.why)
                return ""
            await self._clock.sleep_ms(PAUSE_MS)
            return made.why
        if _is_shut(hedge, made):
            await self._move(hedge, Event.EXPIRED, f"{made.contract.venue} takes no orders now")
            return ""
        why = await self._sender.send(hedge, [made])
        if self.journal.ledger.hedges[hedge.id].naked == hedge.naked:
            await self._clock.sleep_ms(PAUSE_MS)
        return why

    async def _move(self, hedge: Hedge, event: Event, why: str) -> None:
        moved = Moved(hedge=hedge.id, event=event, why=why, at_ms=self._clock.now_ms())
        await self.journal.append(moved)


def _is_shut(hedge: Hedge, made: Ticket) -> bool:
    """Whether its venue refused everything already since this rung began."""
    return any(
        each.closes
        and each.request.contract.venue == made.contract.venue
        and each.sent_ms >= hedge.since_ms
        for each in hedge.attempts
    )


def _entry(approved: Approved, leg: int, asked_ns: int) -> Ticket:
    plan = approved.plan
    planned = plan.legs[leg]
    return Ticket(
        leg=leg,
        rung=Rung.ENTER,
        contract=planned.contract,
        side=Side.BUY,
        limit=planned.limit,
        quantity=plan.quantity,
        fee_bound=Cash(planned.reserve - cost(planned.limit, plan.quantity)),
        asked_ns=asked_ns,
    )
