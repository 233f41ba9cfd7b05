"""When the exchange takes orders late, not at all, or lets go of them (§9.7, §9.8, §15.3)."""

from __future__ import annotations

from typing import Any

import pytest
from polymarket_desk import CONDITION, YES, Desk, refused

from venues import Clock
from venues.money import ONE, Price, micros
from venues.sides import Side
from venues.sim.polymarket.catalogue import Fee
from venues.sim.polymarket.notices import EngineRestarted
from venues.sim.polymarket.records import OrderType
from venues.sim.polymarket.refusal import Refusal

BUY = Side.BUY
RESTARTING = "the matching engine is restarting"
POST_ONLY = "post-only mode: only post-only orders and cancels are allowed"
CANCEL_ONLY = (
    "Trading is currently cancel-only. New orders are not accepted, but cancels are allowed."
)
DISABLED = "Trading is currently disabled. Check polymarket.com for updates"


def slow(clock: Clock, **market: Any) -> Desk:
    """Takers wait 250 ms; ann offers ten at 0.40."""
    desk = Desk(clock, market={"taker_delay_ms": 250} | market)
    desk.give("ann", "100")
    desk.sell("ann", "0.40", "10")
    return desk


async def test_a_restart_refuses_everything_then_all_but_post_only(clock: Clock) -> None:
    desk = Desk(clock)
    order = desk.place(BUY, "0.40", "10")
    desk.house.modes.restart()
    assert len(desk.kinds(EngineRestarted)) == 1
    with refused(RESTARTING, 425):
        desk.place(BUY, "0.40", "10")
    with refused(RESTARTING, 425):
        desk.house.orders.cancel(desk.key, (order.order_id,))
    await desk.pass_ms(90_000)
    with pytest.raises(Refusal) as caught:
        desk.place(BUY, "0.40", "10")
    told = caught.value
    assert (told.status, told.words, told.code) == (503, POST_ONLY, "post_only_mode")
    assert told.retry_after_s == 120
    assert desk.place(BUY, "0.40", "10", post_only=True).status == "live"
    assert desk.house.orders.cancel(desk.key, (order.order_id,)).canceled == (order.order_id,)
    await desk.pass_ms(120_000)
    assert desk.place(BUY, "0.40", "10").status == "live"


def test_orders_survive_a_restart_unless_they_are_wiped(clock: Clock) -> None:
    desk = Desk(clock)
    order = desk.place(BUY, "0.40", "10")
    desk.house.modes.restart()
    assert desk.status(order.order_id)[0] == "LIVE"
    desk.house.modes.restart(wipe=True)
    assert desk.status(order.order_id)[0] == "CANCELED"
    assert desk.house.book(YES).bids == ()


def test_cancel_only_takes_cancels_only(clock: Clock) -> None:
    desk = Desk(clock)
    order = desk.place(BUY, "0.40", "10")
    desk.house.modes.cancel_only()
    for post_only in (True, False):
        with refused(CANCEL_ONLY, 503):
            desk.place(BUY, "0.40", "10", post_only=post_only)
    assert desk.house.orders.cancel_all(desk.key).canceled == (order.order_id,)
    desk.house.modes.cancel_only(on=False)
    desk.place(BUY, "0.40", "10")


def test_a_disabled_exchange_takes_nothing(clock: Clock) -> None:
    desk = Desk(clock)
    desk.house.modes.disable()
    with refused(DISABLED, 503):
        desk.place(BUY, "0.40", "10")
    with refused(DISABLED, 503):
        desk.house.orders.cancel_all(desk.key)
    with refused(DISABLED, 503):
        desk.house.orders.place_batch(desk.key, [desk.signed(BUY, "0.40", "10")])


async def test_a_taker_waits_and_its_answer_with_it(clock: Clock) -> None:
    desk = slow(clock)
    placed = desk.place(BUY, "0.40", "10")
    assert (placed.status, placed.blocks_ms, placed.making) == ("delayed", 250, 0)
    await desk.pass_ms(249)
    assert desk.house.orders.outcome(placed.order_id).status == "delayed"
    await desk.pass_ms(1)
    done = desk.house.orders.outcome(placed.order_id)
    assert (done.status, done.making, done.taking) == ("matched", 4 * ONE, 10 * ONE)


def test_a_maker_does_not_wait(clock: Clock) -> None:
    assert slow(clock).place(BUY, "0.39", "10").status == "live"


def test_who_waits_has_locked_its_money_and_fee_and_cannot_leave(clock: Clock) -> None:
    desk = slow(clock, fee=Fee(rate=70_000))
    new = desk.signed(BUY, "0.50", "180", kind=OrderType.FAK)
    placed = desk.house.orders.place(desk.key, new)
    with refused("…sum of active orders: 90168000, order amount: 9840000"):
        desk.place(BUY, "0.24", "41")
    desk.place(BUY, "0.01", "983")
    with refused("order 0x… is invalid. Duplicated."):
        desk.house.orders.place(desk.key, new)
    refusal = desk.house.orders.cancel(desk.key, (placed.order_id,)).not_canceled
    assert refusal == {placed.order_id: "order is delayed and cannot be canceled"}


async def test_the_book_may_be_another_when_a_delay_ends(clock: Clock) -> None:
    desk = slow(clock)
    at_once = desk.place(BUY, "0.40", "10", kind=OrderType.FAK)
    resting = desk.place(BUY, "0.40", "10")
    desk.house.orders.withdraw(desk.house.view(desk.wallet["ann"]).orders()[0].id)
    await desk.pass_ms(250)
    with refused("no orders found to match with FAK order…"):
        desk.house.orders.outcome(at_once.order_id)
    assert desk.status(at_once.order_id) == ("CANCELED", "UNMATCHED")
    assert desk.house.orders.outcome(resting.order_id).status == "live"


async def test_the_purse_may_be_another_when_a_delay_ends(clock: Clock) -> None:
    desk = slow(clock)
    placed = desk.place(BUY, "0.40", "10")
    desk.house.wallets.take_away(desk.us, None, 97 * ONE)
    await desk.pass_ms(249)
    assert desk.status(placed.order_id)[0] == "DELAYED"
    await desk.pass_ms(1)
    with refused("not enough balance / allowance: …order amount: 4000000"):
        desk.house.orders.outcome(placed.order_id)


@pytest.mark.parametrize("what", ["tick", "pause", "ban", "restart"])
async def test_anything_may_be_another_when_a_delay_ends(clock: Clock, what: str) -> None:
    desk = slow(clock)
    placed = desk.place(BUY, "0.41", "10")
    match what:
        case "tick":
            desk.house.lifecycle.change_tick(CONDITION, Price(micros("0.1")))
        case "pause":
            desk.house.lifecycle.pause(CONDITION)
        case "ban":
            desk.house.wallets.ban(desk.us)
        case _:
            desk.house.modes.restart()
    await desk.pass_ms(250)
    with pytest.raises(Refusal):
        desk.house.orders.outcome(placed.order_id)
    assert desk.status(placed.order_id) == ("CANCELED", "UNMATCHED")


async def test_a_market_that_closes_in_a_delay_leaves_the_order_unmatched(clock: Clock) -> None:
    desk = slow(clock)
    placed = desk.place(BUY, "0.40", "10")
    desk.house.lifecycle.close(CONDITION)
    await desk.pass_ms(250)
    assert desk.house.orders.outcome(placed.order_id).status == "unmatched"


async def test_in_sports_takers_wait_seconds_once_the_game_is_on(clock: Clock) -> None:
    start_ms = clock.now_ms() + 60_000
    desk = slow(clock, taker_delay_ms=0, delay_s=3, game_start_ms=start_ms)
    assert desk.place(BUY, "0.40", "5").status == "matched"
    await desk.pass_ms(60_000)
    placed = desk.place(BUY, "0.40", "5")
    assert (placed.status, placed.blocks_ms) == ("delayed", 0)
    await desk.pass_ms(3_000)
    assert desk.status(placed.order_id)[0] == "MATCHED"


async def test_silence_after_a_heartbeat_cancels_everything_of_that_key(clock: Clock) -> None:
    desk = Desk(clock)
    order, other = desk.place(BUY, "0.40", "10"), desk.buy("ann", "0.30", "10")
    await desk.pass_ms(60_000)
    beat = desk.house.orders.heartbeat(desk.key, "")
    await desk.pass_ms(6_000)
    beat = desk.house.orders.heartbeat(desk.key, beat)
    await desk.pass_ms(9_999)
    assert desk.status(order.order_id)[0] == "LIVE"
    await desk.pass_ms(1)
    assert desk.status(order.order_id)[0] == "CANCELED"
    assert desk.status(other.order_id)[0] == "LIVE"


def test_a_wrong_heartbeat_is_told_the_right_one(clock: Clock) -> None:
    desk = Desk(clock)
    with pytest.raises(Refusal, match="Invalid Heartbeat ID") as caught:
        desk.house.orders.heartbeat(desk.key, "wrong")
    first = desk.house.orders.heartbeat(desk.key, caught.value.order_id)
    with pytest.raises(Refusal, match="Invalid Heartbeat ID") as caught:
        desk.house.orders.heartbeat(desk.key, "")
    assert caught.value.order_id == first


def test_a_key_is_made_once_for_a_nonce_and_found_again(clock: Clock) -> None:
    keys, owner = Desk(clock).house.keys, "0x" + "12" * 20
    made = keys.create(owner, 7)
    with refused("Could not create api key"):
        keys.create(owner, 7)
    assert keys.derive(owner, 7) == made == keys.find(made.key)
    keys.delete(made.key)
    with refused("Could not derive api key!"):
        keys.derive(owner, 7)
