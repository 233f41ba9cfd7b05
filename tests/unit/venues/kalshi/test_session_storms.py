"""A venue that refuses, floods, falls silent or falls behind: no storm of ours, no false trust."""

from __future__ import annotations

import json
from typing import Any, Final

from venues.kalshi.books import LATE_MS
from venues.kalshi.session import Session

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


def test_a_change_that_comes_late_puts_its_book_in_doubt() -> None:
    session = opened("A", "B")
    delta(session, 3, "A", now_ms=100_000, ts_ms=100_000 - LATE_MS)
    assert fault(session, "A") is None
    delta(session, 4, "A", now_ms=100_000, ts_ms=99_999 - LATE_MS)
    assert fault(session, "A") == "its last change came 5 s late, or our clock is wrong"
    assert fault(session, "B") is None
    delta(session, 5, "A", now_ms=101_000, ts_ms=100_900)
    assert fault(session, "A") is None


def test_frames_of_a_market_that_nobody_asked_for_cost_one_round() -> None:
    session = opened("A")
    for seq in range(2, 250):
        delta(session, seq, "X")
        if seq % 20 == 0:
            snapshot(session, seq, "A")
    assert session.counts.resyncs == 1
