"""Every frame the simulated websocket sends, against Kalshi's AsyncAPI document and recordings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from venues import Clock
from venues.money import ONE, Quantity
from venues.sim import world
from venues.sim.exchange import Tif
from venues.sim.kalshi.catalogue import Event, Market, Result
from venues.sim.kalshi.house import House
from venues.sim.kalshi.knobs import Knobs
from venues.sim.kalshi.orders import Placed
from venues.sim.kalshi.records import AmendOrder, BookSide, CancelOrder, CreateOrder
from venues.sim.kalshi.stream_knobs import StreamKnobs
from venues.sim.kalshi.stream_notices import Viewer
from venues.sim.kalshi.streams import Streams

Frame = dict[str, Any]
NYY = "KXMLBGAME-26NOV26NYYBOS-NYY"
CHANNELS = (
    *("ticker", "trade", "fill", "user_orders", "market_positions", "order_group_updates"),
    *("market_lifecycle_v2", "multivariate_market_lifecycle", "communications"),
)


@pytest.fixture
async def seen(
    peer: Any, house: House, clock: Clock, order: Callable[..., Placed], tickers: tuple[str, ...]
) -> list[Frame]:
    """At least one frame of every kind and event."""
    peer.subscribe("orderbook_delta", *tickers)
    peer.say("subscribe", channels=CHANNELS)
    peer.subscribe("cfbenchmarks_value", index_ids=["BRTI"])
    peer.subscribe("cfbenchmarks_value_5hz")
    peer.subscribe("pyth_value", underlying_tickers=["InterestRate.US2Y"])
    await trade(house, clock, order)
    await live(house, clock)
    group(house, order)
    peer.drain()
    for sid, word in ((11, "index"), (12, "index"), (13, "underlying_")):
        peer.update(f"{word}list", sid=sid)
    peer.say("update_subscription", sid=11, action="subscribe_indices", index_ids=["all"])
    more = {"underlying_tickers": ["FX.EUR/USD"]}
    peer.say("update_subscription", sid=13, action="subscribe_underlyings", **more)
    peer.say("list_subscriptions")
    peer.update("add_markets", NYY)
    peer.update("get_snapshot", NYY)
    peer.update("add_markets", sid=1)
    peer.say("unsubscribe", sids=[1, 2, 99])
    found: list[Frame] = peer.seen
    return found


async def trade(house: House, clock: Clock, order: Callable[..., Placed]) -> None:
    """Takes, rests, amends, is filled, cancels; then the makers move."""
    order(NYY, "bid", 90, 3, time_in_force=Tif.IOC, client_order_id="taken")
    expiry = {"expiration_time_s": house.now_ms // 1_000 + 3_600}
    resting = order(NYY, "bid", 2, 5, client_order_id="resting", **expiry).order
    amended = AmendOrder(
        ticker=NYY, side=BookSide.BID, count=Quantity(7 * ONE), price=resting.price
    )
    house.orders.amend(world.USER, resting.order_id, amended)
    house.orders.cancel(world.USER, CancelOrder(order_id=resting.order_id, market_ticker=NYY))
    for _ in range(30):
        await clock.sleep_ms(1_000)
        house.advance()


async def live(house: House, clock: Clock) -> None:
    """Lists, pauses, changes and settles a market of an ordinary event and of a combo."""
    for series, combo in (("KXBTCD", False), ("KXMVESPORTS", True)):
        event = house.lifecycle.add_event(
            Event(
                ticker=f"{series}-NEW",
                series_ticker=series,
                title="A new one",
                sub_title="Dec 1",
                exchange_index=house.catalogue.series[series].exchange_index,
                strike_ms=house.now_ms,
                strike_period="day",
            )
        )
        market = house.lifecycle.add_market(
            Market(
                ticker=f"{event.ticker}-T",
                event_ticker=event.ticker,
                open_ms=house.now_ms,
                close_ms=house.now_ms + 60_000,
                title="Above?",
                strike_type="between",
                floor_strike=Decimal("95000.50"),
                cap_strike=Decimal(96_000),
                custom_strike=(("coin", "BTC"),),
            )
        )
        house.advance()
        house.lifecycle.pause(market.ticker)
        house.lifecycle.resume(market.ticker)
        house.lifecycle.move_close(market.ticker, house.now_ms + 90_000)
        if not combo:
            house.lifecycle.set_structure(market.ticker, "deci_cent")
            found = house.market(market.ticker)
            house.lifecycle.set_metadata(replace(found, yes_sub_title="Above 95,000.5"))
            now = house.now_ms
            for fee, multiplier in (("quadratic", ONE // 2), (None, None)):
                house.lifecycle.schedule_fee(
                    at_ms=now,
                    event_ticker=event.ticker,
                    fee_type=fee,
                    fee_multiplier=multiplier,
                )
                house.advance()
        house.lifecycle.determine(market.ticker, Result.YES)
    await clock.sleep_ms(600_000)
    house.advance()


def group(house: House, order: Callable[..., Placed]) -> None:
    made = house.groups.create(world.USER, Quantity(5 * ONE), exchange_index=3)
    order(NYY, "bid", 2, order_group_id=made.group_id)
    house.groups.set_limit(world.USER, made.group_id, Quantity(9 * ONE), exchange_index=3)
    house.groups.trigger(world.USER, made.group_id, exchange_index=3)
    house.groups.reset(world.USER, made.group_id, exchange_index=3)
    house.groups.delete(world.USER, made.group_id, exchange_index=3)


def test_every_frame_of_every_kind_fits_the_asyncapi_document(
    seen: list[Frame], judge: Callable[[Frame], None], asyncapi: dict[str, Any]
) -> None:
    for frame in seen:
        judge(frame)

    assert {frame["type"] for frame in seen} == {
        *("subscribed", "unsubscribed", "ok", "error", "orderbook_snapshot", "orderbook_delta"),
        *("ticker", "trade", "fill", "user_order", "market_position", "order_group_updates"),
        *("market_lifecycle_v2", "multivariate_market_lifecycle", "event_lifecycle"),
        *("event_fee_update", "cfbenchmarks_value_indexlist", "cfbenchmarks_value_5hz_indexlist"),
        "pyth_value_underlying_list",
    }


def test_every_event_of_a_life_is_told(seen: list[Frame]) -> None:
    def told(kind: str) -> set[str]:
        return {frame["msg"]["event_type"] for frame in seen if frame["type"] == kind}

    both = {"created", "deactivated", "activated", "close_date_updated", "determined", "settled"}
    assert told("multivariate_market_lifecycle") == both
    changes = {"price_level_structure_updated", "metadata_updated"}
    assert told("market_lifecycle_v2") == both | changes
    groups = {"created", "triggered", "reset", "deleted", "limit_updated"}
    assert told("order_group_updates") == groups


def test_the_frames_have_the_keys_and_types_of_the_official_examples(
    seen: list[Frame], shared: Path
) -> None:
    """Only `subaccount` is missing: ours is the primary account."""
    examples = shared / "data/recorded/kalshi/spec/asyncapi_message_examples.jsonl"
    ours = shapes(seen)
    checked = set()
    for line in examples.read_text().splitlines():
        payload = json.loads(line)["payload"]
        if not isinstance(payload, dict) or (kind := kind_of(payload)) not in ours:
            continue
        checked.add(kind)
        for path, types in shapes([payload])[kind].items():
            if path != "msg.subaccount":
                assert types <= ours[kind].get(path, set()), (kind, path)

    assert len(checked) >= 20


async def test_books_on_the_wire_look_like_the_recorded_ones(
    another: Callable[..., Any], shared: Path, house: House, clock: Clock, tickers: tuple[str, ...]
) -> None:
    """Recorded in August 2026, before `clock` and `sending_ts_ms`; otherwise key for key."""
    recorded = [
        json.loads(line)["frame"]
        for line in (shared / "data/recorded/kalshi/ws/wire_frames_sample_20260807.jsonl")
        .read_text()
        .splitlines()
    ]
    peer = another(knobs=StreamKnobs(sending_ts_ms=False))
    peer.subscribe("orderbook_delta", tickers[0], tickers[3])
    peer.subscribe("orderbook_delta", tickers[1])
    await clock.sleep_ms(20_000)
    peer.drain()

    assert [list(frame) for frame in recorded[:4]] == [list(frame) for frame in peer.seen[:1]] + [
        list(frame) for frame in (peer.seen[1], peer.seen[3], peer.seen[4])
    ]
    ours = shapes(peer.seen)
    for kind, paths in shapes(recorded).items():
        clock_path = {"msg.clock"} if "orderbook" in kind else set()
        assert set(ours[kind]) - clock_path == set(paths)
        assert all(types == ours[kind][path] for path, types in paths.items())


def test_numbers_are_written_as_the_venue_writes_them(seen: list[Frame]) -> None:
    def first(kind: str, **said: Any) -> Frame:
        return next(
            frame["msg"]
            for frame in seen
            if frame["type"] == kind and said.items() <= frame["msg"].items()
        )

    fill = first("fill")
    assert (fill["count_fp"], fill["post_position_fp"]) == ("3.00", "3.00")
    assert len(fill["fee_cost"].partition(".")[2]) == 6
    assert (fill["side"], fill["action"], fill["client_order_id"]) == ("yes", "buy", "taken")
    created = first("market_lifecycle_v2", event_type="created", market_ticker="KXBTCD-NEW-T")
    assert created["additional_metadata"]["floor_strike"] == 95_000.5
    assert type(created["additional_metadata"]["cap_strike"]) is int
    assert created["price_ranges"] == [{"start": "0.0000", "end": "1.0000", "step": "0.0100"}]
    fees = [f["msg"] for f in seen if f["type"] == "event_fee_update"]
    assert [fee["fee_multiplier_override"] for fee in fees[:2]] == [0.5, None]
    determined = first("market_lifecycle_v2", event_type="determined")
    assert (determined["result"], determined["settlement_value"]) == ("yes", "1.0000")


def test_legacy_fields_can_be_gone(clock: Clock) -> None:
    house = world.kalshi(clock, seed=1, knobs=Knobs(legacy_side_action=False))
    conversation = Streams(house).open(Viewer(world.USER))
    params = {"channels": ["fill", "user_orders"]}
    conversation.received(json.dumps({"cmd": "subscribe", "params": params}))
    house.orders.create(
        world.USER,
        CreateOrder(
            ticker=NYY, side=BookSide.BID, count=Quantity(ONE), price=house.asks(NYY)[0].price
        ),
    )

    frames = [json.loads(conversation.next_frame() or "{}") for _ in range(4)]

    assert [frame["type"] for frame in frames[2:]] == ["fill", "user_order"]
    for frame in frames[2:]:
        assert not {"side", "action", "is_yes"} & set(frame["msg"])
        assert frame["msg"]["outcome_side"] == "yes"


def kind_of(frame: Frame) -> str:
    msg = frame.get("msg")
    if isinstance(msg, list):
        return f"{frame.get('type')} list"
    return f"{frame.get('type')} {(msg or {}).get('event_type', '')}".strip()


def shapes(frames: Iterable[Frame]) -> dict[str, dict[str, set[str]]]:
    """By kind of frame: dotted key → the JSON types seen there."""
    found: dict[str, dict[str, set[str]]] = {}
    for frame in frames:
        for path, name in walk(frame, ""):
            found.setdefault(kind_of(frame), {}).setdefault(path, set()).add(name)
    return found


def walk(value: Any, path: str) -> Iterable[tuple[str, str]]:
    names = {int: "number", float: "number", type(None): "null"}
    if isinstance(value, dict):
        for name, each in value.items():
            yield from walk(each, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list):
        yield path, "list"
        for each in value:
            yield from walk(each, f"{path}[]")
    else:
        yield path, names.get(type(value), type(value).__name__)
