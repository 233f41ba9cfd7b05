"""Crawls and lists a made-up catalogue, and prints what that took: run by make bench."""

import asyncio
import json
import resource
import sys
import tempfile
import time
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2

from app import catalogue
from app.config import Settings
from app.wiring import open_venue

venue, pages, per_page = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rules = "If it happens, then the market resolves to Yes. " * 20


def kalshi(n):
    market = {
        "ticker": f"KXT-{n}-A",
        "event_ticker": f"KXT-{n}",
        "market_type": "binary",
        "title": f"Will number {n} happen?",
        "yes_sub_title": "yes",
        "no_sub_title": "no",
        "close_time": "2026-12-31T00:00:00Z",
        "latest_expiration_time": "2027-01-07T00:00:00Z",
        "settlement_timer_seconds": 60,
        "status": "active",
        "notional_value_dollars": "1.0000",
        "rules_primary": rules,
        "rules_secondary": "",
        "price_ranges": [{"start": "0.0000", "end": "1.0000", "step": "0.0100"}],
    }
    return {
        "event_ticker": f"KXT-{n}",
        "series_ticker": "KXT",
        "title": f"Event {n}",
        "mutually_exclusive": False,
        "markets": [market],
    }


def polymarket(n):
    market = {
        "conditionId": f"0x{n:064x}",
        "question": f"Will number {n} happen?",
        "outcomes": '["Yes", "No"]',
        "clobTokenIds": json.dumps([str(10**60 + 2 * n), str(10**60 + 2 * n + 1)]),
        "description": rules,
        "endDate": "2026-12-31T00:00:00Z",
        "active": True,
        "closed": False,
        "enableOrderBook": True,
        "acceptingOrders": True,
        "orderPriceMinTickSize": 0.01,
        "orderMinSize": 5,
    }
    return {"id": str(n), "title": f"Event {n}", "slug": f"e{n}", "markets": [market]}


class Network(httpx2.AsyncBaseTransport):
    async def handle_async_request(self, request):
        path, query = request.url.path, request.url.params
        if path.endswith("/series"):
            one = {
                "ticker": "KXT",
                "title": "T",
                "category": "X",
                "fee_type": "quadratic",
                "fee_multiplier": 1,
            }
            return httpx2.Response(200, json={"series": [one]})
        if path.endswith("fee_changes"):
            return httpx2.Response(
                200, json={"series_fee_change_arr": [], "event_fee_changes": [], "cursor": ""}
            )
        page = int(query.get("cursor") or query.get("after_cursor") or 0)
        make = kalshi if venue == "kalshi" else polymarket
        events = [make(n) for n in range(page * per_page, (page + 1) * per_page)]
        following = str(page + 1) if page + 1 < pages else ""
        return httpx2.Response(
            200, json={"events": events, "cursor": following, "next_cursor": following}
        )


@asynccontextmanager
async def opened(name, settings, **given):
    async with open_venue(name, settings, **({"transport": Network()} | given)) as source:
        source._http._bucket._refill_per_s = 10**6
        yield source


catalogue.open_venue = opened


async def main():
    settings = Settings(data_dir=Path(tempfile.mkdtemp()))
    start = time.perf_counter()
    async with catalogue.open_catalogue(venue, settings, refresh=False):
        crawled = time.perf_counter() - start
        start = time.perf_counter()
    async with catalogue.open_catalogue(venue, settings, refresh=False) as listing:
        count = 0
        async for _market in listing.markets():
            count += 1
    listed = time.perf_counter() - start
    size = sum(p.stat().st_size for p in settings.folder.iterdir())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        json.dumps(
            {"count": count, "crawled": crawled, "listed": listed, "mb": size / 1e6, "peak": peak}
        )
    )


asyncio.run(main())
