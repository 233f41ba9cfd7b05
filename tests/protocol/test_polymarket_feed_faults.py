"""A stream and reads that lie, each in its own way: how long a wrong book may be called good."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from typing import Any, Final

import pytest
from polymarket_stage import BASE, PolymarketStage, Send, answer

from venues import ONE, AuthRefused, Clock, Price, Refused, Side, Unavailable, micros
from venues.feed import Feed, Mode
from venues.polymarket.session import FEED, Session
from venues.sim.polymarket.records import OrderType
from venues.sim.stream_faults import StreamFaults
from venues.socket import Connection

S: Final = 1_000
START_MS: Final = 1_795_564_800_000


@pytest.fixture
async def stage(timeline: Any) -> AsyncIterator[PolymarketStage]:
    """Two markets with one bid at 0.35 each; asks at 0.55."""
    timeline.at_ms = START_MS
    async with PolymarketStage(timeline, BASE).open() as stage:
        for market in (stage.market, stage.second):
            bid(stage, "0.35", market)
            stage._rival("maker", Side.SELL, "0.55", "10", OrderType.GTC, market)
        yield stage


@pytest.fixture
async def feed(stage: PolymarketStage, timeline: Any) -> AsyncIterator[Feed[Any]]:
    async with stage.feed() as feed:
        feed.add([stage.market, stage.second])
        await timeline.run(S)
        yield feed


def bid(stage: PolymarketStage, at: str, market: str = "", size: str = "10") -> None:
    stage._rival("maker", Side.BUY, at, size, OrderType.GTC, market)


def fault(feed: Feed[Any], market: str) -> str | None:
    found = feed.book(market)
    assert found
    return found.fault


def mute(stage: PolymarketStage, market: str) -> None:
    """Nothing more is told of it, on the connection that tells of the others."""
    tokens = frozenset(stage.house.catalogue.markets[market].tokens)
    stage.damage(StreamFaults(unserved=tokens))


def read_as(stage: PolymarketStage, change: Callable[[list[Any]], object]) -> Callable[[], None]:
    """From now on every read of books is answered as `change` makes it; what comes back ends it."""
    changes = [change]

    async def plan(send: Send) -> Any:
        if not changes:
            return await send()
        stage.wire.next("POST", "/books", plan)
        return answer(changes[0](json.loads(await (await send()).aread())))

    stage.wire.next("POST", "/books", plan)
    return changes.clear


def without(stage: PolymarketStage, market: str) -> Callable[[list[Any]], list[Any]]:
    return lambda rows: [row for row in rows if row["market"] != market]


async def test_a_market_that_the_exchange_lists_no_more_is_not_called_good_for_ever(
    stage: PolymarketStage, feed: Feed[Any], timeline: Any
) -> None:
    """It closed, its orders are gone, nobody told us; no read speaks of it either."""
    mute(stage, stage.market)
    stage.close()
    again = read_as(stage, without(stage, stage.market))
    for _ in range(75):
        bid(stage, "0.34", stage.second, "5")
        await timeline.run(S)
        assert fault(feed, stage.second) is None
    assert "compared for 60 s" in (fault(feed, stage.market) or "")
    again()
    stage.damage(StreamFaults())
    await timeline.run(40 * S)
    found = feed.book(stage.market)
    assert found
    assert (found.fault, found.book.bids) == (None, ())


async def test_who_waits_for_changes_hears_of_that_doubt(
    stage: PolymarketStage, feed: Feed[Any], timeline: Any
) -> None:
    mute(stage, stage.market)
    read_as(stage, without(stage, stage.market))
    await timeline.run(50 * S)
    feed._changed.clear()
    await timeline.run(30 * S)
    assert stage.market in feed._changed


@pytest.mark.parametrize("rows", ["none", "broken"])
async def test_reads_that_tell_of_no_book_at_all_prove_nothing(
    stage: PolymarketStage, feed: Feed[Any], timeline: Any, rows: str
) -> None:
    stage.freeze()
    read_as(stage, lambda _: [] if rows == "none" else [{"market": 7}])
    bid(stage, "0.36")
    await timeline.run(80 * S)
    assert "no book could be compared" in (fault(feed, stage.market) or "")
    assert "no book could be compared" in (fault(feed, stage.second) or "")


async def test_reads_that_are_older_than_a_frozen_stream_prove_nothing(
    stage: PolymarketStage, feed: Feed[Any], timeline: Any
) -> None:
    def stale(rows: list[Any]) -> list[Any]:
        return [row | {"timestamp": "1", "bids": []} for row in rows]

    read_as(stage, stale)
    stage.freeze()
    bid(stage, "0.36")
    await timeline.run(80 * S)
    assert "compared for 60 s" in (fault(feed, stage.market) or "")


async def test_one_market_that_reads_show_otherwise_does_not_cost_its_neighbours(
    stage: PolymarketStage, feed: Feed[Any], timeline: Any
) -> None:
    """A read that is wrong for good: before, its line was given up every 15 s for ever."""

    def ghost(rows: list[Any]) -> list[Any]:
        bids = {"bids": [{"price": "0.30", "size": "7"}]}
        return [row | (bids if row["market"] == stage.market else {}) for row in rows]

    again = read_as(stage, ghost)
    good = 0
    for _ in range(300):
        await timeline.run(S)
        good += fault(feed, stage.second) is None
    assert good >= 280
    assert feed.health.connections <= 7
    assert "another book" in (fault(feed, stage.market) or "")
    again()
    await timeline.run(80 * S)
    assert fault(feed, stage.market) is None


async def test_a_loss_deep_in_a_book_that_never_rests_is_found(
    stage: PolymarketStage, feed: Feed[Any], timeline: Any
) -> None:
    """Its frames tell the best prices only, and nobody trades there."""
    stage.damage(StreamFaults(drop=ONE))
    bid(stage, "0.20")
    stage.damage(StreamFaults())
    for n in range(70):
        bid(stage, "0.25", size=f"{n + 5}")
        await timeline.run(S)
    assert feed.health.mismatches == 1
    found = feed.book(stage.market)
    assert found
    assert found.fault is None
    assert Price(micros("0.20")) in [level.price for level in found.book.bids]


async def test_a_stream_that_trails_the_reads_of_a_busy_market_is_not_accused(
    stage: PolymarketStage, feed: Feed[Any], timeline: Any
) -> None:
    stage.damage(StreamFaults(delay=ONE, delay_ms=400))
    for n in range(150):
        bid(stage, "0.25", size=f"{n + 5}")
        await timeline.run(500)
        stage.house.advance()
    assert feed.health.mismatches == 0
    assert feed.health.connections == 2


def another(stage: PolymarketStage, clock: Clock, **changes: Any) -> Feed[Any]:
    async def connect() -> Connection:
        return stage.streams.connect_market(clock)

    parts: dict[str, Any] = {
        "venue": "polymarket",
        "clock": clock,
        "read_books": stage.data.books,
        "books": lambda: Session(stage.data.book),
        "connect": connect,
        "learn": stage.data.learn,
        "settings": FEED,
        "jitter": lambda most: most // 2,
    }
    return Feed(**parts | changes)


@pytest.mark.parametrize("status", [401, 403])
async def test_an_account_that_is_refused_costs_no_book_and_is_tried_again(
    stage: PolymarketStage, timeline: Any, status: int
) -> None:
    refused = [0]

    async def connect_own() -> Connection:
        refused[0] += 1
        if refused[0] < 4:
            raise AuthRefused("polymarket", status, "no")
        return stage.streams.connect_user(timeline)

    own = stage.feed()._make_account
    async with another(stage, timeline, account=own, connect_account=connect_own) as feed:
        feed.add([stage.market])
        await timeline.run(S)
        assert (feed.mode, fault(feed, stage.market)) == (Mode.STREAMING, None)
        assert not feed.health.account
        assert feed.health.troubles
        await timeline.run(20 * S)
        assert feed.health.account


async def test_keys_that_the_venue_does_not_take_are_said_and_cost_no_book(
    stage: PolymarketStage, timeline: Any
) -> None:
    stage.keys = type(stage.keys)("wrong", stage.keys.secret, stage.keys.passphrase)
    async with stage.feed() as feed:
        feed.add([stage.market])
        await timeline.run(60 * S)
        assert (feed.mode, fault(feed, stage.market)) == (Mode.STREAMING, None)
        assert not feed.health.account
        assert any("closed" in each for each in feed.health.troubles)


async def test_a_market_that_left_while_its_connection_was_gone_is_named_no_more(
    stage: PolymarketStage, feed: Feed[Any], timeline: Any
) -> None:
    stage.cut()
    await timeline.settle()
    feed.remove([stage.market])
    feed._changed.clear()
    for line in feed._lines:
        line.lost("again")
    assert stage.market not in feed._changed
    assert stage.market not in feed._check._touched_ns
    assert stage.second in feed._changed


def names(count: int) -> list[str]:
    return [f"0x{n:064x}" for n in range(1, count + 1)]


def learner(
    stage: PolymarketStage, bad: str, calls: list[int]
) -> Callable[[Collection[str]], Awaitable[None]]:
    async def learn(ids: Collection[str]) -> None:
        calls.append(len(ids))
        if bad in ids:
            raise Refused("polymarket", 422, "this one I don't like")
        for id in ids:
            stage.data.book.learn_tokens(id, f"{id}-yes", f"{id}-no")

    return learn


async def test_a_market_that_cannot_be_learned_holds_up_few_others(
    stage: PolymarketStage, timeline: Any
) -> None:
    calls: list[int] = []
    some = names(450)
    learn = learner(stage, some[120], calls)
    async with another(stage, timeline, learn=learn) as feed:
        feed.add(some)
        await timeline.run(S)
        known = [id for id in some if stage.data.book.tokens(id)]
        assert len(known) == 350
        assert {*some} - {*known} == {*some[100:200]}
        assert calls == [100, 100, 100, 100, 50]
        assert feed.health.unproven >= 100


async def test_a_venue_that_fails_for_one_market_is_asked_for_the_others_too(
    stage: PolymarketStage, timeline: Any
) -> None:
    """It seems to be down, and is so for the first hundred only."""
    some = names(250)

    async def learn(ids: Collection[str]) -> None:
        if some[0] in ids:
            raise Unavailable("polymarket", "500")
        for id in ids:
            stage.data.book.learn_tokens(id, f"{id}-yes", f"{id}-no")

    async with another(stage, timeline, learn=learn) as feed:
        feed.add(some)
        await timeline.run(62 * S)
        assert sum(stage.data.book.tokens(id) is not None for id in some) == 150
        assert fault(feed, some[0]) == "its tokens are not known"


async def test_markets_are_asked_for_while_others_are_still_learned(
    stage: PolymarketStage, timeline: Any
) -> None:
    async def slow(ids: Collection[str]) -> None:
        await timeline.sleep_ms(10 * len(ids))
        await stage.data.learn(ids)

    async with another(stage, timeline, learn=slow) as feed:
        feed.add([stage.market, *names(300)])
        await timeline.run(S + 100)
        assert fault(feed, stage.market) is None
        assert feed.health.unproven > 200


async def test_nothing_but_its_tokens_is_kept_of_a_market_that_left(
    stage: PolymarketStage, feed: Feed[Any], timeline: Any
) -> None:
    """Thousands come and go in a day."""
    for _ in range(5):
        await timeline.run(20 * S)
        feed.remove([stage.market])
        bid(stage, "0.30")
        await timeline.run(20 * S)
        (line,) = [line for line in feed._lines if line.markets]
        session: Any = line._session
        books, asked, check = session._books, session._subscriptions, feed._check
        of_feed = (feed._homes, feed._changed, feed._doubted, line.markets, books._tokens)
        of_check = (check._touched_ns, check.confirmed, check._accused_ns, check._disputed)
        assert not any(stage.market in each for each in (*of_feed, *of_check))
        sizes = (books.ladders, books._snapshot_ms, asked._members, asked._asked)
        assert {len(each) for each in sizes} == {1}
        feed.add([stage.market])
        await timeline.run(S)
        assert fault(feed, stage.market) is None
