from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from venues.money import Cash, micros, price, quantity
from venues.sim.kalshi.catalogue import Event, Market, Result
from venues.sim.kalshi.collateral import Working, locked, sure_payout
from venues.sim.kalshi.knobs import Member
from venues.sim.kalshi.notices import OrderUpdated
from venues.sim.kalshi.records import BookSide, UpdateReason
from venues.sim.kalshi.refusal import Refusal
from venues.sim.kalshi.transfers import Allocation

TICKER, OTHER = "KX0-E-M", "KX2-E-M"


def test_a_resting_order_locks_its_full_price_and_a_cancel_frees_it(desk: Any) -> None:
    desk.ask("ann", "0.30", "10")
    assert desk.free("ann") == micros("93")
    assert desk.house.accounts.cash("ann") == micros("100")
    desk.house.orders.cancel_all("ann")
    assert desk.free("ann") == micros("100")


def test_opposite_holdings_net_to_cash_at_once(desk: Any) -> None:
    desk.ask("bob", "0.40", "10")
    desk.bid("ann", "0.40", "10")
    desk.bid("cat", "0.60", "4")
    desk.ask("ann", "0.60", "4")
    position = desk.house.accounts.position("ann", TICKER)
    assert (position.count, position.cost) == (quantity("6"), micros("2.4"))
    assert position.realized_pnl == micros("0.8")
    assert desk.free("ann") == micros("100") - micros("4") + micros("2.4") - position.fees


def test_an_order_that_closes_a_position_locks_nothing(desk: Any) -> None:
    desk.ask("bob", "0.40", "10")
    desk.bid("ann", "0.40", "10")
    before = desk.free("ann")
    desk.ask("ann", "0.70", "10")
    assert desk.free("ann") == before
    desk.ask("ann", "0.80", "1")
    assert desk.free("ann") == before - micros("0.2")


def test_the_orders_that_trade_first_close_first() -> None:
    asks = [
        Working(BookSide.ASK, price("0.80"), quantity("5")),
        Working(BookSide.ASK, price("0.60"), quantity("5")),
    ]
    assert locked(quantity("5"), asks) == micros("1")
    assert locked(-quantity("5"), asks) == micros("3")


def test_what_cash_does_not_cover_is_refused(desk: Any) -> None:
    with pytest.raises(Refusal) as no:
        desk.bid("ann", "0.50", "200.01")
    assert no.value.code == "insufficient_balance"
    desk.bid("ann", "0.50", "200")


def test_the_fee_of_a_taker_must_be_covered_too(desk: Any) -> None:
    desk.ask("bob", "0.50", "150")
    desk.ask("cat", "0.50", "50")
    with pytest.raises(Refusal):
        desk.bid("ann", "0.50", "200")
    assert desk.bid("ann", "0.50", "190").order.filled == quantity("190")


def test_a_closing_order_needs_no_cash_for_its_fee(desk: Any) -> None:
    desk.ask("bob", "0.50", "150")
    desk.bid("ann", "0.50", "150")
    desk.house.accounts.deposit("ann", Cash(-desk.free("ann")))
    desk.bid("cat", "0.40", "150")
    assert desk.ask("ann", "0.40", "150").order.filled == quantity("150")


def test_a_fee_beyond_the_cash_cancels_the_newest_orders(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(fees_reserved=False)
    desk.ask("bob", "0.50", "100")
    desk.bid("ann", "0.01", "5000")
    desk.bid("ann", "0.50", "100")
    assert desk.free("ann") >= 0
    assert desk.kinds(OrderUpdated)[-1].order.last_update_reason is UpdateReason.MARGIN_CANCEL
    desk.house.audit()


def test_cash_on_one_shard_pays_for_nothing_on_another(desk: Any) -> None:
    with pytest.raises(Refusal, match="insufficient_balance"):
        desk.bid("ann", "0.40", "1", ticker=OTHER)
    desk.house.accounts.open("dan", shards=(0,))
    desk.house.accounts.deposit("dan", Cash(micros("10")))
    with pytest.raises(Refusal) as no:
        desk.bid("dan", "0.40", "1", ticker=OTHER)
    assert no.value.status == 404
    assert no.value.code.startswith("user_not_found")


async def test_a_transfer_is_pending_until_it_arrives(desk: Any) -> None:
    sent = desk.house.transfers.between_shards(
        "ann", Cash(micros("60")), to_shard=2, client_transfer_id="t"
    )
    accounts, transfers = desk.house.accounts, desk.house.transfers
    assert (desk.free("ann"), accounts.free("ann", exchange_index=2)) == (micros("40"), 0)
    desk.house.audit()
    await desk.clock.sleep_ms(1_500)
    desk.house.advance()
    assert accounts.free("ann", exchange_index=2) == micros("60")
    assert transfers.get("ann", sent.transfer_id).status == "complete"
    with pytest.raises(Refusal, match="409"):
        transfers.between_shards("ann", Cash(100), to_shard=2, client_transfer_id="t")


def test_a_transfer_between_subaccounts_is_idempotent(desk: Any) -> None:
    number = desk.house.accounts.open_subaccount("ann")
    first, again = (
        desk.house.transfers.between_subaccounts(
            "ann",
            Cash(micros("5")),
            from_subaccount=0,
            to_subaccount=number,
            client_transfer_id="t",
        )
        for _ in range(2)
    )
    assert first == again
    assert desk.house.accounts.free("ann", subaccount=number) == micros("5")


async def test_a_target_allocation_moves_free_cash_every_ten_seconds(desk: Any) -> None:
    desk.bid("ann", "0.90", "100")
    desk.house.transfers.set_allocation("ann", Allocation(((0, 20), (2, 80))))
    await desk.clock.sleep_ms(11_500)
    desk.house.advance()
    assert desk.house.accounts.free("ann", exchange_index=2) == micros("10")
    desk.house.orders.cancel_all("ann")
    await desk.clock.sleep_ms(11_500)
    desk.house.advance()
    assert desk.house.accounts.free("ann", exchange_index=2) == micros("80")
    with pytest.raises(Refusal):
        desk.house.transfers.set_allocation("ann", Allocation(((0, 20),)))


async def test_a_scalar_result_pays_both_sides_and_the_residue_is_a_fee(desk: Any) -> None:
    desk.ask("bob", "0.30", "100.01")
    desk.bid("ann", "0.30", "100.01")
    desk.house.lifecycle.determine(TICKER, Result.SCALAR, price("0.306"))
    await desk.clock.sleep_ms(300_000)
    desk.house.advance()
    (paid,) = desk.house.view("ann").settlements()
    assert paid.revenue == micros("30.6030")
    fees = sum(fill.fee for fill in desk.house.view("ann").fills())
    assert paid.fee - fees == micros("0.00006")
    desk.house.audit()


async def test_settlement_pays_the_net_position_once(desk: Any) -> None:
    desk.ask("bob", "0.30", "10")
    desk.bid("ann", "0.30", "10")
    before = desk.free("bob")
    desk.house.lifecycle.determine(TICKER, Result.NO)
    await desk.clock.sleep_ms(300_000)
    desk.house.advance()
    (paid,) = desk.house.view("bob").settlements()
    assert (paid.no_count, paid.no_cost) == (quantity("10"), micros("7"))
    assert (paid.yes_count, paid.market_result, paid.value) == (0, "no", 0)
    assert desk.free("bob") == before + micros("10")
    desk.house.audit()


def test_a_non_direct_account_lives_on_whole_cents(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(member=Member.NON_DIRECT)
    desk.ask("bob", "0.50", "1")
    desk.bid("ann", "0.50", "1")
    assert desk.free("ann") == micros("99.48")


def test_the_worst_case_of_an_exclusive_event_is_sure() -> None:
    no = -quantity("1")
    assert sure_payout({"a": no, "b": no, "c": no}, ("a", "b", "c")) == micros("2")
    assert sure_payout({"a": no, "b": no}, ()) == micros("2")
    assert sure_payout({"a": -no}, ("a",)) == 0


def test_netting_returns_the_sure_part_of_no_positions(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(mecnet=True)
    house = desk.house
    event = Event(ticker="KX0-X", series_ticker="KX0", title="", collateral_return_type="MECNET")
    house.lifecycle.add_event(event)
    for name in ("KX0-X-A", "KX0-X-B"):
        house.lifecycle.add_market(
            Market(
                ticker=name,
                event_ticker="KX0-X",
                open_ms=house.now_ms,
                close_ms=house.now_ms + 9_000,
            )
        )
    house.accounts.set_netting("ann", enabled=True)
    for name in ("KX0-X-A", "KX0-X-B"):
        desk.bid("bob", "0.40", "10", ticker=name)
        desk.ask("ann", "0.40", "10", ticker=name)
    fees = sum(fill.fee for fill in house.view("ann").fills())
    assert desk.free("ann") == micros("100") - micros("12") + micros("10") - fees
    house.audit()


def test_a_fee_change_of_an_event_holds_from_its_time(desk: Any) -> None:
    house = desk.house
    house.lifecycle.schedule_fee(
        at_ms=house.now_ms, event_ticker="KX0-E", fee_multiplier=micros("0.5")
    )
    desk.ask("bob", "0.50", "100")
    assert desk.bid("ann", "0.50", "100").fills[0].fee == micros("0.875")
    house.lifecycle.schedule_fee(at_ms=house.now_ms, event_ticker="KX0-E")
    desk.ask("bob", "0.50", "10")
    assert desk.bid("ann", "0.50", "10").fills[0].fee == micros("0.175")


async def test_a_fee_waiver_ends_at_its_time(desk: Any) -> None:
    house = desk.house
    waived = replace(house.market(TICKER), ticker="W", fee_waiver_ms=house.now_ms + 1_000)
    house.lifecycle.add_market(waived)
    desk.ask("bob", "0.50", "20", ticker="W")
    assert desk.bid("ann", "0.50", "10", ticker="W").fills[0].fee == 0
    await desk.clock.sleep_ms(1_000)
    assert desk.bid("ann", "0.50", "10", ticker="W").fills[0].fee == micros("0.175")
