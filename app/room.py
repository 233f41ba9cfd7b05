"""Where feeds and engine meet: which pairs are watched, what is known of their markets, and what
the venues say of themselves. `dutchbook run` keeps one going.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import islice
from typing import Any, Final

import structlog

from app.config import Settings
from app.drift import Drift
from app.live import fetch_markets, listed_as, status_doubt
from app.pairs_file import PairRow
from app.wiring import open_feed, open_venue
from app.wiring_terms import VENUES, Member, live_policy
from matching.pairs import MarketKey
from scanner.engine import Engine
from scanner.episode import Proof
from scanner.follow import Tell, follow, full_pass
from scanner.scan import Listed
from venues import Clock, Market, MarketData, VenueError, VenueStatus
from venues.feed import Feed
from venues.recorded import Recorder

BATCH: Final = 200
"""Pairs whose markets are read at once: the first are priced while the others are read."""
_log = structlog.get_logger()


class Room:
    """`troubles`: by subject, what is wrong now, a sentence each. `markets`: as they were read
    last, those of pairs that left too. `statuses`: what each venue said of itself last, if it
    answered. `record` puts the day on tape. `warn` hears of a venue that no longer speaks as it
    did."""

    def __init__(
        self,
        venues: Mapping[str, MarketData],
        feeds: Mapping[str, Feed[Any]],
        *,
        engine: Engine,
        clock: Clock,
        member: Member,
        tell: Tell,
        record: Recorder | None = None,
    ) -> None:
        self.engine = engine
        self.feeds = feeds
        self.troubles: dict[str, str] = {}
        self.markets: dict[MarketKey, Market] = {}
        self.statuses: dict[str, VenueStatus] = {}
        self.passes = 0
        self.warn: Callable[[str, str], None] = lambda _venue, _why: None
        self._venues = venues
        self._clock = clock
        self._member = member
        self._tell = tell
        self._record = record
        if record:
            engine.looked = self._looked
        self._drift = Drift()
        self._rows: dict[str, PairRow] = {}
        self._listed: dict[str, Listed] = {}

    @property
    def listed(self) -> Sequence[Listed]:
        """The pairs whose markets are known, in the order of their rows."""
        return [self._listed[id] for id in self._rows if id in self._listed]

    def pair(self, id: str) -> Listed | None:
        """One of them."""
        return self._listed.get(id)

    async def follow(self) -> None:
        """Prices what changes, for ever."""
        async with asyncio.TaskGroup() as group:
            for venue, feed in self.feeds.items():
                group.create_task(follow(venue, feed, self.engine, self._clock, self._tell))

    async def full_pass(self) -> None:
        await full_pass(self.engine, self._clock, self._tell)
        self.passes += 1

    async def watch(self, rows: Iterable[PairRow]) -> None:
        """These pairs from now on. Those that are new, or whose row changed, are priced as soon as
        their markets are read: what such a pair was before counts no longer."""
        wanted = {row.pair_id: row for row in rows}
        new = [row for id, row in wanted.items() if self._rows.get(id) != row]
        changed = {row.pair_id for row in new}
        self._rows = wanted
        self._listed = {
            id: item for id, item in self._listed.items() if id in wanted and id not in changed
        }
        self._watch()
        await self._read(new)

    async def read_missing(self) -> None:
        """Tries again to read the markets of pairs that no answer has told yet."""
        await self._read([row for id, row in self._rows.items() if id not in self._listed])

    async def read_again(self) -> None:
        """Reads every market again: status, ticks and fees may have changed."""
        await self._read(list(self._rows.values()))

    async def check_venues(self) -> None:
        """What each venue says of itself; nobody may act where it does not trade."""
        async with asyncio.TaskGroup() as group:
            for name, venue in self._venues.items():
                group.create_task(self._check(name, venue))

    async def _check(self, name: str, venue: MarketData) -> None:
        doubt = ""
        try:
            self.statuses[name] = status = await venue.status()
            doubt = status_doubt(status)
        except VenueError as error:
            self.statuses.pop(name, None)
            doubt = str(error)
        if drift := self._drift.of(name, self.feeds[name].health.counts, venue.faults):
            self.warn(name, drift)
        self._doubt(name, drift or doubt)

    def _doubt(self, venue: str, why: str) -> None:
        if why and self.engine.doubts.get(venue) != why:
            _log.warning("venue.doubt", venue=venue, why=why)
        if why:
            self.engine.doubts[venue] = self.troubles[venue] = why
        else:
            self.engine.doubts.pop(venue, None)
            self.troubles.pop(venue, None)

    async def _read(self, rows: Sequence[PairRow]) -> None:
        waiting = iter(rows)
        while batch := list(islice(waiting, BATCH)):
            if await self._read_some(batch):
                self._watch()

    async def _read_some(self, rows: Sequence[PairRow]) -> bool:
        """Whether anything is new: to watch many pairs anew holds up the loop."""
        async with asyncio.TaskGroup() as group:
            tasks = {
                name: group.create_task(
                    fetch_markets(venue, [getattr(row, name) for row in rows]), name=name
                )
                for name, venue in self._venues.items()
            }
        got = {name: task.result() for name, task in tasks.items()}
        for name, fetched in got.items():
            self._note(f"markets of {name}", fetched.down or " ".join(fetched.unknown))
        if any(fetched.down for fetched in got.values()):
            return False  # what was known before still counts
        if self._record:
            for told in (market for each in got.values() for market in each.markets.values()):
                self._record.market(told)
        is_new = False
        for row in rows:
            if self._rows.get(row.pair_id) == row:
                item = listed_as(row, got, self._member)
                is_new = is_new or item != self._listed.get(row.pair_id)
                self._listed[row.pair_id] = item
                for market in (item.one, item.two):
                    if market:
                        self.markets[MarketKey(market.venue, market.id)] = market
        return is_new

    def _looked(self, id: str, now_ms: int, proof: Proof) -> None:
        assert self._record
        self._record.priced(id, now_ms, proof.ages_ms, proof.doubts)

    def _note(self, subject: str, sentence: str) -> None:
        if sentence:
            self.troubles[subject] = sentence
        else:
            self.troubles.pop(subject, None)

    def _watch(self) -> None:
        """The pairs that are known, in the order of their rows: the first get their books first."""
        now_ms = self._clock.now_ms()
        if self._record:
            self._record.watch([item.pair.id for item in self.listed], now_ms)
        if changes := self.engine.watch(self.listed, now_ms):
            self._tell(changes)
        for venue, ids in self.engine.markets.items():
            feed = self.feeds[venue]
            feed.remove(feed.markets - set(ids))
            feed.add(ids)


@asynccontextmanager
async def open_room(
    settings: Settings, *, clock: Clock, tell: Tell, record: Recorder | None = None
) -> AsyncIterator[Room]:
    """`record`: put the whole day on tape."""
    async with AsyncExitStack() as stack:
        member = Member(settings.kalshi.member)
        venues, feeds = {}, {}
        for name in VENUES:
            keep = record.keep if record else None
            venue = open_venue(name, settings, clock=clock, member=member, keep=keep)
            venues[name] = await stack.enter_async_context(venue)
            feed = open_feed(name, settings, clock=clock, record=record)
            feeds[name] = await stack.enter_async_context(feed)
        engine = Engine(feeds, policy=live_policy(settings), age_ms_max=settings.scan.age_ms_max)
        yield Room(
            venues,
            feeds,
            engine=engine,
            clock=clock,
            member=member,
            tell=tell,
            record=record,
        )
