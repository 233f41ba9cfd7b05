"""What a single scan tells, as of cron."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from changes import appeared
from pair_books import START_MS, book

from app.config import Settings
from app.config_alerts import AlertSettings, SlackSettings
from app.live import LiveScan, doubt_of
from app.notifying import notify
from app.pair_source import Source
from app.store.opening import open_database
from app.store.outbox import StoredOutbox
from matching.pairs import MarketKey
from scanner import ScanReport
from scanner.opportunity import Finding
from venues import Clock, Unavailable
from venues.venue import VenueStatus


def scanned() -> LiveScan:
    """One opportunity, with both books fresh."""
    found = appeared("p").episode.last
    keys = [MarketKey(leg.contract.venue, leg.contract.market) for leg in found.legs]
    finding = Finding(pair_id="p", crossed=True, days=None, opportunity=found)
    return LiveScan(
        report=ScanReport(ts_ms=START_MS, findings=(finding,)),
        markets={},
        books={key: book(key, 40, 50) for key in keys},
        unknown=(),
        down=(),
        faults=(),
    )


@pytest.mark.parametrize(
    ("doubt", "kept"), [("", {"waiting": 1}), ("it does not trade: trading paused", {})]
)
async def test_a_scan_of_a_venue_in_doubt_tells_nothing(
    tmp_path: Path, clock: Clock, doubt: str, kept: dict[str, int]
) -> None:
    hook = tmp_path / "hook"
    hook.write_text("http://127.0.0.1:9/nobody")
    hook.chmod(0o600)
    told = AlertSettings(slack=SlackSettings(webhook_file=hook, local=True))
    settings = Settings(data_dir=tmp_path / "data", alerts=told)
    source = Source(name="a file", rows=())
    await notify(scanned(), source, settings, clock, {"kalshi": doubt, "polymarket": ""})
    with open_database(settings.live_place) as engine:
        assert StoredOutbox(engine).counts() == kept


class Venue:
    """Says of itself what a test wants said."""

    def __init__(self, said: VenueStatus | Unavailable) -> None:
        self._said = said

    async def status(self) -> VenueStatus:
        if isinstance(self._said, Unavailable):
            raise self._said
        return self._said


@pytest.mark.parametrize(
    ("trading", "skew_ms", "doubt"),
    [
        (True, None, ""),
        (True, -5_000, ""),
        (True, -5_001, "its clock and ours are 5001 ms apart"),
        (False, 0, "it does not trade: as it says"),
    ],
)
async def test_what_a_venue_says_of_itself_may_put_it_in_doubt(
    *, trading: bool, skew_ms: int | None, doubt: str
) -> None:
    status = VenueStatus(venue="kalshi", trading=trading, says="as it says", skew_ms=skew_ms)
    venue: Any = Venue(status)
    assert await doubt_of(venue) == doubt
    silent: Any = Venue(Unavailable("kalshi", "it is silent"))
    assert "it is silent" in await doubt_of(silent)
