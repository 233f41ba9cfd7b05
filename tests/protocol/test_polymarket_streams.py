"""Every recorded message of Polymarket's websockets, read by us and by an independent book."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from venues import ONE, Fill, Order, OrderState, Outcome, Price, Quantity, micros
from venues.polymarket import fees
from venues.polymarket.auth import Credentials
from venues.polymarket.normalize_stream import MarketListed, MarketResolved, TickChanged, Trade
from venues.polymarket.normalize_trades import Us
from venues.polymarket.session import Session
from venues.polymarket.terms import Known, Terms, TermsBook
from venues.polymarket.user_session import UserSession

WS: Final = "data/recorded/polymarket/ws"
LIVE: Final = "predxt_20260228/polymarket_"
RUST: Final = "nautilus_rs_2026/ws_"
OURS: Final = "00000000-0000-0000-0000-000000000001"
YES: Final = "71321045679252212594626385532706912750332728571942532289631379312455583992563"
NO: Final = "52114319501245915516055106046884209969926127482827954674443846427813813222426"
MARKET_FILES: Final = {
    f"{LIVE}order_books.json": "book",
    f"{LIVE}trade_updates.json": "price_change",
    f"{LIVE}other.json": "last_trade_price",
    f"{RUST}book_snapshot.json": "book",
    f"{RUST}market_book_msg.json": "book",
    f"{RUST}quotes.json": "price_change",
    f"{RUST}market_price_change_msg.json": "price_change",
    f"{RUST}last_trade.json": "last_trade_price",
    f"{RUST}market_last_trade_msg.json": "last_trade_price",
    f"{RUST}tick_size_change.json": "tick_size_change",
    f"{RUST}market_tick_size_msg.json": "tick_size_change",
    f"{RUST}market_best_bid_ask_msg.json": "best_bid_ask",
    f"{RUST}market_new_market_msg.json": "new_market",
    f"{RUST}market_resolved_msg.json": "market_resolved",
}
NEWS: Final = {
    "last_trade_price": Trade,
    "tick_size_change": TickChanged,
    "new_market": MarketListed,
    "market_resolved": MarketResolved,
}
USER_FILES: Final[dict[str, tuple[str, OrderState | type[Fill], str]]] = {
    f"{RUST}user_order_placement.json": ("order", OrderState.ACKED, "0"),
    f"{RUST}user_order_msg.json": ("order", OrderState.ACKED, "0"),
    f"{RUST}user_order_update.json": ("order", OrderState.PARTIAL, "25"),
    f"{RUST}user_order_matched.json": ("order", OrderState.FILLED, "100"),
    f"{RUST}user_order_cancellation.json": ("order", OrderState.CANCELED, "0"),
    f"{RUST}user_order_venue_cancel.json": ("order", OrderState.CANCELED, "0"),
    f"{RUST}user_order_fok_killed.json": ("order", OrderState.CANCELED, "0"),
    f"{RUST}user_trade.json": ("trade", Fill, "25"),
    f"{RUST}user_trade_msg.json": ("trade", Fill, "25"),
}


@pytest.fixture(scope="module")
def recorded(shared: Path) -> Path:
    return shared / WS


def events(folder: Path, name: str, tag: str) -> list[dict[str, Any]]:
    """With their `event_type`, which the recorder took off some of them."""
    found = json.loads((folder / name).read_bytes())
    return [each | {"event_type": tag} for each in (found if isinstance(found, list) else [found])]


def learned(found: list[dict[str, Any]]) -> TermsBook:
    """The markets of these events; the first token that is named counts as YES."""
    book = TermsBook()
    tokens: dict[str, list[str]] = {}
    for each in found:
        named = [each.get("asset_id"), *(c["asset_id"] for c in each.get("price_changes", ()))]
        mine = tokens.setdefault(each["market"], [])
        mine += [t for t in (*named, *each.get("assets_ids", ())) if t and t not in mine]
    for market, (yes, *others) in tokens.items():
        book.learn_tokens(market, yes, others[0] if others else f"other of {yes}")
    return book


def test_every_recorded_message_stands_in_a_table_of_this_file(recorded: Path) -> None:
    files = {path.relative_to(recorded).as_posix() for path in recorded.rglob("*.json")}
    assert files == MARKET_FILES.keys() | USER_FILES.keys()


@pytest.mark.parametrize("name", MARKET_FILES)
def test_a_recorded_message_of_the_market_channel_is_read(recorded: Path, name: str) -> None:
    found = events(recorded, name, MARKET_FILES[name])
    session = Session(learned(found))
    session.open([each["market"] for each in found], 0)
    for each in found:
        session.receive(json.dumps(each), int(each["timestamp"]), 0)
    counts = session.counts
    assert (counts.broken, counts.unknown, counts.stray, counts.poisoned) == (0, 0, 0, 0)
    kind = NEWS.get(MARKET_FILES[name])
    assert [type(each) for each in session.public] == ([kind] * len(found) if kind else [])
    if MARKET_FILES[name] == "book":
        watched = session.watched(found[0]["market"])
        assert watched
        assert (watched.fault, bool(watched.book.bids)) == (None, True)


@pytest.mark.parametrize("name", USER_FILES)
def test_a_recorded_message_of_the_user_channel_is_told(recorded: Path, name: str) -> None:
    tag, state, size = USER_FILES[name]
    (found,) = events(recorded, name, tag)
    book = TermsBook()
    book.learn(terms("0x1", found["asset_id"], "other"))
    credentials = Credentials(OURS, "c2VjcmV0", "words")
    session = UserSession(credentials, Us(OURS, found["maker_address"]), book, Known())
    session.open((), 0)
    session.receive(json.dumps(found).encode(), 0, 0)
    (told,) = session.private
    if isinstance(told, Order):
        assert (told.state, told.filled, told.order_id) == (state, micros(size), found["id"])
    else:
        assert isinstance(told, Fill)
        assert (state, told.quantity, told.provisional) == (Fill, micros(size), False)
        assert (told.price, told.fill_id) == (500_000, f"{found['id']}:0")


def terms(market: str, yes: str, no: str) -> Terms:
    return Terms(
        market=market,
        yes=yes,
        no=no,
        tick=Price(10_000),
        minimum=Quantity(5 * ONE),
        fees=fees.FREE,
        neg_risk=False,
        version="v1",
        accepting=True,
        delayed=False,
        read_ms=0,
    )


Text = tuple[str, str]
Plain = tuple[dict[Decimal, Text], dict[Decimal, Text]]


def apply(books: dict[str, Plain], event: dict[str, Any]) -> None:
    """The documented meaning of an event; levels are kept as the venue wrote them."""
    if event["event_type"] == "book":
        books[event["asset_id"]] = tuple(  # type: ignore[assignment]
            {Decimal(each["price"]): (each["price"], each["size"]) for each in event[side]}
            for side in ("bids", "asks")
        )
    for change in event.get("price_changes", ()):
        side = books[change["asset_id"]][change["side"] == "SELL"]
        side[Decimal(change["price"])] = (change["price"], change["size"])
        if not Decimal(change["size"]):
            del side[Decimal(change["price"])]


def levels(side: dict[Decimal, Text], *, best_high: bool) -> list[tuple[int, int]]:
    whole = [(micros(price), micros(size)) for price, size in side.values()]
    return sorted(whole, reverse=best_high)


def book_hashes(event: dict[str, Any], token: str, plain: Plain) -> set[str]:
    """By facts §6.1, for every last trade price that there may have been."""
    bids, asks = (
        [{"price": side[at][0], "size": side[at][1]} for at in sorted(side, reverse=reverse)]
        for side, reverse in zip(plain, (False, True), strict=True)
    )
    book = {"market": event["market"], "asset_id": token, "timestamp": event["timestamp"]}
    book |= {"hash": "", "bids": bids, "asks": asks, "min_order_size": "5", "tick_size": "0.01"}
    found = (book | {"neg_risk": False, "last_trade_price": f"0.{n}0"} for n in range(48, 54))
    texts = (json.dumps(each, separators=(",", ":")).encode() for each in found)
    return {hashlib.sha1(text, usedforsecurity=False).hexdigest() for text in texts}


def test_the_hash_of_a_recorded_change_is_that_of_the_whole_book_after_its_moment(
    recorded: Path,
) -> None:
    """So it was on 2026-02-28. Our code does not rely on it: what it means is contested."""
    found = in_order(recorded, changes_first=False)
    plain: dict[str, Plain] = {}
    checked = 0
    for event, after in zip(found, [*found[1:], {"timestamp": ""}], strict=True):
        apply(plain, event)
        if event["timestamp"] != after["timestamp"]:
            for change in event.get("price_changes", ()):
                token = change["asset_id"]
                assert change["hash"] in book_hashes(event, token, plain[token])
                checked += 1
    assert checked == 166


def in_order(folder: Path, *, changes_first: bool) -> list[dict[str, Any]]:
    """Of frames with one stamp nobody recorded which came first."""
    names = [f"{LIVE}order_books.json", f"{LIVE}trade_updates.json"]
    found = [each for name in names for each in events(folder, name, MARKET_FILES[name])]
    rank = {"book": changes_first, "price_change": not changes_first}
    return sorted(found, key=lambda each: (int(each["timestamp"]), rank[each["event_type"]]))


@pytest.mark.parametrize("changes_first", [True, False])
def test_our_book_is_the_independent_one_after_every_recorded_frame(
    recorded: Path, changes_first: bool
) -> None:
    """At one stamp an order moved several levels in three frames: in doubt until the last one."""
    found = in_order(recorded, changes_first=changes_first)
    market = found[0]["market"]
    book = learned(found)
    plain: dict[str, Plain] = {}
    yes, no = book.tokens(market) or ("", "")
    session = Session(book)
    session.open([market], 0)
    doubted = compared = 0
    for each in found:
        session.receive(json.dumps(each), int(each["timestamp"]), 0)
        apply(plain, each)
        watched = session.watched(market)
        assert watched
        assert watched.book.contract.outcome is Outcome.YES
        if yes not in plain or watched.fault:
            doubted += yes in plain
            continue
        bids, asks = plain[yes]
        assert [*watched.book.bids] == levels(bids, best_high=True)
        assert [*watched.book.asks] == levels(asks, best_high=False)
        compared += 1
        flipped = watched.book.flip()
        if no in plain and each["event_type"] == "price_change":
            assert [*flipped.bids] == levels(plain[no][0], best_high=True)
    assert compared > 90
    assert doubted == (1 if changes_first else 0)
    assert (session.counts.gaps, session.counts.poisoned, session.counts.resyncs) == (0, 0, 0)
