"""What Polymarket says of our account: fills, positions, cash and settlements."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from polymarket_stage import BASE, DOLLARS, PolymarketStage
from polymarket_tickets import NOW, buy

from venues import (
    ONE,
    Clock,
    Outcome,
    Price,
    Quantity,
    Side,
    Unavailable,
    WireError,
)
from venues.sim.faults import error


@pytest.fixture
async def stage(clock: Clock) -> AsyncIterator[PolymarketStage]:
    async with PolymarketStage(clock, BASE).open() as stage:
        yield stage


async def available(stage: PolymarketStage) -> int:
    return (await stage.account.balances())[0].available


def tokens(stage: PolymarketStage) -> tuple[str, str]:
    return stage.house.catalogue.markets[stage.market].tokens


# Fills


async def test_fills_since_a_moment_are_those_and_few_before(stage: PolymarketStage) -> None:
    stage.rest(Side.SELL, "0.40", "100")
    for n in range(3):
        await stage.trading.place(buy(stage, "0.40", "10", id=f"n{n}"))
        await stage.pass_ms(600_000)
    now_ms = stage.clock.now_ms()
    asked = {ago: await stage.account.fills(now_ms - ago * 60_000) for ago in (5, 15, 25, 60)}
    assert [len(found) for found in asked.values()] == [0, 1, 2, 3]
    assert [each.client_id for each in asked[60]] == ["n0", "n1", "n2"]


async def test_fills_over_many_pages_are_all_told_once(stage: PolymarketStage) -> None:
    order = await stage.trading.place(buy(stage, "0.40", "250"))
    for _ in range(120):
        stage.take(Side.SELL, "0.40", "2")
    fills = await stage.account.fills(since_ms=0)
    assert len(fills) == len({each.fill_id for each in fills}) == 120
    assert {each.order_id for each in fills} == {order.order_id}
    assert stage.wire.count("GET", "/data/trades") == 2


@pytest.mark.parametrize("cursor", ["MA==", "again"])
async def test_a_list_that_goes_in_a_circle_is_an_error_and_not_for_ever(
    stage: PolymarketStage, cursor: str
) -> None:
    lists: dict[str, Callable[[], Awaitable[object]]] = {
        "/data/trades": partial(stage.account.fills, 0),
        "/data/orders": stage.account.balances,
    }
    for path, read in lists.items():
        for _ in range(3):
            stage.wire.say("GET", path, {"data": [], "next_cursor": cursor})
        with pytest.raises(WireError, match="never ends"):
            await read()


@pytest.mark.parametrize("end", ["LTE=", "", None])
async def test_any_end_mark_ends_a_list(stage: PolymarketStage, end: str | None) -> None:
    stage.wire.say("GET", "/data/trades", {"data": [], "next_cursor": end})
    assert await stage.account.fills(since_ms=0) == ()


async def test_one_trade_that_cannot_be_read_loses_only_itself_and_is_told(
    stage: PolymarketStage,
) -> None:
    stage.rest(Side.SELL, "0.40", "100")
    for n in range(2):
        await stage.trading.place(buy(stage, "0.40", "10", id=f"n{n}"))

    def broken(said: Any) -> Any:
        said["data"][0]["size"] = "ten"
        return said

    stage.wire.change("GET", "/data/trades", broken)
    assert len(await stage.account.fills(since_ms=0)) == 1
    assert any("is left out" in each for each in stage.account.faults)


async def test_a_fill_failed_after_it_was_confirmed_is_told_as_reversed(
    stage: PolymarketStage,
) -> None:
    stage.rest(Side.SELL, "0.40", "100")
    await stage.trading.place(buy(stage, "0.40", "10"))
    await stage.pass_ms(5_000)
    (before,) = await stage.account.fills(since_ms=0)

    def failed(said: Any) -> Any:
        said["data"][0]["status"] = "TRADE_STATUS_FAILED"
        return said

    stage.wire.change("GET", "/data/trades", failed)
    (after,) = await stage.account.fills(since_ms=0)
    assert after == replace(before, reversed=True)


async def test_makers_of_both_tokens_are_told_in_the_takers_dollars(
    stage: PolymarketStage,
) -> None:
    """One sells YES at 0.40; another of the same wallet bought NO, and so sold YES, at 0.45."""
    stage.rest(Side.SELL, "0.40", "3")
    yes, no = tokens(stage)
    stage.house.orders.quote(
        stage._maker,  # type: ignore[attr-defined]
        no,
        Side.BUY,
        price=Price(550_000),
        shares=Quantity(4 * ONE),
    )
    await stage.trading.place(buy(stage, "0.50", "10"))
    fills = await stage.account.fills(since_ms=0)
    assert sorted((each.price, each.quantity) for each in fills) == [
        (400_000, 3 * ONE),
        (450_000, 4 * ONE),
    ]
    assert {each.contract.outcome for each in fills} == {Outcome.YES}
    await stage.pass_ms(5_000)
    paid = sum(each.price * each.quantity // ONE + each.fee for each in fills)
    assert stage.house.wallets.cash(stage.wallet.maker) == DOLLARS - paid
    assert stage.house.wallets.held(stage.wallet.maker, yes) == 7 * ONE


# Positions


async def test_what_was_given_is_held_although_no_order_bought_it(stage: PolymarketStage) -> None:
    stage.house.wallets.give(stage.wallet.maker, tokens(stage)[1], Quantity(7 * ONE))
    await stage.pass_ms(5_000)
    (held,) = await stage.account.positions()
    assert (held.contract.outcome, held.quantity) == (Outcome.NO, 7 * ONE)


async def test_what_was_just_bought_is_held_before_the_indexer_knows(clock: Clock) -> None:
    async with PolymarketStage(clock, replace(BASE, indexer_ms=600_000)).open() as stage:
        stage.rest(Side.SELL, "0.40", "100")
        await stage.trading.place(buy(stage, "0.40", "10"))
        assert await stage.account.positions() == ()
        await stage.pass_ms(1_000)
        (held,) = await stage.account.positions()
        assert (held.quantity, held.cost) == (10 * ONE, 4 * ONE)


async def test_how_much_is_held_is_the_exchanges_word_and_not_the_indexers(
    clock: Clock,
) -> None:
    async with PolymarketStage(clock, replace(BASE, indexer_ms=60_000)).open() as stage:
        stage.rest(Side.SELL, "0.40", "100")
        stage.rest(Side.BUY, "0.39", "100")
        await stage.trading.place(buy(stage, "0.40", "10"))
        await stage.pass_ms(61_000)
        await stage.trading.place(buy(stage, "0.39", "4", NOW, side=Side.SELL))
        await stage.pass_ms(1_000)
        (held,) = await stage.account.positions()
        assert held.quantity == 6 * ONE


async def test_losers_are_no_positions(stage: PolymarketStage) -> None:
    stage.rest(Side.SELL, "0.40", "100")
    await stage.trading.place(buy(stage, "0.40", "10"))
    stage.house.lifecycle.resolve(stage.market, 1)
    await stage.pass_ms(60_000)
    assert stage.house.wallets.held(stage.wallet.maker, tokens(stage)[0]) == 10 * ONE
    assert await stage.account.positions() == ()


@pytest.mark.parametrize("status", [400, 404])
async def test_a_market_that_is_gone_loses_only_its_own_position(
    stage: PolymarketStage, status: int
) -> None:
    """The exchange no longer tells its terms."""
    stage.house.wallets.give(stage.wallet.maker, tokens(stage)[0], Quantity(7 * ONE))
    other = stage.house.catalogue.markets[stage.second].tokens[0]
    stage.house.wallets.give(stage.wallet.maker, other, Quantity(5 * ONE))
    await stage.pass_ms(5_000)
    await stage.account.positions()
    await stage.pass_ms(700_000)
    gone = {"error": "market not found"}
    stage.wire.say("GET", f"/clob-markets/{stage.market}", gone, status)
    (held,) = await stage.account.positions()
    assert (held.contract.market, held.quantity) == (stage.second, 5 * ONE)
    assert any(stage.market in each for each in stage.account.faults)


async def test_positions_that_cannot_be_read_are_no_empty_list(stage: PolymarketStage) -> None:
    stage.app.faults.plan(error(503), method="GET", route="/data/v2/positions")
    with pytest.raises(Unavailable):
        await stage.account.positions()


# Cash


async def test_cash_is_free_of_what_rests_and_of_what_is_on_its_way(
    stage: PolymarketStage,
) -> None:
    start = await available(stage)
    assert start == DOLLARS
    order = await stage.trading.place(buy(stage, "0.40", "10"))
    assert start - await available(stage) == 4 * ONE
    stage.take(Side.SELL, "0.40", "4")
    for wait_ms in (0, 401, 5_000):
        await stage.pass_ms(wait_ms)
        assert start - await available(stage) == 4 * ONE
    await stage.trading.cancel(order)
    assert start - await available(stage) == 1_600_000


async def test_what_a_taker_bought_is_locked_with_its_fee_until_it_is_paid(
    stage: PolymarketStage,
) -> None:
    start = await available(stage)
    stage.rest(Side.SELL, "0.50", "10")
    await stage.trading.place(buy(stage, "0.50", "10"))
    for wait_ms in (0, 401, 5_000):
        await stage.pass_ms(wait_ms)
        assert start - await available(stage) == 5_125_000


async def test_what_is_sold_brings_cash_once_it_is_there_and_not_before(
    stage: PolymarketStage,
) -> None:
    stage.house.wallets.give(stage.wallet.maker, tokens(stage)[0], Quantity(10 * ONE))
    start = await available(stage)
    await stage.trading.place(buy(stage, "0.50", "10", side=Side.SELL))
    stage.take(Side.BUY, "0.50", "10")
    assert await available(stage) == start
    await stage.pass_ms(5_000)
    assert await available(stage) == start + 5 * ONE


@pytest.mark.parametrize("path", ["/data/orders", "/data/trades"])
async def test_cash_is_not_told_where_a_lock_cannot_be_read(
    stage: PolymarketStage, path: str
) -> None:
    """It would look free."""
    await stage.trading.place(buy(stage, "0.40", "10"))
    stage.take(Side.SELL, "0.40", "4")

    def broken(said: Any) -> Any:
        said["data"][0]["side"] = "BOTH"
        return said

    stage.wire.change("GET", path, broken)
    if path == "/data/orders":
        stage.account.known.__init__()  # type: ignore[misc]
    with pytest.raises(WireError):
        await stage.account.balances()


@pytest.mark.parametrize("balance", ["", "ten", "1.5", "1e9", None, 5])
async def test_a_balance_that_cannot_be_read_is_an_error(
    stage: PolymarketStage, balance: Any
) -> None:
    stage.wire.say("GET", "/balance-allowance", {"balance": balance})
    with pytest.raises(WireError):
        await stage.account.balances()


# Settlements


@pytest.mark.parametrize(
    ("winner", "pays", "revenue"), [(0, ONE, 10 * ONE), (1, 0, 0), (None, ONE // 2, 5 * ONE)]
)
async def test_a_market_pays_all_half_or_nothing(
    stage: PolymarketStage, winner: int | None, pays: int, revenue: int
) -> None:
    stage.rest(Side.SELL, "0.40", "100")
    await stage.trading.place(buy(stage, "0.40", "10"))
    await stage.pass_ms(60_000)
    before = await available(stage)
    stage.house.lifecycle.resolve(stage.market, winner)
    await stage.pass_ms(60_000)
    (paid,) = await stage.account.settlements(since_ms=0)
    assert (paid.yes_pays, paid.revenue) == (pays, revenue)
    assert (paid.yes, paid.no, paid.cost) == (10 * ONE, 0, 4 * ONE)
    assert await available(stage) - before == revenue
    assert await stage.account.settlements(stage.clock.now_ms() + 600_000) == ()


@pytest.mark.parametrize(
    "change",
    [
        {"payouts": ["Infinity", "0"]},
        {"payouts": ["NaN", "0"]},
        {"payouts": ["1e999999999", "0"]},
        {"payouts": ["1000000", "1000000"]},
        {"payouts": ["2000000", "-1000000"]},
        {"payouts": None},
        {"payouts": ["1000000"]},
    ],
    ids=str,
)
async def test_a_resolution_that_makes_no_sense_is_no_settlement(
    stage: PolymarketStage, change: dict[str, Any]
) -> None:
    stage.rest(Side.SELL, "0.40", "100")
    await stage.trading.place(buy(stage, "0.40", "10"))
    await stage.pass_ms(1_000)
    stage.house.lifecycle.resolve(stage.market, 0)
    await stage.pass_ms(60_000)

    def broken(said: Any) -> Any:
        said["data"][0] |= change
        return said

    stage.wire.change("GET", "/data/v2/resolutions", broken)
    assert await stage.account.settlements(since_ms=0) == ()


@pytest.mark.parametrize(
    "row",
    [{"usdc_size": "NaN"}, {"usdc_size": "1e99"}, {"condition_id": "0x"}, {"condition_id": "<b>"}],
    ids=str,
)
async def test_a_redemption_that_cannot_be_read_loses_only_itself(
    stage: PolymarketStage, row: dict[str, Any]
) -> None:
    good = {"type": "REDEEM", "condition_id": stage.market, "usdc_size": 5, "timestamp": 1}
    page = {"data": [good | row], "pagination": None}
    stage.wire.say("GET", "/data/v2/activity", page)
    assert await stage.account.settlements(since_ms=0) == ()
    assert stage.account.faults
