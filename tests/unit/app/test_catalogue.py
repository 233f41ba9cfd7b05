"""A crawl that is cut off goes on where it stopped, and a kept catalogue needs no venue."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from app.catalogue import open_catalogue
from app.config import KalshiSettings, PolymarketSettings, Settings
from app.problem import Exit, Problem
from venues import AuthRefused, SystemClock, Unavailable, VenueError, WireError

PAGES = 5
ALL = [f"Question {page}?" for page in range(1, PAGES + 1)]
WEB_PAGE = b"<html>Just a moment...</html>"


class Server:
    """Both venues' catalogues on this machine, an event a page; `breaks` maps a page to what it
    answers instead: each answer once, the last one for good."""

    def __init__(self) -> None:
        self.port = 0
        self.asked: list[int] = []
        self.breaks: dict[int, list[tuple[int, bytes]]] = {}
        self.series: dict[str, list[str]] = {"listed": [], "single": []}

    def settings(self, folder: Path) -> Settings:
        here = f"http://127.0.0.1:{self.port}"
        return Settings(
            environment="sim",
            data_dir=folder,
            kalshi=KalshiSettings(rest=f"{here}/trade-api/v2", requests_per_s=100),
            polymarket=PolymarketSettings(clob=here, gamma=here, requests_per_s=100),
        )

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            status, body = self.answer(head.split()[1])
            kind = f"HTTP/1.1 {status} So\r\ncontent-length: {len(body)}\r\nconnection: close"
            writer.write(f"{kind}\r\n\r\n".encode() + body)
            await writer.drain()
        writer.close()

    def answer(self, target: str) -> tuple[int, bytes]:
        parts = urlsplit(target)
        kalshi, query = parts.path.startswith("/trade-api/v2"), parse_qs(parts.query)
        path = parts.path.removeprefix("/trade-api/v2")
        if path in {"/series/fee_changes", "/events/fee_changes"}:
            empty = {"series_fee_change_arr": [], "event_fee_changes": [], "cursor": ""}
            return 200, json.dumps(empty).encode()
        if path == "/series":
            return 200, json.dumps({"series": [*map(series, self.series["listed"])]}).encode()
        if path.startswith("/series/"):
            self.series["single"].append(path.removeprefix("/series/"))
            return 200, json.dumps({"series": series(self.series["single"][-1])}).encode()
        page = int(query.get("cursor" if kalshi else "after_cursor", ["1"])[0])
        self.asked.append(page)
        if broken := self.breaks.get(page):
            return broken.pop(0) if len(broken) > 1 else broken[0]
        following = str(page + 1) if page < PAGES else ""
        events = [(kalshi_event if kalshi else event)(page)]
        answer = {"events": events, "cursor": following, "next_cursor": following}
        return 200, json.dumps(answer).encode()


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


def kalshi_event(page: int) -> dict[str, Any]:
    market = {
        "ticker": f"KX{page}-1-A",
        "event_ticker": f"KX{page}-1",
        "market_type": "binary",
        "title": f"Question {page}?",
        "yes_sub_title": "It will",
        "close_time": "2026-12-01T00:00:00Z",
        "latest_expiration_time": "2026-12-08T00:00:00Z",
        "settlement_timer_seconds": 300,
        "status": "active",
        "notional_value_dollars": "1.0000",
        "rules_primary": "If it does, then Yes.",
        "rules_secondary": "",
        "price_ranges": [{"start": "0.0000", "end": "1.0000", "step": "0.0100"}],
    }
    return {
        "event_ticker": f"KX{page}-1",
        "series_ticker": f"KX{page}",
        "title": f"Event {page}",
        "mutually_exclusive": True,
        "markets": [market],
    }


def series(ticker: str) -> dict[str, Any]:
    return {"ticker": ticker, "category": "X", "fee_type": "quadratic", "fee_multiplier": 1}


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    found = Server()
    async with await asyncio.start_server(found.serve, "127.0.0.1", 0) as listening:
        found.port = listening.sockets[0].getsockname()[1]
        yield found


async def titles(settings: Settings, venue: str = "polymarket", **given: bool) -> list[str]:
    async with open_catalogue(venue, settings, **({"refresh": False} | given)) as listing:
        return [market.title async for market in listing.markets()]


async def origin(settings: Settings) -> str:
    async with open_catalogue("polymarket", settings, refresh=False) as listing:
        return listing.origin


def contents(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_a_kept_catalogue_is_listed_without_the_venue(tmp_path: Path, server: Server) -> None:
    settings = server.settings(tmp_path)
    assert await titles(settings) == ALL
    assert await titles(settings) == ALL
    assert server.asked == [1, 2, 3, 4, 5]
    (kept,) = contents(tmp_path)
    assert kept.stat().st_mode & 0o777 == 0o600


async def test_its_age_is_said_in_words(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = server.settings(tmp_path)
    assert (await origin(settings)).startswith("Catalogue of polymarket: 0 min old; ")
    later_ms = SystemClock().now_ms() + 23 * 3_600_000 + 5 * 60_000
    monkeypatch.setattr(SystemClock, "now_ms", lambda _: later_ms)
    assert (await origin(settings)).startswith("Catalogue of polymarket: 23 h 5 min old; ")


@pytest.mark.parametrize("venue", ["polymarket", "kalshi"])
@pytest.mark.parametrize(
    ("broken", "error"),
    [
        ((500, b"{}"), Unavailable),
        ((200, WEB_PAGE), Unavailable),
        ((403, b'{"error": "not from there"}'), AuthRefused),
        ((200, b'{"events": 1}'), WireError),
    ],
    ids=["out of order", "web page", "refused", "wrong shape"],
)
async def test_a_crawl_that_was_cut_off_asks_only_for_what_is_missing(
    tmp_path: Path,
    server: Server,
    venue: str,
    broken: tuple[int, bytes],
    error: type[VenueError],
) -> None:
    settings = server.settings(tmp_path)
    server.breaks[4] = [broken]
    for _ in range(2):  # the venue is asked again each time: a refusal on tape is no answer
        server.asked.clear()
        with pytest.raises(error):
            await titles(settings, venue)
        assert server.asked[-1] == 4
    assert set(server.asked) == {4}
    server.breaks.clear()
    server.asked.clear()

    assert await titles(settings, venue) == ALL
    assert server.asked == [4, 5]
    assert await titles(settings, venue) == ALL
    assert server.asked == [4, 5]


async def test_what_was_asked_for_twice_is_listed_once(tmp_path: Path, server: Server) -> None:
    settings = server.settings(tmp_path)
    server.breaks[2] = [
        (503, b"{}"),
        (200, WEB_PAGE),
        (302, b""),
        (200, json.dumps({"events": [event(2)], "next_cursor": "3"}).encode()),
    ]
    assert await titles(settings) == ALL
    assert server.asked == [1, 2, 2, 2, 2, 3, 4, 5]
    assert await titles(settings) == ALL


async def test_a_crawl_goes_on_though_a_series_was_listed_meanwhile(
    tmp_path: Path, server: Server
) -> None:
    """Kalshi's list of series is asked for by each run: each must be played with its own."""
    settings = server.settings(tmp_path)
    server.breaks[3] = [(500, b"{}")]
    with pytest.raises(Unavailable):
        await titles(settings, "kalshi")
    server.breaks.clear()
    server.series["listed"] = ["KX4"]
    assert await titles(settings, "kalshi") == ALL
    assert server.series["single"] == ["KX1", "KX2", "KX3", "KX5"]
    assert await titles(settings, "kalshi") == ALL


async def test_a_crawl_that_was_killed_before_its_tape_was_in_place_is_not_made_again(
    tmp_path: Path, server: Server
) -> None:
    settings = server.settings(tmp_path)
    await titles(settings)
    (kept,) = contents(tmp_path)
    kept.rename(kept.with_name(kept.name + ".half"))
    assert await titles(settings) == ALL
    assert server.asked == [1, 2, 3, 4, 5]


async def test_an_old_catalogue_or_a_wish_fetches_anew(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = server.settings(tmp_path)
    await titles(settings)
    assert await titles(settings, refresh=True) == ALL
    assert len(server.asked) == 2 * PAGES
    day_later = SystemClock().now_ms() + 25 * 3_600_000
    monkeypatch.setattr(SystemClock, "now_ms", lambda _: day_later)
    assert await titles(settings) == ALL
    assert len(server.asked) == 3 * PAGES


@pytest.mark.parametrize("cut", [1, 9, 60, 200, 500, 800, 1_100, 10_000])
async def test_a_crawl_that_was_killed_in_the_middle_of_a_line_goes_on(
    tmp_path: Path, server: Server, cut: int
) -> None:
    settings = server.settings(tmp_path)
    server.breaks[5] = [(500, b"{}")]
    with pytest.raises(Unavailable):
        await titles(settings)
    (half,) = contents(tmp_path)
    half.write_bytes(half.read_bytes()[:-cut])
    server.breaks.clear()
    server.asked.clear()

    assert await titles(settings) == ALL
    assert server.asked == [1, 2, 3, 4, 5][-len(server.asked) :]
    assert await titles(settings) == ALL


async def test_an_old_half_is_not_gone_on_with(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = server.settings(tmp_path)
    server.breaks[4] = [(500, b"{}")]
    with pytest.raises(Unavailable):
        await titles(settings)
    server.breaks.clear()
    server.asked.clear()
    later_ms = SystemClock().now_ms() + 61 * 60_000
    monkeypatch.setattr(SystemClock, "now_ms", lambda _: later_ms)
    assert await titles(settings) == ALL
    assert server.asked == [1, 2, 3, 4, 5]


async def test_another_address_has_its_own_catalogue(tmp_path: Path, server: Server) -> None:
    settings = server.settings(tmp_path)
    await titles(settings)
    here = f"http://localhost:{server.port}"
    elsewhere = PolymarketSettings(clob=here, gamma=here, requests_per_s=100)
    assert await titles(settings.model_copy(update={"polymarket": elsewhere})) == ALL
    assert len(server.asked) == 2 * PAGES


async def test_a_tape_that_does_not_hold_it_all_says_how_to_fetch_it(
    tmp_path: Path, server: Server
) -> None:
    settings = server.settings(tmp_path)
    await titles(settings)
    (kept,) = contents(tmp_path)
    content = bytearray(kept.read_bytes())
    for broken in (content[:-200], content[:-200] + b"\x00" * 200):
        kept.write_bytes(broken)
        with pytest.raises(Problem, match=r"cannot be read to its end.*--refresh") as caught:
            await titles(settings)
        assert caught.value.code is Exit.BAD_FILE


async def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, server: Server) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Problem, match="cannot be kept"):
        await titles(server.settings(tmp_path / "file" / "x"))
