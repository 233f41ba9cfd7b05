"""Whose money and shares: fees, the three kinds of matches, locks and balances."""

from __future__ import annotations

from typing import Any

import pytest
from polymarket_desk import CONDITION, NO, YES, Desk, refused

from venues import Clock
from venues.money import ONE, Cash, Price, Quantity, micros
from venues.sides import Side
from venues.sim.polymarket.catalogue import Fee
from venues.sim.polymarket.contracts import EXCHANGE
from venues.sim.polymarket.fees import maker_fee, taker_fee
from venues.sim.polymarket.records import OrderType

FAK = OrderType.FAK
LACKING = "not enough balance / allowance: the balance is not enough -> balance: "
FEES = (
    ("100", "0.50", 70_000, "1.75"),
    ("100", "0.10", 70_000, "0.63"),
    ("100", "0.99", 70_000, "0.0693"),
    ("17.8571", "0.56", 70_000, "0.308"),
    ("100", "0.50", 50_000, "1.25"),
    ("100", "0.30", 40_000, "0.84"),
    ("10", "0.95", 70_000, "0.03325"),
    ("1", "0.01", 40_000, "0.0004"),
    ("0.02", "0.01", 40_000, "0.00001"),
    ("5", "0.001", 50_000, "0.00025"),
    ("33.33", "0.333", 50_000, "0.37015"),
    ("100", "0.50", 0, "0"),
)


@pytest.mark.parametrize(("shares", "price", "rate", "fee"), FEES)
def test_takers_pay_the_fees_of_the_facts(shares: str, price: str, rate: int, fee: str) -> None:
    at, size = Price(micros(price)), Quantity(micros(shares))
    assert taker_fee(Fee(rate=rate), at, size) == micros(fee)
    assert taker_fee(Fee(rate=rate), Price(ONE - at), size) == micros(fee)
    assert maker_fee(Fee(rate=rate), at, size) == 0
    assert taker_fee(None, at, size) == 0


def test_an_exponent_bends_the_fee() -> None:
    """The vector of early 2026."""
    fee = Fee(rate=250_000, exponent=2)
    assert taker_fee(fee, Price(500_000), Quantity(100 * ONE)) == micros("1.5625")
    assert taker_fee(fee, Price(100_000), Quantity(100 * ONE)) == micros("0.2025")


async def test_a_buyer_pays_a_seller(clock: Clock) -> None:
    desk = Desk(clock)
    desk.give("ann", "10")
    desk.sell("ann", "0.40", "10")
    desk.buy("bob", "0.45", "10")
    await desk.pass_ms(1_000)
    assert (desk.cash("ann"), desk.cash("bob")) == (104 * ONE, 96 * ONE)
    assert (desk.held("ann"), desk.held("bob")) == (0, 10 * ONE)
    assert desk.house.wallets.pool[CONDITION] == 10 * ONE


async def test_two_buyers_make_new_pairs(clock: Clock) -> None:
    desk = Desk(clock)
    desk.buy("ann", "0.40", "10")
    desk.buy("bob", "0.65", "10", NO)
    await desk.pass_ms(1_000)
    assert (desk.cash("ann"), desk.cash("bob")) == (96 * ONE, 94 * ONE)
    assert (desk.held("ann", YES), desk.held("bob", NO)) == (10 * ONE, 10 * ONE)
    assert desk.house.wallets.pool[CONDITION] == 10 * ONE


async def test_two_sellers_burn_pairs(clock: Clock) -> None:
    desk = Desk(clock)
    desk.give("ann", "10", YES)
    desk.give("bob", "10", NO)
    desk.sell("ann", "0.40", "10")
    desk.sell("bob", "0.55", "10", NO)
    await desk.pass_ms(1_000)
    assert (desk.cash("ann"), desk.cash("bob")) == (104 * ONE, 106 * ONE)
    assert (desk.held("ann", YES), desk.held("bob", NO)) == (0, 0)
    assert desk.house.wallets.pool[CONDITION] == 10 * ONE  # that of the halves given away


async def test_one_taker_may_meet_makers_of_both_tokens(clock: Clock) -> None:
    desk = Desk(clock)
    desk.give("ann", "10")
    desk.sell("ann", "0.40", "10")
    desk.buy("cat", "0.59", "10", NO)
    placed = desk.buy("bob", "0.41", "20")
    await desk.pass_ms(1_000)
    assert placed.making == micros("8.1")
    assert [desk.cash(who) for who in ("ann", "bob", "cat")] == [
        micros("104"),
        micros("91.9"),
        micros("94.1"),
    ]


async def test_the_taker_bears_the_rounding_and_no_maker_pays_more_than_it_locked(
    clock: Clock,
) -> None:
    desk = Desk(clock, market={"tick": Price(micros("0.001"))})
    desk.buy("ann", "0.333", "10", NO)
    before = desk.cash("ann")
    for _ in range(3):
        desk.place(
            Side.BUY, "0", "0.0001", maker_amount=2_000_000, taker_amount=2_998_500, kind=FAK
        )
    await desk.pass_ms(1_000)
    taken = desk.held("us")
    assert taken == desk.held("ann", NO)
    assert desk.cash("us") == 100 * ONE - 6 * ONE
    assert before - desk.cash("ann") == taken - 6 * ONE
    assert before - desk.cash("ann") <= 333_000 * taken // ONE


async def test_the_answer_to_an_order_tells_what_it_then_costs_or_brings(clock: Clock) -> None:
    for side in (Side.BUY, Side.SELL):
        desk = Desk(clock, market={"tick": Price(micros("0.001"))})
        desk.give("us", "10")
        desk.give("ann", "10", NO)
        (desk.buy if side is Side.BUY else desk.sell)("ann", "0.333", "10", NO)
        more: dict[str, Any] = {"maker_amount": 2_000_000, "taker_amount": 2_998_500}
        placed = desk.place(side, "0.667", "5.01", kind=FAK, **(more if side is Side.BUY else {}))
        await desk.pass_ms(1_000)
        moved = abs(100 * ONE - desk.cash("us"))
        assert moved == (placed.making if side is Side.BUY else placed.taking)


async def test_fees_are_on_top_of_a_purchase_and_off_a_sale(clock: Clock) -> None:
    desk = Desk(clock, market={"fee": Fee(rate=70_000)})
    desk.give("ann", "100")
    desk.sell("ann", "0.50", "100")
    desk.buy("bob", "0.50", "100")
    desk.buy("cat", "0.50", "100")
    await desk.pass_ms(1_000)
    desk.sell("bob", "0.50", "100")
    await desk.pass_ms(1_000)
    assert (desk.cash("ann"), desk.cash("cat")) == (150 * ONE, 50 * ONE)
    assert desk.cash("bob") == 100 * ONE - 2 * micros("1.75")
    assert desk.house.wallets.fees == 2 * micros("1.75")


def test_a_takers_fee_must_be_there(clock: Clock) -> None:
    desk = Desk(clock, market={"fee": Fee(rate=70_000)})
    desk.give("ann", "200")
    desk.sell("ann", "0.50", "200")
    with refused(f"{LACKING}100000000, order amount: 103500000"):
        desk.buy("bob", "0.50", "200")
    desk.buy("bob", "0.49", "200")  # a maker pays none


def test_what_rests_is_locked(clock: Clock) -> None:
    desk = Desk(clock)
    desk.buy("ann", "0.50", "100")
    with refused(f"{LACKING}100000000, sum of active orders: 50000000, order amount: 50500000"):
        desk.buy("ann", "0.50", "101", NO)
    desk.buy("ann", "0.50", "99", NO)
    desk.give("bob", "10")
    desk.sell("bob", "0.60", "6")
    with refused(f"{LACKING}10000000, sum of active orders: 6000000, order amount: 5000000"):
        desk.sell("bob", "0.60", "5")


async def test_an_order_that_took_part_and_rests_is_locked_once(clock: Clock) -> None:
    desk = Desk(clock)
    desk.give("ann", "100")
    desk.sell("ann", "0.40", "100")
    placed = desk.buy("bob", "0.40", "150")
    assert desk.status(placed.order_id) == ("LIVE", "")
    with refused(f"{LACKING}100000000, sum of active orders: 60000000, order amount: 40100000"):
        desk.buy("bob", "0.10", "401")
    await desk.pass_ms(1_000)
    with refused(f"{LACKING}60000000, sum of active orders: 20000000, order amount: 40100000"):
        desk.buy("bob", "0.10", "401")
    desk.buy("bob", "0.10", "400")


async def test_a_trade_on_its_way_locks_its_fee_too(clock: Clock) -> None:
    desk = Desk(clock, market={"fee": Fee(rate=70_000)})
    desk.give("ann", "100")
    desk.sell("ann", "0.50", "100")
    desk.buy("bob", "0.50", "100")
    with refused(f"{LACKING}100000000, sum of active orders: 51750000, order amount: 48300000"):
        desk.buy("bob", "0.10", "483")
    desk.buy("bob", "0.10", "482.5")


async def test_shares_on_their_way_can_neither_be_sold_twice_nor_before_they_come(
    clock: Clock,
) -> None:
    desk = Desk(clock)
    desk.give("ann", "10")
    desk.sell("ann", "0.40", "10")
    desk.buy("bob", "0.40", "10")
    for who, told in (("ann", "10000000, sum of active orders: 10000000"), ("bob", "0")):
        with refused(f"{LACKING}{told}, order amount: 10000000"):
            desk.sell(who, "0.50", "10")
    await desk.pass_ms(400)
    desk.sell("bob", "0.50", "10")


def test_an_allowance_must_be_there_too(clock: Clock) -> None:
    desk = Desk(clock)
    desk.house.wallets.set_allowance(desk.wallet["ann"], EXCHANGE, 3_000_000)
    words = "not enough balance / allowance: the allowance is not enough -> spender: "
    with refused(f"{words}{EXCHANGE}, allowance: 3000000, order amount: 4000000"):
        desk.buy("ann", "0.40", "10")
    desk.buy("ann", "0.30", "10")


async def test_an_allowance_is_used_up(clock: Clock) -> None:
    desk = Desk(clock)
    desk.give("bob", "20")
    wallets, ann = desk.house.wallets, desk.wallet["ann"]
    wallets.set_allowance(ann, EXCHANGE, 5_000_000)
    first, second = desk.buy("ann", "0.40", "10"), desk.buy("ann", "0.30", "10")
    desk.sell("bob", "0.40", "10")
    await desk.pass_ms(1_000)
    assert wallets.allowances(ann, None)[EXCHANGE] == 1_000_000
    assert desk.status(first.order_id)[0] == "MATCHED"
    assert desk.status(second.order_id) == ("CANCELED", "CANCELED_NOT_ENOUGH_BALANCE")


async def test_what_is_not_funded_any_more_goes_the_newest_first(clock: Clock) -> None:
    desk = Desk(clock)
    old, new = desk.buy("ann", "0.40", "100"), desk.buy("ann", "0.50", "100")
    desk.house.wallets.take_away(desk.wallet["ann"], None, 20 * ONE)
    await desk.pass_ms(1)
    assert desk.status(old.order_id) == ("LIVE", "")
    assert desk.status(new.order_id) == ("CANCELED", "CANCELED_NOT_ENOUGH_BALANCE")


async def test_shares_that_left_cancel_sales_and_no_purchase(clock: Clock) -> None:
    desk = Desk(clock)
    desk.give("ann", "10")
    buy, sale = desk.buy("ann", "0.40", "100"), desk.sell("ann", "0.50", "10")
    desk.house.wallets.take_away(desk.wallet["ann"], YES, 5 * ONE)
    await desk.pass_ms(1)
    assert desk.status(buy.order_id)[0] == "LIVE"
    assert desk.status(sale.order_id)[0] == "CANCELED"


def test_an_allowance_that_is_taken_back_cancels_what_needs_it(clock: Clock) -> None:
    desk = Desk(clock)
    desk.give("ann", "10")
    buy, sale = desk.buy("ann", "0.40", "100"), desk.sell("ann", "0.50", "10")
    desk.house.wallets.set_allowance(desk.wallet["ann"], EXCHANGE, 0)
    for order in (buy, sale):
        assert desk.status(order.order_id) == ("CANCELED", "CANCELED_NOT_ENOUGH_BALANCE")


async def test_the_exchange_believes_an_old_view_until_it_is_told_to_look(clock: Clock) -> None:
    desk = Desk(clock, cache_ms=60_000)
    wallets, ann = desk.house.wallets, desk.wallet["ann"]
    assert wallets.seen(ann, None) == 100 * ONE
    wallets.deposit(ann, Cash(50 * ONE))
    with refused(f"{LACKING}100000000, order amount: 120000000"):
        desk.buy("ann", "0.60", "200")
    wallets.refresh(ann)
    order = desk.buy("ann", "0.60", "200")
    wallets.take_away(ann, None, 40 * ONE)
    await desk.pass_ms(59_000)
    assert desk.status(order.order_id)[0] == "LIVE"
    await desk.pass_ms(1_000)
    assert desk.status(order.order_id)[0] == "CANCELED"
    with pytest.raises(ValueError, match="less than"):
        wallets.take_away(ann, None, 200 * ONE)
