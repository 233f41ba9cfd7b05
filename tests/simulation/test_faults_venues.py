"""Rows F03 – F05, F08, F16, F17, F19, F25, F26 of the fault table: a venue does not play along."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise

import pytest
from hedge_floor import EVERYTHING
from line import Said
from playing import FORTY, KALSHI_FIRST, POLYMARKET_FIRST, Stage, nth, play, price

from execution.hedge import State
from execution.records import Closed, NotDone, Sending
from execution.risk import NotApproved
from venues import ONE, Cash, Quantity
from venues.sim.faults import error
from venues.sim.polymarket.catalogue import Fee

KALSHI_ORDERS = "/portfolio/events/orders"


def after_the_first(act: Callable[[], object]) -> Callable[[Said], None]:
    """Something happens between the legs."""
    return nth(1, "POST", KALSHI_ORDERS, act)


def test_f03_a_storm_of_429_is_not_answered_with_a_storm_of_orders() -> None:
    async def scene(stage: Stage) -> None:
        stage.faults("polymarket").plan(error(429), method="POST", route="/order", times=500)
        async with stage.open():
            hedge = await stage.hedge(**KALSHI_FIRST)
            tries = stage.line.orders("polymarket")
            assert 1 <= len(tries) <= 10
            apart = [b.at_ms - a.at_ms for a, b in pairwise(tries)]
            assert all(each >= 300 for each in apart), apart
            assert (hedge.state, hedge.naked) == (State.FLAT, 0), hedge.why
            assert hedge.result >= -hedge.plan.loss_max

    play(scene)


def test_f04_while_an_engine_restarts_no_first_leg_leaves_anywhere() -> None:
    """The first hedge runs into it, and says so; for two minutes nothing else does."""

    async def scene(stage: Stage) -> None:
        async with stage.open() as executor:
            stage.line.before.append(after_the_first(stage.world.polymarket.modes.restart))
            first = await stage.hedge("one", **KALSHI_FIRST)
            assert (first.state, first.naked) == (State.FLAT, 0), first.why
            tried = len(stage.line.orders("polymarket"))
            assert tried <= 2, "every rung asks once"
            for number in range(4):
                sent = len(stage.line.orders())
                with pytest.raises(NotApproved, match="polymarket"):
                    await stage.hedge(f"more {number}", **KALSHI_FIRST)
                assert len(stage.line.orders()) == sent
                await stage.clock.sleep_ms(25_000)
            await stage.clock.sleep_ms(140_000)
            await executor.reconcile()
            last = await stage.hedge("last", **KALSHI_FIRST)
            assert last.state is State.HEDGED, last.why

    play(scene)


def test_f05_a_pause_stops_entries_and_sends_a_remainder_to_the_other_rungs() -> None:
    async def scene(stage: Stage) -> None:
        pauses = stage.world.kalshi.pauses
        async with stage.open():
            stage.line.after.append(nth(1, "POST", "/order", pauses.pause_trading))
            hedge = await stage.hedge(**POLYMARKET_FIRST)
            assert (hedge.state, hedge.naked) == (State.FLAT, 0), hedge.why
            assert hedge.result >= -hedge.plan.loss_max
            sent = len(stage.line.orders())
            with pytest.raises(NotApproved, match="does not trade now"):
                await stage.hedge("again", **POLYMARKET_FIRST)
            assert len(stage.line.orders()) == sent
            pauses.resume()
            again = await stage.hedge("then", **POLYMARKET_FIRST)
            assert again.state is State.HEDGED, again.why

    play(scene)


def test_f08_keys_that_are_refused_close_the_venue_and_are_not_tried_over_and_over() -> None:
    async def scene(stage: Stage) -> None:
        async with stage.open():
            stage.line.after.append(nth(1, "POST", "/order", stage.kalshi_app.keys._keys.clear))
            hedge = await stage.hedge(**POLYMARKET_FIRST)
            assert len(stage.line.orders("kalshi")) == 1, "tried again with the same keys"
            assert (hedge.state, hedge.naked) == (State.FLAT, 0), hedge.why
            (closed,) = stage.records(Closed)
            assert (closed.venue, closed.on) == ("kalshi", True)
            with pytest.raises(NotApproved, match="closed to entries"):
                await stage.trade(replace(hedge.plan, id="another"), "another")

    play(scene)


@pytest.mark.parametrize("what", ["tick", "minimum", "fee"])
def test_f16_a_market_that_changed_since_the_plan_gets_no_first_leg(what: str) -> None:
    async def scene(stage: Stage) -> None:
        stage.ladder(polymarket_bids="0.41 100")
        async with stage.open():
            plan = await stage.plan("even", quantity=Quantity(FORTY + 10_000), **KALSHI_FIRST)
            lifecycle = stage.world.polymarket.lifecycle
            (condition,) = stage.world.polymarket.catalogue.markets
            match what:
                case "tick":
                    lifecycle.change_tick(condition, price("0.1"))
                case "minimum":
                    lifecycle.change_minimum(condition, Quantity(50 * ONE))
                case _:
                    lifecycle.change_fee(condition, Fee(rate=70_000))
            await stage.clock.sleep_ms(61_000)  # what is known of it gets old
            plan = replace(plan, expires_ms=plan.expires_ms + 61_000)
            hedge = await stage.trade(plan)
            assert (hedge.state, hedge.attempts) == (State.FLAT, ()), hedge.why
            assert not stage.line.orders()

    play(scene)


def test_f17_a_second_leg_that_is_refused_goes_down_the_ladder_and_the_group_cools_down() -> None:
    async def scene(stage: Stage) -> None:
        async with stage.open():
            stage.line.after.append(
                after_the_first(lambda: stage.set_cash("polymarket", Cash(ONE)))
            )
            hedge = await stage.hedge(**KALSHI_FIRST)
            assert (hedge.state, hedge.naked) == (State.FLAT, 0), hedge.why
            assert stage.records(NotDone)
            assert -hedge.plan.loss_max <= hedge.result < 0
            stage.set_cash("polymarket", Cash(500 * ONE))
            with pytest.raises(NotApproved, match="cool down"):
                await stage.hedge("again", **KALSHI_FIRST)
            await stage.clock.sleep_ms(60_000)
            later = await stage.hedge("later", **KALSHI_FIRST)
            assert later.state is State.HEDGED, later.why

    play(scene, limits=replace(EVERYTHING, cooldown_ms=60_000))


def test_f19_a_price_that_ran_away_is_followed_to_the_loss_budget_and_not_beyond() -> None:
    async def scene(stage: Stage) -> None:
        def away() -> None:
            stage.ladder(
                polymarket_bids="0.02 400", polymarket_asks="0.99 100", kalshi_bids="0.28 10"
            )

        async with stage.open():
            stage.line.after.append(after_the_first(away))
            hedge = await stage.hedge(loss_max=Cash(3 * ONE), **KALSHI_FIRST)
            kept = sum(e.outlay for e in hedge.attempts if e.leg == 0) * hedge.naked
            lost = hedge.result + kept // max(hedge.held(0), 1)
            assert lost >= -3 * ONE, "more was lost than is allowed"
            assert hedge.state is State.PARKED, hedge.why
            assert hedge.held(0) == FORTY - Quantity(10 * ONE)

    play(scene)


@pytest.mark.parametrize("venue", ["kalshi", "polymarket"])
@pytest.mark.parametrize("how", ["paused", "resolved"])
def test_f25_a_market_that_closes_between_the_legs_gets_no_more_orders(
    venue: str, how: str
) -> None:
    async def scene(stage: Stage) -> None:
        paths = {"kalshi": "/order", "polymarket": KALSHI_ORDERS}
        first = {"kalshi": POLYMARKET_FIRST, "polymarket": KALSHI_FIRST}
        async with stage.open():
            close = partial(stage.close, venue, resolved=how == "resolved")
            stage.line.after.append(nth(1, "POST", paths[venue], close))
            hedge = await stage.hedge(**first[venue])
            there = [e for e in stage.records(Sending) if e.request.contract.venue == venue]
            assert not there
            assert not stage.line.orders(venue)
            assert (hedge.state, hedge.naked) == (State.FLAT, 0), hedge.why

    play(scene)


def test_f26_an_approval_that_is_gone_by_then_stops_the_first_leg() -> None:
    """The texts are compared where they are read: app/pair_source.py. Here: its no is final."""

    async def scene(stage: Stage) -> None:
        async with stage.open():
            plan = await stage.plan("even", quantity=FORTY)
            stage.barred = lambda pair, now: ("The rules were edited.",) if now else ()
            hedge = await stage.trade(plan)
            assert (hedge.state, hedge.attempts) == (State.FLAT, ())
            assert "edited" in hedge.why
            assert not stage.line.orders()

    play(scene)
