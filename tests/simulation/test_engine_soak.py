"""A long day of the live engine in virtual time: quiet hours, bursts, cut lines; nothing grows.

A quarter of an hour here; the six hours of docs/engine.md with DUTCHBOOK_SOAK_MINUTES=360.
"""

from __future__ import annotations

import asyncio
import gc
import os
import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from floor import Floor
from virtual import LoopClock, VirtualLoop, run_virtually

from app.room import Room
from scanner.episode import Change

MINUTES: Final = int(os.environ.get("DUTCHBOOK_SOAK_MINUTES", "15"))
PAIRS: Final = 12
QUIET_MS: Final = 2_400
"""Between two moves at most; each move is some ten frames."""
BURST_MS: Final = 48
BURSTS_MS: Final = 10_000
MINUTE_MS: Final = 60_000
ROUND_MS: Final = 3 * MINUTE_MS
"""Each is quiet, then a burst, then a cut line."""


@dataclass
class Seen:
    """What there is of ours, at the end of each round."""

    objects: list[int] = field(default_factory=list)
    tasks: list[int] = field(default_factory=list)
    files: list[int] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    trace: list[tuple[str, str, int]] = field(default_factory=list)

    def tell(self, changes: list[Change]) -> None:
        for change in changes:
            episode = change.episode
            self.trace.append((change.happened, episode.id, episode.last.profit))

    def look(self, room: Room) -> None:
        gc.collect()
        self.objects.append(sum(_ours().values()))
        self.tasks.append(len(asyncio.all_tasks()))
        self.files.append(len(list(Path("/proc/self/fd").iterdir())))
        self.waiting.append(sum(feed.waiting for feed in room.feeds.values()))


def _ours() -> Counter[str]:
    """Living objects of the product, the simulated venues left out."""
    modules = (str(type(each).__module__) for each in gc.get_objects())
    mine = (m for m in modules if m.startswith(("scanner", "app.", "venues.")))
    return Counter(module for module in mine if not module.startswith("venues.sim"))


async def lived(loop: VirtualLoop, *, ms: int, seed: int) -> Seen:
    clock, seen, luck = LoopClock(loop), Seen(), random.Random(seed)
    floor = Floor(clock, pairs=PAIRS, seed=seed)
    async with (
        floor.open(lambda changes: seen.tell(list(changes))) as room,
        asyncio.TaskGroup() as group,
    ):
        following = group.create_task(room.follow())
        await room.watch(floor.rows)
        end_ms = clock.now_ms() + ms
        while clock.now_ms() < end_ms:
            await _moves(floor, clock, luck, ROUND_MS - BURSTS_MS, QUIET_MS)
            await _moves(floor, clock, luck, BURSTS_MS, BURST_MS)
            await room.full_pass()
            await clock.sleep_ms(5_000)
            seen.look(room)
            streams = (floor.streams, floor.kalshi_streams)[luck.randrange(2)]
            streams.conversations[-1].line.cut()
        following.cancel()
    return seen


async def _moves(
    floor: Floor, clock: LoopClock, luck: random.Random, ms: int, apart_ms: int
) -> None:
    end_ms = clock.now_ms() + ms
    while clock.now_ms() < end_ms:
        await clock.sleep_ms(luck.randint(1, apart_ms))
        floor.move(luck.randrange(PAIRS), luck.randrange(2), luck.randint(-4, 4))


def test_a_long_day_leaves_nothing_behind() -> None:
    loop = VirtualLoop()
    seen = run_virtually(lived(loop, ms=MINUTES * MINUTE_MS, seed=3), loop)
    assert len(seen.objects) >= 4
    early, late = max(seen.objects[:3]), seen.objects[-1]
    assert late <= early * 11 // 10, f"{seen.objects}"
    assert max(seen.tasks) - min(seen.tasks) <= 4, f"{seen.tasks}"
    assert max(seen.files) == min(seen.files), f"{seen.files}"
    assert max(seen.waiting) == 0
    assert len(seen.trace) > MINUTES


def test_the_same_seed_lives_the_same_day() -> None:
    traces = []
    for _ in range(2):
        loop = VirtualLoop()
        traces.append(run_virtually(lived(loop, ms=ROUND_MS, seed=5), loop).trace)
    assert traces[0] == traces[1]
    assert len(traces[0]) > 10
