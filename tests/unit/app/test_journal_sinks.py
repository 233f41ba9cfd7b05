"""One suite over every sink of the journal: a simulated disk, SQLite, PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sim_disk import Disk
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from app.store.journal import StoredJournal
from app.store.opening import open_database
from execution.journal import Corrupt, Fenced, JournalError, Sink, open_journal, row
from execution.records import Closed, Killed

KILLED = Killed(on=True, why="a test", at_ms=1)
Make = Callable[[], Sink]


@pytest.fixture(params=["disk", "sqlite", "postgres"])
async def make(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Make]:
    """Each call is another process at the same journal."""
    if request.param == "disk":
        disk = Disk()
        yield lambda: disk
        return
    place = tmp_path if request.param == "sqlite" else request.getfixturevalue("database")
    with ExitStack() as stack:
        engine = stack.enter_context(open_database(place))
        yield lambda: closing(stack, StoredJournal(engine, "sim-live"))


def closing(stack: ExitStack, sink: StoredJournal) -> StoredJournal:
    stack.callback(sink.close)
    return sink


async def test_what_was_written_is_there_after_a_start(make: Make) -> None:
    journal = await open_journal(make())
    await journal.append(KILLED)
    await journal.append(Closed(venue="kalshi", on=True, why="keys", at_ms=2))
    again = await open_journal(make())
    assert again.ledger == journal.ledger
    assert again.ledger.killed == KILLED
    assert again.length == 2
    assert again.epoch > journal.epoch


async def test_who_was_taken_over_writes_nothing_more(make: Make) -> None:
    one = await open_journal(make())
    await one.append(KILLED)
    two = await open_journal(make())
    with pytest.raises(Fenced):
        await one.append(KILLED)
    with pytest.raises(Fenced):
        await one.append(KILLED)
    await two.append(KILLED)
    assert (await open_journal(make())).length == 2


async def test_the_same_rows_twice_are_written_once(make: Make) -> None:
    sink = make()
    epoch = await sink.take()
    first = row(1, epoch, KILLED, "0" * 64)
    await sink.append([first])
    await sink.append([first])
    other = row(1, epoch, Killed(on=False, why="", at_ms=3), "0" * 64)
    with pytest.raises(JournalError):
        await sink.append([other])
    assert list(await sink.rows()) == [first]


async def test_a_gap_or_a_changed_row_is_found_at_the_start(make: Make) -> None:
    sink = make()
    epoch = await sink.take()
    first = row(1, epoch, KILLED, "0" * 64)
    third = row(3, epoch, KILLED, first.sum)
    await sink.append([first, third])
    with pytest.raises(Corrupt, match="row 2: it is missing"):
        await open_journal(make())


@pytest.fixture
def engine(place: Any) -> Any:
    with open_database(place) as engine:
        yield engine


async def test_nothing_in_the_database_can_be_changed_or_deleted(engine: Engine) -> None:
    sink = StoredJournal(engine, "sim-live")
    journal = await open_journal(sink)
    await journal.append(KILLED)
    for change in ("UPDATE journal SET kind = 'x'", "DELETE FROM journal"):
        with pytest.raises(SQLAlchemyError, match="only added to"), engine.begin() as connection:
            connection.execute(text(change))
    assert len(await sink.rows()) == 1
    sink.close()


async def test_books_of_two_modes_do_not_mix(engine: Engine) -> None:
    paper, live = StoredJournal(engine, "sim-paper"), StoredJournal(engine, "sim-live")
    journal = await open_journal(paper)
    await journal.append(KILLED)
    assert list(await live.rows()) == []
    assert (await open_journal(live)).epoch == 1
    await journal.append(KILLED)
    for each in (paper, live):
        each.close()


async def test_a_commit_is_on_the_disk_before_it_returns(engine: Engine) -> None:
    """By its settings; what the disk itself promises, nobody here can prove."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            pytest.skip("the settings of the server belong to its owner; ours are set per commit")
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
