"""Many pairs at two simulated venues in this process, with the live engine before them."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final, cast

import httpx2

from app.pairs_file import PairRow
from app.room import Room
from app.wiring_terms import Member
from scanner.engine import Engine
from scanner.follow import Tell
from scanner.scan import Policy
from venues import Cash, Clock
from venues.bucket import TokenBucket
from venues.feed import Feed
from venues.http import Http
from venues.kalshi.limits import Limits
from venues.kalshi.session import Session as KalshiSession
from venues.kalshi.venue import Kalshi
from venues.polymarket.fees import MARKETABLE_MINIMUM
from venues.polymarket.session import FEED, Session
from venues.polymarket.venue import Polymarket
from venues.recorded import Recorder
from venues.sim import world
from venues.sim.kalshi.rest import RestApp as KalshiApp
from venues.sim.kalshi.rest_auth import ApiKeys
from venues.sim.kalshi.streams import Streams as KalshiStreams
from venues.sim.polymarket.catalogue import Fee
from venues.sim.polymarket.rest import RestApp
from venues.sim.polymarket.streams import Streams
from venues.sim.twin_questions import Twin
from venues.sim.twins import Twins, twins
from venues.socket import Connection

RATE: Final = 50_000
"""Of Polymarket's fee, in millionths."""


def questions(count: int, rng: random.Random) -> list[Twin]:
    """Pairs about one fair price at both venues; the ladders are a cent or two apart."""
    found = []
    for number in range(count):
        cents, same = rng.randint(20, 80), rng.random() < 0.7
        found.append(
            Twin(
                why="moves",
                id=f"m{number}",
                question=f"Will number {number} come up?",
                polymarket_question="" if same else f"Will number {number} stay away?",
                same=same,
                fee=Fee(rate=RATE),
                **_ladders(cents, "kalshi", rng),
                **_ladders(cents if same else 100 - cents, "polymarket", rng),
            )
        )
    return found


def _ladders(cents: int, venue: str, rng: random.Random) -> dict[str, Any]:
    def ladder(sign: int) -> str:
        return " ".join(f"0.{cents + sign * i:02} {rng.randint(20, 400)}" for i in (1, 2, 4))

    return {f"{venue}_bids": ladder(-1), f"{venue}_asks": ladder(1)}


class Floor:
    """`move` has somebody quote a pair anew, so many ticks away."""

    def __init__(self, clock: Clock, *, pairs: int, seed: int) -> None:
        self.clock = clock
        self.rng = random.Random(seed)
        self.world: Twins = twins(
            clock, seed=seed, moving=False, questions=questions(pairs, self.rng)
        )
        self.streams = Streams(self.world.polymarket)
        self.kalshi_streams = KalshiStreams(self.world.kalshi)
        self.shifts = [[0, 0] for _ in self.world.pairs]

    @property
    def rows(self) -> list[PairRow]:
        names = ("pair_id", "kalshi", "polymarket", "relation")
        rows = (dict(zip(names, row, strict=True)) for row in self.world.pairs)
        return [PairRow.model_validate(row) for row in rows]

    def move(self, number: int, venue: int, shift: int) -> None:
        self.shifts[number][venue] = shift
        self.world.desks[number][venue].quote(shift)

    @asynccontextmanager
    async def open(
        self, tell: Tell, record: Recorder | None = None, *, streamed: bool = True
    ) -> AsyncIterator[Room]:
        """`streamed` False: Kalshi's books are read in turn."""
        kalshi_app = KalshiApp(self.world.kalshi, ApiKeys(), self.clock)
        polymarket_app = RestApp(self.world.polymarket, self.clock)
        async with (
            self._http("kalshi", kalshi_app, "/trade-api/v2") as kalshi_http,
            self._http("polymarket", polymarket_app, "") as http,
        ):
            kalshi = Kalshi(kalshi_http, self.clock, Member.DIRECT)
            polymarket = Polymarket(http, self.clock)
            async with (
                self._kalshi_feed(kalshi, record, streamed=streamed) as kalshi_feed,
                self._polymarket_feed(polymarket, record) as polymarket_feed,
            ):
                feeds = {"kalshi": kalshi_feed, "polymarket": polymarket_feed}
                policy = Policy(minimum_cost={"polymarket": Cash(MARKETABLE_MINIMUM)})
                yield Room(
                    {"kalshi": kalshi, "polymarket": polymarket},
                    feeds,
                    engine=Engine(feeds, policy=policy),
                    clock=self.clock,
                    member=Member.DIRECT,
                    tell=tell,
                    record=record,
                )

    def _http(self, venue: str, app: object, path: str) -> Http:
        host = f"http://sim.test{path}"
        hosts = {"": host} if venue == "kalshi" else {"": host, "gamma": f"{host}/gamma"}
        return Http(
            venue=venue,
            hosts=hosts,
            clock=self.clock,
            bucket=_pace(venue, self.clock),
            transport=httpx2.ASGITransport(app=cast(Any, app)),
            attempts=1,
        )

    def _kalshi_feed(self, data: Kalshi, record: Recorder | None, *, streamed: bool) -> Feed[Any]:
        async def connect() -> Connection:
            return self.kalshi_streams.connect(world.USER, self.clock)

        return Feed(
            venue="kalshi",
            clock=self.clock,
            read_books=data.books,
            books=record.session("kalshi", KalshiSession) if record else KalshiSession,
            heard=partial(record.polled, "kalshi") if record else lambda *_: None,
            connect=connect if streamed else None,
            jitter=lambda most: most // 2,
        )

    def _polymarket_feed(self, data: Polymarket, record: Recorder | None) -> Feed[Any]:
        books: Any = partial(Session, data.book)
        if record:
            data.book.named = partial(record.names, "polymarket")
            books = record.session("polymarket", books)

        async def connect() -> Connection:
            return self.streams.connect_market(self.clock)

        return Feed(
            venue="polymarket",
            clock=self.clock,
            read_books=data.books,
            books=books,
            connect=connect,
            learn=data.learn,
            settings=FEED,
            jitter=lambda most: most // 2,
        )


def _pace(venue: str, clock: Clock) -> Limits | TokenBucket:
    if venue == "kalshi":
        return Limits.without_keys(clock, requests_per_s=3)
    return TokenBucket(clock, capacity=1, refill_per_s=100)
