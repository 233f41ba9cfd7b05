"""Order books over the simulated websocket: snapshots, deltas, prices, own marks (12.4, 12.5)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from venues import Clock
from venues.money import ONE, Price, Quantity
from venues.sim import world
from venues.sim.exchange import Tif
from venues.sim.kalshi.house import House
from venues.sim.kalshi.knobs import Knobs
from venues.sim.kalshi.records import BookSide, CancelOrder, CreateOrder
from venues.sim.kalshi.stream_knobs import StreamKnobs
from venues.sim.kalshi.stream_notices import Viewer
from venues.sim.kalshi.streams import Streams

Frame = dict[str, Any]
NYY = "KXMLBGAME-26NOV26NYYBOS-NYY"
UPCOMING = world.UPCOMING


@pytest.mark.parametrize("yes_price", [False, True])
async def test_a_copy_equals_the_house_after_hundreds_of_moves(
    peer: Any, copy: Any, house: House, clock: Clock, tickers: tuple[str, ...], yes_price: bool
) -> None:
    mine = copy(yes_price=yes_price)
    frames = peer.subscribe("orderbook_delta", *tickers, use_yes_price=yes_price)
    for _ in range(100):
        for frame in frames:
            mine.take(frame)
        assert all(mine.equals(house, ticker) for ticker in tickers)
        await clock.sleep_ms(1_000)
        frames = peer.drain()

    deltas = [frame for frame in peer.seen if frame["type"] == "orderbook_delta"]
    assert len(deltas) > 500


async def test_sequence_and_clock_run_without_a_hole(
    peer: Any, clock: Clock, tickers: tuple[str, ...]
) -> None:
    peer.subscribe("orderbook_delta", *tickers)
    await clock.sleep_ms(60_000)
    peer.update("get_snapshot", *tickers)
    await clock.sleep_ms(60_000)
    peer.drain()

    counted = [frame["seq"] for frame in peer.seen if "seq" in frame]
    assert counted == list(range(1, len(counted) + 1))
    newest: dict[str, int] = {}
    for frame in peer.seen[1:]:
        msg = frame["msg"]
        is_snapshot = frame["type"] == "orderbook_snapshot"
        before = newest.get(msg["market_ticker"], -1)
        assert msg["clock"] >= before if is_snapshot else msg["clock"] > before
        newest[msg["market_ticker"]] = msg["clock"]


def test_both_conventions_tell_the_same_book(another: Callable[..., Any]) -> None:
    (_, own), (_, yes) = (
        another().subscribe("orderbook_delta", NYY, use_yes_price=said) for said in (False, True)
    )

    assert own["msg"]["yes_dollars_fp"] == yes["msg"]["yes_dollars_fp"]
    mirrored = [[f"{1 - float(price):.4f}", size] for price, size in own["msg"]["no_dollars_fp"]]
    assert mirrored == yes["msg"]["no_dollars_fp"]


def test_the_default_convention_is_a_knob(clock: Clock) -> None:
    house = world.kalshi(clock, seed=7, knobs=Knobs(yes_price_default=True))
    conversation = Streams(house).open(Viewer(world.USER))
    for said in ({}, {"use_yes_price": True}):
        params = {"channels": ["orderbook_delta"], "market_ticker": NYY, **said}
        conversation.received(json.dumps({"cmd": "subscribe", "params": params}))
        conversation.received(json.dumps({"cmd": "unsubscribe", "params": {"sids": [1, 2]}}))
    texts = []
    while text := conversation.next_frame():
        texts.append(json.loads(text))

    first, second = (frame["msg"] for frame in texts if frame["type"] == "orderbook_snapshot")
    assert first == second


def test_an_empty_side_has_no_key(another: Callable[..., Any]) -> None:
    (_, snapshot) = another().subscribe("orderbook_delta", UPCOMING)
    (_, shown) = another(knobs=StreamKnobs(empty_side_shown=True)).subscribe(
        "orderbook_delta", UPCOMING
    )

    assert set(snapshot["msg"]) == {"market_ticker", "market_id", "clock"}
    assert (shown["msg"]["yes_dollars_fp"], shown["msg"]["no_dollars_fp"]) == ([], [])


def test_sides_come_worst_price_first(peer: Any, house: House) -> None:
    (_, snapshot) = peer.subscribe("orderbook_delta", NYY)

    for side in ("yes_dollars_fp", "no_dollars_fp"):
        prices = [price for price, _ in snapshot["msg"][side]]
        assert prices == sorted(prices)


def test_only_the_owner_sees_his_name_on_a_delta(
    another: Callable[..., Any], order: Callable[..., Any], house: House
) -> None:
    owner, stranger = another(), another(user="somebody else")
    for each in (owner, stranger):
        each.subscribe("orderbook_delta", NYY)

    placed = order(NYY, "bid", 2, 3, client_order_id="mine").order
    house.orders.cancel(world.USER, CancelOrder(order_id=placed.order_id, market_ticker=NYY))

    assert [frame["msg"].get("client_order_id") for frame in owner.drain()] == ["mine", "mine"]
    assert [frame["msg"].get("client_order_id") for frame in stranger.drain()] == [None, None]


@pytest.mark.parametrize("shown", [False, True])
async def test_being_hit_is_marked_by_knob(clock: Clock, shown: bool) -> None:
    """UNSURE #9."""
    house = world.kalshi(clock, seed=7, knobs=Knobs(hit_carries_client_id=shown))
    conversation = Streams(house).open(Viewer(world.USER))
    best = house.bids(NYY)[0].price

    def create(user: str, side: BookSide, price: int, count: int) -> None:
        body = CreateOrder(
            ticker=NYY,
            side=side,
            count=Quantity(count * ONE),
            price=Price(price),
            client_order_id=f"of {user}",
        )
        house.orders.create(user, body)

    create(world.USER, BookSide.BID, best + 10_000, 5)
    params = {"channels": ["orderbook_delta"], "market_ticker": NYY}
    conversation.received(json.dumps({"cmd": "subscribe", "params": params}))
    create(f"crowd {NYY}", BookSide.ASK, best + 10_000, 2)

    frames = []
    while text := conversation.next_frame():
        frames.append(json.loads(text))
    assert frames[-1]["msg"]["delta_fp"] == "-2.00"
    assert ("client_order_id" in frames[-1]["msg"]) is shown


@pytest.mark.parametrize("marked", [True, False])
def test_a_taker_sees_his_name_on_the_level_he_took(
    another: Callable[..., Any], order: Callable[..., Any], marked: bool
) -> None:
    taker, stranger = another(knobs=StreamKnobs(taker_marked=marked)), another(user="else")
    for each in (taker, stranger):
        each.subscribe("orderbook_delta", NYY)

    order(NYY, "bid", 99, 1, time_in_force=Tif.IOC, client_order_id="takes")

    assert [frame["msg"].get("client_order_id") for frame in taker.drain()] == [
        "takes" if marked else None
    ]
    assert "client_order_id" not in stranger.drain()[0]["msg"]


async def test_a_slow_reader_loses_the_subscription_and_is_told(
    another: Callable[..., Any], clock: Clock, house: House, tickers: tuple[str, ...]
) -> None:
    peer = another(knobs=StreamKnobs(buffer_max=50))
    peer.subscribe("orderbook_delta", *tickers)

    await clock.sleep_ms(60_000)
    house.advance()
    frames = peer.drain()

    assert len(frames) == 51
    assert (frames[-1]["type"], frames[-1]["msg"]["code"]) == ("error", 25)
    counted = [frame["seq"] for frame in peer.seen if "seq" in frame]
    assert counted == list(range(1, len(counted) + 1))
    assert peer.subscribe("orderbook_delta", NYY)[0]["msg"]["sid"] == 2


async def test_the_same_seed_gives_the_same_frames(
    tickers: tuple[str, ...], new_clock: Callable[[], Clock]
) -> None:
    async def told() -> list[str]:
        clock = new_clock()
        conversation = Streams(world.kalshi(clock, seed=11)).open(Viewer(world.USER))
        for channels in (["orderbook_delta"], ["ticker", "trade", "market_lifecycle_v2"]):
            params = {"channels": channels, "market_tickers": tickers}
            conversation.received(json.dumps({"cmd": "subscribe", "params": params}))
        frames = []
        for _ in range(60):
            await clock.sleep_ms(1_000)
            while text := conversation.next_frame():
                frames.append(text)
        return frames

    first, second = await told(), await told()

    assert len(first) > 300
    assert first == second
