"""`dutchbook run`: feeds, engine and everybody who listens, until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog

from app.alerting import Alerts
from app.cli import emit
from app.commands import note
from app.config import Settings, load_settings
from app.desk import open_desk, told_of
from app.desk_wire import serving
from app.inbox import Inbox
from app.keeping import Keeper
from app.metrics import RoomNumbers, page_of
from app.pair_source import Source, pairs_to_scan
from app.problem import Exit
from app.recording import recording
from app.risks import risks_of
from app.room import Room, open_room
from app.serving import listen, serve
from app.slack_room import SlackRoom, slack_room
from app.store.history import History
from app.store.job_runs import JobRunsTable
from app.store.lock import only_node
from app.store.opening import open_database
from app.store.outbox import StoredOutbox
from app.telling import change_json, change_line
from app.troubles import troubles_of
from app.web.opening import Page, open_page
from app.works import Works
from execution.hedge import Hedge
from execution.journal import JournalError
from execution.records import Closed
from execution.watch import Notice
from scanner.episode import Change
from scanner.jobs import Jobs
from venues import Clock, SystemClock
from venues.recorded import Recorder

STOP_MS: Final = 8_000
"""A stop takes no longer: whoever waits ten seconds need not kill."""
_LAG_EVERY_MS: Final = 1_000
_CHECK_EVERY_MS: Final = 30_000
_WATCH_EVERY_MS: Final = 5_000
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """`pairs` None: those of the pair book. `record`: the folder for the tapes of the day.
    `seconds` None: until Ctrl-C or SIGTERM, or until `stop` is set. `quiet`: prints no changes.
    `inbox`: what the page shows of the demo's messages."""

    pairs: Path | None
    record: Path | None
    seconds: int | None
    as_json: bool
    stop: asyncio.Event | None = None
    quiet: bool = False
    inbox: Inbox | None = None


async def run(options: RunOptions, config: Path | None) -> Exit:
    try:
        return await _run(options, config)
    except (JournalError, ExceptionGroup) as error:
        raise told_of(error) from None


async def _run(options: RunOptions, config: Path | None) -> Exit:
    settings, clock, stopped = load_settings(config), SystemClock(), _stopped(options.stop)
    source = pairs_to_scan(options.pairs, settings)
    told, hedges, notices = _Listeners(), _Listeners(_say_hedge), _Listeners(_say_notice)

    def tell(changes: Iterable[Change]) -> None:
        told(tuple(changes))

    with (
        open_database(settings.live_place) as engine,
        only_node(engine, settings.node_name),
        recording(options.record, settings, clock) as record,
    ):
        async with (
            open_room(settings, clock=clock, tell=tell, record=record) as room,
            open_desk(
                settings,
                partial(pairs_to_scan, options.pairs, settings),
                clock=clock,
                told=hedges,
                noticed=notices,
                doubts=lambda: room.engine.doubts,
            ) as desk,
            serving(desk, settings.desk_folder),
        ):
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
                desk=desk,
            )
            slack = _listen(works, told, hedges, notices, record)
            keeper = Keeper(history, room.engine.books_of, clock)
            numbers = RoomNumbers(room, works.alerts.outbox, clock)
            if not options.quiet:
                told.add(Printer(lambda: works.source, stopped, as_json=options.as_json).tell)
            told.add(numbers.count, keeper.tell, works.alerts.hear)
            try:
                with open_page(works, lambda: keeper.trouble, options.inbox) as web:
                    if web is not None:
                        told.add(web.live.tell)
                        hedges.add(web.hear_hedge)
                        works.alerts.link, works.alerts.mute = web.link, web.mute
                    work = _Work(works, keeper, numbers, web, slack).run()
                    await _until(stopped, options.seconds, work)
            finally:  # what happened is kept, however it ended
                _say_end(room)
                tell(room.engine.stop(clock.now_ms()))
                await keeper.flush()
    return Exit.DONE


def _listen(
    works: Works,
    told: _Listeners,
    hedges: _Listeners,
    notices: _Listeners,
    record: Recorder | None,
) -> SlackRoom | None:
    """Whatever is worth an alert reaches them; and the bot in Slack, if there is one."""
    alerts = works.alerts
    alerts.risks = lambda found: risks_of(works.source, found)
    hedges.add(alerts.hear_hedge)
    notices.add(alerts.hear_notice)
    works.room.warn = alerts.warn
    if record:
        record.warn = alerts.not_recorded
    slack = slack_room(alerts, works.desk, works.settings, works.clock)
    if slack:
        told.add(slack.hear)
        hedges.add(slack.hear_hedge)
    return slack


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


def _stopped(stopped: asyncio.Event | None = None, stop_ms: int = STOP_MS) -> asyncio.Event:
    """Set by Ctrl-C or SIGTERM; the second one kills, as if nobody listened, and so does a stop
    that takes too long: a thread that waits for a database or a name server cannot be cancelled.
    """
    stopped = stopped or asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        stopped.set()
        watchdog = threading.Timer(stop_ms / 1_000, _give_up)
        watchdog.daemon = True  # it holds up nobody who ends in time
        watchdog.start()
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(each)

    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop)
    return stopped


def _give_up() -> None:
    """What is kept is whole, as after any kill."""
    note("It did not stop in time: something it waited for did not answer. Killed.")
    os._exit(Exit.PARTIAL)


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
        works: Works,
        keeper: Keeper,
        numbers: RoomNumbers,
        web: Page | None,
        slack: SlackRoom | None,
    ) -> None:
        self._works = works
        self._slack = slack
        self._web = web
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
                if self._web is not None:
                    group.create_task(self._web.run())
                    note(self._web.says)
                group.create_task(works.room.follow())
                group.create_task(self._keeper.run())
                group.create_task(works.alerts.outbox.run())
                if self._slack is not None:
                    group.create_task(self._slack.run())
                group.create_task(self._measure_lag())
                await self._start()
                group.create_task(self._check())
                group.create_task(self._watch())
                group.create_task(self._read_missing())
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

    async def _watch(self) -> None:
        while True:
            self._works.alerts.watch(await asyncio.to_thread(troubles_of, self._works))
            await self._clock.sleep_ms(_WATCH_EVERY_MS)

    async def _read_missing(self) -> None:
        """By itself: it takes long while a venue is down, and a pause must not wait for it."""
        while True:
            await self._clock.sleep_ms(_CHECK_EVERY_MS)
            await self._works.room.read_missing()

    async def _measure_lag(self) -> None:
        while True:
            before_ns = self._clock.monotonic_ns()
            await self._clock.sleep_ms(_LAG_EVERY_MS)
            late_ns = self._clock.monotonic_ns() - before_ns - _LAG_EVERY_MS * 1_000_000
            self._numbers.lag_ms = max(late_ns // 1_000_000, 0)


class Printer:
    """What happens, on stdout. Whoever reads us and goes has read enough, as `head` has: that stops
    the run. A stdout that takes nothing now, as of a full disk, stops nobody."""

    def __init__(
        self, source: Callable[[], Source], stopped: asyncio.Event, *, as_json: bool
    ) -> None:
        self._source = source
        self._stopped = stopped
        self._as_json = as_json
        self._trouble = ""

    def tell(self, changes: Iterable[Change]) -> None:
        try:
            for change in changes:
                self._print(change)
            self._trouble = ""
        except BrokenPipeError:
            self._stopped.set()
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except OSError as error:
            if not self._trouble:
                _log.error("run.unprinted", why=f"what happens cannot be printed: {error}")
            self._trouble = str(error)

    def _print(self, change: Change) -> None:
        if self._as_json:
            marks = self._source().marks(change.episode.pair_id)
            emit(change_json(change, marks), now=True)
        else:
            sys.stdout.write(change_line(change) + "\n")
            sys.stdout.flush()


class _Listeners:
    """Who hears of something, in the order in which they came."""

    def __init__(self, *first: Callable[[Any], object]) -> None:
        self._all = [*first]

    def add(self, *more: Callable[[Any], object]) -> None:
        self._all += more

    def __call__(self, what: object) -> None:
        for each in self._all:
            each(what)


def _say_hedge(hedge: Hedge) -> None:
    note(f"Hedge {hedge.id}: {hedge.state.value}{f' ({hedge.why})' if hedge.why else ''}")


def _say_notice(found: Notice | Closed) -> None:
    if isinstance(found, Closed):
        note(f"{found.venue} is closed to entries: {found.why}.")
    else:
        note(f"Hedge {found.hedge.id}: {' '.join(found.says)}")


def _say_end(room: Room) -> None:
    engine = room.engine
    note(
        f"Stopped. {engine.priced:,} pairs were priced in {room.passes:,} full passes and between; "
        f"{len(engine.episodes)} opportunities were open."
    )
