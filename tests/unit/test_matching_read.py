"""Rows of files and venues' markets → Listing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from matching.listing import Listing
from matching.read import catalogued, listing_from_row, listing_of
from venues import Event, FeeSchedule, Grid, Market, MarketStatus, Price, UnknownFee

KALSHI = {
    "ticker": "KXBTC-26JUL0921-B52250",
    "event_ticker": "KXBTC-26JUL0921",
    "title": "**Bitcoin** price range on Jul 9, 2026?",
    "subtitle": "$52,200 to 52,299.99",
    "yes_sub_title": "$52,200 to 52,299.99",
    "no_sub_title": "$52,200 to 52,299.99",
    "rules_primary": "If the average is between 52200-52299.99, then Yes.",
    "rules_secondary": "Not all data is the same.",
    "strike_type": "between",
    "floor_strike": 52200,
    "cap_strike": 52299.99,
    "close_time": "2026-07-10T01:00:00Z",
    "volume_fp": "654.61",
}
GAMMA = {
    "id": "906973",
    "conditionId": "0x" + "ab" * 32,
    "question": "Team A vs. Team B: O/U 220.5",
    "slug": "nba-aaa-bbb-2026-01-11-total-220pt5",
    "description": "Resolves to Over if it is over.",
    "outcomes": '["Over", "Under"]',
    "groupItemTitle": "O/U 220.5",
    "line": 220.5,
    "gameStartTime": "2026-01-12 01:00:00+00",
    "endDate": "2026-01-12T01:00:00Z",
    "events": [{"id": "77", "title": "Team A vs. Team B", "slug": "nba-aaa-bbb-2026-01-11"}],
}


def test_a_raw_kalshi_market_is_read_with_its_strikes_as_text() -> None:
    assert listing_from_row("kalshi", KALSHI) == Listing(
        venue="kalshi",
        id="KXBTC-26JUL0921-B52250",
        title="Bitcoin price range on Jul 9, 2026?",
        subtitle="$52,200 to 52,299.99",
        event_id="KXBTC-26JUL0921",
        series="KXBTC",
        rules=(KALSHI["rules_primary"], KALSHI["rules_secondary"]),  # type: ignore[arg-type]
        strike_type="between",
        floor="52200",
        cap="52299.99",
        closes_at=datetime(2026, 7, 10, 1, tzinfo=UTC),
    )


def test_a_raw_gamma_market_goes_by_its_condition() -> None:
    assert listing_from_row("polymarket", GAMMA) == Listing(
        venue="polymarket",
        id="0x" + "ab" * 32,
        title="Team A vs. Team B: O/U 220.5",
        subtitle="O/U 220.5",
        event_id="77",
        event_title="Team A vs. Team B",
        slug="nba-aaa-bbb-2026-01-11-total-220pt5",
        outcomes=("Over", "Under"),
        rules=("Resolves to Over if it is over.",),
        line="220.5",
        starts_at=datetime(2026, 1, 12, 1, tzinfo=UTC),
        closes_at=datetime(2026, 1, 12, 1, tzinfo=UTC),
    )


def test_an_id_and_a_title_are_enough() -> None:
    found = listing_from_row("kalshi", {"id": "KXFED-26JUN-C25", "title": "A cut?"})
    assert (found.series, found.event_id) == ("KXFED", "KXFED-26JUN")
    assert listing_from_row("polymarket", {"id": 561975, "title": "A cut?"}).id == "561975"


def test_a_labelled_pair_writes_the_same_fields_by_its_own_names() -> None:
    row = {
        "ticker": "KXNBAGAME-26JAN11MILDEN-MIL",
        "series": "KXNBAGAME",
        "title": "Milwaukee at Denver Winner?",
        "event_title": "Milwaukee at Denver",
    }
    other = {
        "id": "1",
        "title": "Bucks vs. Nuggets",
        "event_title": "Bucks vs. Nuggets",
        "outcomes": ["Bucks", "Nuggets"],
        "game_start": "2026-01-12 01:00:00+00",
        "event_id": "9",
        "slug": "nba-mil-den-2026-01-11",
        "description": "The winner.",
    }
    kalshi, polymarket = listing_from_row("kalshi", row), listing_from_row("polymarket", other)
    assert (kalshi.event_title, kalshi.series) == ("Milwaukee at Denver", "KXNBAGAME")
    assert polymarket.outcomes == ("Bucks", "Nuggets")
    assert polymarket.starts_at == datetime(2026, 1, 12, 1, tzinfo=UTC)
    assert polymarket.rules == ("The winner.",)


def test_a_ticker_of_two_parts_may_be_its_own_event() -> None:
    assert listing_from_row("kalshi", {"id": "KXELONMARS-99", "title": "Mars?"}).event_id == ""
    assert listing_from_row("kalshi", {"id": "NONCOMPETEBAN", "title": "A ban?"}).series == ""


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcomes": "[", "line": True, "events": "x", "slug": 1.5, "endDate": 7},
        {"outcomes": [1, 2], "line": float("nan"), "events": [], "endDate": "2026-13-12"},
        {"outcomes": {}, "line": [], "events": [None], "gameStartTime": "at noon: sharp"},
        {"outcomes": "[" * 100_000, "description": None, "endDate": "0001-01-01T00:00:00+23:59"},
    ],
)
def test_a_field_of_the_wrong_type_counts_as_missing(wrong: dict[str, object]) -> None:
    found = listing_from_row("polymarket", {"id": "1", "title": "Will it?", **wrong})
    assert found == Listing(venue="polymarket", id="1", title="Will it?")


def test_a_row_without_a_title_is_refused_and_one_without_an_id_goes_by_its_title() -> None:
    with pytest.raises(ValueError, match="polymarket market has no title"):
        listing_from_row("polymarket", {"id": "1", "title": " "})
    row = {"id": None, "title": "Will it?"}
    assert listing_from_row("polymarket", row).id == "Will it?"
    with pytest.raises(ValueError, match="polymarket market has no id"):
        catalogued("polymarket", row)


def test_a_venues_market_gives_the_same_facts() -> None:
    market = Market(
        venue="polymarket",
        id="0x1",
        event_id="77",
        title="Team A vs. Team B",
        yes_means="Team A",
        rules="The winner.",
        status=MarketStatus.OPEN,
        grid=Grid.even(Price(10_000)),
        fees=FeeSchedule.always(UnknownFee("none")),
        outcomes=("Team A", "Team B"),
        group_title="Winner",
        line="-1.5",
    )
    event = Event(
        venue="polymarket", id="77", title="Friday", exclusive=False, series="nba", slug="a-b"
    )
    assert listing_of(market, event) == Listing(
        venue="polymarket",
        id="0x1",
        title="Team A vs. Team B",
        subtitle="Winner",
        event_id="77",
        event_title="Friday",
        series="nba",
        slug="a-b",
        outcomes=("Team A", "Team B"),
        rules=("The winner.",),
        line="-1.5",
    )
