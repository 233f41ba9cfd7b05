"""What a live scan says of a pair of the book, by the venues' words now."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pair_of_texts import FOUND, ONE, TWO, K, P

from app.pair_source import Booked, Source
from matching.listing import Listing
from matching.pair_book import Act, decide, proposed
from venues import FeeSchedule, Grid, Market, MarketStatus, Price

EVENT = {"event_id": "9", "event_title": "Will it happen?", "slug": "will-it"}


def market(seen: Listing, **now: object) -> Market:
    found = Market(
        venue=seen.venue,
        id=seen.id,
        event_id=seen.event_id,
        title=seen.title,
        yes_means="",
        rules=" ".join(seen.rules),
        status=MarketStatus.OPEN,
        grid=Grid.even(Price(10_000)),
        fees=FeeSchedule(()),
    )
    return replace(found, **now)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("now", "edited"),
    [
        ({}, False),
        ({"event_id": ""}, False),  # the venue does not say
        ({"status": MarketStatus.PAUSED, "closes_at": datetime(2027, 1, 1, tzinfo=UTC)}, False),
        ({"event_id": "10"}, True),
        ({"slug": "will-it-2"}, True),
        ({"starts_at": datetime(2027, 1, 1, tzinfo=UTC)}, True),
    ],
)
def test_a_live_scan_compares_what_the_approval_is_bound_to(
    now: dict[str, object], edited: bool
) -> None:
    two = replace(TWO, **EVENT)  # type: ignore[arg-type]
    kept = decide(proposed(FOUND, ONE, two, at_ms=1), Act.APPROVE, by="Ann", at_ms=2)
    booked = Booked(kept=kept, kalshi=ONE, polymarket=two, unlisted=frozenset({K, P}))
    source = Source(name="the book", rows=(), booked={kept.id: booked})
    why = source.why_not(kept.id, {K: market(ONE), P: market(two, **now)})
    assert why == (("the text at Polymarket is not the one that was judged",) if edited else ())
