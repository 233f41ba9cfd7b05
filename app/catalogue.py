"""A venue's whole catalogue: crawled politely, kept on disk as a tape, resumed where it stopped.

The file is what the venue answered, a mark before each run; listing it plays run after run through
the same adapter, page by page, so neither crawling nor listing holds more than a page in memory.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, suppress
from itertools import groupby
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from app.config import Settings
from app.problem import Exit, Problem
from app.wiring import open_venue
from venues import Event, Market, Page, SystemClock, VenueError
from venues.replay import TapeClock, TapeTransport
from venues.tape import Answer, Cycle, Record, Tape, TapeError, TapeWriter

_RESUME_MS_MAX: Final = 3_600_000
_HOUR_MS: Final = 3_600_000


class Listing:
    """A catalogue ready to be read; `origin` says in a sentence how old it is."""

    def __init__(self, origin: str, kept: _Kept) -> None:
        self.origin = origin
        self._kept = kept

    async def markets(self) -> AsyncIterator[Market]:
        """Raises Problem at the end of a tape that does not hold the whole catalogue."""
        async for event in self.events():
            for market in event.markets:
                yield market

    async def events(self) -> AsyncIterator[Event]:
        """Each event once, with its markets. Raises Problem as `markets` does."""
        seen: set[str] = set()  # between two runs one may move to a later page
        async for page in self._kept.pages():
            for event in page.events:
                if event.id not in seen:
                    seen.add(event.id)
                    yield event
        if not self._kept.whole:
            said = f"The catalogue {self._kept.path} cannot be read to its end."
            raise Problem(Exit.BAD_FILE, f"{said} Fetch it anew with --refresh.")

    @property
    def faults(self) -> tuple[str, ...]:
        """What the pages read so far left out."""
        return tuple(self._kept.faults)


@asynccontextmanager
async def open_catalogue(
    venue: str, settings: Settings, *, refresh: bool
) -> AsyncIterator[Listing]:
    """The catalogue of `venue`, from disk or fetched anew where it is old or missing."""
    done = _file(venue, settings)
    now_ms = SystemClock().now_ms()
    begun = _begun_ms(done)
    if refresh or begun is None or now_ms - begun > settings.catalogue_age_h_max * _HOUR_MS:
        await _crawl(venue, settings, done, now_ms)
        begun = _begun_ms(done) or now_ms
    origin = f"Catalogue of {venue}: {age(now_ms - begun)}; {done}"
    yield Listing(origin, _Kept(venue, settings, done))


def _file(venue: str, settings: Settings) -> Path:
    """One for each address: the demo's catalogue is not the real one."""
    address = settings.kalshi_rest if venue == "kalshi" else settings.polymarket_address("gamma")
    host = urlsplit(address).netloc.replace(":", "-")
    return settings.folder / f"catalogue-{venue}-{host}.tape"


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
            count = 0
            async for page in _pages(tape, _Kept(venue, settings, half), now_ms):
                count += sum(len(event.markets) for event in page.events)
                progress.update(task, markets=count)
        half.replace(done)
    except (OSError, TapeError) as error:
        raise Problem(Exit.BAD_FILE, f"The catalogue {half} cannot be kept: {error}.") from None


async def _pages(tape: TapeWriter, kept: _Kept, now_ms: int) -> AsyncIterator[Page]:
    """The pages already on the tape, then the others from the venue, which go onto it."""
    async for page in kept.pages():
        yield page
    if kept.whole:
        return
    tape.write(Cycle(now_ms))
    async with open_venue(kept.venue, kept.settings, keep=tape.keep) as source:
        async for page in source.pages(kept.cursor):
            yield page
            tape.flush()


class _Kept:
    """A tape of one crawl, in one run or several: each went on where the one before had stopped.

    After `pages`, `whole` says whether the last page was there, `cursor` where to go on if not.
    """

    def __init__(self, venue: str, settings: Settings, path: Path) -> None:
        self.venue = venue
        self.settings = settings
        self.path = path
        self.cursor = ""
        self.whole = False
        self.faults: dict[str, None] = {}

    async def pages(self) -> AsyncIterator[Page]:
        """Each run is played with its own answers only, just as it was answered then."""
        with suppress(TapeError):  # broken: what stands before it counts
            for begun_ms, answers in _runs(self.path):
                async with aclosing(self._run(begun_ms, answers)) as run:
                    async for page in run:
                        yield page

    async def _run(self, begun_ms: int, answers: Iterator[Answer]) -> AsyncGenerator[Page, None]:
        clock = TapeClock(begun_ms)
        transport = TapeTransport(answers, clock)
        async with open_venue(
            self.venue, self.settings, clock=clock, transport=transport
        ) as source:
            with suppress(VenueError):  # this ended the run
                async for page in source.pages(self.cursor):
                    self.cursor, self.whole = page.cursor, not page.cursor
                    yield page
            self.faults |= dict.fromkeys(source.faults)


def _runs(path: Path) -> Iterator[tuple[int, Iterator[Answer]]]:
    """(when it began, its answers) of every run on a tape; each must be used before the next."""
    begun_ms = count = 0

    def run(record: Record) -> tuple[int, int]:
        nonlocal begun_ms, count
        if isinstance(record, Cycle):
            begun_ms, count = record.ts_ms, count + 1
        return count, begun_ms

    for (_, ts_ms), records in groupby(Tape(path), run):
        yield ts_ms, (record for record in records if isinstance(record, Answer))


def _begun_ms(path: Path) -> int | None:
    """When the crawl on a tape began; None for no tape or a broken one."""
    try:
        first = next(iter(Tape(path)), None)
    except (OSError, TapeError):
        return None
    return first.ts_ms if isinstance(first, Cycle) else None


def age(age_ms: int) -> str:
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
