"""Streamed books held against full reads: a silent freeze cannot hide from that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from venues.book import Book
from venues.stream import Watched

ReadBooks = Callable[[Collection[str]], Awaitable[Mapping[str, Book]]]
"""`MarketData.books`. It keeps to the venue's rate by itself."""


@dataclass(frozen=True, slots=True)
class Look:
    """Markets whose book was as a full read shows it, and those where it was another."""

    same: tuple[str, ...]
    other: tuple[str, ...]


async def look(
    markets: Iterable[str], watched: Callable[[str], Watched | None], read: ReadBooks
) -> Look:
    """Judges only books that were good and did not change while we read, and that the venue told.

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
        is_same = (told[id].bids, told[id].asks) == (now.book.bids, now.book.asks)
        (same if is_same else other).append(id)
    return Look(tuple(same), tuple(other))
