"""Jobs on a clock that a test moves, over both databases: overlap, overrun, kill, steps of time."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Protocol

import pytest
from sqlalchemy import Engine

from app.store.job_runs import JobRunsTable
from app.store.opening import Place, open_database
from scanner.jobs import ATTEMPTS_MAX, LOOK_MS, Jobs, Run, RunState, RunsUnavailable, Work
from scanner.schedule import Cron, Every, Job

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
SCAN = Job(name="scan", when=Every(60), timeout_s=150)


class Timeline(Protocol):
    at_ms: int

    def now_ms(self) -> int: ...
    def monotonic_ns(self) -> int: ...
    async def sleep_ms(self, duration_ms: int) -> None: ...
    async def run(self, duration_ms: int) -> None: ...
    async def settle(self) -> None: ...


class Wall:
    """A node's clock: what it shows can be set, and its monotonic time goes on."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline, self.off_ms = timeline, 0

    def now_ms(self) -> int:
        return self._timeline.now_ms() + self.off_ms

    def monotonic_ns(self) -> int:
        return self._timeline.monotonic_ns()

    async def sleep_ms(self, duration_ms: int) -> None:
        await self._timeline.sleep_ms(duration_ms)


class Line:
    """A node's way to the database, which can be cut."""

    def __init__(self, table: JobRunsTable) -> None:
        self._table, self.is_cut = table, False

    def __getattr__(self, name: str) -> Any:
        if self.is_cut:
            raise RunsUnavailable("the line is cut")
        return getattr(self._table, name)


class World:
    """Nodes on one database; `made` is every (job, slot) that began, in order."""

    def __init__(self, timeline: Timeline, engine: Engine) -> None:
        self.timeline, self.table = timeline, JobRunsTable(engine)
        self.made: list[tuple[str, int]] = []
        self.lines: dict[str, Line] = {}
        self.walls: dict[str, Wall] = {}

    @asynccontextmanager
    async def node(
        self, name: str, *jobs: Job, work: Callable[[int], Awaitable[str | None]] | None = None
    ) -> AsyncIterator[None]:
        self.lines[name], self.walls[name] = Line(self.table), Wall(self.timeline)
        named = {job: self._noted(job.name, work) for job in jobs or (SCAN,)}
        running = Jobs(named, self.lines[name], self.walls[name], name)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(running.run())
            await self.timeline.settle()
            yield
            task.cancel()
        await self.timeline.settle()

    def kill(self, name: str) -> None:
        """What it does from now on reaches nobody."""
        self.lines[name].is_cut = True

    def _noted(self, name: str, work: Work | None) -> Work:
        async def noted(slot_ms: int) -> str | None:
            self.made.append((name, slot_ms))
            return await work(slot_ms) if work else None

        return noted

    def kept(self, job: str = "scan") -> list[Run]:
        return [*reversed(self.table.newest(10_000, job))]

    def states(self, job: str = "scan") -> list[tuple[int, RunState]]:
        return [(run.slot_ms // MINUTE_MS, run.state) for run in self.kept(job)]


@pytest.fixture
def world(timeline: Timeline, place: Place) -> Iterator[World]:
    timeline.at_ms = 100 * HOUR_MS + 500
    with open_database(place) as engine:
        yield World(timeline, engine)


START = 100 * 60


async def test_a_job_runs_at_its_slots_and_its_word_is_kept(world: World) -> None:
    async def work(slot_ms: int) -> str:
        return "3 pairs"

    async with world.node("a", work=work):
        await world.timeline.run(2 * MINUTE_MS)
    done = RunState.DONE
    assert world.states() == [(START, done), (START + 1, done), (START + 2, done)]
    assert world.kept()[1].note == "3 pairs"
    assert world.kept()[1].started_ms == (START + 1) * MINUTE_MS + 500


async def test_a_cron_that_never_ran_waits_for_its_time(world: World) -> None:
    digest = Job(name="digest", when=Cron("0 6 * * *"))
    async with world.node("a", digest):
        await world.timeline.run(HOUR_MS)
        assert world.made == []
        await world.timeline.run(HOUR_MS)  # it was four o'clock
    assert world.made == [("digest", 102 * HOUR_MS)]


async def test_the_slot_beside_a_long_run_is_kept_as_an_overlap(world: World) -> None:
    async def work(slot_ms: int) -> None:
        await world.timeline.sleep_ms(90_000)

    async with world.node("a", work=work):
        await world.timeline.run(3 * MINUTE_MS + 40_000)
    assert [state for _, state in world.states()] == [
        *(RunState.DONE, RunState.OVERLAP, RunState.DONE, RunState.OVERLAP),
    ]


async def test_a_run_past_its_time_is_cancelled_and_the_next_one_runs(world: World) -> None:
    async def work(slot_ms: int) -> None:
        if slot_ms == 100 * HOUR_MS:
            await world.timeline.sleep_ms(HOUR_MS)

    async with world.node("a", work=work):
        await world.timeline.run(3 * MINUTE_MS)
    assert [state for _, state in world.states()] == [
        *(RunState.OVERRUN, RunState.OVERLAP, RunState.OVERLAP, RunState.DONE),
    ]
    assert world.kept()[0].note == "cancelled after 150 s"


async def test_an_error_is_kept_in_a_sentence_and_ends_nothing_else(world: World) -> None:
    async def work(slot_ms: int) -> None:
        if slot_ms == 100 * HOUR_MS:
            raise ExceptionGroup("several", [ValueError("that is no price"), KeyError("x")])

    async with world.node("a", work=work):
        await world.timeline.run(MINUTE_MS)
    first, second = world.kept()
    assert (first.state, first.note) == (RunState.FAILED, "ValueError: that is no price")
    assert second.state is RunState.DONE


async def test_three_nodes_run_every_slot_once(world: World) -> None:
    jobs = (
        SCAN,
        Job(name="fees", when=Every(600), jitter_s=120, rerunnable=True),
        Job(name="tape", when=Cron("*/7 * * * *", "Europe/Berlin"), jitter_s=20),
    )
    async with AsyncExitStack() as stack:
        for name in "abc":
            await stack.enter_async_context(world.node(name, *jobs))
        await world.timeline.run(33 * MINUTE_MS)
    counts = Counter(world.made)
    assert set(counts.values()) == {1}
    assert len([1 for job, _ in counts if job == "scan"]) == 34
    assert len([1 for job, _ in counts if job == "fees"]) == 4
    assert [slot // MINUTE_MS - START for job, slot in counts if job == "tape"] == [7, 14, 21, 28]
    assert {run.state for name in ("scan", "fees", "tape") for run in world.kept(name)} == {
        RunState.DONE
    }


async def test_slots_that_nobody_was_there_for_become_one_run(world: World) -> None:
    async with world.node("a"):
        pass
    await world.timeline.run(5 * MINUTE_MS)
    async with world.node("a"):
        pass
    assert world.states() == [
        (START, RunState.DONE),
        *((START + n, RunState.MISSED) for n in (1, 2, 3, 4)),
        (START + 5, RunState.DONE),
    ]
    assert len(world.made) == 2


@pytest.mark.parametrize("rerunnable", [True, False])
async def test_the_slot_of_a_killed_run_is_made_again_where_it_may_be(
    world: World, rerunnable: bool
) -> None:
    job = Job(name="match", when=Every(3_600), rerunnable=rerunnable)

    async def hang(slot_ms: int) -> None:
        await world.timeline.sleep_ms(HOUR_MS)

    async with world.node("a", job, work=hang):
        world.kill("a")
    assert [run.state for run in world.kept("match")] == [RunState.RUNNING]
    async with world.node("a", job):
        pass
    (run,) = world.kept("match")
    if rerunnable:
        assert (run.state, run.attempt) == (RunState.DONE, 2)
        assert len(world.made) == 2
    else:
        assert (run.state, run.note) == (RunState.ABANDONED, "a ended in the middle")
        assert len(world.made) == 1


async def test_a_run_that_ends_its_process_each_time_is_given_up(world: World) -> None:
    job = Job(name="match", when=Every(3_600), rerunnable=True)

    async def hang(slot_ms: int) -> None:
        await world.timeline.sleep_ms(HOUR_MS)

    for _ in range(ATTEMPTS_MAX + 2):
        async with world.node("a", job, work=hang):
            world.kill("a")
    assert len(world.made) == ATTEMPTS_MAX
    (run,) = world.kept("match")
    assert run.attempt == ATTEMPTS_MAX


async def test_a_run_that_was_stopped_with_its_node_is_made_again_by_another(
    world: World,
) -> None:
    job = Job(name="match", when=Every(3_600), rerunnable=True)

    async def hang(slot_ms: int) -> None:
        await world.timeline.sleep_ms(HOUR_MS)

    async with world.node("b", job):
        await world.timeline.run(HOUR_MS - MINUTE_MS)
    async with world.node("a", job, work=hang):
        await world.timeline.run(2 * MINUTE_MS)
    assert world.kept("match")[-1].note == "stopped in the middle"
    async with world.node("b", job):
        pass
    last = world.kept("match")[-1]
    assert (last.node, last.attempt, last.state) == ("b", 2, RunState.DONE)


async def test_a_node_that_is_gone_is_followed_after_the_time_its_run_may_take(
    world: World,
) -> None:
    job = Job(name="match", when=Every(7_200), rerunnable=True, timeout_s=600)

    async def hang(slot_ms: int) -> None:
        await world.timeline.sleep_ms(10 * HOUR_MS)

    async with world.node("a", job, work=hang):
        world.kill("a")
    async with world.node("b", job):
        world.walls["b"].off_ms = HOUR_MS  # a clock that jumps makes nobody look dead
        await world.timeline.run(600_000)
        assert [run.attempt for run in world.kept("match")] == [1]
        await world.timeline.run(2 * LOOK_MS + 2_000)
    assert [(run.node, run.attempt) for run in world.kept("match")] == [("b", 2)]


async def test_a_clock_set_forward_and_back_runs_no_slot_twice_and_loses_none(
    world: World,
) -> None:
    async with world.node("a"):
        await world.timeline.run(2 * MINUTE_MS)
        world.walls["a"].off_ms = HOUR_MS
        await world.timeline.run(2 * MINUTE_MS)
        world.walls["a"].off_ms = 0
        await world.timeline.run(70 * MINUTE_MS)
    counts = Counter(slot // MINUTE_MS - START for _, slot in world.made)
    assert counts == dict.fromkeys({*range(75)} - {3, 4}, 1)
    passed = [state for minute, state in world.states() if minute - START in {3, 4}]
    assert passed == [RunState.MISSED] * 2  # it was another hour then: they became the run of 63


async def test_a_clock_set_back_by_an_hour_runs_no_slot_again(world: World) -> None:
    async with world.node("a"):
        await world.timeline.run(5 * MINUTE_MS)
        world.walls["a"].off_ms = -HOUR_MS
        await world.timeline.run(66 * MINUTE_MS)
    counts = Counter(slot // MINUTE_MS - START for _, slot in world.made)
    assert set(counts.values()) == {1}
    assert {*range(6), *range(6, 12)} <= set(counts)


async def test_nothing_starts_without_the_database_and_it_goes_on_when_it_is_back(
    world: World,
) -> None:
    async with world.node("a"):
        world.lines["a"].is_cut = True
        await world.timeline.run(3 * MINUTE_MS)
        assert len(world.made) == 1
        world.lines["a"].is_cut = False
        await world.timeline.run(2_000)
    assert [state for _, state in world.states()] == [
        *(RunState.DONE, RunState.MISSED, RunState.MISSED, RunState.DONE),
    ]


async def test_how_a_run_ended_is_kept_once_the_database_is_back(world: World) -> None:
    async def work(slot_ms: int) -> str:
        await world.timeline.sleep_ms(10_000)
        return "found"

    async with world.node("a", work=work):
        world.lines["a"].is_cut = True
        await world.timeline.run(20_000)
        world.lines["a"].is_cut = False
        await world.timeline.run(2_000)
    (run,) = world.kept()
    assert (run.state, run.note, run.attempt) == (RunState.DONE, "found", 1)
    assert run.ended_ms == 100 * HOUR_MS + 10_500
