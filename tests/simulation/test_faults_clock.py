"""Rows F34 and F35 of the fault table: our clock is wrong, or nobody gets anything done."""

from __future__ import annotations

import pytest
from playing import FORTY, KALSHI_FIRST, POLYMARKET_FIRST, Stage, Stepped, nth, play

from execution.hedge import State
from execution.records import Absent, Lost, Moved
from venues.sim.faults import LOST_ANSWER, LOST_REQUEST

KALSHI_ORDERS = "/portfolio/events/orders"
HOUR_MS = 3_600_000


@pytest.mark.parametrize("step_ms", [HOUR_MS, -HOUR_MS])
def test_f34_a_clock_that_jumps_moves_no_deadline(step_ms: int) -> None:
    async def scene(stage: Stage) -> None:
        clock = stage.clock = Stepped(stage.clock)
        stage.line.before.append(
            nth(1, "POST", "/order", lambda: stage.ladder(polymarket_bids="0.40 15"))
        )
        jump = nth(1, "POST", KALSHI_ORDERS, lambda: setattr(clock, "ahead_ms", step_ms))
        stage.line.after.append(jump)
        async with stage.open() as executor:
            began = clock.monotonic_ns()
            hedge = await stage.hedge(**KALSHI_FIRST)
            took_ms = (clock.monotonic_ns() - began) // 1_000_000
            assert took_ms < 30_000
            assert hedge.state in {State.HEDGED, State.FLAT}, hedge.why
            assert hedge.naked == 0
            for venue in ("kalshi", "polymarket"):
                reconciler = executor.reconcilers[venue]
                stage.faults(venue).plan(stage.LOST, method="GET", times=10_000)
                assert reconciler.is_current
            clock.ahead_ms -= HOUR_MS
            await stage.clock.sleep_ms(180_000)
            assert not any(each.is_current for each in executor.reconcilers.values())

    play(scene)


@pytest.mark.parametrize("venue", ["kalshi", "polymarket"])
def test_f34_what_was_sent_under_a_wrong_clock_is_found_under_the_right_one(venue: str) -> None:
    """The second leg: nothing is entered while the clocks are apart."""

    async def scene(stage: Stage) -> None:
        clock = stage.clock = Stepped(stage.clock)
        place = KALSHI_ORDERS if venue == "kalshi" else "/order"
        stage.faults(venue).plan(LOST_ANSWER, method="POST", route=place)
        note = stage.disk.after

        def wrong(count: int) -> None:
            note(count)
            is_between = len(stage.records(Moved)) == 2 and not stage.records(Lost)
            clock.ahead_ms = HOUR_MS if is_between else 0

        stage.disk.after = wrong
        async with stage.open() as executor:
            hedge = await stage.hedge(**(POLYMARKET_FIRST if venue == "kalshi" else KALSHI_FIRST))
            assert hedge.attempts[1].sent_ms > clock.now_ms() + HOUR_MS // 2
            assert not stage.records(Absent), "it was there, and nobody found it"
            assert (hedge.state, hedge.matched) == (State.HEDGED, FORTY), hedge.why
            await executor.reconcile()
            hedge = executor.journal.ledger.hedges[hedge.id]
            assert all(each.is_told for each in hedge.attempts)

    play(scene)


def test_f34_what_never_came_under_a_wrong_clock_is_given_up_under_the_right_one() -> None:
    async def scene(stage: Stage) -> None:
        clock = stage.clock = Stepped(stage.clock)
        stage.faults("polymarket").plan(LOST_REQUEST, method="POST", route="/order")
        note = stage.disk.after

        def wrong(count: int) -> None:
            note(count)
            is_between = len(stage.records(Moved)) == 2 and not stage.records(Lost)
            clock.ahead_ms = HOUR_MS if is_between else 0

        stage.disk.after = wrong
        async with stage.open():
            hedge = await stage.hedge(**KALSHI_FIRST)
            assert hedge.attempts[1].sent_ms > clock.now_ms() + HOUR_MS // 2
            assert (hedge.state, hedge.naked) == (State.FLAT, 0), hedge.why

    play(scene)


def test_f35_a_plan_made_before_the_loop_stood_still_is_dropped() -> None:
    """Between reading both books and sending, five seconds pass in which nobody could act."""

    async def scene(stage: Stage) -> None:
        note = stage.disk.after

        def stuck(count: int) -> None:
            note(count)
            if isinstance(stage.records(object)[-1], Moved):
                stage.sleep_in_the_middle(5_000)

        stage.disk.after = stuck
        async with stage.open():
            hedge = await stage.hedge(**KALSHI_FIRST)
            assert not stage.line.orders(), "an order on books of five seconds ago"
            assert (hedge.state, hedge.naked) == (State.FLAT, 0)

    play(scene)
