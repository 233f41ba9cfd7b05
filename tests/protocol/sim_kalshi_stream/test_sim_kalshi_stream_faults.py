"""What can go wrong on the simulated websocket, and that it goes wrong as told."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from venues import Clock, Unavailable
from venues.money import ONE
from venues.sim import world
from venues.sim.kalshi.frames import of_type
from venues.sim.kalshi.house import House
from venues.sim.kalshi.stream_knobs import StreamKnobs
from venues.sim.kalshi.streams import Streams
from venues.sim.stream_faults import Line, StreamFaults
from venues.socket import Connection

NYY = "KXMLBGAME-26NOV26NYYBOS-NYY"
BOS = "KXMLBGAME-26NOV26NYYBOS-BOS"
DELTAS = of_type("orderbook_delta")


def line(clock: Clock, **faults: Any) -> Line:
    return Line(clock.now_ms, StreamFaults(**faults))


def emptied(line: Line) -> list[str]:
    return [*iter(line.next_frame, None)]


def through(line: Line, *frames: str) -> list[str]:
    for frame in frames:
        line.put(frame)
    return emptied(line)


def test_a_faultless_line_keeps_frames_and_order(clock: Clock) -> None:
    assert through(line(clock), "a", "b", "c") == ["a", "b", "c"]


def test_dropping_and_duplicating_hit_what_they_are_told_to(clock: Clock) -> None:
    hits = {"hits": lambda frame: frame == "b"}

    assert through(line(clock, drop=ONE, **hits), "a", "b", "c") == ["a", "c"]
    assert through(line(clock, duplicate=ONE, **hits), "a", "b", "c") == ["a", "b", "b", "c"]


async def test_a_reordered_frame_comes_behind_the_next_or_late(clock: Clock) -> None:
    faulty = line(clock, reorder=ONE, hits=lambda frame: frame == "b")

    assert through(faulty, "a", "b", "c", "b") == ["a", "c", "b"]
    assert faulty.next_ms == clock.now_ms() + 200
    await clock.sleep_ms(200)
    assert emptied(faulty) == ["b"]


async def test_a_delayed_frame_holds_up_what_follows(clock: Clock) -> None:
    faulty = line(clock, delay=ONE, delay_ms=500, hits=lambda frame: frame == "b")

    assert through(faulty, "a", "b", "c") == ["a"]
    await clock.sleep_ms(499)
    assert emptied(faulty) == []
    await clock.sleep_ms(1)
    assert emptied(faulty) == ["b", "c"]


def test_garbage_is_half_a_frame_ahead_of_the_whole(clock: Clock) -> None:
    assert through(line(clock, garbage=ONE), '{"a":1}') == ['{"a', '{"a":1}']


def test_a_line_breaks_after_so_many_frames(clock: Clock) -> None:
    faulty = line(clock, cut_after=2)

    assert through(faulty, "a", "b", "c") == ["a", "b"]
    assert faulty.broken
    assert through(faulty, "d") == []


def test_a_frozen_line_says_nothing_and_thaws(clock: Clock) -> None:
    faulty = line(clock, freeze_after=1)

    assert through(faulty, "a", "b") == ["a"]
    assert (faulty.broken, faulty.next_ms) == (False, None)
    faulty.faults = StreamFaults()
    assert through(faulty, "c") == ["b", "c"]


def test_rates_are_about_right_and_the_seed_repeats_them(clock: Clock) -> None:
    frames = [str(n) for n in range(1_000)]

    first, second, other = (
        through(line(clock, seed=seed, drop=ONE // 10), *frames) for seed in (1, 1, 2)
    )

    assert 850 < len(first) < 950
    assert first == second != other


def test_pending_frames_are_counted_by_topic(clock: Clock) -> None:
    faulty = line(clock)
    for topic in (1, 1, 2):
        faulty.put("frame", topic)

    assert (faulty.pending(1), faulty.pending(2)) == (2, 1)
    emptied(faulty)
    assert (faulty.pending(1), faulty.pending(2)) == (0, 0)


async def test_a_lost_delta_shows_in_the_sequence(
    another: Callable[..., Any], clock: Clock
) -> None:
    peer = another(trouble=lambda n: StreamFaults(seed=n, drop=ONE // 5, hits=DELTAS))
    peer.subscribe("orderbook_delta", NYY)
    await clock.sleep_ms(60_000)
    peer.drain()

    counted = [frame["seq"] for frame in peer.seen if "seq" in frame]
    assert counted == sorted(set(counted))
    assert len(counted) < counted[-1]


async def test_duplicates_and_swaps_lose_nothing(another: Callable[..., Any], clock: Clock) -> None:
    rates: dict[str, Any] = {"duplicate": ONE // 5, "reorder": ONE // 5, "garbage": ONE // 10}
    peer = another(trouble=lambda n: StreamFaults(seed=n, hits=DELTAS, **rates))
    peer.subscribe("orderbook_delta", NYY)
    await clock.sleep_ms(60_000)
    peer.drain()
    await clock.sleep_ms(200)
    peer.drain()

    counted = [frame["seq"] for frame in peer.seen if "seq" in frame]
    assert counted != sorted(counted)
    assert set(counted) == set(range(1, max(counted) + 1))
    assert len(counted) > len(set(counted))
    assert peer.garbage


async def test_a_subscription_may_be_partly_ignored(
    another: Callable[..., Any], clock: Clock
) -> None:
    peer = another(trouble=lambda _: StreamFaults(unserved=frozenset({BOS})))

    peer.subscribe("orderbook_delta", NYY)
    (ack,) = peer.subscribe("orderbook_delta", BOS)
    await clock.sleep_ms(60_000)
    peer.drain()

    assert ack["msg"] == {"market_tickers": [BOS, NYY]}
    told = {frame["msg"].get("market_ticker") for frame in peer.seen}
    assert (BOS in told, NYY in told) == (False, True)


async def test_a_connection_that_breaks_is_gone_for_both_ends(house: House, clock: Clock) -> None:
    streams = Streams(house, trouble=lambda n: StreamFaults(cut_after=2 if n == 0 else None))
    first = streams.connect(world.USER, clock)
    await first.send(subscription())

    assert [json.loads(await first.recv())["type"] for _ in range(2)] == [
        "subscribed",
        "orderbook_snapshot",
    ]
    for act in (first.recv, first.ping, lambda: first.send("{}")):
        with pytest.raises(Unavailable):
            await act()
    assert streams.conversations == ()
    second = streams.connect(world.USER, clock)
    await second.send(subscription())
    assert json.loads(await second.recv())["type"] == "subscribed"


async def test_a_local_connection_is_what_our_client_talks_to(house: House, clock: Clock) -> None:
    connection: Connection = Streams(house).connect(world.USER, clock)

    await connection.send(subscription())
    await connection.ping()

    assert json.loads(await connection.recv())["type"] == "subscribed"


async def test_a_frozen_connection_still_answers_pings(house: House, clock: Clock) -> None:
    connection = Streams(house).connect(world.USER, clock)
    connection.conversation.line.faults = StreamFaults(freeze_after=0)

    await connection.send(subscription())
    await connection.ping()

    assert connection.conversation.next_frame() is None
    assert not connection.conversation.closed


async def test_a_local_connection_waits_for_late_frames(house: House, clock: Clock) -> None:
    connection = Streams(house).connect(world.USER, clock)
    connection.conversation.line.faults = StreamFaults(delay=ONE, delay_ms=700)
    before = clock.now_ms()
    await connection.send(subscription())

    await connection.recv()

    assert clock.now_ms() == before + 700


async def test_anything_can_be_put_on_the_line(house: House, clock: Clock) -> None:
    connection = Streams(house).connect(world.USER, clock)

    connection.conversation.inject("poison")

    assert await connection.recv() == "poison"
    await connection.close()
    with pytest.raises(Unavailable):
        await connection.recv()


def test_a_pause_of_the_exchange_may_cut_connections(
    another: Callable[..., Any], house: House
) -> None:
    cut, kept = another(knobs=StreamKnobs(cut_on_pause=True)), another()

    house.pauses.pause_exchange(shard=0)

    assert (cut.conversation.closed, kept.conversation.closed) == (True, False)


def test_a_closed_conversation_stops_listening(house: House, streams: Streams, peer: Any) -> None:
    before = len(house._core.listeners)

    peer.conversation.close()
    peer.conversation.close()

    assert len(house._core.listeners) == before - 1


def subscription() -> str:
    params = {"channels": ["orderbook_delta"], "market_ticker": NYY}
    return json.dumps({"id": 1, "cmd": "subscribe", "params": params})
