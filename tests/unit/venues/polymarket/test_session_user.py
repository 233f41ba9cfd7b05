"""Our own orders and fills as the user channel tells them: each status once, in any order."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import permutations
from typing import Any, Final

import pytest

from venues import (
    ONE,
    Cash,
    Contract,
    Fill,
    Order,
    OrderState,
    Outcome,
    Price,
    Quantity,
    Side,
)
from venues.polymarket import fees
from venues.polymarket.auth import Credentials
from venues.polymarket.normalize_trades import Us
from venues.polymarket.terms import Known, Terms, TermsBook
from venues.polymarket.user_session import UserSession
from venues.stream import Reconcile

S: Final = 1_000_000_000
US: Final = Us("key-of-ours", "0xOurs")
ID: Final = "0xorder"


def terms() -> TermsBook:
    book = TermsBook()
    book.learn(
        Terms(
            market="m",
            yes="yes",
            no="no",
            tick=Price(10_000),
            minimum=Quantity(5 * ONE),
            fees=fees.assumed("politics").at(1_795_564_800_000),
            neg_risk=False,
            version="v1",
            accepting=True,
            delayed=False,
            read_ms=0,
        )
    )
    return book


PLACED: Final = Order(
    client_id="c-1",
    order_id=ID,
    contract=Contract("polymarket", "m", Outcome.YES),
    side=Side.BUY,
    limit=Price(500_000),
    quantity=Quantity(100 * ONE),
    filled=Quantity(0),
    state=OrderState.ACKED,
)


def opened(*known: Order) -> UserSession:
    orders = Known()
    for order in known:
        orders.remember(order)
    session = UserSession(Credentials(US.api_key, "c2VjcmV0", "words"), US, terms(), orders)
    session.open(["anything"], 0)
    return session


def hear(session: UserSession, *events: dict[str, Any]) -> list[Any]:
    """What is told for these events."""
    for event in events:
        session.receive(json.dumps(event), 0, 0)
    told = [*session.private]
    session.private.clear()
    return told


def order(
    kind: str, matched: str = "0", status: str | None = "LIVE", **more: Any
) -> dict[str, Any]:
    event: dict[str, Any] = {
        "event_type": "order",
        "id": ID,
        "asset_id": "yes",
        "side": "BUY",
        "price": "0.5",
    }
    event |= {"original_size": "100", "size_matched": matched, "type": kind, "status": status}
    return event | {"timestamp": "1795564800123", "market": "m", "owner": US.api_key} | more


def trade(status: str, **more: Any) -> dict[str, Any]:
    """We took 10 contracts of YES from one maker."""
    maker = {"order_id": "0xm", "owner": "theirs", "matched_amount": "10", "price": "0.5"}
    event: dict[str, Any] = {
        "event_type": "trade",
        "type": "TRADE",
        "id": "t",
        "taker_order_id": ID,
    }
    event |= {"asset_id": "yes", "side": "BUY", "size": "10", "price": "0.5", "status": status}
    event |= {"maker_orders": [maker | {"asset_id": "yes", "side": "SELL"}], "owner": US.api_key}
    return event | {"match_time": "1795564800", "trader_side": "TAKER", "market": "m"} | more


def test_the_first_frame_logs_in_for_all_markets_and_the_first_pong_proves_it() -> None:
    session = opened()
    log_in, ping = session.outbox
    auth = {"apiKey": "key-of-ours", "secret": "c2VjcmV0", "passphrase": "words"}
    assert json.loads(log_in) == {"type": "user", "auth": auth}
    assert (ping, session.unproven) == ("PING", 1)
    session.receive(b"PONG", 0, 0)
    session.receive("PONG\n", 0, 0)
    assert [type(each) for each in session.private] == [Reconcile]
    assert session.unproven == 0


def test_the_secret_shows_in_no_word_about_the_session() -> None:
    session = opened()
    shown = repr(session) + repr(vars(session)["_credentials"]) + repr(session.counts)
    assert "c2VjcmV0" not in shown
    assert "words" not in shown


def test_a_lost_connection_and_one_that_answers_no_ping_are_said() -> None:
    session = opened()
    assert session.tick(30 * S) is None
    assert session.tick(31 * S) == "no PONG came for 30 s"
    session.doubt("gone")
    (told,) = session.private
    assert told == Reconcile(venue="polymarket", why="gone")


def test_an_order_that_is_known_keeps_our_words() -> None:
    session = opened(PLACED)
    (told,) = hear(session, order("UPDATE", "25", price="0.49", original_size="101"))
    filled, at_ms = Quantity(25 * ONE), 1_795_564_800_123
    assert told == replace(PLACED, filled=filled, state=OrderState.PARTIAL, venue_ms=at_ms)


def test_an_order_from_elsewhere_has_no_id_of_ours() -> None:
    (told,) = hear(opened(), order("PLACEMENT", asset_id="no", side="SELL", timestamp="1795564800"))
    assert (told.client_id, told.order_id) == ("", ID)
    assert told.contract == Contract("polymarket", "m", Outcome.NO)
    assert (told.side, told.limit, told.quantity) == (Side.SELL, 500_000, 100 * ONE)
    assert (told.state, told.venue_ms) == (OrderState.ACKED, 1_795_564_800_000)


@pytest.mark.parametrize(
    ("event", "state"),
    [
        (order("PLACEMENT"), OrderState.ACKED),
        (order("PLACEMENT", "100", "MATCHED"), OrderState.FILLED),
        (order("UPDATE", "99.99"), OrderState.PARTIAL),
        (order("UPDATE", "100", "MATCHED"), OrderState.FILLED),
        (order("PLACEMENT", status="DELAYED"), OrderState.ACKED),
        (order("UPDATE", status="UNMATCHED"), OrderState.CANCELED),
        (order("CANCELLATION", "20", "CANCELED"), OrderState.CANCELED),
        (order("CANCELLATION", status="CANCELED_EXPIRED_ORDER"), OrderState.EXPIRED),
        (order("CANCELLATION", status="CANCELED_order couldn't be filled"), OrderState.CANCELED),
        (order("CANCELLATION", "", "INVALID", timestamp=""), OrderState.CANCELED),
        (order("CANCELLATION", status=None), OrderState.CANCELED),
    ],
)
def test_the_words_of_an_order_become_a_state(event: Any, state: OrderState) -> None:
    (told,) = hear(opened(), event)
    assert told.state is state


@pytest.mark.parametrize(
    "event",
    [
        order("PLACEMENT", status="DREAMING"),
        order("RESURRECTION"),
        order("UPDATE", asset_id="nobody's"),
        order("UPDATE", side="HOLD"),
        order("UPDATE", "-1"),
        order("UPDATE", asset_id="no"),
        trade("SLEEPING"),
        trade("MATCHED", asset_id="nobody's"),
        trade("MATCHED", side="SELL"),
        trade("MATCHED", match_time=None),
        trade("MATCHED", trader_side="MAKER", owner="theirs"),
        trade("MATCHED", price="x", size="11"),
        {"event_type": "trade", "id": "t"},
        {"event_type": "order"},
    ],
)
def test_an_event_that_makes_no_sense_is_a_reason_to_read_anew(event: Any) -> None:
    told = hear(opened(PLACED), event)
    assert [type(each) for each in told] == [Reconcile]


@pytest.mark.parametrize("raw", ["{", "", "\xff", '{"no": "type"}', "[1]", '"PANG"'])
def test_garbage_is_a_reason_to_read_anew(raw: str) -> None:
    session = opened()
    session.receive(raw, 0, 0)
    assert [type(each) for each in session.private] == [Reconcile]
    assert session.counts.broken == 1


def test_unknown_types_and_empty_arrays_mean_nothing() -> None:
    session = opened()
    session.receive("[]", 0, 0)
    assert hear(session, {"event_type": "weather"}) == []
    assert session.counts.unknown == 1


def test_a_fill_of_a_market_whose_fees_are_unknown_is_no_guess() -> None:
    session = opened(PLACED)
    session._terms._fees.clear()
    assert [type(each) for each in hear(session, trade("MATCHED"))] == [Reconcile]


def test_a_trade_is_told_when_it_is_made_and_when_it_is_settled_and_no_more() -> None:
    session = opened(PLACED)
    told = hear(session, *(trade(word) for word in ("MATCHED", "MINED", "MATCHED", "CONFIRMED")))
    assert [each.provisional for each in told] == [True, False]
    assert hear(session, trade("CONFIRMED"), trade("MINED"), trade("RETRYING")) == []
    fill = told[0]
    assert (fill.client_id, fill.order_id, fill.fill_id) == ("c-1", ID, "t:0")
    assert (fill.price, fill.quantity, fill.fee) == (500_000, 10 * ONE, Cash(100_000))


def test_a_trade_that_fails_at_settlement_is_reversed() -> None:
    session = opened(PLACED)
    told = hear(session, trade("MATCHED"), trade("RETRYING"), trade("TRADE_STATUS_FAILED"))
    assert [(each.provisional, each.reversed) for each in told] == [(True, False), (False, True)]
    assert {each.fill_id for each in told} == {"t:0"}


def test_a_trade_told_in_two_ways_is_read_anew() -> None:
    session = opened(PLACED)
    assert len(hear(session, trade("MATCHED"))) == 1
    assert [type(e) for e in hear(session, trade("CONFIRMED", size="9"))] == [Reconcile]
    assert [type(e) for e in hear(session, trade("CONFIRMED"))] == [Fill]
    assert [type(e) for e in hear(session, trade("FAILED"))] == [Reconcile]


def position(told: list[Any]) -> tuple[Any, ...]:
    """What holds of these events in the end: distinct fills that stand, and the order."""
    fills = {each.fill_id: each for each in told if isinstance(each, Fill)}
    orders = [each for each in told if isinstance(each, Order)]
    standing = {(f.fill_id, f.quantity, f.provisional) for f in fills.values() if not f.reversed}
    return standing, orders[-1].filled, orders[-1].state


@pytest.mark.parametrize("last", ["CONFIRMED", "FAILED"])
def test_events_in_any_order_and_twice_come_to_the_same(last: str) -> None:
    events = [
        order("PLACEMENT", timestamp="1795564800001"),
        trade("MATCHED"),
        order("UPDATE", "10", timestamp="1795564800002"),
        trade(last),
        order("CANCELLATION", "10", "CANCELED", timestamp="1795564800003"),
    ]
    expected = position(hear(opened(PLACED), *events))
    assert expected[1:] == (10 * ONE, OrderState.CANCELED)
    assert expected[0] == ({("t:0", 10 * ONE, False)} if last == "CONFIRMED" else set())
    for some in permutations(events):
        assert position(hear(opened(PLACED), *some)) == expected
        assert position(hear(opened(PLACED), *some, *some)) == expected
