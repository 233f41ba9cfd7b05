"""What each job of the schedule does."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from alerts.message import Message
from app.alerting import Alerts
from app.config import Settings
from app.desk import Desk
from app.pair_source import Source, pairs_to_scan
from app.problem import Problem
from app.report import money, percent
from app.room import Room
from app.store.history import History
from app.store.job_runs import JobRunsTable
from app.store.outbox import StoredOutbox
from app.wiring_terms import VENUES
from scanner.episode import Episode
from scanner.jobs import Work
from scanner.schedule import Job
from venues import Clock

DAY_MS: Final = 86_400_000
_DIGEST_MAX: Final = 20
_SAID_MAX: Final = 300


@dataclass(slots=True, kw_only=True)
class Works:
    """`source` may change: a person approves pairs meanwhile. `config`: the file that a child
    process reads, too."""

    room: Room
    source: Source
    history: History
    runs: JobRunsTable
    outbox: StoredOutbox
    alerts: Alerts
    settings: Settings
    config: Path | None
    clock: Clock
    desk: Desk
    _children: asyncio.Lock = field(default_factory=asyncio.Lock)

    def all(self) -> Mapping[Job, Work]:
        """The jobs that have work here: pairs of a person's file are never looked for anew."""
        known: dict[str, Work] = {
            "scan": self.scan,
            "fees": self.fees,
            "digest": self.digest,
            "reconcile": self.reconcile,
            "housekeeping": self.housekeeping,
        }
        if self.source.booked is not None:
            known |= {"catalogue": self.catalogue, "match": self.match}
        return {job: known[job.name] for job in self.settings.jobs.all if job.name in known}

    async def scan(self, slot_ms: int) -> str:
        """A full pass over the pairs as the book has them now; where it cannot be read, over those
        that are known, so that ages and doubts are told all the same."""
        unread: Problem | None = None
        try:
            await self.reload()
        except Problem as problem:
            unread = problem
        await self.room.full_pass()
        engine = self.room.engine
        self.alerts.hear_standing(engine.episodes.values())
        near = dict(engine.near_misses)
        await asyncio.to_thread(self.history.count_near_misses, near, slot_ms)
        if unread:
            raise unread
        return f"{engine.pairs} pairs, {len(engine.episodes)} opportunities"

    async def catalogue(self, _: int) -> str:
        for venue in VENUES:
            await self._child("markets", venue, "--refresh", "--limit", "1", "--json")
        return f"{' and '.join(VENUES)} fetched anew"

    async def match(self, _: int) -> str:
        before = self.room.engine.pairs
        await self._child("pairs", "find", "--json")
        await self.reload()
        return f"{self.room.engine.pairs} pairs, {before} before"

    async def fees(self, slot_ms: int) -> str:
        """Status, ticks, minimums and fees of every watched market, anew."""
        await self.room.read_again()
        markets = [m for item in self.room.listed for m in (item.one, item.two) if m]
        changed = await asyncio.to_thread(self.history.note_metadata, markets, slot_ms)
        named = ", ".join(id for _, id in changed[:5])
        return f"{len(markets)} markets, {len(changed)} changed{f': {named}' if named else ''}"

    async def reconcile(self, _: int) -> str:
        """Beside the desk's own, every half minute."""
        answered = await self.desk.executor.reconcile()
        await self.desk.executor.watcher.look()
        differs = len(self.desk.executor.journal.ledger.differs)
        return f"{'both venues' if answered else 'not both venues'} compared, {differs} differences"

    async def digest(self, slot_ms: int) -> str:
        found = await asyncio.to_thread(self.history.episodes, slot_ms - DAY_MS, limit=10_000)
        message = _digest(found, self.alerts.mark)
        self.alerts.outbox.post(f"digest {slot_ms}", message)
        return f"{len(found)} opportunities in a day"

    async def housekeeping(self, slot_ms: int) -> str:
        before_ms = slot_ms - self.settings.history_days * DAY_MS
        gone = await asyncio.to_thread(self.history.prune, before_ms)
        await asyncio.to_thread(self.runs.prune, before_ms)
        await asyncio.to_thread(self.outbox.prune, before_ms)
        return f"{gone} rows older than {self.settings.history_days} days are gone"

    async def reload(self) -> None:
        """The pairs as they stand in the book now."""
        if self.source.booked is None:
            return
        before = self.source.rows
        self.source = await asyncio.to_thread(pairs_to_scan, None, self.settings)
        if self.source.rows != before:
            await self.room.watch(self.source.rows)

    async def _child(self, *words: str) -> None:
        """Another dutchbook: what it takes in memory goes with it, and no tick waits for it. One
        at a time, for two would write one catalogue."""
        async with self._children:
            await self._run_child(*words)

    async def _run_child(self, *words: str) -> None:
        named = ("--config", str(self.config)) if self.config else ()
        code = "from app.cli import main; main()"
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", code, *words, *named),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            _, said = await child.communicate()
        except asyncio.CancelledError:
            child.kill()
            await child.wait()
            raise
        if child.returncode:
            last = said.decode(errors="replace").strip().rpartition("\n")[2]
            raise RuntimeError(last[:_SAID_MAX] or f"{words[0]} ended with {child.returncode}")


def _digest(found: Sequence[Episode], mark: str) -> Message:
    """What was in doubt from beginning to end earns nobody anything: it is counted and no more."""
    good = [episode for episode in found if episode.was_good]
    best = sorted(good, key=lambda episode: -episode.best.profit)[:_DIGEST_MAX]
    doubted = len(found) - len(good)
    return Message(
        title=f"{mark}{len(good)} opportunities in the last day",
        lines=(
            *(
                f"{money(e.best.profit)} ({percent(e.best.edge_bps)}) for "
                f"{e.duration_ms / 1_000:.1f} s: {e.pair_id}"
                for e in best
            ),
            *((f"{doubted} more were in doubt all the time.",) if doubted else ()),
        ),
    )
