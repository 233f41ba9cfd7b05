"""F28: the process is killed at every row of the journal and at every write to a venue, before it
and after it, in twelve scenes, and started again.

A kill at a read is a kill at the write or the row before it: nothing changed in between. With
DUTCHBOOK_SWEEP_ALL=1 every read is a point too.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import pytest
from invariants import Checker
from line import Said
from playing import FORTY, KALSHI_FIRST, POLYMARKET_FIRST, Stage, nth, play, process

from execution.executor import Executor
from execution.hedge import Deadlines
from execution.router import Pace
from venues import Cash
from venues.polymarket.fees import MARKETABLE_MINIMUM
from venues.sim.faults import LOST_ANSWER, LOST_REQUEST, error

ALL: Final = bool(os.environ.get("DUTCHBOOK_SWEEP_ALL"))
FIRST_KALSHI: Final = "/portfolio/events/orders"
Prepare = Callable[[Stage], None]


def nothing(_: Stage) -> None:
    """All goes well."""


def lost(venue: str, path: str) -> Prepare:
    return lambda stage: stage.faults(venue).plan(LOST_ANSWER, method="POST", route=path)


def never_came(venue: str, path: str) -> Prepare:
    return lambda stage: stage.faults(venue).plan(LOST_REQUEST, method="POST", route=path)


def refused(stage: Stage) -> None:
    stage.faults("polymarket").plan(error(429), method="POST", route="/order", times=3)


def thin(stage: Stage) -> None:
    act = lambda: stage.ladder(kalshi_asks="0.31 12.5")  # noqa: E731
    stage.line.before.append(nth(1, "POST", FIRST_KALSHI, act))


def closes(stage: Stage) -> None:
    act = lambda: stage.close("polymarket", resolved=False)  # noqa: E731
    stage.line.after.append(nth(1, "POST", FIRST_KALSHI, act))


def runs_away(stage: Stage) -> None:
    act = lambda: stage.ladder(polymarket_bids="0.05 300", kalshi_bids="0.02 10")  # noqa: E731
    stage.line.after.append(nth(1, "POST", FIRST_KALSHI, act))


def rests(stage: Stage) -> None:
    act = lambda: stage.ladder(polymarket_bids="0.40 15")  # noqa: E731
    stage.line.before.append(nth(1, "POST", "/order", act))


def taken_back(stage: Stage) -> None:
    stage.turn(mined_ms=9_000)
    stage.world.polymarket.settlement.fail_next()


PACE: Final = Pace(
    deadlines=Deadlines(cross_ms=700, substitute_ms=700, unwind_ms=1_500),
    minimum_cost={"polymarket": Cash(MARKETABLE_MINIMUM)},
)
SCENES: Final[dict[str, tuple[dict[str, Any], Prepare]]] = {
    "both fill": (KALSHI_FIRST, nothing),
    "both fill, polymarket first": (POLYMARKET_FIRST, nothing),
    "both at once": ({"together": True, **KALSHI_FIRST}, nothing),
    "the first answer is lost": (KALSHI_FIRST, lost("kalshi", FIRST_KALSHI)),
    "the second answer is lost": (KALSHI_FIRST, lost("polymarket", "/order")),
    "the second never came": (KALSHI_FIRST, never_came("polymarket", "/order")),
    "refused, and again": (KALSHI_FIRST, refused),
    "a part of the first": (KALSHI_FIRST, thin),
    "the second market closes": (KALSHI_FIRST, closes),
    "the price runs away": (KALSHI_FIRST, runs_away),
    "the second rests": (KALSHI_FIRST, rests),
    "the second is taken back": (KALSHI_FIRST, taken_back),
}
"""What is asked for, and what happens."""


class Kill:
    """`at`: the nth point of a run, None for none. `points` counts them."""

    def __init__(self, stage: Stage, at: int | None) -> None:
        self.points = 0
        self._stage, self._at = stage, at
        stage.disk.before = self._then(stage.disk.before)
        stage.disk.after = self._then(stage.disk.after)
        stage.line.before.append(self._asked)
        stage.line.after.append(self._asked)

    def _then(self, hook: Callable[[int], None]) -> Callable[[int], None]:
        def both(number: int) -> None:
            hook(number)
            self.point()

        return both

    def _asked(self, said: Said) -> None:
        if said.is_write or ALL:
            self.point()

    def point(self) -> None:
        self.points += 1
        if self.points == self._at:
            self._stage.crash()


class End(NamedTuple):
    state: str
    matched: int = 0
    naked: int = 0


def played(name: str, at: int | None) -> tuple[int, End]:
    """How many points there were, and how it ended."""
    asked, prepare = SCENES[name]

    async def scene(stage: Stage) -> tuple[int, End]:
        prepare(stage)
        checker = Checker(stage)
        kill = Kill(stage, at)

        async def first(executor: Executor) -> None:
            await stage.hedge(quantity=FORTY, **asked)
            await stage.clock.sleep_ms(65_000)

        if not await process(stage, first):
            async with stage.open():
                await stage.clock.sleep_ms(95_000)
        checker.end()
        if not checker.ledger.hedges:
            return kill.points, End("never opened")
        (hedge,) = checker.ledger.hedges.values()
        assert hedge.result >= hedge.plan.worst
        return kill.points, End(str(hedge.state), hedge.matched, hedge.naked)

    return play(scene, pace=PACE)


@pytest.mark.parametrize("name", SCENES)
def test_a_kill_at_any_point_ends_as_if_there_had_been_none(name: str) -> None:
    """Or else: nothing was begun; what was written down had not left (it is presumed absent, and
    the first leg is sold again); the rung had more time than before and got all of it; or it is
    parked with all of it counted."""
    points, usual = played(name, None)
    safe = {usual, End("never opened"), End("flat"), End("hedged", FORTY)}
    assert points >= 8
    for at in range(1, points + 1):
        _, end = played(name, at)
        assert end in safe or end.state == "parked", f"{name}, killed at {at}: {end}, not {usual}"
