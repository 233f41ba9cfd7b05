"""Orders both ways: our words → the one YES book, and the venue's answers → our words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venues import (
    ONE,
    Contract,
    Order,
    OrderRequest,
    OrderState,
    Outcome,
    Price,
    Quantity,
    Reason,
    Refused,
    Side,
    TimeInForce,
    micros,
)
from venues.kalshi import normalize_orders as normalize
from venues.kalshi.calls.orders import NewOrder
from venues.kalshi.wire import orders as wire
from venues.kalshi.wire import portfolio

YES, NO = (Contract("kalshi", "KXA-1", outcome) for outcome in Outcome)
REST, NOW, ALL = TimeInForce.RESTING, TimeInForce.FILL_AND_KILL, TimeInForce.FILL_OR_KILL
AT = datetime(2026, 11, 25, tzinfo=UTC)


def request(
    contract: Contract, side: Side, limit: str, size: str, time: TimeInForce, **more: Any
) -> OrderRequest:
    return OrderRequest(
        client_id="ours",
        contract=contract,
        side=side,
        limit=Price(micros(limit)),
        quantity=Quantity(micros(size)),
        time_in_force=time,
        **more,
    )


BUY_10 = request(YES, Side.BUY, "0.44", "10", NOW)


@pytest.mark.parametrize(
    ("asked", "side", "price", "time", "more"),
    [  # facts, section 9.1, "Worked translation"
        (request(YES, Side.BUY, "0.44", "10", ALL), "bid", 440_000, "fill_or_kill", {}),
        (request(NO, Side.BUY, "0.58", "10", NOW), "ask", 420_000, "immediate_or_cancel", {}),
        (
            request(NO, Side.BUY, "0.56", "10", REST, post_only=True),
            "ask",
            440_000,
            "good_till_canceled",
            {"post_only": True},
        ),
        (
            request(YES, Side.SELL, "0.41", "7", NOW, reduce_only=True),
            "ask",
            410_000,
            "immediate_or_cancel",
            {"reduce_only": True},
        ),
        (request(NO, Side.SELL, "0.30", "7", NOW), "bid", 700_000, "immediate_or_cancel", {}),
        (
            request(YES, Side.BUY, "0.41", "7", REST, expires_at=AT.replace(microsecond=999_999)),
            "bid",
            410_000,
            "good_till_canceled",
            {"expires_s": 1_795_564_800},
        ),
    ],
)
def test_an_intent_becomes_a_side_and_a_price_of_yes(
    asked: OrderRequest, side: str, price: int, time: str, more: dict[str, Any]
) -> None:
    assert normalize.new_order(asked, 2) == NewOrder(
        ticker="KXA-1",
        side=side,  # type: ignore[arg-type]
        count=asked.quantity,
        price=Price(price),
        time_in_force=time,  # type: ignore[arg-type]
        client_order_id="ours",
        shard=2,
        **more,
    )


def test_a_contract_of_another_venue_is_not_sent() -> None:
    elsewhere = replace(BUY_10, contract=Contract("polymarket", "KXA-1", Outcome.YES))
    with pytest.raises(ValueError, match="not a contract of kalshi"):
        normalize.new_order(elsewhere, 0)


def created(filled: str, left: str, average: str | None = None, **more: Any) -> wire.Created:
    fields = {"order_id": "theirs", "client_order_id": "ours", "ts_ms": 5, **more}
    return wire.Created(
        fill_count=filled, remaining_count=left, average_fill_price=average, **fields
    )


@pytest.mark.parametrize(
    ("asked", "answer", "state", "average"),
    [
        (BUY_10, created("10.00", "0.00", "0.4300"), OrderState.FILLED, 430_000),
        (BUY_10, created("2.50", "0.00", "0.4400"), OrderState.CANCELED, 440_000),
        (BUY_10, created("0.00", "0.00"), OrderState.CANCELED, None),
        (replace(BUY_10, time_in_force=REST), created("0.00", "10.00"), OrderState.ACKED, None),
        (
            replace(BUY_10, time_in_force=REST),
            created("4.00", "6.00", "0.4012"),
            OrderState.PARTIAL,
            401_200,
        ),
        (
            request(NO, Side.BUY, "0.58", "10", NOW),
            created("10.00", "0.00", "0.4300"),
            OrderState.FILLED,
            570_000,
        ),
        (BUY_10, created("0.00", "0.00", client_order_id=None), OrderState.CANCELED, None),
    ],
)
def test_an_answer_tells_how_the_order_stands(
    asked: OrderRequest, answer: wire.Created, state: OrderState, average: int | None
) -> None:
    found = normalize.placed(asked, answer)
    assert (found.state, found.average_price) == (state, average)
    assert (found.client_id, found.order_id, found.venue_ms) == ("ours", "theirs", 5)
    assert found.filled == micros(answer.fill_count)


@pytest.mark.parametrize(
    "answer",
    [
        created("10.01", "0.00", "0.43"),
        created("0.00", "10.01"),
        created("5.00", "5.01", "0.43"),
        created("2.00", "8.00", "0.43"),  # an immediate order rests on
        created("2.00", "0.00"),
        created("0.00", "0.00", "0.43"),
        created("2.00", "0.00", "0.45"),  # worse than the limit
        created("2.00", "0.00", "0.00"),
        created("2.00", "0.00", "1.5"),
        created("-2.00", "0.00", "0.43"),
        created("2.00", "-1.00", "0.43"),
        created("two", "0.00", "0.43"),
        created("0.00", "0.00", order_id=""),
        created("0.00", "0.00", client_order_id="other"),
    ],
)
def test_an_answer_that_cannot_be_about_the_request_is_refused(answer: wire.Created) -> None:
    with pytest.raises(ValueError, match=r"."):
        normalize.placed(BUY_10, answer)


def test_all_or_nothing_and_resting_only_are_held_to_it() -> None:
    with pytest.raises(ValueError, match="all-or-nothing"):
        normalize.placed(replace(BUY_10, time_in_force=ALL), created("2.00", "0.00", "0.43"))
    resting = replace(BUY_10, time_in_force=REST, post_only=True)
    with pytest.raises(ValueError, match="only rest"):
        normalize.placed(resting, created("2.00", "8.00", "0.43"))
    assert normalize.placed(resting, created("0.00", "0.00")).state is OrderState.CANCELED


def read_order(**more: str) -> wire.Order:
    fields = {
        "order_id": "theirs",
        "user_id": "u",
        "client_order_id": "ours",
        "ticker": "KXA-1",
        "outcome_side": "no",
        "book_side": "ask",
        "type": "limit",
        "status": "resting",
        "yes_price_dollars": "0.4200",
        "no_price_dollars": "0.5800",
        "initial_count_fp": "10.00",
        "fill_count_fp": "4.00",
        "remaining_count_fp": "6.00",
        "taker_fill_cost_dollars": "2.320000",
        "maker_fill_cost_dollars": "0.000000",
        "taker_fees_dollars": "0.068300",
        "maker_fees_dollars": "0.000100",
        **more,
    }
    return wire.Order(**fields)  # type: ignore[arg-type]


def test_an_order_is_read_as_a_purchase_or_in_the_words_it_was_asked_in() -> None:
    bought = normalize.order(read_order())
    assert (bought.contract, bought.side, bought.limit) == (NO, Side.BUY, 580_000)
    sold = normalize.order(read_order(), YES)
    assert (sold.contract, sold.side, sold.limit) == (YES, Side.SELL, 420_000)
    assert (sold.state, sold.quantity, sold.filled) == (OrderState.PARTIAL, 10_000_000, 4_000_000)
    assert sold.fee == 68_400


@pytest.mark.parametrize(
    ("changed", "state", "whole"),
    [
        ({"status": "resting", "fill_count_fp": "0.00"}, OrderState.ACKED, 6_000_000),
        ({"status": "executed", "remaining_count_fp": "0.00"}, OrderState.FILLED, 4_000_000),
        ({"status": "canceled", "remaining_count_fp": "0.00"}, OrderState.CANCELED, 10_000_000),
    ],
)
def test_the_counts_and_the_status_make_the_state(
    changed: dict[str, str], state: OrderState, whole: int
) -> None:
    found = normalize.order(read_order(**changed))
    assert (found.state, found.quantity) == (state, whole)


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "pending"},
        {"status": "executed"},
        {"status": "resting", "remaining_count_fp": "0.00"},
        {"book_side": "bid"},
        {"outcome_side": "maybe"},
        {"no_price_dollars": "0.5900"},
        {"yes_price_dollars": "1.4200"},
    ],
)
def test_an_order_that_contradicts_itself_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"."):
        normalize.order(read_order(**changed))
    with pytest.raises(ValueError, match="is for KXA-1, not KXB-1"):
        normalize.order(read_order(), Contract("kalshi", "KXB-1", Outcome.YES))


def test_a_cancel_proves_what_was_filled_only_if_nothing_else_happened() -> None:
    of = normalize.order(read_order())  # 10, of which 4 are filled
    answer = wire.Canceled(order_id="theirs", reduced_by="6.00", ts_ms=7, client_order_id="ours")
    ended = normalize.canceled(of, answer)
    assert ended is not None
    assert (ended.state, ended.filled, ended.venue_ms) == (OrderState.CANCELED, 4_000_000, 7)
    for taken in ("0.00", "5.00", "6.01"):
        other = wire.Canceled(order_id="theirs", reduced_by=taken, ts_ms=7)
        assert normalize.canceled(of, other) is None
    for wrong in (
        wire.Canceled(order_id="another", reduced_by="6.00", ts_ms=7),
        wire.Canceled(order_id="theirs", reduced_by="6.00", ts_ms=7, client_order_id="x"),
    ):
        with pytest.raises(ValueError, match="another order"):
            normalize.canceled(of, wrong)


def amended(of: Order, **answer: Any) -> Order | None:
    found = wire.Amended(**{"order_id": "theirs", "ts_ms": 9, **answer})
    return normalize.amended(of, found, limit=Price(600_000), total=Quantity(12_000_000))


def test_an_amend_tells_how_the_order_stands_while_something_rests() -> None:
    of = normalize.order(read_order())
    filled = amended(of, remaining_count="5.00", fill_count="3.00")
    assert filled is not None
    assert (filled.filled, filled.quantity, filled.limit) == (7_000_000, 12_000_000, 600_000)
    assert filled.state is OrderState.PARTIAL
    untold = amended(of)  # no counts: nothing was filled, and as much rests as before
    assert untold is not None
    assert (untold.filled, untold.state) == (4_000_000, OrderState.PARTIAL)
    assert amended(of, remaining_count="0.00") is None  # filled, or stopped before our own order


@pytest.mark.parametrize(
    "answer",
    [
        {"order_id": "another"},
        {"client_order_id": "x"},
        {"remaining_count": "8.01"},
        {"remaining_count": "many"},
    ],
)
def test_an_amend_that_cannot_be_understood_is_refused(answer: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"."):
        amended(normalize.order(read_order()), **answer)


def test_a_decrease_tells_only_what_still_rests() -> None:
    of = normalize.order(read_order())
    one = wire.Decreased(order_id="theirs", remaining_count="1", ts_ms=9)
    assert normalize.decreased(of, one) == 1_000_000
    with pytest.raises(ValueError, match="another order"):
        normalize.decreased(of, wire.Decreased(order_id="x", remaining_count="1", ts_ms=9))


def test_positions_and_cash_and_payouts_are_told_in_our_words() -> None:
    row = portfolio.MarketPosition(
        ticker="KXA-1",
        position_fp="-5.00",
        market_exposure_dollars="2.800000",
        total_traded_dollars="2.8",
        realized_pnl_dollars="0",
        fees_paid_dollars="0.09",
    )
    held = normalize.position(row)
    assert held is not None
    assert (held.contract, held.quantity, held.cost) == (NO, 5_000_000, 2_800_000)
    flat = portfolio.MarketPosition(
        ticker="KXA-1",
        position_fp="0.00",
        market_exposure_dollars="0",
        total_traded_dollars="2.8",
        realized_pnl_dollars="0",
        fees_paid_dollars="0.09",
    )
    assert normalize.position(flat) is None

    shards = (portfolio.ShardBalance(exchange_index=2, balance="250.000100"),)
    split = portfolio.Balance(
        balance=25_000,
        balance_dollars="250.000100",
        portfolio_value=0,
        updated_ts=1,
        balance_breakdown=shards,
    )
    (cash,) = normalize.balances(split)
    assert (cash.pocket, cash.available) == ("2", 250_000_100)

    paid = portfolio.Settlement(
        ticker="KXA-1",
        event_ticker="KXA",
        market_result="scalar",
        yes_count_fp="5.00",
        yes_total_cost_dollars="2.2",
        no_count_fp="1.00",
        no_total_cost_dollars="0.3",
        revenue=153,
        settled_time=AT,
        fee_cost="0.09",
    )
    found = normalize.settlement(paid)
    assert (found.yes_pays, found.cost, found.revenue) == (None, 2_500_000, 1_530_000)


@pytest.mark.parametrize(
    ("code", "words", "reason"),
    [
        ("order_already_exists", "", Reason.DUPLICATE),
        ("insufficient_balance", "insufficient balance for this price", Reason.FUNDS),
        ("user_not_found:_1234", "Exchange user not found", Reason.FUNDS),
        ("MARKET_INACTIVE", "", Reason.CLOSED),
        ("invalid_price", "", Reason.PRICE),
        ("invalid_order", "price is not on the grid", Reason.PRICE),
        ("invalid_order", "count is too small", Reason.SIZE),
        ("invalid_order", "post only order would cross", Reason.POST_ONLY),
        ("invalid_parameters", "unknown account", Reason.OTHER),
    ],
)
def test_the_venues_codes_have_a_meaning(code: str, words: str, reason: Reason) -> None:
    assert normalize.reason(Refused("kalshi", 400, words, code)) is reason


@given(
    outcome=st.sampled_from(Outcome),
    side=st.sampled_from(Side),
    limit=st.integers(1, 9_999).map(lambda n: Price(n * 100)),
)
def test_an_order_comes_back_as_it_was_asked(outcome: Outcome, side: Side, limit: Price) -> None:
    """There and back through the YES book, for every contract, side and price."""
    contract = Contract("kalshi", "KXA-1", outcome)
    asked = replace(BUY_10, contract=contract, side=side, limit=limit)
    sent = normalize.new_order(asked, 0)
    from venues.money import text

    found = normalize.order(
        read_order(
            book_side=sent.side,
            outcome_side="yes" if sent.side == "bid" else "no",
            yes_price_dollars=text(sent.price, 4),
            no_price_dollars=text(ONE - sent.price, 4),
        ),
        contract,
    )
    assert (found.contract, found.side, found.limit) == (contract, side, limit)
    as_bought = normalize.order(
        read_order(
            book_side=sent.side,
            outcome_side="yes" if sent.side == "bid" else "no",
            yes_price_dollars=text(sent.price, 4),
            no_price_dollars=text(ONE - sent.price, 4),
        )
    )
    assert as_bought.side is Side.BUY
    same = as_bought.contract == contract
    assert as_bought.limit == (limit if same else ONE - limit)
