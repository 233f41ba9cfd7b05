from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from venues.money import price, quantity
from venues.sim.kalshi.catalogue import Result, Status
from venues.sim.kalshi.knobs import DAY_MS
from venues.sim.kalshi.notices import EventFeeChanged, GroupChanged, MarketChanged
from venues.sim.kalshi.records import CancelOrder, UpdateReason
from venues.sim.kalshi.refusal import Refusal

TICKER = "KX0-E-M"
HOUR_MS = 3_600_000


async def _wait(desk: Any, ms: int) -> None:
    await desk.clock.sleep_ms(ms)
    desk.house.advance()


def _status(desk: Any) -> Status:
    status: Status = desk.house.market(TICKER).status
    return status


def _events(desk: Any) -> list[str]:
    changes = desk.kinds(MarketChanged)
    return [c.event.value for c in changes if c.market.ticker == TICKER]


async def test_a_market_opens_and_closes_by_the_clock_without_a_word(desk: Any) -> None:
    desk.house.lifecycle.add_market(
        replace(
            desk.house.market(TICKER),
            ticker="late",
            open_ms=desk.house.now_ms + 10,
            close_ms=desk.house.now_ms + 20,
        )
    )
    with pytest.raises(Refusal, match="MARKET_INACTIVE"):
        desk.bid("ann", "0.40", "1", ticker="late")
    desk.seen.clear()
    await _wait(desk, 10)
    assert desk.house.market("late").status is Status.ACTIVE
    await _wait(desk, 10)
    assert desk.house.market("late").status is Status.CLOSED
    assert not desk.seen


async def test_after_close_even_a_cancel_fails_and_the_house_cancels_soon(desk: Any) -> None:
    order = desk.bid("ann", "0.40", "1").order
    await _wait(desk, HOUR_MS)
    cancel = CancelOrder(order_id=order.order_id, market_ticker=TICKER)
    with pytest.raises(Refusal, match="MARKET_INACTIVE"):
        desk.house.orders.cancel("ann", cancel)
    await _wait(desk, 2_000)
    order = desk.house.view("ann").order(order.order_id)
    assert order.last_update_reason is UpdateReason.CLOSE_CANCEL


def test_a_paused_market_takes_cancels_only_and_resuming_cancels_all(desk: Any) -> None:
    first, second = (desk.bid("ann", "0.40", "1").order.order_id for _ in range(2))
    desk.house.lifecycle.pause(TICKER)
    with pytest.raises(Refusal, match="MARKET_INACTIVE"):
        desk.bid("ann", "0.40", "1")
    desk.house.orders.cancel("ann", CancelOrder(order_id=first))
    desk.house.lifecycle.resume(TICKER)
    assert not desk.house.view("ann").order(second).remaining
    assert _events(desk)[-2:] == ["deactivated", "activated"]


async def test_a_closed_market_may_open_again(desk: Any) -> None:
    await _wait(desk, HOUR_MS)
    desk.house.lifecycle.move_close(TICKER, desk.house.now_ms + HOUR_MS)
    assert _events(desk)[-2:] == ["close_date_updated", "activated"]
    assert desk.bid("ann", "0.40", "1").order.remaining
    await _wait(desk, HOUR_MS)
    assert _status(desk) is Status.CLOSED


async def test_an_earlier_close_replaces_the_later_one(desk: Any) -> None:
    desk.house.lifecycle.move_close(TICKER, desk.house.now_ms + 1_000)
    await _wait(desk, 1_000)
    assert _status(desk) is Status.CLOSED


async def test_a_dispute_stops_the_timer_and_an_amended_result_restarts_it(desk: Any) -> None:
    lifecycle = desk.house.lifecycle
    lifecycle.determine(TICKER, Result.YES)
    await _wait(desk, 200_000)
    lifecycle.dispute(TICKER)
    await _wait(desk, 200_000)
    assert _status(desk) is Status.DISPUTED
    lifecycle.amend_result(TICKER, Result.NO)
    await _wait(desk, 299_999)
    assert _status(desk) is Status.AMENDED
    await _wait(desk, 1)
    assert _status(desk) is Status.FINALIZED
    assert _events(desk)[-3:] == ["determined", "determined", "settled"]


async def test_an_amended_result_is_not_paid_by_the_first_ones_timer(desk: Any) -> None:
    desk.house.lifecycle.determine(TICKER, Result.YES)
    await _wait(desk, 200_000)
    desk.house.lifecycle.amend_result(TICKER, Result.NO)
    await _wait(desk, 100_000)
    assert _status(desk) is Status.AMENDED


def test_a_wrong_step_of_the_lifecycle_is_our_own_bug(desk: Any) -> None:
    with pytest.raises(ValueError, match="active"):
        desk.house.lifecycle.resume(TICKER)
    with pytest.raises(ValueError, match="value"):
        desk.house.lifecycle.determine(TICKER, Result.SCALAR)


def test_a_new_structure_changes_the_grid_of_new_orders(desk: Any) -> None:
    with pytest.raises(Refusal):
        desk.bid("ann", "0.405", "1")
    desk.house.lifecycle.set_structure(TICKER, "deci_cent")
    assert desk.bid("ann", "0.405", "1").order.price == price("0.405")


def test_a_trading_pause_lets_cancels_through_and_cancels_what_asked_for_it(desk: Any) -> None:
    stays = desk.bid("ann", "0.40", "1").order.order_id
    goes = desk.bid("ann", "0.40", "1", cancel_order_on_pause=True).order.order_id
    desk.house.pauses.pause_trading()
    view = desk.house.view("ann")
    assert view.order(stays).remaining
    assert view.order(goes).last_update_reason is UpdateReason.HALT_CANCEL
    with pytest.raises(Refusal, match="503"):
        desk.bid("ann", "0.40", "1")
    desk.house.orders.cancel("ann", CancelOrder(order_id=stays))
    desk.house.pauses.resume()
    assert desk.bid("ann", "0.40", "1").order.remaining


def test_an_exchange_pause_of_one_shard_blocks_cancels_there_alone(desk: Any) -> None:
    order_id = desk.bid("ann", "0.40", "1").order.order_id
    desk.house.pauses.pause_exchange(shard=2)
    assert [s.exchange_active for s in desk.house.statuses()] == [True, True, False, True]
    desk.house.orders.cancel("ann", CancelOrder(order_id=order_id))
    desk.house.pauses.pause_exchange(shard=0)
    with pytest.raises(Refusal, match="exchange_is_paused"):
        desk.house.orders.cancel("ann", CancelOrder(order_id=order_id))


def test_a_fee_change_is_told_when_it_comes(desk: Any) -> None:
    lifecycle, now = desk.house.lifecycle, desk.house.now_ms
    lifecycle.schedule_fee(at_ms=now, event_ticker="KX0-E", fee_multiplier=0)
    desk.house.advance()
    assert desk.kinds(EventFeeChanged)[0].event.fee_multiplier_override == 0


async def test_old_markets_and_orders_leave_the_live_paths(
    open_desk: Callable[..., Any],
) -> None:
    desk = open_desk(market_window_ms=DAY_MS, order_window_ms=DAY_MS)
    desk.ask("bob", "0.40", "1")
    order_id = desk.bid("ann", "0.40", "1").order.order_id
    desk.house.lifecycle.determine(TICKER, Result.YES)
    await _wait(desk, 2 * DAY_MS)
    view = desk.house.view("ann")
    with pytest.raises(Refusal, match="404"):
        desk.house.market(TICKER)
    with pytest.raises(Refusal, match="404"):
        view.order(order_id)
    assert desk.house.archived_market(TICKER).status is Status.FINALIZED
    assert [order.order_id for order in view.archived_orders()] == [order_id]
    assert (len(view.fills()), len(view.archived_fills())) == (0, 1)
    assert (len(desk.house.trades()), len(desk.house.archived_trades())) == (0, 1)


async def test_reads_trail_by_the_lag_and_say_so(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(lag_ms=1_000)
    await _wait(desk, 5_000)
    order_id = desk.bid("ann", "0.40", "10").order.order_id
    view = desk.house.view("ann")
    assert view.as_of_ms == desk.house.user_data_timestamp_ms() == desk.house.now_ms - 1_000
    with pytest.raises(Refusal, match="404"):
        view.order(order_id)
    assert view.balance().cash == 100_000_000
    await _wait(desk, 1_000)
    desk.house.orders.cancel("ann", CancelOrder(order_id=order_id))
    view = desk.house.view("ann")
    assert view.order(order_id).remaining == quantity("10")
    assert view.balance().cash == 96_000_000


async def test_a_group_cancels_its_orders_once_the_window_is_full(desk: Any) -> None:
    group = desk.house.groups.create("ann", quantity("5"))
    rest = desk.bid("ann", "0.40", "9", order_group_id=group.group_id).order.order_id
    desk.ask("bob", "0.40", "3")
    await _wait(desk, 15_000)
    desk.ask("bob", "0.40", "4")
    assert desk.house.view("ann").order(rest).remaining
    desk.ask("bob", "0.40", "1")
    assert not desk.house.view("ann").order(rest).remaining
    assert desk.kinds(GroupChanged)[-1].event == "triggered"
    with pytest.raises(Refusal, match="order_group"):
        desk.bid("ann", "0.40", "1", order_group_id=group.group_id)
    desk.house.groups.reset("ann", group.group_id)
    assert desk.bid("ann", "0.40", "1", order_group_id=group.group_id).order.remaining


def test_a_group_limit_below_what_was_filled_fires_at_once(desk: Any) -> None:
    groups = desk.house.groups
    group = groups.create("ann", quantity("50"))
    rest = desk.bid("ann", "0.40", "9", order_group_id=group.group_id).order.order_id
    desk.ask("bob", "0.40", "3")
    assert groups.orders_of(group.group_id) == (rest,)
    assert groups.set_limit("ann", group.group_id, quantity("3")).tripped
    assert groups.orders_of(group.group_id) == ()


def test_a_group_is_found_on_its_own_shard_only(desk: Any) -> None:
    groups = desk.house.groups
    group = groups.create("ann", quantity("50"), exchange_index=2)
    with pytest.raises(Refusal, match="404"):
        groups.trigger("ann", group.group_id)
    with pytest.raises(Refusal, match="404"):
        desk.bid("ann", "0.40", "1", order_group_id=group.group_id)
    groups.delete("ann", group.group_id, exchange_index=2)
    assert groups.all("ann") == ()


async def test_buckets_refill_and_a_refused_call_costs_nothing(desk: Any) -> None:
    limits = desk.house.limits
    create = ("POST", "/portfolio/events/orders")
    assert [limits.charge("ann", *create) for _ in range(11)] == [True] * 10 + [False]
    assert limits.charge("ann", *create, exchange_index=2)
    assert limits.charge("ann", "GET", "/portfolio/orders")
    assert not limits.charge("ann", "DELETE", "/portfolio/events/orders/batched", 1)
    await desk.clock.sleep_ms(100)
    assert limits.charge("ann", "DELETE", "/portfolio/events/orders/batched", 5)
    assert not limits.charge("ann", "DELETE", "/portfolio/events/orders/{order_id}")
    limits.set_tier("ann", "prime")
    assert limits.charge("ann", *create, 20)
    assert [limits.charge_ip("10.0.0.1") for _ in range(21)].count(False) == 1
