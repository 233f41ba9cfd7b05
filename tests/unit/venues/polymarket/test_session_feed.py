"""The feed with Polymarket's session inside: names to learn, no numbers, sockets that freeze."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Final, Protocol

import pytest

from venues import Book, Clock, Contract, Level, Outcome, Price, Quantity, Unavailable
from venues.feed import Feed
from venues.polymarket.auth import Credentials
from venues.polymarket.books import UNNAMED
from venues.polymarket.normalize_stream import PolymarketNews
from venues.polymarket.normalize_trades import Us
from venues.polymarket.session import FEED, Session
from venues.polymarket.terms import Known, TermsBook
from venues.polymarket.user_session import UserSession
from venues.socket import Connection
from venues.stream import Watched

S: Final = 1_000


class Timeline(Clock, Protocol):
    """The fixture: a Clock that a test moves on."""

    at_ms: int

    async def run(self, duration_ms: int) -> None: ...

    async def settle(self) -> None: ...


class Pipe:
    """A connection to a Polymarket where every book is one bid and one ask of `size` contracts."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tokens: set[str] = set()
        self.frozen = False
        self.pings_ms: list[int] = []
        self._incoming: asyncio.Queue[str | None] = asyncio.Queue()

    async def send(self, text: str) -> None:
        if text == "PING":
            self.pings_ms.append(self.world.clock.at_ms)
            if self.world.pongs:
                self._incoming.put_nowait("PONG")
            return
        command = json.loads(text)
        named = {*command.get("assets_ids", ())}
        if command.get("operation") == "unsubscribe":
            self.tokens -= named
        else:
            new, self.tokens = named - self.tokens, self.tokens | named
            self.tell([self.world.frame(token) for token in sorted(new)])

    def change(self, market: str, size: int) -> None:
        """The bid at 0.40, as the venue has it from now on."""
        self.world.put(market, size)
        change = {"asset_id": f"{market}-yes", "price": "0.4", "size": str(size), "side": "BUY"}
        change |= {"best_bid": "0.4", "best_ask": "0.5"}
        event = {"event_type": "price_change", "price_changes": [change]}
        self.tell(event | {"timestamp": str(self.world.clock.at_ms)})

    def tell(self, frame: Any) -> None:
        if not self.frozen:
            self._incoming.put_nowait(json.dumps(frame))

    def cut(self) -> None:
        self._incoming.put_nowait(None)

    async def recv(self) -> str | bytes:
        raw = await self._incoming.get()
        if raw is None:
            raise Unavailable("polymarket", "cut")
        return raw

    async def ping(self) -> None: ...

    async def close(self) -> None: ...


class World:
    """The venue, and what its REST side would say: `books` after `lag_ms`, names if listed."""

    def __init__(self, clock: Timeline, **settings: Any) -> None:
        self.clock = clock
        self.terms = TermsBook()
        self.sizes: dict[str, tuple[int, int]] = {}
        self.pipes: list[Pipe] = []
        self.accounts: list[Pipe] = []
        self.reads: list[tuple[int, tuple[str, ...]]] = []
        self.learned: list[tuple[int, tuple[str, ...]]] = []
        self.unlisted: set[str] = set()
        self.learning = asyncio.Event()
        self.learning.set()
        self.stale: Mapping[str, Book] = {}
        self.pongs, self.fails = True, False
        self.settings = replace(FEED, **settings)

    def put(self, market: str, size: int) -> None:
        self.sizes[market] = size, self.clock.at_ms

    def frame(self, token: str) -> dict[str, Any]:
        size, at_ms = self.sizes.get(token.removesuffix("-yes"), (5, 0))
        bids, asks = [{"price": "0.4", "size": str(size)}], [{"price": "0.5", "size": "5"}]
        event = {"event_type": "book", "asset_id": token, "bids": bids, "asks": asks}
        return event | {"timestamp": str(at_ms)}

    def feed(self, *, account: bool = False) -> Feed[PolymarketNews]:
        keys, us = Credentials("key", "c2VjcmV0", "words"), Us("key", "0x1")
        return Feed(
            venue="polymarket",
            clock=self.clock,
            read_books=self.read,
            books=lambda: Session(self.terms),
            account=(lambda: UserSession(keys, us, self.terms, Known())) if account else None,
            connect=self.connect,
            connect_account=self.connect_account,
            learn=self.learn,
            jitter=lambda below: 0,
            settings=self.settings,
        )

    async def connect(self) -> Connection:
        self.pipes.append(Pipe(self))
        return self.pipes[-1]

    async def connect_account(self) -> Connection:
        self.accounts.append(Pipe(self))
        return self.accounts[-1]

    async def learn(self, ids: Collection[str]) -> None:
        self.learned.append((self.clock.at_ms, tuple(ids)))
        await self.learning.wait()
        if self.fails:
            raise Unavailable("polymarket", "down")
        for id in set(ids) - self.unlisted:
            self.terms.learn_tokens(id, f"{id}-yes", f"{id}-no")

    async def read(self, ids: Collection[str]) -> Mapping[str, Book]:
        self.reads.append((self.clock.at_ms, tuple(sorted(ids))))
        await asyncio.sleep(0)
        if self.fails:
            raise Unavailable("polymarket", "down")
        return {id: self.stale.get(id) or self.book(id) for id in ids}

    def book(self, id: str) -> Book:
        size, at_ms = self.sizes.get(id, (5, 0))
        bids = (Level(Price(400_000), Quantity(size * 1_000_000)),)
        asks = (Level(Price(500_000), Quantity(5_000_000)),)
        contract = Contract("polymarket", id, Outcome.YES)
        return Book(contract, bids, asks, self.clock.at_ms, at_ms)


def shown(feed: Feed[PolymarketNews], id: str) -> Watched:
    found = feed.book(id)
    assert found
    return found


def size(feed: Feed[PolymarketNews], id: str) -> int:
    return shown(feed, id).book.bids[0].quantity // 1_000_000


async def test_names_are_learned_before_a_line_asks_for_the_books(timeline: Timeline) -> None:
    world = World(timeline)
    world.learning.clear()
    async with world.feed() as feed:
        feed.add(["A", "B"])
        await timeline.run(S)
        assert (world.pipes, feed.book("A")) == ([], None)
        assert (feed.health.markets, feed.health.unproven) == (2, 2)
        world.learning.set()
        await timeline.run(S)
        assert world.learned == [(0, ("A", "B"))]
        assert shown(feed, "A").fault is shown(feed, "B").fault is None
        assert feed.health.unproven == 0


async def test_a_market_that_leaves_while_it_is_learned_is_never_asked_for(
    timeline: Timeline,
) -> None:
    world = World(timeline)
    world.learning.clear()
    async with world.feed() as feed:
        feed.add(["A", "B", "C"])
        await timeline.run(S)
        feed.remove(["A", "C"])
        feed.add(["C", "D"])
        world.learning.set()
        await timeline.run(2 * S)
        assert world.pipes[0].tokens == {"B-yes", "C-yes", "D-yes"}
        assert (feed.book("A"), feed.health.markets, feed.health.unproven) == (None, 3, 0)


@pytest.mark.parametrize("fails", [True, False])
async def test_what_cannot_be_learned_waits_in_doubt_and_is_tried_again(
    timeline: Timeline, fails: bool
) -> None:
    timeline.at_ms = 100 * S
    world = World(timeline)
    world.fails, world.unlisted = fails, {"X"}
    if fails:
        world.terms.learn_tokens("A", "A-yes", "A-no")
    async with world.feed() as feed:
        feed.add(["A", "X"])
        await timeline.run(5 * S)
        assert (shown(feed, "X").fault, shown(feed, "A").fault) == (UNNAMED, None)
        assert (bool(feed.health.troubles), feed.health.unproven) == (fails, 1)
        world.fails, world.unlisted = False, set()
        await timeline.run(60 * S)
        assert world.learned[1:] == [(160 * S, ("X",))]
        assert shown(feed, "X").fault is None
        assert (feed.health.troubles, feed.health.unproven) == ((), 0)
        await timeline.run(120 * S)
        assert len(world.learned) == 2


@pytest.mark.parametrize("others_move", [True, False])
async def test_a_freeze_that_keeps_answering_pings_is_found_within_half_a_minute(
    timeline: Timeline, others_move: bool
) -> None:
    """F12: at whatever moment it begins, and also if other markets of the socket go on."""
    world = World(timeline)
    async with world.feed() as feed:
        feed.add(["A", "B"])
        await timeline.run(2 * S)
        slowest = 0
        for start in range(14):
            await timeline.run(65 * S + start * 1_100)  # so long that it reconnects at once
            pipe = world.pipes[-1]
            pipe.change("A", start + 10)
            await timeline.run(1)
            assert size(feed, "A") == start + 10
            world.put("A", start + 100)  # and nobody is told
            pipe.frozen = not others_move
            began_ms, found = timeline.at_ms, feed.health.mismatches
            while feed.health.mismatches == found:
                await timeline.run(250)
                pipe.change("B", 5)
            slowest = max(slowest, timeline.at_ms - began_ms)
            await timeline.run(3 * S)
            assert (size(feed, "A"), shown(feed, "A").fault) == (start + 100, None)
            assert len(world.pipes) == start + 2
        assert slowest <= (30 if others_move else 15) * S


async def test_many_sockets_that_freeze_at_once_are_all_found_in_time(timeline: Timeline) -> None:
    world = World(timeline, per_socket=2, compare_ms=3_600_000)
    names = [f"M{n}" for n in range(20)]
    async with world.feed() as feed:
        feed.add(names)
        await timeline.run(2 * S)
        for pipe in world.pipes:
            pipe.frozen = True
        for name in names:
            world.put(name, 9)
        await timeline.run(20 * S)
        assert {size(feed, name) for name in names} == {9}
        assert {shown(feed, name).fault for name in names} == {None}
        assert len(world.pipes) == 20


async def test_a_socket_that_tells_of_books_is_not_looked_at_early(timeline: Timeline) -> None:
    world = World(timeline, compare_ms=3_600_000)
    async with world.feed() as feed:
        feed.add(["A", "B"])
        await timeline.run(S)
        for n in range(60):
            world.pipes[0].change("A", n + 1)
            await timeline.run(S)
        assert world.reads == []
        await timeline.run(35 * S)
        assert [at_ms // S for at_ms, _ in world.reads] == [70, 80, 90]
        assert shown(feed, "B").age_ms(timeline.monotonic_ns()) <= 11 * S


async def test_a_full_read_that_is_older_than_the_stream_accuses_nobody(timeline: Timeline) -> None:
    world = World(timeline)
    async with world.feed() as feed:
        feed.add(["A"])
        await timeline.run(S)
        world.stale = {"A": world.book("A")}
        world.pipes[0].change("A", 9)
        await timeline.run(60 * S)
        assert len(world.reads) > 3
        assert (feed.health.mismatches, size(feed, "A"), len(world.pipes)) == (0, 9, 1)


async def test_a_loss_deep_in_a_book_is_found_by_a_full_read(timeline: Timeline) -> None:
    """The best prices that every change tells cannot show a size."""
    world = World(timeline)
    async with world.feed() as feed:
        feed.add(["A"])
        await timeline.run(S)
        world.put("A", 7)
        await timeline.run(20 * S)
        assert (size(feed, "A"), feed.health.mismatches) == (7, 1)


async def test_pings_go_out_every_ten_seconds_whatever_else_does(timeline: Timeline) -> None:
    world = World(timeline)
    async with world.feed(account=True) as feed:
        feed.add(["A"])
        for n in range(65):
            await timeline.run(S)
            world.pipes[0].change("A", n + 1)
        for pipe in (world.pipes[0], world.accounts[0]):
            gaps = {b - a for a, b in zip(pipe.pings_ms, pipe.pings_ms[1:], strict=False)}
            assert len(pipe.pings_ms) >= 7
            assert max(gaps) <= 10 * S
        assert feed.health.account


async def test_a_connection_without_pongs_is_given_up_though_data_comes(timeline: Timeline) -> None:
    world = World(timeline)
    async with world.feed() as feed:
        feed.add(["A"])
        await timeline.run(S)
        world.pongs = False
        for n in range(41):
            world.pipes[-1].change("A", n + 1)
            await timeline.run(S)
        world.pongs = True
        await timeline.run(2 * S)
        assert len(world.pipes) == 2
        assert shown(feed, "A").fault is None


async def test_a_cut_connection_doubts_its_books_until_the_next_one_brings_them(
    timeline: Timeline,
) -> None:
    world = World(timeline)
    async with world.feed() as feed:
        feed.add(["A", "B"])
        await timeline.run(S)
        world.pipes[0].cut()
        await timeline.run(1)
        assert shown(feed, "A").fault == "not connected: cut"
        world.put("A", 8)
        await timeline.run(2 * S)
        assert (size(feed, "A"), shown(feed, "B").fault) == (8, None)


async def test_a_burst_is_taken_whole_and_shows_the_newest_book(timeline: Timeline) -> None:
    world = World(timeline, news_max=100)
    async with world.feed() as feed:
        feed.add(["A", "B"])
        await timeline.run(S)
        trade = {"event_type": "last_trade_price", "asset_id": "A-yes", "price": "0.4"}
        trade |= {"size": "1", "side": "BUY", "timestamp": "5"}
        for n in range(20_000):
            world.pipes[0].change("AB"[n % 2], n + 1)
            if n % 100 == 0:
                world.pipes[0].tell(trade)
        await timeline.run(1)
        assert (size(feed, "A"), size(feed, "B")) == (19_999, 20_000)
        assert (len(feed._changed), len(feed._news), feed.health.dropped) == (2, 100, 100)
        assert feed.health.counts.gaps == 0
