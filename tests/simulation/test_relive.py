"""A recorded day lived again: the same episodes at the same times, from the tapes alone."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

import pytest
from floor import Floor
from virtual import LoopClock, VirtualLoop, run_virtually

from app.pairs_file import PairRow
from app.relisted import listed_from
from app.wiring import player
from app.wiring_terms import Member
from scanner.click import Click
from scanner.clicks import Clicked, Clicks
from scanner.engine import Engine
from scanner.episode import Change, Episode
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
    """Makers that move, lines that are cut, a doubt, pairs that come and go, full passes."""

    def __init__(self, loop: VirtualLoop, folder: Path, *, megabytes: int = 500) -> None:
        self.clock = LoopClock(loop)
        self.told: list[Change] = []
        self.tapes = Tapes(folder, self.clock, TapeLimits(megabytes=megabytes))
        self.rows: list[PairRow] = []

    async def live(self, *, seed: int, minutes: int, streamed: bool = True) -> None:
        luck, floor = random.Random(seed), Floor(self.clock, pairs=PAIRS, seed=seed)
        self.rows = floor.rows
        with self.tapes:
            recorder = Recorder(self.tapes, self.clock)
            recorder.begin()
            async with (
                floor.open(self.told.extend, recorder, streamed=streamed) as room,
                asyncio.TaskGroup() as group,
            ):
                following = group.create_task(room.follow())
                await room.watch(floor.rows)
                for minute in range(minutes):
                    end_ms = self.clock.now_ms() + 60_000
                    room.engine.doubts = {"kalshi": "its clock is off"} if minute % 3 == 1 else {}
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


def relived(
    folder: Path, rows: Iterable[PairRow], clicks: Sequence[Click] = ()
) -> list[Change | Clicked]:
    playing = player()
    engine = Engine(playing.books, policy=POLICY)
    waiting = Clicks(clicks, playing.books)
    again = Relived(engine, playing, waiting, listed_from(rows, Member.DIRECT))
    records = chain.from_iterable(map(Tape, tapes_in(folder)))
    found = list(again.run(records))
    assert playing.skipped == 0
    return found


def told(found: Iterable[Change | Clicked]) -> list[Change]:
    """All but the ends of those that are over because nobody looks any more, which is no news."""
    changes = (each for each in found if isinstance(each, Change))
    return [each for each in changes if each.episode.ended_by != "stopped"]


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
    assert any(e.proof.doubts for e in lived), "what was known of the books is the same, too"
    assert told(found) == told(day.told)


def test_tapes_of_several_runs_follow_each_other(tmp_path: Path) -> None:
    """Each flush begins a new tape here, and a second process goes on in the same folder."""
    lived: list[Change] = []
    rows: list[PairRow] = []
    for _ in range(2):
        loop = VirtualLoop()
        loop.jumps.now_ns = len(lived) and 600_000_000_000
        day = Day(loop, tmp_path, megabytes=0)
        run_virtually(day.live(seed=4, minutes=1), loop)
        lived, rows = lived + day.told, day.rows
    assert len(tapes_in(tmp_path)) > 20
    found = relived(tmp_path, rows, [Click(0, Cash(1)), Click(120_000, Cash(1))])
    assert len(told(lived)) > 40
    assert told(found) == told(lived)
    clicked = [each for each in found if isinstance(each, Clicked)]
    assert {(each.click.delay_ms, each.got is None) for each in clicked} == {
        (0, False),
        (120_000, True),
    }, "nobody knows the books between two runs"


def test_pairs_that_nobody_watched_then_are_priced_at_every_change(tmp_path: Path) -> None:
    loop = VirtualLoop()
    day = Day(loop, tmp_path)
    run_virtually(day.live(seed=5, minutes=2), loop)
    others = [row.model_copy(update={"pair_id": f"new-{row.pair_id}"}) for row in day.rows]
    found = {(e.first_ms, e.best.quantity) for e in episodes(relived(tmp_path, others))}
    lived = {(e.first_ms, e.best.quantity) for e in episodes(day.told) if e.ended_ms}
    assert len(lived) > 20
    assert len(lived & found) >= len(lived) * 9 // 10, "a reconnection, a pair that was away"


def episodes(found: Iterable[Change | Clicked]) -> list[Episode]:
    changes = [each for each in found if isinstance(each, Change)]
    return [*{each.episode.id: each.episode for each in changes}.values()]
