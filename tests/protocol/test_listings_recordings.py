"""Real payloads: read as a row of a file and through the venue's adapter, they say the same."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import msgspec

from matching.listing import Listing
from matching.read import listing_from_row, listing_of
from venues import Market
from venues.kalshi import Member
from venues.kalshi import normalize as kalshi
from venues.kalshi.wire import public as kalshi_wire
from venues.polymarket import normalize as polymarket
from venues.polymarket import wire as polymarket_wire

AROUND: Final = kalshi.Surroundings(
    series=kalshi_wire.Series(
        ticker="KX", category="Sports", fee_type="quadratic", fee_multiplier=Decimal(1)
    ),
    series_changes=(),
    event_changes=(),
    member=Member.DIRECT,
    now_ms=1_784_000_000_000,
)


def words(listing: Listing) -> tuple[object, ...]:
    """All but how the rules texts are divided."""
    return (
        *(listing.id, listing.title, listing.subtitle, listing.event_id, listing.slug),
        *(listing.outcomes, listing.strike_type, listing.floor, listing.cap, listing.line),
        *("\n\n".join(listing.rules).split(), listing.starts_at, listing.closes_at),
    )


def load(path: Path) -> Any:
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return json.loads(raw)


def test_kalshis_markets_read_as_rows_say_what_the_adapter_says(shared: Path) -> None:
    answers = load(shared / "data/recorded/kalshi/rest/spread_events_with_markets_20260515.json.gz")
    strikes = 0
    for answer in answers:
        event = kalshi.event(
            msgspec.convert(answer["event"], kalshi_wire.Event),
            AROUND,
            [_kalshi_market(row) for row in answer["markets"]],
        )
        for row, market in zip(answer["markets"], event.markets, strict=True):
            found = listing_of(market, event)
            assert words(listing_from_row("kalshi", row)) == words(found)
            strikes += bool(found.floor)
    assert strikes > 500


def _kalshi_market(row: dict[str, Any]) -> kalshi_wire.Market:
    return msgspec.json.decode(json.dumps(row).encode(), type=kalshi_wire.Market)


def test_polymarkets_markets_read_as_rows_say_what_the_adapter_says(shared: Path) -> None:
    recorded = shared / "data/recorded"
    rows = load(recorded / "snapshot_20260213/polymarket_gamma_markets.json.gz")["markets"]
    for name in ("map_handicap", "money_line"):
        folder = recorded / "polymarket/rest/nautilus_rs_2026"
        rows.append(load(folder / f"gamma_market_sports_market_{name}.json"))
    read = [(row, _polymarket_market(row)) for row in rows]
    for row, (market, event) in read:
        found = listing_of(market, polymarket.event(event, (market,)))
        assert words(listing_from_row("polymarket", row)) == words(found)
    last = [listing_from_row("polymarket", row) for row in rows[-2:]]
    assert all(each.starts_at and each.event_title and each.series for each in last)
    assert {each.line for each in last} == {"", "-1.5"}


def _polymarket_market(row: dict[str, Any]) -> tuple[Market, polymarket_wire.Event]:
    found = msgspec.json.decode(json.dumps(row).encode(), type=polymarket_wire.Market)
    event = found.events[0] if found.events else polymarket_wire.Event(id="", title="")
    return polymarket.market(found, event, None), event


def test_every_labelled_pair_is_read(shared: Path) -> None:
    for line in (shared / "data/matching/pairs_dev.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        one = listing_from_row("kalshi", row["kalshi"])
        two = listing_from_row("polymarket", row["polymarket"])
        assert one.id == row["kalshi"]["ticker"]
        assert two.id == row["polymarket"]["id"] or two.title
        assert len(two.rules) == ("description" in row["polymarket"])
