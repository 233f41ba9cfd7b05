"""Runs inside bench/peers/.venv: two catalogues through arb-tool's find_matches, as it stands.

Its own reader takes a Kalshi market's title, or else its subtitle, and Polymarket's question; both
with the time of the close. Prices play no part in its matching.
"""

import json
import sys
import time
from datetime import datetime

from src.core.matcher import find_matches
from src.models import Market


def market(platform, row):
    closes = row.get("close_time") or row.get("endDate")
    return Market(
        id=row.get("id") or row["ticker"],
        title=row.get("question") or row["title"],
        yes_price=0.5,
        no_price=0.5,
        volume=0.0,
        liquidity=0.0,
        close_time=datetime.fromisoformat(closes) if closes else None,
        category="",
        platform=platform,
        url="",
    )


given = json.load(sys.stdin)
start = time.perf_counter()
ours = [market("kalshi", row) for row in given["kalshi"]]
theirs = [market("polymarket", row) for row in given["polymarket"]]
found = find_matches(ours, theirs)
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "accepted": [[a.id, b.id] for a, b, _ in found]}))
