"""A live scan: fetch what the pairs name from both venues at once, then one pass.

One venue down loses what needs it and says so; the rest is scanned.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from app.pairs_file import PairRow
from app.wiring_terms import Member, overridden
from matching.pairs import MarketKey
from scanner import Listed, Policy, ScanReport, scan
from venues import Book, Clock, Market, MarketData, NotFound, VenueError, VenueStatus

SKEW_MS_MAX: Final = 5_000


@dataclass(slots=True)
class Fetched:
    """What one venue gave for the pairs. `ids` maps typed names to the venue's own ids."""

    ids: dict[str, str] = field(default_factory=dict)
    markets: Mapping[str, Market] = field(default_factory=dict)
    books: Mapping[str, Book] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    down: str | None = None
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveScan:
    """The report, and one sentence for each thing that is missing from it."""

    report: ScanReport
    markets: Mapping[MarketKey, Market]
    books: Mapping[MarketKey, Book]
    unknown: tuple[str, ...]
    down: tuple[str, ...]
    faults: tuple[str, ...]


async def fetch(venue: MarketData, names: Iterable[str]) -> Fetched:
    """Reads the named markets and their books; a venue error ends it there."""
    got = await fetch_markets(venue, names)
    if got.down is None:
        try:
            got.books = await venue.books(tuple(got.markets))
        except VenueError as error:
            got.down = str(error)
    got.faults = venue.faults
    return got


async def fetch_markets(venue: MarketData, names: Iterable[str]) -> Fetched:
    """The same without books.

    Most names are ids, so they are asked for in batches; only what is left is looked up by itself.
    """
    got = Fetched()
    wanted = tuple(dict.fromkeys(names))
    try:
        markets = dict(await venue.markets(wanted))
        got.ids = {name: name for name in markets}
        for name in wanted:
            if name not in markets:
                await _look_up(venue, name, got)
        others = [id for id in got.ids.values() if id not in markets]
        if others:
            markets |= await venue.markets(others)
        got.markets = markets
    except VenueError as error:
        got.down = str(error)
    got.faults = venue.faults
    return got


async def _look_up(venue: MarketData, name: str, got: Fetched) -> None:
    try:
        got.ids[name] = await venue.resolve(name)
    except NotFound as error:
        got.unknown.append(f"{name}: {error}")


async def doubt_of(venue: MarketData) -> str:
    """Why nobody may act on what the venue shows now, as it says itself; "" for nothing."""
    try:
        return status_doubt(await venue.status())
    except VenueError as error:
        return str(error)


def status_doubt(status: VenueStatus) -> str:
    """The same of what a venue said."""
    skew_ms = abs(status.skew_ms or 0)
    if not status.trading:
        return f"it does not trade: {status.says}"
    return f"its clock and ours are {skew_ms} ms apart" if skew_ms > SKEW_MS_MAX else ""


async def scan_live(
    rows: tuple[PairRow, ...],
    venues: Mapping[str, MarketData],
    *,
    clock: Clock,
    policy: Policy,
    member: Member,
) -> LiveScan:
    """One pass over the pairs with books that are as fresh as the venues' answers."""
    async with asyncio.TaskGroup() as group:
        tasks = {
            name: group.create_task(fetch(venue, [getattr(row, name) for row in rows]))
            for name, venue in venues.items()
        }
    got = {name: task.result() for name, task in tasks.items()}
    listed = [listed_as(row, got, member) for row in rows]
    books = {MarketKey(n, id): book for n, f in got.items() for id, book in f.books.items()}
    down = frozenset(name for name, fetched in got.items() if fetched.down)
    policy = replace(policy, down=down)
    report = scan(listed, books, ts_ms=clock.now_ms(), policy=policy)
    return LiveScan(
        report=report,
        markets={MarketKey(m.venue, m.id): m for x in listed for m in (x.one, x.two) if m},
        books=books,
        unknown=tuple(name for fetched in got.values() for name in fetched.unknown),
        down=tuple(fetched.down for fetched in got.values() if fetched.down),
        faults=tuple(fault for fetched in got.values() for fault in fetched.faults),
    )


def listed_as(row: PairRow, got: Mapping[str, Fetched], member: Member) -> Listed:
    """The pair with each venue's word about its markets, and the row's own word over it."""
    pair = row.pair(
        kalshi=got["kalshi"].ids.get(row.kalshi),
        polymarket=got["polymarket"].ids.get(row.polymarket),
    )
    found = [got[key.venue].markets.get(key.id) for key in (pair.one, pair.two)]
    one, two = (market and overridden(market, row, member) for market in found)
    return Listed(pair, one, two)
