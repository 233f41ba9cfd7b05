"""A recorded day lived again: the same episodes at the same times, from the tapes alone."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from floor import Floor
from virtual import LoopClock, VirtualLoop, run_virtually

from app.pairs_file import PairRow
from app.relisted import listed_from
from app.wiring import player
from app.wiring_terms import Member
from scanner.clicks import Clicks
from scanner.engine import Engine
from scanner.episode import Change
from scanner.relive import Relived
from scanner.scan import Policy
from venues import Cash
from venues.polymarket.fees import MARKETABLE_MINIMUM
from venues.recorded import Recorder
from venues.tape import Tape
from venues.tapes import TapeLimits, Tapes, tapes_in

PAIRS = 16
POLICY = Policy(minimum_cost={"polymarket": Cash(MARKETABLE_MINIMUM)})


class Day:
    """Makers that move, lines that are cut, pairs that come and go, and full passes."""

    def __init__(self, loop: VirtualLoop, folder: Path, *, hours: int = 6) -> None:
        self.clock = LoopClock(loop)
        self.told: list[Change] = []
        self.tapes = Tapes(folder, self.clock, TapeLimits(hours=hours))
        self.rows: list[PairRow] = []

    async def live(self, *, seed: int, minutes: int, streamed: bool = True) -> None:
        luck, floor = random.Random(seed), Floor(self.clock, pairs=PAIRS, seed=seed)
        self.rows = floor.rows
        with self.tapes:
            recorder = Recorder(self.tapes, self.clock)
            async with (
                floor.open(self.told.extend, recorder, streamed=streamed) as room,
                asyncio.TaskGroup() as group,
            ):
                following = group.create_task(room.follow())
                await room.watch(floor.rows)
                for minute in range(minutes):
                    end_ms = self.clock.now_ms() + 60_000
                    while self.clock.now_ms() < end_ms:
                        await self.clock.sleep_ms(luck.choice((1, 3, 700)))
                        floor.move(luck.randrange(PAIRS), luck.randrange(2), luck.randint(-4, 4))
                        if luck.random() < 0.02:
                            await room.full_pass()
                    if streamed:
                        streams = (floor.streams, floor.kalshi_streams)[minute % 2]
                        streams.conversations[-1].line.cut()
                    await room.watch(luck.sample(floor.rows, PAIRS - minute % 3))
                following.cancel()


def relived(folder: Path, rows: Iterable[PairRow]) -> list[Change]:
    playing = player()
    engine = Engine(playing.books, policy=POLICY)
    again = Relived(engine, playing, Clicks((), playing.books), listed_from(rows, Member.DIRECT))
    records = chain.from_iterable(map(Tape, tapes_in(folder)))
    found = [each for each in again.run(records) if isinstance(each, Change)]
    assert playing.skipped == 0
    return found


def plain(changes: Iterable[Change]) -> list[tuple[Any, ...]]:
    """What is the same whatever is known of the proof. One that is over because nobody looks any
    more is no news."""
    episodes: dict[str, tuple[Any, ...]] = {}
    for each in changes:
        e = each.episode
        if e.ended_by != "stopped":
            episodes[e.id] = (e.id, e.best, e.half_life_ms, e.ended_ms, e.ended_by)
    return list(episodes.values())


@pytest.mark.parametrize(("seed", "streamed"), [(1, True), (2, True), (3, False)])
def test_a_recorded_day_gives_the_same_episodes_again(
    tmp_path: Path, seed: int, streamed: bool
) -> None:
    loop = VirtualLoop()
    day = Day(loop, tmp_path)
    run_virtually(day.live(seed=seed, minutes=6, streamed=streamed), loop)
    found = relived(tmp_path, day.rows)
    lived = [each.episode for each in day.told]
    assert len({e.id for e in lived}) > 50, "a quiet day proves little"
    assert {e.ended_by for e in lived} >= {"pair_left", "spread<=fees"}
    assert plain(found) == plain(day.told)
