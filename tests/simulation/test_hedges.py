"""Hedges from plan to rest, on both simulated venues."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from hedge_floor import Floor
from virtual import LoopClock, VirtualLoop, run_virtually

from execution.hedge import State

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
