"""Kinds of orders at Polymarket: by money, at once, in time, of NO, of other contracts; and terms
that change under them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from polymarket_stage import BASE, PolymarketStage
from polymarket_tickets import ALL, NOW, buy, open_orders

from venues import (
    ONE,
    Cash,
    Clock,
    Order,
    OrderRefused,
    OrderState,
    OrderUnknown,
    Outcome,
    Price,
    Quantity,
    Reason,
    Side,
    Unavailable,
)
from venues.polymarket.trading import PolymarketTrading
from venues.sim.polymarket.catalogue import Fee
from venues.sim.polymarket.contracts import EXCHANGES


@pytest.fixture
async def stage(clock: Clock) -> AsyncIterator[PolymarketStage]:
    async with PolymarketStage(clock, BASE).open() as stage:
        yield stage


def last_body(stage: PolymarketStage) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        [body for how, path, body in stage.wire.sent if (how, path) == ("POST", "/order")][-1]
    )
    return found


# Money, not contracts


async def test_what_is_to_be_spent_is_spent_and_better_prices_buy_more(
    stage: PolymarketStage,
) -> None:
    stage.rest(Side.SELL, "0.40", "100")
    request = buy(stage, "0.50", "20", NOW, spend=Cash(10 * ONE))
    order = await stage.trading.place(request)
    assert (order.state, order.filled, order.average_price) == (
        OrderState.FILLED,
        25 * ONE,
        400_000,
    )
    assert last_body(stage)["orderType"] == "FAK"
    assert stage.wire.count("DELETE", "/order") == 0


async def test_less_than_is_to_be_spent_fills_in_part_and_rests_nowhere(
    stage: PolymarketStage,
) -> None:
    stage.rest(Side.SELL, "0.50", "8")
    order = await stage.trading.place(buy(stage, "0.50", "20", NOW, spend=Cash(10 * ONE)))
    assert (order.state, order.filled) == (OrderState.CANCELED, 8 * ONE)
    assert open_orders(stage) == 0


@pytest.mark.parametrize("time", [NOW, ALL])
@pytest.mark.parametrize("side", Side)
async def test_an_order_at_once_that_meets_nobody_is_no_error(
    stage: PolymarketStage, time: Any, side: Side
) -> None:
    token = stage.house.catalogue.markets[stage.market].tokens[0]
    stage.house.wallets.give(stage.wallet.maker, token, Quantity(10 * ONE))
    spend = Cash(5 * ONE) if side is Side.BUY else None
    order = await stage.trading.place(buy(stage, "0.50", "10", time, side=side, spend=spend))
    assert (order.state, order.filled) == (OrderState.CANCELED, 0)


async def test_a_sale_of_all_or_nothing_never_sells_a_part(stage: PolymarketStage) -> None:
    token = stage.house.catalogue.markets[stage.market].tokens[0]
    stage.house.wallets.give(stage.wallet.maker, token, Quantity(10 * ONE))
    stage.rest(Side.BUY, "0.50", "9")
    order = await stage.trading.place(buy(stage, "0.50", "10", ALL, side=Side.SELL))
    assert (order.state, order.filled) == (OrderState.CANCELED, 0)
    part = await stage.trading.place(buy(stage, "0.50", "10", NOW, side=Side.SELL))
    assert (part.state, part.filled) == (OrderState.CANCELED, 9 * ONE)


async def test_what_nobody_holds_is_never_sold(stage: PolymarketStage) -> None:
    stage.rest(Side.BUY, "0.50", "10")
    with pytest.raises(OrderRefused) as caught:
        await stage.trading.place(buy(stage, "0.50", "10", NOW, side=Side.SELL, reduce_only=True))
    assert caught.value.reason is Reason.FUNDS


async def test_a_buy_that_must_not_open_is_never_sent(stage: PolymarketStage) -> None:
    stage.rest(Side.SELL, "0.45", "10")
    with pytest.raises(ValueError, match="a BUY always opens"):
        await stage.trading.place(buy(stage, "0.45", "10", NOW, reduce_only=True))
    assert stage.orders_seen() == 0


# Time


@pytest.mark.parametrize("ahead_ms", [0, 600_000, -600_000], ids=["right", "ahead", "behind"])
async def test_an_order_dies_at_its_time_also_where_the_venues_clock_is_another(
    clock: Clock, ahead_ms: int
) -> None:
    async with PolymarketStage(clock, BASE).open() as stage:
        stage.app.clock_offset_ms = ahead_ms
        await stage.data.status()
        ends = datetime.fromtimestamp(clock.now_ms() / 1_000, UTC) + timedelta(minutes=20)
        prepared = await stage.trading.prepare(buy(stage, "0.40", "10", expires_at=ends))
    body = json.loads(prepared.body)
    assert body["orderType"] == "GTD"
    there_s = (clock.now_ms() + ahead_ms) // 1_000
    assert 0 <= int(body["order"]["expiration"]) - there_s - 20 * 60 - 60 <= 1


async def test_an_order_in_time_is_seen_to_have_ended(stage: PolymarketStage) -> None:
    ends = datetime.fromtimestamp(stage.clock.now_ms() / 1_000, UTC) + timedelta(minutes=5)
    order = await stage.trading.place(buy(stage, "0.40", "10", expires_at=ends))
    await stage.pass_ms(299_000)
    assert open_orders(stage) == 1
    await stage.pass_ms(1_500)
    found = await stage.account.order(order.client_id, order.contract, since_ms=0)
    assert found is not None
    assert found.over
    assert open_orders(stage) == 0


# NO, and other contracts


@pytest.mark.parametrize("shape", [{}, {"neg_risk": True}, {"version": "v2"}], ids=str)
async def test_no_is_bought_in_its_own_dollars_under_every_contract(
    clock: Clock, shape: dict[str, Any]
) -> None:
    """The rival bids 0.40 for YES: that is an ask of 0.60 for NO."""
    async with PolymarketStage(clock, BASE, **shape).open() as stage:
        stage.rest(Side.BUY, "0.40", "4")
        order = await stage.trading.place(buy(stage, "0.60", "10", NOW, outcome=Outcome.NO))
        assert (order.state, order.filled, order.average_price) == (
            OrderState.CANCELED,
            4 * ONE,
            600_000,
        )
        tokens = stage.house.catalogue.markets[stage.market].tokens
        assert last_body(stage)["order"]["tokenId"] == tokens[1]
        await stage.pass_ms(5_000)
        assert stage.house.wallets.held(stage.wallet.maker, tokens[1]) == 4 * ONE
        assert stage.house.wallets.held(stage.wallet.maker, tokens[0]) == 0
        (fill,) = await stage.account.fills(since_ms=0)
        assert (fill.contract.outcome, fill.price, fill.side) == (Outcome.NO, 600_000, Side.BUY)


async def test_all_or_nothing_of_no_looks_at_the_book_of_no(stage: PolymarketStage) -> None:
    stage.rest(Side.BUY, "0.40", "4")
    short = await stage.trading.place(buy(stage, "0.60", "5", ALL, outcome=Outcome.NO))
    assert (short.state, short.filled, stage.orders_seen()) == (OrderState.CANCELED, 0, 0)
    dear = await stage.trading.place(buy(stage, "0.59", "4", ALL, outcome=Outcome.NO))
    assert (dear.filled, stage.orders_seen()) == (0, 0)
    full = await stage.trading.place(buy(stage, "0.60", "4", ALL, outcome=Outcome.NO))
    assert (full.state, full.filled) == (OrderState.FILLED, 4 * ONE)


# F16: terms that change


async def test_a_tick_that_becomes_finer_is_learned_before_the_order(
    stage: PolymarketStage,
) -> None:
    await stage.trading.place(buy(stage, "0.40", "10"))
    stage.house.lifecycle.change_tick(stage.market, Price(1_000))
    order = await stage.trading.place(buy(stage, "0.405", "10"))
    assert (order.state, order.limit) == (OrderState.ACKED, 405_000)


async def test_a_tick_that_becomes_coarser_is_a_refusal_once_and_learned(
    stage: PolymarketStage,
) -> None:
    stage.house.lifecycle.change_tick(stage.market, Price(1_000))
    prepared = await stage.trading.prepare(buy(stage, "0.405", "10"))
    stage.house.lifecycle.change_tick(stage.market, Price(10_000))
    with pytest.raises(OrderRefused) as caught:
        await stage.trading.send(prepared)
    assert caught.value.reason is Reason.PRICE
    with pytest.raises(OrderRefused, match="tick"):
        await stage.trading.prepare(buy(stage, "0.415", "10"))
    assert stage.wire.count("POST", "/order") == 1


async def test_a_minimum_that_rises_is_a_refusal_for_its_size(stage: PolymarketStage) -> None:
    await stage.trading.prepare(buy(stage, "0.40", "10"))
    stage.house.lifecycle.change_minimum(stage.market, Quantity(20 * ONE))
    with pytest.raises(OrderRefused) as caught:
        await stage.trading.place(buy(stage, "0.40", "10"))
    assert caught.value.reason is Reason.SIZE


async def test_a_flag_that_does_not_fit_the_tokens_is_not_believed(stage: PolymarketStage) -> None:
    """F16: the flag says which contract an order is signed for, and a token says so too."""
    await stage.trading.prepare(buy(stage, "0.40", "10"))
    markets = stage.house.catalogue.markets
    markets[stage.market] = replace(markets[stage.market], neg_risk=True)
    with pytest.raises(OrderRefused, match="invalid signature"):  # by terms of before
        await stage.trading.place(buy(stage, "0.41", "10"))
    with pytest.raises(OrderRefused, match="not the token") as caught:
        await stage.trading.place(buy(stage, "0.42", "10"))
    assert caught.value.reason is Reason.MARKET


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("names", [("Yes", "No"), ("No", "Yes")])
async def test_tokens_in_the_wrong_places_never_get_an_order(
    stage: PolymarketStage, outcome: Outcome, names: tuple[str, str]
) -> None:
    """A NO bought for a YES would look like a hedge until it pays."""
    yes, no = stage.house.catalogue.markets[stage.market].tokens
    swapped = [{"t": no, "o": names[0]}, {"t": yes, "o": names[1]}]
    path = f"/clob-markets/{stage.market}"
    stage.wire.change("GET", path, lambda said: said | {"t": swapped})
    with pytest.raises(OrderRefused) as caught:
        await stage.trading.place(buy(stage, "0.40", "10", outcome=outcome))
    assert caught.value.reason is Reason.MARKET
    assert "not the token" in str(caught.value)
    assert stage.orders_seen() == 0


async def test_a_token_of_another_market_never_gets_an_order(stage: PolymarketStage) -> None:
    theirs = stage.house.catalogue.markets[stage.second].tokens
    told = [{"t": token, "o": name} for token, name in zip(theirs, ("Yes", "No"), strict=True)]
    path = f"/clob-markets/{stage.market}"
    stage.wire.change("GET", path, lambda said: said | {"t": told})
    with pytest.raises(OrderRefused) as caught:
        await stage.trading.place(buy(stage, "0.40", "10"))
    assert caught.value.reason is Reason.MARKET


async def test_what_was_prepared_is_not_sent_where_nothing_may_be_opened(
    stage: PolymarketStage,
) -> None:
    prepared = await stage.trading.prepare(buy(stage, "0.40", "10"))
    blocked = PolymarketTrading(
        stage.http, stage.clock, stage.data, stage.account, stage.wallet, may_open=False
    )
    with pytest.raises(OrderUnknown):  # whoever signed it may have sent it
        await blocked.send(prepared)
    assert stage.orders_seen() == 0


async def test_fills_are_billed_at_the_fee_of_their_moment_or_a_later_one(
    stage: PolymarketStage,
) -> None:
    stage.rest(Side.SELL, "0.50", "10")
    await stage.trading.place(buy(stage, "0.50", "10"))
    (fill,) = await stage.account.fills(since_ms=0)
    assert fill.fee == 125_000
    stage.house.lifecycle.change_fee(stage.market, Fee(rate=70_000))
    await stage.pass_ms(600_001)
    (later,) = await stage.account.fills(since_ms=0)
    assert later.fill_id == fill.fill_id
    assert later.fee >= fill.fee


@pytest.mark.parametrize("trouble", [(503, b"<html>"), (429, {}), (451, {"error": "no"})])
async def test_terms_that_cannot_be_read_mean_that_nothing_was_sent(
    stage: PolymarketStage, trouble: tuple[int, Any]
) -> None:
    stage.wire.say("GET", f"/clob-markets/{stage.market}", trouble[1], trouble[0])
    with pytest.raises(Unavailable) as caught:
        await stage.trading.place(buy(stage, "0.40", "10"))
    assert caught.value.definite
    assert stage.wire.count("POST", "/order") == 0


async def test_what_was_bought_by_money_is_told_when_reads_show_all_of_it(
    stage: PolymarketStage,
) -> None:
    """Better prices buy more than its quantity, so the first look cannot tell that it is whole."""
    stage.rest(Side.SELL, "0.40", "20")
    stage.rest(Side.SELL, "0.41", "100")
    request = buy(stage, "0.52", "19", NOW, spend=Cash(10 * ONE))
    prepared = await stage.trading.prepare(request)

    def first_maker(said: Any) -> Any:
        trade = said["data"][0]
        del trade["maker_orders"][1:]
        trade["size"] = trade["maker_orders"][0]["matched_amount"]
        return said

    stage.wire.change(
        "POST", "/order", lambda said: said | {"makingAmount": "", "takingAmount": ""}
    )
    stage.wire.say("GET", f"/data/order/{prepared.order.order_id}", None)
    stage.wire.change("GET", "/data/trades", first_maker)
    order = await stage.trading.send(prepared)
    assert order.state is OrderState.FILLED
    assert order.filled == sum(fill.quantity for fill in await stage.account.fills(0)) > 24 * ONE


# Who may not open, and what may not be spent


async def test_who_may_not_open_may_still_sell(stage: PolymarketStage) -> None:
    token = stage.house.catalogue.markets[stage.market].tokens[0]
    stage.house.wallets.give(stage.wallet.maker, token, Quantity(10 * ONE))
    stage.house.wallets.close_only(stage.wallet.maker)
    closing = PolymarketTrading(
        stage.http, stage.clock, stage.data, stage.account, stage.wallet, may_open=False
    )
    with pytest.raises(OrderRefused) as caught:
        await closing.place(buy(stage, "0.40", "10"))
    assert caught.value.reason is Reason.CLOSE_ONLY
    assert stage.wire.count("POST", "/order") == 0
    sold = await closing.place(buy(stage, "0.60", "10", side=Side.SELL))
    assert sold.state is OrderState.ACKED
    with pytest.raises(OrderRefused) as later:
        await stage.trading.place(buy(stage, "0.40", "10"))
    assert later.value.reason is Reason.CLOSE_ONLY


async def test_f24_money_spent_elsewhere_is_a_refusal_and_resting_buys_are_seen_to_end(
    stage: PolymarketStage,
) -> None:
    order = await stage.trading.place(buy(stage, "0.40", "1000"))
    stage.house.wallets.take_away(stage.wallet.maker, None, 700 * ONE)
    stage.house.advance()
    with pytest.raises(OrderRefused) as caught:
        await stage.trading.place(buy(stage, "0.40", "1001"))
    assert caught.value.reason is Reason.FUNDS
    found = await stage.account.order(order.client_id, order.contract, since_ms=0)
    assert found is not None
    assert (found.state, found.filled) == (OrderState.CANCELED, 0)
    (balance,) = await stage.account.balances()
    assert balance.available == 300 * ONE


async def test_f24_an_allowance_that_was_withdrawn_is_a_refusal_for_funds(
    stage: PolymarketStage,
) -> None:
    for spender in EXCHANGES:
        stage.house.wallets.set_allowance(stage.wallet.maker, spender, 0)
    with pytest.raises(OrderRefused) as caught:
        await stage.trading.place(buy(stage, "0.40", "10"))
    assert caught.value.reason is Reason.FUNDS
    assert stage.orders_seen() == 0


async def test_f24_a_match_that_the_chain_cannot_pay_is_taken_back(clock: Clock) -> None:
    """The exchange still believes the money that is gone."""
    async with PolymarketStage(clock, replace(BASE, cache_ms=60_000)).open() as stage:
        await stage.account.balances()
        stage.house.wallets.take_away(stage.wallet.maker, None, 990 * ONE)
        stage.rest(Side.SELL, "0.50", "100")
        order = await stage.trading.place(buy(stage, "0.50", "100"))
        assert (order.state, order.filled) == (OrderState.FILLED, 100 * ONE)
        await stage.pass_ms(5_000)
        (fill,) = await stage.account.fills(since_ms=0)
        assert (fill.reversed, fill.quantity) == (True, 100 * ONE)
        assert await stage.account.positions() == ()


async def test_a_size_past_a_million_is_read_right_in_either_unit(stage: PolymarketStage) -> None:
    """Both readings fit: what was filled is read from the trades."""
    stage.house.wallets.deposit(stage.wallet.maker, Cash(10**8 * ONE))
    stage.rest(Side.SELL, "0.10", "50000")
    both = {"makingAmount": "5000", "takingAmount": "50000"}
    stage.wire.change("POST", "/order", lambda said: said | both)
    order = await stage.trading.place(buy(stage, "0.10", "60000"))
    assert (order.state, order.filled) == (OrderState.PARTIAL, 50_000 * ONE)


async def test_an_order_of_which_only_fills_are_shown_is_unknown_until_they_fill_it(
    clock: Clock,
) -> None:
    async with PolymarketStage(clock, replace(BASE, dead_orders_shown=False)).open() as stage:
        order = await stage.trading.place(buy(stage, "0.40", "10"))
        stage.take(Side.SELL, "0.40", "4")
        stage.house.lifecycle.close(stage.market)
        found = await stage.account.order(order.client_id, order.contract, since_ms=0)
        assert isinstance(found, Order)
        assert (found.state, found.filled) == (OrderState.UNKNOWN, 4 * ONE)
        with pytest.raises(OrderUnknown):
            await stage.trading.cancel(order)
