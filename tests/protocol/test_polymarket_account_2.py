"""What Polymarket says of our orders, and of those that are not from here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from polymarket_stage import BASE, DOLLARS, PolymarketStage
from polymarket_tickets import buy

from venues import (
    ONE,
    Clock,
    OrderState,
    Outcome,
    Quantity,
    Refused,
    Side,
    WireError,
)
from venues.polymarket.eligibility import eligibility
from venues.polymarket.normalize_trades import Us
from venues.sim.polymarket.knobs import SelfTrade


@pytest.fixture
async def stage(clock: Clock) -> AsyncIterator[PolymarketStage]:
    async with PolymarketStage(clock, BASE).open() as stage:
        yield stage


async def available(stage: PolymarketStage) -> int:
    return (await stage.account.balances())[0].available


async def test_an_order_placed_elsewhere_is_open_and_locks_cash_without_an_id_of_ours(
    stage: PolymarketStage,
) -> None:
    order = await stage.trading.place(buy(stage, "0.40", "10", outcome=Outcome.NO))
    stage.account.known.__init__()  # type: ignore[misc]
    (found,) = await stage.account.open_orders()
    assert (found.client_id, found.order_id) == ("", order.order_id)
    assert (found.contract, found.side, found.limit) == (order.contract, order.side, order.limit)
    assert (found.quantity, found.filled) == (order.quantity, 0)
    assert await available(stage) == DOLLARS - 4 * ONE
    ended = await stage.trading.cancel(found)
    assert ended.state is OrderState.CANCELED


async def test_an_open_order_whose_side_nobody_documents_is_left_out_and_told(
    stage: PolymarketStage,
) -> None:
    await stage.trading.place(buy(stage, "0.40", "10"))
    stage.account.known.__init__()  # type: ignore[misc]

    def broken(said: Any) -> Any:
        said["data"][0]["side"] = "LONG"
        return said

    stage.wire.change("GET", "/data/orders", broken)
    assert await stage.account.open_orders() == ()
    assert stage.account.faults


async def test_a_fill_of_an_order_placed_elsewhere_is_ours_by_the_wallet_that_paid(
    stage: PolymarketStage,
) -> None:
    """Another key of the same wallet: a person at the venue's own page."""
    await stage.trading.place(buy(stage, "0.40", "10"))
    stage.take(Side.SELL, "0.40", "10")
    stage.account.known.__init__()  # type: ignore[misc]
    stage.account.us = Us("another key", stage.wallet.maker)
    (fill,) = await stage.account.fills(since_ms=0)
    assert (fill.client_id, fill.side, fill.quantity, fill.maker) == ("", Side.BUY, 10 * ONE, True)


async def test_a_trade_without_a_part_of_ours_is_left_out_and_told(stage: PolymarketStage) -> None:
    await stage.trading.place(buy(stage, "0.40", "10"))
    stage.take(Side.SELL, "0.40", "10")
    stage.account.known.__init__()  # type: ignore[misc]
    stage.account.us = Us("another key", "0x" + "9" * 40)
    assert await stage.account.fills(since_ms=0) == ()
    assert any("no part of ours" in each for each in stage.account.faults)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "0x" + "1" * 64},
        {"side": "SELL"},
        {"side": "BOTH"},
        {"status": "FROZEN"},
        {"size_matched": "-1"},
        {"size_matched": "1e3"},
        {"size_matched": None},
    ],
    ids=str,
)
async def test_a_row_that_is_not_our_order_is_an_error(
    stage: PolymarketStage, change: dict[str, Any]
) -> None:
    order = await stage.trading.place(buy(stage, "0.40", "10"))
    stage.wire.change("GET", f"/data/order/{order.order_id}", lambda said: said | change)
    with pytest.raises(WireError):
        await stage.account.order(order.client_id, order.contract, since_ms=0)


async def test_money_that_does_not_add_up_is_left_untold(stage: PolymarketStage) -> None:
    """The order is ahead of its trades: an average and a fee of a part would be too small."""
    order = await stage.trading.place(buy(stage, "0.40", "10"))
    stage.take(Side.SELL, "0.40", "4")
    part = await stage.account.order(order.client_id, order.contract, since_ms=0)
    assert part is not None
    assert (part.average_price, part.fee) == (400_000, 0)
    stage.take(Side.SELL, "0.40", "6")
    for _ in range(2):
        stage.wire.say("GET", "/data/trades", {"data": [], "next_cursor": "LTE="})
    full = await stage.account.order(order.client_id, order.contract, since_ms=0)
    assert full is not None
    assert (full.state, full.filled) == (OrderState.FILLED, 10 * ONE)
    assert (full.average_price, full.fee) == (None, None)


async def test_a_read_that_is_refused_is_no_absence(stage: PolymarketStage) -> None:
    order = await stage.trading.place(buy(stage, "0.40", "10"))
    stage.wire.say("GET", f"/data/order/{order.order_id}", {"error": "no"}, 400)
    with pytest.raises(Refused):
        await stage.account.order(order.client_id, order.contract, since_ms=0)


async def test_an_id_of_another_contract_is_our_own_mistake(stage: PolymarketStage) -> None:
    order = await stage.trading.place(buy(stage, "0.40", "10"))
    wrong = replace(order.contract, outcome=Outcome.NO)
    with pytest.raises(ValueError, match="is of"):
        await stage.account.order(order.client_id, wrong, since_ms=0)


async def test_a_sale_is_not_what_has_any_other_side(stage: PolymarketStage) -> None:
    token = stage.house.catalogue.markets[stage.market].tokens[0]
    stage.house.wallets.give(stage.wallet.maker, token, Quantity(10 * ONE))
    order = await stage.trading.place(buy(stage, "0.40", "10", side=Side.SELL))
    path = f"/data/order/{order.order_id}"
    stage.wire.change("GET", path, lambda said: said | {"side": "BOTH"})
    with pytest.raises(WireError):
        await stage.account.order(order.client_id, order.contract, since_ms=0)


async def test_who_made_and_took_in_one_trade_has_both_fills_whatever_it_is_called(
    clock: Clock,
) -> None:
    async with PolymarketStage(clock, replace(BASE, self_trade=SelfTrade.ALLOWED)).open() as stage:
        token = stage.house.catalogue.markets[stage.market].tokens[0]
        stage.house.wallets.give(stage.wallet.maker, token, Quantity(10 * ONE))
        await stage.trading.place(buy(stage, "0.50", "10", side=Side.SELL))
        await stage.trading.place(buy(stage, "0.50", "10"))

        def called(said: Any) -> Any:
            said["data"][0]["trader_side"] = "MAKER"
            return said

        stage.wire.change("GET", "/data/trades", called)
        fills = await stage.account.fills(since_ms=0)
        assert sorted(each.side for each in fills) == [Side.BUY, Side.SELL]


@pytest.mark.parametrize(("blocked", "closed"), [(True, False), (False, True), (False, False)])
async def test_who_is_blocked_or_may_only_close_may_not_open(
    stage: PolymarketStage, blocked: bool, closed: bool
) -> None:
    place = {"blocked": blocked, "ip": "1.2.3.4", "country": "PT", "region": ""}
    stage.wire.say("GET", "/site/api/geoblock", place)
    stage.house.wallets.close_only(stage.wallet.maker, on=closed)
    found = await eligibility(stage.http)
    assert found.may_open is not (blocked or closed)
    assert (found.blocked, found.closed_only, found.country) == (blocked, closed, "PT")


@pytest.mark.parametrize("body", [{}, {"blocked": None}, {"blocked": "no"}, {"error": "no"}, []])
async def test_an_answer_that_does_not_say_whether_we_are_blocked_allows_nothing(
    stage: PolymarketStage, body: Any
) -> None:
    stage.wire.say("GET", "/site/api/geoblock", body)
    assert not (await eligibility(stage.http)).may_open


@pytest.mark.parametrize(
    ("matched", "state"), [("9.99", OrderState.FILLED), ("9.98", OrderState.PARTIAL)]
)
async def test_an_order_that_the_venue_calls_matched_is_over_but_for_crumbs(
    stage: PolymarketStage, matched: str, state: OrderState
) -> None:
    """What was executed may differ by 0.01 from what was asked; nothing of that rests."""
    order = await stage.trading.place(buy(stage, "0.40", "10"))
    path = f"/data/order/{order.order_id}"
    row = {"status": "MATCHED", "size_matched": matched}
    stage.wire.change("GET", path, lambda said: said | row)
    found = await stage.account.order(order.client_id, order.contract, since_ms=0)
    assert found is not None
    assert (found.state, found.filled) == (state, int(matched.replace(".", "")) * 10_000)


async def test_f24_cash_that_no_exchange_may_take_is_not_available(stage: PolymarketStage) -> None:
    wallets, wallet = stage.house.wallets, stage.wallet.maker
    first, *rest = wallets.allowances(wallet, None)
    for spender in rest:
        wallets.set_allowance(wallet, spender, 0)
    assert await available(stage) == DOLLARS
    wallets.set_allowance(wallet, first, 7 * ONE)
    assert await available(stage) == 7 * ONE
    wallets.set_allowance(wallet, first, 0)
    assert await available(stage) == 0
