"""Whole catalogues: 120,000 Kalshi and 50,000 Polymarket markets, crawled onto a tape and listed.

The network is a transport that makes pages up; what is measured is all of ours: parsing,
normalising, the tape, and the memory it takes. The polite rate, which dominates a real crawl, is
lifted here.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[2] / "bench/catalogue.py"


@pytest.mark.parametrize(
    ("venue", "pages", "per_page"),
    [("kalshi", 600, 200), ("kalshi", 60, 200), ("polymarket", 500, 100)],
)
def test_a_whole_catalogue_takes_bounded_memory(venue: str, pages: int, per_page: int) -> None:
    ran = subprocess.run(
        [sys.executable, PROGRAM, venue, str(pages), str(per_page)],
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(ran.stdout)
    assert found["count"] == pages * per_page
    print(
        f"\n{venue}: {found['count']:,} markets, crawled in {found['crawled']:.1f} s of our own "
        f"time, listed in {found['listed']:.1f} s, {found['mb']:.1f} MB on disk, "
        f"peak {found['peak']} MB"
    )
