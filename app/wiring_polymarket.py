"""Settings → a line to Polymarket: public, of our account, with orders, and streamed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Final, NamedTuple

import httpx2
import structlog

from app.config import Settings
from app.problem import Exit, Problem
from app.report import plain
from venues import AuthRefused, Refused
from venues.bucket import TokenBucket
from venues.clock import Clock
from venues.feed import Feed
from venues.http import Http, Keep
from venues.key_file import read_key_file
from venues.polymarket.account import PolymarketAccount
from venues.polymarket.auth import Credentials, PolymarketAuth
from venues.polymarket.calls_orders import DATA, SITE
from venues.polymarket.calls_relayer import RELAYER
from venues.polymarket.eligibility import Eligibility, eligibility
from venues.polymarket.keys import WalletAuth, credentials
from venues.polymarket.limits import Limits
from venues.polymarket.modes import mode
from venues.polymarket.normalize_stream import PolymarketNews
from venues.polymarket.normalize_trades import Us
from venues.polymarket.recycling import PolymarketRecycling
from venues.polymarket.relayer import Relayer, RelayerAuth, RelayerLimits
from venues.polymarket.session import FEED, Session
from venues.polymarket.signing import Wallet
from venues.polymarket.terms import Known, TermsBook
from venues.polymarket.trading import PolymarketTrading
from venues.polymarket.user_session import UserSession
from venues.polymarket.venue import Polymarket
from venues.polymarket.wallets import Kind
from venues.recorded import Recorder
from venues.skew import Skew
from venues.socket import websocket
from venues.stream import Session as SessionOf

KINDS: Final[Mapping[str, Kind]] = {
    "eoa": Kind.EOA,
    "proxy": Kind.PROXY,
    "safe": Kind.SAFE,
    "deposit": Kind.DEPOSIT,
}
_log = structlog.get_logger()


class PolymarketLine(NamedTuple):
    """A signed line to Polymarket, and what is known over it."""

    http: Http
    clock: Clock
    market: Polymarket
    account: PolymarketAccount
    wallet: Wallet
    credentials: Credentials
    eligibility: Eligibility


@asynccontextmanager
async def polymarket_public(
    settings: Settings,
    clock: Clock,
    transport: httpx2.AsyncBaseTransport | None,
    keep: Keep | None,
    attempts: int,
) -> AsyncIterator[Polymarket]:
    """Public reads. A tape needs nothing else."""
    http = Http(
        venue="polymarket",
        hosts={
            "": settings.polymarket_address("clob"),
            "gamma": settings.polymarket_address("gamma"),
        },
        clock=clock,
        bucket=TokenBucket(clock, capacity=1, refill_per_s=settings.polymarket.requests_per_s),
        transport=transport,
        keep=keep,
        attempts=attempts,
    )
    async with http:
        yield Polymarket(http, clock)


@asynccontextmanager
async def polymarket(settings: Settings, clock: Clock) -> AsyncIterator[PolymarketLine]:
    """The wallet proves itself, and gets the API key that it has, in live mode a new one too.

    Raises Problem without a wallet or with one that cannot be used, and in an environment that has
    no Polymarket of its own.
    """
    if settings.environment == "kalshi_demo":
        raise Problem(
            Exit.REFUSED,
            "Polymarket has no demo exchange: environment kalshi_demo uses no wallet there.",
        )
    wallet = _wallet(settings)
    skew, limits = Skew(), Limits(clock, requests_per_s=settings.polymarket.requests_per_s)
    hosts = {
        "": settings.polymarket_address("clob"),
        "gamma": settings.polymarket_address("gamma"),
        DATA: settings.polymarket_address("data"),
        SITE: settings.polymarket_address("site"),
    }
    line = partial(
        Http, venue="polymarket", hosts=hosts, clock=clock, bucket=limits, skew=skew, modes=mode
    )
    async with line(auth=WalletAuth(wallet, clock, skew)) as asking:
        try:
            keys = await credentials(asking, may_make=settings.mode == "live")
        except AuthRefused:
            raise
        except Refused:
            raise Problem(
                Exit.BAD_FILE,
                "This wallet has no API key yet. Log in with it at polymarket.com once, or set "
                "mode: live: making one is a write.",
            ) from None
    auth = PolymarketAuth(keys, wallet.owner, clob=hosts[""], clock=clock, skew=skew)
    async with line(auth=auth, hide=keys.hide) as http:
        market = Polymarket(http, clock, TermsBook())
        us = Us(keys.api_key, wallet.maker)
        account = PolymarketAccount(
            http, clock, market, us, Known(), signature_type=int(wallet.kind)
        )
        found = await eligibility(http)
        yield PolymarketLine(http, clock, market, account, wallet, keys, found)


@asynccontextmanager
async def polymarket_trading(
    settings: Settings, clock: Clock
) -> AsyncIterator[tuple[Polymarket, PolymarketTrading, str]]:
    """Who may not open positions (the third says why) may still sell and cancel; it is logged."""
    async with polymarket(settings, clock) as line:
        allowed = line.eligibility
        if not allowed.may_open:
            _log.warning(
                "polymarket.may_not_open",
                place=plain(f"{allowed.country} {allowed.region}"),
                blocked=allowed.blocked,
                closed_only=allowed.closed_only,
            )
        async with _recycling(settings, line) as recycling:
            trading = PolymarketTrading(
                line.http,
                clock,
                line.market,
                line.account,
                line.wallet,
                may_open=allowed.may_open,
                recycling=recycling,
            )
            yield line.market, trading, allowed.why_not


@asynccontextmanager
async def _recycling(
    settings: Settings, line: PolymarketLine
) -> AsyncIterator[PolymarketRecycling | None]:
    """None without a relayer's key, and for a plain address, which would need a node and gas."""
    file, wallet, clock = settings.polymarket.relayer_key_file, line.wallet, line.clock
    if file is None or wallet.kind is Kind.EOA:
        yield None
        return
    host = settings.polymarket_address("relayer")
    try:
        key = read_key_file(file.expanduser()).decode().strip()
    except ValueError as error:
        raise Problem(Exit.BAD_FILE, f"polymarket.relayer_key_file: {error}") from None
    async with Http(
        venue="polymarket",
        hosts={RELAYER: host},
        clock=clock,
        bucket=RelayerLimits(clock),
        auth=RelayerAuth(key, wallet.owner, relayer=host),
    ) as http:
        way = Relayer(http, clock, wallet)
        yield PolymarketRecycling(way, clock, line.market, line.account)


@asynccontextmanager
async def polymarket_feed(
    settings: Settings, clock: Clock, *, account: bool, record: Recorder | None = None
) -> AsyncIterator[Feed[PolymarketNews]]:
    """Books need no key; our own orders and fills do."""
    url = settings.polymarket_address("ws")
    async with AsyncExitStack() as stack:
        own = connect_own = None
        if account:
            line = await stack.enter_async_context(polymarket(settings, clock))
            market = line.market
            own = partial(
                UserSession, line.credentials, line.account.us, market.book, line.account.known
            )
            connect_own = websocket("polymarket", f"{url}/user", dict)
        else:
            public = polymarket_public(settings, clock, None, None, 4)
            market = await stack.enter_async_context(public)
        books: Callable[[], SessionOf[PolymarketNews]] = partial(Session, market.book)
        if record:
            books = record.session("polymarket", books)
            market.book.named = partial(record.names, "polymarket")
        yield await stack.enter_async_context(
            Feed(
                venue="polymarket",
                clock=clock,
                read_books=market.books,
                books=books,
                heard=partial(record.polled, "polymarket") if record else lambda *_: None,
                account=own,
                connect=websocket("polymarket", f"{url}/market", dict),
                connect_account=connect_own,
                learn=market.learn,
                settings=FEED,
            )
        )


def _wallet(settings: Settings) -> Wallet:
    """Raises Problem for a key that cannot be used, or that others could read."""
    file = settings.polymarket.key_file
    if file is None:
        raise Problem(
            Exit.BAD_FILE,
            "Your account needs a wallet: set polymarket.key_file, and polymarket.wallet, in the "
            "settings.",
        )
    kind, funder = KINDS[settings.polymarket.wallet], settings.polymarket.funder
    names = "polymarket.key_file, polymarket.funder" if funder else "polymarket.key_file"
    try:
        return Wallet.from_file(file, kind, funder)
    except ValueError as error:
        raise Problem(Exit.BAD_FILE, f"{names}: {error}") from None
