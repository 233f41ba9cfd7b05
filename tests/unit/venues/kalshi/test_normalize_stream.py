"""Kalshi's private and public frames in the house's words."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import msgspec
import pytest

from venues import ONE, MarketStatus, OrderState, Outcome, Side
from venues.kalshi import normalize_stream as normalize
from venues.kalshi.fees import Change, Terms
from venues.kalshi.wire import stream as wire

ORDER: Final = {
    "order_id": "o",
    "client_order_id": "c",
    "ticker": "T",
    "status": "resting",
    "outcome_side": "no",
    "book_side": "ask",
    "yes_price_dollars": "0.3500",
    "fill_count_fp": "0.00",
    "remaining_count_fp": "10.00",
    "initial_count_fp": "10.00",
    "taker_fees_dollars": "0.010000",
    "maker_fees_dollars": "0.002000",
    "created_ts_ms": 1,
}
FILL: Final = {
    "trade_id": "t",
    "order_id": "o",
    "client_order_id": "c",
    "market_ticker": "T",
    "is_taker": False,
    "outcome_side": "no",
    "book_side": "ask",
    "yes_price_dollars": "0.7500",
    "count_fp": "2.50",
    "fee_cost": "0.010000",
    "ts_ms": 1_671_899_397_123,
}


def order(**change: Any) -> wire.OrderBody:
    return msgspec.convert(ORDER | change, wire.OrderBody)


def fill(**change: Any) -> wire.FillBody:
    return msgspec.convert(FILL | change, wire.FillBody)


def test_an_ask_that_filled_is_a_purchase_of_no_in_the_price_of_no() -> None:
    found = normalize.fill(fill())
    assert (found.contract.outcome, found.side) == (Outcome.NO, Side.BUY)
    assert (found.price, found.quantity, found.fee) == (250_000, 2_500_000, 10_000)
    assert (found.client_id, found.order_id, found.fill_id) == ("c", "o", "t")
    assert (found.maker, found.provisional) == (True, False)
    assert found.filled_at == datetime(2022, 12, 24, 16, 29, 57, 123_000, tzinfo=UTC)


def test_a_bid_that_filled_is_a_purchase_of_yes() -> None:
    found = normalize.fill(fill(outcome_side="yes", book_side="bid", is_taker=True))
    assert (found.contract.outcome, found.price, found.maker) == (Outcome.YES, 750_000, False)


@pytest.mark.parametrize(("outcome", "book"), [("yes", "ask"), ("no", "bid")])
def test_directions_that_contradict_each_other_are_refused(outcome: str, book: str) -> None:
    with pytest.raises(ValueError, match="with outcome"):
        normalize.fill(fill(outcome_side=outcome, book_side=book))
    with pytest.raises(ValueError, match="with outcome"):
        normalize.order(order(outcome_side=outcome, book_side=book))


@pytest.mark.parametrize(
    ("status", "filled", "resting", "reason", "state"),
    [
        ("resting", "0.00", "10.00", "", OrderState.ACKED),
        ("resting", "4.00", "6.00", "Trade", OrderState.PARTIAL),
        ("executed", "10.00", "0.00", "Trade", OrderState.FILLED),
        ("canceled", "4.00", "0.00", "", OrderState.CANCELED),
        ("canceled", "0.00", "0.00", "ExpiryCancel", OrderState.EXPIRED),
        ("canceled", "10.00", "0.00", "ExpiryCancel", OrderState.FILLED),
        ("unknown", "0.00", "0.00", "", OrderState.UNKNOWN),
        ("frozen", "0.00", "0.00", "", OrderState.UNKNOWN),
    ],
)
def test_the_state_of_an_order_follows_from_status_and_counts(
    status: str, filled: str, resting: str, reason: str, state: OrderState
) -> None:
    found = normalize.order(
        order(
            status=status,
            fill_count_fp=filled,
            remaining_count_fp=resting,
            last_update_reason=reason,
            last_updated_ts_ms=5,
        )
    )
    assert found.state is state
    assert (found.limit, found.quantity, found.fee) == (650_000, 10 * ONE, 12_000)
    assert (found.client_id, found.contract.outcome, found.venue_ms) == ("c", Outcome.NO, 5)


@pytest.mark.parametrize(
    ("status", "filled", "resting", "whole"),
    [
        ("resting", "1.00", "14.00", 15),
        ("resting", "1.00", "3.00", 4),
        ("executed", "4.00", "0", 4),
    ],
)
def test_an_order_that_was_amended_or_decreased_is_no_longer_for_its_first_size(
    status: str, filled: str, resting: str, whole: int
) -> None:
    body = order(status=status, fill_count_fp=filled, remaining_count_fp=resting)
    assert normalize.order(body).quantity == whole * ONE


@pytest.mark.parametrize(
    ("status", "filled", "resting"),
    [
        ("executed", "4.00", "6.00"),
        ("executed", "0", "0"),
        ("canceled", "0", "6"),
        ("resting", "1", "0"),
    ],
)
def test_a_status_that_the_counts_contradict_is_refused(
    status: str, filled: str, resting: str
) -> None:
    with pytest.raises(ValueError, match=f"'{status}' with"):
        normalize.order(order(status=status, fill_count_fp=filled, remaining_count_fp=resting))


@pytest.mark.parametrize(
    "wrong", [{"fee_cost": "-0.5"}, {"count_fp": "0.00"}, {"yes_price_dollars": "1.0000"}]
)
def test_a_fill_that_cannot_be_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="a fill of"):
        normalize.fill(fill(**wrong))


@pytest.mark.parametrize(
    ("held", "outcome", "quantity"),
    [("100.00", Outcome.YES, 100), ("-3.00", Outcome.NO, 3), ("0.00", Outcome.YES, 0)],
)
def test_a_position_says_what_is_held_now_and_nothing_too(
    held: str, outcome: Outcome, quantity: int
) -> None:
    found = normalize.position(wire.PositionBody("T", held, "50.0000"))
    assert (found.contract.outcome, found.quantity) == (outcome, quantity * ONE)
    assert found.cost == 50 * ONE


def test_a_market_that_changes_is_news_in_the_venues_word_and_in_ours() -> None:
    found = normalize.lifecycle(wire.LifecycleBody("T", "deactivated"))
    assert (found.market, found.says, found.status) == ("T", "deactivated", MarketStatus.PAUSED)
    found = normalize.lifecycle(wire.LifecycleBody("T", "close_date_updated", 1_694_721_600))
    assert (found.status, found.closes_at) == (None, datetime(2023, 9, 14, 20, tzinfo=UTC))
    with pytest.raises(ValueError, match="calendar"):
        normalize.lifecycle(wire.LifecycleBody("T", "created", 10**15))


def test_an_event_whose_fees_change_is_news_from_now_on() -> None:
    found = normalize.fees(wire.FeeBody("E", "quadratic", Decimal(1)), 7)
    assert (found.event, found.change) == ("E", Change(7, Terms("quadratic", Decimal(1))))


def test_a_public_trade_is_the_same_as_over_rest() -> None:
    body = wire.TradeBody("t", "T", "0.3600", "136.00", "no", False, 9)
    found = normalize.trade(body)
    assert (found.id, found.market, found.price, found.quantity) == ("t", "T", 360_000, 136 * ONE)
    assert (found.taker, found.at_ms, found.block) == (Outcome.NO, 9, False)
