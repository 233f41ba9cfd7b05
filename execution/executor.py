"""The one process that may trade: journal, router, and both venues compared every RECONCILE_MS.

Start is recovery. There is one way to begin: the journal is read, both venues are asked what became
of what we did, whatever was left unfinished is driven to its end, and only then is anything new
taken on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Final, Self

import structlog

from execution.acting import Actor
from execution.gate import Barred, LastLook
from execution.hedge import AT_REST, Event, Hedge, State
from execution.journal import Journal, JournalError
from execution.ledger import Act
from execution.orders import IllegalMove
from execution.plan import HedgePlan
from execution.proposals import Proposal
from execution.reconcile import Reconciler
from execution.records import Closed, Killed, Moved, Record
from execution.risk import Circumstances, Limits, approve
from execution.router import Pace, Router, Venue
from execution.watching import Noticed, Watcher
from venues import Clock

RECONCILE_MS: Final = 30_000
STOP_MS: Final = 7_000
"""So long a stop waits for hedges at work; what is naked then is parked."""
_log = structlog.get_logger()


class Executor:
    """Use as `async with`. `told` hears of each hedge whenever its state changed; `killed` says why
    a switch outside of the journal stops entries; `noticed` hears what becomes of the markets of
    hedges after the fills."""

    def __init__(
        self,
        journal: Journal,
        venues: Mapping[str, Venue],
        *,
        clock: Clock,
        limits: Callable[[], Limits],
        barred: Barred,
        killed: Callable[[], str] = lambda: "",
        pace: Pace,
        told: Callable[[Hedge], None] = lambda _: None,
        noticed: Noticed = lambda _: None,
    ) -> None:
        self.journal = journal
        self.limits = limits
        self.stopping = False
        self._killed = killed
        self.gate = LastLook(
            journal,
            {name: venue.data for name, venue in venues.items()},
            {name: venue.trading.account for name, venue in venues.items()},
            limits=limits,
            barred=barred,
            killed=self._stopped,
            clock=clock,
            needs_ms=pace.deadlines.whole_ms,
        )
        self.router = Router(journal, venues, clock=clock, gate=self.gate, pace=pace, told=told)
        self.reconcilers = {
            name: Reconciler(name, venue.trading.account, journal, clock)
            for name, venue in venues.items()
        }
        data = {name: venue.data for name, venue in venues.items()}
        self.watcher = Watcher(journal, data, clock, noticed)
        recycling = {n: way for n, v in venues.items() if (way := v.trading.recycling)}
        treasuries = {n: v.treasury for n, v in venues.items() if v.treasury}
        self.actor = Actor(journal, recycling, treasuries, clock)
        self._clock = clock
        self._group = asyncio.TaskGroup()
        self._driven: dict[str, asyncio.Task[Hedge]] = {}
        self._loop: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Recovers. Raises JournalError."""
        for each in self.reconcilers.values():
            each.recall()
        await self._look()
        await self._group.__aenter__()
        self._go_on()
        await self.watcher.look()
        await self.actor.ask()
        self._loop = self._group.create_task(self._keep_looking())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            await self.stop()
        for task in (self._loop, *self._driven.values()):
            if task:
                task.cancel()
        await self._group.__aexit__(None, None, None)  # what the body raised goes on by itself

    async def open(
        self, plan: HedgePlan, *, key: str, by: str, more: Iterable[Record] = ()
    ) -> Hedge:
        """Approves, writes down, begins. The same key once more is the same hedge. Raises
        NotApproved and JournalError."""
        ledger = self.journal.ledger
        if key in ledger.keys:
            return ledger.hedges[ledger.keys[key]]
        await self.note_switch()
        balances, away = await self.gate.around(plan.venues)
        if why := self.gate.stops():
            away = (*away, why)
        around = Circumstances(now_ms=self._clock.now_ms(), balances=balances, barred=away)
        approved = approve(plan, ledger, self.limits(), around)
        hedge = await self.router.open(approved, key=key, by=by, more=more)
        self.begin(hedge.id)
        return hedge

    def begin(self, id: str) -> asyncio.Task[Hedge]:
        """Has it driven, once at a time."""
        task = self._driven.get(id)
        if task is None or task.done():
            task = self._driven[id] = self._group.create_task(self._drive(id))
        return task

    async def rest(self, id: str) -> Hedge:
        """Waits until the hedge rests."""
        await asyncio.wait({self.begin(id)})
        return self.journal.ledger.hedges[id]

    async def resume(self, id: str, by: str) -> Hedge:
        """A person has the ladder of a parked hedge tried again. Raises IllegalMove."""
        return await self._asked(id, Event.RESUMED, f"{by} asked for it")

    async def unwind(self, id: str, by: str) -> Hedge:
        """A person has what is naked sold. Raises IllegalMove."""
        return await self._asked(id, Event.UNWOUND, f"{by} asked for it")

    async def act(self, proposal: Proposal, by: str) -> Act:
        """A person has it done, and it goes on whoever waits. Raises NoWay, JournalError."""
        self.actor.check(proposal)
        task = self._group.create_task(self.actor.do(proposal, by))
        await asyncio.wait({task})
        return task.result()

    async def note_switch(self) -> None:
        """Has the journal say when the kill switch, which is outside of it, was set and cleared."""
        why, noted = self._killed(), self.journal.ledger.killed
        if why != (noted.why if noted else ""):
            now_ms = self._clock.now_ms()
            await self.journal.append(Killed(on=bool(why), why=why, at_ms=now_ms))

    async def close(self, venue: str, *, on: bool, why: str) -> None:
        """Takes no entries at a venue, or again."""
        await self.journal.append(Closed(venue=venue, on=on, why=why, at_ms=self._clock.now_ms()))

    async def reconcile(self) -> bool:
        """Both venues, now; then whatever is unfinished goes on. False where one did not answer."""
        answered = await self._look()
        self._go_on()
        return answered

    async def stop(self) -> None:
        """Nothing new; hedges at work are finished, or parked where that takes too long."""
        self.stopping = True
        working = [task for task in self._driven.values() if not task.done()]
        if working:
            await asyncio.wait(working, timeout=STOP_MS / 1_000)
        for id, task in self._driven.items():
            if not task.done():
                task.cancel()
                await asyncio.wait({task})
                await self._park(id)

    async def _look(self) -> bool:
        await self.note_switch()
        async with asyncio.TaskGroup() as group:
            looks = [group.create_task(each.look()) for each in self.reconcilers.values()]
        return all(each.result() for each in looks)

    def _go_on(self) -> None:
        for hedge in self.journal.ledger.hedges.values():
            if hedge.open_attempts or not self.router.is_done(hedge):
                self.begin(hedge.id)

    async def _asked(self, id: str, event: Event, why: str) -> Hedge:
        moved = Moved(hedge=id, event=event, why=why, at_ms=self._clock.now_ms())
        await self.journal.append(moved)
        self.begin(id)
        return self.journal.ledger.hedges[id]

    async def _drive(self, id: str) -> Hedge:
        hedge = self.journal.ledger.hedges[id]
        if hedge.state is State.PARKED:
            await self.router.ask(hedge)
        while True:
            hedge = await self.router.drive(id)
            if not hedge.attempts or self.stopping:
                return hedge
            for name in sorted({each.request.contract.venue for each in hedge.attempts}):
                await self.reconcilers[name].look()  # its fills, and what they cost
            hedge = self.journal.ledger.hedges[id]
            if self.router.is_done(hedge):
                return hedge

    async def _park(self, id: str) -> None:
        hedge = self.journal.ledger.hedges[id]
        if hedge.state in AT_REST or hedge.state is State.OPENED:
            return
        why = "it was stopped in the middle"
        moved = Moved(hedge=id, event=Event.STUCK, why=why, at_ms=self._clock.now_ms())
        try:
            await self.journal.append(moved)
        except (JournalError, IllegalMove) as error:
            _log.error("hedge.not_parked", hedge=id, why=str(error))

    async def _keep_looking(self) -> None:
        while True:
            await self._clock.sleep_ms(RECONCILE_MS)
            await self.reconcile()
            await self.watcher.look()
            await self.actor.ask()

    def _stopped(self) -> str:
        if self.stopping:
            return "It is being stopped."
        for each in self.reconcilers.values():
            if not each.is_current:
                return f"{each.venue} could not be compared with the journal lately."
        return self._killed()
