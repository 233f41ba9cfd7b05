"""Keeps thousands of books current over several sockets, and knows of each how true it is.

Where the venue does not let us stream, as Kalshi does not without keys, they are read in turn.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterable, Mapping, Set
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from typing import Any, Final, Generic, Self, TypeAlias

import structlog

from venues.book import Book, Top
from venues.clock import Clock
from venues.crosscheck import CrossCheck, ReadBooks
from venues.errors import AuthRefused, Unavailable, VenueError
from venues.feed_settings import FeedSettings
from venues.learning import Learn, Learning
from venues.line import Line
from venues.polled import PolledBooks
from venues.socket import Connect, Connection, Jitter
from venues.stream import Counts, News, Private, Reconcile, Session, Watched

BATCH: Final = 100
"""Markets in one full read."""
Heard: TypeAlias = Callable[[Collection[str], Mapping[str, Book], int, int], None]
"""Takes markets, what one answer told of them, and when it was asked: UTC ms and monotonic ns."""
_log = structlog.get_logger()


class Mode(StrEnum):
    STREAMING = "streaming"
    POLLING = "polling"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """`unproven`: subscriptions that no data has acknowledged yet. `account`: our own orders and
    fills are told now. `mismatches`: full reads that showed another book, twice. `overflows`: how
    often private events were given up for a Reconcile; `dropped`: news that nobody took in time.
    """

    mode: Mode
    markets: int
    sockets: int
    sockets_up: int
    connections: int
    unproven: int
    account: bool
    counts: Counts
    mismatches: int
    overflows: int
    dropped: int
    troubles: tuple[str, ...]


class Feed(Generic[News]):
    """Use as `async with`. One task may read each of `changed`, `events` and `news`.

    `books` makes the session of a connection for books, `account` (None: nobody asked) that of the
    one connection for our own orders and fills. `connect` None: nobody lets us stream. `learn`,
    where given, comes to know markets by their ids before a line asks for them.
    `connect_account`: where our own events have another address than the books; being refused
    there is no reason to poll. `heard` is given what is read in turn, before anybody else.
    """

    def __init__(
        self,
        *,
        venue: str,
        clock: Clock,
        read_books: ReadBooks,
        books: Callable[[], Session[News]],
        account: Callable[[], Session[News]] | None = None,
        connect: Connect | None = None,
        connect_account: Connect | None = None,
        learn: Learn | None = None,
        jitter: Jitter = secrets.randbelow,
        settings: FeedSettings | None = None,
        heard: Heard = lambda *_: None,
    ) -> None:
        self.mode = Mode.STREAMING if connect else Mode.POLLING
        self._venue = venue
        self._clock = clock
        self._read_books = read_books
        self._make_books = books
        self._make_account = account
        self._settings = settings or FeedSettings()
        self._connect = self._patient(connect) if connect and self._settings.keyless else connect
        self._connect_account = self._patient(connect_account) if connect_account else connect
        self._jitter = jitter
        self._group = asyncio.TaskGroup()
        self._tasks: set[asyncio.Task[None]] = set()
        self._lines: dict[Line[News], asyncio.Task[None]] = {}
        self._account: Line[News] | None = None
        self._homes: dict[str, Line[News] | None] = {}
        self._polled = PolledBooks()
        self._heard = heard
        self._doubted: frozenset[str] = frozenset()
        self._why_polling = ""
        self._changed: OrderedDict[str, None] = OrderedDict()
        self._private: deque[Private] = deque()
        self._news: deque[News] = deque()
        self._bells = (asyncio.Event(), asyncio.Event(), asyncio.Event())
        self._earlier = Counts()
        self._overflows = self._dropped = 0
        self._trouble = ""
        self._check: CrossCheck[News] = CrossCheck(
            clock,
            self._settings,
            read=read_books,
            watched=self._kept,
            lines=self._lines.keys,
            home=self._homes.get,
        )
        self._learning = learn and Learning(
            learn, clock, self._settings.relearn_ms, self._place, self._unlearned
        )

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        if self._connect is None:
            self._poll_instead("no keys")
            return self
        if self._make_account is not None:
            assert self._connect_account
            self._account = self._new_line(self._make_account, self._connect_account)
        self._start(self._compare())
        self._start(self._check.watch_silence())
        if self._learning:
            self._start(self._learning.run())
            self._start(self._learning.run_again())
        return self

    async def __aexit__(self, *exc: object) -> None:
        for task in self._tasks:
            task.cancel()
        await self._group.__aexit__(None, None, None)

    def add(self, markets: Iterable[str]) -> None:
        """Watches them too, from now on."""
        new = [id for id in markets if id not in self._homes]
        self._homes.update(dict.fromkeys(new))
        if self._learning and self.mode is Mode.STREAMING:
            self._learning.add(new)
        else:
            self._place(new)

    def remove(self, markets: Iterable[str]) -> None:
        leaving: dict[Line[News], list[str]] = {}
        for id in markets:
            line = self._homes.pop(id, None)
            self._polled.forget(id)
            self._changed.pop(id, None)
            self._check.forget(id)
            if self._learning:
                self._learning.remove(id)
            if line:
                leaving.setdefault(line, []).append(id)
        for line, ids in leaving.items():
            line.remove(ids)
            if not line.markets:
                self._close(line)

    @property
    def markets(self) -> Set[str]:
        """Those that are watched."""
        return self._homes.keys()

    @property
    def waiting(self) -> int:
        """How much nobody has taken yet, of all that this hands out."""
        return len(self._changed) + len(self._private) + len(self._news)

    def book(self, market: str) -> Watched | None:
        """None: not watched, or nothing is known of it yet."""
        found = self._kept(market)
        if found is None or found.fault or self.mode is Mode.POLLING:
            return found
        if self._is_unread:
            unread_s = self._check.unread_ms // 1_000
            return replace(found, fault=f"no book could be compared for {unread_s} s")
        doubt = self._check.doubt(market)
        return replace(found, fault=doubt) if doubt else found

    @property
    def _is_unread(self) -> bool:
        return self.mode is Mode.STREAMING and self._check.unread_ms > self._settings.unread_ms

    def top(self, market: str) -> Top | None:
        """The best prices of what `book` tells: what cannot cross needs no whole book."""
        line = self._homes.get(market)
        if line is not None:
            return line.top(market)
        polled = self._polled.get(market)
        return polled.book.top if polled else None

    async def changed(self) -> AsyncIterator[str]:
        """Markets whose book or fault changed. One that changes often comes once, with the newest
        book waiting for it: never more wait here than there are markets."""
        while True:
            while self._changed:
                yield self._changed.popitem(last=False)[0]
            self._bells[0].clear()
            await self._bells[0].wait()

    async def events(self) -> AsyncIterator[Private]:
        """What happened to our own orders, nothing left out. If more than `private_max` wait, all
        of them give way to one Reconcile."""
        while True:
            while self._private:
                yield self._private.popleft()
            self._bells[1].clear()
            await self._bells[1].wait()

    async def news(self) -> AsyncIterator[News]:
        """Everything else that the venue tells; the oldest give way where nobody takes them."""
        while True:
            while self._news:
                yield self._news.popleft()
            self._bells[2].clear()
            await self._bells[2].wait()

    @property
    def health(self) -> Health:
        lines = [*self._lines]
        counts = replace(self._earlier)
        for line in lines:
            counts.add(line.counts)
        return Health(
            mode=self.mode,
            markets=len(self._homes),
            sockets=len(lines),
            sockets_up=sum(line.socket.up for line in lines),
            connections=sum(line.socket.connections for line in lines),
            unproven=sum(line.unproven for line in lines) + len(self._unplaced),
            account=self._account is not None and self._account.unproven == 0,
            counts=counts,
            mismatches=self._check.mismatches,
            overflows=self._overflows,
            dropped=self._dropped,
            troubles=tuple(filter(None, (*self._troubles, *(line.trouble for line in lines)))),
        )

    @property
    def _troubles(self) -> tuple[str, ...]:
        learning = self._learning.trouble if self._learning else ""
        return self._why_polling, self._trouble, self._check.trouble, learning

    @property
    def _unplaced(self) -> Collection[str]:
        return self._learning.waiting if self._learning else ()

    def _kept(self, market: str) -> Watched | None:
        """A book as its line or the polling has it."""
        line = self._homes.get(market)
        if line is None:
            return self._polled.get(market)
        found = line.watched(market)
        at_ms, at_ns = self._check.confirmed.get(market, (0, 0))
        if found is None or found.confirmed_ns >= at_ns:
            return found
        return replace(found, confirmed_ms=at_ms, confirmed_ns=at_ns)

    def _hear(
        self, changed: Iterable[str], private: Iterable[Private], public: Iterable[News]
    ) -> None:
        now_ns = self._clock.monotonic_ns()
        for id in changed:
            if id in self._homes:  # a connection that is gone may still name what left
                self._changed[id] = None
                self._check.touched(id, now_ns)
        self._private.extend(private)
        self._news.extend(public)
        if len(self._private) > self._settings.private_max:
            self._overflows += 1
            self._private.clear()
            self._private.append(Reconcile(venue=self._venue, why="too many events waited"))
        while len(self._news) > self._settings.news_max:
            self._news.popleft()
            self._dropped += 1
        waiting = (self._changed, self._private, self._news)
        for queue, bell in zip(waiting, self._bells, strict=True):
            if queue:
                bell.set()

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._group.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _place(self, markets: Collection[str]) -> None:
        """Puts them on lines that have room."""
        new = [*markets]
        while new and self.mode is Mode.STREAMING and self._connect:
            line = self._roomy(self._connect)
            some = new[: self._settings.per_socket - len(line.markets)]
            line.add(some)
            self._homes.update(dict.fromkeys(some, line))
            new = new[len(some) :]

    def _unlearned(self) -> tuple[str, ...]:
        """Markets on a line of which no book ever came."""
        found = {id: line.watched(id) for id, line in self._homes.items() if line}
        return tuple(id for id, each in found.items() if each is None or not each.confirmed_ns)

    def _roomy(self, connect: Connect) -> Line[News]:
        for line in self._lines:
            if line is not self._account and len(line.markets) < self._settings.per_socket:
                return line
        return self._new_line(self._make_books, connect)

    def _new_line(self, session: Callable[[], Session[News]], connect: Connect) -> Line[News]:
        line = Line(session, connect, self._clock, self._jitter, self._hear)
        self._lines[line] = self._start(self._run(line))
        return line

    def _close(self, line: Line[News]) -> None:
        self._earlier.add(line.counts)
        self._lines.pop(line).cancel()

    def _patient(self, connect: Connect) -> Connect:
        """No refusal there is a word about the books: it is tried again."""

        async def open_one() -> Connection:
            try:
                return await connect()
            except AuthRefused as refused:
                raise Unavailable(self._venue, str(refused)) from None

        return open_one

    async def _run(self, line: Line[News]) -> None:
        try:
            await line.socket.run()
        except AuthRefused as refused:
            self._poll_instead(str(refused))

    def _poll_instead(self, why: str) -> None:
        """The venue does not let us in: every market is read in turn from now on."""
        if self.mode is Mode.POLLING and self._connect:
            return
        self.mode = Mode.POLLING
        self._why_polling = why
        _log.warning("feed.polling", venue=self._venue, why=why)
        for line in [*self._lines]:
            self._close(line)
        if self._account:
            lost = Reconcile(venue=self._venue, why=f"our own events are no longer told: {why}")
            self._hear((), (lost,), ())
        self._account = None
        self._homes = dict.fromkeys(self._homes)
        self._heard((), {}, self._clock.now_ms(), self._clock.monotonic_ns())
        self._hear(self._homes, (), ())
        self._start(self._poll())

    async def _poll(self) -> None:
        while True:
            ids = iter(tuple(self._homes))
            while batch := tuple(islice(ids, BATCH)):
                await self._poll_some(batch)
            await self._clock.sleep_ms(self._settings.poll_ms)

    async def _poll_some(self, batch: tuple[str, ...]) -> None:
        now_ms, now_ns = self._clock.now_ms(), self._clock.monotonic_ns()
        try:
            told = await self._read_books(batch)
        except VenueError as error:
            self._trouble = str(error)
            return
        ids = [id for id in batch if id in self._homes]
        self._heard(ids, told, now_ms, now_ns)
        self._hear(self._polled.take(ids, told, now_ms, now_ns), (), ())

    async def _compare(self) -> None:
        while self.mode is Mode.STREAMING:
            await self._clock.sleep_ms(self._settings.compare_ms)
            await self._check.sample()
            before = self._doubted
            doubted = self._homes if self._is_unread else filter(self._check.doubt, self._homes)
            self._doubted = frozenset(doubted)
            self._changed.update(dict.fromkeys((before ^ self._doubted) & self._homes.keys()))
            self._hear((), (), ())
