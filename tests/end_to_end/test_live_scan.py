"""The commands against both venues' public wire, served on loopback: good days and bad ones."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from app.store.opening import open_store
from matching.keeping import keep
from matching.pair_book import Act, decide
from matching.pairs import MarketKey, Relation
from matching.read import listing_from_row
from matching.verdict import Judgement, Verdict

CONDITION = "0x" + "ab" * 32
YES, NO = "7" * 77, "8" * 77
TICKER = "KXTEST-26DEC31-A"
Answer = tuple[int, Any]

KALSHI_MARKET = {
    "ticker": TICKER,
    "event_ticker": "KXTEST-26DEC31",
    "market_type": "binary",
    "title": "Will it happen by Dec 31, 2026?",
    "yes_sub_title": "Before 2027",
    "no_sub_title": "Before 2027",
    "created_time": "2026-01-01T00:00:00Z",
    "updated_time": "2026-01-01T00:00:00Z",
    "open_time": "2026-01-01T00:00:00Z",
    "close_time": "2026-12-31T23:59:00Z",
    "expected_expiration_time": "2026-12-31T23:59:00Z",
    "latest_expiration_time": "2027-01-07T00:00:00Z",
    "settlement_timer_seconds": 3600,
    "status": "active",
    "notional_value_dollars": "1.0000",
    "rules_primary": "If it happens, then the market resolves to Yes.",
    "rules_secondary": "",
    "price_level_structure": "linear_cent",
    "price_ranges": [{"start": "0.0000", "end": "1.0000", "step": "0.0100"}],
}
KALSHI_EVENT = {
    "event_ticker": "KXTEST-26DEC31",
    "series_ticker": "KXTEST",
    "title": "Will it happen?",
    "sub_title": "",
    "mutually_exclusive": False,
    "collateral_return_type": "",
    "category": "Politics",
}
SERIES = {
    "ticker": "KXTEST",
    "title": "Test",
    "category": "Politics",
    "frequency": "one_off",
    "fee_type": "quadratic",
    "fee_multiplier": 1,
    "settlement_sources": None,
    "tags": None,
}
BOOK = {
    "yes_dollars": [["0.3000", "500.00"], ["0.3900", "100.00"]],
    "no_dollars": [["0.5000", "800.00"], ["0.6000", "250.00"]],
}
GAMMA_MARKET = {
    "id": "1",
    "conditionId": CONDITION,
    "question": "Will it happen in 2026?",
    "slug": "will-it-happen",
    "outcomes": '["Yes", "No"]',
    "clobTokenIds": json.dumps([YES, NO]),
    "description": "Resolves to Yes if it happens.",
    "endDate": "2026-12-31T00:00:00Z",
    "active": True,
    "closed": False,
    "enableOrderBook": True,
    "acceptingOrders": True,
    "orderPriceMinTickSize": 0.01,
    "orderMinSize": 5,
    "feesEnabled": True,
    "feeSchedule": {"exponent": 1, "rate": 0.04, "takerOnly": True, "rebateRate": 0.25},
}
COMPACT = {
    "c": CONDITION,
    "t": [{"t": YES, "o": "Yes"}, {"t": NO, "o": "No"}],
    "mts": 0.01,
    "mos": 5,
    "ao": True,
    "fd": {"r": 0.04, "e": 1, "to": True},
}
CLOB_BOOK = {
    "market": CONDITION,
    "asset_id": YES,
    "timestamp": "1795564800000",
    "hash": "",
    "bids": [{"price": "0.01", "size": "100"}, {"price": "0.50", "size": "180.5"}],
    "asks": [{"price": "0.99", "size": "100"}, {"price": "0.52", "size": "12"}],
    "min_order_size": "5",
    "tick_size": "0.01",
    "neg_risk": False,
    "last_trade_price": "0.500",
}


def kalshi(path: str, query: dict[str, list[str]], body: bytes) -> Answer:
    known = TICKER in query.get("tickers", [""])[0].split(",") or TICKER in query.get("tickers", [])
    match path:
        case "/markets":
            return 200, {"markets": [KALSHI_MARKET] if known else [], "cursor": ""}
        case "/markets/orderbooks":
            return 200, {"orderbooks": [{"ticker": TICKER, "orderbook_fp": BOOK}] if known else []}
        case "/events":
            nested = "true" in query.get("with_nested_markets", [])
            event = KALSHI_EVENT | ({"markets": [KALSHI_MARKET]} if nested else {})
            return 200, {"events": [event], "cursor": ""}
        case "/series":
            return 200, {"series": [SERIES]}
        case "/series/KXTEST":
            return 200, {"series": SERIES}
        case "/series/fee_changes":
            return 200, {"series_fee_change_arr": []}
        case "/events/fee_changes":
            return 200, {"event_fee_changes": [], "cursor": ""}
        case "/exchange/status":
            return 200, {"exchange_active": True, "trading_active": True}
        case path if path == f"/markets/{TICKER}/orderbook":
            return 200, {"orderbook_fp": BOOK}
        case path if path == f"/markets/{TICKER}":
            return 200, {"market": KALSHI_MARKET}
    return 404, {"error": {"code": "not_found", "message": "not found"}}


def polymarket(path: str, query: dict[str, list[str]], body: bytes) -> Answer:
    match path:
        case "/markets":
            closed = query.get("closed") == ["true"]
            hit = CONDITION in query.get("condition_ids", []) and not closed
            return 200, [GAMMA_MARKET] if hit else []
        case "/books":
            asked = [row["token_id"] for row in json.loads(body)]
            return 200, [CLOB_BOOK] if YES in asked else []
        case "/events/keyset":
            return 200, {"events": [{"id": "9", "title": "It", "markets": [GAMMA_MARKET]}]}
        case "/time":
            return 200, 1795564800
        case "/ok":
            return 200, "OK"
        case "/markets/slug/will-it-happen":
            return 200, GAMMA_MARKET
        case path if path == f"/clob-markets/{CONDITION}":
            return 200, COMPACT
    return 404, {"error": "not found"}


class World:
    """Two venues on loopback; a test may put another answer in place of either."""

    def __init__(self, folder: Path, cli: Callable[..., Any]) -> None:
        self.cli = cli
        self.kalshi: Callable[..., Any] = kalshi
        self.polymarket: Callable[..., Any] = polymarket
        self.folder = folder
        world = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args: object) -> None: ...

            def answer(self) -> None:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                venue, path = parts.path[1:].split("/", 1)
                play = world.kalshi if venue == "k" else world.polymarket
                status, found = play(f"/{path}", parse_qs(parts.query), body)
                payload = found if isinstance(found, bytes) else json.dumps(found).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            do_GET = do_POST = answer  # noqa: N815 - the library's names

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        base = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.config = folder / "config.yaml"
        self.write_config(base)
        self.pairs = folder / "pairs.csv"
        self.pairs.write_text(
            f"pair_id,kalshi,polymarket,relation\nit-happens,{TICKER},{CONDITION},same\n"
        )

    def write_config(self, base: str, *, kalshi_base: str | None = None) -> None:
        self.config.write_text(
            f"environment: sim\ndata_dir: {self.folder / 'data'}\n"
            f"kalshi: {{rest: '{kalshi_base or base}/k', requests_per_s: 100, member: direct}}\n"
            f"polymarket: {{clob: '{base}/p', gamma: '{base}/p', requests_per_s: 100}}\n"
        )

    def run(self, *args: str) -> Any:
        return self.cli(*args, "--config", str(self.config))

    def scan(self, *args: str) -> Any:
        return self.run("scan", "--pairs", str(self.pairs), *args)


@pytest.fixture
def world(tmp_path: Path, cli: Callable[..., Any]) -> Iterator[World]:
    world = World(tmp_path, cli)
    thread = threading.Thread(target=world.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield world
    world.server.shutdown()
    thread.join()
    world.server.server_close()


def test_a_live_scan_finds_what_is_left_after_fees(world: World) -> None:
    ran = world.scan("--json")
    assert ran.exit_code == 0, ran.output
    line = json.loads(ran.stdout)
    assert line["crossed"], line
    assert line["reason"] is None
    assert [leg["side"] for leg in line["legs"]] == ["yes", "no"]
    assert line["legs"][0]["average_price_micros"] == 400_000
    assert line["legs"][1]["average_price_micros"] == 500_000
    # 180.50 pairs: 0.10 each, less 0.07 × .24 and 0.04 × .25 of 180.50, to the venue's cents.
    assert line["quantity_micros"] == 180_500_000
    assert line["profit_micros"] == 18_050_000 - 3_032_400 - 1_805_000
    assert line["days"] is not None


def test_a_recorded_scan_replays_to_the_same_line(world: World, tmp_path: Path) -> None:
    tape = tmp_path / "live.tape"
    live = json.loads(world.scan("--json", "--record", str(tape)).stdout)
    world.server.shutdown()
    again = json.loads(world.scan("--json", "--tape", str(tape)).stdout)
    assert again | {"ts_ms": 0} == live | {"ts_ms": 0}


def test_what_one_row_says_of_a_market_is_not_heard_by_another(world: World) -> None:
    world.pairs.write_text(
        "pair_id,kalshi,polymarket,relation,kalshi_fee_rate\n"
        f"free,{TICKER},{CONDITION},same,0\nplain,{TICKER},{CONDITION},same,\n"
    )
    free, plain = (json.loads(line) for line in world.scan("--json").stdout.splitlines())
    assert free["profit_micros"] - plain["profit_micros"] == 3_032_400


def test_a_table_for_people_names_both_legs(world: World) -> None:
    ran = world.scan()
    assert ran.exit_code == 0, ran.output
    for words in ("YES at kalshi", "NO at polymarket", "it-happens", "180.50"):
        assert words in ran.stdout


def test_one_venue_down_is_said_and_exits_4(world: World) -> None:
    base = f"http://127.0.0.1:{world.server.server_address[1]}"
    world.write_config(base, kalshi_base="http://127.0.0.1:9")
    ran = world.scan("--json")
    assert ran.exit_code == 4
    assert "kalshi could not be reached" in ran.stderr
    assert json.loads(ran.stdout)["reason"] == "venue_unreachable"
    assert "Trying again" in ran.stderr


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (200, b"<html>hello</html>", "web page"),
        (503, b"<html>cloudflare</html>", "web page"),
        (200, b'{"markets": [', "cut off"),
        (429, {"error": "too many requests"}, "slow down"),
        (200, {"nothing": "documented"}, "does not document"),
    ],
)
def test_a_venue_that_answers_nonsense_is_said_and_exits_4(
    world: World, status: int, body: Any, words: str
) -> None:
    world.kalshi = lambda *_: (status, body)
    ran = world.scan("--json")
    assert ran.exit_code == 4, ran.output
    assert words in ran.stderr
    assert "Traceback" not in ran.output


def test_a_pair_of_an_unknown_market_is_named_and_exits_3(world: World) -> None:
    with world.pairs.open("a") as file:
        file.write(f"nobody,KXNOBODY-1,{CONDITION},same\n")
    ran = world.scan("--json")
    assert ran.exit_code == 3
    assert "KXNOBODY-1" in ran.stderr
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [line["reason"] for line in lines] == [None, "unknown_market"]


def test_a_slug_or_a_lower_case_ticker_is_looked_up(world: World) -> None:
    world.pairs.write_text(
        f"pair_id,kalshi,polymarket,relation\na,{TICKER.lower()},will-it-happen,same\n"
    )
    ran = world.scan("--json")
    assert ran.exit_code == 0, ran.output
    assert json.loads(ran.stdout)["quantity_micros"] == 180_500_000


def fill_book(world: World, *, approve: bool) -> str:
    """The pair of both markets as a run of the matcher leaves it; its id."""
    found = Judgement(
        kalshi=MarketKey("kalshi", TICKER),
        polymarket=MarketKey("polymarket", CONDITION),
        relation=Relation.SAME,
        verdict=Verdict.ACCEPT,
        score=0.99,
    )
    listings = {
        found.kalshi: listing_from_row("kalshi", KALSHI_MARKET),
        found.polymarket: listing_from_row("polymarket", GAMMA_MARKET),
    }
    with open_store(world.folder / "data") as store:
        keep([found], listings, store, at_ms=1)
        (kept,) = store.pairs()
        if approve:
            store.put([decide(kept, Act.APPROVE, by="Ann", at_ms=2)], at_ms=2)
    return kept.id


def test_without_a_file_the_pairs_of_the_book_are_scanned_and_marked(world: World) -> None:
    id = fill_book(world, approve=False)
    ran = world.run("scan", "--json")
    assert ran.exit_code == 0, ran.output
    line = json.loads(ran.stdout)
    assert (line["pair_id"], line["quantity_micros"]) == (id, 180_500_000)
    assert line["executable"] is False
    assert line["why_not"] == ["no person's approval: it is proposed"]
    table = world.run("scan").stdout
    assert "May orders be made from it?" in table
    assert "no person's approval" in table


def test_an_approved_pair_is_executable_until_a_venue_edits_its_rules(world: World) -> None:
    fill_book(world, approve=True)
    line = json.loads(world.run("scan", "--json").stdout)
    assert (line["executable"], line["why_not"]) == (True, [])
    edited = KALSHI_MARKET | {"rules_primary": "If it happens by noon, then Yes."}
    world.kalshi = lambda path, *rest: (
        (200, {"markets": [edited], "cursor": ""}) if path == "/markets" else kalshi(path, *rest)
    )
    line = json.loads(world.run("scan", "--json").stdout)
    assert line["why_not"] == ["the text at Kalshi is not the one that was judged"]
    assert "executable" not in json.loads(world.scan("--json").stdout)


def test_an_empty_book_says_what_to_do_and_a_rejected_pair_is_not_scanned(world: World) -> None:
    ran = world.run("scan", "--json")
    assert (ran.exit_code, ran.stdout) == (3, "")
    assert "run `dutchbook pairs find` first" in ran.stderr
    id = fill_book(world, approve=False)
    assert world.run("pairs", "reject", id, "--by", "Ann").exit_code == 0
    ran = world.run("scan", "--json")
    assert (ran.exit_code, ran.stdout) == (0, "")
    assert "No pair of the book" in ran.stderr


def test_the_book_of_either_side_can_be_shown(world: World) -> None:
    shown = json.loads(world.run("book", "kalshi", TICKER, "--json").stdout)
    assert shown["bids"][0] == {"price_micros": 390_000, "quantity_micros": 100_000_000}
    assert shown["asks"][0] == {"price_micros": 400_000, "quantity_micros": 250_000_000}
    flipped = json.loads(world.run("book", "polymarket", CONDITION, "--no", "--json").stdout)
    assert flipped["asks"][0] == {"price_micros": 500_000, "quantity_micros": 180_500_000}
    assert "0.39" in world.run("book", "kalshi", TICKER).stdout


@pytest.mark.parametrize("venue", ["kalshi", "polymarket"])
def test_markets_are_searched_in_a_catalogue_that_is_kept(world: World, venue: str) -> None:
    first = world.run("markets", venue, "--search", "HAPPEN", "--json")
    assert first.exit_code == 0, first.output
    assert json.loads(first.stdout)["status"] == "open"
    world.server.shutdown()
    assert world.run("markets", venue, "--search", "happen", "--json").stdout == first.stdout
    assert world.run("markets", venue, "--search", "no such words", "--json").stdout == ""


def test_s20_the_doctor_finds_both_venues_or_says_which_is_out_of_reach(world: World) -> None:
    well = world.run("doctor", "--json")
    assert well.exit_code == 0, well.output
    states = {check["name"]: check["state"] for check in json.loads(well.stdout)["checks"]}
    assert states["kalshi"] == states["polymarket"] == "ok"
    world.write_config("http://127.0.0.1:9")
    ill = world.run("doctor")
    assert ill.exit_code == 4
    assert "could not be reached" in " ".join(ill.stdout.split())
