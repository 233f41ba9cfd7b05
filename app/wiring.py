"""Settings → venues: with app/wiring_*.py and app/demo.py the only files that name them.

Each raises Problem for a name that is no venue's.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import httpx2

from app.config import Settings
from app.logs import to_stderr
from app.problem import Exit, Problem
from app.wiring_kalshi import KalshiWire, kalshi, kalshi_feed, kalshi_with_keys
from app.wiring_polymarket import (
    PolymarketLine,
    polymarket,
    polymarket_feed,
    polymarket_public,
    polymarket_trading,
)
from app.wiring_terms import Member, known_venue
from execution.router import Venue
from venues import Account, MarketData, SystemClock, Trading
from venues.clock import Clock
from venues.feed import Feed
from venues.http import Keep
from venues.kalshi.account import KalshiAccount, learn_limits
from venues.kalshi.moving import KalshiMoving
from venues.kalshi.normalize_stream import KalshiNews
from venues.kalshi.session import Session as KalshiSession
from venues.kalshi.trading import KalshiTrading
from venues.kalshi.venue import Kalshi
from venues.playback import Player
from venues.polymarket.normalize_stream import PolymarketNews
from venues.polymarket.session import Session as PolymarketSession
from venues.polymarket.terms import TermsBook
from venues.recorded import Recorder


@asynccontextmanager
async def open_venue(
    name: str,
    settings: Settings,
    *,
    clock: Clock | None = None,
    transport: httpx2.AsyncBaseTransport | None = None,
    keep: Keep | None = None,
    member: Member | None = None,
    attempts: int = 4,
) -> AsyncIterator[MarketData]:
    """A venue ready for public reads; `transport` replaces the network, `keep` gets each answer."""
    to_stderr()
    clock = clock or SystemClock()
    if transport:
        attempts = 1
    if known_venue(name) == "polymarket":
        async with polymarket_public(settings, clock, transport, keep, attempts) as public:
            yield public
        return
    async with kalshi(settings, clock, transport, keep, attempts) as wire:
        yield Kalshi(wire.http, clock, member or Member(settings.kalshi.member))


@asynccontextmanager
async def open_account(
    name: str, settings: Settings, *, clock: Clock | None = None
) -> AsyncIterator[Account]:
    """What a venue says of our own account. Raises Problem without keys."""
    to_stderr()
    clock = clock or SystemClock()
    if known_venue(name) == "polymarket":
        async with polymarket(settings, clock) as line:
            yield line.account
        return
    async with kalshi_with_keys(settings, clock) as wire:
        yield KalshiAccount(wire.http, wire.clock)


@asynccontextmanager
async def open_trading(
    name: str, settings: Settings, *, clock: Clock | None = None
) -> AsyncIterator[Trading]:
    """Orders at a venue, at the pace of the account. Raises Problem unless `mode` is live."""
    async with open_live(name, settings, clock=clock) as venue:
        yield venue.trading


@asynccontextmanager
async def open_live(
    name: str, settings: Settings, *, clock: Clock | None = None
) -> AsyncIterator[Venue]:
    """The same with public reads over the same signed line."""
    to_stderr()
    clock = clock or SystemClock()
    if settings.mode != "live":
        raise Problem(
            Exit.REFUSED,
            f"mode is {settings.mode}: nothing is sent. Set mode: live in the settings to trade "
            f"in the environment {settings.environment}.",
        )
    if known_venue(name) == "polymarket":
        async with polymarket_trading(settings, clock) as (market, trading, why):
            yield Venue(market, trading, closed=why)
        return
    async with kalshi_with_keys(settings, clock) as wire:
        await learn_limits(wire.http, wire.limits)
        account = KalshiAccount(wire.http, wire.clock)
        data = Kalshi(wire.http, wire.clock, Member(settings.kalshi.member))
        moving = KalshiMoving(wire.http, wire.clock)
        yield Venue(data, KalshiTrading(wire.http, account, wire.limits), moving)


@asynccontextmanager
async def open_feed(
    name: str,
    settings: Settings,
    *,
    account: bool = False,
    clock: Clock | None = None,
    record: Recorder | None = None,
) -> AsyncIterator[Feed[KalshiNews] | Feed[PolymarketNews]]:
    """A venue's books kept current. `account`: tell our own orders and fills too. `record`: put
    what drives the books on tape; nothing of our account is."""
    to_stderr()
    clock = clock or SystemClock()
    if known_venue(name) == "polymarket":
        async with polymarket_feed(settings, clock, account=account, record=record) as feed:
            yield feed
        return
    async with kalshi_feed(settings, clock, account=account, record=record) as other:
        yield other


def player() -> Player:
    """Plays the recorded streams of every venue again."""
    terms = TermsBook()
    return Player(
        {"kalshi": KalshiSession, "polymarket": partial(PolymarketSession, terms)},
        {"polymarket": terms.learn_tokens},
    )


@asynccontextmanager
async def open_kalshi(
    settings: Settings, *, clock: Clock | None = None
) -> AsyncIterator[KalshiWire]:
    to_stderr()
    async with kalshi(settings, clock or SystemClock(), None, None, 4) as wire:
        yield wire


@asynccontextmanager
async def open_polymarket(
    settings: Settings, *, clock: Clock | None = None
) -> AsyncIterator[PolymarketLine]:
    """Raises Problem without a wallet."""
    to_stderr()
    async with polymarket(settings, clock or SystemClock()) as line:
        yield line
