"""The feed over made-up sockets: Kalshi's session inside, a small Kalshi at the other end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Mapping
from typing import Any, Final, Protocol, TypeVar

import pytest

from venues import AuthRefused, Book, Clock, Contract, Level, Outcome, Price, Quantity, Unavailable
from venues.feed import Feed, Mode
from venues.feed_settings import FeedSettings
from venues.kalshi.normalize_stream import KalshiNews
from venues.kalshi.session import Session
from venues.socket import Connection
from venues.stream import Reconcile, Watched

S: Final = 1_000
PRIVATE: Final = dict.fromkeys(("fill", "user_orders", "market_positions"), ())
T = TypeVar("T")


class Timeline(Clock, Protocol):
    """The fixture: a Clock that a test moves on."""

    at_ms: int

    async def run(self, duration_ms: int) -> None: ...

    async def settle(self) -> None: ...


class Pipe:
    """A connection to a Kalshi where every book is one bid and one ask of `size` contracts."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.markets: list[str] = []
        self.seq = 0
        self.frozen = False
        self._incoming: asyncio.Queue[str | None] = asyncio.Queue()

    async def send(self, text: str) -> None:
        command = json.loads(text)
        params = command["params"]
        action = params.get("action", "subscribe")
        channel = params.get("channels", ["orderbook_delta"])[0]
        if action == "subscribe":
            sid = 1 + ["orderbook_delta", *PRIVATE].index(channel)
            self.tell("subscribed", {"channel": channel, "sid": sid}, id=command["id"])
        names = params.get("market_tickers", [])
        if action == "delete_markets":
            self.markets = [name for name in self.markets if name not in names]
        elif channel == "orderbook_delta" and self.world.answers:
            self.markets += names
            for name in names:
                self.snapshot(name)

    def snapshot(self, name: str) -> None:
        size = f"{self.world.sizes.get(name, 5)}.00"
        sides = {"yes_dollars_fp": [["0.4000", size]], "no_dollars_fp": [["0.5000", size]]}
        self.say("orderbook_snapshot", {"market_ticker": name, **sides})

    def change(self, name: str, contracts: int, **more: Any) -> None:
        msg = {"market_ticker": name, "price_dollars": "0.4000", "side": "yes"}
        self.say("orderbook_delta", msg | {"delta_fp": f"{contracts}.00"} | more)

    def say(self, kind: str, msg: Any) -> None:
        self.seq += 1
        self.tell(kind, msg, sid=1, seq=self.seq)

    def tell(self, kind: str, msg: Any, **around: Any) -> None:
        if not self.frozen:
            self._incoming.put_nowait(json.dumps({"type": kind, "msg": msg} | around))

    def cut(self) -> None:
        self._incoming.put_nowait(None)

    async def recv(self) -> str | bytes:
        raw = await self._incoming.get()
        if raw is None:
            raise Unavailable("kalshi", "cut")
        return raw

    async def ping(self) -> None:
        """Answered even by a frozen one."""
        if not self.world.pongs:
            await asyncio.Event().wait()

    async def close(self) -> None: ...


class World:
    """The venue: what its books really are, and who may connect."""

    def __init__(self, clock: Timeline, **settings: Any) -> None:
        self.clock = clock
        self.sizes: dict[str, int] = {}
        self.answers = self.pongs = True
        self.refuses: AuthRefused | None = None
        self.reads: list[tuple[str, ...]] = []
        self.read_fails = False
        self.pipes: list[Pipe] = []
        self.settings = FeedSettings(**settings)

    def feed(self, *, keys: bool = True, account: bool = False) -> Feed[KalshiNews]:
        return Feed(
            venue="kalshi",
            clock=self.clock,
            read_books=self.read,
            books=lambda: Session(yes_prices=False),
            account=(lambda: Session(channels=PRIVATE)) if account else None,
            connect=self.connect if keys else None,
            jitter=lambda below: 0,
            settings=self.settings,
        )

    async def connect(self) -> Connection:
        if self.refuses:
            raise self.refuses
        self.pipes.append(Pipe(self))
        return self.pipes[-1]

    async def read(self, ids: Collection[str]) -> Mapping[str, Book]:
        self.reads.append(tuple(sorted(ids)))
        await asyncio.sleep(0)
        if self.read_fails:
            raise Unavailable("kalshi", "down")
        return {id: self.book(id) for id in ids if id != "unlisted"}

    def book(self, id: str) -> Book:
        size = Quantity(self.sizes.get(id, 5) * 1_000_000)
        bids, asks = (Level(Price(400_000), size),), (Level(Price(500_000), size),)
        return Book(Contract("kalshi", id, Outcome.YES), bids, asks, self.clock.now_ms())


def shown(feed: Feed[KalshiNews], id: str) -> Watched:
    found = feed.book(id)
    assert found
    return found


async def waiting(clock: Timeline, source: AsyncIterator[T]) -> list[T]:
    """Everything that waits there now."""
    found: list[T] = []

    async def take() -> None:
        async for each in source:
            found.append(each)  # noqa: PERF401 — the source never ends

    async with asyncio.TaskGroup() as group:
        task = group.create_task(take())
        await clock.settle()
        task.cancel()
    return found


async def test_books_stream_in_and_changes_are_conflated_to_the_newest(timeline: Timeline) -> None:
    world = World(timeline)
    async with world.feed() as feed:
        feed.add(["A", "B"])
        assert feed.book("A") is None
        await world.clock.run(S)
        assert shown(feed, "A").fault is None
        assert sorted(await waiting(timeline, feed.changed())) == ["A", "B"]
        for _ in range(500):
            world.pipes[0].change("A", 1)
        await world.clock.run(1)
        assert await waiting(timeline, feed.changed()) == ["A"]
        assert shown(feed, "A").book.bids[0].quantity == 505_000_000
        assert feed.book("C") is None
        assert (feed.health.sockets_up, feed.health.unproven) == (1, 0)


async def test_markets_are_spread_over_sockets_and_come_and_go(timeline: Timeline) -> None:
    world = World(timeline, per_socket=10)
    async with world.feed() as feed:
        feed.add(f"M{n}" for n in range(25))
        await world.clock.run(S)
        assert sorted(len(pipe.markets) for pipe in world.pipes) == [5, 10, 10]
        feed.add(["N", "M1"])
        feed.remove([*(f"M{n}" for n in range(10)), "stranger"])
        await world.clock.run(S)
        assert feed.book("M1") is None
        assert shown(feed, "N").fault is None
        health = feed.health
        assert (health.markets, health.sockets, health.sockets_up) == (16, 2, 2)


async def test_a_gap_is_seen_by_the_reader_of_changes_and_mended(timeline: Timeline) -> None:
    world = World(timeline)
    async with world.feed() as feed:
        feed.add(["A", "B"])
        await world.clock.run(S)
        await waiting(timeline, feed.changed())
        world.answers = False
        world.pipes[0].seq += 1
        world.pipes[0].change("A", 1)
        await world.clock.run(1)
        assert sorted(await waiting(timeline, feed.changed())) == ["A", "B"]
        assert shown(feed, "B").fault == "1 frames are missing"
        world.answers = True
        await world.clock.run(60 * S)
        assert shown(feed, "B").fault is None
        world.pipes[0].cut()
        await world.clock.run(60 * S)
        assert feed.health.counts.gaps == 1


async def test_a_cut_connection_puts_its_books_in_doubt_until_the_next_one_proves_them(
    timeline: Timeline,
) -> None:
    world = World(timeline)
    async with world.feed() as feed:
        feed.add(["A"])
        await world.clock.run(S)
        world.pipes[0].cut()
        await world.clock.run(1)
        assert shown(feed, "A").fault == "not connected: cut"
        assert feed.health.troubles == ("cut",)
        feed.add(["B"])
        await world.clock.run(S)
        assert shown(feed, "A").fault is shown(feed, "B").fault is None
        assert (feed.health.connections, len(world.pipes)) == (2, 2)


async def test_a_book_is_confirmed_by_frames_by_signs_of_life_and_by_full_reads(
    timeline: Timeline,
) -> None:
    world = World(timeline, compare_ms=20 * S)
    async with world.feed() as feed:
        feed.add(["A"])
        await world.clock.run(S)
        assert shown(feed, "A").age_ms(world.clock.monotonic_ns()) <= 1_000
        await world.clock.run(300 * S)
        assert shown(feed, "A").age_ms(world.clock.monotonic_ns()) <= 2_000
        assert shown(feed, "A").book.received_ms < 1_000
        assert (world.reads, feed.health.mismatches) == ([("A",)] * 15, 0)
        world.pongs = False
        await world.clock.run(25 * S)
        assert shown(feed, "A").age_ms(world.clock.monotonic_ns()) <= 6_000
        assert shown(feed, "A").confirmed_ms == 320 * S


async def test_a_silent_freeze_is_found_by_full_reads_within_half_a_minute(
    timeline: Timeline,
) -> None:
    world = World(timeline)
    async with world.feed() as feed:
        feed.add(["A", "B"])
        await world.clock.run(S)
        world.pipes[0].frozen = True
        world.sizes["A"] = 9
        await world.clock.run(30 * S)
        assert feed.health.mismatches == 1
        await world.clock.run(5 * S)
        assert len(world.pipes) == 2
        assert shown(feed, "A").book.bids[0].quantity == 9_000_000
        assert shown(feed, "A").fault is None


async def test_a_full_read_that_differs_once_or_while_the_book_moves_says_nothing(
    timeline: Timeline,
) -> None:
    world = World(timeline, quiet_ms=0)
    async with world.feed() as feed:
        feed.add(["A"])
        await world.clock.run(27 * S)
        world.sizes["A"] = 9
        await world.clock.run(2 * S)
        assert world.reads == [("A",)]
        world.pipes[0].change("A", 4)
        world.pipes[0].change("A", 4, side="no", price_dollars="0.5000")
        await world.clock.run(60 * S)
        assert (len(world.reads) >= 3, feed.health.mismatches) == (True, 0)
        world.read_fails = True
        await world.clock.run(60 * S)
        assert feed.health.mismatches == 0
        assert feed.health.troubles


async def test_every_socket_has_its_share_of_the_full_reads_in_turn(timeline: Timeline) -> None:
    world = World(timeline, per_socket=10, sample=4)
    async with world.feed() as feed:
        feed.add(f"M{n:02}" for n in range(20))
        await world.clock.run(30 * S)
        assert len(world.reads[0]) == 4
        assert len({id < "M10" for id in world.reads[0]}) == 2
        await world.clock.run(150 * S)
        assert {id for read in world.reads for id in read} == {f"M{n:02}" for n in range(20)}


async def test_our_own_events_come_by_a_socket_of_their_own_and_begin_with_a_reconcile(
    timeline: Timeline,
) -> None:
    world = World(timeline)
    async with world.feed(account=True) as feed:
        feed.add(["A"])
        assert not feed.health.account
        await world.clock.run(S)
        assert feed.health.account
        assert [type(event) for event in await waiting(timeline, feed.events())] == [Reconcile]
        world.pipes[0].cut()
        await world.clock.run(1)
        assert not feed.health.account
        await world.clock.run(S)
        assert [type(event) for event in await waiting(timeline, feed.events())] == [Reconcile] * 2


async def test_too_many_events_give_way_to_one_reconcile_and_old_news_to_new(
    timeline: Timeline,
) -> None:
    world = World(timeline, private_max=10, news_max=5)
    async with world.feed() as feed:
        feed.add(["A"])
        await world.clock.run(S)
        for _ in range(13):
            world.pipes[0].change("A", 1, client_order_id="mine")
        for code in range(7):
            world.pipes[0].tell("error", {"code": 50 + code})
        await world.clock.run(1)
        events = await waiting(timeline, feed.events())
        assert [type(event).__name__ for event in events] == ["Reconcile"] + ["OwnChange"] * 2
        assert len(await waiting(timeline, feed.news())) == 5
        assert (feed.health.overflows, feed.health.dropped) == (1, 2)


@pytest.mark.parametrize("keys", [True, False])
async def test_without_keys_the_books_are_read_in_turn(timeline: Timeline, keys: bool) -> None:
    world = World(timeline)
    world.refuses = AuthRefused("kalshi", 401, "missing signature")
    async with world.feed(keys=keys) as feed:
        feed.add([*(f"M{n:03}" for n in range(150)), "unlisted"])
        await world.clock.run(S)
        assert feed.mode is Mode.POLLING
        assert {len(read) for read in world.reads[:2]} == {100, 51}
        assert shown(feed, "M149").fault is None
        assert feed.book("unlisted") is None
        await waiting(timeline, feed.changed())
        world.sizes["M003"] = 7
        await world.clock.run(2 * S)
        assert await waiting(timeline, feed.changed()) == ["M003"]
        assert shown(feed, "M003").age_ms(world.clock.monotonic_ns()) <= 2_000
        feed.remove(["M003"])
        assert feed.book("M003") is None
        world.read_fails = True
        await world.clock.run(5 * S)
        assert shown(feed, "M004").age_ms(world.clock.monotonic_ns()) >= 4_000


async def test_flapping_for_two_minutes_leaves_good_books_and_bounded_attempts(
    timeline: Timeline,
) -> None:
    world = World(timeline)
    async with world.feed(account=True) as feed:
        feed.add(["A", "B"])
        for second in range(40):
            await world.clock.run((1 + second % 5) * S)
            for pipe in world.pipes:
                pipe.cut()
        await world.clock.run(60 * S)
        assert shown(feed, "A").fault is shown(feed, "B").fault is None
        assert len(world.pipes) < 40
        events = await waiting(timeline, feed.events())
        assert len(events) == 2 * len([p for p in world.pipes if not p.markets]) - 1
        assert {type(event) for event in events} == {Reconcile}


async def test_a_burst_waits_at_the_socket_and_never_in_the_feed(timeline: Timeline) -> None:
    world = World(timeline, private_max=100, news_max=100)
    async with world.feed() as feed:
        feed.add(["A", "B"])
        await world.clock.run(S)
        for n in range(20_000):
            world.pipes[0].change("AB"[n % 2], 1, client_order_id="mine" if n % 3 == 0 else "")
        await world.clock.run(1)
        assert (len(feed._changed), len(feed._private) <= 100) == (2, True)
        assert feed.health.overflows > 10
        assert shown(feed, "A").book.bids[0].quantity == 10_005_000_000


async def test_an_error_of_ours_reaches_the_parent_instead_of_dying_unseen(
    timeline: Timeline,
) -> None:
    world = World(timeline)

    async def broken(ids: Collection[str]) -> Mapping[str, Book]:
        raise KeyError("ours")

    async def story() -> None:
        feed = world.feed(keys=False)
        feed._read_books = broken
        async with feed:
            feed.add(["A"])
            await world.clock.run(10 * S)

    with pytest.raises(ExceptionGroup):
        await story()
