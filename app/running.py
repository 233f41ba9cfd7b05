"""`dutchbook run`: feeds, engine and everybody who listens, until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from collections.abc import Awaitable, Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from app.cli import emit
from app.commands import note
from app.config import Settings, load_settings
from app.metrics import RoomNumbers, page_of
from app.pair_source import Source, pairs_to_scan
from app.problem import Exit
from app.room import Room, open_room
from app.serving import listen, serve
from app.telling import change_json, change_line
from scanner.episode import Change
from venues import SystemClock

STOP_MS: Final = 8_000
"""A stop takes no longer: whoever waits ten seconds need not kill."""
_LAG_EVERY_MS: Final = 1_000
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """`pairs` None: those of the pair book. `seconds` None: until Ctrl-C or SIGTERM."""

    pairs: Path | None
    seconds: int | None
    as_json: bool


async def run(options: RunOptions, config: Path | None) -> Exit:
    settings = load_settings(config)
    source = pairs_to_scan(options.pairs, settings)
    clock = SystemClock()
    told: list[Callable[[Iterable[Change]], None]] = [_Printer(source, options).tell]

    def tell(changes: Iterable[Change]) -> None:
        now = tuple(changes)
        for each in told:
            each(now)

    stopped = _stopped()
    async with open_room(settings, clock=clock, tell=tell) as room:
        numbers = RoomNumbers(room, clock)
        told.append(numbers.count)
        work = _Work(room, source, settings, options, numbers)
        await _until(stopped, options.seconds, work.run())
        _say_end(room)
    return Exit.DONE


def _stopped() -> asyncio.Event:
    """Set by Ctrl-C or SIGTERM; the second one kills, as if nobody listened."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        stopped.set()
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(each)

    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop)
    return stopped


async def _until(stopped: asyncio.Event, seconds: int | None, work: Awaitable[None]) -> None:
    """Works until it is told to stop; what the work raises comes out of here."""
    async with asyncio.TaskGroup() as group:
        working = group.create_task(_awaited(work))
        try:
            async with asyncio.timeout(seconds):
                await stopped.wait()
        except TimeoutError:
            pass
        working.cancel()


async def _awaited(work: Awaitable[None]) -> None:
    await work


class _Work:
    """What goes on side by side while the engine runs."""

    def __init__(
        self,
        room: Room,
        source: Source,
        settings: Settings,
        options: RunOptions,
        numbers: RoomNumbers,
    ) -> None:
        self._room = room
        self._source = source
        self._settings = settings
        self._options = options
        self._numbers = numbers
        self._clock = SystemClock()

    async def run(self) -> None:
        port = self._settings.metrics_port
        with nullcontext() if port is None else listen(port, "the metrics") as listener:
            async with asyncio.TaskGroup() as group:
                if listener is not None:
                    group.create_task(serve(page_of(self._numbers), listener))
                group.create_task(self._room.follow())
                group.create_task(self._measure_lag())
                await self._start()
                for every_s, job in self._jobs():
                    group.create_task(self._every(every_s, job))

    def _jobs(self) -> Iterable[tuple[int, Callable[[], Awaitable[None]]]]:
        yield 60, self._room.full_pass
        yield 30, self._room.check_venues
        yield 30, self._room.read_missing
        yield 600, self._room.read_again

    async def _every(self, every_s: int, job: Callable[[], Awaitable[None]]) -> None:
        while True:
            await job()
            await self._clock.sleep_ms(every_s * 1_000)

    async def _start(self) -> None:
        await self._room.check_venues()
        await self._room.watch(self._source.rows)
        gc.collect()
        gc.freeze()  # what is loaded now stays: no collection needs to walk through it
        for subject, sentence in self._room.troubles.items():
            note(f"{subject}: {sentence}")
        note(f"{self._room.engine.pairs:,} pairs of {self._source.name} are watched.")

    async def _measure_lag(self) -> None:
        while True:
            before_ns = self._clock.monotonic_ns()
            await self._clock.sleep_ms(_LAG_EVERY_MS)
            late_ns = self._clock.monotonic_ns() - before_ns - _LAG_EVERY_MS * 1_000_000
            self._numbers.lag_ms = max(late_ns // 1_000_000, 0)


class _Printer:
    def __init__(self, source: Source, options: RunOptions) -> None:
        self._source = source
        self._as_json = options.as_json

    def tell(self, changes: Iterable[Change]) -> None:
        for change in changes:
            if self._as_json:
                marks = self._source.marks(change.episode.pair_id)
                emit(change_json(change, marks), now=True)
            else:
                sys.stdout.write(change_line(change) + "\n")
                sys.stdout.flush()


def _say_end(room: Room) -> None:
    engine = room.engine
    note(
        f"Stopped. {engine.priced:,} pairs were priced in {room.passes:,} full passes and between; "
        f"{len(engine.episodes)} opportunities were open."
    )
