"""Runs jobs at their slots, each (job, slot) at most once, whatever the clocks and processes do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

import structlog

from scanner.schedule import Every, Job, due
from venues import Clock

ATTEMPTS_MAX: Final = 3
"""A run that ends its process each time is not made for ever."""

TICK_MS: Final = 1_000
LOOK_MS: Final = 60_000
"""How often to look for runs whose node is gone: it is, so long after a time-out."""

Work = Callable[[int], Awaitable[str | None]]
"""Given the slot, does the job; what it returns is kept as a note."""

_log = structlog.get_logger()


class RunState(StrEnum):
    """FAILED: with an error. OVERRUN: cancelled at its time-out. ABANDONED: its process ended in
    the middle. The last two never ran: OVERLAP, the run before still went on; MISSED, nobody was
    there."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    OVERRUN = "overrun"
    ABANDONED = "abandoned"
    OVERLAP = "overlap"
    MISSED = "missed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One slot of a job. `started_ms` is None where it never was started; nor ever ended."""

    job: str
    slot_ms: int
    node: str
    state: RunState
    attempt: int = 1
    started_ms: int | None = None
    ended_ms: int | None = None
    note: str = ""


class RunsUnavailable(Exception):
    """What is kept of runs cannot be read or written now, so nothing may be started."""


class JobRuns(Protocol):
    """What is known of runs, shared by all nodes. Every method may raise RunsUnavailable."""

    def claim(self, job: str, slot_ms: int, node: str, now_ms: int) -> Run | None:
        """The run to make; None where the slot has run, or another slot of the job runs: an
        overlap, and kept as one. A slot that was missed can still be claimed."""
        ...

    def again(self, run: Run, node: str, now_ms: int) -> Run | None:
        """A run that was left in the middle, taken over as its next attempt; None: not by us."""
        ...

    def end(self, run: Run, state: RunState, now_ms: int, note: str) -> bool:
        """False where the run has another attempt since, or has ended."""
        ...

    def skip(
        self, job: str, slots_ms: Sequence[int], node: str, state: RunState, note: str
    ) -> None:
        """Keeps slots that are not run; one of which something is known stays as it is."""
        ...

    def unfinished(self) -> Sequence[Run]:
        """Runs that run, as far as is known, and those abandoned before their last attempt."""
        ...

    def last_slots(self) -> Mapping[str, int]:
        """The newest slot of each job of which anything is known."""
        ...


class Jobs:
    """Runs the jobs until it is cancelled. `node`: no other process of the database has this name.

    Their errors are kept and end nothing else. Without the database nothing is started.
    """

    def __init__(self, jobs: Mapping[Job, Work], runs: JobRuns, clock: Clock, node: str) -> None:
        self._jobs = {job.name: job for job in jobs}
        self._work = {job.name: work for job, work in jobs.items()}
        self._runs, self._clock, self._node = runs, clock, node
        self._after: dict[str, int] = {}
        self._live: dict[Run, asyncio.Task[None]] = {}
        self._overdue: set[Run] = set()
        self._deadlines: dict[Run, int] = {}
        self._unsaved: dict[Run, tuple[RunState, int, str]] = {}
        self._seen: dict[Run, int] = {}
        self._look_at = 0

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                self._cancel_overdue()
                try:
                    self._tick(group)
                except RunsUnavailable as error:
                    self._look_at = 0  # what was asked last may have been done
                    _log.error("schedule.unavailable", why=str(error))
                await self._clock.sleep_ms(TICK_MS)

    def _cancel_overdue(self) -> None:
        """By monotonic time, which no step of the clock changes."""
        for run, task in self._live.items():
            if self._clock.monotonic_ns() >= self._deadlines[run] and run not in self._overdue:
                self._overdue.add(run)
                task.cancel()

    def _tick(self, group: asyncio.TaskGroup) -> None:
        self._save()
        if self._clock.monotonic_ns() >= self._look_at:
            self._take_over(group)
            self._look_at = self._clock.monotonic_ns() + LOOK_MS * 1_000_000
        if not self._after:
            self._after = self._begin()
        for job in self._jobs.values():
            self._start_due(group, job)

    def _save(self) -> None:
        for run, (state, ended_ms, note) in [*self._unsaved.items()]:
            self._runs.end(run, state, ended_ms, note)
            del self._unsaved[run]

    def _take_over(self, group: asyncio.TaskGroup) -> None:
        """Runs whose process is gone: made again where the job allows that, else abandoned."""
        unfinished = self._runs.unfinished()
        now_ns = self._clock.monotonic_ns()
        self._seen = {run: self._seen.get(run, now_ns) for run in unfinished}
        for run in unfinished:
            job = self._jobs.get(run.job)
            if job is None or run in self._live or not self._is_gone(run, job):
                continue
            if job.rerunnable and run.attempt < ATTEMPTS_MAX:
                if taken := self._runs.again(run, self._node, self._clock.now_ms()):
                    self._start(group, job, taken)
            elif run.state is RunState.RUNNING:
                note = f"{run.node} ended in the middle"
                self._runs.end(run, RunState.ABANDONED, self._clock.now_ms(), note)

    def _is_gone(self, run: Run, job: Job) -> bool:
        """By how long we have seen it ourselves: clocks of nodes differ, and jump."""
        if run.state is RunState.ABANDONED or run.node == self._node:
            return True
        seen_ms = (self._clock.monotonic_ns() - self._seen[run]) // 1_000_000
        return seen_ms >= job.timeout_s * 1_000 + LOOK_MS

    def _begin(self) -> dict[str, int]:
        """Where each job goes on. One that never ran: an interval begins with its slot of now, a
        cron waits for its next."""
        known, now_ms = self._runs.last_slots(), self._clock.now_ms()
        return {
            job.name: known.get(
                job.name,
                now_ms - job.when.seconds * 1_000 if isinstance(job.when, Every) else now_ms,
            )
            for job in self._jobs.values()
        }

    def _start_due(self, group: asyncio.TaskGroup, job: Job) -> None:
        now_ms = self._clock.now_ms()
        after_ms = min(self._after[job.name], now_ms)  # a clock that was set back
        self._after[job.name] = after_ms
        found = due(job, after_ms, now_ms, self._node)
        if found is None:
            return
        if found.missed:
            note = "nobody was there to run it"
            self._runs.skip(job.name, found.missed, self._node, RunState.MISSED, note)
        if any(run.job == job.name for run in self._live):
            note = "the run before still went on"
            self._runs.skip(job.name, [found.slot_ms], self._node, RunState.OVERLAP, note)
        elif run := self._runs.claim(job.name, found.slot_ms, self._node, now_ms):
            self._start(group, job, run)
        self._after[job.name] = found.slot_ms

    def _start(self, group: asyncio.TaskGroup, job: Job, run: Run) -> None:
        self._deadlines[run] = self._clock.monotonic_ns() + job.timeout_s * 1_000_000_000
        self._live[run] = group.create_task(self._make(run))

    async def _make(self, run: Run) -> None:
        try:
            note = await self._work[run.job](run.slot_ms) or ""
        except asyncio.CancelledError:
            self._end(run, RunState.ABANDONED, "stopped in the middle")
            if run not in self._overdue:
                raise
        except Exception as error:  # noqa: BLE001 - the top of a task: it is kept and logged
            why = _sentence(error)
            _log.error("schedule.failed", job=run.job, slot_ms=run.slot_ms, why=why)
            self._end(run, RunState.FAILED, why)
        else:
            self._end(run, RunState.DONE, note)
        finally:
            self._forget(run)

    def _end(self, run: Run, state: RunState, note: str) -> None:
        if run in self._overdue:
            state, note = RunState.OVERRUN, f"cancelled after {self._jobs[run.job].timeout_s} s"
        self._unsaved[run] = (state, self._clock.now_ms(), note)
        try:
            self._save()
        except RunsUnavailable as error:
            _log.error("schedule.unavailable", why=str(error))

    def _forget(self, run: Run) -> None:
        self._live.pop(run)
        self._deadlines.pop(run)
        self._overdue.discard(run)


def _sentence(error: BaseException) -> str:
    """What an error says; of several, the first."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    name = type(error).__name__
    return f"{name}: {error}" if str(error) else name
