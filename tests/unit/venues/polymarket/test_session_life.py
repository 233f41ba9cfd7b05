"""How a Session lives: what it asks for again and when, PING and PONG, what confirms a book."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any, Final

from venues.polymarket.session import LATE_MS, Session
from venues.polymarket.subscriptions import DEADLINE_NS, PAUSE_NS
from venues.polymarket.terms import TermsBook
from venues.stream import Watched

S: Final = 1_000_000_000
AGAIN: Final = [("unsubscribe", ["A-yes"]), ("subscribe", ["A-yes"])]


def terms(*markets: str) -> TermsBook:
    book = TermsBook()
    for market in markets:
        book.learn_tokens(market, f"{market}-yes", f"{market}-no")
    return book


def hear(session: Session, event: dict[str, Any], now_ns: int = 0, now_ms: int = 0) -> None:
    session.receive(json.dumps(event), now_ms, now_ns)


def book(at_ms: int, market: str = "A", price: str = "0.40") -> dict[str, Any]:
    event = {"event_type": "book", "asset_id": f"{market}-yes", "timestamp": str(at_ms)}
    return event | {"bids": [{"price": price, "size": "5"}], "asks": []}


def change(at_ms: int, size: str) -> dict[str, Any]:
    """Of the second level of A."""
    level = {"asset_id": "A-yes", "side": "BUY", "price": "0.30", "size": size}
    level |= {"best_bid": "0.40", "best_ask": "1"}
    event = {"event_type": "price_change", "timestamp": str(at_ms)}
    return event | {"price_changes": [level]}


def streaming(*markets: str) -> Session:
    session = Session(terms(*markets))
    session.open(markets, 0)
    for market in markets:
        hear(session, book(1_000, market))
        assert fault(session, market) is None
    session.outbox.clear()
    session.changed.clear()
    return session


def seen(session: Session, market: str = "A") -> Watched:
    found = session.watched(market)
    assert found
    return found


def fault(session: Session, market: str = "A") -> str | None:
    return seen(session, market).fault


def said(session: Session) -> list[tuple[str, list[str]]]:
    found = [json.loads(text) for text in session.outbox if text != "PING"]
    session.outbox.clear()
    return [(each.get("operation") or each["type"], each["assets_ids"]) for each in found]


def test_a_book_that_does_not_come_is_asked_for_again_ever_less_often() -> None:
    session = streaming("A", "B")
    session.receive("{", 0, 2 * S)
    hear(session, book(1_000, "B"), now_ns=2 * S)
    session.outbox.clear()
    asked = []
    for second in range(3, 300):
        session.tick(second * S)
        asked += [second] * (said(session) == AGAIN)
    pauses = [later - earlier for earlier, later in pairwise(asked)]
    assert pauses == sorted(pauses)
    assert (pauses[0] <= DEADLINE_NS // S + 2, pauses[-1] >= 60, fault(session, "B")) == (
        *(True, True),
        None,
    )


def test_a_book_that_fails_over_and_over_is_not_asked_for_each_time() -> None:
    session = streaming("A")
    for n in range(100):
        now_ns = 2 * S + n * PAUSE_NS // 10
        hear(session, book(2_000 + n, price="2"), now_ns=now_ns)
    assert session.counts.poisoned == 100
    assert said(session) == AGAIN * 3  # after 2, 4 and 8 s
    session.tick(30 * S)
    assert said(session) == AGAIN


def test_a_connection_that_brings_no_book_at_all_is_given_up() -> None:
    session = Session(terms("A", "B"))
    session.open(["A", "B"], 0)
    for second in range(1, 31):
        session.receive("PONG", 0, second * S)
        assert session.tick(second * S) is None
    assert session.tick(31 * S) == "no book came for 30 s"


def test_a_connection_that_nobody_needs_any_more_is_not_given_up_for_that() -> None:
    session = Session(streaming("A")._terms)
    session.open(["A"], 0)
    session.remove(["A"], 0)
    session.receive("PONG", 0, 31 * S)
    assert session.tick(31 * S) is None


def test_a_ping_goes_out_every_ten_seconds_and_a_pong_must_come_back() -> None:
    session = streaming("A")
    for second in range(1, 61):
        session.receive(b"PONG" if second < 25 else "[]", 0, second * S)
        why = session.tick(second * S)
        if second % 10 == 0 and second <= 50:
            assert session.outbox.count("PING") >= second // 10
        assert why == ("no PONG came for 30 s" if second > 54 else None)


def test_no_ping_goes_out_ahead_of_the_first_subscription() -> None:
    session = Session(terms())
    session.open(["A"], 0)
    for second in range(1, 60):
        assert session.tick(second * S) is None
    assert session.outbox == []
    session._terms.learn_tokens("A", "A-yes", "A-no")
    assert session.tick(60 * S) is None
    assert (len(session.outbox), session.outbox[-1]) == (2, "PING")
    assert session.tick(90 * S) is None


def test_data_confirms_all_good_books_and_a_pong_or_a_ping_none() -> None:
    session = streaming("A", "B")
    session.receive("PONG", 9_000, 9 * S)
    session.heartbeat(9_000, 9 * S)
    listed = {"event_type": "new_market", "market": "0x" + "0" * 64, "timestamp": "1"}
    hear(session, listed, now_ns=9 * S, now_ms=9_000)
    assert seen(session, "B").confirmed_ns == 0
    hear(session, change(1_001, "1"), now_ns=10 * S, now_ms=10_000)
    found = seen(session, "B")
    assert (found.confirmed_ms, found.confirmed_ns, found.fault) == (10_000, 10 * S, None)


def test_a_stream_that_falls_behind_is_doubted_while_it_does() -> None:
    session = streaming("A", "B")
    hear(session, change(1_001, "1"), now_ms=1_002 + LATE_MS)
    session.changed.clear()
    session.tick(S)
    assert "behind" in (fault(session, "B") or "")
    assert session.changed == {"A", "B"}
    hear(session, change(5_000, "2"), now_ms=5_001)
    session.tick(2 * S)
    assert fault(session, "B") is None


def test_a_doubt_of_the_whole_connection_is_for_good() -> None:
    session = streaming("A")
    session.doubt("gone")
    hear(session, book(2_000))
    assert (fault(session), session.changed) == ("gone", {"A"})
