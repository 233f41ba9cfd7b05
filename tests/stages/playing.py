"""Scenes with hedges: a quiet world of two venues, processes that may be killed, and time that
passes only while everybody waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final, TypeVar

from hedge_floor import Floor
from line import Line, Said
from sim_disk import PowerCut
from virtual import LoopClock, VirtualLoop, run_virtually

from execution.codec import decode
from execution.dry import AssumedAccount, DryTrading
from execution.executor import Executor
from execution.hedge import Hedge
from execution.journal import JournalError
from execution.plan import HedgePlan
from execution.router import Venue
from venues import ONE, Cash, Clock, Price, Quantity, VenueError, micros
from venues.sim import world
from venues.sim.exchange import Tif
from venues.sim.faults import LOST_REQUEST, Faults
from venues.sim.kalshi.catalogue import Result
from venues.sim.kalshi.records import BookSide, CreateOrder, OrderRecord
from venues.sim.polymarket.catalogue import Fee
from venues.sim.polymarket.records import OrderRecord as PolymarketOrder
from venues.sim.polymarket.records import TradeStatus
from venues.sim.twin_questions import Twin

T = TypeVar("T")
EVEN: Final = Twin(
    why="as deep at both venues, so that a scene says which leg goes first",
    id="even",
    question="Will it be even?",
    kalshi_bids="0.29 100 0.28 100",
    kalshi_asks="0.31 100 0.33 100 0.36 200",
    polymarket_bids="0.40 100 0.39 100 0.31 200",
    polymarket_asks="0.42 100 0.43 100",
    fee=Fee(rate=50_000),
)
KALSHI_FIRST: Final[dict[str, Any]] = {"unsettled": frozenset({"kalshi"})}
POLYMARKET_FIRST: Final[dict[str, Any]] = {"unsettled": frozenset({"polymarket"})}
FORTY: Final = Quantity(40 * ONE)


@dataclass
class Stepped:
    """A clock whose wall time may be set; what it measures goes on as before."""

    inner: Clock
    ahead_ms: int = 0

    def now_ms(self) -> int:
        return self.inner.now_ms() + self.ahead_ms

    def monotonic_ns(self) -> int:
        return self.inner.monotonic_ns()

    async def sleep_ms(self, duration_ms: int) -> None:
        await self.inner.sleep_ms(duration_ms)


@dataclass
class Stage(Floor):
    """`line`: all that is said; `executor`: of the process that runs now."""

    questions: Any = (EVEN,)
    line: Line = field(init=False)
    dry: bool = False
    LOST: ClassVar = LOST_REQUEST
    written_ms: list[int] = field(default_factory=list)
    executor: Executor = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.world.kalshi.agenda._due.clear()  # its own people stay at home: they cost time
        self.line = Line(self.clock, self.disk)
        self.wrap = self.line.to
        self.disk.after = self._note

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Executor]:
        async with super().open() as executor:
            self.executor = executor
            yield executor

    async def _kalshi(self, stack: AsyncExitStack) -> Venue:
        return self._desk("kalshi", await super()._kalshi(stack))

    async def _polymarket(self, stack: AsyncExitStack) -> Venue:
        return self._desk("polymarket", await super()._polymarket(stack))

    def _desk(self, name: str, venue: Venue) -> Venue:
        if not self.dry:
            return venue
        account = AssumedAccount(name, Cash(1_000 * ONE), self.clock)
        return Venue(venue.data, DryTrading(name, account))

    def sleep_in_the_middle(self, duration_ms: int) -> None:
        """Nobody gets anything done for so long, and nobody knows."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        loop.jumps.now_ns += duration_ms * 1_000_000

    def _note(self, _: int) -> None:
        new = len(self.disk.platter) - len(self.written_ms)
        self.written_ms += [self.clock.now_ms()] * new

    def told(self) -> list[tuple[int, Any]]:
        """When each record reached the disk."""
        return list(zip(self.written_ms, self.records(object), strict=True))

    def records(self, *kinds: type) -> list[Any]:
        """What is on the disk, oldest first."""
        every = (decode(row.kind, row.body) for row in self.disk.platter)
        return [each for each in every if isinstance(each, kinds)]

    def ladder(self, number: int = 0, **ladders: Any) -> None:
        """What its people show at both venues from now on; what crosses, trades."""
        for desk in self.world.desks[number]:
            desk._twin = replace(desk._twin, **ladders)
            desk.quote(0)

    def cash(self, venue: str) -> Cash:
        """As the venue has it, what is on its way to the chain already taken off."""
        if venue == "kalshi":
            return self.world.kalshi.accounts.cash(world.USER)
        house, wallet = self.world.polymarket, self.purse
        return Cash(house.wallets.cash(wallet) - house.settlement.locked(wallet, None))

    def set_cash(self, venue: str, cash: Cash) -> None:
        """Spent elsewhere, or paid in."""
        more = cash - self.cash(venue)
        if venue == "kalshi":
            self.world.kalshi.accounts.deposit(world.USER, Cash(more), exchange_index=0)
        elif more < 0:
            self.world.polymarket.wallets.take_away(self.purse, None, -more)
        else:
            self.world.polymarket.wallets.deposit(self.purse, Cash(more))

    @property
    def purse(self) -> str:
        wallets = self.world.polymarket.wallets
        return next(
            p.address for p in wallets.all() if p.address.lower() == self.wallet.maker.lower()
        )

    def arrive(self, said: Said) -> None:
        """An order for Kalshi that was thought to be lost comes in now."""
        body = CreateOrder(
            ticker=said.asks("ticker"),
            side=BookSide(said.asks("side")),
            count=Quantity(micros(said.asks("count"))),
            price=price(said.asks("price")),
            time_in_force=Tif.IOC,
            client_order_id=said.asks("client_order_id"),
        )
        self.world.kalshi.orders.create(world.USER, body)

    def close(self, venue: str, number: int = 0, *, resolved: bool) -> None:
        """The market of a question; for good if it is `resolved`."""
        _, ticker, condition, _ = self.world.pairs[number]
        if venue == "kalshi":
            kalshi = self.world.kalshi.lifecycle
            kalshi.determine(ticker, Result.YES) if resolved else kalshi.pause(ticker)
            return
        polymarket = self.world.polymarket.lifecycle
        if resolved:
            polymarket.close(condition)
            polymarket.propose(condition)
            polymarket.resolve(condition, 0)
        else:
            polymarket.pause(condition)

    def faults(self, venue: str) -> Faults:
        return (self.kalshi_app if venue == "kalshi" else self.polymarket_app).faults

    def turn(self, **knobs: Any) -> None:
        """Other knobs of the simulated Polymarket from now on."""
        house = self.world.polymarket
        house.knobs = house._core.knobs = replace(house.knobs, **knobs)

    def crash(self) -> None:
        """The machine goes off: nothing of this process reaches a venue or the disk any more."""
        self.disk.epoch += 1
        self.line.life += 1
        raise PowerCut

    async def hedge(self, key: str = "k", **asked: Any) -> Hedge:
        """Planned, opened, and at rest."""
        plan = await self.plan(self.questions[0].id, **{"quantity": FORTY, **asked})
        return await self.trade(plan, key)

    async def trade(self, plan: HedgePlan, key: str = "k") -> Hedge:
        opened = await self.executor.open(plan, key=key, by="ann")
        return await self.executor.rest(opened.id)

    def kalshi_orders(self) -> dict[str, OrderRecord]:
        """Ours, as the venue has them, by our id."""
        records = self.world.kalshi._floor.records.values()
        return {r.client_order_id: r for r in records if r.user_id == world.USER}

    def polymarket_orders(self) -> dict[str, PolymarketOrder]:
        """Ours, by the venue's id."""
        house = self.world.polymarket
        rows = house._floor.orders.all(house.now_ms)
        return {r.id: r for r in rows if r.maker_address.lower() == self.wallet.maker.lower()}

    def polymarket_filled(self, order_id: str) -> int:
        """What it filled and was not taken back."""
        house, found = self.world.polymarket, 0
        for trade in house._floor.trades.all(house.now_ms):
            if trade.status is TradeStatus.FAILED:
                continue
            parts = [part.matched for part in trade.makers if part.order_id == order_id]
            found += trade.size if trade.taker_order_id == order_id else sum(parts)
        return found

    async def polymarket_pass(self) -> None:
        """Long enough for every trade to reach the chain."""
        await self.clock.sleep_ms(3_000)
        self.world.advance()


def play(scene: Callable[[Stage], Awaitable[T]], **made: Any) -> T:
    loop = VirtualLoop()

    async def run() -> T:
        return await scene(Stage(LoopClock(loop), **made))

    return run_virtually(run(), loop)


def nth(number: int, method: str, path: str, act: Callable[[], object]) -> Callable[[Said], None]:
    """A hook that does something at one request: the nth of that method whose path ends so."""
    left = [number]

    def hook(said: Said) -> None:
        if said.method == method and said.path.endswith(path):
            left[0] -= 1
            if left[0] == 0:
                act()

    return hook


async def process(stage: Stage, body: Callable[[Executor], Awaitable[None]]) -> bool:
    """One process, to its end. False: it was killed, its disk failed, or it could not start."""
    try:
        async with stage.open() as executor:
            await body(executor)
    except (PowerCut, JournalError, VenueError):
        return False
    except BaseExceptionGroup as group:
        _, other = group.split((PowerCut, JournalError))
        if other:
            raise
        return False
    return True


def price(words: str) -> Price:
    return Price(micros(words))
