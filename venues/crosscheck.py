"""Streamed books held against full reads: a silent freeze cannot hide from that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final, Generic

from venues.book import Book
from venues.clock import Clock
from venues.errors import VenueError
from venues.feed_settings import FeedSettings
from venues.line import Line
from venues.stream import News, Watched

ReadBooks = Callable[[Collection[str]], Awaitable[Mapping[str, Book]]]
"""`MarketData.books`. It keeps to the venue's rate by itself."""
_SILENCE_TICK_MS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Look:
    """Markets whose book was as a full read shows it, and those where it was another."""

    same: tuple[str, ...]
    other: tuple[str, ...]


async def look(
    markets: Iterable[str], watched: Callable[[str], Watched | None], read: ReadBooks
) -> Look:
    """Judges only books that were good and did not change while we read, and that the venue told.
    A read that is older than what was streamed shows nothing, unless it is the same.

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
        elif not _is_older(told[id].venue_ms, now.book.venue_ms):
            other.append(id)
    return Look(tuple(same), tuple(other))


def _is_older(read_ms: int | None, streamed_ms: int | None) -> bool:
    return read_ms is not None and streamed_ms is not None and read_ms < streamed_ms


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

    def touched(self, market: str, now_ns: int) -> None:
        self._touched_ns[market] = now_ns

    def forget(self, market: str) -> None:
        self._touched_ns.pop(market, None)
        self.confirmed.pop(market, None)

    @property
    def unread_ms(self) -> int:
        """For how long no book could be read."""
        return (self._clock.monotonic_ns() - self._compared_ns) // 1_000_000

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
            if ids := [id for line in silent for id in line.markets if self._is_quiet(id)]:
                await self._judge(ids)

    async def _judge(self, markets: Iterable[str]) -> None:
        suspects = await self._look(markets)
        if suspects:
            await self._clock.sleep_ms(self._settings.second_look_ms)
            for id in await self._look(suspects):
                self._frozen(id)

    async def _look(self, markets: Iterable[str]) -> tuple[str, ...]:
        """Which of them a full read shows otherwise; it confirms the rest."""
        now = self._clock.now_ms(), self._clock.monotonic_ns()
        try:
            found = await look(markets, self._watched, self._read)
        except VenueError as error:
            self.trouble = str(error)
            return ()
        self.confirmed.update(dict.fromkeys(found.same, now))
        self._compared_ns = now[1]
        self.trouble = ""
        return found.other

    def _share(self, line: Line[News]) -> list[str]:
        """The next quiet markets of a line."""
        share = -(-self._settings.sample // len(self._lines()))
        ids = tuple(line.markets)
        start = self._turn * share % (len(ids) or 1)
        turned = islice(ids[start:] + ids[:start], 4 * share)
        return [*islice(filter(self._is_quiet, turned), share)]

    def _is_quiet(self, market: str) -> bool:
        found = self._watched(market)
        if found is None or found.fault is not None:
            return False
        still_ns = self._clock.monotonic_ns() - self._touched_ns.get(market, 0)
        return still_ns >= self._settings.quiet_ms * 1_000_000

    def _frozen(self, market: str) -> None:
        line = self._home(market)
        if line is not None:
            self.mismatches += 1
            line.give_up(f"a full read of {market} shows another book, twice")
