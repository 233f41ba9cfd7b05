"""What happens goes into the history, in batches and beside the loop: no tick waits for a disk."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final

import structlog

from app.store.history import Books, History, HistoryUnavailable
from matching.pairs import MarketKey
from scanner.episode import Change
from venues import Book, Clock

EVERY_MS: Final = 500
BATCH: Final = 500
"""In one transaction, so that others come to write between two."""
WAITING_MAX: Final = 20_000
"""Changes that wait for a database; beyond, the oldest are lost, and counted."""
_log = structlog.get_logger()
BooksOf = Callable[[str], tuple[Book | None, Book | None]]
"""Both YES books of a pair as they are now."""


class Keeper:
    """`tell` is quick; `run` writes, for ever, and `flush` what is left."""

    def __init__(self, history: History, books_of: BooksOf, clock: Clock) -> None:
        self.lost = 0
        self.trouble = ""
        self._history = history
        self._books_of = books_of
        self._clock = clock
        self._waiting: deque[tuple[Change, Books]] = deque()
        self._writing: tuple[asyncio.Future[None], list[tuple[Change, Books]]] | None = None

    def tell(self, changes: Iterable[Change]) -> None:
        for change in changes:
            books = [book for book in self._books_of(change.episode.pair_id) if book]
            keyed = {MarketKey(b.contract.venue, b.contract.market): b for b in books}
            self._waiting.append((change, keyed))
        while len(self._waiting) > WAITING_MAX:
            self._waiting.popleft()
            self.lost += 1

    async def run(self) -> None:
        while True:
            await self._clock.sleep_ms(EVERY_MS)
            await self.flush()

    async def flush(self) -> None:
        """Writes what waits, a batch after the other; what the database does not take waits on.

        A write that goes on when this is cancelled is waited for by the next flush: nothing older
        is ever written over something newer.
        """
        while self._writing or self._waiting:
            if self._writing is None:
                batch = [*islice(self._waiting, BATCH)]
                for _ in batch:
                    self._waiting.popleft()
                loop = asyncio.get_running_loop()
                self._writing = loop.run_in_executor(None, self._history.keep, batch), batch
            written, batch = self._writing
            try:
                await asyncio.shield(written)
            except HistoryUnavailable as error:
                self._writing = None
                if not self.trouble:
                    _log.error("history.unavailable", why=str(error))
                self.trouble = str(error)
                self._waiting.extendleft(reversed(batch))
                return
            self._writing = None
            self.trouble = ""
