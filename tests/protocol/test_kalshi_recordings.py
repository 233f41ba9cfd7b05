"""Everything that people recorded of Kalshi's REST answers since March 2026, read and normalised.

A recording is either read here or listed with its reason; docs/venues/kalshi.md has the same list.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from venues import ONE, Book, CarriedFee, Cash, Event, MarketStatus
from venues.kalshi import Member, normalize
from venues.kalshi.fees import model
from venues.kalshi.normalize import Surroundings
from venues.kalshi.wire import public as wire
from venues.kalshi.wire.raw import read
from venues.money import micros, price, text

ROOT: Final = Path(__file__).resolve().parents[2]
NOW_MS: Final = 1_784_000_000_000
SERIES: Final = wire.Series(
    ticker="KXHIGHNY",
    category="Climate and Weather",
    fee_type="quadratic",
    fee_multiplier=Decimal(1),
)
STANDARD: Final = CarriedFee(70_000, 0, Cash(100))
AROUND: Final = Surroundings(
    series=SERIES, series_changes=(), event_changes=(), member=Member.DIRECT, now_ms=NOW_MS
)
Lines = list[bytes]


def lines(path: Path) -> Lines:
    """A JSON document, or the lines of a JSON Lines file."""
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return raw.splitlines() if ".jsonl" in path.name else [raw]


def check_event(event: Event) -> int:
    """Asserts what holds for every event ever recorded; returns how many markets it has."""
    assert event.title
    assert event.series  # not always how the event's own ticker begins
    for market in event.markets:
        assert market.event_id == event.id
        assert market.rules
        assert market.grid.holds(price("0.01"))
        assert not market.grid.holds(price("0.0001"))
        assert market.closes_at
        assert market.payout_at
        assert market.fees.at(NOW_MS) == STANDARD
        assert not market.warnings
    return len(event.markets)


def check_markets(found: Sequence[wire.Market]) -> int:
    """Market objects of one event, recorded without that event."""
    parent = wire.Event(
        event_ticker=found[0].event_ticker, series_ticker="KX", title="?", mutually_exclusive=False
    )
    return check_event(normalize.event(parent, AROUND, found))


def events_with_markets_beside(recorded: Lines) -> None:
    answers = msgspec.json.decode(recorded[0], type=list[wire.EventAnswer])
    events = [normalize.event(each.event, AROUND, each.markets) for each in answers]
    assert (len(events), sum(map(check_event, events))) == (240, 1_013)
    assert {m.status for event in events for m in event.markets} == {MarketStatus.OPEN}


def sports_markets(recorded: Lines) -> None:
    assert (len(recorded), sum(map(_keyed_markets, recorded))) == (469, 1_079)


def crypto_markets(recorded: Lines) -> None:
    assert (len(recorded), sum(map(_keyed_markets, recorded))) == (2, 263)


def _keyed_markets(line: bytes) -> int:
    payload = msgspec.json.decode(line)["payload"]
    return check_markets(msgspec.convert(list(payload.values()), tuple[wire.Market, ...]))


def event_list(recorded: Lines) -> None:
    found = msgspec.json.decode(recorded[0], type=list[wire.Event])
    events = [normalize.event(each, AROUND) for each in found]
    assert (len(events), sum(map(check_event, events))) == (7_219, 0)
    assert len({event.id for event in events}) == 7_219
    assert 0 < sum(event.exclusive for event in events) < 7_219


def event_page(recorded: Lines) -> None:
    answer = msgspec.json.decode(recorded[0], type=wire.Events)
    found = [read(raw, wire.Event) for raw in answer.events]
    assert found
    assert all(check_event(normalize.event(each, AROUND)) for each in found)


def settled_page(recorded: Lines) -> None:
    """Whoever kept this one cut `mutually_exclusive` out of the event: its markets are whole."""
    answer = msgspec.json.decode(recorded[0], type=wire.Events)
    with pytest.raises(ValueError, match="mutually_exclusive"):
        read(answer.events[0], wire.Event)
    event: dict[str, Any] = msgspec.json.decode(answer.events[0])
    assert check_markets(msgspec.convert(event["markets"], tuple[wire.Market, ...]))


def one_event(recorded: Lines) -> None:
    answer = msgspec.json.decode(recorded[0], type=wire.EventAnswer)
    event = normalize.event(answer.event, AROUND, answer.markets)
    assert check_event(event) == 1
    assert event.exclusive
    assert event.category == "Climate and Weather"


def market_page(recorded: Lines) -> None:
    answer = msgspec.json.decode(recorded[0], type=wire.Markets)
    found = [read(raw, wire.Market) for raw in answer.markets]
    assert check_markets(found) == len(answer.markets)
    assert {market.status for market in found} == {"finalized"}


def one_market(recorded: Lines) -> None:
    answer = msgspec.json.decode(recorded[0], type=wire.MarketAnswer)
    assert check_markets([read(answer.market, wire.Market)]) == 1


def hourly_candles(recorded: Lines) -> None:
    candles = msgspec.convert(
        msgspec.json.decode(recorded[0])["candlesticks"], tuple[wire.Candle, ...]
    )
    points = [normalize.point(candle) for candle in candles]
    assert [point and point.price for point in points] == [210_000, 230_000, 230_000, 250_000]


def one_book(recorded: Lines) -> None:
    answer = msgspec.json.decode(recorded[0], type=wire.Orderbook)
    book = normalize.book("T", answer.orderbook_fp, NOW_MS)
    assert book.best_bid == (50_000, 708_000_000)
    assert book.best_ask == (890_000, 110_000_000)
    assert book.fault() is None


def digested_books(recorded: Lines) -> None:
    """The recorder turned levels into floats, best first; here they become wire arrays again."""
    assert len(recorded) in {10, 533, 3_938}
    for line in recorded:
        row = msgspec.json.decode(line)
        rebuilt = wire.Orders(
            yes_dollars=_wire_levels(row["yes_bids"]), no_dollars=_wire_levels(row["no_bids"])
        )
        if raw := row.get("raw_orderbook"):
            assert msgspec.convert(raw, wire.Orders) == rebuilt
        check_book(normalize.book(row["ticker"], rebuilt, NOW_MS), rebuilt)


def check_book(book: Book, orders: wire.Orders) -> None:
    bid, ask = orders.yes_dollars[-1:], orders.no_dollars[-1:]
    assert (book.best_bid and text(book.best_bid.price, 4)) == (bid[0][0] if bid else None)
    assert (book.best_ask and book.best_ask.price) == (ONE - micros(ask[0][0]) if ask else None)
    assert (len(book.bids), len(book.asks)) == (len(orders.yes_dollars), len(orders.no_dollars))
    assert book.fault() is None
    assert book.flip().fault() is None


def _wire_levels(levels: Sequence[Sequence[float]]) -> tuple[tuple[str, str], ...]:
    return tuple((f"{at:.4f}", f"{size:.2f}") for at, size in reversed(levels))


def series_terms(recorded: Lines) -> None:
    for line in recorded:
        row: dict[str, Any] = msgspec.json.decode(line)
        row |= {"ticker": row["series"], "category": ""}
        series = msgspec.json.decode(msgspec.json.encode(row), type=wire.Series)
        found = model(series.fee_type, series.fee_multiplier, Member.DIRECT)
        assert found == STANDARD


READ: Final[dict[str, Callable[[Lines], None]]] = {
    "rest/spread_events_with_markets_20260515.json.gz": events_with_markets_beside,
    "rest/sports_markets_raw_20260709T2018Z.jsonl.gz": sports_markets,
    "rest/crypto_hourly_markets_raw_20260710T0022Z.jsonl.gz": crypto_markets,
    "rest/events_open_20260510.json.gz": event_list,
    "rest/weather_series_meta_202607.jsonl.gz": series_terms,
    "rest/fairline_2026-07/candlesticks_weather.json": hourly_candles,
    "rest/fairline_2026-07/event_single.json": one_event,
    "rest/fairline_2026-07/events_mixed.json": event_page,
    "rest/fairline_2026-07/events_settled.json": settled_page,
    "rest/fairline_2026-07/historical_markets_rain.json": market_page,
    "rest/fairline_2026-07/market_single.json": one_market,
    "rest/fairline_2026-07/markets_resolved.json": market_page,
    "rest/fairline_2026-07/orderbook.json": one_book,
    "book/hf_burst_20260716.jsonl.gz": digested_books,
    "book/orderbook_depth_20260723.jsonl.gz": digested_books,
    "book/weather_books_20260723.jsonl.gz": digested_books,
}
NOT_READ: Final = {
    "rest/golden_2026-01/": "January 2026, whole cents: that format ended on 2026-03-12",
    "rest/fairline_2026-07/historical_candlesticks.json": "of /historical, which we never call",
    "rest/crypto_hourly_ladders_20260722.jsonl.gz": "a digest: quotes as floats",
    "rest/econ_strike_ladders_20260723.jsonl.gz": "a digest: quotes as floats",
    "rest/sports_event_quotes_20260723.jsonl.gz": "a digest: quotes as floats",
    "rest/settlements_20260717.jsonl.gz": "a digest: results only",
    "rest/perps_20260722.jsonl.gz": "another exchange: perpetual futures",
    "book/superbowl_bbo_20260208.csv.gz": "derived from the websocket, and before 2026-03-12",
    "book/worldcup_bbo_snapshots_australia_egypt.jsonl.gz": "a digest: best quotes as floats",
    "book/worldcup_bbo_snapshots_spain_austria.jsonl.gz": "a digest: best quotes as floats",
}


@pytest.mark.parametrize("name", READ)
def test_a_recording_parses_and_normalises(name: str, shared: Path) -> None:
    READ[name](lines(shared / "data/recorded/kalshi" / name))


def test_every_recording_is_read_or_has_a_reason(shared: Path) -> None:
    folder = shared / "data/recorded/kalshi"
    files = [
        path.relative_to(folder).as_posix()
        for part in ("rest", "book")
        for path in (folder / part).rglob("*")
        if path.is_file()
    ]
    assert len(files) > 60
    assert not [f for f in files if f not in READ and not f.startswith(tuple(NOT_READ))]


def test_the_page_about_kalshi_lists_every_recording_with_its_reason() -> None:
    page = (ROOT / "docs/venues/kalshi.md").read_text("utf-8")
    for name in READ:
        assert f"| `{name}` | read |" in page
    for name, reason in NOT_READ.items():
        assert f"| `{name}` | {reason} |" in page
