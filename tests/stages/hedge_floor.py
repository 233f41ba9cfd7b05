"""Two simulated venues that ask the same questions, our adapters, and an executor before them: all
in this process, on a clock of its own, on a disk that may fail.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any, Final, cast

import httpx2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sim_disk import Disk

from app.pairs_file import PairRow
from execution.executor import Executor
from execution.hedge import Hedge
from execution.journal import open_journal
from execution.plan import Asked, HedgePlan, plan
from execution.records import Closed
from execution.risk import Limits
from execution.router import Pace, Venue
from execution.rungs import Views
from execution.watch import Notice
from matching.pairs import MarketKey
from scanner.scan import Listed, Policy
from venues import ONE, Cash, Clock, Quantity
from venues.bucket import TokenBucket
from venues.http import Http
from venues.kalshi import Kalshi, Member
from venues.kalshi.account import KalshiAccount
from venues.kalshi.auth import KalshiAuth, Signer
from venues.kalshi.limits import Limits as KalshiLimits
from venues.kalshi.moving import KalshiMoving
from venues.kalshi.trading import KalshiTrading
from venues.money import micros
from venues.polymarket.account import PolymarketAccount
from venues.polymarket.auth import PolymarketAuth
from venues.polymarket.calls_orders import DATA, SITE
from venues.polymarket.calls_relayer import RELAYER
from venues.polymarket.fees import MARKETABLE_MINIMUM
from venues.polymarket.keys import WalletAuth, credentials
from venues.polymarket.modes import mode
from venues.polymarket.normalize_trades import Us
from venues.polymarket.recycling import PolymarketRecycling
from venues.polymarket.relayer import Relayer, RelayerAuth, RelayerLimits
from venues.polymarket.signing import SigningLimits, Wallet
from venues.polymarket.terms import Known, TermsBook
from venues.polymarket.trading import PolymarketTrading
from venues.polymarket.venue import Polymarket
from venues.polymarket.wallets import Kind
from venues.sim import world
from venues.sim.kalshi.knobs import Knobs as KalshiKnobs
from venues.sim.kalshi.rest import RestApp as KalshiApp
from venues.sim.kalshi.rest_auth import ApiKeys
from venues.sim.polymarket.catalogue import Fee
from venues.sim.polymarket.knobs import Knobs
from venues.sim.polymarket.rest import RestApp
from venues.sim.twin_questions import Twin
from venues.sim.twins import OWNER_KEYS, Twins, twins
from venues.skew import Skew

HOST: Final = "http://sim.test"
LIMITS: Final = SigningLimits(
    cash_max=Cash(1_000_000 * ONE), quantity_max=Quantity(1_000_000 * ONE)
)
CHEAP: Final = Twin(
    why="cheap at Kalshi, several levels deep",
    id="cheap",
    question="Will it be cheap?",
    kalshi_bids="0.29 100 0.28 100",
    kalshi_asks="0.31 40 0.32 60 0.35 100",
    polymarket_bids="0.38 60 0.37 60 0.31 80",
    polymarket_asks="0.40 100 0.41 100",
    fee=Fee(rate=50_000),
)
OPPOSITE: Final = Twin(
    why="cheap on both sides of opposite questions",
    id="opposite",
    question="Will it be above?",
    polymarket_question="Will it be at most?",
    same=False,
    kalshi_bids="0.60 100",
    kalshi_asks="0.62 100",
    polymarket_bids="0.30 100",
    polymarket_asks="0.32 100",
    fee=Fee(rate=50_000),
)
EVERYTHING: Final = Limits(
    order_max=Cash(10_000 * ONE),
    pair_max=Cash(10_000 * ONE),
    group_max=Cash(10_000 * ONE),
    venue_max=Cash(10_000 * ONE),
    day_max=Cash(100_000 * ONE),
    unhedged_max=Cash(10_000 * ONE),
    day_loss_max=Cash(10_000 * ONE),
    open_max=1_000,
    cooldown_ms=0,
)


class NoPlan(AssertionError):
    """There is nothing to plan, and why: a scene that expects a plan has failed."""


@dataclass
class Floor:
    """`seen` collects hedges as they change; `limits` and `pace` may be set before `open`."""

    clock: Clock
    questions: Sequence[Twin] = (CHEAP, OPPOSITE)
    disk: Disk = field(default_factory=Disk)
    limits: Limits = EVERYTHING
    pace: Pace = field(
        default_factory=lambda: Pace(minimum_cost={"polymarket": Cash(MARKETABLE_MINIMUM)})
    )
    barred: Callable[[str, Views], tuple[str, ...]] = lambda _id, _now: ()
    killed: Callable[[], str] = lambda: ""
    seed: int = 0
    wrap: Callable[[str, httpx2.AsyncBaseTransport], httpx2.AsyncBaseTransport] = lambda _, inner: (
        inner
    )
    kalshi_knobs: KalshiKnobs = field(default_factory=KalshiKnobs)
    polymarket_knobs: Knobs = field(default_factory=lambda: Knobs(rate_limits=False))

    def __post_init__(self) -> None:
        self.world: Twins = twins(
            self.clock,
            seed=self.seed,
            moving=False,
            questions=self.questions,
            kalshi_knobs=self.kalshi_knobs,
            knobs=self.polymarket_knobs,
        )
        key = Ed25519PrivateKey.from_private_bytes(bytes(32))
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        keys = ApiKeys()
        keys.add("key", world.USER, public)
        self.signer = Signer("key", key)
        self.kalshi_app = KalshiApp(self.world.kalshi, keys, self.clock)
        self.polymarket_app = RestApp(self.world.polymarket, self.clock)
        kind, secret = OWNER_KEYS[3]
        self.wallet = Wallet.from_key(secret.hex(), Kind(int(kind)), limits=LIMITS)
        self.seen: list[Hedge] = []
        self.notices: list[Notice | Closed] = []
        self.venues: dict[str, Venue] = {}
        self._ids = count(1)

    @property
    def rows(self) -> dict[str, PairRow]:
        names = ("pair_id", "kalshi", "polymarket", "relation")
        rows = (dict(zip(names, row, strict=True)) for row in self.world.pairs)
        return {row["pair_id"]: PairRow.model_validate(row) for row in rows}

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Executor]:
        """A process: adapters and executor anew, on the disk and the venues that are there."""
        async with AsyncExitStack() as stack:
            self.venues = {
                "kalshi": await self._kalshi(stack),
                "polymarket": await self._polymarket(stack),
            }
            executor = Executor(
                await open_journal(self.disk),
                self.venues,
                clock=self.clock,
                limits=lambda: self.limits,
                barred=self._barred,
                killed=self._killed,
                pace=self.pace,
                told=self.seen.append,
                noticed=self.notices.append,
            )
            async with executor:
                yield executor

    def _killed(self) -> str:
        return self.killed()

    def _barred(self, pair_id: str, now: Views) -> tuple[str, ...]:
        return self.barred(pair_id, now)

    async def _kalshi(self, stack: AsyncExitStack) -> Venue:
        skew, limits = Skew(), KalshiLimits.with_keys(self.clock)
        http = Http(
            venue="kalshi",
            hosts={"": f"{HOST}/trade-api/v2"},
            clock=self.clock,
            bucket=limits,
            auth=KalshiAuth(self.signer, self.clock, skew),
            skew=skew,
            transport=self._transport("kalshi", self.kalshi_app),
            attempts=1,
        )
        await stack.enter_async_context(http)
        account = KalshiAccount(http, self.clock)
        data, trading = (
            Kalshi(http, self.clock, Member.DIRECT),
            KalshiTrading(http, account, limits),
        )
        return Venue(data, trading, KalshiMoving(http, self.clock))

    async def _polymarket(self, stack: AsyncExitStack) -> Venue:
        skew = Skew()
        line = partial(
            Http,
            venue="polymarket",
            hosts={"": HOST, "gamma": f"{HOST}/gamma", DATA: f"{HOST}/data", SITE: f"{HOST}/site"},
            clock=self.clock,
            bucket=TokenBucket(self.clock, capacity=10**6, refill_per_s=10**6),
            skew=skew,
            transport=self._transport("polymarket", self.polymarket_app),
            attempts=1,
            modes=mode,
        )
        async with Http(
            venue="polymarket",
            hosts={"": HOST},
            clock=self.clock,
            bucket=TokenBucket(self.clock, capacity=10**6, refill_per_s=10**6),
            auth=WalletAuth(self.wallet, self.clock, skew),
            transport=httpx2.ASGITransport(app=cast(Any, self.polymarket_app)),
        ) as asking:
            keys = await credentials(asking, may_make=True)
        auth = PolymarketAuth(keys, self.wallet.owner, clob=HOST, clock=self.clock, skew=skew)
        http = await stack.enter_async_context(line(auth=auth))
        data = Polymarket(http, self.clock, TermsBook())
        us = Us(keys.api_key, self.wallet.maker)
        account = PolymarketAccount(
            http, self.clock, data, us, Known(), signature_type=int(self.wallet.kind)
        )
        self.polymarket_app.shelf.relayer.keys["relay"] = self.wallet.owner
        relayer = await stack.enter_async_context(
            Http(
                venue="polymarket",
                hosts={RELAYER: f"{HOST}/relayer"},
                clock=self.clock,
                bucket=RelayerLimits(self.clock),
                auth=RelayerAuth("relay", self.wallet.owner, relayer=HOST),
                transport=self._transport("relayer", self.polymarket_app),
                attempts=1,
            )
        )
        trading = PolymarketTrading(
            http,
            self.clock,
            data,
            account,
            self.wallet,
            may_open=True,
            recycling=PolymarketRecycling(
                Relayer(relayer, self.clock, self.wallet), self.clock, data, account
            ),
        )
        return Venue(data, trading)

    def _transport(self, venue: str, app: object) -> httpx2.AsyncBaseTransport:
        return self.wrap(venue, httpx2.ASGITransport(app=cast(Any, app)))

    async def plan(self, pair_id: str = "cheap", **asked: Any) -> HedgePlan:
        """On the books of now, as a person's preview makes it."""
        row = self.rows[pair_id]
        ids = {"kalshi": row.kalshi, "polymarket": row.polymarket}
        markets = {n: (await self.venues[n].data.markets([id]))[id] for n, id in ids.items()}
        books = {
            MarketKey(n, id): (await self.venues[n].data.books([id]))[id] for n, id in ids.items()
        }
        item = Listed(row.pair(**ids), markets["kalshi"], markets["polymarket"])
        found = plan(
            item,
            books,
            policy=Policy(minimum_cost=self.pace.minimum_cost),
            asked=Asked(
                **{
                    "id": f"h{next(self._ids)}",
                    "now_ms": self.clock.now_ms(),
                    "life_ms": 60_000,
                    "loss_max": Cash(10 * ONE),
                    "unsettled": frozenset({"polymarket"}),
                    **asked,
                }
            ),
        )
        if isinstance(found, str):
            raise NoPlan(found)
        return found

    def held(self) -> Mapping[str, int]:
        """What our accounts hold at the venues' own ledgers: YES less NO by market."""
        raise NotImplementedError


def dollars(words: str) -> Cash:
    return Cash(micros(words))
