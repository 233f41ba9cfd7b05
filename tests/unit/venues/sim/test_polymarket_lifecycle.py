"""How markets, resting orders and pairs of shares come to their end (§4.5 - §4.7, §8.6, §11)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from polymarket_desk import CONDITION, NO, YES, Desk, refused

from venues import Clock
from venues.money import ONE, Price, Quantity, micros
from venues.sim.polymarket.notices import MarketResolved
from venues.sim.polymarket.records import ActivityKind, OrderType

OTHERS = ("0x" + "33" * 32, "0x" + "44" * 32)


def split(desk: Desk, who: str, size: str) -> str:
    return submitted(desk, who, "split", size)


def submitted(desk: Desk, who: str, what: str, size: str = "0", **more: Any) -> str:
    return desk.house.chain.submit(
        desk.wallet[who], what, market=CONDITION, quantity=Quantity(micros(size)), **more
    )


async def test_a_good_til_date_order_dies_a_minute_before_its_date(clock: Clock) -> None:
    desk = Desk(clock)
    ends_s = desk.house.now_ms // 1_000 + 200
    order = desk.buy("ann", "0.40", "10", kind=OrderType.GTD, expires_s=ends_s)
    await desk.pass_ms(139_999)
    assert desk.status(order.order_id)[0] == "LIVE"
    await desk.pass_ms(1)
    assert desk.status(order.order_id) == ("CANCELED", "CANCELED_EXPIRED_ORDER")
    with refused("invalid expiration"):
        desk.buy("ann", "0.40", "10", kind=OrderType.GTD, expires_s=ends_s)


async def test_a_market_is_listed_before_the_exchange_knows_it(clock: Clock) -> None:
    desk = Desk(clock, listing_lag_ms=60_000)
    for _ in range(2):
        with refused("No orderbook exists for the requested token id", 404):
            desk.house.book(YES)
    await desk.pass_ms(60_000)
    assert desk.house.book(YES).bids == ()


async def test_a_market_that_ended_before_it_was_known_stays_ended(clock: Clock) -> None:
    desk = Desk(clock, listing_lag_ms=60_000)
    desk.house.lifecycle.resolve(CONDITION, 0)
    await desk.pass_ms(60_000)
    assert desk.market.phase.value == "resolved"


def test_a_finer_tick_leaves_what_rests_and_takes_finer_prices(clock: Clock) -> None:
    desk = Desk(clock)
    order = desk.buy("ann", "0.97", "10")
    desk.house.lifecycle.change_tick(CONDITION, Price(1_000))
    desk.buy("bob", "0.971", "10")
    assert desk.status(order.order_id)[0] == "LIVE"
    desk.house.lifecycle.change_minimum(CONDITION, Quantity(20 * ONE))
    with refused("order 0x… lower than the minimum: 20"):
        desk.buy("bob", "0.5", "10")


async def test_a_book_is_cleared_when_the_game_starts_and_only_then(clock: Clock) -> None:
    start_ms = clock.now_ms() + 60_000
    desk = Desk(clock, market={"game_start_ms": start_ms, "cleared_at_start": True})
    first = desk.buy("ann", "0.40", "10")
    desk.house.lifecycle.start_game(CONDITION)
    assert desk.status(first.order_id)[0] == "CANCELED"
    second = desk.buy("ann", "0.40", "10")
    await desk.pass_ms(60_000)
    assert desk.status(second.order_id)[0] == "LIVE"


async def test_a_book_is_cleared_at_the_planned_start(clock: Clock) -> None:
    start_ms = clock.now_ms() + 60_000
    desk = Desk(clock, market={"game_start_ms": start_ms, "cleared_at_start": True})
    order = desk.buy("ann", "0.40", "10")
    await desk.pass_ms(59_999)
    assert desk.status(order.order_id)[0] == "LIVE"
    await desk.pass_ms(1)
    assert desk.status(order.order_id)[0] == "CANCELED"


async def test_winners_are_paid_by_themselves_and_what_rests_ends(clock: Clock) -> None:
    desk = Desk(clock)
    desk.give("ann", "10")
    desk.give("bob", "7", NO)
    order = desk.buy("cat", "0.40", "10")
    desk.house.lifecycle.resolve(CONDITION, 0)
    assert desk.status(order.order_id)[0] == "CANCELED_MARKET_RESOLVED"
    assert [notice.winner for notice in desk.kinds(MarketResolved)] == [0]
    await desk.pass_ms(4_999)
    assert desk.cash("ann") == 100 * ONE
    await desk.pass_ms(1)
    assert (desk.cash("ann"), desk.held("ann")) == (110 * ONE, 0)
    assert (desk.cash("bob"), desk.held("bob", NO)) == (100 * ONE, 7 * ONE)
    assert desk.house.wallets.pool[CONDITION] == 0
    with pytest.raises(ValueError, match="resolved"):
        desk.house.lifecycle.resolve(CONDITION, 1)


async def test_fifty_fifty_pays_half_and_loses_no_micro(clock: Clock) -> None:
    desk = Desk(clock)
    desk.give("ann", "10.000001")
    desk.give("ann", "0.000001", NO)
    desk.give("bob", "4", NO)
    desk.house.lifecycle.resolve(CONDITION, None)
    await desk.pass_ms(5_000)
    assert (desk.cash("ann"), desk.cash("bob")) == (105 * ONE, 102 * ONE)


async def test_who_did_not_approve_redeems_by_hand(clock: Clock) -> None:
    desk = Desk(clock)
    desk.give("ann", "10")
    desk.house.wallets.purse(desk.wallet["ann"]).auto_redeem = False
    early = submitted(desk, "ann", "redeem")
    await desk.pass_ms(2_000)
    assert desk.house.chain.state(early)[0] == "STATE_FAILED"
    desk.house.lifecycle.resolve(CONDITION, 0)
    await desk.pass_ms(60_000)
    assert desk.cash("ann") == 100 * ONE
    id = submitted(desk, "ann", "redeem")
    await desk.pass_ms(2_000)
    assert desk.cash("ann") == 110 * ONE
    await desk.pass_ms(2_000)
    (line,) = desk.house.data.activity(desk.wallet["ann"])
    assert (line.kind, line.size, line.cash) == (ActivityKind.REDEEM, 10 * ONE, 10 * ONE)
    assert desk.house.chain.state(id) == ("STATE_CONFIRMED", line.transaction_hash)


async def test_shares_that_come_after_the_resolution_are_paid_too(clock: Clock) -> None:
    desk = Desk(clock)
    desk.buy("ann", "0.40", "10")
    desk.house.settlement.retry_next()
    desk.buy("bob", "0.60", "10", NO)
    desk.house.lifecycle.resolve(CONDITION, 1)
    await desk.pass_ms(30_400)
    assert (desk.held("ann"), desk.held("bob", NO)) == (10 * ONE, 10 * ONE)
    await desk.pass_ms(5_000)
    assert (desk.cash("ann"), desk.cash("bob")) == (96 * ONE, 104 * ONE)


async def test_a_sale_under_way_fails_if_its_shares_were_redeemed(clock: Clock) -> None:
    desk = Desk(clock)
    desk.give("ann", "10")
    desk.house.settlement.retry_next()
    desk.sell("ann", "0.40", "10")
    desk.buy("bob", "0.40", "10")
    desk.house.lifecycle.resolve(CONDITION, 0)
    await desk.pass_ms(40_000)
    assert (desk.cash("ann"), desk.cash("bob")) == (110 * ONE, 100 * ONE)


def test_a_market_pauses_and_resumes_and_ends_once(clock: Clock) -> None:
    desk = Desk(clock)
    life = desk.house.lifecycle
    order = desk.buy("ann", "0.40", "10")
    life.pause(CONDITION)
    assert desk.status(order.order_id)[0] == "LIVE"
    life.resume(CONDITION)
    life.close(CONDITION)
    assert desk.status(order.order_id)[0] == "CANCELED"
    for wrong in (life.pause, life.resume):
        with pytest.raises(ValueError, match="closed"):
            wrong(CONDITION)
    with pytest.raises(ValueError, match="two outcomes"):
        life.resolve(CONDITION, 2)
    life.propose(CONDITION)
    life.dispute(CONDITION)
    assert desk.market.uma_status == "disputed"


async def test_a_split_makes_a_pair_and_a_merge_takes_it_back(clock: Clock) -> None:
    desk = Desk(clock)
    id = split(desk, "ann", "30")
    assert (desk.cash("ann"), desk.house.chain.state(id)) == (100 * ONE, ("STATE_NEW", ""))
    await desk.pass_ms(2_000)
    held = (desk.held("ann", YES), desk.held("ann", NO))
    assert (desk.cash("ann"), held) == (70 * ONE, (30 * ONE, 30 * ONE))
    submitted(desk, "ann", "merge", "10")
    await desk.pass_ms(2_000)
    held = (desk.held("ann", YES), desk.held("ann", NO))
    assert (desk.cash("ann"), held) == (80 * ONE, (20 * ONE, 20 * ONE))


async def test_a_wallet_does_one_thing_at_a_time(clock: Clock) -> None:
    desk = Desk(clock)
    split(desk, "ann", "1")
    with refused("wallet busy: a transaction is pending"):
        split(desk, "ann", "1")
    split(desk, "bob", "1")
    await desk.pass_ms(2_000)
    split(desk, "ann", "1")


@pytest.mark.parametrize(("what", "size"), [("split", "100.01"), ("merge", "5"), ("convert", "1")])
async def test_what_the_chain_will_not_do_fails_and_moves_nothing(
    clock: Clock, what: str, size: str
) -> None:
    desk = Desk(clock)
    desk.give("ann", "5")
    id = submitted(desk, "ann", what, size)
    await desk.pass_ms(2_000)
    assert desk.house.chain.state(id)[0] == "STATE_FAILED"
    assert (desk.cash("ann"), desk.held("ann"), desk.held("ann", NO)) == (100 * ONE, 5 * ONE, 0)


async def test_a_transaction_can_be_made_to_fail(clock: Clock) -> None:
    desk = Desk(clock)
    desk.house.chain.fail_next()
    first = split(desk, "ann", "1")
    await desk.pass_ms(2_000)
    second = split(desk, "ann", "1")
    await desk.pass_ms(2_000)
    states = [desk.house.chain.state(id)[0] for id in (first, second)]
    assert states == ["STATE_FAILED", "STATE_CONFIRMED"]


def test_nonsense_is_not_submitted(clock: Clock) -> None:
    desk = Desk(clock)
    for what, words in (("burn", "unknown operation burn"), ("split", "nothing to split")):
        with refused(words):
            submitted(desk, "ann", what)
    with refused("nothing to merge"):
        submitted(desk, "ann", "merge", "-1")
    with refused("transaction not found", 404):
        desk.house.chain.state("no")


async def test_money_that_is_split_is_missing_from_resting_orders(clock: Clock) -> None:
    desk = Desk(clock)
    order = desk.buy("ann", "0.80", "100")
    split(desk, "ann", "30")
    await desk.pass_ms(2_000)
    assert desk.status(order.order_id) == ("CANCELED", "CANCELED_NOT_ENOUGH_BALANCE")


def family(desk: Desk, *, bips: int = 0) -> None:
    """Two more legs."""
    catalogue, life = desk.house.catalogue, desk.house.lifecycle
    life.add_event(replace(catalogue.events["1"], neg_risk_fee_bips=bips))
    for number, condition in enumerate(OTHERS, 2):
        tokens = (f"{number}1", f"{number}2")
        life.add_market(
            replace(desk.market, id=str(number), condition=condition, tokens=tokens, slug=condition)
        )


@pytest.mark.parametrize(("bips", "got"), [(0, 10 * ONE), (100, micros("9.9"))])
async def test_two_noes_become_a_yes_of_the_rest_and_a_dollar(
    clock: Clock, bips: int, got: int
) -> None:
    desk = Desk(clock)
    family(desk, bips=bips)
    for token in (NO, "22"):
        desk.give("ann", "10", token)
    submitted(desk, "ann", "convert", "10", more=OTHERS[:1])
    await desk.pass_ms(2_000)
    assert (desk.held("ann", NO), desk.held("ann", "22")) == (0, 0)
    assert (desk.held("ann", "31"), desk.cash("ann")) == (got, 100 * ONE + got)
    for condition in (CONDITION, OTHERS[0]):
        desk.house.lifecycle.resolve(condition, 1)
    desk.house.lifecycle.resolve(OTHERS[1], 0)
    await desk.pass_ms(5_000)
    assert desk.cash("ann") == 100 * ONE + 2 * got
    assert desk.house.wallets.pool.total() == 0
