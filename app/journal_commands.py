"""`dutchbook journal`: verify, show, backup, restore."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from app.cli import console, emit
from app.commands import note
from app.config import Settings, load_settings
from app.journal_reading import lines_of, read_rows
from app.private_file import private
from app.problem import Exit, Problem
from app.store.journal import StoredJournal
from app.store.opening import NAME, open_database
from app.wiring_terms import VENUES
from execution.journal import Corrupt, JournalError, Row, open_journal, replayed
from execution.records import Closed
from venues import SystemClock

SCHEMA: Final = "dutchbook.journal/1"


async def verify(config: Path | None, *, as_json: bool) -> Exit:
    settings = load_settings(config)
    rows = read_rows(settings)
    bad: Corrupt | None = None
    try:
        replayed(rows)
    except Corrupt as error:
        bad = error
    if as_json:
        emit(
            {
                "schema": "dutchbook.verify/1",
                "book": settings.book_name,
                "rows": len(rows),
                "bad": None if bad is None else {"row": bad.number, "why": str(bad)},
            }
        )
    elif bad:
        note(f"{_rows(len(rows))}. The first bad one: {bad}.")
    else:
        note(f"{_rows(len(rows))} of {settings.book_name}, all as they were written.")
    return Exit.BAD_FILE if bad else Exit.DONE


async def show(hedge: str | None, limit: int, config: Path | None, *, as_json: bool) -> Exit:
    """Also of a damaged journal: whoever mends it must see it."""
    settings = load_settings(config)
    lines = [each for each in lines_of(read_rows(settings)) if hedge in {None, each.hedge}]
    for each in lines[-limit:]:
        if as_json:
            emit(each.json)
        else:
            console().print(f"{each.number:>6}  {each.hedge or '-':<20} {each.said}")
    return Exit.DONE


async def backup(to: Path, config: Path | None) -> Exit:
    settings = load_settings(config)
    rows = read_rows(settings)
    try:
        with private(to, "xb") as file, gzip.open(file, "wb") as packed:
            for line in _written(settings.book_name, rows):
                packed.write(line)
    except OSError as error:
        raise Problem(Exit.BAD_FILE, f"{to} cannot be written: {error.strerror}.") from None
    _, copied = _read(to)
    try:
        replayed(copied)
    except Corrupt as error:
        raise Problem(Exit.BAD_FILE, f"The journal is damaged, and so is {to}: {error}.") from None
    note(f"{_rows(len(copied))} of {settings.book_name} copied to {to}, and replayed.")
    return Exit.DONE


async def restore(backup: Path, config: Path | None) -> Exit:
    """What the venues did since then is not in it: both are closed to entries until a person has
    looked, and opens them."""
    settings = load_settings(config)
    book, rows = _read(backup)
    if book != settings.book_name:
        raise Problem(
            Exit.BAD_FILE, f"{backup} is of {book}; these settings are of {settings.book_name}."
        )
    try:
        replayed(rows)
    except Corrupt as error:
        raise Problem(Exit.BAD_FILE, f"{backup} is damaged: {error}.") from None
    _set_aside(settings)
    with open_database(settings.hedge_place) as engine:
        sink = StoredJournal(engine, book)
        try:
            if await sink.rows():
                raise Problem(
                    Exit.REFUSED, f"The database has a journal of {book}, which nobody may replace."
                )
            await sink.fill(rows)
            journal = await open_journal(sink)
            for venue in VENUES:
                why = "the journal was restored from a backup; compare, then open it again"
                now_ms = SystemClock().now_ms()
                await journal.append(Closed(venue=venue, on=True, why=why, at_ms=now_ms))
        except JournalError as error:
            raise Problem(Exit.BAD_FILE, f"{error}.") from None
        finally:
            sink.close()
    note(f"{_rows(len(rows))} restored. Both venues are closed to entries: dutchbook hedge reopen.")
    return Exit.DONE


def _rows(count: int) -> str:
    return f"{count} row{'' if count == 1 else 's'}"


def _set_aside(settings: Settings) -> None:
    """A file keeps what it has under another name."""
    if not isinstance(settings.hedge_place, Path):
        return
    file = settings.hedge_place / NAME
    if not file.exists():
        return
    with open_database(settings.hedge_place):
        pass  # nobody else writes it, and all of it is in the file
    kept = file.with_name(f"{NAME}.{SystemClock().now_ms()}")
    for end in ("", "-wal", "-shm"):
        if (each := file.with_name(file.name + end)).exists():
            each.rename(kept.with_name(kept.name + end))
    note(f"What was there is in {kept}.")


def _written(book: str, rows: Sequence[Row]) -> Iterator[bytes]:
    yield json.dumps({"schema": SCHEMA, "book": book, "rows": len(rows)}).encode() + b"\n"
    for row in rows:
        body = base64.b64encode(row.body).decode()
        yield json.dumps([row.number, row.epoch, row.kind, body, row.sum]).encode() + b"\n"


def _read(file: Path) -> tuple[str, list[Row]]:
    try:
        with gzip.open(file) as lines:
            head = json.loads(next(iter(lines)))
            rows = [
                Row(number, epoch, kind, base64.b64decode(body, validate=True), sum_)
                for number, epoch, kind, body, sum_ in map(json.loads, lines)
            ]
        is_whole = head["schema"] == SCHEMA and head["rows"] == len(rows)
        book = str(head["book"])
    except OSError as error:
        raise Problem(Exit.BAD_FILE, f"{file} cannot be read: {error.strerror or error}.") from None
    except (EOFError, ValueError, KeyError, TypeError, StopIteration) as error:
        said = f"{file} is no backup of a journal: {error}."
        raise Problem(Exit.BAD_FILE, said) from None
    if not is_whole:
        raise Problem(Exit.BAD_FILE, f"{file} is no backup of a journal: it is cut short.")
    return book, rows
