"""What every venue's feed must do with books and with our own events, whatever its stream does."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from typing import Any

import pytest

from venues import Book, Fill, Order, OrderState, Price, Side, micros
from venues.feed import Feed, Mode
from venues.sim.stream_faults import StreamFaults
from venues.stream import Reconcile

START_MS = 1_795_564_800_000
ONE = 10**6


STAGES = (
    *("kalshi", "kalshi-yes-prices-by-default", "kalshi-deltas-name-who-was-hit"),
    *("kalshi-takers-unmarked", "kalshi-frames-without-time", "kalshi-unknown-markets-passed-over"),
    *("polymarket", "polymarket-frames-with-newlines", "polymarket-arrays"),
    "polymarket-empty-sides-are-empty",
)


@pytest.fixture(params=STAGES)
async def live(
    request: pytest.FixtureRequest, stages: Any, timeline: Any
) -> AsyncIterator[tuple[Any, Feed[Any]]]:
    """A stage and a feed that follows its market; time moves by `stage.pass_ms`."""
    timeline.at_ms = START_MS
    async with stages[request.param](timeline).open() as stage:
        for n in range(1, 6):
            stage.rest(Side.BUY, f"0.3{n}", "10")
            stage.rest(Side.SELL, f"0.5{n}", "10")
        async with stage.feed() as feed:
            feed.add([stage.market])
            await timeline.run(1_000)
            yield stage, feed


def shown(feed: Feed[Any], market: str) -> tuple[Any, Any] | None:
    """The sides of a book that is said to be good; None for one in doubt."""
    found = feed.book(market)
    if found is None or found.fault is not None:
        return None
    return found.book.bids, found.book.asks


async def true(stage: Any) -> tuple[Any, Any]:
    book: Book = (await stage.data.books([stage.market]))[stage.market]
    return book.bids, book.asks


def stir(stage: Any, rng: random.Random, times: int) -> None:
    """Others rest and take, never crossing themselves."""
    for _ in range(times):
        side = rng.choice(list(Side))
        size = f"{rng.randint(1, 30)}.25"
        if rng.random() < 0.7:
            cents = rng.randint(20, 44) if side is Side.BUY else rng.randint(46, 70)
            stage.rest(side, f"0.{cents}", size)
        else:
            stage.take(side, "0.60" if side is Side.BUY else "0.30", size)


async def test_a_book_follows_the_venue_step_by_step(live: Any, timeline: Any) -> None:
    stage, feed = live
    rng = random.Random(1)
    assert feed.mode is Mode.STREAMING
    for _ in range(40):
        stir(stage, rng, 5)
        await timeline.run(10)
        assert shown(feed, stage.market) == await true(stage)
    assert feed.health.counts.gaps == 0


@pytest.mark.parametrize("kind", ["drop", "duplicate", "reorder", "garbage"])
async def test_a_damaged_stream_never_shows_a_wrong_book_as_good(
    live: Any, timeline: Any, kind: str
) -> None:
    """F10, F11: at every moment a book that was true a moment ago, or one in doubt; in the end the
    true one. (Of a frame that was lost nobody knows until the next one comes. Where frames bear no
    numbers, the next one shows it if it was about the best prices; else a full read does.)"""
    stage, feed = live
    rng = random.Random(kind)
    rates: Any = {kind: ONE // 5}
    stage.damage(StreamFaults(seed=3, **rates))
    doubted = 0
    for _ in range(60):
        stir(stage, rng, 3)
        await timeline.run(1)
        seen = shown(feed, stage.market)
        doubted += seen is None
        if seen is not None and (stage.numbered or kind != "drop"):
            assert stage.was_so(*seen)
        elif seen is not None:
            assert stage.were_best(seen[0][0].price, seen[1][0].price)
    stage.damage(StreamFaults())
    stir(stage, rng, 1)
    await timeline.run(10_000 if stage.numbered else 30_000)
    assert shown(feed, stage.market) == await true(stage)
    if kind == "drop":
        assert doubted
        assert feed.health.counts.gaps


async def test_a_broken_connection_is_doubted_at_once_and_mended(live: Any, timeline: Any) -> None:
    stage, feed = live
    stage.cut()
    await timeline.settle()
    assert shown(feed, stage.market) is None
    stir(stage, random.Random(2), 20)
    await timeline.run(5_000)
    assert shown(feed, stage.market) == await true(stage)
    assert feed.health.connections == 3  # books, our own orders, and the new one


async def test_a_silent_freeze_is_found_by_reading(live: Any, timeline: Any) -> None:
    """F12: the socket is open, pings are answered, nothing comes."""
    stage, feed = live
    stage.freeze()
    stir(stage, random.Random(3), 20)
    await timeline.run(40_000)
    assert feed.health.mismatches
    assert shown(feed, stage.market) == await true(stage)


async def test_a_freeze_that_nobody_can_look_behind_is_doubted(live: Any, timeline: Any) -> None:
    """Pings are answered and REST is down: nothing proves any more that the books are true."""
    stage, feed = live
    stage.break_reads()
    stage.freeze()
    await timeline.run(40_000)
    assert shown(feed, stage.market) is not None
    await timeline.run(60_000)
    assert shown(feed, stage.market) is None
    assert "could be compared" in feed.book(stage.market).fault


async def test_connections_that_begin_frozen_are_mended_too(live: Any, timeline: Any) -> None:
    stage, feed = live
    stage.damage(StreamFaults(freeze_after=0))
    stir(stage, random.Random(3), 20)
    await timeline.run(40_000)
    stage.damage(StreamFaults())
    await timeline.run(60_000)
    assert shown(feed, stage.market) == await true(stage)


async def test_a_market_that_does_not_exist_harms_no_other(live: Any, timeline: Any) -> None:
    stage, feed = live
    feed.add(["KXNONE-1", stage.second])
    await timeline.run(15_000)
    stir(stage, random.Random(4), 5)
    await timeline.run(100)
    assert shown(feed, stage.market) == await true(stage)
    assert shown(feed, stage.second) == ((), ())
    assert shown(feed, "KXNONE-1") is None
    assert feed.health.unproven


async def test_our_own_orders_and_fills_are_told_as_they_happen(live: Any, timeline: Any) -> None:
    stage, feed = live
    request = stage.ticket(Side.BUY, "0.40", "10")
    order = await stage.trading.place(request)
    stage.take(Side.SELL, "0.40", "4")
    await timeline.run(1_000)
    told = await told_so_far(feed)
    assert any(isinstance(each, Reconcile) for each in told)
    (fill,) = [each for each in told if isinstance(each, Fill)]
    assert (fill.client_id, fill.order_id) == (request.client_id, order.order_id)
    assert (fill.contract, fill.side, fill.price) == (request.contract, Side.BUY, 400_000)
    assert (fill.quantity, fill.maker) == (4_000_000, True)
    assert fill.fee == (await stage.account.fills(since_ms=0))[0].fee
    states = [each.state for each in told if isinstance(each, Order)]
    assert states == [OrderState.ACKED, OrderState.PARTIAL]


async def told_so_far(feed: Feed[Any]) -> list[Any]:
    import asyncio

    told: list[Any] = []
    events = feed.events()
    while True:
        try:
            told.append(await asyncio.wait_for(anext(events), 0.05))
        except TimeoutError:
            return told


async def test_a_confirmed_book_grows_no_older_while_signs_of_life_come(
    live: Any, timeline: Any
) -> None:
    stage, feed = live
    for _ in range(20):
        await stage.live()
        await timeline.run(1_000)
    found = feed.book(stage.market)
    assert found is not None
    assert found.age_ms(timeline.monotonic_ns()) <= 2_000
    assert Price(micros("0.35")) == found.book.bids[0].price
