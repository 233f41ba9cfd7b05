"""The rung of equivalent contracts, end to end: the second leg dies, another contract of the group
that pays exactly when it would is bought, and the numbers are those of what is held."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import httpx2
from hedge_floor import CHEAP, Floor
from virtual import LoopClock, VirtualLoop, run_virtually

from app.substitutes import equivalents, sharing, with_substitutes
from execution.booking import Standing, booked
from execution.executor import Executor
from execution.exposure import committed
from execution.hedge import Hedge, State
from execution.orders import Rung
from execution.plan import HedgePlan
from execution.reconcile import nets
from matching.pairs import Pair
from venues import Cash, Contract, Outcome, Quantity
from venues.sim.kalshi.catalogue import Result
from venues.sim.twin_questions import Twin

MINUTE_MS = 60_000
OTHER = Twin(
    why="asks the opposite of CHEAP at Polymarket, and is paired with nothing else",
    id="other",
    question="Will it be dear?",
    same=False,
    polymarket_question="Will it not be dear?",
    kalshi_bids="0.10 10",
    kalshi_asks="0.90 10",
    polymarket_bids="0.59 100 0.58 100",
    polymarket_asks="0.61 100 0.62 100",
    fee=CHEAP.fee,
)


def play(scene: Callable[[Floor], Awaitable[None]]) -> None:
    loop = VirtualLoop()

    async def run() -> None:
        await scene(Floor(LoopClock(loop), questions=(CHEAP, OTHER)))

    run_virtually(run(), loop)


class Dies(httpx2.AsyncBaseTransport):
    """The second leg's market closes as soon as the first leg was sent."""

    def __init__(self, floor: Floor, inner: httpx2.AsyncBaseTransport) -> None:
        self._floor = floor
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = await self._inner.handle_async_request(request)
        if request.method == "POST" and request.url.path.endswith("/orders"):
            self._floor.world.polymarket.lifecycle.close(self._floor.rows["cheap"].polymarket)
        return answer


def group(floor: Floor) -> list[Pair]:
    """CHEAP's own pair, and its Kalshi market with OTHER's, which asks the opposite."""
    own, other = floor.rows["cheap"], floor.rows["other"]
    second = replace(other.pair(kalshi=own.kalshi), id="cheap-other")
    return [own.pair(), second]


async def planned(floor: Floor, executor: Executor) -> HedgePlan:
    plan = await floor.plan(quantity=Quantity(10_000_000), unsettled=frozenset({"kalshi"}))
    made = with_substitutes(plan, group(floor), executor.journal.ledger)
    assert made.legs[1].contract.venue == "polymarket"
    return made


async def hedged(floor: Floor, executor: Executor) -> Hedge:
    floor_plan = await planned(floor, executor)
    opened = await executor.open(floor_plan, key="k", by="ann")
    return await executor.rest(opened.id)


def test_a_second_leg_that_dies_is_replaced_and_the_hedge_is_whole() -> None:
    async def scene(floor: Floor) -> None:
        floor.wrap = lambda v, inner: Dies(floor, inner) if v == "kalshi" else inner
        async with floor.open() as executor:
            hedge = await hedged(floor, executor)
            assert (hedge.state, hedge.naked) == (State.HEDGED, 0), hedge.why
            stands = Contract("polymarket", floor.rows["other"].polymarket, Outcome.YES)
            assert hedge.plan.substitutes == (stands,)
            assert hedge.plan.links == (("cheap", "cheap-other"),)
            bought = [each for each in hedge.attempts if each.filled]
            assert [each.rung for each in bought] == [Rung.ENTER, Rung.SUBSTITUTE]
            assert hedge.holds(stands) == hedge.matched == 10_000_000
            assert hedge.result == hedge.matched - sum(each.outlay for each in bought)
            assert hedge.result >= -hedge.plan.loss_max
            await floor.clock.sleep_ms(2 * MINUTE_MS)
            ledger = executor.journal.ledger
            hedge = ledger.hedges[hedge.id]
            assert committed(ledger, "polymarket") == bought[1].outlay
            assert nets("polymarket", ledger)[stands.market] == 10_000_000
            assert ledger.differs == {}
            assert booked(hedge, ledger).standing is Standing.LOCKED
            floor.world.kalshi.lifecycle.determine(floor.rows["cheap"].kalshi, Result.NO)
            floor.world.polymarket.lifecycle.resolve(stands.market, 0)
            await floor.clock.sleep_ms(7 * MINUTE_MS)
            found = booked(hedge, ledger)
            assert found.standing is Standing.SETTLED
            assert (found.profit, found.basis) == (hedge.result, 0)
            assert committed(ledger) == Cash(0)

    play(scene)


def test_a_substitute_whose_pair_lost_its_approval_is_not_bought() -> None:
    async def scene(floor: Floor) -> None:
        floor.wrap = lambda v, inner: Dies(floor, inner) if v == "kalshi" else inner
        floor.barred = lambda id, _now: ("revoked",) if id == "cheap-other" else ()
        async with floor.open() as executor:
            hedge = await hedged(floor, executor)
            assert hedge.state is State.FLAT, hedge.why
            assert Rung.SUBSTITUTE not in {each.rung for each in hedge.attempts}

    play(scene)


def test_a_substitute_whose_other_side_is_held_is_not_planned() -> None:
    async def scene(floor: Floor) -> None:
        async with floor.open() as executor:
            plan = await floor.plan(quantity=Quantity(10_000_000))
            pairs, ledger = group(floor), executor.journal.ledger
            stands = with_substitutes(plan, pairs, ledger).substitutes[0]
            yes = replace(stands, outcome=Outcome.YES)
            ledger.baseline[yes] = -5 if stands.outcome is Outcome.YES else 5
            assert with_substitutes(plan, pairs, ledger).substitutes == ()

    play(scene)


def test_outcomes_are_turned_along_the_way_and_a_market_comes_once() -> None:
    async def scene(floor: Floor) -> None:
        own, other = floor.rows["cheap"], floor.rows["other"]
        a, b = group(floor)
        c = replace(other.pair(), id="c")  # OTHER's own pair, inverted as well
        start = Contract("polymarket", own.polymarket, Outcome.NO)
        found = equivalents([a, b, c], start, [a.one])
        assert found == {
            Contract("polymarket", other.polymarket, Outcome.YES): ("cheap", "cheap-other"),
            Contract("kalshi", other.kalshi, Outcome.NO): ("cheap", "cheap-other", "c"),
        }
        rows = [own, other.model_copy(update={"pair_id": "x", "kalshi": own.kalshi}), other]
        assert [each.pair_id for each in sharing(rows, own)] == ["x", "other"]

    play(scene)
