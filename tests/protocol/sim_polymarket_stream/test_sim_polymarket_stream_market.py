"""The simulated market channel: what is said at subscribe, later, and to whom (§12)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from venues import Clock
from venues.money import Price
from venues.sim.polymarket.catalogue import Market
from venues.sim.polymarket.house import House
from venues.sim.polymarket.streams import Streams
from venues.sim.polymarket.wire_text_book import book

RAIN, FED = "0x" + "22" * 32, "0x" + "11" * 32


@pytest.fixture
def rain(house: House) -> Market:
    return house.catalogue.markets[RAIN]


@pytest.fixture
def fed(house: House) -> Market:
    return house.catalogue.markets[FED]


def types(events: list[Any]) -> list[str]:
    return [each["event_type"] for each in events]


def test_the_first_answer_is_an_array_of_books(peer: Any, rain: Market, house: House) -> None:
    events = peer.subscribe(*rain.tokens)

    assert [each["asset_id"] for each in events] == [*rain.tokens]
    assert types(events) == ["book", "book"]
    assert len(peer.texts) == 1
    assert peer.texts[0].startswith("[")
    assert events[0]["hash"] == book(house.book(rain.tokens[0]), rain)["hash"]


def test_a_dump_can_be_declined(peer: Any, us: Any, rain: Market) -> None:
    assert peer.subscribe(*rain.tokens, initial_dump=False) == []

    us.order(rain.tokens[0], "BUY", "0.40", "10")

    assert types(peer.drain()) == ["price_change"]


def test_more_tokens_come_with_their_books_and_known_ones_without(
    peer: Any, rain: Market, fed: Market
) -> None:
    peer.subscribe(rain.tokens[0])

    events = peer.update("subscribe", rain.tokens[0], fed.tokens[1])

    assert [each["asset_id"] for each in events] == [fed.tokens[1]]
    assert peer.update("subscribe", rain.tokens[0], custom_feature_enabled=True) == []


def test_naming_a_known_token_again_toggles_the_feature(
    peer: Any, us: Any, rain: Market, clock: Clock
) -> None:
    peer.subscribe(rain.tokens[0])
    told = []
    for said in (True, False):
        peer.update("subscribe", rain.tokens[0], custom_feature_enabled=said)
        us.order(rain.tokens[0], "BUY", "0.41" if said else "0.42", "10")
        told.append(types(peer.drain()))

    assert told == [["price_change", "best_bid_ask"], ["price_change"]]


def test_unsubscribed_tokens_are_told_no_more(peer: Any, us: Any, rain: Market) -> None:
    peer.subscribe(*rain.tokens)
    peer.update("unsubscribe", *rain.tokens)

    us.order(rain.tokens[0], "BUY", "0.40", "10")

    assert peer.drain() == []
    assert len(peer.update("subscribe", rain.tokens[1])) == 1


def test_unknown_tokens_are_passed_over_or_end_it(
    peer: Any, another: Callable[..., Any], rain: Market
) -> None:
    events = peer.subscribe("1", rain.tokens[0], "no number")
    strict = another(unknown_tokens_close=True)
    strict.subscribe("1")

    assert [each["asset_id"] for each in events] == [rain.tokens[0]]
    assert strict.conversation.closed
    assert strict.conversation.farewell.code == 1008


def test_tokens_beyond_the_limit_are_passed_over(
    another: Callable[..., Any], us: Any, rain: Market, fed: Market
) -> None:
    peer = another(tokens_max=2)
    assert len(peer.subscribe(rain.tokens[0])) == 1
    assert len(peer.update("subscribe", *fed.tokens)) == 1

    peer.update("unsubscribe", rain.tokens[0])
    assert len(peer.update("subscribe", *rain.tokens)) == 1


def test_a_ping_is_answered_in_text(peer: Any, rain: Market) -> None:
    peer.subscribe(rain.tokens[0])
    peer.texts.clear()

    peer.say("PING")

    assert peer.texts == ["PONG"]


@pytest.mark.parametrize("said", ["PING", "{", "[]", "7", '{"type":"market"}', '{"type":"user"}'])
def test_anything_before_a_subscription_ends_the_connection(peer: Any, said: str) -> None:
    peer.say(said)

    assert peer.conversation.closed
    farewell = peer.conversation.farewell
    assert (farewell.code, farewell.reason) == (1008, "invalid subscription payload")


def test_an_early_ping_may_be_answered(another: Callable[..., Any]) -> None:
    peer = another(early_ping_closes=False)

    peer.say("PING")

    assert peer.texts == ["PONG"]
    assert peer.subscribe() == []


@pytest.mark.parametrize(
    "said",
    [
        "hello",
        "[" * 100_000,
        "[]",
        {"operation": "join", "assets_ids": []},
        {"operation": ["subscribe"], "assets_ids": []},
        {"operation": "subscribe", "assets_ids": "71"},
        {"operation": "subscribe", "assets_ids": [71]},
        {"operation": "subscribe", "assets_ids": [], "custom_feature_enabled": "yes"},
        {"type": "market", "assets_ids": []},
    ],
)
def test_nonsense_is_answered_and_changes_nothing(
    peer: Any, us: Any, rain: Market, said: Any
) -> None:
    peer.subscribe(rain.tokens[0])

    peer.say(said)

    assert peer.garbage == ["INVALID OPERATION"]
    us.order(rain.tokens[0], "BUY", "0.40", "10")
    assert types(peer.drain()) == ["price_change"]


def test_one_token_is_told_of_its_sibling_too(peer: Any, us: Any, rain: Market) -> None:
    peer.subscribe(rain.tokens[1])

    us.order(rain.tokens[0], "BUY", "0.40", "10")

    (event,) = peer.drain()
    changes = event["price_changes"]
    told = [[each[name] for name in ("asset_id", "side", "price", "size")] for each in changes]
    assert told == [[rain.tokens[0], "BUY", "0.4", "10"], [rain.tokens[1], "SELL", "0.6", "10"]]


def test_other_markets_are_not_told(peer: Any, us: Any, rain: Market, fed: Market) -> None:
    peer.subscribe(*rain.tokens)

    us.order(fed.tokens[0], "BUY", "0.401", "10")

    assert peer.drain() == []


def test_an_empty_side_is_zero_and_one_or_nothing(
    peer: Any, another: Callable[..., Any], us: Any, rain: Market
) -> None:
    other = another(empty_side=("", ""))
    for each in (peer, other):
        each.subscribe(rain.tokens[0], custom_feature_enabled=True)

    us.order(rain.tokens[0], "BUY", "0.40", "10")

    for each, empty, spread in ((peer, "1", "0.6"), (other, "", "")):
        change, quote = each.drain()
        yes, no = change["price_changes"]
        assert (yes["best_bid"], yes["best_ask"]) == ("0.4", empty)
        assert no["best_ask"] == "0.6"
        assert (quote["best_bid"], quote["best_ask"], quote["spread"]) == ("0.4", empty, spread)


def test_a_change_below_the_top_moves_no_best_price(peer: Any, us: Any, rain: Market) -> None:
    us.order(rain.tokens[0], "BUY", "0.40", "10")
    peer.subscribe(rain.tokens[0], custom_feature_enabled=True)

    us.order(rain.tokens[0], "BUY", "0.39", "10")

    assert types(peer.drain()) == ["price_change"]


def test_a_trade_is_told_by_print_change_and_books(
    peer: Any, us: Any, them: Any, rain: Market
) -> None:
    peer.subscribe(*rain.tokens)
    them.order(rain.tokens[0], "SELL", "0.60", "10")
    peer.drain()

    us.order(rain.tokens[0], "BUY", "0.60", "5")

    events = peer.drain()
    assert types(events) == ["last_trade_price", "price_change", "book", "book"]
    printed = events[0]
    told = printed["asset_id"], printed["side"], printed["price"], printed["size"]
    assert told == (rain.tokens[0], "BUY", "0.6", "5")
    assert printed["transaction_hash"].startswith("0x")
    assert [each["asset_id"] for each in events[2:]] == [*rain.tokens]
    assert "tick_size" not in events[2]


def test_books_after_trades_can_be_left_out(
    another: Callable[..., Any], us: Any, them: Any, rain: Market
) -> None:
    peer = another(book_after_trade=False)
    peer.subscribe(*rain.tokens)
    them.order(rain.tokens[0], "SELL", "0.60", "10")
    us.order(rain.tokens[0], "BUY", "0.60", "5")

    assert types(peer.drain()) == ["price_change", "last_trade_price", "price_change"]


def test_several_levels_come_in_frames_of_one_moment_or_together(
    peer: Any, another: Callable[..., Any], us: Any, them: Any, rain: Market
) -> None:
    together = another(levels_together=True)
    for each in (peer, together):
        each.subscribe(*rain.tokens)
    for price in ("0.60", "0.61", "0.62"):
        them.order(rain.tokens[0], "SELL", price, "10")
    for each in (peer, together):
        each.drain()

    us.order(rain.tokens[0], "BUY", "0.62", "30")

    apart = [each for each in peer.drain() if each["event_type"] == "price_change"]
    (one,) = (each for each in together.drain() if each["event_type"] == "price_change")
    assert len({each["timestamp"] for each in apart}) == 1
    changes = [change for each in apart for change in each["price_changes"]]
    assert one["price_changes"] == changes
    assert len(changes) == 6
    assert {(c["best_bid"], c["best_ask"]) for c in changes} == {("0", "1")}


def test_the_hash_of_a_change_is_the_books_or_another(
    make_house: Callable[..., House], trader: Callable[..., Any], rain: Market
) -> None:
    for of_order in (True, False):
        house = make_house(order_hash_in_changes=of_order)
        conversation = Streams(house).open_market()
        conversation.received(f'{{"type":"market","assets_ids":["{rain.tokens[0]}"]}}')
        conversation.next_frame()
        trader(house, 1).order(rain.tokens[0], "BUY", "0.40", "10")
        text = conversation.next_frame()
        assert text is not None
        digest = book(house.book(rain.tokens[0]), rain)["hash"]
        assert (digest in text) is not of_order


def test_a_tick_change_is_told_for_each_token(peer: Any, house: House, rain: Market) -> None:
    peer.subscribe(*rain.tokens)

    house.lifecycle.change_tick(RAIN, Price(1_000))

    events = peer.drain()
    assert types(events) == ["tick_size_change"] * 2
    assert [each["asset_id"] for each in events] == [*rain.tokens]
    assert (events[0]["old_tick_size"], events[0]["new_tick_size"]) == ("0.01", "0.001")


def test_new_and_resolved_markets_are_told_to_all_that_asked(
    peer: Any, another: Callable[..., Any], house: House, rain: Market
) -> None:
    plain, deaf = another(), another(resolved_told=False)
    peer.subscribe(custom_feature_enabled=True)
    deaf.subscribe(custom_feature_enabled=True)
    plain.subscribe()
    snow = replace(rain, id="903", condition="0x" + "33" * 32, tokens=("77", "78"), slug="snow")

    house.lifecycle.add_market(snow)
    house.lifecycle.resolve(RAIN, 1)
    house.lifecycle.resolve(FED, None)

    new, resolved, halves = peer.drain()
    assert (new["event_type"], new["condition_id"]) == ("new_market", snow.condition)
    assert new["clob_token_ids"] == ["77", "78"]
    assert (resolved["winning_asset_id"], resolved["winning_outcome"]) == (rain.tokens[1], "No")
    assert (halves["winning_asset_id"], halves["winning_outcome"]) == ("", "")
    assert types(deaf.drain()) == ["new_market"]
    assert plain.drain() == []


def test_frames_may_be_arrays_with_newlines_behind_empty_ones(
    another: Callable[..., Any], us: Any, rain: Market
) -> None:
    peer = another(newline=True, arrays=True, empty_arrays=True)
    peer.subscribe(rain.tokens[0])

    us.order(rain.tokens[0], "BUY", "0.40", "10")
    peer.drain()

    assert [text[0] + text[-1] for text in peer.texts] == ["[]", "[\n", "[]", "[\n"]
    assert [text == "[]" for text in peer.texts] == [True, False] * 2
    assert types(peer.seen) == ["book", "price_change"]


def test_hundreds_of_tokens_fit_on_one_connection(peer: Any, house: House, rain: Market) -> None:
    made = [str(10**70 + number) for number in range(500)]
    for number, yes in enumerate(made[::2]):
        tokens = (yes, made[2 * number + 1])
        condition = f"0x{number + 1:064x}"
        house.lifecycle.add_market(
            replace(rain, id=str(number), condition=condition, tokens=tokens)
        )

    assert len(peer.subscribe(*made)) == 500
    assert peer.update("subscribe", rain.tokens[0]) == []
