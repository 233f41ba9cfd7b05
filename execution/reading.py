"""Markets and books, read anew over REST just before anything is decided on them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from typing import Final

import structlog

from execution.rungs import View, Views
from venues import Contract, MarketData, VenueError

READ_MS: Final = 10_000
_log = structlog.get_logger()


async def views(data: Mapping[str, MarketData], contracts: Iterable[Contract]) -> Views:
    """What cannot be read is missing."""
    wanted: dict[str, set[str]] = {}
    for each in contracts:
        wanted.setdefault(each.venue, set()).add(each.market)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_read(n, data[n], ids)) for n, ids in wanted.items()]
    return {key: view for task in tasks for key, view in task.result().items()}


async def _read(name: str, venue: MarketData, ids: Collection[str]) -> dict[tuple[str, str], View]:
    try:
        async with asyncio.timeout(READ_MS / 1_000):
            markets = await venue.markets(ids)
            books = await venue.books(ids)
    except (VenueError, TimeoutError) as error:
        _log.warning("hedge.unread", venue=name, why=str(error) or "it took too long")
        return {}
    both = [id for id in ids if id in markets and id in books]
    return {(name, id): View(markets[id], books[id]) for id in both}
