"""A tape of quotes through the live engine: its episodes, and what clicks on its alerts would have
got at each delay and size. Pure; a book holds until the next quote of its market.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from matching.pairs import MarketKey
from scanner.click import Click
from scanner.clicks import Clicked, Clicks
from scanner.engine import Engine
from scanner.episode import Change
from scanner.scan import Listed, Policy
from venues import Book
from venues.book import Top
from venues.replay import Pass, book_of
from venues.stream import Watched

AGE_MS_MAX: Final = 30_000
_NS: Final = 1_000_000


class _Books:
    """One venue's books, as a feed would keep them."""

    def __init__(self) -> None:
        self._kept: dict[str, Watched] = {}

    def book(self, market: str) -> Watched | None:
        return self._kept.get(market)

    def top(self, market: str) -> Top | None:
        kept = self._kept.get(market)
        return kept.book.top if kept else None

    def put(self, book: Book, at_ms: int) -> None:
        self._kept[book.contract.market] = Watched(
            book=book, confirmed_ms=at_ms, confirmed_ns=at_ms * _NS, fault=book.fault()
        )


def backtest(
    listed: Sequence[Listed],
    passes: Iterable[Pass],
    *,
    clicks: Sequence[Click],
    policy: Policy,
    age_ms_max: int = AGE_MS_MAX,
) -> Iterator[Change | Clicked]:
    """Every change, and every click when its time has come, in order of the tape."""
    books = {venue: _Books() for venue in ("kalshi", "polymarket")}
    engine = Engine(books, policy=policy, age_ms_max=age_ms_max)
    engine.watch(listed, 0)
    markets = {item.pair.id: item for item in listed}
    waiting = Clicks(clicks, books)
    now_ms = 0
    for cycle in passes:
        yield from waiting.due(cycle.ts_ms)
        now_ms = cycle.ts_ms
        keys = dict.fromkeys(MarketKey(q.venue, q.market) for q in cycle.quotes)
        for quote in cycle.quotes:
            books[quote.venue].put(book_of(quote), now_ms)
        told = {}
        for key in keys:
            for change in engine.touched(key, now_ms, now_ms * _NS):
                told[change.episode.pair_id, change.happened] = change
        for change in told.values():
            yield change
            waiting.hear(change, markets[change.episode.pair_id], now_ms)
    yield from engine.stop(now_ms)
    yield from waiting.rest(now_ms)
