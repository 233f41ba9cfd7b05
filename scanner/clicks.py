"""Clicks on alerts, each when its time has come. Pure."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from matching.pairs import MarketKey
from scanner.click import Click, Got, got
from scanner.engine import Books
from scanner.episode import Change, Episode, Happened
from scanner.scan import Listed
from venues import FeeModel, UnknownFee


@dataclass(frozen=True, slots=True, kw_only=True)
class Clicked:
    """One click on one episode; `got` None: the tape ended before it, or has a gap there."""

    episode_id: str
    pair_id: str
    click: Click
    alerted: int
    got: Got | None


class Clicks:
    """Clicks on every episode that appears with a good proof, against the books of later."""

    def __init__(self, clicks: Sequence[Click], books: Mapping[str, Books]) -> None:
        self._clicks = clicks
        self._books = books
        self._waiting: list[tuple[int, int, Episode, Click, Listed]] = []
        self._count = 0

    def hear(self, change: Change, item: Listed, now_ms: int) -> None:
        episode = change.episode
        if change.happened is Happened.APPEARED and episode.proof.is_good:
            for click in self._clicks:
                self._count += 1
                due = (now_ms + click.delay_ms, self._count, episode, click, item)
                heapq.heappush(self._waiting, due)

    def due(self, before_ms: int) -> Iterator[Clicked]:
        """Those whose time came before this, in order."""
        while self._waiting and self._waiting[0][0] < before_ms:
            _, _, episode, click, item = heapq.heappop(self._waiting)
            yield self._clicked(episode, click, item)

    def rest(self, end_ms: int) -> Iterator[Clicked]:
        """The tape ends there, or nothing is on it for a while."""
        yield from self.due(end_ms + 1)
        for _, _, episode, click, _ in sorted(self._waiting, key=lambda each: each[:2]):
            yield _told(episode, click, None)
        self._waiting.clear()

    def _clicked(self, episode: Episode, click: Click, item: Listed) -> Clicked:
        found = episode.last
        known, fees = {}, {}
        for market in (item.one, item.two):
            assert market
            key = MarketKey(market.venue, market.id)
            if watched := self._books[key.venue].book(key.id):
                known[key] = watched.book
            fees[key] = _fee(market.fees.at(found.seen_ms))
        return _told(episode, click, got(found, click.budget, known, fees))


def _told(episode: Episode, click: Click, found: Got | None) -> Clicked:
    return Clicked(
        episode_id=episode.id,
        pair_id=episode.pair_id,
        click=click,
        alerted=int(episode.last.profit),
        got=found,
    )


def _fee(found: FeeModel | UnknownFee) -> FeeModel:
    assert not isinstance(found, UnknownFee)  # nothing is alerted whose fee nobody knows
    return found
