"""Reads the markets of hedges after their fills, writes down what is new, and tells of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final

import structlog

from execution.journal import Journal
from execution.records import Closed, Record
from execution.watch import Markets, Notice, divergences, news, notice, wanted
from venues import Clock, MarketData, VenueError

READ_MS: Final = 10_000
Noticed = Callable[[Notice | Closed], None]
_log = structlog.get_logger()


class Watcher:
    """`noticed` hears of what a person must know; of a venue that it closed, too."""

    def __init__(
        self, journal: Journal, data: Mapping[str, MarketData], clock: Clock, noticed: Noticed
    ) -> None:
        self._journal = journal
        self._data = data
        self._clock = clock
        self._noticed = noticed
        self._turn = asyncio.Lock()

    async def look(self) -> None:
        """Once. What a venue does not tell now is looked at the next time. Raises JournalError."""
        async with self._turn:
            now = await self._read(wanted(self._journal.ledger))
            now_ms = self._clock.now_ms()
            await self._write(news(self._journal.ledger, now, now_ms))
            await self._write(divergences(self._journal.ledger, now_ms))

    async def _write(self, records: Iterable[Record]) -> None:
        for record in list(records):
            await self._journal.append(record)
            told = notice(record, self._journal.ledger)
            if told is not None:
                self._noticed(told)
            elif isinstance(record, Closed):
                self._noticed(record)

    async def _read(self, keys: Collection[tuple[str, str]]) -> Markets:
        by_venue: dict[str, list[str]] = {}
        for venue, id in sorted(keys):
            by_venue.setdefault(venue, []).append(id)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._of(n, ids)) for n, ids in by_venue.items()]
        return {key: market for task in tasks for key, market in task.result().items()}

    async def _of(self, venue: str, ids: list[str]) -> Markets:
        try:
            async with asyncio.timeout(READ_MS / 1_000):
                found = await self._data[venue].markets(ids)
        except (VenueError, TimeoutError) as error:
            _log.warning("hedge.unwatched", venue=venue, why=str(error) or "it took too long")
            return {}
        return {(venue, id): market for id, market in found.items()}
