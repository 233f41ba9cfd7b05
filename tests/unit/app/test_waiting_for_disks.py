"""Nobody on the loop waits for who writes beside it, and what is written keeps its order."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from changes import appeared
from pair_books import START_MS
from sqlalchemy import event

from app.keeping import BATCH, Keeper
from app.store.history import Books, History, HistoryUnavailable
from app.store.job_runs import JobRunsTable
from app.store.opening import Place, open_database
from app.store.outbox import StoredOutbox
from scanner.episode import Change, Happened, end


class Disk:
    """A history that takes its time: it writes when it is let."""

    def __init__(self) -> None:
        self.let, self.began = threading.Event(), threading.Event()
        self.kept: list[list[str]] = []
        self.fails = False

    def keep(self, changes: Iterable[tuple[Change, Books]]) -> None:
        found = [change.episode.pair_id for change, _ in changes]
        self.began.set()
        self.let.wait(10)
        if self.fails:
            self.fails = False
            raise HistoryUnavailable("it is full")
        self.kept.append(found)


def keeper(disk: Any, clock: Any) -> Keeper:
    return Keeper(disk, lambda _: (None, None), clock)


async def interrupted(disk: Disk, kept: Keeper) -> None:
    """It is stopped while it writes "a"; "b" happens then."""
    kept.tell([appeared("a")])
    async with asyncio.TaskGroup() as group:
        writing = group.create_task(kept.flush())
        await asyncio.to_thread(disk.began.wait, 10)
        writing.cancel()
    kept.tell([appeared("b")])


async def test_a_stop_in_the_middle_of_a_write_waits_for_it_before_the_next(clock: Any) -> None:
    disk = Disk()
    kept = keeper(disk, clock)
    await interrupted(disk, kept)
    async with asyncio.TaskGroup() as group:
        group.create_task(kept.flush())
        await asyncio.sleep(0.05)
        disk.let.set()
    assert disk.kept == [["a"], ["b"]]


async def test_a_write_that_fails_while_we_stop_is_made_again(clock: Any) -> None:
    disk = Disk()
    disk.fails = True
    kept = keeper(disk, clock)
    await interrupted(disk, kept)
    disk.let.set()
    await kept.flush()
    await kept.flush()
    assert disk.kept == [["a", "b"]]


async def test_much_that_waited_is_written_in_parts(clock: Any) -> None:
    disk = Disk()
    disk.let.set()
    kept = keeper(disk, clock)
    kept.tell([appeared(f"p{n}") for n in range(BATCH + 1)])
    await kept.flush()
    assert [len(batch) for batch in disk.kept] == [BATCH, 1]


def test_who_reads_waits_for_nobody_who_writes(tmp_path: Path) -> None:
    with open_database(tmp_path) as engine, engine.begin():
        assert StoredOutbox(engine).due("slack", START_MS) == []
        assert StoredOutbox(engine).sent_ms("slack", 0) == []
        assert JobRunsTable(engine).unfinished() == []
        assert History(engine, "n").episodes() == []


def test_forgetting_years_lets_others_write_between(place: Place) -> None:
    happened: list[int] = []  # episodes deleted; 0: a transaction ended

    def executed(_: object, cursor: Any, statement: str, *__: object) -> None:
        if statement.startswith("DELETE FROM episodes"):
            happened.append(cursor.rowcount)

    with open_database(place) as engine:
        history = History(engine, "n")
        first = appeared("p").episode
        gone = [
            end(replace(first, first_ms=START_MS + n), START_MS + n, "not_crossed")
            for n in range(250)
        ]
        history.keep((Change(happened=Happened.ENDED, episode=each), {}) for each in gone)
        event.listen(engine, "after_cursor_execute", executed)
        event.listen(engine, "commit", lambda _: happened.append(0))
        assert history.prune(START_MS + 1_000) == 500
    ended = "".join("d" if rows else "|" for rows in happened)
    assert ended.strip("|").replace("||", "|") == "d|d|d"
    assert sum(happened) == 250
