"""The journal in a database: implements `execution.journal.Sink`.

One thread and one connection of its own do all of it, so that no append waits for other work of
this process. A commit returns when the rows are on the disk: SQLite by synchronous=FULL in WAL
mode, PostgreSQL by synchronous_commit=on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine, Table, func, insert, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import SQLModel

from app.store.tables_journal import JournalRow, LeaseRow
from app.store.upsert import said, upsert
from execution.journal import Fenced, JournalError, Row

_ROWS: Final[Table] = SQLModel.metadata.tables[JournalRow.__tablename__]
_LEASES: Final[Table] = SQLModel.metadata.tables[LeaseRow.__tablename__]
_TRIES: Final = 2
T = TypeVar("T")


class StoredJournal:
    """The rows of one `book`."""

    def __init__(self, engine: Engine, book: str) -> None:
        self.book = book
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")

    async def take(self) -> int:
        return await self._do(self._take)

    async def append(self, rows: Sequence[Row]) -> None:
        """Tried again once where nobody knows whether the commit arrived: rows that are there
        already, just as they are, count as written."""
        await self._do(lambda connection: self._append(connection, rows), tries=_TRIES)

    async def rows(self) -> Sequence[Row]:
        return await self._do(lambda connection: stored_rows(connection, self.book))

    async def fill(self, rows: Sequence[Row]) -> None:
        """An empty book with the rows of a backup, whatever their epochs."""

        def put(connection: Connection) -> None:
            if rows:
                connection.execute(insert(_ROWS), [_values(self.book, row) for row in rows])

        await self._do(put)

    def close(self) -> None:
        self._thread.shutdown()

    async def _do(self, work: Callable[[Connection], T], tries: int = 1) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._tried, work, tries)

    def _tried(self, work: Callable[[Connection], T], tries: int) -> T:
        for left in reversed(range(tries)):
            try:
                with self._begin() as connection:
                    return work(connection)
            except JournalError:
                if not left:
                    raise
        raise AssertionError("there is a last try")

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                if connection.dialect.name == "postgresql":
                    connection.execute(text("SET LOCAL synchronous_commit = on"))
                yield connection
        except SQLAlchemyError as error:
            raise JournalError(f"the journal cannot be used: {said(error)}") from error
        except OSError as error:
            raise JournalError(f"the journal cannot be used: {error}") from error

    def _take(self, connection: Connection) -> int:
        before = self._newest(connection)
        written = select(func.max(_ROWS.c.epoch)).where(_ROWS.c.book == self.book)
        epoch = max(before, connection.execute(written).scalar() or 0) + 1
        put = upsert(connection, _LEASES).values(book=self.book, epoch=epoch)
        connection.execute(
            put.on_conflict_do_update(index_elements=["book"], set_={"epoch": epoch})
        )
        return epoch

    def _append(self, connection: Connection, rows: Sequence[Row]) -> None:
        newest = self._newest(connection)
        if rows[0].epoch != newest:
            raise Fenced(f"another process took over (epoch {newest}, ours is {rows[0].epoch})")
        there = stored_rows(connection, self.book, after=rows[0].number - 1)
        if list(there) == list(rows):
            return
        if there:
            raise JournalError(f"row {rows[0].number} was written by somebody else")
        connection.execute(insert(_ROWS), [_values(self.book, row) for row in rows])

    def _newest(self, connection: Connection) -> int:
        """The newest epoch; nobody can take another one before this transaction ends."""
        asked = select(_LEASES.c.epoch).where(_LEASES.c.book == self.book)
        if connection.dialect.name == "postgresql":
            asked = asked.with_for_update()
        return connection.execute(asked).scalar() or 0


def stored_rows(connection: Connection, book: str, after: int = 0) -> Sequence[Row]:
    """Oldest first."""
    asked = (
        select(_ROWS).where(_ROWS.c.book == book, _ROWS.c.number > after).order_by(_ROWS.c.number)
    )
    return [
        Row(row.number, row.epoch, row.kind, row.body, row.sum) for row in connection.execute(asked)
    ]


def _values(book: str, row: Row) -> dict[str, object]:
    return {
        "book": book,
        "number": row.number,
        "epoch": row.epoch,
        "kind": row.kind,
        "body": row.body,
        "sum": row.sum,
    }
