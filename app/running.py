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

from app.alerting import Alerts
from app.cli import emit
from app.commands import note
from app.config import Settings, load_settings
from app.keeping import Keeper
from app.metrics import RoomNumbers, page_of
from app.pair_source import Source, pairs_to_scan
from app.problem import Exit
from app.recording import recording
from app.room import Room, open_room
from app.serving import listen, serve
from app.store.history import History
from app.store.job_runs import JobRunsTable
from app.store.lock import only_node
from app.store.opening import open_database
from app.store.outbox import StoredOutbox
from app.telling import change_json, change_line
from app.works import Works
from scanner.episode import Change
from scanner.jobs import Jobs
from venues import Clock, SystemClock

STOP_MS: Final = 8_000
"""A stop takes no longer: whoever waits ten seconds need not kill."""
_LAG_EVERY_MS: Final = 1_000
_CHECK_EVERY_MS: Final = 30_000
Tell = Callable[[Iterable[Change]], object]
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """`pairs` None: those of the pair book. `record`: the folder for the tapes of the day.
    `seconds` None: until Ctrl-C or SIGTERM."""

    pairs: Path | None
    record: Path | None
    seconds: int | None
    as_json: bool


async def run(options: RunOptions, config: Path | None) -> Exit:
    settings = load_settings(config)
    source = pairs_to_scan(options.pairs, settings)
    clock, stopped = SystemClock(), _stopped()
    told: list[Tell] = []

    def tell(changes: Iterable[Change]) -> None:
        now = tuple(changes)
        for each in told:
            each(now)

    with (
        open_database(settings.live_place) as engine,
        only_node(engine, settings.node_name),
        recording(options.record, settings, clock) as record,
    ):
        async with open_room(settings, clock=clock, tell=tell, record=record) as room:
            history, outbox = History(engine, settings.node_name), StoredOutbox(engine)
            history.close_left_open()
            works = Works(
                room=room,
                source=source,
                history=history,
                runs=JobRunsTable(engine),
                outbox=outbox,
                alerts=_alerts(settings, outbox, room, clock, lambda: works.source),
                settings=settings,
                config=config,
                clock=clock,
            )
            room.warn = works.alerts.warn
            if record:
                record.warn = works.alerts.not_recorded
            keeper = Keeper(history, room.engine.books_of, clock)
            numbers = RoomNumbers(room, works.alerts.outbox, clock)
            printer = _Printer(lambda: works.source, as_json=options.as_json)
            told += [printer.tell, numbers.count, keeper.tell, works.alerts.hear]
            work = _Work(works, keeper, numbers)
            await _until(stopped, options.seconds, work.run())
            _say_end(room)
            tell(room.engine.stop(clock.now_ms()))
            await keeper.flush()
    return Exit.DONE


def _alerts(
    settings: Settings,
    outbox: StoredOutbox,
    room: Room,
    clock: Clock,
    source: Callable[[], Source],
) -> Alerts:
    return Alerts(
        settings,
        outbox,
        clock=clock,
        why_not=lambda pair_id: source().why_not(pair_id, room.markets),
        markets=room.markets.get,
    )


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

    def __init__(self, works: Works, keeper: Keeper, numbers: RoomNumbers) -> None:
        self._works = works
        self._keeper = keeper
        self._numbers = numbers
        self._clock = works.clock

    async def run(self) -> None:
        works, settings = self._works, self._works.settings
        port = settings.metrics_port
        with nullcontext() if port is None else listen(port, "the metrics") as listener:
            async with asyncio.TaskGroup() as group:
                if listener is not None:
                    group.create_task(serve(page_of(self._numbers), listener))
                group.create_task(works.room.follow())
                group.create_task(self._keeper.run())
                group.create_task(works.alerts.outbox.run())
                group.create_task(self._measure_lag())
                await self._start()
                group.create_task(self._check())
                jobs = Jobs(works.all(), works.runs, self._clock, settings.node_name)
                group.create_task(jobs.run())

    async def _start(self) -> None:
        room, source = self._works.room, self._works.source
        await room.check_venues()
        await room.watch(source.rows)
        gc.collect()
        gc.freeze()  # what is loaded now stays: no collection needs to walk through it
        for subject, sentence in room.troubles.items():
            note(f"{subject}: {sentence}")
        note(f"{room.engine.pairs:,} pairs of {source.name} are watched.")

    async def _check(self) -> None:
        while True:
            await self._clock.sleep_ms(_CHECK_EVERY_MS)
            await self._works.room.check_venues()
            await self._works.room.read_missing()

    async def _measure_lag(self) -> None:
        while True:
            before_ns = self._clock.monotonic_ns()
            await self._clock.sleep_ms(_LAG_EVERY_MS)
            late_ns = self._clock.monotonic_ns() - before_ns - _LAG_EVERY_MS * 1_000_000
            self._numbers.lag_ms = max(late_ns // 1_000_000, 0)


class _Printer:
    def __init__(self, source: Callable[[], Source], *, as_json: bool) -> None:
        self._source = source
        self._as_json = as_json

    def tell(self, changes: Iterable[Change]) -> None:
        for change in changes:
            if self._as_json:
                marks = self._source().marks(change.episode.pair_id)
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
