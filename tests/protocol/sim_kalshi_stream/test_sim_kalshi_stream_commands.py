"""What the simulated websocket answers to commands: acks, merges, errors (facts 12.2 – 12.4)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from venues import Clock
from venues.money import text
from venues.sim.kalshi.house import House
from venues.sim.kalshi.stream_channels import Channel
from venues.sim.kalshi.stream_knobs import StreamKnobs

Frame = dict[str, Any]
NYY = "KXMLBGAME-26NOV26NYYBOS-NYY"
BOS = "KXMLBGAME-26NOV26NYYBOS-BOS"
CUT = "KXFEDDECISION-26DEC-C25"


def heads(frames: list[Frame]) -> list[tuple[Any, ...]]:
    return [tuple(frame.get(name) for name in ("type", "id", "sid", "seq")) for frame in frames]


def code(frames: list[Frame]) -> int:
    (frame,) = frames
    assert frame["type"] == "error"
    found: int = frame["msg"]["code"]
    return found


def test_each_channel_of_a_subscribe_is_acknowledged_without_a_seq(peer: Any) -> None:
    frames = peer.say("subscribe", channels=["ticker", "orderbook_delta"], market_ticker=NYY)

    assert heads(frames) == [
        ("subscribed", 1, None, None),
        ("subscribed", 1, None, None),
        ("orderbook_snapshot", None, 2, 1),
    ]
    assert [frame["msg"] for frame in frames[:2]] == [
        {"channel": "ticker", "sid": 1},
        {"channel": "orderbook_delta", "sid": 2},
    ]


def test_subscribing_again_merges_into_the_old_sid(peer: Any) -> None:
    peer.subscribe("orderbook_delta", NYY)

    frames = peer.subscribe("orderbook_delta", CUT, BOS, NYY)

    assert heads(frames) == [
        ("ok", 2, 1, 2),
        ("orderbook_snapshot", None, 1, 3),
        ("orderbook_snapshot", None, 1, 4),
    ]
    assert frames[0]["msg"] == {"market_tickers": [CUT, BOS, NYY]}
    assert [frame["msg"]["market_ticker"] for frame in frames[1:]] == [CUT, BOS]


def test_a_merge_may_not_change_the_price_convention(peer: Any) -> None:
    peer.subscribe("orderbook_delta", NYY, use_yes_price=True)

    frames = peer.subscribe("orderbook_delta", BOS, use_yes_price=False)

    assert heads(frames) == [("error", 2, 1, 2)]
    assert code(frames) == 11


def test_markets_come_and_go_and_every_answer_counts(peer: Any) -> None:
    peer.subscribe("orderbook_delta", NYY)

    added = peer.update("add_markets", BOS)
    removed = peer.update("delete_markets", NYY, BOS)
    snapshot = peer.update("get_snapshot", BOS)
    again = peer.update("add_markets", NYY)
    gone = peer.say("unsubscribe", sids=[1])

    assert heads(added) == [("ok", 2, 1, 2), ("orderbook_snapshot", None, 1, 3)]
    assert heads(removed) == [("ok", 3, 1, 4)]
    assert removed[0]["msg"] == {"market_tickers": []}
    assert (heads(snapshot), code(snapshot)) == ([("error", 4, 1, 5)], 11)
    assert snapshot[0]["msg"]["market_ticker"] == BOS
    assert heads(again) == [("ok", 5, 1, 6), ("orderbook_snapshot", None, 1, 7)]
    assert heads(gone) == [("unsubscribed", 6, 1, 8)]
    assert "msg" not in gone[0]


def test_a_snapshot_on_demand_carries_the_id_of_its_command(peer: Any) -> None:
    peer.subscribe("orderbook_delta", NYY, BOS)

    frames = peer.say("update_subscription", sids=[1], action="get_snapshot", market_ticker=BOS)

    assert heads(frames) == [("orderbook_snapshot", 2, 1, 3)]


def test_a_sid_is_not_used_twice(peer: Any) -> None:
    peer.subscribe("orderbook_delta", NYY)
    peer.say("unsubscribe", sids=[1])

    frames = peer.subscribe("orderbook_delta", NYY)

    assert frames[0]["msg"]["sid"] == 2
    assert frames[1]["seq"] == 1


def test_private_channels_do_not_count(peer: Any, order: Callable[..., Any], house: House) -> None:
    peer.say("subscribe", channels=["fill", "user_orders", "market_positions"])
    order(NYY, "bid", 99, 1, time_in_force="immediate_or_cancel")

    frames = peer.drain()

    assert {frame["type"] for frame in frames} == {"fill", "user_order", "market_position"}
    assert not [frame for frame in frames if "seq" in frame]
    assert heads(peer.update("add_markets", NYY)) == [("ok", 2, 1, None)]
    assert heads(peer.say("unsubscribe", sids=[1])) == [("unsubscribed", 3, 1, 1)]


def test_private_frames_are_for_their_owner(
    another: Callable[..., Any], order: Callable[..., Any]
) -> None:
    stranger, owner = another(user="somebody else"), another()
    for each in (stranger, owner):
        each.say("subscribe", channels=["fill", "user_orders", "market_positions"])
        each.say("subscribe", channels=["order_group_updates"])
        each.drain()

    order(NYY, "bid", 99, 1, time_in_force="immediate_or_cancel")

    assert not stranger.drain()
    assert owner.drain()


def test_filters_narrow_a_private_channel(peer: Any, order: Callable[..., Any]) -> None:
    peer.subscribe("user_orders", BOS)

    order(NYY, "bid", 2)
    order(BOS, "bid", 2)

    assert [frame["msg"]["ticker"] for frame in peer.drain()] == [BOS]


def test_subscriptions_can_be_listed(peer: Any) -> None:
    peer.say("subscribe", channels=["fill", "ticker"])

    (frame,) = peer.say("list_subscriptions")

    assert heads([frame]) == [("ok", 2, None, None)]
    assert frame["msg"] == [{"channel": "fill", "sid": 1}, {"channel": "ticker", "sid": 2}]


def test_a_ticker_may_be_named_by_its_market_id(peer: Any, house: House) -> None:
    id = house.market(NYY).id

    frames = peer.say("subscribe", channels=["ticker"], market_ids=[id], send_initial_snapshot=True)
    listed = peer.say("update_subscription", sid=1, action="add_markets", market_ticker=BOS)

    assert [frame["type"] for frame in frames] == ["subscribed", "ticker"]
    assert frames[1]["msg"]["market_id"] == id
    assert listed[0]["msg"] == {"market_tickers": [BOS], "market_ids": [id]}


def test_acks_may_leave_the_list_out(peer: Any) -> None:
    peer.say("subscribe", channels=["ticker"], market_ticker=NYY, skip_ticker_ack=True)

    assert peer.update("add_markets", BOS)[0]["msg"] == {}


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("no json", 1),
        ("[]", 1),
        ('{"id":"one","cmd":"subscribe"}', 11),
        ('{"id":1,"cmd":"subscribe"}', 2),
        ('{"id":1,"cmd":"dance","params":{}}', 5),
    ],
)
def test_a_broken_command_has_its_code(peer: Any, sent: str, expected: int) -> None:
    peer.conversation.received(sent)

    assert code(peer.drain()) == expected


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, 3),
        ({"channels": []}, 3),
        ({"channels": "ticker"}, 11),
        ({"channels": ["ticker", "multivariate"]}, 8),
        ({"channels": ["orderbook_delta"]}, 14),
        ({"channels": ["orderbook_delta"], "market_ticker": NYY, "market_tickers": [NYY]}, 11),
        ({"channels": ["orderbook_delta"], "market_id": "943fcfe7"}, 11),
        ({"channels": ["orderbook_delta"], "market_tickers": ["KXNONE"]}, 11),
        ({"channels": ["ticker"], "send_initial_snapshot": 1}, 11),
        ({"channels": ["communications"], "user_filter": "all"}, 11),
        ({"channels": ["communications"], "shard_factor": 0}, 19),
        ({"channels": ["communications"], "shard_key": 0}, 20),
        ({"channels": ["communications"], "shard_factor": 2, "shard_key": 2}, 21),
        ({"channels": ["communications"], "shard_factor": 101}, 22),
    ],
)
def test_a_wrong_subscribe_has_its_code_and_does_nothing(
    peer: Any, params: dict[str, Any], expected: int
) -> None:
    frames = peer.say("subscribe", **params)

    assert code(frames) == expected
    assert frames[0]["id"] == 1
    assert peer.say("list_subscriptions")[0]["msg"] == []


@pytest.mark.parametrize(
    ("params", "expected", "scoped"),
    [
        ({"action": "add_markets"}, 12, False),
        ({"action": "add_markets", "sids": [1, 2]}, 12, False),
        ({"action": "add_markets", "sid": 1, "sids": [1]}, 12, False),
        ({"action": "add_markets", "sid": 9, "market_ticker": NYY}, 7, False),
        ({"sid": 1}, 15, True),
        ({"sid": 1, "action": "indexlist"}, 13, True),
        ({"sid": 1, "action": "add_markets"}, 14, True),
        ({"sid": 1, "action": "add_markets", "market_ticker": "KXNONE"}, 11, True),
        ({"sid": 2, "action": "add_markets", "market_ticker": NYY}, 13, True),
        ({"sid": 2, "action": "subscribe_indices"}, 24, True),
        ({"sid": 3, "action": "subscribe_underlyings"}, 28, True),
    ],
)
def test_a_wrong_update_has_its_code(
    peer: Any, params: dict[str, Any], expected: int, scoped: bool
) -> None:
    peer.subscribe("orderbook_delta", BOS)
    peer.say("subscribe", channels=["cfbenchmarks_value", "pyth_value"])

    frames = peer.say("update_subscription", **params)

    assert code(frames) == expected
    assert ("sid" in frames[0], "seq" in frames[0]) == (scoped, scoped)


def test_unsubscribing_answers_sid_by_sid(peer: Any) -> None:
    peer.subscribe("trade")

    frames = peer.say("unsubscribe", sids=[5, 1])

    assert heads(frames) == [("error", 2, None, None), ("unsubscribed", 2, 1, 1)]
    assert code(frames[:1]) == 7
    assert code(peer.say("unsubscribe")) == 4


def test_limits_have_their_codes(another: Callable[..., Any]) -> None:
    peer = another(knobs=StreamKnobs(markets_max=1, commands_per_s=3))

    assert code(peer.subscribe("orderbook_delta", NYY, BOS)) == 26
    peer.subscribe("orderbook_delta", NYY)
    frames = peer.update("add_markets", BOS)
    assert (code(frames), heads(frames)) == (26, [("error", 3, 1, 2)])
    assert code(peer.update("add_markets", BOS)) == 27


def test_unknown_markets_may_be_passed_over(another: Callable[..., Any]) -> None:
    peer = another(knobs=StreamKnobs(unknown_markets_refused=False))

    frames = peer.subscribe("orderbook_delta", "KXNONE", NYY)

    assert [frame["type"] for frame in frames] == ["subscribed", "orderbook_snapshot"]


def test_a_channel_error_ends_the_subscription(peer: Any) -> None:
    peer.subscribe("orderbook_delta", NYY)

    peer.conversation.fail(Channel.BOOKS)

    frames = peer.drain()
    assert (code(frames), heads(frames)) == (10, [("error", None, 1, 2)])
    assert peer.say("list_subscriptions")[0]["msg"] == []
    assert code(peer.update("add_markets", BOS)) == 7


async def test_silent_channels_are_taken_and_stay_silent(peer: Any, clock: Clock) -> None:
    peer.say("subscribe", channels=["communications", "cfbenchmarks_value", "pyth_value"])

    await clock.sleep_ms(60_000)

    assert not peer.drain()


async def test_tickers_tell_only_what_changed(peer: Any, clock: Clock, house: House) -> None:
    peer.subscribe("ticker", NYY)
    previous: dict[str, Any] = {}
    for _ in range(200):
        await clock.sleep_ms(500)
        for frame in peer.drain():
            figures = {k: v for k, v in frame["msg"].items() if k not in {"ts", "ts_ms", "time"}}
            assert figures != previous
            previous = figures

    assert previous["yes_bid_dollars"] == text(house.bids(NYY)[0].price, 4)


def test_commands_need_no_id(peer: Any) -> None:
    peer.conversation.received(json.dumps({"cmd": "list_subscriptions"}))

    assert "id" not in peer.drain()[0]
