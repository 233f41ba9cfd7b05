"""Polymarket's stage."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import Any, Final, TypeAlias, cast

import httpx2

from venues import (
    LOT,
    ONE,
    Cash,
    Clock,
    Contract,
    OrderRequest,
    Outcome,
    Price,
    Quantity,
    Side,
    TimeInForce,
    micros,
)
from venues.bucket import TokenBucket
from venues.feed import Feed
from venues.http import Http
from venues.polymarket.account import PolymarketAccount
from venues.polymarket.auth import Credentials, PolymarketAuth
from venues.polymarket.calls_orders import DATA, SITE
from venues.polymarket.keys import WalletAuth, credentials
from venues.polymarket.modes import mode
from venues.polymarket.normalize_trades import Us
from venues.polymarket.session import FEED, Session
from venues.polymarket.signing import SigningLimits, Wallet
from venues.polymarket.terms import Known, TermsBook
from venues.polymarket.trading import PolymarketTrading
from venues.polymarket.user_session import UserSession
from venues.polymarket.venue import Polymarket
from venues.polymarket.wallets import Kind
from venues.sim.faults import LOST_ANSWER, LOST_REQUEST, error
from venues.sim.polymarket.catalogue import Event, Fee, Market
from venues.sim.polymarket.house import House
from venues.sim.polymarket.knobs import Knobs, Units
from venues.sim.polymarket.notices import LevelsChanged, Notice, OrderUpdated
from venues.sim.polymarket.positions import tokens_of
from venues.sim.polymarket.records import Kind as SimKind
from venues.sim.polymarket.records import OrderType
from venues.sim.polymarket.refusal import Refusal
from venues.sim.polymarket.rest import RestApp
from venues.sim.polymarket.stream_knobs import StreamKnobs
from venues.sim.polymarket.streams import Streams
from venues.sim.stream_faults import StreamFaults
from venues.skew import Skew
from venues.socket import Connection

# Anvil's first development key: everybody knows it, nobody may own anything with it.
KEY: Final = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
HOST: Final = "http://sim.test"
LIMITS: Final = SigningLimits(
    cash_max=Cash(1_000_000 * ONE), quantity_max=Quantity(1_000_000 * ONE)
)
DOLLARS: Final = Cash(1_000 * ONE)


Send: TypeAlias = Callable[[], Awaitable[httpx2.Response]]
Plan: TypeAlias = Callable[[Send], Awaitable[httpx2.Response]]


class Wire(httpx2.AsyncBaseTransport):
    """Between us and the venue. `sent`: (method, path, body) of every request, oldest first."""

    def __init__(self, venue: httpx2.AsyncBaseTransport) -> None:
        self.sent: list[tuple[str, str, bytes]] = []
        self._venue = venue
        self._plans: list[tuple[str, str, Plan]] = []

    def next(self, method: str, path: str, plan: Plan) -> None:
        """What becomes of the next request to there: `plan` gets the way to the venue."""
        self._plans.append((method, path, plan))

    def say(self, method: str, path: str, body: object, status: int = 200) -> None:
        """The next request to there is answered with this, and never reaches the venue."""

        async def plan(_: Send) -> httpx2.Response:
            return answer(body, status)

        self.next(method, path, plan)

    def change(self, method: str, path: str, change: Callable[[Any], object]) -> None:
        """The next answer from there arrives as `change` makes it of what the venue said."""

        async def plan(send: Send) -> httpx2.Response:
            return answer(change(json.loads(await (await send()).aread())))

        self.next(method, path, plan)

    def count(self, method: str, path: str) -> int:
        return sum(each[:2] == (method, path) for each in self.sent)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        at = request.method, request.url.path
        self.sent.append((*at, await request.aread()))
        send = partial(self._venue.handle_async_request, request)
        for each in self._plans:
            if each[:2] == at:
                self._plans.remove(each)
                return await each[2](send)
        return await send()


def answer(body: object, status: int = 200) -> httpx2.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx2.Response(status, content=content)


class PolymarketStage:
    name = "polymarket"
    market = "0x" + "a1" * 32
    second = "0x" + "b2" * 32
    elsewhere = ""
    numbered = False

    def __init__(
        self,
        clock: Clock,
        knobs: Knobs,
        *,
        kind: Kind = Kind.DEPOSIT,
        neg_risk: bool = False,
        version: str = "v1",
        stream: StreamKnobs | None = None,
    ) -> None:
        self.clock = clock
        self.lag_ms = 0  # a cancel waits as long as reads may trail
        if version == "v2":  # a Protocol V2 condition ends in zeros
            self.market = "0x" + "a1" * 16 + "00" * 16
        self.house = House(clock, seed=7, knobs=knobs)
        self._list(self.market, "1", version, neg_risk=neg_risk)
        self._list(self.second, "2", "v1", neg_risk=False)
        self.wallet = Wallet.from_key(KEY, kind, limits=LIMITS)
        self.house.wallets.open(self.wallet.owner, SimKind(int(kind)))
        self.house.wallets.deposit(self.wallet.maker, DOLLARS)
        for other in ("maker", "taker"):
            self._rival_wallet(other)
        self.app = RestApp(self.house, clock)
        self.wire = Wire(httpx2.ASGITransport(app=cast(Any, self.app)))
        self.streams = Streams(self.house, knobs=stream)
        self._books: set[object] = set()
        self._seen: set[str] = set()
        self.house.listen(self._keep)

    def _list(self, condition: str, number: str, version: str, *, neg_risk: bool) -> None:
        life = self.house.lifecycle
        life.add_event(
            Event(id=number, slug=f"event-{number}", title="Will it?", neg_risk=neg_risk)
        )
        life.add_market(
            Market(
                id=number,
                condition=condition,
                event_id=number,
                slug=f"will-it-{number}",
                question="Will it?",
                description="If it will, Yes.",
                tokens=tokens_of(condition, version=version, neg_risk=neg_risk),
                version=version,
                neg_risk=neg_risk,
                minimum=LOT,
                fee=Fee(rate=50_000),
                fee_type="economics_fees",
                end_ms=self.house.now_ms + 3_600_000,
            )
        )

    def _rival_wallet(self, who: str) -> None:
        wallet = self.house.wallets.open(f"0x{who.encode().hex():0<40}")
        self.house.wallets.deposit(wallet, Cash(1_000 * DOLLARS))
        for condition in (self.market, self.second):
            for token in self.house.catalogue.markets[condition].tokens:
                self.house.wallets.give(wallet, token, Quantity(1_000_000 * ONE))
        setattr(self, f"_{who}", wallet)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[PolymarketStage]:
        skew = Skew()
        bucket = TokenBucket(self.clock, capacity=10**6, refill_per_s=10**6)
        line = partial(
            Http,
            venue="polymarket",
            hosts={"": HOST, "gamma": f"{HOST}/gamma", DATA: f"{HOST}/data", SITE: f"{HOST}/site"},
            clock=self.clock,
            bucket=bucket,
            skew=skew,
            transport=self.wire,
            attempts=1,
            modes=mode,
        )
        async with line(auth=WalletAuth(self.wallet, self.clock, skew)) as asking:
            self.keys: Credentials = await credentials(asking, may_make=True)
        auth = PolymarketAuth(self.keys, self.wallet.owner, clob=HOST, clock=self.clock, skew=skew)
        async with line(auth=auth) as http:
            self.http = http
            self._data = Polymarket(http, self.clock, TermsBook())
            self.us = Us(self.keys.api_key, self.wallet.maker)
            self._account = PolymarketAccount(
                http,
                self.clock,
                self._data,
                self.us,
                Known(),
                signature_type=int(self.wallet.kind),
            )
            self._trading = self.another_session()
            yield self

    def another_session(self) -> PolymarketTrading:
        """As after a restart: it remembers no order that it signed."""
        return PolymarketTrading(
            self.http, self.clock, self._data, self._account, self.wallet, may_open=True
        )

    @property
    def data(self) -> Polymarket:
        return self._data

    @property
    def account(self) -> PolymarketAccount:
        return self._account

    @property
    def trading(self) -> PolymarketTrading:
        return self._trading

    def rest(self, side: Side, at: str, size: str) -> None:
        self._rival("maker", side, at, size, OrderType.GTC)

    def take(self, side: Side, at: str, size: str) -> None:
        with suppress(Refusal):  # nobody there
            self._rival("taker", side, at, size, OrderType.FAK)

    def _rival(
        self, who: str, side: Side, at: str, size: str, kind: OrderType, market: str = ""
    ) -> None:
        yes = self.house.catalogue.markets[market or self.market].tokens[0]
        wallet = getattr(self, f"_{who}")
        price, shares = Price(micros(at)), Quantity(micros(size))
        self.house.orders.quote(wallet, yes, side, price=price, shares=shares, kind=kind)

    def lose_request(self) -> None:
        self.app.faults.plan(LOST_REQUEST, method="POST", route="/order")

    def lose_answer(self) -> None:
        self.app.faults.plan(LOST_ANSWER, method="POST", route="/order")

    def orders_seen(self) -> int:
        return len(self._seen)

    def close(self) -> None:
        self.house.lifecycle.close(self.market)

    def resolve_yes(self) -> None:
        self.house.lifecycle.resolve(self.market, 0)

    async def pass_ms(self, duration_ms: int) -> None:
        await self.clock.sleep_ms(duration_ms)
        self.house.advance()

    def ticket(self, side: Side, limit: str, size: str) -> OrderRequest:
        return OrderRequest(
            client_id="00000000-0000-4000-8002-000000000001",
            contract=Contract("polymarket", self.market, Outcome.YES),
            side=side,
            limit=Price(micros(limit)),
            quantity=Quantity(micros(size)),
            time_in_force=TimeInForce.RESTING,
        )

    def feed(self) -> Feed[Any]:
        """Books and our own orders, over connections in this process."""

        async def connect() -> Connection:
            return self.streams.connect_market(self.clock)

        async def connect_own() -> Connection:
            return self.streams.connect_user(self.clock)

        book = self.data.book
        return Feed(
            venue="polymarket",
            clock=self.clock,
            read_books=self.data.books,
            books=partial(Session, book),
            account=partial(UserSession, self.keys, self.us, book, self.account.known),
            connect=connect,
            connect_account=connect_own,
            learn=self.data.learn,
            settings=FEED,
            jitter=lambda most: most // 2,
        )

    async def live(self) -> None:
        """Somebody trades elsewhere on the same connection."""
        if not self.house.book(self.house.catalogue.markets[self.second].tokens[0]).bids:
            self._rival("maker", Side.BUY, "0.10", "5", OrderType.GTC, self.second)
        self._rival("maker", Side.BUY, "0.11", "5", OrderType.GTC, self.second)

    def damage(self, faults: StreamFaults) -> None:
        """From now on, on every connection for books."""
        self.streams.trouble = lambda _: faults
        for conversation in self.streams.conversations:
            conversation.line.faults = faults

    def break_reads(self) -> None:
        """No book can be read any more."""
        for method, route in (("POST", "/books"), ("GET", "/book")):
            self.app.faults.plan(error(503), method=method, route=route, times=10**9)

    def freeze(self) -> None:
        """Open connections go silent; PINGs are answered, and new connections work."""
        for conversation in self.streams.conversations:
            conversation.line.faults = StreamFaults(freeze_after=0)

    def was_so(self, bids: object, asks: object) -> bool:
        """Whether the book ever was like this, between two commands."""
        return (bids, asks) in self._books

    def were_best(self, bid: object, ask: object) -> bool:
        """Whether these were the best prices at once."""
        books: Any = self._books
        full = ((bids, asks) for bids, asks in books if bids and asks)
        return any((bids[0].price, asks[0].price) == (bid, ask) for bids, asks in full)

    def _keep(self, notice: Notice) -> None:
        if isinstance(notice, OrderUpdated) and notice.order.maker_address == self.wallet.maker:
            self._seen.add(notice.order.id)
        if isinstance(notice, LevelsChanged) and notice.market == self.market:
            book = self.house.book(self.house.catalogue.markets[self.market].tokens[0])
            self._books.add((book.bids, book.asks))

    def cut(self) -> None:
        """Breaks the connection that carries the books."""
        self.streams.conversations[-1].line.cut()


BASE: Final = Knobs(rate_limits=False)  # a suite waits for no rate limit
VARIANTS: Final[dict[str, dict[str, Any]]] = {
    "polymarket": {},
    "polymarket-eoa": {"kind": Kind.EOA},
    "polymarket-proxy": {"kind": Kind.PROXY},
    "polymarket-safe": {"kind": Kind.SAFE},
    "polymarket-neg-risk": {"neg_risk": True},
    "polymarket-protocol-v2": {"version": "v2"},
    "polymarket-amounts-in-base-units": {"knobs": replace(BASE, amounts=Units.BASE)},
    "polymarket-dead-orders-hidden": {"knobs": replace(BASE, dead_orders_shown=False)},
    "polymarket-prefixed-statuses": {"knobs": replace(BASE, prefixed=True)},
    "polymarket-reads-trail": {"knobs": replace(BASE, lag_ms=1_000)},
}
STREAMS: Final[dict[str, StreamKnobs]] = {
    "polymarket-frames-with-newlines": StreamKnobs(newline=True, empty_arrays=True),
    "polymarket-arrays": StreamKnobs(arrays=True, levels_together=True),
    "polymarket-empty-sides-are-empty": StreamKnobs(empty_side=("", "")),
}


def stages() -> dict[str, Callable[[Clock], PolymarketStage]]:
    """By name; the first kinds for orders and data, those of STREAMS for the feed."""
    found: dict[str, Callable[[Clock], PolymarketStage]] = {
        name: partial(PolymarketStage, **({"knobs": BASE} | turned))
        for name, turned in VARIANTS.items()
    }
    for name, stream in STREAMS.items():
        found[name] = partial(PolymarketStage, knobs=BASE, stream=stream)
    return found
