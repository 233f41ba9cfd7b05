"""A tape of quotes through the live engine: its episodes, and what clicks on its alerts would have
got at each delay and size. Pure; a book holds until the next quote of its market.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from matching.pairs import MarketKey
from scanner.click import Click, Got, got
from scanner.engine import Engine
from scanner.episode import Change, Episode, Happened
from scanner.scan import Listed, Policy
from venues import Book, FeeModel, UnknownFee
from venues.book import Top
from venues.replay import Pass, book_of
from venues.stream import Watched

AGE_MS_MAX: Final = 30_000
_NS: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Clicked:
    """One click on one episode; `got` None: the tape ended before it."""

    episode_id: str
    pair_id: str
    click: Click
    alerted: int
    got: Got | None


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
    due: list[tuple[int, int, Episode, Click]] = []
    now_ms = count = 0
    for cycle in passes:
        while due and due[0][0] < cycle.ts_ms:
            _, _, episode, click = heapq.heappop(due)
            yield _clicked(episode, click, markets[episode.pair_id], books)
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
            if change.happened is Happened.APPEARED and change.episode.proof.is_good:
                for click in clicks:
                    count += 1
                    heapq.heappush(due, (now_ms + click.delay_ms, count, change.episode, click))
    yield from engine.stop(now_ms)
    for due_ms, _, episode, click in sorted(due, key=lambda each: each[:2]):
        if due_ms <= now_ms:
            yield _clicked(episode, click, markets[episode.pair_id], books)
        else:
            alerted = int(episode.last.profit)
            yield Clicked(
                episode_id=episode.id,
                pair_id=episode.pair_id,
                click=click,
                alerted=alerted,
                got=None,
            )


def _clicked(episode: Episode, click: Click, item: Listed, books: Mapping[str, _Books]) -> Clicked:
    found = episode.last
    known, fees = {}, {}
    for market in (item.one, item.two):
        assert market
        key = MarketKey(market.venue, market.id)
        if watched := books[key.venue].book(key.id):
            known[key] = watched.book
        fees[key] = _fee(market.fees.at(found.seen_ms))
    return Clicked(
        episode_id=episode.id,
        pair_id=episode.pair_id,
        click=click,
        alerted=int(found.profit),
        got=got(found, click.budget, known, fees),
    )


def _fee(found: FeeModel | UnknownFee) -> FeeModel:
    assert not isinstance(found, UnknownFee)  # nothing is alerted whose fee nobody knows
    return found
