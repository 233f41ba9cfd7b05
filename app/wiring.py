"""The only file that names every concrete class: settings → venues and policies."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Final, NamedTuple

import httpx2

from app.config import Settings
from app.logs import to_stderr
from app.pairs_file import PairRow
from app.problem import Exit, Problem
from matching import category_of
from matching.pairs import MarketKey
from scanner import OrderKind, Policy
from venues import (
    Account,
    Cash,
    FeeModel,
    Grid,
    Market,
    MarketData,
    MarketStatus,
    Price,
    Quantity,
    SystemClock,
    UnknownFee,
)
from venues.bucket import TokenBucket
from venues.clock import Clock
from venues.feed import Feed
from venues.fees import FeeSchedule
from venues.http import Exchange, Http
from venues.kalshi import fees as kalshi_fees
from venues.kalshi.account import KalshiAccount, learn_limits
from venues.kalshi.auth import KalshiAuth, Signer
from venues.kalshi.fees import Member as Member  # noqa: PLC0414 - app/ takes it from here
from venues.kalshi.limits import Limits as KalshiLimits
from venues.kalshi.normalize_stream import KalshiNews
from venues.kalshi.session import Session
from venues.kalshi.trading import KalshiTrading
from venues.kalshi.venue import Kalshi
from venues.kalshi.wire.stream import PRIVATE
from venues.money import LOT
from venues.polymarket import fees as polymarket_fees
from venues.polymarket.venue import Polymarket
from venues.sim.kalshi.rest_auth import ApiKeys
from venues.sim.kalshi.server import Served, serve_kalshi
from venues.sim.world import kalshi as simulated_kalshi
from venues.skew import Skew
from venues.socket import websocket

VENUES: Final = ("kalshi", "polymarket")
Keep = Callable[[Exchange], None]
SimulatedKalshi = Served


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
    kind = member or Member(settings.kalshi.member)
    if transport:
        attempts = 1
    if name == "kalshi":
        async with _kalshi(settings, clock, transport, keep, attempts) as wire:
            yield Kalshi(wire.http, clock, kind)
        return
    http = Http(
        venue=name,
        hosts={"": settings.polymarket_clob, "gamma": settings.polymarket_gamma},
        clock=clock,
        bucket=TokenBucket(clock, capacity=1, refill_per_s=settings.polymarket.requests_per_s),
        transport=transport,
        keep=keep,
        attempts=attempts,
    )
    async with http:
        yield Polymarket(http, clock)


@asynccontextmanager
async def open_account(
    name: str, settings: Settings, *, clock: Clock | None = None
) -> AsyncIterator[Account]:
    """What a venue says of our own account. Raises Problem without keys."""
    async with _with_keys(name, settings, clock or SystemClock()) as wire:
        yield KalshiAccount(wire.http, wire.clock)


@asynccontextmanager
async def open_trading(
    name: str, settings: Settings, *, clock: Clock | None = None
) -> AsyncIterator[KalshiTrading]:
    """Orders at a venue, at the pace of the account. Raises Problem unless `mode` is live."""
    if settings.mode != "live":
        raise Problem(
            Exit.REFUSED,
            f"mode is {settings.mode}: nothing is sent. Set mode: live in the settings to trade "
            f"in the environment {settings.environment}.",
        )
    async with _with_keys(name, settings, clock or SystemClock()) as wire:
        await learn_limits(wire.http, wire.limits)
        yield KalshiTrading(wire.http, KalshiAccount(wire.http, wire.clock), wire.limits)


@asynccontextmanager
async def open_feed(
    settings: Settings, *, account: bool = False, clock: Clock | None = None
) -> AsyncIterator[Feed[KalshiNews]]:
    """Kalshi's books kept current: streamed with a key, without one read in turn. `account`: tell
    our own orders and fills too."""
    to_stderr()
    async with _kalshi(settings, clock or SystemClock(), None, None, 4) as wire:
        connect = None
        if wire.auth:
            url = settings.kalshi_ws
            headers = partial(wire.auth.websocket_headers, url)
            connect = websocket("kalshi", url, headers, wire.auth.learn)
        feed = Feed(
            venue="kalshi",
            clock=wire.clock,
            read_books=Kalshi(wire.http, wire.clock).books,
            books=Session,
            account=partial(Session, channels=dict.fromkeys(PRIVATE, ())) if account else None,
            connect=connect,
        )
        async with feed:
            yield feed


@asynccontextmanager
async def open_kalshi(
    settings: Settings, *, clock: Clock | None = None
) -> AsyncIterator[KalshiWire]:
    to_stderr()
    async with _kalshi(settings, clock or SystemClock(), None, None, 4) as wire:
        yield wire


@asynccontextmanager
async def _with_keys(name: str, settings: Settings, clock: Clock) -> AsyncIterator[KalshiWire]:
    to_stderr()
    if name != "kalshi":
        raise Problem(Exit.WRONG_USAGE, f"There is no account at {name} yet: only kalshi is built.")
    if settings.kalshi.key_id is None:
        raise Problem(
            Exit.BAD_FILE,
            "Your account needs a key: set kalshi.key_id and kalshi.key_file in the settings.",
        )
    async with _kalshi(settings, clock, None, None, 4) as wire:
        yield wire


class KalshiWire(NamedTuple):
    """A line to Kalshi: `http.send` takes any of its reads as a value (venues/kalshi/calls)."""

    http: Http
    limits: KalshiLimits
    auth: KalshiAuth | None
    clock: Clock


@asynccontextmanager
async def _kalshi(
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
        limits = KalshiLimits.with_keys(clock)
    else:
        limits = KalshiLimits.without_keys(clock, requests_per_s=settings.kalshi.requests_per_s)
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
async def serve_simulated_kalshi(*, port: int, seed: int) -> AsyncIterator[SimulatedKalshi]:
    """A seeded, moving Kalshi on loopback, with its own keys. Raises OSError for a taken port."""
    to_stderr()
    house = simulated_kalshi(SystemClock(), seed=seed)
    async with serve_kalshi(house, ApiKeys(), rest_port=port) as served:
        yield served


def live_policy(settings: Settings) -> Policy:
    """What a live scan keeps to."""
    cash = {venue: settings.scan.cash(venue) for venue in VENUES}
    return Policy(
        age_ms_max=settings.scan.age_ms_max,
        cash={venue: Cash(limit) for venue, limit in cash.items() if limit is not None},
        minimum_cost={"polymarket": polymarket_fees.MARKETABLE_MINIMUM},
        kind={"polymarket": OrderKind(settings.polymarket.order)},
    )


def assumed_market(key: MarketKey, row: PairRow, member: Member) -> Market:
    """A market of which a tape holds nothing but quotes: standard terms, and what the row says."""
    if key.venue == "kalshi":
        fees = kalshi_fees.assumed(key.id, member)
    else:
        fees = polymarket_fees.assumed(row.category or category_of(row.kalshi))
    market = Market(
        venue=key.venue,
        id=key.id,
        event_id="",
        title=row.pair_id,
        yes_means="",
        rules="",
        status=MarketStatus.OPEN,
        grid=Grid.even(Price(1)),
        fees=fees,
    )
    # A tape holds prices that stood there: a tick in the pairs file is for orders, not for them.
    return replace(overridden(market, row, member), grid=market.grid)


def overridden(market: Market, row: PairRow, member: Member) -> Market:
    """The market with what the pairs file says about it in place of the venue's word."""
    kalshi = market.venue == "kalshi"
    tick = row.kalshi_tick if kalshi else row.polymarket_tick
    minimum = None if kalshi else row.polymarket_min_size
    return replace(
        market,
        grid=market.grid if tick is None else Grid.even(Price(tick)),
        fees=_fees(market, row, member),
        minimum=market.minimum if minimum is None else max(Quantity(minimum), LOT),
        payout_at=row.payout_at or market.payout_at,
    )


def _fees(market: Market, row: PairRow, member: Member) -> FeeSchedule:
    if market.venue == "polymarket":
        rate = row.polymarket_fee_rate
        if rate is None:
            return market.fees
        return FeeSchedule.always(polymarket_fees.model(rate))
    if row.kalshi_fee_rate is None and row.kalshi_fee_multiplier is None:
        return market.fees
    rate = kalshi_fees.RATE if row.kalshi_fee_rate is None else row.kalshi_fee_rate
    multiplier = 1 if row.kalshi_fee_multiplier is None else row.kalshi_fee_multiplier
    return FeeSchedule.always(kalshi_fees.at_rate(rate * multiplier, member))


def kalshi_model(fee_type: str, multiplier: Decimal, member: Member) -> FeeModel | UnknownFee:
    """The fee of a kind of series, for `dutchbook fees`."""
    return kalshi_fees.model(fee_type, multiplier, member)


def polymarket_model(rate: Decimal) -> FeeModel | UnknownFee:
    """The fee at a market's own rate."""
    return polymarket_fees.model(rate)


def polymarket_model_on(category: str | None, at_ms: int) -> FeeModel | UnknownFee:
    """The fee of a category on a day; None: the dearest of that day."""
    return polymarket_fees.assumed(category).at(at_ms)


def polymarket_categories() -> tuple[str, ...]:
    return tuple(polymarket_fees.RATES)
