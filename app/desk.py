"""The desk: where a person, the page and the command line meet the executor.

A preview says in numbers what a hedge would be; executing it needs nothing else but its id. Neither
trusts what was on a screen: limits, books and approval are asked for again (execution.gate).
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from app.config import Settings
from app.kill_switch import stopped
from app.live import fetch, listed_as
from app.pair_source import Source, why_not
from app.pairs_file import PairRow
from app.problem import Exit, Problem
from app.store.journal import StoredJournal
from app.store.opening import open_database
from app.store.previews import Previews
from app.substitutes import tradable, with_substitutes
from app.wiring_hedge import open_desks
from app.wiring_terms import Member, live_policy
from execution.executor import Executor
from execution.exposure import reserved
from execution.hedge import Hedge
from execution.journal import Journal, JournalError, open_journal
from execution.orders import Attempt, IllegalMove
from execution.plan import Asked, HedgePlan, plan
from execution.proposals import Proposal, State, proposals
from execution.records import Confirmed
from execution.risk import Circumstances, Limits, refusals
from execution.router import Pace, Venue
from execution.rungs import Views
from execution.watching import Noticed
from matching.pairs import MarketKey
from scanner.offer import OrderKind
from scanner.scan import Policy
from venues import Balance, Cash, Clock, Contract, Market, Quantity

UNSETTLED: Final = frozenset({"polymarket"})
"""Venues whose fills may be taken back (docs/venues/polymarket.md)."""
E = TypeVar("E", bound=Exception)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """`refused`: every reason why it may not be executed, a sentence each; none: it may. `titles`:
    what the venues call what is bought, in the order of the legs. `balances`: of the pockets that
    pay. `notes`: what would help, a sentence each."""

    plan: HedgePlan
    refused: tuple[str, ...]
    titles: tuple[str, str]
    balances: tuple[Balance, ...]
    notes: tuple[str, ...] = ()


class NoPlan(Problem):
    """There is nothing to plan. `reason` is a gate of the scan, or "not_at_limits"."""

    def __init__(self, pair_id: str, reason: str, sentence: str) -> None:
        super().__init__(Exit.REFUSED, sentence)
        self.pair_id = pair_id
        self.reason = reason


class Pairs:
    """The pairs as they stood when they were read last."""

    def __init__(self, read: Callable[[], Source]) -> None:
        self._read = read
        self.now = read()

    async def again(self) -> Source:
        self.now = await asyncio.to_thread(self._read)
        return self.now


@dataclass(slots=True, kw_only=True)
class Desk:
    """`pairs` are read anew for whatever is decided. `pockets`: where cash was wanted so far."""

    executor: Executor
    venues: Mapping[str, Venue]
    previews: Previews
    settings: Settings
    pairs: Pairs
    clock: Clock
    pockets: set[tuple[str, str]] = field(default_factory=set)
    _locks: dict[str, asyncio.Lock] = field(default_factory=dict)

    @property
    def mode(self) -> str:
        return self.settings.mode

    @property
    def limits(self) -> Limits:
        return self.settings.limits.limits

    @property
    def hedges(self) -> Mapping[str, Hedge]:
        """By id, oldest first."""
        return self.executor.journal.ledger.hedges

    async def preview(
        self, pair_id: str, *, quantity: Quantity | None = None, budget: Cash | None = None
    ) -> Preview:
        """On the books and the cash of now. Raises NoPlan, and Problem for an unknown pair or a
        venue out of reach."""
        source = await self.pairs.again()
        row = _row(source, pair_id)
        await self.executor.note_switch()
        async with asyncio.TaskGroup() as group:
            tasks = {
                name: group.create_task(fetch(venue.data, [getattr(row, name)]))
                for name, venue in self.venues.items()
            }
            asked = group.create_task(self.executor.gate.around(self.venues))
            alike = group.create_task(tradable(source, row, self.venues, self.settings))
        got = {name: task.result() for name, task in tasks.items()}
        for each in got.values():
            if each.down or each.unknown:
                raise Problem(Exit.PARTIAL, each.down or " ".join(each.unknown))
        item = listed_as(row, got, Member(self.settings.kalshi.member))
        books = {MarketKey(n, id): book for n, f in got.items() for id, book in f.books.items()}
        balances, away = asked.result()
        if {each.venue for each in balances} != set(self.venues):
            raise Problem(Exit.PARTIAL, " ".join(away))
        markets = {MarketKey(m.venue, m.id): m for m in (item.one, item.two) if m}
        ledger = self.executor.journal.ledger
        made = plan(
            item,
            books,
            policy=self._policy(markets, balances),
            asked=self._planned(quantity, budget),
        )
        here = {(m.venue, m.pocket) for m in markets.values()}
        self.pockets |= here
        notes = tuple(said(each) for each in self.proposed(balances, here))
        if isinstance(made, str):
            raise NoPlan(row.pair_id, made, " ".join((_nothing(row.pair_id, made), *notes)))
        made = with_substitutes(made, (item.pair, *alike.result()), ledger)
        stops = self.executor.gate.stops()
        may = why_not(source, row.pair_id, markets, self.settings)
        around = Circumstances(
            now_ms=self.clock.now_ms(),
            balances=balances,
            barred=(*((stops,) if stops else ()), *away, *closed_of(self.venues), *may),
        )
        refused = refusals(made, ledger, self.limits, around)
        await asyncio.to_thread(self.previews.keep, made)
        one, two = (_title(leg.contract, markets) for leg in made.legs)
        paying = {(leg.contract.venue, leg.pocket) for leg in made.legs}
        paying |= {(venue, "") for venue in made.venues}
        shown = tuple(each for each in balances if (each.venue, each.pocket) in paying)
        return Preview(plan=made, refused=refused, titles=(one, two), balances=shown, notes=notes)

    def _planned(self, quantity: Quantity | None, budget: Cash | None) -> Asked:
        hedge, now_ms = self.settings.hedge, self.clock.now_ms()
        return Asked(
            id=f"{now_ms:x}{secrets.token_hex(4)}",
            now_ms=now_ms,
            life_ms=hedge.preview_s * 1_000,
            loss_max=self.limits.hedge_loss_max,
            quantity=quantity,
            budget=budget,
            together=hedge.together,
            unsettled=UNSETTLED,
            needs_ms=hedge.preview_s * 1_000 + hedge.deadlines.whole_ms,
        )

    def proposed(
        self, balances: Sequence[Balance], pockets: Collection[tuple[str, str]]
    ) -> tuple[Proposal, ...]:
        """Moves of cash to these pockets, on balances as they were read."""
        return proposals(
            State(
                ledger=self.executor.journal.ledger,
                balances=balances,
                positions=(),
                pockets=pockets,
                wanted=self.limits.order_max,
                now_ms=self.clock.now_ms(),
            )
        )

    async def execute(self, preview_id: str, *, by: str, nonce: str = "") -> Hedge:
        """Opens the hedge, which then goes on by itself; the same preview twice is the same hedge.

        Raises NotApproved, JournalError, and Problem for a preview that is not there.
        """
        lock = self._locks.setdefault(preview_id, asyncio.Lock())
        async with lock:
            ledger = self.executor.journal.ledger
            if preview_id in ledger.keys:
                return ledger.hedges[ledger.keys[preview_id]]
            found = await asyncio.to_thread(self.previews.find, preview_id)
            if found is None:
                raise Problem(Exit.REFUSED, f"There is no preview {preview_id}; make a new one.")
            await self.pairs.again()
            used = Confirmed(nonce=nonce, hedge=found.id, at_ms=self.clock.now_ms())
            more = (used,) if nonce else ()
            return await self.executor.open(found, key=preview_id, by=by, more=more)

    async def rest(self, id: str) -> Hedge:
        """Waits until the hedge rests. Raises Problem for one that is not there."""
        self._known(id)
        return await self.executor.rest(id)

    async def resume(self, id: str, by: str) -> Hedge:
        return await self._asked(self.executor.resume, id, by)

    async def unwind(self, id: str, by: str) -> Hedge:
        return await self._asked(self.executor.unwind, id, by)

    async def reopen(self, venue: str, by: str) -> bool:
        """Whether it was closed."""
        was_closed = venue in self.executor.journal.ledger.closed
        if was_closed:
            await self.executor.close(venue, on=False, why=f"{by} opened it again")
        return was_closed

    async def _asked(self, ask: Callable[[str, str], Awaitable[Hedge]], id: str, by: str) -> Hedge:
        self._known(id)
        try:
            return await ask(id, by)
        except IllegalMove:
            why = f"Hedge {id} is {self.hedges[id].state}; only a parked one waits for a person."
            raise Problem(Exit.REFUSED, why) from None

    def _known(self, id: str) -> None:
        if id not in self.hedges:
            said = f"There is no hedge {id} ({self.settings.book_name})."
            raise Problem(Exit.WRONG_USAGE, said)

    def _policy(self, markets: Mapping[MarketKey, Market], balances: tuple[Balance, ...]) -> Policy:
        """Orders count contracts, and take no more than what is allowed and there."""
        ledger, now_ms = self.executor.journal.ledger, self.clock.now_ms()
        cash = {}
        for market in markets.values():
            has = {each.pocket: each.available for each in balances if each.venue == market.venue}
            available = has.get(market.pocket, has.get("", Cash(0)))
            spoken = reserved(ledger.hedges.values(), market.venue, market.pocket, now_ms)
            free = max(min(self.limits.order_max, available - spoken), 0)
            cash[market.venue] = Cash(free)
        kinds = dict.fromkeys(self.venues, OrderKind.QUANTITY)
        return replace(live_policy(self.settings), cash=cash, kind=kinds)


def said(each: Proposal) -> str:
    return f"{each.says[0].upper()}{each.says[1:]}: dutchbook proposals do {each.id}."


def told_of(error: Exception) -> Exception:
    """What a person is told where the journal failed; any other error as it is."""
    failed = error if isinstance(error, JournalError) else None
    if isinstance(error, ExceptionGroup) and (found := error.subgroup(JournalError)):
        failed = first_of(found)
    if failed is None:
        return error
    said = f"{str(failed)[0].upper()}{str(failed)[1:]}: nothing more is sent."
    return Problem(
        Exit.UNKNOWN_OUTCOME,
        f"{said} What was sent before is in `dutchbook hedge list`; mend the disk, then start "
        "again: starting asks both venues what became of it.",
    )


def first_of(group: ExceptionGroup[E]) -> E:
    """The first of what went wrong, however deep it lies."""
    found = group.exceptions[0]
    return first_of(found) if isinstance(found, ExceptionGroup) else found


def closed_of(venues: Mapping[str, Venue]) -> tuple[str, ...]:
    """Where nothing may be opened: with one leg barred no hedge begins, and exits go on."""
    return tuple(each.closed for each in venues.values() if each.closed)


def _row(source: Source, pair_id: str) -> PairRow:
    for row in source.rows:
        if pair_id in (row.pair_id, row.kalshi, row.polymarket):
            return row
    said = f"{source.name} has no pair {pair_id!r} that is accepted or approved."
    raise Problem(Exit.BAD_FILE, said)


def _title(contract: Contract, markets: Mapping[MarketKey, Market]) -> str:
    market = markets[MarketKey(contract.venue, contract.market)]
    return market.name


def _nothing(pair_id: str, reason: str) -> str:
    from app.report import WHY

    if reason == "closes_soon":
        return (
            f"Nothing to hedge in {pair_id}: one of its markets closes before a hedge would be "
            "through, every rung of its repair counted."
        )
    if reason == "not_at_limits":
        return (
            f"Nothing to hedge in {pair_id}: filled at the limits that its orders would need, it "
            "would lose."
        )
    return f"Nothing to hedge in {pair_id}: {WHY[reason]}."


@asynccontextmanager
async def open_desk(
    settings: Settings,
    source: Callable[[], Source],
    *,
    clock: Clock,
    told: Callable[[Hedge], None] = lambda _: None,
    noticed: Noticed = lambda _: None,
    doubts: Callable[[], Mapping[str, str]] = dict,
) -> AsyncIterator[Desk]:
    """Recovers first. `doubts`: by venue, why nobody may act there now. Raises Problem where the
    journal is another's, or is not what was written."""
    pairs = Pairs(source)
    async with AsyncExitStack() as stack:
        engine = stack.enter_context(open_database(settings.hedge_place))
        sink = StoredJournal(engine, settings.book_name)
        stack.callback(sink.close)
        try:
            journal = await open_journal(sink)
        except JournalError as error:
            raise Problem(
                Exit.BAD_FILE,
                f"{str(error)[0].upper()}{str(error)[1:]}. Nothing was changed: look at it with "
                "`dutchbook journal verify`; `dutchbook journal restore` takes a backup back.",
            ) from None
        venues = await stack.enter_async_context(
            open_desks(settings, clock, lambda: _attempts(journal))
        )

        def barred(pair_id: str, now: Views) -> tuple[str, ...]:
            markets = {MarketKey(*key): view.market for key, view in now.items()}
            doubted = [why for venue, why in doubts().items() if venue in {v for v, _ in now}]
            may = why_not(pairs.now, pair_id, markets, settings)
            return (*doubted, *closed_of(venues), *may)

        executor = Executor(
            journal,
            venues,
            clock=clock,
            limits=lambda: settings.limits.limits,
            barred=barred,
            killed=lambda: _killed(settings),
            pace=Pace(
                deadlines=settings.hedge.deadlines,
                minimum_cost=live_policy(settings).minimum_cost,
            ),
            told=told,
            noticed=noticed,
        )
        await stack.enter_async_context(executor)
        yield Desk(
            executor=executor,
            venues=venues,
            previews=Previews(engine, settings.book_name),
            settings=settings,
            pairs=pairs,
            clock=clock,
        )


def _attempts(journal: Journal) -> list[Attempt]:
    return [each for hedge in journal.ledger.hedges.values() for each in hedge.attempts]


def _killed(settings: Settings) -> str:
    why = stopped(settings)
    return "" if why is None else f"The kill switch is on ({why.rstrip('.')})."
