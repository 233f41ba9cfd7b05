"""`dutchbook book --watch`: a line for every change of a book, streamed where the venue lets us."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.cli import console, emit
from app.commands import book_json, note
from app.config import load_settings
from app.problem import Exit
from app.wiring import open_feed, open_venue
from venues import Book, Level
from venues.money import text
from venues.stream import Watched


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """`lines` None: until Ctrl-C."""

    market: str
    no: bool
    depth: int
    lines: int | None
    as_json: bool


async def watch(venue: str, wanted: Wanted, config: Path | None) -> Exit:
    settings = load_settings(config)
    async with open_venue(venue, settings) as source:
        id = await source.resolve(wanted.market)
    out, before, told = console(), "", 0
    async with open_feed(venue, settings) as feed:
        feed.add([id])
        async for market in feed.changed():
            found = feed.book(market)
            if found is None:
                continue
            line = _line(found, wanted)
            if line == before:
                continue
            if not told:
                note(f"{id}, {feed.mode}; Ctrl-C ends it.")
            if wanted.as_json:
                state = {"fault": found.fault, "confirmed_ms": found.confirmed_ms or None}
                emit(book_json(_side(found.book, wanted), wanted.depth) | state, now=True)
            else:
                out.print(f"{_time(found.book)}  {line}")
                sys.stdout.flush()
            before, told = line, told + 1
            if told == wanted.lines:
                break
    return Exit.DONE


def _time(book: Book) -> str:
    if not book.received_ms:  # nothing was received yet
        return f"{'':12}"
    return f"{datetime.fromtimestamp(book.received_ms / 1_000, UTC):%H:%M:%S.%f}"[:-3]


def _side(book: Book, wanted: Wanted) -> Book:
    return book.flip() if wanted.no else book


def _line(found: Watched, wanted: Wanted) -> str:
    """The best of both sides, or why nobody should trade on it."""
    book = _side(found.book, wanted)
    best = f"{_level(book.best_bid, '')} | {_level(book.best_ask, '<')}"
    return best if found.fault is None else f"{best}  in doubt: {found.fault}"


def _level(level: Level | None, align: str) -> str:
    size, price = (text(level.quantity), text(level.price)) if level else ("", "none")
    return f"{price:<7}{size:<12}" if align else f"{size:>12}{price:>8}"
