"""Settings → a line to Kalshi."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import NamedTuple

import httpx2

from app.config import Settings
from app.problem import Exit, Problem
from venues.clock import Clock
from venues.feed import Feed
from venues.http import Http, Keep
from venues.kalshi.auth import KalshiAuth, Signer
from venues.kalshi.limits import Limits
from venues.kalshi.normalize_stream import KalshiNews
from venues.kalshi.session import Session
from venues.kalshi.venue import Kalshi
from venues.kalshi.wire.stream import PRIVATE
from venues.recorded import Recorder
from venues.skew import Skew
from venues.socket import websocket
from venues.stream import Session as SessionOf


class KalshiWire(NamedTuple):
    """A line to Kalshi: `http.send` takes any of its reads as a value (venues/kalshi/calls)."""

    http: Http
    limits: Limits
    auth: KalshiAuth | None
    clock: Clock


@asynccontextmanager
async def kalshi(
    settings: Settings,
    clock: Clock,
    transport: httpx2.AsyncBaseTransport | None,
    keep: Keep | None,
    attempts: int,
) -> AsyncIterator[KalshiWire]:
    """Signed where there is a key, and then at the pace of the account. A tape needs neither."""
    skew = Skew()
    auth = None if transport else _kalshi_auth(settings, clock, skew)
    if auth:
        limits = Limits.with_keys(clock)
    else:
        limits = Limits.without_keys(clock, requests_per_s=settings.kalshi.requests_per_s)
    http = Http(
        venue="kalshi",
        hosts={"": settings.kalshi_rest},
        clock=clock,
        bucket=limits,
        auth=auth,
        skew=skew,
        transport=transport,
        keep=keep,
        attempts=attempts,
    )
    async with http:
        yield KalshiWire(http, limits, auth, clock)


def _kalshi_auth(settings: Settings, clock: Clock, skew: Skew) -> KalshiAuth | None:
    """Raises Problem for a key that cannot be used, or that others could read."""
    key_id, file = settings.kalshi.key_id, settings.kalshi.key_file
    if key_id is None or file is None:
        return None
    try:
        return KalshiAuth(Signer.from_file(key_id, file), clock, skew)
    except ValueError as error:
        raise Problem(Exit.BAD_FILE, f"kalshi.key_file: {error}") from None


@asynccontextmanager
async def kalshi_with_keys(settings: Settings, clock: Clock) -> AsyncIterator[KalshiWire]:
    if settings.kalshi.key_id is None:
        raise Problem(
            Exit.BAD_FILE,
            "Your account needs a key: set kalshi.key_id and kalshi.key_file in the settings.",
        )
    async with kalshi(settings, clock, None, None, 4) as wire:
        yield wire


@asynccontextmanager
async def kalshi_feed(
    settings: Settings, clock: Clock, *, account: bool, record: Recorder | None = None
) -> AsyncIterator[Feed[KalshiNews]]:
    """Streamed with a key, without one read in turn."""
    books: Callable[[], SessionOf[KalshiNews]] = Session
    if record:
        books = record.session("kalshi", books)
    async with kalshi(settings, clock, None, None, 4) as wire:
        connect = None
        if wire.auth:
            url = settings.kalshi_ws
            headers = partial(wire.auth.websocket_headers, url)
            connect = websocket("kalshi", url, headers, wire.auth.learn)
        feed = Feed(
            venue="kalshi",
            clock=wire.clock,
            read_books=Kalshi(wire.http, wire.clock).books,
            books=books,
            heard=partial(record.polled, "kalshi") if record else lambda *_: None,
            account=partial(Session, channels=dict.fromkeys(PRIVATE, ())) if account else None,
            connect=connect,
        )
        async with feed:
            yield feed
