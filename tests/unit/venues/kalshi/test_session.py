"""What a Session says and believes, rule by rule; streams as a whole are in tests/property."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from venues import ONE, Outcome, Side
from venues.kalshi.normalize_stream import Complaint
from venues.kalshi.session import Session
from venues.kalshi.subscriptions import BATCH, DEADLINE_NS, RETRY_NS, WINDOW
from venues.stream import Counts, OwnChange, Watched

S: Final = 1_000_000_000


def hear(session: Session, frame: dict[str, Any], now_ns: int = 0) -> None:
    session.receive(json.dumps(frame).encode(), now_ns // 1_000_000, now_ns)


def snapshot(session: Session, seq: int, market: str = "A", **extra: Any) -> None:
    msg = {"market_ticker": market, "yes_dollars_fp": [["0.4000", "5.00"]]}
    msg |= {"no_dollars_fp": [["0.5500", "6.00"]]} | extra.pop("msg", {})
    hear(session, {"type": "orderbook_snapshot", "sid": 7, "seq": seq, "msg": msg} | extra)


def delta(session: Session, seq: int, **msg: Any) -> None:
    change = {"market_ticker": "A", "price_dollars": "0.4000", "delta_fp": "1.00", "side": "yes"}
    frame = {"type": "orderbook_delta", "sid": 7, "seq": seq, "msg": change | msg}
    hear(session, {k: v for k, v in frame.items() if v is not None})


def subscribed(session: Session, channel: str = "orderbook_delta", sid: int = 7) -> None:
    hear(session, {"type": "subscribed", "id": 1, "msg": {"channel": channel, "sid": sid}})


def streaming(*markets: str, yes_prices: bool = False) -> Session:
    session = Session(yes_prices=yes_prices)
    session.open(markets or ("A",), 0)
    subscribed(session)
    for seq, market in enumerate(markets or ("A",), 1):
        snapshot(session, seq, market)
        assert fault(session, market) is None
    said(session)
    return session


def said(session: Session) -> list[dict[str, Any]]:
    found = [json.loads(text) for text in session.outbox]
    session.outbox.clear()
    return found


def seen(session: Session, market: str = "A") -> Watched:
    found = session.watched(market)
    assert found
    return found


def fault(session: Session, market: str = "A") -> str | None:
    return seen(session, market).fault


def asked(session: Session) -> list[tuple[str, list[str]]]:
    return [
        (c["params"].get("action", c["cmd"]), c["params"]["market_tickers"]) for c in said(session)
    ]


@pytest.mark.parametrize("yes_prices", [True, False])
def test_the_way_of_prices_is_always_said_and_read_accordingly(yes_prices: bool) -> None:
    session = Session(yes_prices=yes_prices)
    session.open(["A"], 0)
    (command,) = said(session)
    assert command["params"] == {
        "channels": ["orderbook_delta"],
        "market_tickers": ["A"],
        "use_yes_price": yes_prices,
    }
    subscribed(session)
    snapshot(session, 1)
    delta(session, 2, side="no", price_dollars="0.6000")
    watched = seen(session)
    told = [price for price, _ in watched.book.asks]
    assert told == ([550_000, 600_000] if yes_prices else [400_000, 450_000])


def test_an_absent_side_and_an_empty_side_are_the_same() -> None:
    session = streaming()
    hear(session, {"type": "orderbook_snapshot", "sid": 7, "seq": 2, "msg": {"market_ticker": "A"}})
    assert fault(session) is None
    watched = seen(session)
    assert watched.book.bids == watched.book.asks == ()
    snapshot(session, 3, msg={"yes_dollars_fp": []}, clock=9, sending_ts_ms=5)
    watched = seen(session)
    assert (watched.book.bids, len(watched.book.asks)) == ((), 1)


def test_a_gap_puts_all_books_in_doubt_at_once_and_each_comes_back_with_its_snapshot() -> None:
    session = streaming("A", "B")
    session.changed.clear()
    delta(session, 5)
    assert fault(session, "A") == fault(session, "B") == "2 frames are missing"
    assert session.changed == {"A", "B"}
    assert asked(session) == [("get_snapshot", ["A", "B"])]
    snapshot(session, 6, "B", id=2)
    assert (fault(session, "A"), fault(session, "B")) == ("2 frames are missing", None)
    delta(session, 7)
    assert fault(session, "A")
    snapshot(session, 8, "A", id=2)
    assert fault(session, "A") is None
    assert (session.counts.gaps, session.counts.resyncs) == (1, 1)


def test_a_doubled_frame_is_dropped_and_acknowledgements_take_a_number() -> None:
    session = streaming()
    delta(session, 2)
    delta(session, 2)
    hear(session, {"type": "ok", "sid": 7, "seq": 3, "id": 9, "msg": {"market_tickers": ["A"]}})
    hear(session, {"type": "error", "sid": 7, "seq": 4, "msg": {"code": 11, "msg": "no"}})
    delta(session, 5)
    watched = seen(session)
    assert watched.fault is None
    assert watched.book.bids[0].quantity == 7 * ONE
    assert session.counts == Counts(duplicates=1)


def test_a_subscription_that_nobody_asked_for_is_passed_over() -> None:
    session = streaming()
    subscribed(session)
    subscribed(session, sid=8)
    subscribed(session, "weather", sid=9)
    delta(session, 2)
    assert fault(session) is None
    assert session.counts == Counts(stray=3)


def test_after_a_restart_only_the_answer_to_a_new_question_counts() -> None:
    session = streaming()
    delta(session, 2)
    snapshot(session, 1)
    assert fault(session) == "its subscription began anew"
    (question,) = said(session)
    snapshot(session, 2)
    snapshot(session, 3, id=1)
    assert fault(session) == "its subscription began anew"
    snapshot(session, 4, id=question["id"])
    assert fault(session) is None
    snapshot(session, 1)
    hear(session, {"type": "error", "sid": 7, "msg": {"code": 10, "msg": "over"}})
    session.tick(2 * S)
    subscribed(session, sid=8)
    snapshot(session, 1, sid=8)
    assert fault(session) is None


def test_a_market_that_left_and_came_back_ignores_what_was_on_its_way() -> None:
    session = streaming("A", "B")
    session.remove(["A"], 0)
    session.add(["A"], 0)
    leave, join = said(session)
    assert (leave["params"]["action"], join["params"]["action"]) == (
        "delete_markets",
        "add_markets",
    )
    snapshot(session, 3)
    assert fault(session) == "no snapshot yet"
    hear(session, {"type": "ok", "sid": 7, "seq": 4, "id": leave["id"]})
    snapshot(session, 5)
    assert fault(session) is None


def test_a_market_that_left_is_still_told_of_for_a_while() -> None:
    session = streaming("A", "B")
    session.remove(["A"], 0)
    delta(session, 3)
    assert session.watched("A") is None
    assert fault(session, "B") is None
    delta(session, 4, market_ticker="C")
    assert fault(session, "B") == "a frame came for a market that nobody asked for"


@pytest.mark.parametrize(
    "change",
    [
        {"delta_fp": "-5.01"},
        {"price_dollars": "0.4100", "delta_fp": "-1.00"},
        {"price_dollars": "0.0000"},
        {"price_dollars": "1.0000"},
        {"price_dollars": "-0.1000"},
        {"price_dollars": "x"},
        {"delta_fp": "1e3"},
        {"delta_fp": ""},
        {"side": "maybe"},
        {"side": None},
        {"delta_fp": 1},
        {"delta_fp": None},
    ],
)
def test_a_poisoned_change_costs_that_book_alone_and_asks_for_it_anew(change: Any) -> None:
    session = streaming("A", "B")
    delta(session, 3, **change)
    assert fault(session, "A")
    assert fault(session, "B") is None
    assert asked(session) == [("get_snapshot", ["A"])]
    assert session.counts.poisoned + session.counts.broken == 1


@pytest.mark.parametrize(
    "rungs",
    [
        [["0.4000", "0.00"]],
        [["0.4000", "-1.00"]],
        [["0.0000", "1.00"]],
        [["1.0000", "1.00"]],
        [["0.4000", "1.00"], ["0.4000", "1.00"]],
        [["0,4", "1"]],
    ],
)
def test_a_poisoned_snapshot_is_asked_for_again_but_not_in_a_hurry(rungs: Any) -> None:
    session = streaming()
    snapshot(session, 2, msg={"yes_dollars_fp": rungs})
    assert fault(session)
    assert said(session) == []
    session.tick(RETRY_NS)
    assert asked(session) == [("get_snapshot", ["A"])]


def test_a_book_that_stays_crossed_is_asked_for_anew_and_is_in_doubt_all_the_while() -> None:
    session = streaming()
    delta(session, 2, price_dollars="0.5000")
    assert fault(session) == "crossed: its best bid is not below its best ask"
    for second in range(4):
        session.tick(second * S)
    assert asked(session) == [("get_snapshot", ["A"])]
    assert session.counts.poisoned == 1


@pytest.mark.parametrize("code", [10, 25, 7])
def test_the_end_of_the_subscription_ends_its_books_and_everything_joins_anew(code: int) -> None:
    session = streaming()
    error = {"type": "error", "msg": {"code": code, "msg": "over"}} | (
        {"sid": 7} if code != 7 else {}
    )
    hear(session, error)
    assert fault(session) == f"the venue refused it: over (error {code})"
    assert said(session) == []
    session.tick(2 * S)
    assert asked(session) == [("subscribe", ["A"])]
    delta(session, 2)
    assert session.counts.stray == 1
    subscribed(session, sid=8)
    snapshot(session, 1, sid=8)
    delta(session, 3)
    assert fault(session) is None
    assert session.counts.stray == 2
    assert isinstance(session.public[0], Complaint)


def test_a_terminal_error_that_names_nothing_gives_up_the_connection() -> None:
    session = streaming()
    assert session.tick(0) is None
    hear(session, {"type": "error", "msg": {"code": 25, "msg": "overflow"}})
    assert fault(session)
    assert session.tick(0)


def test_other_errors_are_told_and_change_nothing() -> None:
    session = streaming()
    hear(session, {"type": "error", "id": 99, "msg": {"code": 27, "msg": "slow down"}})
    assert fault(session) is None
    told = Complaint(code=27, words="slow down", channel="", markets=())
    assert session.public == [told]


def test_a_market_that_the_venue_names_in_a_refusal_is_put_off_alone() -> None:
    session = streaming()
    session.add(["X", "Y"], 0)
    (command,) = said(session)
    problem = {"code": 11, "msg": "unknown market", "market_ticker": "X"}
    hear(session, {"type": "error", "id": command["id"], "msg": problem})
    assert asked(session) == [("add_markets", ["Y"])]  # the whole command was refused
    snapshot(session, 2, "Y")
    assert fault(session, "Y") is None
    assert fault(session, "X") == "the venue refused it: unknown market (error 11)"
    assert session.unproven == 1
    session.tick(RETRY_NS)
    assert asked(session) == [("add_markets", ["X"])]


def test_a_batch_refused_for_no_named_market_is_halved_down_to_the_bad_one() -> None:
    session = streaming()
    session.add(["B", "C", "D", "E"], 0)
    commands, seq, joined = said(session), 1, set()
    for command in commands:
        markets = command["params"]["market_tickers"]
        if "D" in markets:
            hear(session, {"type": "error", "id": command["id"], "msg": {"code": 11}})
        else:
            for market in markets:
                seq += 1
                snapshot(session, seq, market)
                joined.add(market)
        commands += said(session)
    assert joined == {"B", "C", "E"}
    assert session.unproven == 1
    assert len(commands) < 8


def test_what_is_not_acknowledged_by_data_in_time_is_flagged_and_asked_for_again() -> None:
    session = Session()
    session.open(["A", "B"], 0)
    subscribed(session)
    snapshot(session, 1, "A")
    said(session)
    session.tick(DEADLINE_NS + 1)
    assert fault(session, "A") is None
    assert fault(session, "B") == "the venue sent no book in time"
    assert (session.unproven, session.counts.overdue) == (1, 1)
    assert asked(session) == [("get_snapshot", ["B"])]
    session.tick(2 * DEADLINE_NS + 3)
    assert asked(session) == []
    session.tick(2 * DEADLINE_NS + RETRY_NS + 3)
    assert asked(session) == [("add_markets", ["B"])]
    snapshot(session, 2, "B")
    assert (fault(session, "B"), session.unproven) == (None, 0)


def test_thousands_of_markets_are_asked_for_no_faster_than_they_come() -> None:
    markets = [f"M{n}" for n in range(5 * BATCH)]
    session = Session()
    session.open(markets, 0)
    assert [len(names) for _, names in asked(session)] == [BATCH]
    subscribed(session)
    asked_for = BATCH + sum(len(names) for _, names in asked(session))
    assert asked_for <= WINDOW + BATCH
    for seq, market in enumerate(markets, 1):
        snapshot(session, seq, market)
        asked_for += sum(len(names) for _, names in asked(session))
    assert asked_for == len(markets)
    assert session.unproven == 0


def test_a_subscribe_that_the_venue_merges_is_answered_by_ok() -> None:
    session = Session()
    session.open(["A"], 0)
    (command,) = said(session)
    hear(session, {"type": "ok", "sid": 7, "seq": 30, "id": command["id"]})
    snapshot(session, 31)
    assert fault(session) is None
    assert session.counts.gaps == 0


def test_a_sign_of_life_confirms_books_only_while_there_is_a_subscription() -> None:
    session = Session()
    session.open(["A"], 0)
    session.heartbeat(5, 5 * S)
    watched = seen(session)
    assert watched.confirmed_ns == 0
    session = streaming()
    session.heartbeat(5_000, 5 * S)
    watched = seen(session)
    assert (watched.confirmed_ms, watched.age_ms(7 * S)) == (5_000, 2_000)
    session._pending["trade"] = (99, 0)
    subscribed(session, "trade", 3)
    hear(session, {"type": "ticker", "sid": 3, "seq": 1, "msg": {}}, 9 * S)
    hear(session, {"type": "ok", "sid": 3, "seq": 2}, 9 * S)
    watched = seen(session)
    assert watched.confirmed_ns == 5 * S


def test_our_own_change_is_told_with_our_id() -> None:
    session = streaming()
    delta(session, 2, client_order_id="mine", side="no", price_dollars="0.5500", delta_fp="-6.00")
    (change,) = session.private
    assert isinstance(change, OwnChange)
    assert (change.side, change.price, change.delta) == (Side.SELL, 450_000, -6 * ONE)
    assert (change.contract.outcome, change.client_id) == (Outcome.YES, "mine")


def test_unknown_types_are_counted_and_tolerated_unless_they_take_a_place_among_the_books() -> None:
    session = streaming()
    hear(session, {"type": "weather", "msg": {}})
    hear(session, {"type": "weather", "sid": 3})
    assert fault(session) is None
    hear(session, {"type": "ok", "sid": 7, "seq": 2, "msg": 5})
    assert fault(session) is None
    hear(session, {"type": "weather", "sid": 7, "seq": 3})
    assert fault(session)
    assert (session.counts.unknown, session.counts.broken) == (3, 1)


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\xff", "null", '{"sid":7}', b"[" * 100_000])
def test_a_frame_that_cannot_be_read_puts_all_books_in_doubt(raw: bytes | str) -> None:
    session = streaming()
    session.receive(raw, 0, 0)
    assert fault(session)
    assert asked(session) == [("get_snapshot", ["A"])]
