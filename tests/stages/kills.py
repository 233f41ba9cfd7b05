"""Real kills: an executor over loopback, killed by SIGKILL in the middle of hedges, many times.

    python tests/stages/kills.py KILLS [WORLDS] [SEED]

The driver has everything imported and forks: what it kills has a journal, a lock and sockets of
its own, as `dutchbook run` has, and starts sooner. Each process tells over a pipe every row that
its journal has acknowledged; what was told must be on the disk for ever.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import yaml
from serving import Serving

import app.desk
from app.config import Settings, load_settings
from app.journal_reading import read_rows
from app.pair_source import pairs_to_scan
from app.problem import Problem
from app.store.journal import StoredJournal
from app.wiring_hedge import open_desks
from app.wiring_kalshi import kalshi_with_keys
from execution.exposure import unhedged
from execution.hedge import AT_REST
from execution.journal import Row, replayed
from execution.ledger import Ledger
from execution.orders import Attempt
from execution.reconcile import nets
from execution.risk import NotApproved
from execution.router import Venue
from venues import Cash, Outcome, Quantity, SystemClock, VenueError
from venues.kalshi.calls import orders as calls
from venues.money import text

UNHEDGED: Final = "40"
PAIRS: Final = ("fedhold", "gold", "nominee")
LIMITS: Final = {
    **dict.fromkeys(("order", "pair", "group", "venue", "day", "day_loss"), "100000"),
    "unhedged": UNHEDGED,
    "hedge_loss": "5",
    "open_hedges": 10_000,
    "cooldown_s": 0,
}
RESTS_S: Final = 120
"""So long a start may take until all that was unfinished rests, or is parked."""


class Telling(StoredJournal):
    """Tells the driver of every row that is on the disk, after it is."""

    pipe: int

    async def append(self, rows: Sequence[Row]) -> None:
        await super().append(rows)
        for row in rows:
            os.write(self.pipe, f"{row.number} {row.sum} {row.kind}\n".encode())


async def work(settings: Settings, pairs: Path, seed: int, *, hedges: bool) -> None:
    """What is killed: recovers, then hedges for as long as it lives."""
    rng, clock = random.Random(seed), SystemClock()
    source = partial(pairs_to_scan, pairs, settings)
    async with app.desk.open_desk(settings, source, clock=clock) as desk:
        journal = desk.executor.journal
        for hedge in list(desk.hedges.values()):
            if hedge.state not in AT_REST:
                await desk.rest(hedge.id)
        os.write(Telling.pipe, f"{journal.length} - rested\n".encode())
        while hedges:
            try:
                size = Quantity(rng.randint(300, 900) * 10_000)
                preview = await desk.preview(rng.choice(PAIRS), quantity=size)
                opened = await desk.execute(preview.plan.id, by="kills")
                await desk.rest(opened.id)
            except (Problem, NotApproved, VenueError):
                await clock.sleep_ms(20)


@dataclass
class World:
    """Two simulated venues, one journal, and whoever is killed over it."""

    settings: Settings
    pairs: Path
    rng: random.Random
    acknowledged: dict[int, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    cash: dict[str, int] = field(default_factory=dict)

    def round(self, *, kills: bool = True) -> None:
        """A start, a kill at a moment that is drawn, and what must be true of the disk."""
        early = kills and self.rng.random() < 0.25
        after, late_s = self.rng.randint(1, 12), self.rng.random() * 0.02
        early_s = self.rng.random() * 1.5
        with forked(partial(self._child, self.rng.getrandbits(32), kills)) as (pid, pipe):
            last = self._hear(pid, pipe, early_s if early else None, after if kills else 0)
            if kills:
                time.sleep(0 if early else late_s)
                os.kill(pid, signal.SIGKILL)
                self.counts[f"killed after {last}"] += 1
            self._drain(pipe)
            _, status = os.waitpid(pid, 0)
        if kills:
            assert os.WIFSIGNALED(status), f"it ended by itself: {status}"
            assert os.WTERMSIG(status) == signal.SIGKILL
        else:
            assert status == 0, f"it ended with {status}"
        self._disk()

    def _hear(self, pid: int, pipe: int, early_s: float | None, after: int) -> str:
        """Until the moment to kill: so many rows after it rested, or so long after the start."""
        end, last, rows, rested = time.monotonic() + RESTS_S, "start", 0, False
        early = None if early_s is None else time.monotonic() + early_s
        while True:
            until = end if early is None else min(end, early)
            ready, _, _ = select.select([pipe], [], [], max(until - time.monotonic(), 0))
            if not ready:
                assert early is not None, f"{pid} neither rests nor hedges"
                return f"{last} (starting)" if not rested else last
            line = self._line(pipe)
            if not line:
                assert not after, "it died by itself"
                return last
            last = line[2]
            if last == "rested":
                rested, rows = True, 0
                self._rested(int(line[0]))
            elif rested:
                rows += 1
                if early is None and after and rows >= after:
                    return last

    def _line(self, pipe: int) -> list[str]:
        """One line at a time: rows told and not read yet are read after the kill."""
        found = b""
        while not found.endswith(b"\n"):
            got = os.read(pipe, 1)
            if not got:
                return []
            found += got
        words = found.decode().split()
        if words[1] != "-":
            self.acknowledged[int(words[0])] = words[1]
        return words

    def _drain(self, pipe: int) -> None:
        while self._line(pipe):
            pass

    def _child(self, seed: int, hedges: bool, pipe: int) -> None:
        Telling.pipe = pipe
        vars(app.desk)["StoredJournal"] = Telling
        asyncio.run(work(self.settings, self.pairs, seed, hedges=hedges))

    def _disk(self) -> Ledger:
        """What was acknowledged is there, as it was written, and the chain holds."""
        rows = read_rows(self.settings)
        there = {row.number: row.sum for row in rows}
        lost = {n for n, checksum in self.acknowledged.items() if there.get(n) != checksum}
        assert not lost, f"rows that were acknowledged are gone: {sorted(lost)}"
        return replayed(rows)

    def _rested(self, length: int) -> None:
        """After a start: all is at an end or parked, and what is open is within its limit."""
        ledger = replayed(read_rows(self.settings)[:length])
        for hedge in ledger.hedges.values():
            assert hedge.state in AT_REST, f"{hedge.id} is {hedge.state} after a start"
        open_ = unhedged(ledger, SystemClock().now_ms())
        assert open_ <= self.settings.limits.unhedged, f"${text(open_)} are without a twin"
        self.counts["starts that came to rest"] += 1

    def audit(self) -> None:
        """A start that is let live; then both venues' own ledgers against the journal."""
        self.round(kills=False)
        ledger = self._disk()
        asyncio.run(agree(self.settings, ledger, self.cash))
        self.counts["audits"] += 1
        attempts = _attempts(ledger)
        states = Counter(str(each.state) for each in ledger.hedges.values())
        self.counts.update({k: v - self.counts[k] for k, v in states.items()})
        absent = sum(each.absent_ms is not None for each in attempts)
        for name, count in (
            ("hedges", len(ledger.hedges)),
            ("orders", len(attempts)),
            ("presumed absent", absent),
            ("rows acknowledged", len(self.acknowledged)),
        ):
            self.counts[name] = count


@contextmanager
def forked(child: Any) -> Iterator[tuple[int, int]]:
    """`child` gets the end of the pipe that it writes to."""
    reads, writes = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reads)
        try:
            child(writes)
        except BaseException:  # noqa: BLE001 - nothing of the driver may run in its child
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(writes)
    try:
        yield pid, reads
    except BaseException:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise
    finally:
        os.close(reads)


def _attempts(ledger: Ledger) -> list[Attempt]:
    return [each for hedge in ledger.hedges.values() for each in hedge.attempts]


async def agree(settings: Settings, ledger: Ledger, cash: dict[str, int]) -> None:
    """Both venues' own ledgers and the journal say the same; `cash`: as it was before all."""
    async with _venues(settings) as venues:
        ids = await _kalshi_orders(settings)
        ours = {each.client_id for each in _attempts(ledger)}
        twice = [id for id, count in ids.items() if count > 1]
        assert not twice, f"kalshi has two orders of one intent: {twice}"
        assert set(ids) <= ours, f"kalshi has orders that no journal knows: {set(ids) - ours}"
        absent = {e.client_id for e in _attempts(ledger) if e.absent_ms is not None}
        assert not absent & set(ids), "kalshi has orders that were presumed absent"
        for name, venue in venues.items():
            await _venue_agrees(name, venue, ledger)
            spent = sum(e.outlay for e in _attempts(ledger) if _venue_of(e) == name)
            gone = cash[name] - await _cash(venue)
            assert gone == spent, f"{name} took {text(Cash(gone))}, the journal says {text(spent)}"


async def _venue_agrees(name: str, venue: Venue, ledger: Ledger) -> None:
    """Each order at most once and as far filled as is counted; positions to the micro."""
    attempts = {e.order.order_id: e for e in _attempts(ledger) if _venue_of(e) == name}
    attempts.pop("", None)
    account = venue.trading.account
    for each in attempts.values():
        account.recall(each.order)
    filled: Counter[str] = Counter()
    for fill in await account.fills(0):
        assert fill.order_id in attempts, f"{name} filled {fill.order_id}, which nobody sent"
        filled[fill.order_id] += 0 if fill.reversed else fill.quantity
    for id, attempt in attempts.items():
        assert filled[id] == attempt.filled, f"{name}: {id} filled {filled[id]}"
        assert filled[id] <= attempt.request.quantity, f"{name}: {id} filled twice"
    assert not await account.open_orders(), f"{name} has an order of ours that rests"
    held: Counter[str] = Counter()
    for position in await account.positions():
        sign = 1 if position.contract.outcome is Outcome.YES else -1
        held[position.contract.market] += sign * position.quantity
    ours = {market: held for market, held in nets(name, ledger).items() if held}
    assert {m: q for m, q in held.items() if q} == ours, f"{name} holds {held}"


async def _kalshi_orders(settings: Settings) -> Counter[str]:
    """Our own ids of all orders that it ever took."""
    found: Counter[str] = Counter()
    async with kalshi_with_keys(settings, SystemClock()) as wire:
        cursor = ""
        while True:
            page = await wire.http.send(calls.orders(cursor=cursor, limit=1_000, subaccount=0))
            rows = [json.loads(bytes(each)) for each in page.orders or ()]
            found.update(row["client_order_id"] for row in rows)
            cursor = page.cursor or ""
            if not cursor:
                return found


async def _cash(venue: Venue) -> int:
    return sum(each.available for each in await venue.trading.account.balances())


async def begin(settings: Settings) -> dict[str, int]:
    async with _venues(settings) as venues:
        return {name: await _cash(venue) for name, venue in venues.items()}


@asynccontextmanager
async def _venues(settings: Settings) -> AsyncIterator[dict[str, Venue]]:
    async with open_desks(settings, SystemClock(), tuple) as venues:
        yield venues


def _venue_of(attempt: Attempt) -> str:
    return attempt.request.contract.venue


def drive(kills: int, seed: int, *, every: int = 25) -> Counter[str]:
    """Raises AssertionError. What happened, counted."""
    with tempfile.TemporaryDirectory(prefix="kills-") as name:
        folder = Path(name)
        serving = Serving(folder / "sim.yaml", "--seed", str(seed))
        try:
            changed = yaml.safe_load((folder / "sim.yaml").read_text())
            changed |= {"data_dir": str(folder / "data"), "web": {"port": None}, "limits": LIMITS}
            (folder / "config.yaml").write_text(yaml.safe_dump(changed))
            settings = load_settings(folder / "config.yaml")
            world = World(settings, Path(serving.said["pairs_file"]), random.Random(seed))
            world.cash = asyncio.run(begin(settings))
            for number in range(1, kills + 1):
                world.round()
                if number % every == 0 or number == kills:
                    world.audit()
            return world.counts
        finally:
            serving.end(signal.SIGTERM)


def main(kills: int, worlds: int, seed: int) -> int:
    """Worlds side by side: most of the time is a wait for orders that never came."""
    if worlds == 1:
        sys.stdout.write(json.dumps(drive(kills, seed)))
        return 0
    parts = [kills // worlds + (n < kills % worlds) for n in range(worlds)]
    began = time.monotonic()
    running = [
        subprocess.Popen(
            [sys.executable, __file__, str(part), "1", str(seed + n)], stdout=subprocess.PIPE
        )
        for n, part in enumerate(parts)
    ]
    total: Counter[str] = Counter()
    for each in running:
        said, _ = each.communicate()
        total.update(json.loads(said) if said else {})
    for what, count in sorted(total.items()):
        sys.stdout.write(f"{count:>7}  {what}\n")
    took_s = round(time.monotonic() - began)
    sys.stdout.write(f"{took_s:>7}  seconds, {worlds} worlds, seeds from {seed}\n")
    return int(any(each.returncode for each in running))


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*(given + [200, 4, 1][len(given) :])))
