"""A crawl that is cut off goes on where it stopped, and a kept catalogue needs no venue."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app import catalogue, wiring
from app.config import Settings
from venues import MarketData, SystemClock, Unavailable

PAGES = 5


def event(page: int) -> dict[str, Any]:
    market = {
        "conditionId": "0x" + f"{page:x}" * 64,
        "question": f"Question {page}?",
        "outcomes": '["Yes", "No"]',
        "clobTokenIds": json.dumps([f"{page}" * 60, f"{page + 1}" * 60]),
        "orderPriceMinTickSize": 0.01,
        "orderMinSize": 5,
        "active": True,
        "closed": False,
        "enableOrderBook": True,
        "acceptingOrders": True,
    }
    return {"id": str(page), "title": f"Event {page}", "slug": f"e{page}", "markets": [market]}


class Network(httpx2.AsyncBaseTransport):
    """Gamma's pages; from page `breaks_at` on it is out of order."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.breaks_at = PAGES + 1

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        page = int(request.url.params.get("after_cursor") or 1)
        if page >= self.breaks_at:
            return httpx2.Response(500, json={"error": "out of order"})
        self.asked.append(page)
        following = str(page + 1) if page < PAGES else None
        return httpx2.Response(200, json={"events": [event(page)], "next_cursor": following})


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    """The catalogue's venue with this network under it, unless it brings a tape."""
    found = Network()

    @asynccontextmanager
    async def opened(name: str, settings: Settings, **given: Any) -> AsyncIterator[MarketData]:
        attempts = 1 if "transport" not in given else 4
        given = {"transport": found} | given
        async with wiring.open_venue(name, settings, attempts=attempts, **given) as venue:
            yield venue

    monkeypatch.setattr(catalogue, "open_venue", opened)
    return found


async def titles(settings: Settings, *, refresh: bool = False) -> list[str]:
    async with catalogue.open_catalogue("polymarket", settings, refresh=refresh) as listing:
        assert "old" in listing.origin
        return [market.title async for market in listing.markets()]


ALL = [f"Question {page}?" for page in range(1, PAGES + 1)]


async def test_a_kept_catalogue_is_listed_without_the_venue(
    tmp_path: Path, network: Network
) -> None:
    settings = Settings(data_dir=tmp_path)
    assert await titles(settings) == ALL
    network.breaks_at = 0
    assert await titles(settings) == ALL
    assert network.asked == [1, 2, 3, 4, 5]


async def test_a_crawl_that_was_cut_off_asks_only_for_what_is_missing(
    tmp_path: Path, network: Network
) -> None:
    settings = Settings(data_dir=tmp_path)
    network.breaks_at = 4
    with pytest.raises(Unavailable):
        await titles(settings)
    network.breaks_at = PAGES + 1
    assert await titles(settings) == ALL
    assert network.asked == [1, 2, 3, 4, 5]


async def test_an_old_catalogue_or_a_wish_fetches_anew(
    tmp_path: Path, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data_dir=tmp_path)
    await titles(settings)
    assert await titles(settings, refresh=True) == ALL
    assert len(network.asked) == 2 * PAGES
    day_later = SystemClock().now_ms() + 25 * 3_600_000
    monkeypatch.setattr(SystemClock, "now_ms", lambda _: day_later)
    assert await titles(settings) == ALL
    assert len(network.asked) == 3 * PAGES
