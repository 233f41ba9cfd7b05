"""A venue's whole catalogue: crawled politely, kept on disk as a tape, resumed where it stopped.

The file is what the venue answered; listing it plays the tape through the same adapter, page by
page, so neither crawling nor listing holds more than a page in memory.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from app.config import Settings
from app.problem import Exit, Problem
from app.wiring import open_venue
from venues import Market, MarketData, SystemClock, Unavailable
from venues.replay import TapeClock, TapeTransport
from venues.tape import Answer, Cycle, Tape, TapeError, TapeWriter

_RESUME_MS_MAX: Final = 3_600_000
_HOUR_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class Listing:
    """A catalogue ready to be read; `origin` says in a sentence how old it is."""

    origin: str
    _venue: MarketData

    async def markets(self) -> AsyncIterator[Market]:
        async for page in self._venue.pages():
            for event in page.events:
                for market in event.markets:
                    yield market

    @property
    def faults(self) -> tuple[str, ...]:
        return self._venue.faults


@asynccontextmanager
async def open_catalogue(
    venue: str, settings: Settings, *, refresh: bool
) -> AsyncIterator[Listing]:
    """The catalogue of `venue`, from disk or fetched anew where it is old or missing."""
    done = settings.folder / f"catalogue-{venue}.tape"
    now_ms = SystemClock().now_ms()
    begun = _begun_ms(done)
    if refresh or begun is None or now_ms - begun > settings.catalogue_age_h_max * _HOUR_MS:
        await _crawl(venue, settings, done, now_ms)
        begun = _begun_ms(done) or now_ms
    async with _played(venue, settings, done) as source:
        yield Listing(f"Catalogue of {venue}: {_age(now_ms - begun)}; {done}", source)


async def _crawl(venue: str, settings: Settings, done: Path, now_ms: int) -> None:
    """Fetches every page onto `<done>.half`, then puts it in place. A young half is continued."""
    half = done.with_name(done.name + ".half")
    try:
        done.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        begun = _begun_ms(half)
        if begun is None or now_ms - begun > _RESUME_MS_MAX:
            half.unlink(missing_ok=True)
        with TapeWriter(half) as tape, _progress() as progress:
            task = progress.add_task(f"fetching the catalogue of {venue}", markets=0)
            if begun is None or not half.stat().st_size:
                tape.write(Cycle(now_ms))
            cursor, count = await _resume_point(venue, settings, half)
            progress.update(task, markets=count)
            async with open_venue(venue, settings, keep=tape.keep) as source:
                async for page in source.pages(cursor):
                    count += sum(len(event.markets) for event in page.events)
                    progress.update(task, markets=count)
                    tape.flush()
        half.replace(done)
    except OSError as error:
        raise Problem(Exit.BAD_FILE, f"The catalogue {half} cannot be kept: {error}.") from None


async def _resume_point(venue: str, settings: Settings, half: Path) -> tuple[str, int]:
    """The cursor after the last page on the tape, and how many markets came before it."""
    cursor, count = "", 0
    async with _played(venue, settings, half) as source:
        try:
            async for page in source.pages():
                cursor = page.cursor
                count += sum(len(event.markets) for event in page.events)
        except Unavailable:
            pass  # the tape ends here
    return cursor, count


@asynccontextmanager
async def _played(venue: str, settings: Settings, path: Path) -> AsyncIterator[MarketData]:
    clock = TapeClock(_begun_ms(path) or 0)
    answers = (record for record in Tape(path) if isinstance(record, Answer))
    transport = TapeTransport((a for a in answers if a.venue == venue), clock)
    async with open_venue(venue, settings, clock=clock, transport=transport) as source:
        yield source


def _begun_ms(path: Path) -> int | None:
    """When the crawl on a tape began; None for no tape or a broken one."""
    try:
        first = next(iter(Tape(path)), None)
    except (OSError, TapeError):
        return None
    return first.ts_ms if isinstance(first, Cycle) else None


def _age(age_ms: int) -> str:
    minutes = age_ms // 60_000
    return f"{minutes // 60} h {minutes % 60} min old" if minutes >= 60 else f"{minutes} min old"


def _progress() -> Progress:
    console = Console(stderr=True)
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}: {task.fields[markets]:,} markets"),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )
