"""Trades on their way to the chain, and what the indexer sees of it (§9.3, §17)."""

from __future__ import annotations

import pytest
from polymarket_desk import CONDITION, NO, YES, Desk, refused

from venues import Clock
from venues.money import ONE, Quantity
from venues.sides import Side
from venues.sim.polymarket.contracts import EXCHANGE
from venues.sim.polymarket.notices import TradeUpdated
from venues.sim.polymarket.records import ActivityKind, OrderType


def traded(desk: Desk, size: str = "10") -> str:
    """We buy at 0.40 from ann; the trade's id."""
    desk.give("ann", size)
    desk.sell("ann", "0.40", size)
    return desk.place(Side.BUY, "0.40", size).trade_ids[0]


def statuses(desk: Desk) -> list[str]:
    return [notice.trade.status.value for notice in desk.kinds(TradeUpdated)]


async def test_a_trade_is_matched_then_mined_then_confirmed(clock: Clock) -> None:
    desk = Desk(clock)
    traded(desk)
    await desk.pass_ms(399)
    assert (statuses(desk), desk.held("us")) == (["MATCHED"], 0)
    await desk.pass_ms(1)
    assert (statuses(desk), desk.held("us")) == (["MATCHED", "MINED"], 10 * ONE)
    await desk.pass_ms(500)
    assert statuses(desk) == ["MATCHED", "MINED", "CONFIRMED"]


async def test_a_trade_that_fails_moves_nothing_and_frees_everything(clock: Clock) -> None:
    desk = Desk(clock)
    desk.house.settlement.fail_next()
    traded(desk)
    traded(desk)
    await desk.pass_ms(1_000)
    assert statuses(desk) == ["MATCHED", "MATCHED", "FAILED", "MINED", "CONFIRMED"]
    assert (desk.cash("us"), desk.held("us")) == (96 * ONE, 10 * ONE)
    desk.sell("ann", "0.50", "10")
    desk.place(Side.BUY, "0.10", "960")


async def test_a_failed_trade_leaves_the_rest_of_its_orders_alone(clock: Clock) -> None:
    desk = Desk(clock)
    desk.house.settlement.fail_next()
    desk.give("ann", "10")
    sale = desk.sell("ann", "0.40", "10")
    desk.place(Side.BUY, "0.40", "6")
    await desk.pass_ms(1_000)
    found = desk.house.view(desk.wallet["ann"]).order(sale.order_id)
    assert found is not None
    assert (found.status.value, found.matched, found.original) == ("LIVE", 6 * ONE, 10 * ONE)
    assert desk.house.book(YES).asks == ((400_000, 4 * ONE),)


async def test_a_retry_holds_locks_and_ends_under_another_hash(clock: Clock) -> None:
    desk = Desk(clock)
    desk.house.settlement.retry_next()
    traded(desk)
    await desk.pass_ms(1_000)
    assert statuses(desk) == ["MATCHED", "RETRYING"]
    with refused("…sum of active orders: 4000000, order amount: 97000000"):
        desk.place(Side.BUY, "0.10", "970")
    await desk.pass_ms(30_000)
    assert statuses(desk) == ["MATCHED", "RETRYING", "MINED", "CONFIRMED"]
    hashes = [notice.trade.transaction_hash for notice in desk.kinds(TradeUpdated)]
    assert hashes[0] == hashes[1] != hashes[2] == hashes[3]


async def test_a_retry_may_fail_in_the_end(clock: Clock) -> None:
    desk = Desk(clock)
    desk.house.settlement.retry_next()
    desk.house.settlement.fail_next()
    traded(desk)
    await desk.pass_ms(31_000)
    assert statuses(desk) == ["MATCHED", "RETRYING", "FAILED"]


async def test_a_trade_can_be_taken_back_until_it_is_mined(clock: Clock) -> None:
    desk = Desk(clock)
    first = traded(desk)
    desk.house.settlement.fail(first)
    assert statuses(desk) == ["MATCHED", "FAILED"]
    second = traded(desk)
    await desk.pass_ms(1_000)
    desk.house.settlement.fail(second)
    assert statuses(desk)[2:] == ["MATCHED", "MINED", "CONFIRMED"]


@pytest.mark.parametrize("what", ["shares", "cash", "allowance", "approval"])
async def test_the_chain_refuses_a_trade_whose_money_or_shares_are_gone(
    clock: Clock, what: str
) -> None:
    desk = Desk(clock)
    traded(desk)
    wallets = desk.house.wallets
    match what:
        case "shares":
            wallets.take_away(desk.wallet["ann"], YES, ONE)
        case "cash":
            wallets.take_away(desk.us, None, 97 * ONE)
        case "allowance":
            wallets.set_allowance(desk.us, EXCHANGE, 3 * ONE)
        case _:
            wallets.set_allowance(desk.wallet["ann"], EXCHANGE, 0)
    await desk.pass_ms(1_000)
    assert statuses(desk) == ["MATCHED", "FAILED"]
    assert desk.held("us") == 0


async def test_every_trade_fails_where_the_odds_say_so(clock: Clock) -> None:
    desk = Desk(clock, fail=1_000_000)
    traded(desk)
    await desk.pass_ms(1_000)
    assert statuses(desk) == ["MATCHED", "FAILED"]


async def test_reads_trail_the_engine(clock: Clock) -> None:
    desk = Desk(clock, lag_ms=300)
    traded(desk)
    view = desk.house.view(desk.key)
    assert (view.trades(), view.orders()) == ((), ())
    await desk.pass_ms(300)
    (trade,) = desk.house.view(desk.key).trades()
    assert (trade.status.value, trade.size, trade.price) == ("MATCHED", 10 * ONE, 400_000)


async def test_both_sides_read_a_trade_by_any_of_its_names(clock: Clock) -> None:
    desk = Desk(clock)
    id = traded(desk)
    now_s = desk.house.now_ms // 1_000
    ours, anns = desk.house.view(desk.key), desk.house.view(desk.wallet["ann"])
    for view in (ours, anns):
        assert [each.id for each in view.trades()] == [id]
        assert [each.id for each in view.trades(CONDITION, YES, id, after_s=now_s - 1)] == [id]
        assert view.trades(token=NO) == view.trades(before_s=now_s) == ()
        assert [each.id for each in view.trades(maker=desk.wallet["ann"])] == [id]
    assert desk.house.view("nobody").trades() == ()


async def test_positions_have_a_cost_and_what_came_from_outside_has_none(clock: Clock) -> None:
    desk = Desk(clock)
    traded(desk)
    desk.give("us", "10", NO)
    assert desk.house.data.holdings(desk.us) == ()
    await desk.pass_ms(2_000)
    found = {each.token: (each.size, each.cost) for each in desk.house.data.holdings(desk.us)}
    assert found == {YES: (10 * ONE, 4 * ONE), NO: (10 * ONE, 0)}
    (line,) = desk.house.data.activity(desk.us)
    assert (line.kind, line.cash, line.side) == (ActivityKind.TRADE, 4 * ONE, Side.BUY)
    desk.house.wallets.take_away(desk.us, NO, 10 * ONE)
    desk.buy("bob", "0.50", "10")
    desk.place(Side.SELL, "0.50", "5", kind=OrderType.FAK)
    await desk.pass_ms(2_000)
    (held,) = desk.house.data.holdings(desk.us)
    assert (held.size, held.cost, held.bought) == (5 * ONE, 2 * ONE, 10 * ONE)


async def test_the_index_is_what_the_chain_says(clock: Clock) -> None:
    desk = Desk(clock)
    desk.house.chain.submit(desk.us, "split", market=CONDITION, quantity=Quantity(20 * ONE))
    await desk.pass_ms(2_000)
    desk.house.chain.submit(desk.us, "merge", market=CONDITION, quantity=Quantity(5 * ONE))
    await desk.pass_ms(3_000)
    found = {each.token: (each.size, each.cost) for each in desk.house.data.holdings(desk.us)}
    assert found == {YES: (15 * ONE, 7_500_000), NO: (15 * ONE, 7_500_000)}
    kinds = [each.kind for each in desk.house.data.activity(desk.us)]
    assert kinds == [ActivityKind.MERGE, ActivityKind.SPLIT]
    assert desk.house.data.trades(desk.us) == ()


async def test_what_is_over_is_forgotten_and_what_is_held_is_not(clock: Clock) -> None:
    desk = Desk(clock, kept_ms=60_000)
    traded(desk)
    done = desk.house.chain.submit(desk.us, "split", market=CONDITION, quantity=Quantity(ONE))
    await desk.pass_ms(30_000)
    assert len(desk.house.view(desk.key).trades()) == 1
    await desk.pass_ms(40_000)
    view, data = desk.house.view(desk.key), desk.house.data
    assert (view.trades(), view.orders(), data.activity(desk.us)) == ((), (), ())
    assert {each.token: each.size for each in data.holdings(desk.us)} == {YES: 11 * ONE, NO: ONE}
    with refused("transaction not found", 404):
        desk.house.chain.state(done)


async def test_what_no_account_can_read_is_forgotten_at_once(clock: Clock) -> None:
    desk = Desk(clock)
    desk.give("ann", "10")
    quote = desk.sell("ann", "0.40", "10")
    trade = desk.buy("bob", "0.40", "10").trade_ids[0]
    await desk.pass_ms(10_000)
    view = desk.house.view(desk.wallet["ann"])
    assert view.order(quote.order_id) is None
    assert view.trades(id=trade) == ()
    assert desk.house.data.holdings(desk.wallet["bob"])[0].size == 10 * ONE
