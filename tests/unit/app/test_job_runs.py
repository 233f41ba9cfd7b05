"""Runs of jobs in both databases: a slot has one run, whoever asks and however often."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product

import pytest
from sqlalchemy import Engine, create_engine, text

from app.store.job_runs import JobRunsTable
from app.store.opening import Place, open_database
from scanner.jobs import ATTEMPTS_MAX, Run, RunState, RunsUnavailable


@pytest.fixture
def engine(place: Place) -> Iterator[Engine]:
    with open_database(place) as engine:
        yield engine


@pytest.fixture
def runs(engine: Engine) -> JobRunsTable:
    return JobRunsTable(engine)


def claimed(runs: JobRunsTable, slot_ms: int = 60_000, node: str = "a") -> Run:
    run = runs.claim("scan", slot_ms, node, slot_ms + 5)
    assert run is not None
    return run


def states(runs: JobRunsTable) -> dict[int, RunState]:
    return {run.slot_ms: run.state for run in runs.newest(100)}


def test_a_slot_is_claimed_once_and_is_kept_as_it_ended(runs: JobRunsTable) -> None:
    run = claimed(runs)
    assert runs.unfinished() == [run]
    assert runs.claim("scan", 60_000, "b", 60_009) is None
    assert runs.end(run, RunState.DONE, 60_500, "two\nfound\0")
    ended = replace(run, state=RunState.DONE, ended_ms=60_500, note="two found ")
    assert runs.newest(5) == [ended]
    assert runs.unfinished() == []
    assert runs.claim("scan", 60_000, "a", 70_000) is None
    assert runs.newest(5) == [ended]
    assert not runs.end(run, RunState.FAILED, 80_000, "")


def test_a_slot_beside_a_run_of_the_same_job_is_an_overlap(runs: JobRunsTable) -> None:
    first = claimed(runs)
    assert runs.claim("scan", 120_000, "b", 120_000) is None
    assert states(runs) == {60_000: RunState.RUNNING, 120_000: RunState.OVERLAP}
    assert runs.claim("match", 120_000, "b", 120_000) is not None
    runs.end(first, RunState.DONE, 130_000, "")
    assert runs.claim("scan", 120_000, "b", 130_001) is None
    assert claimed(runs, 180_000, "b").node == "b"


def test_a_missed_slot_can_still_be_run_and_a_known_one_is_never_missed(
    runs: JobRunsTable,
) -> None:
    runs.end(claimed(runs), RunState.DONE, 61_000, "")
    runs.skip("scan", [60_000, 120_000], "a", RunState.MISSED, "nobody was there")
    assert states(runs) == {60_000: RunState.DONE, 120_000: RunState.MISSED}
    assert runs.last_slots() == {"scan": 120_000}
    assert claimed(runs, 120_000, "b").node == "b"
    assert runs.newest(1, "scan")[0].note == ""
    assert runs.newest(1, "match") == []


def test_a_run_left_in_the_middle_is_taken_over_by_one_node(runs: JobRunsTable) -> None:
    left = claimed(runs)
    taken = runs.again(left, "b", 90_000)
    assert taken is not None
    assert (taken.attempt, taken.node, taken.note) == (2, "b", "again, after a ended in the middle")
    assert runs.again(left, "c", 90_001) is None
    assert not runs.end(left, RunState.DONE, 90_002, "")  # it woke up, and is no longer the one
    assert runs.unfinished() == [taken]
    assert runs.end(taken, RunState.ABANDONED, 90_003, "stopped")
    (left,) = runs.unfinished()
    claimed(runs, 120_000)
    assert runs.again(left, "a", 120_001) is None  # the job runs already


def test_the_last_attempt_that_was_abandoned_is_final(runs: JobRunsTable) -> None:
    run: Run | None = claimed(runs)
    for _ in range(ATTEMPTS_MAX - 1):
        assert run is not None
        run = runs.again(run, "a", 1)
    assert run is not None
    runs.end(run, RunState.ABANDONED, 2, "")
    assert runs.unfinished() == []


def test_three_nodes_at_once_share_the_slots_and_run_each_once(engine: Engine) -> None:
    def take(asked: tuple[int, str]) -> Run | None:
        slot_ms, node = asked
        return JobRunsTable(engine).claim(f"job {slot_ms}", slot_ms, node, slot_ms)

    with ThreadPoolExecutor(6) as pool:
        found = [*pool.map(take, product(range(40), "abc"))]
    won = [run.slot_ms for run in found if run]
    assert sorted(won) == [*range(40)]


def test_three_nodes_at_once_start_one_slot_of_a_job(engine: Engine) -> None:
    with ThreadPoolExecutor(6) as pool:
        asked = range(1, 31)
        found = [*pool.map(lambda at: JobRunsTable(engine).claim("scan", at, str(at), at), asked)]
    assert len([run for run in found if run]) == 1
    kept = [run.state for run in JobRunsTable(engine).newest(100)]
    assert sorted(kept) == [RunState.OVERLAP] * 29 + [RunState.RUNNING]


def test_old_runs_are_forgotten_but_for_what_runs_and_the_newest(runs: JobRunsTable) -> None:
    for slot_ms in (1_000, 2_000, 3_000):
        runs.end(claimed(runs, slot_ms), RunState.DONE, slot_ms + 9, "")
    runs.claim("match", 500, "a", 500)
    assert runs.prune(9_000) == 2
    assert states(runs) == {3_000: RunState.DONE, 500: RunState.RUNNING}


def test_a_database_that_is_gone_is_told_in_a_sentence(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE job_runs"))
    runs = JobRunsTable(engine)
    with pytest.raises(RunsUnavailable, match=r"cannot be kept: .*job_runs"):
        runs.claim("scan", 1, "a", 1)
    absent = create_engine("postgresql+psycopg://me:hidden-word@/none?host=/nowhere/at/all")
    with pytest.raises(RunsUnavailable) as told:
        JobRunsTable(absent).unfinished()
    assert "hidden-word" not in str(told.value)
