"""Which order books were asked for on one connection, and which answers are still due. Pure.

A market's book comes with joining the subscription and again with every `get_snapshot`. Only as
much is asked for at a time as one can await, so that a start with thousands of markets does not
overflow the venue's buffer (error 25). What does not come in time is asked for again, ever slower.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from venues.kalshi.wire import stream as wire

_S: Final = 1_000_000_000
DEADLINE_NS: Final = 5 * _S
RETRY_NS: Final = 10 * _S
RETRY_NS_MAX: Final = 120 * _S
PAUSE_NS: Final = 1 * _S
BATCH: Final = 500
"""Markets in one command."""
WINDOW: Final = 1_000
"""Markets whose book may be awaited at a time."""


@dataclass(frozen=True, slots=True)
class _Wait:
    """`joins`: the command is to bring its markets in; if it is refused, they are not in."""

    command: int
    due_ns: int
    joins: bool


class BookRequests:
    """The one subscription to `orderbook_delta`. `sid` is its number, `opening` that of the command
    which asks for it; 0 while there is none.

    A market is in at most one place: to join, to refresh, awaited, or put off. It joins again at
    every second failure, in case the venue forgot it. A command that is refused without naming the
    bad market halves the next ones, down to single markets, so that it costs only itself.
    """

    def __init__(self, numbers: Iterator[int], outbox: list[str], *, yes_prices: bool) -> None:
        self.sid = 0
        self._numbers = numbers
        self._outbox = outbox
        self._yes_prices = yes_prices
        self.opening = 0
        self._opening_due_ns = 0
        self._size = BATCH
        self._pause_until_ns = 0
        self._members: set[str] = set()
        self._to_join: dict[str, None] = {}
        self._to_refresh: dict[str, None] = {}
        self._awaited: dict[str, _Wait] = {}
        self._put_off: dict[str, int] = {}
        self._failures: dict[str, int] = {}
        self._answers_from: dict[str, int] = {}
        self._leaving: dict[str, int] = {}

    @property
    def unproven(self) -> int:
        queued = len(self._to_join) + len(self._to_refresh)
        return queued + len(self._awaited) + len(self._put_off)

    def want(self, tickers: Iterable[str], now_ns: int) -> None:
        """New markets, or those whose book is in doubt; what is under way already stays so."""
        for ticker in tickers:
            if ticker not in self._awaited and ticker not in self._put_off:
                queue = self._to_refresh if ticker in self._members else self._to_join
                queue[ticker] = None
        self.ask(now_ns)

    def restart(self, now_ns: int) -> None:
        """The order of frames is lost: late copies of old snapshots may come, so that from here on
        only the answer to a question asked now counts, once for every member."""
        first = next(self._numbers)
        for ticker in self._members:
            self._answers_from[ticker] = first
            self._awaited.pop(ticker, None)
        self._leaving.clear()
        self.want(tuple(self._members), now_ns)

    def drop(self, tickers: Collection[str]) -> None:
        gone = [ticker for ticker in tickers if ticker in self._members]
        for ticker in tickers:
            self._forget(ticker)
        if self.sid and gone:
            self._leave(gone)

    def opened(self, sid: int, wanted: Iterable[str], now_ns: int) -> None:
        """The subscription stands; what joined it and is no longer `wanted` leaves again."""
        self.sid, self.opening = sid, 0
        if gone := [*self._members.difference(wanted)]:
            self._leave(gone)
        self.ask(now_ns)

    def ended(self, wanted: Iterable[str], now_ns: int) -> None:
        """The venue ended the subscription: after a breath everything joins anew."""
        self.sid = self.opening = 0
        self._pause_until_ns = now_ns + PAUSE_NS
        places: tuple[dict[str, int] | dict[str, None] | dict[str, _Wait] | set[str], ...]
        places = (self._members, self._to_join, self._to_refresh, self._awaited, self._leaving)
        for place in (*places, self._answers_from):
            place.clear()
        self.want(wanted, now_ns)

    def arrived(self, ticker: str, answer_to: int) -> bool:
        """A snapshot came, for the command `answer_to` (0: it names none). May it be believed?"""
        if ticker in self._leaving or answer_to < self._answers_from.get(ticker, 0):
            return False
        for place in (self._awaited, self._failures, self._answers_from, self._put_off):
            place.pop(ticker, None)
        self._to_join.pop(ticker, None)
        self._to_refresh.pop(ticker, None)
        self._size = min(self._size + 1, BATCH)
        return True

    def poisoned(self, ticker: str, now_ns: int) -> None:
        """The snapshot itself made no sense: the next one is asked for later."""
        self._put_off[ticker] = now_ns + RETRY_NS

    def acknowledged(self, command: int) -> None:
        self._leaving = {t: id for t, id in self._leaving.items() if id > command}

    def refused(self, command: int, named: Iterable[str], now_ns: int) -> tuple[str, ...]:
        """The venue refused a command, and did nothing of it: the markets it concerns.

        Those that it names are put off, as is a single one, and the others asked for again; if it
        names none, the batch is asked for in parts.
        """
        self.acknowledged(command)
        batch = {t: wait for t, wait in self._awaited.items() if wait.command == command}
        if command == self.opening:
            self.opening = 0
        for ticker, wait in batch.items():
            del self._awaited[ticker]
            if wait.joins:
                self._members.discard(ticker)
        bad = [t for t in named if t in batch] or [*batch]
        if len(bad) == 1 or len(bad) < len(batch):
            for ticker in bad:
                self._put_off_one(ticker, now_ns + RETRY_NS)
        else:
            self._size = max(len(bad) // 2, 1)
        self.want(tuple(t for t in batch if t not in self._put_off), now_ns)
        return tuple(batch)

    def slow_down(self, now_ns: int) -> None:
        """The venue finds that we ask too often."""
        self._pause_until_ns = now_ns + PAUSE_NS

    def overdue(self, now_ns: int) -> list[str]:
        """The markets whose book did not come in time: asked for again, at once for the first time.
        Whatever was put off long enough is asked for, too."""
        late = [ticker for ticker, wait in self._awaited.items() if wait.due_ns < now_ns]
        if self.opening and self._opening_due_ns < now_ns:  # even if all its markets left since
            self.opening = 0
            self._members.clear()
        for ticker in late:
            del self._awaited[ticker]
            self._put_off_one(ticker, now_ns)
        again = [ticker for ticker, at_ns in self._put_off.items() if at_ns <= now_ns]
        for ticker in again:
            del self._put_off[ticker]
        self.want(again, now_ns)  # and whatever waited for a pause to end
        return late

    def ask(self, now_ns: int) -> None:
        """Sends as many commands as the window has room for."""
        if now_ns < self._pause_until_ns:
            return
        while not self.opening and len(self._awaited) < WINDOW:
            batch = self._next()
            if not batch:
                return
            command = next(self._numbers)
            if not self.sid:
                self.opening, self._opening_due_ns = command, now_ns + DEADLINE_NS
            self._outbox.append(self._command(command, batch))
            joins = self._members.isdisjoint(batch)
            self._members.update(batch)
            wait = _Wait(command, now_ns + DEADLINE_NS, joins)
            self._awaited.update(dict.fromkeys(batch, wait))

    def _next(self) -> tuple[str, ...]:
        """Markets of one command: all of them members already, or none."""
        queue = self._to_join or self._to_refresh
        batch = tuple(islice(queue, self._size))
        for ticker in batch:
            del queue[ticker]
        return batch

    def _command(self, number: int, batch: tuple[str, ...]) -> str:
        if not self.sid:
            params = wire.Subscribe(
                channels=(wire.BOOKS,), market_tickers=batch, use_yes_price=self._yes_prices
            )
            return wire.subscribe(number, params)
        action = "get_snapshot" if self._members.issuperset(batch) else "add_markets"
        return wire.update(number, wire.Update(action=action, sid=self.sid, market_tickers=batch))

    def _leave(self, tickers: list[str]) -> None:
        command = next(self._numbers)
        params = wire.Update(action="delete_markets", sid=self.sid, market_tickers=tuple(tickers))
        self._outbox.append(wire.update(command, params))
        self._members.difference_update(tickers)
        self._leaving.update(dict.fromkeys(tickers, command))

    def _put_off_one(self, ticker: str, first_ns: int) -> None:
        """Until `first_ns`, and longer with every failure."""
        before = self._failures.get(ticker, 0)
        self._failures[ticker] = before + 1
        self._put_off[ticker] = first_ns + min(before * RETRY_NS, RETRY_NS_MAX)
        if before % 2:
            self._members.discard(ticker)

    def _forget(self, ticker: str) -> None:
        for place in (self._to_join, self._to_refresh, self._awaited, self._put_off):
            place.pop(ticker, None)
        for place in (self._failures, self._answers_from):
            place.pop(ticker, None)
