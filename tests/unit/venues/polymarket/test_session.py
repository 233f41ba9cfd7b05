"""What a Session says and believes, rule by rule; streams as a whole are in tests/property."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from venues import Outcome, Price, Quantity
from venues.polymarket.books import DISAGREES, UNNAMED
from venues.polymarket.fees import FREE
from venues.polymarket.session import Session
from venues.polymarket.subscriptions import BATCH, DEADLINE_NS
from venues.polymarket.terms import Terms, TermsBook
from venues.stream import Watched

S: Final = 1_000_000_000


def terms(*markets: str) -> TermsBook:
    book = TermsBook()
    for market in markets:
        book.learn_tokens(market, f"{market}-yes", f"{market}-no")
    return book


def hear(session: Session, *events: dict[str, Any], now_ns: int = 0, now_ms: int = 0) -> None:
    frame = json.dumps(events[0] if len(events) == 1 else events)
    session.receive(frame.encode(), now_ms, now_ns)


def book(at_ms: int, market: str = "A", **more: Any) -> dict[str, Any]:
    bids = [{"price": "0.30", "size": "9"}, {"price": "0.40", "size": "5"}]
    event = {"event_type": "book", "market": "0x", "asset_id": f"{market}-yes", "bids": bids}
    event |= {"asks": [{"price": "0.45", "size": "6"}], "timestamp": str(at_ms), "hash": "h"}
    return {k: v for k, v in (event | more).items() if v is not None}


def change(at_ms: int, *levels: tuple[str, str, str], **more: Any) -> dict[str, Any]:
    """(side, price, size); `top` is what the venue says is best then, of A unless `token`."""
    bid, ask = more.pop("top", ("0.40", "0.45"))
    token = more.pop("token", "A-yes")
    changes = [
        {"asset_id": token, "side": side, "price": price, "size": size, "hash": "h"}
        | {"best_bid": bid, "best_ask": ask}
        for side, price, size in levels
    ]
    event = {"event_type": "price_change", "timestamp": str(at_ms), "price_changes": changes}
    return event | more


def streaming(*markets: str) -> Session:
    markets = markets or ("A",)
    session = Session(terms(*markets))
    session.open(markets, 0)
    hear(session, *(book(1_000, market) for market in markets))
    for market in markets:
        assert seen(session, market).fault is None
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


AGAIN: Final = [("unsubscribe", ["A-yes"]), ("subscribe", ["A-yes"])]


def test_the_first_frame_names_yes_tokens_and_asks_for_news_too() -> None:
    session = Session(terms("A", "B"))
    session.open(["A", "B"], 0)
    first, ping = session.outbox
    assert json.loads(first) == {
        "type": "market",
        "assets_ids": ["A-yes", "B-yes"],
        "custom_feature_enabled": True,
    }
    assert ping == "PING"
    assert session.unproven == 2
    hear(session, book(5), book(5, "B"))
    assert session.unproven == 0


def test_many_markets_are_asked_for_in_frames_of_a_reasonable_size() -> None:
    names = [f"M{n}" for n in range(BATCH * 2 + 1)]
    session = Session(terms(*names))
    session.open(names, 0)
    commands = said(session)
    assert [(kind, len(tokens)) for kind, tokens in commands] == [
        ("market", BATCH),
        ("subscribe", BATCH),
        ("subscribe", 1),
    ]


def test_markets_come_and_go_on_an_open_connection() -> None:
    session = streaming("A", "B")
    session._terms.learn_tokens("C", "C-yes", "C-no")
    session.add(["C", "A"], 0)
    session.remove(["B", "stranger"], 0)
    assert said(session) == [("subscribe", ["C-yes"]), ("unsubscribe", ["B-yes"])]
    assert session.watched("B") is None
    hear(session, book(2_000, "B"), change(2_001, ("BUY", "0.30", "1"), token="B-yes"))
    assert session.watched("B") is None
    assert session.counts.stray == 0


def test_a_market_without_tokens_is_in_doubt_until_they_are_learned() -> None:
    session = Session(terms("A"))
    session.open(["A", "X"], 0)
    hear(session, book(5))
    assert (fault(session, "A"), fault(session, "X")) == (None, UNNAMED)
    assert (session.unproven, seen(session, "X").confirmed_ns) == (1, 0)
    session.outbox.clear()
    session._terms.learn_tokens("X", "X-yes", "X-no")
    session.tick(S)
    assert said(session) == [("subscribe", ["X-yes"])]
    hear(session, book(5, "X"))
    assert fault(session, "X") is None


def test_a_book_is_replaced_whole_and_sorted_whatever_its_order() -> None:
    session = streaming()
    found = seen(session).book
    assert found.bids == ((400_000, 5_000_000), (300_000, 9_000_000))
    assert (found.asks, found.venue_ms) == (((450_000, 6_000_000),), 1_000)
    assert found.contract.outcome is Outcome.YES
    hear(session, book(1_001, bids=[], asks=[]))
    assert seen(session).book.bids == seen(session).book.asks == ()


def test_the_old_names_of_the_sides_are_understood_and_a_missing_side_is_poison() -> None:
    session = streaming()
    old: dict[str, Any] = {
        "buys": [{"price": "0.2", "size": "1"}],
        "sells": [],
        "bids": None,
        "asks": None,
    }
    hear(session, book(1_001, **old))
    assert seen(session).book.bids == ((200_000, 1_000_000),)
    hear(session, book(1_002, asks=None))
    assert "without one of its sides" in (fault(session) or "")


def test_changes_set_levels_and_a_size_of_zero_takes_them_away_even_twice() -> None:
    session = streaming()
    more = [("BUY", "0.410", "7.5"), ("SELL", "0.45", "0"), ("SELL", "0.46", "2")]
    hear(session, change(1_001, *more, top=("0.41", "0.46")))
    assert seen(session).book.bids[0] == (410_000, 7_500_000)
    assert seen(session).book.asks == ((460_000, 2_000_000),)
    hear(session, change(1_002, ("SELL", "0.45", "0"), top=("0.41", "0.46")))
    assert (fault(session), session.changed) == (None, {"A"})
    assert seen(session).book.venue_ms == 1_002


@pytest.mark.parametrize(("nothing", "everything"), [("0", "1"), ("", ""), ("1", "0")])
def test_an_empty_side_is_told_as_zero_one_or_nothing(nothing: str, everything: str) -> None:
    session = streaming()
    gone = [("BUY", "0.4", "0"), ("BUY", "0.3", "0"), ("SELL", "0.45", "0")]
    hear(session, change(1_001, *gone, top=(nothing, everything)))
    assert (fault(session), seen(session).book.bids) == (None, ())


def test_the_other_token_of_a_market_is_neither_applied_nor_strange() -> None:
    session = streaming()
    mirror = change(1_001, ("SELL", "0.60", "1"), token="A-no", top=("0.55", "0.60"))
    hear(session, mirror, book(1_002, asset_id="A-no"))
    assert seen(session).book.venue_ms == 1_000
    assert session.counts.stray == 0
    hear(session, change(1_001, ("SELL", "0.60", "1"), token="nobody's"))
    assert (session.counts.stray, fault(session)) == (1, None)


def test_best_prices_that_differ_are_a_doubt_at_once_and_a_gap_at_the_next_moment() -> None:
    session = streaming()
    hear(session, change(1_001, ("BUY", "0.30", "8"), top=("0.41", "0.45")))
    assert (fault(session), said(session)) == (DISAGREES, [])
    hear(session, change(1_002, ("BUY", "0.41", "8"), top=("0.41", "0.45")), now_ns=2 * S)
    assert "frames are missing" in (fault(session) or "")
    assert (said(session), session.counts.gaps) == (AGAIN, 1)
    hear(session, change(1_003, ("BUY", "0.42", "8"), top=("0.42", "0.45")))
    assert fault(session)
    hear(session, book(1_003))
    assert fault(session) is None


def test_frames_of_one_moment_may_disagree_until_the_last_of_them() -> None:
    session = streaming()
    hear(session, change(1_001, ("BUY", "0.40", "0"), top=("0", "0.45")))
    assert fault(session) == DISAGREES
    hear(session, change(1_001, ("BUY", "0.30", "0"), top=("0", "0.45")))
    assert (fault(session), session.counts.gaps) == (None, 0)


def test_a_whole_book_settles_every_disagreement() -> None:
    session = streaming()
    hear(session, change(1_001, ("BUY", "0.30", "8"), top=("0.41", "0.45")), book(1_001))
    session.tick(3 * S)
    assert (fault(session), session.counts.gaps) == (None, 0)


def test_a_disagreement_that_nothing_settles_is_a_gap_after_a_while() -> None:
    session = streaming()
    hear(session, change(1_001, ("BUY", "0.30", "8"), top=("0.41", "0.45")), now_ns=10 * S)
    session.tick(10 * S + 400_000_000)
    assert session.counts.gaps == 0
    session.tick(11 * S)
    assert (session.counts.gaps, said(session)) == (1, AGAIN)


def test_a_quote_is_checked_but_one_that_is_behind_is_not() -> None:
    session = streaming()
    quote = {"event_type": "best_bid_ask", "asset_id": "A-yes", "spread": "0.05"}
    told = quote | {"best_bid": "0.41", "best_ask": "0.45"}
    hear(session, told | {"timestamp": "999"})
    assert fault(session) is None
    hear(session, told | {"timestamp": "1001"})
    assert fault(session) == DISAGREES
    hear(session, change(1_001, ("BUY", "0.41", "1"), top=("0.41", "0.45")))
    assert fault(session) is None
    hear(session, quote | {"best_bid": "0.42", "best_ask": "0.45", "timestamp": "1002"})
    session.tick(2 * S)
    assert session.counts.gaps == 1
    assert fault(session)


def test_a_change_that_sums_up_less_than_a_quote_does_not_settle_it() -> None:
    session = streaming()
    quote = {"event_type": "best_bid_ask", "asset_id": "A-yes", "timestamp": "1005"}
    hear(session, quote | {"best_bid": "0.42", "best_ask": "0.45"})
    hear(session, change(1_004, ("BUY", "0.41", "1"), top=("0.41", "0.45")))
    assert fault(session) == DISAGREES
    hear(session, change(1_004, ("BUY", "0.42", "1"), top=("0.42", "0.45")))
    assert fault(session) is None


def test_a_quote_does_not_settle_what_a_change_disagreed_with() -> None:
    session = streaming()
    hear(session, change(1_001, ("BUY", "0.30", "8"), top=("0.41", "0.45")))
    quote = {"event_type": "best_bid_ask", "asset_id": "A-yes", "timestamp": "1001"}
    hear(session, quote | {"best_bid": "0.40", "best_ask": "0.45"})
    assert fault(session) == DISAGREES


def test_a_doubt_of_everything_takes_smaller_ones_with_it() -> None:
    session = streaming()
    hear(session, change(1_001, ("BUY", "0.30", "8"), top=("0.41", "0.45")))
    session.receive("{", 0, 0)
    session.tick(3 * S)
    assert (fault(session), session.counts.gaps) == ("a frame could not be read", 0)


def test_a_change_out_of_order_is_left_out_and_puts_its_book_in_doubt() -> None:
    session = streaming()
    hear(session, change(1_005, ("BUY", "0.30", "8")))
    hear(session, change(1_003, ("BUY", "0.20", "8")), now_ns=2 * S)
    assert "out of order" in (fault(session) or "")
    assert (session.counts.gaps, said(session)) == (1, AGAIN)


def test_a_change_older_than_the_snapshot_is_in_it_already() -> None:
    session = streaming()
    hear(session, change(999, ("BUY", "0.20", "8")))
    hear(session, change(1_005, ("BUY", "0.30", "8")), change(998, ("BUY", "0.20", "8")))
    assert (fault(session), session.counts.duplicates) == (None, 2)
    assert len(seen(session).book.bids) == 2


def test_a_snapshot_older_than_what_was_applied_is_no_answer_unless_it_stays_the_only_one() -> None:
    session = streaming()
    hear(session, change(1_005, ("BUY", "0.30", "8"), top=("0.41", "0.45")))
    session.tick(2 * S)
    hear(session, book(1_004))
    assert (fault(session) is None, session.counts.duplicates) == (False, 1)
    session.tick(3 * S + DEADLINE_NS)
    assert session.counts.overdue == 1
    hear(session, book(1_004))
    assert fault(session) is None


@pytest.mark.parametrize(
    ("side", "price", "size"),
    [
        *(("BUY", "0", "1"), ("SELL", "1", "1"), ("BUY", "0.35", "-1"), ("BUY", "1.2", "0")),
        *(("BUY", "0.355", "1"), ("HOLD", "0.35", "1"), ("BUY", "x", "1"), ("BUY", "0.35", "")),
        *(("BUY", "0.35", "NaN"), ("BUY", "0.35", "1e3"), ("SELL", "0.46", "0.0000001")),
    ],
)
def test_a_change_that_cannot_be_true_is_poison(side: str, price: str, size: str) -> None:
    session = streaming("A", "B")
    hear(session, book(1_000, tick_size="0.01"))
    hear(session, change(1_001, (side, price, size)), now_ns=2 * S)
    assert (fault(session) or "").startswith("poisoned")
    assert fault(session, "B") is None
    assert (session.counts.poisoned, said(session)) == (1, AGAIN)


@pytest.mark.parametrize("level", [("0.4", "0"), ("0.405", "1"), ("1", "1"), ("0.4", "-2")])
def test_a_snapshot_that_cannot_be_true_is_poison(level: tuple[str, str]) -> None:
    session = streaming()
    bad = [{"price": level[0], "size": level[1]}]
    hear(session, book(1_001, bids=bad, tick_size="0.01"))
    assert (fault(session) or "").startswith("poisoned")
    assert session.counts.poisoned == 1


def test_a_book_that_stays_crossed_is_asked_for_again() -> None:
    session = streaming()
    hear(session, change(1_001, ("BUY", "0.45", "1"), top=("0.45", "0.45")), now_ns=2 * S)
    assert "crossed" in (fault(session) or "")
    session.tick(2 * S)
    assert said(session) == []
    session.tick(3 * S)
    assert said(session) == AGAIN


def learn_terms(book: TermsBook) -> None:
    book.learn(
        Terms(
            market="A",
            yes="A-yes",
            no="A-no",
            tick=Price(10_000),
            minimum=Quantity(5_000_000),
            fees=FREE,
            neg_risk=False,
            version="v1",
            accepting=True,
            delayed=False,
            read_ms=0,
        )
    )


def test_a_new_tick_size_needs_a_new_book_and_new_terms() -> None:
    session = streaming()
    hear(session, book(1_000, tick_size="0.01"))
    learn_terms(session._terms)
    event = {"event_type": "tick_size_change", "asset_id": "A-yes", "timestamp": "1001"}
    event |= {"old_tick_size": "0.01", "new_tick_size": "0.001"}
    hear(session, event, now_ns=2 * S)
    assert fault(session) == "its tick size changed"
    assert session._terms.terms("A") is None
    assert said(session) == AGAIN
    (news,) = session.public
    assert (type(news).__name__, getattr(news, "tick", 0)) == ("TickChanged", 1_000)
    fine = book(1_002, bids=[{"price": "0.405", "size": "1"}], tick_size="0.001")
    hear(session, fine)
    assert fault(session) is None


@pytest.mark.parametrize("raw", ["", "[", "\x00", "{}", '"PING"', "17", "null", "[[]]", "PONGO"])
def test_garbage_puts_every_book_of_the_connection_in_doubt(raw: str) -> None:
    session = streaming("A", "B")
    session.receive(raw, 0, 2 * S)
    assert fault(session, "A") == fault(session, "B") == "a frame could not be read"
    assert session.counts.broken == 1
    assert said(session) == [
        ("unsubscribe", ["A-yes", "B-yes"]),
        ("subscribe", ["A-yes", "B-yes"]),
    ]


def test_an_unreadable_event_of_a_book_costs_that_book_alone_and_its_neighbours_count() -> None:
    session = streaming("A", "B")
    broken = change(1_001, ("BUY", "0.30", "1"), token="B-yes") | {"timestamp": "soon"}
    hear(session, broken, change(1_001, ("BUY", "0.30", "1")))
    assert (fault(session, "A"), seen(session).book.bids[1].quantity) == (None, 1_000_000)
    assert "price_change could not be read" in (fault(session, "B") or "")
    hear(session, {"event_type": "price_change", "price_changes": []})
    assert fault(session, "A")


def test_unknown_types_empty_arrays_and_newlines_are_harmless() -> None:
    session = streaming()
    hear(session, {"event_type": "sunrise", "asset_id": "A-yes"})
    for raw in ("[]", "[]\n", b" [ ]\n", json.dumps(change(1_001, ("BUY", "0.30", "1"))) + "\n"):
        session.receive(raw, 0, 0)
    assert (fault(session), session.counts.unknown, session.counts.broken) == (None, 1, 0)
    assert seen(session).book.bids[1].quantity == 1_000_000
