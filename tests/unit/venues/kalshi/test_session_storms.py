"""A venue that refuses, floods, falls silent or falls behind: no storm of ours, no false trust."""

from __future__ import annotations

import json
from typing import Any, Final

from venues.kalshi.session import LATE_MS, Session

S: Final = 1_000_000_000


def hear(session: Session, now_ms: int = 0, **frame: Any) -> None:
    session.receive(json.dumps(frame).encode(), now_ms, now_ms * 1_000_000)


def opened(*markets: str) -> Session:
    session = Session()
    session.open(markets, 0)
    hear(session, type="subscribed", id=1, msg={"channel": "orderbook_delta", "sid": 7})
    for seq, market in enumerate(markets, 1):
        snapshot(session, seq, market)
    session.outbox.clear()
    return session


def snapshot(session: Session, seq: int, market: str, **more: Any) -> None:
    msg = {"market_ticker": market, "yes_dollars_fp": [["0.4000", "5.00"]]}
    hear(session, type="orderbook_snapshot", sid=7, seq=seq, msg=msg, **more)


def delta(session: Session, seq: int, market: str, now_ms: int = 0, **more: Any) -> None:
    msg = {"market_ticker": market, "price_dollars": "0.4000", "delta_fp": "1.00", "side": "yes"}
    hear(session, now_ms, type="orderbook_delta", sid=7, seq=seq, msg=msg | more)


def fault(session: Session, market: str) -> str | None:
    found = session.watched(market)
    assert found
    return found.fault


def test_a_venue_that_ends_a_channel_each_time_is_asked_once_a_breath() -> None:
    session = Session(channels={"fill": ()})
    session.open((), 0)
    asked = sid = 0
    for second in range(60):
        session.tick(second * S)
        for text in session.outbox:
            asked, sid = asked + 1, sid + 1
            opening = {"channel": "fill", "sid": sid}
            hear(session, type="subscribed", id=json.loads(text)["id"], msg=opening)
            hear(session, type="error", sid=sid, msg={"code": 10, "msg": "broken"})
        session.outbox.clear()
    assert 10 < asked <= 60


def test_a_venue_that_finds_us_too_fast_is_left_alone_for_a_breath() -> None:
    session = Session()
    session.open([f"M{n}" for n in range(2_000)], 0)
    session.outbox.clear()
    hear(session, type="subscribed", id=1, msg={"channel": "orderbook_delta", "sid": 7})
    asked = 0
    while session.outbox:
        number = json.loads(session.outbox.pop(0))["id"]
        asked += 1
        hear(session, type="error", id=number, msg={"code": 27, "msg": "too many requests"})
    assert asked < 5
    session.tick(2 * S)
    assert session.outbox


def test_a_subscribe_that_is_never_answered_is_asked_again_even_if_its_markets_left() -> None:
    session = Session()
    session.open([f"M{n}" for n in range(700)], 0)
    session.remove([f"M{n}" for n in range(500)], 0)
    session.outbox.clear()
    for second in range(1, 30):
        session.tick(second * S)
    first = json.loads(session.outbox[0])
    assert first["cmd"] == "subscribe"
    assert len(first["params"]["market_tickers"]) == 200


def test_a_connection_that_was_given_up_is_never_believed_again() -> None:
    session = opened("A")
    session.doubt("a full read shows another book, twice")
    snapshot(session, 2, "A", id=2)
    delta(session, 3, "A")
    assert fault(session, "A") == "a full read shows another book, twice"


def test_a_stream_that_falls_behind_is_doubted_as_a_whole_until_it_has_caught_up() -> None:
    session = opened("A", "B")
    delta(session, 3, "A", now_ms=100_000, ts_ms=100_000 - LATE_MS)
    session.tick(100 * S)
    assert fault(session, "A") is None
    delta(session, 4, "A", now_ms=101_000, ts_ms=100_999 - LATE_MS)
    session.tick(101 * S)
    for market in ("A", "B"):
        assert fault(session, market) == "the stream is 3 s behind, or our clock is wrong"
    assert session.changed == {"A", "B"}
    session.tick(102 * S)  # nothing more was on its way
    assert fault(session, "A") is fault(session, "B") is None


def test_what_belongs_to_another_subaccount_is_not_ours() -> None:
    session = Session(channels=dict.fromkeys(("fill", "user_orders", "market_positions"), ()))
    session.open((), 0)
    for sid, channel in enumerate(("fill", "user_orders", "market_positions"), 1):
        hear(session, type="subscribed", id=sid, msg={"channel": channel, "sid": sid})
    session.private.clear()
    fill = {"trade_id": "t", "order_id": "o", "market_ticker": "A", "is_taker": True, "ts_ms": 1}
    fill |= {"outcome_side": "yes", "book_side": "bid", "yes_price_dollars": "0.5"}
    fill |= {"count_fp": "1", "fee_cost": "0"}
    held = {"market_ticker": "A", "position_fp": "1", "position_cost_dollars": "0.5"}
    for other in ({"subaccount": 3}, {"subaccount": 0}, {}):
        hear(session, type="fill", sid=1, msg=fill | other)
        hear(session, type="market_position", sid=3, msg=held | other)
    assert len(session.private) == 4


def test_the_end_of_a_stream_of_our_own_events_demands_a_reconcile() -> None:
    session = Session(channels={"fill": ()})
    session.open((), 0)
    session.doubt("not connected")
    assert [each.why for each in session.private] == ["not connected"]  # type: ignore[union-attr]


def test_a_market_that_comes_back_is_believed_though_no_answer_named_the_leaving() -> None:
    session = opened("A", "B")
    session.remove(["A"], 0)
    hear(session, type="ok", sid=7, seq=3, msg={"market_tickers": ["B"]})
    session.add(["A"], 0)
    number = json.loads(session.outbox[-1])["id"]
    hear(session, type="ok", sid=7, seq=4, id=number, msg={"market_tickers": ["A", "B"]})
    snapshot(session, 5, "A")
    assert fault(session, "A") is None


def test_frames_of_a_market_that_nobody_asked_for_cost_one_round() -> None:
    session = opened("A")
    for seq in range(2, 250):
        delta(session, seq, "X")
        if seq % 20 == 0:
            snapshot(session, seq, "A")
    assert session.counts.resyncs == 1
