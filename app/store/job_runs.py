"""Runs of jobs in the database. The keys of the table decide between nodes, not this code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import ColumnElement, Engine, RowMapping, and_, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlmodel import SQLModel

from app.store import tables_history  # noqa: F401 - makes the table known
from app.store.opening import reading
from app.store.upsert import said, upsert
from scanner.jobs import ATTEMPTS_MAX, Run, RunState, RunsUnavailable

_RUNS: Final = SQLModel.metadata.tables["job_runs"]
_NOTE_MAX: Final = 500


class JobRunsTable:
    """Implements `scanner.jobs.JobRuns`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._to_read = reading(engine)

    def claim(self, job: str, slot_ms: int, node: str, now_ms: int) -> Run | None:
        run = Run(job=job, slot_ms=slot_ms, node=node, state=RunState.RUNNING, started_ms=now_ms)
        was_missed = and_(_is(run), _RUNS.c.state == RunState.MISSED.value)
        with _told():
            try:
                with self._engine.begin() as connection:
                    taken = connection.execute(update(_RUNS).where(was_missed).values(_values(run)))
                    if not taken.rowcount:
                        connection.execute(_RUNS.insert(), _values(run))
            except IntegrityError:
                self.skip(job, [slot_ms], node, RunState.OVERLAP, "the run before still went on")
                return None
        return run

    def again(self, run: Run, node: str, now_ms: int) -> Run | None:
        taken = replace(
            run,
            node=node,
            state=RunState.RUNNING,
            attempt=run.attempt + 1,
            started_ms=now_ms,
            ended_ms=None,
            note=f"again, after {run.node} ended in the middle",
        )
        with _told():
            try:
                return taken if self._change(run, taken) else None
            except IntegrityError:  # another slot of the job runs
                return None

    def end(self, run: Run, state: RunState, now_ms: int, note: str) -> bool:
        ended = replace(run, state=state, ended_ms=now_ms, note=_plain(note))
        with _told():
            return self._change(run, ended)

    def skip(
        self, job: str, slots_ms: Sequence[int], node: str, state: RunState, note: str
    ) -> None:
        rows = [
            _values(Run(job=job, slot_ms=slot_ms, node=node, state=state, note=note))
            for slot_ms in slots_ms
        ]
        with _told(), self._engine.begin() as connection:
            connection.execute(upsert(connection, _RUNS).on_conflict_do_nothing(), rows)

    def unfinished(self) -> Sequence[Run]:
        left = and_(_RUNS.c.state == RunState.ABANDONED.value, _RUNS.c.attempt < ATTEMPTS_MAX)
        asked = select(_RUNS).where(or_(_RUNS.c.state == RunState.RUNNING.value, left))
        with _told(), self._to_read.connect() as connection:
            rows = connection.execute(asked.order_by(_RUNS.c.slot_ms))
            return [_run(row) for row in rows.mappings()]

    def last_slots(self) -> Mapping[str, int]:
        asked = select(_RUNS.c.job, func.max(_RUNS.c.slot_ms)).group_by(_RUNS.c.job)
        with _told(), self._to_read.connect() as connection:
            return {row.job: row[1] for row in connection.execute(asked)}

    def newest(self, limit: int, job: str | None = None) -> Sequence[Run]:
        """The last slots, of one job or of all, newest first."""
        asked = select(_RUNS).order_by(_RUNS.c.slot_ms.desc(), _RUNS.c.job).limit(limit)
        if job is not None:
            asked = asked.where(_RUNS.c.job == job)
        with _told(), self._to_read.connect() as connection:
            return [_run(row) for row in connection.execute(asked).mappings()]

    def prune(self, before_ms: int) -> int:
        """Forgets ended runs of slots before that, but never a job's newest: how many."""
        newest = select(func.max(_RUNS.c.slot_ms)).group_by(_RUNS.c.job)
        old = and_(
            _RUNS.c.slot_ms < before_ms,
            _RUNS.c.state != RunState.RUNNING.value,
            _RUNS.c.slot_ms.not_in(newest),
        )
        with _told(), self._engine.begin() as connection:
            return connection.execute(delete(_RUNS).where(old)).rowcount

    def _change(self, run: Run, now: Run) -> bool:
        """Whether the run was still as we know it."""
        same = and_(
            _is(run),
            _RUNS.c.node == run.node,
            _RUNS.c.attempt == run.attempt,
            _RUNS.c.state == run.state.value,
        )
        with self._engine.begin() as connection:
            changed = connection.execute(update(_RUNS).where(same).values(_values(now)))
            return changed.rowcount == 1


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        why = _plain(f"the runs of jobs cannot be kept: {said(error)}")
        raise RunsUnavailable(why) from None


def _is(run: Run) -> ColumnElement[bool]:
    return and_(_RUNS.c.job == run.job, _RUNS.c.slot_ms == run.slot_ms)


def _values(run: Run) -> dict[str, Any]:
    return {
        "job": run.job,
        "slot_ms": run.slot_ms,
        "node": run.node,
        "state": run.state.value,
        "attempt": run.attempt,
        "started_ms": run.started_ms,
        "ended_ms": run.ended_ms,
        "note": run.note,
    }


def _run(row: RowMapping) -> Run:
    return Run(**{**dict(row), "state": RunState(row["state"])})


def _plain(words: str) -> str:
    """One line that every database takes."""
    return "".join(c if c.isprintable() else " " for c in words)[:_NOTE_MAX]
