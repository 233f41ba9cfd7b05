"""Kalshi's stage."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any, Final, cast

import httpx2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from venues import Cash, Clock, Contract, OrderRequest, Outcome, Price, Quantity, Side, TimeInForce
from venues.feed import Feed
from venues.http import Http
from venues.kalshi import Kalshi, Member
from venues.kalshi.account import KalshiAccount
from venues.kalshi.auth import KalshiAuth, Signer
from venues.kalshi.limits import Limits, Pace
from venues.kalshi.session import Session
from venues.kalshi.trading import KalshiTrading
from venues.kalshi.wire.stream import PRIVATE
from venues.money import micros
from venues.sim.exchange import Tif
from venues.sim.faults import LOST_ANSWER, LOST_REQUEST, error
from venues.sim.kalshi.catalogue import Event, Market, Result, Series
from venues.sim.kalshi.house import House
from venues.sim.kalshi.knobs import Freed, Knobs
from venues.sim.kalshi.knobs import Member as SimMember
from venues.sim.kalshi.notices import BookChanged, Notice
from venues.sim.kalshi.records import BookSide, CreateOrder
from venues.sim.kalshi.rest import RestApp
from venues.sim.kalshi.rest_auth import ApiKeys
from venues.sim.kalshi.stream_knobs import StreamKnobs
from venues.sim.kalshi.streams import Streams
from venues.sim.stream_faults import StreamFaults
from venues.skew import Skew
from venues.socket import Connection

HOUR_MS: Final = 3_600_000
DOLLARS: Final = Cash(micros("1000"))


class KalshiStage:
    name = "kalshi"
    market = "KXCONF-26DEC-A"
    numbered = True
    second = elsewhere = "KXCONF2-26DEC-A"

    def __init__(self, clock: Clock, knobs: Knobs, stream: StreamKnobs | None = None) -> None:
        self.clock = clock
        self.lag_ms = knobs.lag_ms
        self.house = House(clock, seed=7, knobs=knobs)
        for series, event, market, shard in (
            ("KXCONF", "KXCONF-26DEC", self.market, 2),
            ("KXCONF2", "KXCONF2-26DEC", self.elsewhere, 3),
        ):
            self._list(series, event, market, shard)
        self.house.accounts.open("us", member=knobs.member)
        self.house.accounts.deposit("us", DOLLARS, exchange_index=2)
        for other in ("maker", "taker"):
            self.house.accounts.open(other)
            self.house.accounts.deposit(other, Cash(1_000 * DOLLARS), exchange_index=2)
        self.house.advance()
        key = Ed25519PrivateKey.from_private_bytes(bytes(32))
        self.keys = ApiKeys()
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        self.keys.add("key", "us", public)
        self.app = RestApp(self.house, self.keys, clock)
        self.signer = Signer("key", key)
        self.streams = Streams(self.house, knobs=stream)
        self._books: set[object] = set()
        self.house.listen(self._keep)

    def _list(self, series: str, event: str, market: str, shard: int) -> None:
        life, now = self.house.lifecycle, self.house.now_ms
        life.add_series(
            Series(
                ticker=series,
                title=series,
                exchange_index=shard,
                fee_type="quadratic_with_maker_fees",
            )
        )
        life.add_event(Event(ticker=event, series_ticker=series, title=event, exchange_index=shard))
        life.add_market(
            Market(
                ticker=market,
                event_ticker=event,
                title="Will it?",
                yes_sub_title="It will",
                rules_primary="If it will, YES.",
                open_ms=now,
                close_ms=now + HOUR_MS,
                latest_expiration_ms=now + HOUR_MS,
                settlement_timer_s=60,
            )
        )

    @asynccontextmanager
    async def open(self) -> AsyncIterator[KalshiStage]:
        skew, limits = Skew(), Limits.with_keys(self.clock)
        _, tier = self.house.limits.tier("us")
        read = Pace(tier.read_capacity, tier.read_per_s)
        limits.pace(read, Pace(tier.write_capacity, tier.write_per_s), "prestige")
        async with Http(
            venue="kalshi",
            hosts={"": "http://sim.test/trade-api/v2"},
            clock=self.clock,
            bucket=limits,
            auth=KalshiAuth(self.signer, self.clock, skew),
            skew=skew,
            transport=httpx2.ASGITransport(app=cast(Any, self.app)),
            attempts=1,
        ) as http:
            self._data = Kalshi(http, self.clock, Member(self.house.knobs.member))
            self._account = KalshiAccount(http, self.clock)
            self._trading = KalshiTrading(http, self._account, limits)
            yield self

    @property
    def data(self) -> Kalshi:
        return self._data

    @property
    def account(self) -> KalshiAccount:
        return self._account

    @property
    def trading(self) -> KalshiTrading:
        return self._trading

    def rest(self, side: Side, at: str, size: str) -> None:
        self._rival("maker", side, at, size, Tif.GTC)

    def take(self, side: Side, at: str, size: str) -> None:
        self._rival("taker", side, at, size, Tif.IOC)

    def _rival(self, who: str, side: Side, at: str, size: str, time: Tif) -> None:
        self.house.orders.create(
            who,
            CreateOrder(
                ticker=self.market,
                side=BookSide.BID if side is Side.BUY else BookSide.ASK,
                count=Quantity(micros(size)),
                price=Price(micros(at)),
                time_in_force=time,
            ),
        )

    def lose_request(self) -> None:
        self.app.faults.plan(LOST_REQUEST, method="POST", route="/portfolio/events/orders")

    def lose_answer(self) -> None:
        self.app.faults.plan(LOST_ANSWER, method="POST", route="/portfolio/events/orders")

    def orders_seen(self) -> int:
        return len(self.house.view("us", self.house.now_ms).orders())

    def close(self) -> None:
        self.house.lifecycle.move_close(self.market, self.house.now_ms)

    def resolve_yes(self) -> None:
        self.house.lifecycle.determine(self.market, Result.YES)

    async def pass_ms(self, duration_ms: int) -> None:
        await self.clock.sleep_ms(duration_ms)
        self.house.advance()

    def ticket(self, side: Side, limit: str, size: str) -> OrderRequest:
        return OrderRequest(
            client_id="00000000-0000-4000-8002-000000000001",
            contract=Contract("kalshi", self.market, Outcome.YES),
            side=side,
            limit=Price(micros(limit)),
            quantity=Quantity(micros(size)),
            time_in_force=TimeInForce.RESTING,
        )

    def feed(self) -> Feed[Any]:
        """Books and our own orders, over connections in this process."""

        async def connect() -> Connection:
            return self.streams.connect("us", self.clock)

        return Feed(
            venue="kalshi",
            clock=self.clock,
            read_books=self.data.books,
            books=Session,
            account=partial(Session, channels=dict.fromkeys(PRIVATE, ())),
            connect=connect,
            jitter=lambda most: most // 2,
        )

    async def live(self) -> None:
        """Pings are answered: with an unbroken count of frames that is enough."""

    def damage(self, faults: StreamFaults) -> None:
        """From now on, on every connection."""
        self.streams.trouble = lambda _: faults
        for conversation in self.streams.conversations:
            conversation.line.faults = faults

    def break_reads(self) -> None:
        """No book can be read any more."""
        for route in ("/markets/orderbooks", "/markets/{ticker}/orderbook"):
            self.app.faults.plan(error(503), method="GET", route=route, times=10**9)

    def freeze(self) -> None:
        """Open connections go silent; pings are answered, and new connections work."""
        for conversation in self.streams.conversations:
            conversation.line.faults = StreamFaults(freeze_after=0)

    def was_so(self, bids: object, asks: object) -> bool:
        """Whether the book ever was like this, between two frames."""
        return (bids, asks) in self._books

    def _keep(self, notice: Notice) -> None:
        if isinstance(notice, BookChanged) and notice.ticker == self.market:
            self._books.add((self.house.bids(self.market), self.house.asks(self.market)))

    def were_best(self, bid: object, ask: object) -> bool:
        """Whether these were the best prices at once."""
        books: Any = self._books
        full = ((bids, asks) for bids, asks in books if bids and asks)
        return any((bids[0].price, asks[0].price) == (bid, ask) for bids, asks in full)

    def cut(self) -> None:
        """Breaks the connection that carries the books."""
        self.streams.conversations[-1].line.cut()


BASE: Final = Knobs(tier="prestige")  # a suite waits for no rate limit
VARIANTS: Final[dict[str, Knobs]] = {
    "kalshi": BASE,
    "kalshi-ids-free-when-canceled": replace(BASE, client_ids_freed=Freed.WHEN_CANCELED),
    "kalshi-ids-free-when-finished": replace(BASE, client_ids_freed=Freed.WHEN_FINISHED),
    "kalshi-created-is-200": replace(BASE, create_status=200),
    "kalshi-no-legacy-fields": replace(BASE, legacy_side_action=False),
    "kalshi-broker-member": replace(BASE, member=SimMember.NON_DIRECT),
    "kalshi-multiplier-spares-makers": replace(BASE, multiplier_on_maker=False),
    "kalshi-zero-decrease-refused": replace(BASE, zero_decrease_cancels=False),
    "kalshi-no-paused-filter": replace(BASE, paused_status_accepted=False),
    "kalshi-netting": replace(BASE, mecnet=True),
    "kalshi-reads-trail": replace(BASE, lag_ms=1_500),
    "kalshi-deltas-name-who-was-hit": replace(BASE, hit_carries_client_id=True),
    "kalshi-yes-prices-by-default": replace(BASE, yes_price_default=True),
}


STREAMS: Final[dict[str, StreamKnobs]] = {
    "kalshi-takers-unmarked": StreamKnobs(taker_marked=False),
    "kalshi-frames-without-time": StreamKnobs(sending_ts_ms=False),
    "kalshi-unknown-markets-passed-over": StreamKnobs(unknown_markets_refused=False),
}


def stages() -> dict[str, Callable[[Clock], KalshiStage]]:
    """By name; the first kinds for orders and data, those of STREAMS for the feed."""
    found: dict[str, Callable[[Clock], KalshiStage]] = {
        name: partial(KalshiStage, knobs=knobs) for name, knobs in VARIANTS.items()
    }
    for name, stream in STREAMS.items():
        found[name] = partial(KalshiStage, knobs=BASE, stream=stream)
    return found
