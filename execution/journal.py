"""The journal: what we are about to do is written, and on the disk, before we do it.

Pure logic over a small sink. Each row carries a checksum of itself and of the row before, so a
record that was changed, lost or put in between is found. An epoch that only rises says who may
write: whoever takes a new one shuts out all others for good.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from execution.codec import decode, encode, kind_of
from execution.hedge import Hedge
from execution.ledger import Ledger
from execution.orders import IllegalMove
from execution.records import Record

BEGIN: Final = "0" * 64
"""What stands before the first row's checksum."""


class JournalError(Exception):
    """The journal cannot be written, or must not be: nothing may be sent. str() says why."""


class Fenced(JournalError):
    """Another process has taken over."""


class Overtaken(Exception):
    """Something new was written since this was decided: nothing was written."""


class Corrupt(JournalError):
    """A row is not what was written. `number` is the first bad one."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(f"journal row {number}: {why}")
        self.number = number


@dataclass(frozen=True, slots=True)
class Row:
    """`number` counts from 1 without a gap. `sum` is the checksum over all the others and the
    `sum` of the row before."""

    number: int
    epoch: int
    kind: str
    body: bytes
    sum: str


class Sink(Protocol):
    """Where rows are kept. `append` returns when they are on the disk, and writes all or none.

    Raises Fenced for an epoch that is no longer the newest, JournalError for everything else; the
    same rows once more are no error where they are there already.
    """

    async def take(self) -> int:
        """A new epoch, greater than any before."""
        ...

    async def append(self, rows: Sequence[Row]) -> None: ...

    async def rows(self) -> Sequence[Row]:
        """All, oldest first."""
        ...


class Journal:
    """The one writer of a sink. After an append that failed it takes nothing more: what is on the
    disk is then not known, and only a new start reads it.
    """

    def __init__(self, sink: Sink, epoch: int, ledger: Ledger, last: Row | None) -> None:
        self.ledger = ledger
        self.epoch = epoch
        self.broken: JournalError | None = None
        self._sink = sink
        self._number = last.number if last else 0
        self._sum = last.sum if last else BEGIN
        self._lock = asyncio.Lock()

    @property
    def length(self) -> int:
        return self._number

    async def append(self, *records: Record, since: Hedge | None = None) -> None:
        """All or none of them, and only while this hedge is still as in `since`. Raises Overtaken
        and IllegalMove, with nothing written, and JournalError.

        A caller who gives up meanwhile stops waiting, and no more: what began to be written is.
        """
        await asyncio.shield(self._append(records, since))

    async def _append(self, records: Sequence[Record], since: Hedge | None) -> None:
        async with self._lock:
            if self.broken:
                raise self.broken
            if since is not None and self.ledger.hedges[since.id] is not since:
                raise Overtaken
            rows: list[Row] = []
            trial = self.ledger.copy()
            for record in records:
                trial.apply(record)
                rows.append(self._row(record, rows[-1] if rows else None))
            try:
                await self._sink.append(rows)
            except JournalError as error:
                self.broken = error
                raise
            except asyncio.CancelledError:
                self.broken = JournalError("a write was given up in the middle")
                raise
            self._number, self._sum = rows[-1].number, rows[-1].sum
            for record in records:
                self.ledger.apply(record)

    def _row(self, record: Record, before: Row | None) -> Row:
        number = (before.number if before else self._number) + 1
        return row(number, self.epoch, record, before.sum if before else self._sum)


async def open_journal(sink: Sink) -> Journal:
    """Takes over: reads and checks all that is there. Raises Corrupt, JournalError."""
    epoch = await sink.take()
    rows = await sink.rows()
    ledger = replayed(rows)
    if rows and rows[-1].epoch >= epoch:
        raise Corrupt(rows[-1].number, f"its epoch {rows[-1].epoch} is not below ours, {epoch}")
    return Journal(sink, epoch, ledger, rows[-1] if rows else None)


def row(number: int, epoch: int, record: Record, before: str) -> Row:
    kind, body = kind_of(record), encode(record)
    return Row(number, epoch, kind, body, checksum(before, number, epoch, kind, body))


def checksum(before: str, number: int, epoch: int, kind: str, body: bytes) -> str:
    head = f"{before} {number} {epoch} {kind} ".encode()
    return hashlib.sha256(head + body).hexdigest()


def verified(rows: Iterable[Row]) -> Iterable[Row]:
    """The rows, each after it was checked. Raises Corrupt at the first bad one."""
    epoch, before = 0, BEGIN
    for number, each in enumerate(rows, 1):
        if each.number != number:
            raise Corrupt(number, f"it is missing (row {each.number} comes next)")
        if each.sum != checksum(before, number, each.epoch, each.kind, each.body):
            raise Corrupt(number, "its checksum does not fit")
        if each.epoch < epoch:
            raise Corrupt(number, "its epoch is older than that of the row before")
        epoch, before = each.epoch, each.sum
        yield each


def replayed(rows: Iterable[Row]) -> Ledger:
    """Raises Corrupt."""
    ledger = Ledger()
    for each in verified(rows):
        try:
            ledger.apply(decode(each.kind, each.body))
        except (IllegalMove, ValueError) as error:
            raise Corrupt(each.number, str(error)) from None
    return ledger
