"""A venue that speaks otherwise than it did: noticed, named, and over when it is over."""

from __future__ import annotations

from app.drift import FAULTS_MAX, FRAMES_MAX, Drift
from venues.kalshi.session import Session
from venues.stream import Counts


def test_a_few_odd_frames_are_nothing_and_many_are_named() -> None:
    drift = Drift()
    assert drift.of("kalshi", Counts(broken=500), ()) == ""  # long ago
    assert drift.of("kalshi", Counts(broken=500 + FRAMES_MAX), ()) == ""
    counts = Counts(broken=500 + 2 * FRAMES_MAX + 1, unreadable="missing field `price`")
    found = drift.of("kalshi", counts, ())
    assert found == f"{FRAMES_MAX + 1} of its frames could not be read: missing field `price`"
    assert drift.of("kalshi", counts, ()) == ""  # over


def test_venues_are_apart_and_faults_count_once() -> None:
    drift = Drift()
    many = [f"Market {n:02} is left out: tick is missing." for n in range(FAULTS_MAX + 1)]
    assert drift.of("kalshi", Counts(), ()) == ""
    assert drift.of("polymarket", Counts(), many) == ""
    assert drift.of("polymarket", Counts(), many) == ""
    found = drift.of("kalshi", Counts(), many)
    assert found.endswith("as: Market 00 is left out: tick is missing.")
    assert drift.of("kalshi", Counts(), many) == ""


def test_a_session_says_which_field_it_missed() -> None:
    session = Session()
    session.open(["T"], 0)
    session.receive(b'{"type":"orderbook_delta","sid":2,"seq":1,"msg":{"market_ticker":"T"}}', 1, 1)
    assert session.counts.broken == 1
    assert "price_dollars" in session.counts.unreadable
