"""Hedges from plan to rest, on both simulated venues."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from hedge_floor import Floor, dollars
from virtual import LoopClock, VirtualLoop, run_virtually

from app.journal_reading import lines_of
from execution.hedge import State
from venues.sim.faults import error

T = TypeVar("T")


def play(scene: Callable[[Floor], Awaitable[T]], **made: object) -> T:
    loop = VirtualLoop()

    async def run() -> T:
        return await scene(Floor(LoopClock(loop), **made))  # type: ignore[arg-type]

    return run_virtually(run(), loop)


def test_a_hedge_from_plan_to_both_legs() -> None:
    async def scene(floor: Floor) -> None:
        async with floor.open() as executor:
            plan = await floor.plan()
            opened = await executor.open(plan, key="k", by="ann")
            hedge = await executor.rest(opened.id)
            assert hedge.state is State.HEDGED, hedge.why
            assert hedge.naked == 0
            assert hedge.matched == plan.quantity
            assert hedge.result >= plan.least_profit > 0
            assert hedge.result == plan.profit
            again = await executor.open(plan, key="k", by="ann")
            assert again.id == opened.id
            assert len(executor.journal.ledger.hedges) == 1

    play(scene)


def test_a_second_leg_that_is_refused_is_sold_again_for_what_the_preview_said() -> None:
    """The example of docs/execution.md."""

    async def scene(floor: Floor) -> None:
        faults = floor.polymarket_app.faults
        faults.plan(error(400), method="POST", route="/order", times=99)
        async with floor.open() as executor:
            plan = await floor.plan(quantity=10_000_000)
            predicted = {each.says: each.profit for each in plan.endings}
            hedge = await executor.rest((await executor.open(plan, key="k", by="ann")).id)
            for line in lines_of(floor.disk.platter):
                print(line.number, line.said)  # noqa: T201
        assert (hedge.state, hedge.naked) == (State.FLAT, 0)
        assert hedge.result == dollars("-0.494")
        assert predicted["only kalshi fills, sold again at the bids of now"] == dollars("-0.49503")
        assert plan.worst == dollars("-3.25083")

    play(scene)
