"""Rows F18, F21, F23, F24, F27 of the fault table: what is filled, taken back, spent elsewhere."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from itertools import permutations

import pytest
from events_of_an_order import EVENTS, played
from hedge_floor import CHEAP
from line import Said
from playing import EVEN, FORTY, KALSHI_FIRST, POLYMARKET_FIRST, Stage, nth, play, price

from execution.booking import Standing, booked
from execution.hedge import State
from execution.reconcile import REVERSALS_MAX
from execution.records import Baseline, Closed, Filled, Moved
from execution.risk import NotApproved
from venues import ONE, Cash, Price, Quantity
from venues.money import micros
from venues.sim import world
from venues.sim.exchange import State as KalshiState
from venues.sim.exchange import Tif
from venues.sim.faults import LOST_REQUEST
from venues.sim.kalshi.records import BookSide, CreateOrder

KALSHI_ORDERS = "/portfolio/events/orders"
BEFORE_THE_FIRST = {"kalshi": ("POST", KALSHI_ORDERS), "polymarket": ("POST", "/order")}


@pytest.mark.parametrize("there", ["17", "5.23", "33.33"])
def test_f18_the_second_leg_is_as_large_as_what_the_first_really_filled(there: str) -> None:
    async def scene(stage: Stage) -> None:
        thinner = nth(
            1, *BEFORE_THE_FIRST["kalshi"], lambda: stage.ladder(kalshi_asks=f"0.31 {there}")
        )
        async with stage.open():
            stage.line.before.append(thinner)
            hedge = await stage.hedge(**KALSHI_FIRST)
            first, second = hedge.attempts[:2]
            assert first.filled == Quantity(micros(there))
            assert second.request.quantity == first.filled
            assert (hedge.state, hedge.naked) == (State.HEDGED, 0), hedge.why
            assert hedge.matched == Quantity(micros(there))

    play(scene)


def test_f18_what_is_less_than_the_venue_takes_is_parked_and_shown() -> None:
    async def scene(stage: Stage) -> None:
        thinner = nth(1, *BEFORE_THE_FIRST["kalshi"], lambda: stage.ladder(kalshi_asks="0.31 3"))
        async with stage.open():
            stage.line.before.append(thinner)
            stage.line.before.append(
                nth(1, *BEFORE_THE_FIRST["kalshi"], lambda: stage.ladder(kalshi_bids=""))
            )
            hedge = await stage.hedge(**KALSHI_FIRST)
            assert (hedge.state, hedge.naked) == (State.PARKED, 3 * ONE), hedge.why
            assert not stage.line.orders("polymarket"), "an order that no venue takes"
            assert len(stage.line.orders()) == 1
            assert stage.clock.now_ms() - hedge.attempts[0].sent_ms < 30_000

    play(scene)


@pytest.mark.parametrize("case", range(len(EVENTS)))
def test_f21_any_order_of_the_events_of_an_order_gives_the_same_position(case: int) -> None:
    """Up to five: the answer, its fills, one of them twice, one taken back, from feed and REST."""
    filled, events = EVENTS[case]
    ends = {played(each) for each in permutations(events)}
    assert len(ends) == 1, ends
    assert ends.pop().filled == filled * ONE


@pytest.mark.parametrize("kept_bids", ["0.29 100", ""])
def test_f23_a_fill_that_is_taken_back_opens_the_hedge_again(kept_bids: str) -> None:
    async def scene(stage: Stage) -> None:
        stage.turn(mined_ms=20_000, confirmed_ms=40_000)
        async with stage.open() as executor:
            hedge = await stage.hedge(**KALSHI_FIRST)
            assert hedge.state is State.HEDGED
            assert booked(hedge, executor.journal.ledger).standing is Standing.PROVISIONAL
            (trade,) = stage.world.polymarket._floor.trades.all(stage.clock.now_ms())
            stage.world.polymarket.settlement.fail(trade.id)
            stage.ladder(polymarket_bids="", kalshi_bids=kept_bids)
            await stage.clock.sleep_ms(60_000)
            hedge = executor.journal.ledger.hedges[hedge.id]
            assert [e.event for e in stage.records(Moved)].count("naked") == 2, hedge.why
            assert any(each.fill.reversed for each in stage.records(Filled))
            wanted = (State.FLAT, 0) if kept_bids else (State.PARKED, FORTY)
            assert (hedge.state, hedge.naked) == wanted, hedge.why

    play(scene)


def test_f23_a_venue_that_takes_back_again_and_again_is_closed_to_entries() -> None:
    async def scene(stage: Stage) -> None:
        stage.turn(fail=1_000_000)
        async with stage.open() as executor:
            with suppress(NotApproved):
                for number in range(REVERSALS_MAX + 1):
                    stage.ladder()
                    await stage.hedge(f"k{number}", quantity=Quantity(10 * ONE), **POLYMARKET_FIRST)
                    await stage.clock.sleep_ms(2_000)
                    await executor.reconcile()
            back = {e.fill.fill_id for e in stage.records(Filled) if e.fill.reversed}
            assert len(back) >= REVERSALS_MAX
            assert [each.venue for each in stage.records(Closed)] == ["polymarket"]
            stage.turn(fail=0)
            stage.ladder()
            with pytest.raises(NotApproved, match="taken back"):
                await stage.hedge("more", **POLYMARKET_FIRST)

    play(scene)


@pytest.mark.parametrize("venue", ["kalshi", "polymarket"])
def test_f24_money_that_is_not_there_stops_the_first_leg(venue: str) -> None:
    """Of both venues, whichever goes first."""

    async def scene(stage: Stage) -> None:
        async with stage.open():
            plan = await stage.plan("even", quantity=FORTY, **KALSHI_FIRST)

            def spend(said: Said) -> None:
                if said.path.endswith("/exchange/status") and stage.records(object):
                    stage.set_cash(venue, Cash(11 * ONE))

            stage.line.before.append(spend)
            hedge = await stage.trade(plan)
            assert (hedge.state, hedge.attempts) == (State.FLAT, ()), hedge.why
            assert "are needed" in hedge.why
            assert not stage.line.orders()

    play(scene)


def test_f24_two_hedges_do_not_count_on_the_same_money() -> None:
    async def scene(stage: Stage) -> None:
        stage.set_cash("polymarket", Cash(30 * ONE))
        async with stage.open() as executor:
            plans = [await stage.plan("even", quantity=FORTY, **KALSHI_FIRST) for _ in "ab"]
            opened = [await executor.open(plans[0], key="0", by="ann")]
            with pytest.raises(NotApproved, match="are needed at polymarket"):
                await executor.open(plans[1], key="1", by="ann")
            hedge = await executor.rest(opened[0].id)
            assert hedge.state is State.HEDGED
            assert len(stage.line.orders()) == 2

    play(scene)


def test_f24_the_money_of_a_twin_that_is_still_missing_is_kept_for_it() -> None:
    async def scene(stage: Stage) -> None:
        stage.set_cash("polymarket", Cash(40 * ONE))
        thin = nth(1, "POST", "/order", lambda: stage.ladder(polymarket_bids="0.40 10"))
        stage.line.before.append(thin)
        async with stage.open() as executor:
            plans = [await stage.plan("even", quantity=FORTY, **KALSHI_FIRST) for _ in "ab"]
            hedge = await executor.open(plans[0], key="0", by="ann")
            while hedge.naked != 30 * ONE:
                await stage.clock.sleep_ms(20)
                hedge = executor.journal.ledger.hedges[hedge.id]
            with pytest.raises(NotApproved, match="are needed at polymarket"):
                await executor.open(plans[1], key="1", by="ann")
            stage.ladder(polymarket_bids="0.40 100")
            hedge = await executor.rest(hedge.id)
            assert (hedge.state, hedge.matched) == (State.HEDGED, FORTY), hedge.why

    play(scene)


@pytest.mark.parametrize("who", ["us", "somebody else"])
def test_f27_nothing_is_bought_whose_other_side_is_held(who: str) -> None:
    """Kalshi nets both at once: what then had no twin could not be sold again."""

    async def scene(stage: Stage) -> None:
        _, ticker, _, _ = stage.world.pairs[0]
        if who == "somebody else":
            body = CreateOrder(
                ticker=ticker,
                side=BookSide.BID,
                count=Quantity(3 * ONE),
                price=Price(360_000),
                time_in_force=Tif.IOC,
            )
            stage.world.kalshi.orders.create(world.USER, body)
        async with stage.open():
            if who == "us":
                await stage.hedge("one", **KALSHI_FIRST)
            stage.ladder(
                kalshi_bids="0.60 100",
                kalshi_asks="0.62 100",
                polymarket_bids="0.30 100",
                polymarket_asks="0.32 100",
            )
            sent = len(stage.line.orders())
            with pytest.raises(NotApproved, match="other side"):
                await stage.hedge("two", **KALSHI_FIRST)
            assert len(stage.line.orders()) == sent

    play(scene)


def test_f27_a_difference_is_shown_although_another_hedge_is_at_work() -> None:
    async def scene(stage: Stage) -> None:
        async with stage.open() as executor:
            hedge = await stage.hedge(**KALSHI_FIRST)
            ticker = hedge.plan.legs[0].contract.market
            body = CreateOrder(
                ticker=ticker,
                side=BookSide.BID,
                count=Quantity(3 * ONE),
                price=Price(360_000),
                time_in_force=Tif.IOC,
            )
            stage.world.kalshi.orders.create(world.USER, body)
            stage.faults("polymarket").plan(LOST_REQUEST, method="POST", route="/order")
            stage.faults("polymarket").plan(
                LOST_REQUEST, method="GET", route="/data/order/{id}", times=200
            )
            plan = await stage.plan("cheap", quantity=FORTY, **POLYMARKET_FIRST)
            other = await executor.open(plan, key="other", by="ann")
            await stage.clock.sleep_ms(35_000)
            assert executor.journal.ledger.hedges[other.id].open_attempts, "it is at rest"
            assert ("kalshi", f"position in {ticker}") in executor.journal.ledger.differs

    play(scene, questions=(EVEN, CHEAP))


def test_f27_what_others_do_on_the_account_is_shown_and_never_touched() -> None:
    async def scene(stage: Stage) -> None:
        ticker = stage.world.kalshi.live_markets()[-1].ticker
        body = CreateOrder(
            ticker=ticker, side=BookSide.BID, count=Quantity(7 * ONE), price=price("0.05")
        )
        resting = stage.world.kalshi.orders.create(world.USER, body).order.order_id
        async with stage.open() as executor:
            hedge = await stage.hedge(**KALSHI_FIRST)
            bought = replace(
                body, price=price("0.36"), count=Quantity(3 * ONE), time_in_force=Tif.IOC
            )
            stage.world.kalshi.orders.create(world.USER, bought)
            await stage.clock.sleep_ms(61_000)
            hedge = executor.journal.ledger.hedges[hedge.id]
            assert (hedge.state, hedge.matched, hedge.naked) == (State.HEDGED, FORTY, 0)
            assert len(hedge.attempts) == 2
            differs = executor.journal.ledger.differs.values()
            assert {each.subject for each in differs} == {
                "orders that are not ours",
                f"position in {ticker}",
            }
            assert {each.venue_says for each in differs} == {"1 open", "43.00"}
            record = stage.world.kalshi._floor.records[resting]
            assert record.status is KalshiState.RESTING, "somebody else's order was touched"
            assert not stage.records(Baseline)

    play(scene)
