"""The simulated user channel: who is let in, and what takers and makers are told (§13)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pytest

from venues import Clock
from venues.money import ONE, Quantity
from venues.sim.polymarket.house import House
from venues.sim.polymarket.records import OrderType
from venues.sim.polymarket.stream_knobs import Times
from venues.sim.polymarket.streams import Streams

RAIN, FED, SLOW = (f"0x{digits * 32}" for digits in ("22", "11", "33"))
WRONG: Final[dict[str, dict[str, Any]]] = {
    "an unknown key": {"apiKey": "00000000-0000-4000-8000-00000000dead"},
    "a wrong secret": {"secret": "AAAA"},
    "a wrong passphrase": {"passphrase": "é"},
    "no secret": {"secret": None},
    "a number": {"apiKey": 7},
}


@pytest.fixture
def token(house: House) -> str:
    return house.catalogue.markets[RAIN].tokens[0]


@pytest.fixture
def mine(user: Callable[..., Any], us: Any) -> Any:
    peer = user()
    assert peer.log_in(us.key) == []
    return peer


@pytest.fixture
def theirs(user: Callable[..., Any], them: Any) -> Any:
    peer = user()
    peer.log_in(them.key)
    return peer


def words(events: list[Any]) -> list[tuple[str, str]]:
    return [(each["type"], each["status"]) for each in events]


@pytest.mark.parametrize("what", WRONG)
@pytest.mark.parametrize("told", [False, True])
def test_wrong_keys_end_the_connection_without_a_word(
    make_house: Callable[..., House], trader: Callable[..., Any], what: str, told: bool
) -> None:
    house = make_house(user_close_reason=told)
    key = trader(house, 1).key
    auth = {"apiKey": key.key, "secret": key.secret, "passphrase": key.passphrase} | WRONG[what]
    conversation = Streams(house).open_user()

    conversation.received(json.dumps({"type": "user", "auth": auth}))

    assert conversation.closed
    assert conversation.next_frame() is None
    farewell = conversation.farewell
    assert farewell is not None
    assert bool(farewell.reason) is told


@pytest.mark.parametrize("said", ["PING", "{", '{"auth":{}}', '{"type":"market","assets_ids":[]}'])
def test_anything_but_a_login_ends_the_connection(user: Callable[..., Any], said: str) -> None:
    peer = user()

    peer.say(said)

    assert peer.conversation.closed


def test_a_login_without_auth_is_refused(user: Callable[..., Any]) -> None:
    peer = user()

    peer.say({"type": "user"})

    assert peer.conversation.closed


def test_nothing_is_told_of_before(user: Callable[..., Any], us: Any, token: str) -> None:
    us.order(token, "BUY", "0.40", "10")

    assert user().log_in(us.key) == []


def test_an_order_is_placed_filled_and_canceled(
    mine: Any, us: Any, them: Any, token: str, clock: Clock
) -> None:
    placed = us.order(token, "BUY", "0.40", "25")
    them.order(token, "SELL", "0.40", "10")
    us.cancel(placed.order_id)

    orders = [each for each in mine.drain() if each["event_type"] == "order"]
    assert words(orders) == [
        ("PLACEMENT", "LIVE"),
        ("UPDATE", "LIVE"),
        ("CANCELLATION", "CANCELED"),
    ]
    assert [each["size_matched"] for each in orders] == ["0", "10", "10"]
    assert {each["id"] for each in orders} == {placed.order_id}
    assert {each["owner"] for each in orders} == {us.key.key}
    assert {each["created_at"] for each in orders} == {str(clock.now_ms() // 1_000)}
    assert {each["timestamp"] for each in orders} == {str(clock.now_ms())}
    assert orders[0]["associate_trades"] is None
    assert len(orders[1]["associate_trades"]) == 1


async def test_both_sides_of_a_trade_are_told_of_every_status(
    mine: Any, theirs: Any, us: Any, them: Any, token: str, clock: Clock
) -> None:
    maker = them.order(token, "SELL", "0.40", "25")
    taker = us.order(token, "BUY", "0.45", "10")
    await clock.sleep_ms(2_000)

    ours, others = (
        [each for each in peer.drain() if each["event_type"] == "trade"] for peer in (mine, theirs)
    )
    for events, side, reader in ((ours, "TAKER", us), (others, "MAKER", them)):
        assert [each["status"] for each in events] == ["MATCHED", "MINED", "CONFIRMED"]
        assert len({each["id"] for each in events}) == 1
        for each in events:
            assert (each["trader_side"], each["owner"]) == (side, reader.key.key)
            assert (each["trade_owner"], each["taker_order_id"]) == (us.key.key, taker.order_id)
            assert (each["side"], each["asset_id"]) == ("BUY", token)
            (part,) = each["maker_orders"]
            assert (part["order_id"], part["owner"]) == (maker.order_id, them.key.key)
            assert (part["side"], part["price"], part["matched_amount"]) == ("SELL", "0.4", "10")
    assert [int(each["last_update"]) for each in ours] == sorted(
        int(each["last_update"]) for each in ours
    )


async def test_a_minted_pair_tells_the_maker_of_the_takers_token(
    theirs: Any, us: Any, them: Any, token: str, house: House
) -> None:
    other = house.catalogue.markets[RAIN].tokens[1]
    them.order(other, "BUY", "0.60", "10")
    us.order(token, "BUY", "0.40", "10")

    trade = next(each for each in theirs.drain() if each["event_type"] == "trade")
    assert (trade["asset_id"], trade["price"], trade["side"]) == (token, "0.4", "BUY")
    (part,) = trade["maker_orders"]
    assert (part["asset_id"], part["price"], part["side"]) == (other, "0.6", "BUY")


async def test_a_failed_and_a_retried_trade_are_told(
    mine: Any, us: Any, them: Any, token: str, house: House, clock: Clock
) -> None:
    for ask in (house.settlement.fail_next, house.settlement.retry_next):
        ask()
        them.order(token, "SELL", "0.40", "10")
        us.order(token, "BUY", "0.40", "10")
        await clock.sleep_ms(60_000)

    statuses = [each["status"] for each in mine.drain() if each["event_type"] == "trade"]
    assert statuses == ["MATCHED", "FAILED", "MATCHED", "RETRYING", "MINED", "CONFIRMED"]


def test_the_unfilled_rest_of_an_order_is_killed_in_free_text(
    mine: Any, us: Any, them: Any, token: str
) -> None:
    them.order(token, "SELL", "0.40", "10")
    us.order(token, "BUY", "0.40", "25", OrderType.FAK)

    last = [each for each in mine.drain() if each["event_type"] == "order"][-1]
    assert last["type"] == "CANCELLATION"
    assert last["status"].startswith("CANCELED_order couldn't be fully filled")
    assert last["size_matched"] == "10"


async def test_an_order_that_was_killed_whole_leaves_fields_empty(
    mine: Any, us: Any, them: Any, house: House, clock: Clock
) -> None:
    rain = house.catalogue.markets[RAIN]
    house.lifecycle.add_market(
        replace(rain, id="903", condition=SLOW, tokens=("77", "78"), taker_delay_ms=250)
    )
    house.wallets.give(them.wallet, "77", Quantity(10 * ONE))
    sale = them.order("77", "SELL", "0.40", "10").order_id
    us.order("77", "BUY", "0.40", "10", OrderType.FOK)
    them.cancel(sale)
    await clock.sleep_ms(250)

    last = [each for each in mine.drain() if each["event_type"] == "order"][-1]
    assert (last["type"], last["order_type"]) == ("CANCELLATION", "FOK")
    assert [last[name] for name in ("size_matched", "created_at", "outcome")] == [""] * 3


def test_strangers_are_told_nothing(theirs: Any, us: Any, token: str) -> None:
    us.order(token, "BUY", "0.40", "10")

    assert theirs.drain() == []


def test_only_named_markets_are_told_until_others_are_named(
    user: Callable[..., Any], us: Any, house: House
) -> None:
    peer = user()
    peer.log_in(us.key, FED)
    told = []
    for said in (None, ("subscribe", [RAIN]), ("unsubscribe", [FED, RAIN])):
        if said:
            peer.say({"operation": said[0], "markets": said[1]})
        for market in house.catalogue.markets.values():
            us.order(market.tokens[0], "BUY", "0.40", "10")
        told.append({each["market"] for each in peer.drain()})

    assert told == [{FED}, {FED, RAIN}, set()]


def test_of_all_markets_none_can_be_taken_away(mine: Any, us: Any, token: str) -> None:
    mine.say({"operation": "unsubscribe", "markets": [RAIN]})

    us.order(token, "BUY", "0.40", "10")

    assert words(mine.drain()) == [("PLACEMENT", "LIVE")]


def test_nonsense_and_pings_are_answered(mine: Any) -> None:
    mine.say("PING")
    mine.say("{}")
    mine.say({"operation": "subscribe", "markets": [7]})

    assert mine.texts == ["PONG", "INVALID OPERATION", "INVALID OPERATION"]


@pytest.mark.parametrize(
    ("times", "digits"),
    [(Times.MIXED, (13, 10)), (Times.SECONDS, (10, 10)), (Times.RECORDED, (13, 13))],
)
def test_times_come_in_the_units_that_were_seen(
    user: Callable[..., Any], us: Any, token: str, times: Times, digits: tuple[int, int]
) -> None:
    peer = user(times=times)
    peer.log_in(us.key)

    us.order(token, "BUY", "0.40", "10")

    (event,) = peer.drain()
    assert (len(event["timestamp"]), len(event["created_at"])) == digits


def test_fields_of_a_trade_vary_as_seen(
    user: Callable[..., Any], us: Any, them: Any, token: str
) -> None:
    peer = user(match_time="matchtime", maker_sides=False)
    peer.log_in(us.key)
    them.order(token, "SELL", "0.40", "10")
    us.order(token, "BUY", "0.40", "10")

    trade = next(each for each in peer.drain() if each["event_type"] == "trade")
    assert "matchtime" in trade
    assert "match_time" not in trade
    assert "side" not in trade["maker_orders"][0]


def test_a_lowered_balance_and_a_resolution_cancel_with_their_words(
    mine: Any, us: Any, token: str, house: House
) -> None:
    us.order(token, "BUY", "0.40", "10")
    house.wallets.take_away(us.wallet, None, house.wallets.cash(us.wallet))
    house.advance()
    us.order(token, "SELL", "0.60", "10")
    house.lifecycle.resolve(RAIN, 0)

    ended = [each["status"] for each in mine.drain() if each["type"] == "CANCELLATION"]
    assert ended == ["CANCELED_NOT_ENOUGH_BALANCE", "CANCELED_MARKET_RESOLVED"]
