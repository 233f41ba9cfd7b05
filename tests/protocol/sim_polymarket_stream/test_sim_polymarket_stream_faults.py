"""What can go wrong on the simulated websockets, and that it goes wrong as told."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from typing import Any, Final

import pytest

from venues import Clock, Unavailable
from venues.money import ONE
from venues.sim.polymarket.frames import of_type
from venues.sim.polymarket.house import House
from venues.sim.polymarket.stream_knobs import StreamKnobs
from venues.sim.polymarket.streams import Streams
from venues.sim.stream_faults import StreamFaults
from venues.socket import Connection

CHANGES = of_type("price_change")
RAIN: Final = "0x" + "22" * 32


@pytest.fixture
def tokens(house: House) -> tuple[str, str]:
    return house.catalogue.markets[RAIN].tokens


@pytest.fixture
def move(us: Any, tokens: tuple[str, str]) -> Callable[[int], None]:
    """`move(5)`: so many changes of the book."""

    def moved(count: int) -> None:
        for number in range(count):
            us.order(tokens[0], "BUY", f"0.{number % 40 + 10}", "10")

    return moved


def said(*tokens: str) -> str:
    return json.dumps({"type": "market", "assets_ids": tokens})


def test_a_frozen_stream_still_says_pong(
    peer: Any, tokens: tuple[str, str], move: Callable[[int], None]
) -> None:
    peer.subscribe(*tokens)
    peer.conversation.line.faults = StreamFaults(freeze_after=0)
    move(3)
    peer.texts.clear()

    peer.say("PING")
    peer.say("PING")

    assert peer.texts == ["PONG", "PONG"]
    assert not peer.conversation.closed


def test_a_pong_passes_frames_that_wait(
    peer: Any, tokens: tuple[str, str], move: Callable[[int], None]
) -> None:
    peer.subscribe(*tokens)
    move(2)
    peer.texts.clear()

    peer.say("PING")

    assert [text == "PONG" for text in peer.texts] == [True, False, False]


def test_lost_changes_leave_a_copy_wrong_that_tops_may_show(
    faulty: Callable[..., Any],
    copy: Any,
    house: House,
    tokens: tuple[str, str],
    move: Callable[[int], None],
) -> None:
    peer, mine = faulty(StreamFaults(seed=3, drop=ONE // 5, hits=CHANGES)), copy()
    for event in peer.subscribe(*tokens):
        mine.take(event)

    move(40)

    for event in peer.drain():
        mine.take(event)
    assert 20 < len(peer.of("price_change")) < 40
    assert not mine.equals(house, tokens[0])


async def test_duplicates_swaps_and_garbage_lose_nothing(
    faulty: Callable[..., Any], tokens: tuple[str, str], clock: Clock, us: Any
) -> None:
    rates: dict[str, Any] = {"duplicate": ONE // 5, "reorder": ONE // 5, "garbage": ONE // 10}
    peer = faulty(StreamFaults(seed=3, hits=CHANGES, **rates))
    peer.subscribe(*tokens)
    for number in range(40):
        await clock.sleep_ms(10)
        us.order(tokens[0], "BUY", f"0.{number + 10}", "10")
    peer.drain()
    await clock.sleep_ms(200)
    peer.drain()

    times = [int(each["timestamp"]) for each in peer.of("price_change")]
    assert times != sorted(times)
    assert len(times) > len(set(times)) == 40
    assert peer.garbage


async def test_a_delayed_frame_holds_up_what_follows(
    faulty: Callable[..., Any], tokens: tuple[str, str], clock: Clock, move: Callable[[int], None]
) -> None:
    peer = faulty(StreamFaults(delay=ONE, delay_ms=500, hits=CHANGES))
    peer.subscribe(*tokens)
    move(1)

    assert peer.drain() == []
    await clock.sleep_ms(500)
    assert len(peer.drain()) == 1


def test_a_connection_breaks_after_so_many_frames(
    faulty: Callable[..., Any], tokens: tuple[str, str], move: Callable[[int], None]
) -> None:
    peer = faulty(StreamFaults(cut_after=2))
    peer.subscribe(*tokens)
    move(5)

    assert len(peer.drain()) == 1
    assert peer.conversation.closed
    assert peer.conversation.farewell is None


def test_a_token_may_be_taken_and_never_served(
    faulty: Callable[..., Any], tokens: tuple[str, str], move: Callable[[int], None]
) -> None:
    yes, no = tokens
    peer = faulty(StreamFaults(unserved=frozenset({no})))

    assert [each["asset_id"] for each in peer.subscribe(yes, no)] == [yes]
    move(1)

    (event,) = peer.drain()
    assert [each["asset_id"] for each in event["price_changes"]] == [yes]


def test_a_slow_reader_is_cut(
    another: Callable[..., Any], tokens: tuple[str, str], move: Callable[[int], None]
) -> None:
    peer = another(buffer_max=10)
    peer.subscribe(*tokens)

    move(11)

    assert peer.drain() == []
    assert peer.conversation.closed


def test_a_restart_of_the_engine_may_cut_connections(
    another: Callable[..., Any], house: House, tokens: tuple[str, str]
) -> None:
    cut, kept = another(cut_on_restart=True), another()
    for each in (cut, kept):
        each.subscribe(*tokens)

    house.modes.restart()

    assert (cut.conversation.closed, kept.conversation.closed) == (True, False)


def test_each_channel_counts_its_connections_for_its_troubles(house: House) -> None:
    asked: list[tuple[str, int]] = []

    def trouble(channel: str) -> Callable[[int], StreamFaults]:
        def faults(number: int) -> StreamFaults:
            asked.append((channel, number))
            return StreamFaults()

        return faults

    streams = Streams(house, trouble=trouble("market"), user_trouble=trouble("user"))
    streams.open_market()
    streams.open_user()
    streams.open_market()

    assert asked == [("market", 0), ("user", 0), ("market", 1)]
    assert len(streams.conversations) == 3


def test_a_closed_conversation_stops_listening(
    streams: Streams, peer: Any, tokens: tuple[str, str], move: Callable[[int], None]
) -> None:
    peer.subscribe(*tokens)

    peer.conversation.close()
    peer.conversation.close()
    move(1)

    assert peer.drain() == []
    assert streams.conversations == ()


async def test_a_local_connection_is_what_our_client_talks_to(
    streams: Streams, clock: Clock, tokens: tuple[str, str]
) -> None:
    connection: Connection = streams.connect_market(clock)

    await connection.send(said(*tokens))
    await connection.ping()
    await connection.send("PING")

    assert await connection.recv() == "PONG"
    assert json.loads(await connection.recv())[0]["event_type"] == "book"


async def test_a_connection_that_breaks_is_gone_for_both_ends(
    house: House, clock: Clock, tokens: tuple[str, str]
) -> None:
    streams = Streams(house, trouble=lambda n: StreamFaults(cut_after=1 if n == 0 else None))
    first = streams.connect_market(clock)
    await first.send(said(*tokens))
    await first.recv()

    for act in (first.recv, first.ping, lambda: first.send("PING")):
        with pytest.raises(Unavailable, match="it broke"):
            await act()
    second = streams.connect_market(clock)
    await second.send(said(*tokens))
    assert json.loads(await second.recv())[0]["event_type"] == "book"


async def test_a_refused_login_is_told_to_a_local_client(make_house: Any, clock: Clock) -> None:
    streams = Streams(make_house(user_close_reason=True))
    connection = streams.connect_user(clock)
    await connection.send('{"type":"user","auth":{}}')

    with pytest.raises(Unavailable, match="1008 Unauthorized/Invalid api key"):
        await connection.recv()


async def test_a_local_connection_waits_for_late_frames(
    house: House, clock: Clock, tokens: tuple[str, str]
) -> None:
    streams = Streams(house, trouble=lambda _: StreamFaults(delay=ONE, delay_ms=700))
    connection = streams.connect_market(clock)
    before = clock.now_ms()
    await connection.send(said(*tokens))

    await connection.recv()

    assert clock.now_ms() == before + 700


async def test_a_pong_does_not_wait_for_late_frames(timeline: Any) -> None:
    house = House(timeline)
    streams = Streams(house, trouble=lambda _: StreamFaults(delay=ONE, delay_ms=60_000))
    connection = streams.connect_market(timeline)
    await connection.send(said())
    connection.conversation.inject("late")
    async with asyncio.TaskGroup() as group:
        heard = group.create_task(connection.recv())
        await timeline.run(1_000)
        await connection.send("PING")
        await timeline.settle()

        assert heard.done()
    assert heard.result() == "PONG"
    assert timeline.at_ms == 1_000


async def test_anything_can_be_put_on_the_line(streams: Streams, clock: Clock) -> None:
    connection = streams.connect_market(clock)

    connection.conversation.inject("poison")

    assert await connection.recv() == "poison"
    await connection.close()
    with pytest.raises(Unavailable):
        await connection.recv()


async def test_the_same_seed_gives_the_same_frames(
    make_house: Callable[..., House], trader: Callable[..., Any]
) -> None:
    def told() -> list[str]:
        house, rng = make_house(), random.Random(5)
        us, them = trader(house, 1), trader(house, 2)
        market, user = Streams(house, knobs=StreamKnobs()).open_market(), Streams(house).open_user()
        yes, no = house.catalogue.markets[RAIN].tokens
        market.received(said(yes, no))
        auth = {"apiKey": us.key.key, "secret": us.key.secret, "passphrase": us.key.passphrase}
        user.received(json.dumps({"type": "user", "auth": auth}))
        for _ in range(50):
            who, side = rng.choice(((us, "BUY"), (them, "SELL")))
            who.order(yes, side, f"0.{rng.randint(40, 60)}", "10")
        return [*iter(market.next_frame, None), *iter(user.next_frame, None)]

    first, second = told(), told()

    assert len(first) > 100
    assert first == second
