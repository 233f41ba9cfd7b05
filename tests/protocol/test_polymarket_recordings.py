"""What Polymarket really sent, read by our code. The files: docs/venues/polymarket.md."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from venues import Book, Grid, Market, MarketStatus, Outcome, Price, UnknownFee, micros
from venues.fees import FeeModel
from venues.polymarket import fees, normalize, wire

DOC: Final = Path(__file__).resolve().parents[2] / "docs/venues/polymarket.md"
FED: Final = "rest/fed_june2026_event_20260517"
RUST: Final = "rest/nautilus_rs_2026"
READ: Final = {
    *(f"{FED}/{name}.json" for name in ("gamma-event", "gamma-search", "clob-books")),
    f"{FED}/clob-markets.json",
    *(f"{RUST}/{name}.json" for name in ("gamma_event", "gamma_market", "search_response")),
    *(f"{RUST}/gamma_market_closed_binary_accepting_{name}.json" for name in ("true", "false")),
    *(f"{RUST}/gamma_market_sports_market_{name}.json" for name in ("map_handicap", "money_line")),
    *(f"{RUST}/gamma_market_closed_{name}_legacy.json" for name in ("nonbinary", "zero_zero")),
    f"{RUST}/clob_book_response.json",
    "gamma/nba_events_20260109.json.gz",
    "gamma/btc5m_markets_20260724.jsonl.gz",
    "book/updown15m_books_20260928.jsonl.gz",
}
BESIDE: Final = ("rest/nautilus_rs_2026/http_*.json", "orders/*", "ws/*")
"""Read by test_polymarket_account_recordings.py and test_polymarket_streams.py."""


@pytest.fixture(scope="module")
def recorded(shared: Path) -> Path:
    return shared / "data/recorded/polymarket"


def load(folder: Path, name: str) -> bytes:
    assert name in READ
    raw = (folder / name).read_bytes()
    return gzip.decompress(raw) if name.endswith(".gz") else raw


def markets_of(event: wire.Event) -> list[Market]:
    rows = [wire.read(raw, wire.Market) for raw in event.markets]
    return [normalize.market(row, event, None) for row in rows]


def fee_of(market: Market) -> FeeModel | UnknownFee:
    return market.fees.at(0)


def at_rate(rate: str) -> FeeModel | UnknownFee:
    return fees.model(Decimal(rate))


def fed_books(folder: Path) -> dict[str, wire.Book]:
    books = msgspec.json.decode(load(folder, f"{FED}/clob-books.json"), type=list[wire.Book])
    return {book.asset_id: book for book in books}


def fed_terms(folder: Path) -> list[wire.CompactMarket]:
    body = load(folder, f"{FED}/clob-markets.json")
    return msgspec.json.decode(body, type=list[wire.CompactMarket])


def fed_event(folder: Path) -> wire.Event:
    return msgspec.json.decode(load(folder, f"{FED}/gamma-event.json"), type=wire.Event)


def table_rows() -> Iterator[tuple[str, bool]]:
    """(pattern, whether it is read) of each row of the table of recordings in the document."""
    _, _, section = DOC.read_text().partition("## Recordings")
    for pattern, verdict in re.findall(r"^\| `(.+?)` \| .*? \| (.*?) \|$", section, re.MULTILINE):
        yield pattern, verdict.startswith("read")


def test_every_recording_is_read_or_excused_in_the_document(recorded: Path) -> None:
    rows = list(table_rows())
    folders = ("rest", "gamma", "book", "clob", "orders", "ws")
    files = [path for name in folders for path in (recorded / name).rglob("*") if path.is_file()]
    names = {path.relative_to(recorded).as_posix() for path in files}
    said = {name: [read for pattern, read in rows if fnmatch(name, pattern)] for name in names}
    assert {name: found for name, found in said.items() if len(found) != 1} == {}
    beside = {name for name in names if any(fnmatch(name, each) for each in BESIDE)}
    assert {name for name, found in said.items() if found == [True]} == READ | beside
    assert not [pattern for pattern, _ in rows if not any(fnmatch(n, pattern) for n in names)]


def test_the_fed_event_is_exclusive_and_its_markets_are_complete(recorded: Path) -> None:
    found = fed_event(recorded)
    event = normalize.event(found, tuple(markets_of(found)))
    assert (event.id, event.title, event.exclusive) == ("101772", "Fed Decision in June?", True)
    assert (event.series, event.category) == ("fomc", "economics")
    assert "fed-rates" in event.tags
    market = event.markets[0]
    assert len(event.markets) == 5
    assert market.id == "0xdde06286a7b9464d344f410ab0b3d2ebc6469904e72c27fd982f65fdbf78768d"
    assert market.title.startswith("Will the Fed decrease interest rates by 25 bps")
    assert market.yes_means == "25 bps decrease"
    assert "FOMC’s statement" in market.rules
    assert market.url == "https://polymarket.com/event/fed-decision-in-june-825"
    assert str(market.closes_at) == "2026-06-17 00:00:00+00:00"
    assert str(market.payout_at) == "2026-06-17 02:00:00+00:00"
    for market in event.markets:
        assert market.status is MarketStatus.OPEN
        assert market.grid == Grid.even(Price(1_000))
        assert fee_of(market) == at_rate("0.05")
        assert (market.minimum, market.event_id) == (micros("5"), "101772")
        assert (market.category, market.warnings) == ("economics", ())


def test_the_exchange_says_the_same_of_the_fed_markets_as_the_catalogue(recorded: Path) -> None:
    event = fed_event(recorded)
    rows = [wire.read(raw, wire.Market) for raw in event.markets]
    terms = {each.condition: each for each in fed_terms(recorded)}
    both = [normalize.market(row, event, terms[row.condition_id]) for row in rows]
    assert both == markets_of(event)


def test_every_level_of_a_no_book_mirrors_the_yes_book(recorded: Path) -> None:
    books = fed_books(recorded)
    levels = 0
    for terms in fed_terms(recorded):
        yes, no = (
            normalize.book(terms.condition, books[token.t], 1_778_997_900_000)
            for token in terms.tokens
        )
        flipped = no.flip()
        assert (flipped.bids, flipped.asks) == (yes.bids, yes.asks)
        assert yes.fault() is None
        assert yes.contract.outcome is Outcome.YES
        levels += len(yes.bids) + len(yes.asks)
    assert levels == sum(len(book.bids) + len(book.asks) for book in books.values()) // 2 > 100


def test_the_first_fed_book_is_best_first(recorded: Path) -> None:
    terms = fed_terms(recorded)[0]
    book = normalize.book(terms.condition, fed_books(recorded)[terms.tokens[0].t], 5)
    assert book.bids[0] == (micros("0.005"), micros("31357.09"))
    assert book.bids[-1] == (micros("0.001"), micros("5579792.8"))
    assert book.asks[-1] == (micros("0.999"), micros("31045290"))
    assert (book.venue_ms, book.received_ms) == (1_778_997_825_875, 5)


def book_hash(book: dict[str, Any]) -> str:
    """SHA-1 over the compact book with an empty hash, keys in this order (facts §6.1)."""
    order = "market asset_id timestamp hash bids asks min_order_size tick_size neg_risk"
    keys = [*order.split(), "last_trade_price", *(["version"] if "version" in book else [])]
    text = json.dumps({key: (book | {"hash": ""})[key] for key in keys}, separators=(",", ":"))
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def test_the_recorded_books_are_whole_by_their_own_hash(recorded: Path) -> None:
    books = json.loads(load(recorded, f"{FED}/clob-books.json"))
    assert [book_hash(book) for book in books] == [book["hash"] for book in books]
    assert len(books) == 10


def test_the_hash_of_a_book_is_that_of_the_published_vectors() -> None:
    levels = [{"price": p, "size": "100"} for p in ("0.3", "0.4", "0.6", "0.7")]
    book = {
        "market": "0xaabbcc",
        "asset_id": "100",
        "timestamp": "123456789",
        "bids": levels[:2],
        "asks": levels[2:],
        "min_order_size": "100",
        "tick_size": "0.01",
        "neg_risk": False,
        "last_trade_price": "0.5",
    }
    assert book_hash(book) == "0458ea5755c9f73d64a14636fa5c36ed460ec394"
    v2 = book | {
        "market": "0x017791f201d5a788e0039e511fc1900e5f000000000000000000000000000000",
        "asset_id": "663574927012476832975694178961957910328055987427402067619466963999000625152",
        "timestamp": "1791238858575",
        "bids": [],
        "asks": [],
        "min_order_size": "5",
        "last_trade_price": "",
        "version": "v2",
    }
    assert book_hash(v2) == "fc3846cab0c35a0977b6e5f605a4e5ff0d0b2277"


def test_all_events_of_both_recorded_searches_are_read(recorded: Path) -> None:
    for name, count, open_ones in (
        (f"{FED}/gamma-search.json", 9, 5),
        (f"{RUST}/search_response.json", 1, 1),
    ):
        search = msgspec.json.decode(load(recorded, name), type=wire.Search)
        events = [wire.read(raw, wire.Event) for raw in search.events or ()]
        found = [market for event in events for market in markets_of(event)]
        statuses = [market.status for market in found]
        assert len(found) == count
        assert statuses.count(MarketStatus.OPEN) == open_ones
        assert statuses.count(MarketStatus.RESOLVED) == count - open_ones


SINGLE: Final = {
    "": (MarketStatus.OPEN, "Up", "crypto", None, "unknown fee: crypto_fees without a rate"),
    "_closed_binary_accepting_true": (MarketStatus.CLOSED, "", "", "0", ""),
    "_closed_binary_accepting_false": (MarketStatus.RESOLVED, "$1B", "", "0", ""),
    "_sports_market_map_handicap": (
        *(MarketStatus.RESOLVED, "FaZe", "sports", "0.03"),
        "orders that take wait 3 s",
    ),
    "_sports_market_money_line": (
        *(MarketStatus.RESOLVED, "FaZe", "sports", "0.03"),
        "orders that take wait 3 s",
    ),
}


@pytest.mark.parametrize("name", SINGLE)
def test_single_recorded_markets_say_what_they_are(recorded: Path, name: str) -> None:
    status, yes_means, category, rate, warning = SINGLE[name]
    row = msgspec.json.decode(load(recorded, f"{RUST}/gamma_market{name}.json"), type=wire.Market)
    market = normalize.market(row, None, None)
    fee = fee_of(market)
    assert (market.status, market.yes_means) == (status, yes_means)
    assert market.category == category
    assert fee == at_rate(rate) if rate else isinstance(fee, UnknownFee)
    assert market.warnings == ((warning,) if warning else ())
    assert bool(market.event_id) == bool(row.events) == market.url.startswith("https://")


@pytest.mark.parametrize("name", ["nonbinary", "zero_zero"])
def test_a_market_from_before_the_order_books_is_left_out(recorded: Path, name: str) -> None:
    body = load(recorded, f"{RUST}/gamma_market_closed_{name}_legacy.json")
    row = msgspec.json.decode(body, type=wire.Market)
    with pytest.raises(ValueError, match="a tick size of None"):
        normalize.market(row, None, None)


def test_an_augmented_event_is_exclusive_without_being_complete(recorded: Path) -> None:
    body = load(recorded, f"{RUST}/gamma_event.json")
    (found,) = msgspec.json.decode(body, type=list[wire.Event])
    event = normalize.event(found, tuple(markets_of(found)))
    assert (event.exclusive, found.neg_risk_augmented) == (True, True)
    assert [market.yes_means for market in event.markets] == [
        "Stephen A. Smith",
        "Gretchen Whitmer",
    ]
    assert [market.warnings for market in event.markets] == [(), ()]
    assert {market.category for market in event.markets} == {"politics"}


def test_a_single_book_has_best_levels_first(recorded: Path) -> None:
    found = msgspec.json.decode(load(recorded, f"{RUST}/clob_book_response.json"), type=wire.Book)
    book = normalize.book(found.market, found, 0)
    assert [level.price for level in book.bids] == [500_000, 490_000, 480_000]
    assert [level.price for level in book.asks] == [510_000, 520_000, 530_000]


def test_every_short_crypto_market_of_a_day_has_the_fee_of_that_day(recorded: Path) -> None:
    lines = load(recorded, "gamma/btc5m_markets_20260724.jsonl.gz").splitlines()
    day_ms = fees.RATES["crypto"][-1][0]
    assumed = fees.assumed("crypto").at(day_ms)
    for line in lines:
        row = wire.read(wire.Raw(json.dumps(json.loads(line)["raw"]).encode()), wire.Market)
        market = normalize.market(row, None, None)
        assert (market.status, market.yes_means) == (MarketStatus.RESOLVED, "Up")
        assert fee_of(market) == at_rate("0.07") == assumed
        assert market.category == "crypto"
    assert len(lines) == 292


def test_team_names_and_totals_of_a_sports_catalogue_name_the_yes_side(recorded: Path) -> None:
    body = load(recorded, "gamma/nba_events_20260109.json.gz")
    events = msgspec.json.decode(body, type=list[wire.Event])
    markets = [market for event in events for market in markets_of(event)]
    named = {market.title: market.yes_means for market in markets}
    assert (len(events), len(markets)) == (50, 738)
    assert named["Spread: Lakers (-3.5)"] == "Lakers"
    assert named["Grizzlies vs. Lakers: O/U 245.5"] == "Over"
    assert not [event for event in events if normalize.event(event, ()).exclusive]
    assert {fee_of(market) for market in markets} == {fees.FREE}


def test_up_and_down_books_of_a_vendor_mirror_each_other(recorded: Path) -> None:
    """All but one in a thousand: there an update fell between the two captures of one stamp."""
    books: dict[tuple[str, int], dict[str, Book]] = {}
    lines = load(recorded, "book/updown15m_books_20260928.jsonl.gz").splitlines()
    for line in lines[: len(lines) // 5]:
        row = json.loads(line)
        book = normalize.book(row["market_id"], as_wire(row), row["ts"])
        assert book.fault() is None
        books.setdefault((row["market_id"], row["ts"]), {})[row["side"]] = book
    pairs = [(sides["UP"], sides["DOWN"].flip()) for sides in books.values() if len(sides) == 2]
    different = [up for up, down in pairs if (up.bids, up.asks) != (down.bids, down.asks)]
    assert len(pairs) > 2_000
    assert len(different) <= len(pairs) // 1_000


def as_wire(row: dict[str, Any]) -> wire.Book:
    """The vendor's arrays as the exchange would send them: exact text, worst first."""
    bids, asks = (
        tuple(
            wire.Level(f"{at:.6f}", f"{size:.6f}")
            for at, size in zip(
                reversed(row[f"{side}_px"]), reversed(row[f"{side}_sz"]), strict=True
            )
        )
        for side in ("bid", "ask")
    )
    return wire.Book(
        market=row["market_id"], asset_id="1", timestamp=str(row["ts"]), bids=bids, asks=asks
    )
