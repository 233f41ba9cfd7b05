"""The page over one pair whose books stand still: venues and feeds are fakes, the rest is real."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Set
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

import httpx2
from pair_desk import CONDITION, FOUND, ONE, TICKER, TWO

from alerts.message import Message
from app.alerting import Alerts
from app.config import Settings
from app.desk import Desk, Preview
from app.keeping import Keeper
from app.pair_source import pairs_to_scan
from app.problem import Exit, Problem
from app.room import Room
from app.store.history import History
from app.store.job_runs import JobRunsTable
from app.store.opening import open_database, open_store
from app.store.outbox import StoredOutbox
from app.web.opening import Page, open_page
from app.web.server import page_app
from app.wiring_terms import Member, assumed_market, live_policy
from app.works import Works
from execution.hedge import Hedge
from execution.ledger import Ledger
from execution.plan import HedgePlan, PlannedLeg
from execution.records import Confirmed, Opened
from execution.risk import NotApproved
from matching.keeping import keep
from matching.pairs import MarketKey
from scanner.engine import Engine
from scanner.jobs import RunState
from venues import (
    Balance,
    Book,
    Cash,
    Clock,
    Contract,
    Level,
    Market,
    MarketData,
    Outcome,
    Position,
    Price,
    Quantity,
    Unavailable,
    VenueStatus,
)
from venues.book import Top
from venues.feed import Feed, Health, Mode
from venues.stream import Counts, Watched

HOST: Final = "127.0.0.1:8765"
ORIGIN: Final = f"http://{HOST}"
BOOKS: Final = {
    "kalshi": ([(380_000, 50)], [(400_000, 100), (420_000, 80)]),
    "polymarket": ([(500_000, 60), (450_000, 90)], [(520_000, 40)]),
}
"""(price, contracts), best first: YES at Kalshi for 0.40 and NO at Polymarket for 0.50."""


class StillFeed:
    """Keeps one market's book as it was given."""

    def __init__(self, book: Book, clock: Clock) -> None:
        self.markets: Set[str] = set()
        self.fault: str | None = None
        self._book, self._clock = book, clock

    def add(self, ids: Iterable[str]) -> None:
        self.markets = {*self.markets, *ids}

    def remove(self, ids: Iterable[str]) -> None:
        self.markets = self.markets - {*ids}

    def book(self, market: str) -> Watched | None:
        if market != self._book.contract.market:
            return None
        now_ms, now_ns = self._clock.now_ms(), max(self._clock.monotonic_ns(), 1)
        return Watched(book=self._book, confirmed_ms=now_ms, confirmed_ns=now_ns, fault=self.fault)

    def top(self, market: str) -> Top | None:
        return self._book.top if market == self._book.contract.market else None

    @property
    def health(self) -> Health:
        return Health(
            mode=Mode.STREAMING,
            markets=len(self.markets),
            sockets=1,
            sockets_up=1,
            connections=1,
            unproven=0,
            account=False,
            counts=Counts(),
            mismatches=0,
            overflows=0,
            dropped=0,
            troubles=(),
        )


class StillVenue:
    """Knows one market."""

    faults: tuple[str, ...] = ()

    def __init__(self, market: Market) -> None:
        self.name, self.market = market.venue, market

    async def status(self) -> VenueStatus:
        return VenueStatus(venue=self.name, trading=True, says="open", skew_ms=0)

    async def markets(self, ids: Collection[str]) -> Mapping[str, Market]:
        return {id: self.market for id in ids if id == self.market.id}


class Read(NamedTuple):
    """An account as it was read last."""

    balances: tuple[Balance, ...]
    positions: tuple[Position, ...] = ()


class StillDesk:
    """Plans one thing and does it at once; `opened` is every hedge that came to be."""

    def __init__(self, settings: Settings, clock: Any) -> None:
        self.settings, self.clock = settings, clock
        self.limits = settings.limits.limits
        self.opened: list[tuple[str, str]] = []
        self.refuses: tuple[str, ...] = ()
        self.plans: dict[str, HedgePlan] = {}
        self.executor = self.journal = self.previews = self.actor = self
        self.pockets: set[tuple[str, str]] = set()
        self.reconcilers: dict[str, Read] = {}
        self.merges_at: frozenset[str] = frozenset()
        self.ledger = Ledger()

    @property
    def mode(self) -> str:
        return self.settings.mode

    def find(self, id: str) -> HedgePlan | None:
        return self.plans.get(id)

    async def preview(self, pair_id: str, *, quantity: Any = None, budget: Any = None) -> Preview:
        if pair_id == "nothing":
            raise Problem(Exit.REFUSED, "Nothing to hedge in nothing.")
        if pair_id == "away":
            raise Unavailable("kalshi", "no answer")
        made = plan_of(f"p{len(self.plans)}", pair_id, quantity, self.clock.now_ms())
        self.plans[made.id] = made
        return Preview(plan=made, refused=(), titles=("one", "two"), balances=())

    async def execute(self, preview_id: str, *, by: str, nonce: str = "") -> Hedge:
        if self.refuses:
            raise NotApproved(self.refuses)
        await asyncio.sleep(0)
        if preview_id in self.ledger.keys:  # as the desk does
            return self.ledger.hedges[self.ledger.keys[preview_id]]
        made, now_ms = self.plans[preview_id], self.clock.now_ms()
        self.ledger.apply(Opened(plan=made, key=preview_id, by=by, at_ms=now_ms))
        self.ledger.apply(Confirmed(nonce=nonce, hedge=made.id, at_ms=now_ms))
        self.opened.append((preview_id, by))
        return self.ledger.hedges[made.id]

    async def resume(self, id: str, by: str) -> Hedge:
        raise Problem(Exit.REFUSED, f"Hedge {id} is opened; only a parked one waits for a person.")

    unwind = resume

    async def reopen(self, venue: str, by: str) -> bool:
        return False


def plan_of(id: str, pair_id: str, quantity: int | None, now_ms: int) -> HedgePlan:
    legs = [
        PlannedLeg(
            contract=Contract(venue, market, outcome),
            pocket="",
            limit=Price(limit),
            cost=Cash(limit * 10),
            fee=Cash(100_000),
            reserve=Cash(limit * 10 + 110_000),
            exit=Cash(0),
            depth=Quantity(100_000_000),
            minimum=Quantity(10_000),
        )
        for venue, market, outcome, limit in (
            ("kalshi", TICKER, Outcome.YES, 400_000),
            ("polymarket", CONDITION, Outcome.NO, 500_000),
        )
    ]
    return HedgePlan(
        id=id,
        pair_id=pair_id,
        legs=(legs[0], legs[1]),
        together=False,
        quantity=Quantity(quantity or 10_000_000),
        made_ms=now_ms,
        expires_ms=now_ms + 60_000,
        loss_max=Cash(1_000_000),
    )


@dataclass(slots=True)
class Stage:
    page: Page
    works: Works
    clock: Any
    pair_id: str

    @property
    def desk(self) -> StillDesk:
        return cast("StillDesk", self.works.desk)

    @property
    def invitation(self) -> str:
        found = re.search(r"#(\S+)", self.page.says)
        assert found
        return found[1]

    @property
    def episode_id(self) -> str:
        return self.works.room.engine.episodes[self.pair_id].id

    def browser(self, **headers: str) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=page_app(self.page.site, self.page.hosts))
        return httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers)

    async def inside(self) -> httpx2.AsyncClient:
        """A browser that has come in, and sends what a browser sends."""
        browser = self.browser(origin=ORIGIN)
        token = self.page.site.doors.invite()
        came = await browser.post("/enter", data={"token": token})
        assert came.status_code == 303, came.text
        return browser


async def csrf_of(browser: httpx2.AsyncClient, path: str = "/settings") -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', (await browser.get(path)).text)
    assert found
    return found[1]


@asynccontextmanager
async def opened(
    folder: Path, clock: Any, *, words: str = "", **settings: Any
) -> AsyncIterator[Stage]:
    """`words`: what a venue puts into every text of its own."""
    web = {"port": 0} | settings.pop("web", {})
    made = Settings(data_dir=folder / "data", web=web, **settings)
    pair_id = _book(made, words)
    source = pairs_to_scan(None, made)
    with open_database(made.live_place) as engine:
        history, outbox = History(engine, "here"), StoredOutbox(engine)
        told: list[Any] = []
        outbox.put(
            ["slack"], "one", Message(title=f"T{words}", lines=(f"L{words}",)), clock.now_ms()
        )
        room = _room(made, clock, words, lambda changes: [t(list(changes)) for t in told])
        works = Works(
            room=room,
            source=source,
            history=history,
            runs=JobRunsTable(engine),
            outbox=outbox,
            alerts=Alerts(
                made, outbox, clock=clock, why_not=lambda _: (), markets=room.markets.get
            ),
            settings=made,
            config=None,
            clock=clock,
            desk=cast("Desk", StillDesk(made, clock)),
        )
        keeper = Keeper(history, room.engine.books_of, clock)
        told.append(keeper.tell)
        with open_page(works, lambda: keeper.trouble) as page:
            assert page
            told.append(page.live.tell)
            run = works.runs.claim("scan", 60_000, "here", clock.now_ms())
            assert run
            works.runs.end(run, RunState.DONE, clock.now_ms(), f"1 pair{words}")
            await room.check_venues()
            await room.watch(source.rows)
            await room.full_pass()
            await keeper.flush()
            stage = Stage(page, works, clock, pair_id)
            yield replace(stage, page=_at_home(page))


def _at_home(page: Page) -> Page:
    """The tests call it by the port that people know."""
    site = replace(page.site, origins=frozenset({ORIGIN}))
    return replace(page, site=site, hosts=frozenset({HOST, "localhost:8765"}))


def _book(settings: Settings, words: str) -> str:
    one, two = (replace(each, title=f"{each.title}{words}") for each in (ONE, TWO))
    if words:
        one, two = (replace(each, rules=(*each.rules, words)) for each in (one, two))
    found = {FOUND.kalshi: one, FOUND.polymarket: two}
    with open_store(settings.data_dir) as store:
        store.see("kalshi", [one], 1)
        store.see("polymarket", [two], 1)
        keep([FOUND], found, store, at_ms=1)
        return store.pairs()[0].id


def _room(settings: Settings, clock: Any, words: str, tell: Any) -> Room:
    source = pairs_to_scan(None, settings)
    [row] = source.rows
    venues, feeds = {}, {}
    for key in (MarketKey("kalshi", TICKER), MarketKey("polymarket", CONDITION)):
        market = replace(
            assumed_market(key, row, Member.DIRECT),
            title=f"{(ONE if key.venue == 'kalshi' else TWO).title}{words}",
            yes_means=words,
            url=words or "https://kalshi.com/markets/x",
            payout_at=datetime(2028, 8, 1, tzinfo=UTC),
        )
        bids, asks = (
            tuple(Level(Price(p), Quantity(q * 1_000_000)) for p, q in side)
            for side in BOOKS[key.venue]
        )
        book = Book(Contract(key.venue, key.id, Outcome.YES), bids, asks, clock.now_ms())
        venues[key.venue] = cast("MarketData", StillVenue(market))
        feeds[key.venue] = cast("Feed[Any]", StillFeed(book, clock))
    engine = Engine(feeds, policy=live_policy(settings))
    return Room(venues, feeds, engine=engine, clock=clock, member=Member.DIRECT, tell=tell)


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)
