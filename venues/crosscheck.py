"""Streamed books held against full reads: a silent freeze cannot hide from that."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final, Generic

from venues.book import Book
from venues.clock import Clock
from venues.errors import Unavailable, VenueError
from venues.feed_settings import FeedSettings
from venues.line import Line
from venues.stream import News, Watched

ReadBooks = Callable[[Collection[str]], Awaitable[Mapping[str, Book]]]
"""`MarketData.books`. It keeps to the venue's rate by itself."""
_SILENCE_TICK_MS: Final = 1_000
_AT_ONCE: Final = 500
"""Books in one read: those after it are not judged by a moment long past."""


@dataclass(frozen=True, slots=True)
class Look:
    """Markets whose book was as a full read shows it, and those where it was another."""

    same: tuple[str, ...]
    other: tuple[str, ...]


def _rests(_market: str) -> bool:
    return False


async def look(
    markets: Iterable[str],
    watched: Callable[[str], Watched | None],
    read: ReadBooks,
    moves: Callable[[str], bool] = _rests,
) -> Look:
    """Judges only books that were good and did not change while we read, and that the venue told.
    A read that is older than what was streamed shows nothing, unless it is the same; of a market
    that moves, neither does a newer one: the stream may be on its way.

    Raises what `read` raises.
    """
    before = {id: found for id in markets if (found := watched(id)) and found.fault is None}
    told = await read(before) if before else {}
    same: list[str] = []
    other: list[str] = []
    for id, then in before.items():
        now = watched(id)
        if id not in told or now is None or now.book is not then.book or now.fault is not None:
            continue
        if (told[id].bids, told[id].asks) == (now.book.bids, now.book.asks):
            same.append(id)
        elif _accuses(told[id].venue_ms, now.book.venue_ms, moves=moves(id)):
            other.append(id)
    return Look(tuple(same), tuple(other))


def _accuses(read_ms: int | None, streamed_ms: int | None, *, moves: bool) -> bool:
    if read_ms is None or streamed_ms is None:
        return not moves
    return read_ms == streamed_ms if moves else read_ms >= streamed_ms


class CrossCheck(Generic[News]):
    """Looks at the books of `lines`, and gives up a line of which one is another, twice.

    `watched` tells a book as its line has it, `home` the line of a market.
    """

    def __init__(
        self,
        clock: Clock,
        settings: FeedSettings,
        *,
        read: ReadBooks,
        watched: Callable[[str], Watched | None],
        lines: Callable[[], Collection[Line[News]]],
        home: Callable[[str], Line[News] | None],
    ) -> None:
        self.trouble = ""
        self.mismatches = 0
        self.confirmed: dict[str, tuple[int, int]] = {}
        self._clock = clock
        self._settings = settings
        self._read = read
        self._watched = watched
        self._lines = lines
        self._home = home
        self._turn = 0
        self._compared_ns = clock.monotonic_ns()
        self._touched_ns: dict[str, int] = {}
        self._silent_ns: dict[Line[News], int] = {}
        self._accused_ns: dict[str, int] = {}
        self._disputed: set[str] = set()

    def touched(self, market: str, now_ns: int) -> None:
        self._touched_ns[market] = now_ns

    def forget(self, market: str) -> None:
        for kept in (self._touched_ns, self.confirmed, self._accused_ns):
            kept.pop(market, None)
        self._disputed.discard(market)

    def doubt(self, market: str) -> str | None:
        """Why nobody should trade on a book that its line calls good."""
        if market in self._disputed:
            return "full reads show another book, on a new connection too"
        limit_ms = self._settings.unproven_ms
        if not limit_ms or self._since_ms(self._proven_ns(market)) <= limit_ms:
            return None
        return f"it neither changed nor could be compared for {limit_ms // 1_000} s"

    @property
    def unread_ms(self) -> int:
        """For how long no book could be read."""
        return self._since_ms(self._compared_ns)

    async def sample(self) -> None:
        """One round: every line has its share in it."""
        self._turn += 1
        await self._judge([id for line in self._lines() for id in self._share(line)])

    async def watch_silence(self) -> None:
        """Until cancelled: lines that tell of no book are looked at early, and whole."""
        silent_ns = self._settings.silent_ms * 1_000_000
        while silent_ns:
            await self._clock.sleep_ms(_SILENCE_TICK_MS)
            now_ns = self._clock.monotonic_ns()
            lines = [line for line in self._lines() if line.socket.up]
            looked_ns = {line: self._silent_ns.get(line, 0) for line in lines}
            silent = [n for n in lines if now_ns - max(n.told_ns, looked_ns[n]) >= silent_ns]
            self._silent_ns = looked_ns | dict.fromkeys(silent, now_ns)
            if ids := [id for n in silent for id in n.markets if self._is_unheard(id)]:
                await self._judge(ids)

    async def _judge(self, markets: Collection[str]) -> None:
        suspects = await self._look(markets)
        if suspects:
            await self._clock.sleep_ms(self._settings.second_look_ms)
            for id in await self._look(suspects):
                self._frozen(id)

    async def _look(self, markets: Collection[str]) -> tuple[str, ...]:
        """Which of them a full read shows otherwise; it confirms the rest."""
        rest, other, trouble = iter(markets), list[str](), ""
        moves = self._moves if self._settings.moving_ms else _rests
        if not markets:
            self._compared_ns = self._clock.monotonic_ns()

        async def read() -> None:
            nonlocal trouble
            while batch := tuple(islice(rest, _AT_ONCE)):
                now = self._clock.now_ms(), self._clock.monotonic_ns()
                try:
                    found = await look(batch, self._watched, self._read_some, moves)
                except VenueError as error:
                    trouble = str(error)
                    if isinstance(error, Unavailable):
                        return
                    continue
                self.confirmed.update(dict.fromkeys(found.same, now))
                self._disputed.difference_update(found.same)
                other.extend(found.other)

        async with asyncio.TaskGroup() as group:
            for _ in range(self._settings.readers):
                group.create_task(read())
        self.trouble = trouble
        return tuple(other)

    async def _read_some(self, markets: Collection[str]) -> Mapping[str, Book]:
        """An answer without a single book proves nothing."""
        now_ns = self._clock.monotonic_ns()
        told = await self._read(markets)
        if told:
            self._compared_ns = now_ns
        return told

    def _share(self, line: Line[News]) -> list[str]:
        """The next markets of a line that are quiet, or have moved for long."""
        share = -(-self._settings.sample // len(self._lines()))
        ids = tuple(line.markets)
        start = self._turn * share % (len(ids) or 1)
        turned = islice(ids[start:] + ids[:start], 4 * share)
        rested_ms = self._settings.compare_ms // 2
        old = (id for id in turned if self._since_ms(self._compared(id)) >= rested_ms)
        return [*islice(filter(self._is_due, old), share)]

    def _is_due(self, market: str) -> bool:
        moving_ms = self._settings.moving_ms
        if self._moves(market) and not (
            moving_ms and self._since_ms(self._compared(market)) >= moving_ms
        ):
            return False
        found = self._watched(market)
        return found is not None and found.fault is None

    def _is_unheard(self, market: str) -> bool:
        """Of a silent line, what was read a moment ago tells nothing new."""
        read_ms = self._since_ms(self._compared(market))
        return read_ms >= self._settings.silent_ms // 2 and self._is_due(market)

    def _moves(self, market: str) -> bool:
        return self._since_ms(self._touched_ns.get(market, 0)) < self._settings.quiet_ms

    def _compared(self, market: str) -> int:
        return self.confirmed.get(market, (0, 0))[1]

    def _proven_ns(self, market: str) -> int:
        return max(self._compared(market), self._touched_ns.get(market, 0))

    def _since_ms(self, at_ns: int) -> int:
        return (self._clock.monotonic_ns() - at_ns) // 1_000_000

    def _frozen(self, market: str) -> None:
        line = self._home(market)
        if line is None:
            return
        self.mismatches += 1
        accused_ns = self._accused_ns.get(market)
        if accused_ns is not None and self._since_ms(accused_ns) < self._settings.again_ms:
            self._disputed.add(market)
            return
        self._accused_ns[market] = self._clock.monotonic_ns()
        line.give_up(f"a full read of {market} shows another book, twice")
