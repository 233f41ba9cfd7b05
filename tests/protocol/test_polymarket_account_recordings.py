"""What Polymarket answered to accounts and orders, read by our code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from venues import (
    Contract,
    Order,
    OrderState,
    Outcome,
    Price,
    Quantity,
    Reason,
    Refused,
    Side,
    micros,
)
from venues.http import words
from venues.polymarket import normalize_orders as normalize
from venues.polymarket import normalize_trades as trades
from venues.polymarket import wire_orders as wire
from venues.polymarket.fees import FREE
from venues.polymarket.terms import Known, Terms, TermsBook
from venues.polymarket.wire_trades import Trade

RUST: Final = "rest/nautilus_rs_2026"
TYDOG: Final = "orders/tydog99_2026-01"
MARKET: Final = "0xdd22472e552920b8438158ea7238bfadfa4f736aa4cee91a6b86c39ead110917"
YES: Final = "71321045679252212594626385532706912750332728571942532289631379312455583992563"
NO: Final = "52114319501245915516055106046884209969926127482827954674443846427813813222426"


@pytest.fixture(scope="module")
def read(shared: Path) -> Callable[[str, Any], Any]:
    """A recorded answer as one of our types."""

    def load(name: str, kind: Any) -> Any:
        body = (shared / "data/recorded/polymarket" / name).read_bytes()
        if name.startswith(TYDOG):
            body = json.loads(body)["response"]["body_raw"].encode()
        return msgspec.json.decode(body, type=kind)

    return load


def known(order_id: str, quantity: str, side: Side, outcome: Outcome) -> Order:
    return Order(
        client_id="c1",
        order_id=order_id,
        contract=Contract("polymarket", MARKET, outcome),
        side=side,
        limit=Price(500_000),
        quantity=Quantity(micros(quantity)),
        filled=Quantity(0),
        state=OrderState.SENT,
    )


def test_a_real_fill_is_told_in_dollars_and_shares(read: Any) -> None:
    answer = read(f"{TYDOG}/poly_full_fill_real.json", wire.Placed)
    assert (answer.status, answer.making, answer.taking) == ("matched", "2.65", "5")
    assert (answer.error, answer.success) == ("", True)
    row = read(f"{TYDOG}/poly_order_status_full_real.json", wire.Order)
    assert row.id == answer.order_id
    assert normalize.state(row) is OrderState.FILLED
    assert row.associate_trades == ("9a34f42f-492d-4e10-a1cb-151f71451f98",)


def test_a_real_lack_of_money_is_known_as_that(shared: Path) -> None:
    name = "poly_insufficient_balance.json"
    found = json.loads((shared / "data/recorded/polymarket" / TYDOG / name).read_bytes())
    said, code = words(found["response"]["body_raw"].encode())
    refused = Refused("polymarket", found["response"]["status"], said, code)
    assert normalize.reason(refused) is Reason.FUNDS


@pytest.mark.parametrize(
    ("name", "side", "outcome", "state", "filled"),
    [
        ("http_open_order", Side.BUY, Outcome.YES, OrderState.PARTIAL, "25"),
        ("http_open_order_sell_fok", Side.SELL, Outcome.NO, OrderState.FILLED, "50"),
    ],
)
def test_a_row_of_an_order_says_where_it_stands(
    read: Any, name: str, side: Side, outcome: Outcome, state: OrderState, filled: str
) -> None:
    row = read(f"{RUST}/{name}.json", wire.Order)
    assert row.asset_id == (YES if outcome is Outcome.YES else NO)
    found = normalize.row(known(row.id, row.original_size, side, outcome), row)
    assert (found.state, found.filled) == (state, micros(filled))
    foreign = normalize.foreign(row, found.contract)
    assert (foreign.client_id, foreign.limit, foreign.state) == ("", 500_000, state)


def test_a_page_of_orders_ends_where_it_says(read: Any) -> None:
    page = read(f"{RUST}/http_open_orders_page.json", wire.Page)
    rows = [msgspec.json.decode(raw, type=wire.Order) for raw in page.data]
    assert len(rows) == 2
    assert page.next_cursor == "LTE="
    assert all(normalize.state(row) in {OrderState.ACKED, OrderState.PARTIAL} for row in rows)


@pytest.mark.parametrize(
    ("name", "canceled", "refused"),
    [
        ("http_batch_cancel_response", 2, 1),
        ("http_cancel_response_failed", 0, 1),
        ("http_cancel_response_ok", 1, 0),
    ],
)
def test_a_cancel_names_what_it_did_and_what_not(
    read: Any, name: str, canceled: int, refused: int
) -> None:
    answer = read(f"{RUST}/{name}.json", wire.Canceled)
    assert (len(answer.canceled), len(answer.not_canceled)) == (canceled, refused)


def test_answers_to_orders_say_yes_or_no(read: Any) -> None:
    taken = read(f"{RUST}/http_order_response_ok.json", wire.Placed)
    assert (taken.success, taken.error, taken.status) == (True, None, None)
    refused = read(f"{RUST}/http_order_response_failed.json", wire.Placed)
    assert (refused.success, refused.order_id) == (False, None)
    reason = normalize.reason(Refused("polymarket", 200, refused.error))
    assert reason is Reason.FUNDS


def test_an_error_of_the_venue_has_words(shared: Path) -> None:
    body = (
        shared / f"data/recorded/polymarket/{RUST}/http_order_response_error_500.json"
    ).read_bytes()
    assert words(body)[0] == "Internal server error"


def test_balances_are_base_units_and_nothing_else(read: Any) -> None:
    cash = read(f"{RUST}/http_balance_allowance_collateral.json", wire.BalanceAllowance)
    assert int(cash.balance) == 1_000_000_000
    odd = read(f"{RUST}/http_balance_allowance_no_allowance.json", wire.BalanceAllowance)
    with pytest.raises(ValueError, match="invalid literal"):
        int(odd.balance)


def test_a_signed_order_has_the_fields_that_we_send(read: Any) -> None:
    from venues.polymarket.calls_orders import order_body
    from venues.polymarket.contracts import STANDARD
    from venues.polymarket.signing import Unsigned, Wallet

    recorded = read(f"{RUST}/http_signed_order.json", dict[str, Any])
    unsigned = Unsigned(
        exchange=STANDARD,
        token=YES,
        side=Side.BUY,
        maker_amount=5_000_000,
        taker_amount=10_000_000,
        salt=1,
        timestamp_ms=1_713_398_400_000,
    )
    signed = Wallet.from_key("01" * 32).sign_order(unsigned)
    body = order_body(signed, owner="key", order_type="GTC", expiration_s=0, post_only=False)
    sent = json.loads(body)["order"]
    assert sent.keys() == recorded.keys()
    assert {name: type(x) for name, x in sent.items()} == {
        name: type(x) for name, x in recorded.items()
    }


@pytest.mark.parametrize("name", ["http_trade_report", "http_trades_page"])
def test_trades_are_our_fills_in_our_own_dollars(read: Any, name: str) -> None:
    if name.endswith("page"):
        page = read(f"{RUST}/{name}.json", wire.Page)
        rows = [msgspec.json.decode(raw, type=Trade) for raw in page.data]
    else:
        rows = [read(f"{RUST}/{name}.json", Trade)]
    book = TermsBook()
    book.learn(
        Terms(
            market=MARKET,
            yes=YES,
            no=NO,
            tick=Price(10_000),
            minimum=Quantity(1),
            fees=FREE,
            neg_risk=False,
            version="v1",
            accepting=True,
            delayed=False,
            read_ms=0,
        )
    )
    us = trades.Us(
        "00000000-0000-0000-0000-000000000001", "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"
    )
    for row in rows:
        fills = trades.fills(row, us, book, Known())
        assert sum(each.quantity for each in fills) == micros(row.size)
        assert {(each.side, each.price, each.maker) for each in fills} == {
            (Side.BUY, Price(500_000), False)
        }
        assert {each.provisional for each in fills} == {row.status != "CONFIRMED"}
