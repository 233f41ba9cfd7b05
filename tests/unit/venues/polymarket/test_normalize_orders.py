"""Orders of ours as Polymarket's, and what it answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from venues import (
    ONE,
    Cash,
    Contract,
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
from venues.polymarket import normalize_orders as normalize
from venues.polymarket import wire_orders as wire
from venues.polymarket.fees import FREE
from venues.polymarket.terms import Terms

MARKET = "0x" + "ab" * 32
TERMS = Terms(
    market=MARKET,
    yes="1" * 70,
    no="2" * 70,
    tick=Price(10_000),
    minimum=Quantity(5 * ONE),
    fees=FREE,
    neg_risk=False,
    version="v1",
    accepting=True,
    delayed=False,
    read_ms=0,
)


def request(
    side: Side = Side.BUY, time: TimeInForce = TimeInForce.RESTING, **more: Any
) -> OrderRequest:
    return OrderRequest(
        client_id="c1",
        contract=Contract("polymarket", MARKET, Outcome.YES),
        side=side,
        limit=more.pop("limit", Price(450_000)),
        quantity=more.pop("quantity", Quantity(10 * ONE)),
        time_in_force=time,
        **more,
    )


@pytest.mark.parametrize(
    ("asked", "kind", "is_cut"),
    [
        (request(), "GTC", False),
        (request(expires_at=datetime(2026, 12, 1, tzinfo=UTC)), "GTD", False),
        (request(time=TimeInForce.FILL_AND_KILL), "GTC", True),
        (request(time=TimeInForce.FILL_OR_KILL), "GTC", True),
        (request(time=TimeInForce.FILL_AND_KILL, spend=Cash(ONE)), "FAK", False),
        (request(time=TimeInForce.FILL_OR_KILL, spend=Cash(ONE)), "FOK", False),
        (request(Side.SELL, TimeInForce.FILL_AND_KILL), "FAK", False),
        (request(Side.SELL, TimeInForce.FILL_OR_KILL), "FOK", False),
    ],
)
def test_what_counts_contracts_is_never_sent_as_what_counts_dollars(
    asked: OrderRequest, kind: str, is_cut: bool
) -> None:
    assert (normalize.order_type(asked), normalize.is_cut_short(asked)) == (kind, is_cut)


@pytest.mark.parametrize(
    "asked",
    [
        request(spend=Cash(ONE)),
        request(Side.SELL, TimeInForce.FILL_AND_KILL, spend=Cash(ONE)),
        request(time=TimeInForce.FILL_AND_KILL, post_only=True),
        request(time=TimeInForce.FILL_OR_KILL, expires_at=datetime(2026, 12, 1, tzinfo=UTC)),
    ],
)
def test_what_the_venue_cannot_do_is_a_wrong_argument(asked: OrderRequest) -> None:
    with pytest.raises(ValueError, match=r"only a BUY|neither rests"):
        normalize.order_type(asked)


def test_the_same_id_is_the_same_salt_and_travels_as_a_json_number() -> None:
    salts = {normalize.salt(f"id {n}") for n in range(1_000)}
    assert len(salts) == 1_000
    assert all(0 <= salt < 2**53 for salt in salts)
    assert normalize.salt("id 1") == normalize.salt("id 1")


def test_a_good_till_date_order_names_a_minute_more_than_it_lives() -> None:
    at = datetime(2026, 12, 1, 12, 0, 0, 500_000, tzinfo=UTC)
    assert normalize.expiration_s(request(expires_at=at)) == int(at.timestamp()) + 61
    assert normalize.expiration_s(request()) == 0


def answered(asked: OrderRequest, status: str, making: str, taking: str) -> Any:
    order = normalize.asked(asked, "0x1", TERMS)
    answer = wire.Placed(order_id="0x1", status=status, making=making, taking=taking)
    return normalize.placed(asked, order, answer)


@pytest.mark.parametrize(
    ("side", "making", "taking", "filled", "average"),
    [
        (Side.BUY, "4.5", "10", 10 * ONE, 450_000),
        (Side.BUY, "4500000", "10000000", 10 * ONE, 450_000),
        (Side.BUY, "1.2", "3", 3 * ONE, 400_000),
        (Side.SELL, "10", "4.7", 10 * ONE, 470_000),
        (Side.SELL, "10000000", "4700000", 10 * ONE, 470_000),
    ],
)
def test_the_unit_of_an_answer_is_the_one_that_fits_the_order(
    side: Side, making: str, taking: str, filled: int, average: int
) -> None:
    found = answered(request(side), "matched", making, taking)
    assert (found.filled, found.average_price) == (filled, average)
    assert found.state is (OrderState.FILLED if filled == 10 * ONE else OrderState.PARTIAL)


@pytest.mark.parametrize(
    ("making", "taking"),
    [("", ""), ("9000", "20000"), ("x", "1"), ("5", "10"), ("4.5", "11"), ("0", "0")],
    ids=["nothing", "both units fit", "no number", "above the limit", "too many", "zero"],
)
def test_amounts_that_leave_open_what_was_filled_prove_nothing(making: str, taking: str) -> None:
    asked = request(quantity=Quantity(50_000 * ONE if making == "9000" else 10 * ONE))
    assert answered(asked, "matched", making, taking) is None


@pytest.mark.parametrize("status", ["live", "delayed"])
def test_an_order_that_waits_counts_as_open_at_its_full_size(status: str) -> None:
    found = answered(request(), status, "", "")
    assert (found.state, found.filled, found.quantity) == (OrderState.ACKED, 0, 10 * ONE)


@pytest.mark.parametrize("status", ["unmatched", "", "pending"])
def test_a_word_that_leaves_open_what_became_of_it_is_unknown(status: str) -> None:
    assert answered(request(), status, "", "") is None


def row(**changes: Any) -> wire.Order:
    return wire.Order(
        **{
            "id": "0x1",
            "status": "LIVE",
            "market": MARKET,
            "asset_id": TERMS.yes,
            "side": "BUY",
            "price": "0.45",
            "original_size": "10",
            "size_matched": "0",
            "order_type": "GTC",
            **changes,
        }
    )


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, OrderState.ACKED),
        ({"status": "ORDER_STATUS_LIVE", "size_matched": "4"}, OrderState.PARTIAL),
        ({"status": "MATCHED", "size_matched": "10"}, OrderState.FILLED),
        ({"status": "MATCHED", "size_matched": "4"}, OrderState.PARTIAL),
        ({"status": "MATCHED", "size_matched": "4", "order_type": "FAK"}, OrderState.CANCELED),
        ({"status": "CANCELED", "size_matched": "4"}, OrderState.CANCELED),
        ({"status": "CANCELED_MARKET_RESOLVED"}, OrderState.CANCELED),
        ({"status": "CANCELED_EXPIRED_ORDER"}, OrderState.EXPIRED),
        ({"status": "DELAYED"}, OrderState.ACKED),
        ({"status": "INVALID"}, OrderState.CANCELED),
    ],
)
def test_a_row_says_where_an_order_stands(changes: dict[str, str], state: OrderState) -> None:
    order = normalize.asked(request(), "0x1", TERMS)
    found = normalize.row(order, row(**changes))
    assert found.state is state
    assert found.filled == micros(changes.get("size_matched", "0"))


def test_a_row_of_another_order_or_in_an_unknown_word_is_no_answer() -> None:
    order = normalize.asked(request(), "0x1", TERMS)
    for wrong in (row(id="0x2"), row(side="SELL"), row(status="FROZEN")):
        with pytest.raises(ValueError, match=r"another order|unknown status"):
            normalize.row(order, wrong)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("not enough balance / allowance: the balance is not enough", Reason.FUNDS),
        ("No orderbook exists for the requested token id", Reason.MARKET),
        ("the market is not yet ready to process new orders", Reason.CLOSED),
        ("'0xab' address in closed only mode", Reason.CLOSE_ONLY),
        ("order 0x1 is invalid. Price (0.455) breaks minimum tick size rule: 0.01", Reason.PRICE),
        ("order 0x1 is invalid. Size (1) lower than the minimum: 5", Reason.SIZE),
        ("invalid amount for a marketable BUY order ($0.5), min size: $1", Reason.SIZE),
        ("invalid amounts, the market buy orders maker amount supports a max …", Reason.SIZE),
        ("invalid post-only order: order crosses book", Reason.POST_ONLY),
        ("order 0x1 is invalid. Duplicated.", Reason.DUPLICATE),
        ("invalid signature", Reason.OTHER),
    ],
)
def test_the_venues_sentences_mean_a_reason(words: str, reason: Reason) -> None:
    assert normalize.reason(Refused("polymarket", 400, words)) is reason


def test_an_order_at_once_that_met_nobody_is_told_from_a_refusal() -> None:
    nobody = "no orders found to match with FAK order. FAK orders are partially filled or killed"
    assert normalize.found_nothing(Refused("polymarket", 400, nobody))
    unfilled = "order couldn't be fully filled. FOK orders are fully filled or killed."
    assert normalize.found_nothing(Refused("polymarket", 400, unfilled))
    assert not normalize.found_nothing(Refused("polymarket", 400, "invalid signature"))


def test_an_order_that_spends_is_as_large_as_what_it_buys_at_its_limit() -> None:
    asked = request(time=TimeInForce.FILL_AND_KILL, spend=Cash(10 * ONE), limit=Price(520_000))
    found = normalize.asked(asked, "0x1", replace(TERMS, tick=Price(10_000)))
    assert found.quantity == micros("19.2307")
    answer = wire.Placed(order_id="0x1", status="matched", making="10", taking="25")
    filled = normalize.placed(asked, found, answer)
    assert filled is not None
    assert (filled.state, filled.filled, filled.average_price) == (
        OrderState.FILLED,
        25 * ONE,
        400_000,
    )
