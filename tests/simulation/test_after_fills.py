"""What comes after the fills, at both simulated venues: rules, closes, results, fees."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import httpx2
import pytest
from hedge_floor import Floor, NoPlan, dollars
from virtual import LoopClock, VirtualLoop, run_virtually

from alerts.hedges import of_notice
from app.journal_reading import lines_of
from execution.booking import Standing, booked, sums
from execution.executor import Executor
from execution.hedge import Hedge, State
from execution.records import Closed
from execution.risk import DAY_MS, NotApproved, lost_since
from execution.watch import Notice
from venues import ONE, Outcome, Price
from venues.sim.kalshi.catalogue import Result

MINUTE_MS = 60_000
SETTLES_MS = 7 * MINUTE_MS


def play(scene: Callable[[Floor], Awaitable[None]]) -> None:
    loop = VirtualLoop()

    async def run() -> None:
        await scene(Floor(LoopClock(loop)))

    run_virtually(run(), loop)


async def hedged(floor: Floor, executor: Executor) -> Hedge:
    """Final: its fills can no longer be taken back."""
    plan = await floor.plan(quantity=10_000_000)
    hedge = await executor.rest((await executor.open(plan, key="k", by="ann")).id)
    await floor.clock.sleep_ms(2 * MINUTE_MS)
    assert hedge.state is State.HEDGED, hedge.why
    return executor.journal.ledger.hedges[hedge.id]


def markets(floor: Floor) -> tuple[str, str]:
    row = floor.rows["cheap"]
    return row.kalshi, row.polymarket


def said(floor: Floor) -> list[str]:
    return [line.said for line in lines_of(floor.disk.platter) if line.kind == "watched"]


def yes_at(hedge: Hedge, venue: str) -> bool:
    """Whether YES is held there."""
    leg = next(each for each in hedge.plan.legs if each.contract.venue == venue)
    return leg.contract.outcome is Outcome.YES


def test_a_quiet_hedge_writes_nothing_but_what_its_fees_should_be() -> None:
    async def scene(floor: Floor) -> None:
        async with floor.open() as executor:
            hedge = await hedged(floor, executor)
            await floor.clock.sleep_ms(3 * MINUTE_MS)
            ledger = executor.journal.ledger
            assert said(floor) == []
            assert floor.notices == []
            (ours,) = (e for e in hedge.attempts if e.request.contract.venue == "kalshi")
            assert {*ledger.reckoned} == {ours.client_id}, "Polymarket tells no fee"
            assert booked(hedge, ledger).fee_drift == 0
            assert hedge.fees > 0

    play(scene)


def test_rules_that_are_edited_after_the_approval_are_told() -> None:
    async def scene(floor: Floor) -> None:
        async with floor.open() as executor:
            hedge = await hedged(floor, executor)
            ticker, _ = markets(floor)
            kalshi = floor.world.kalshi
            market = kalshi.catalogue.markets[ticker]
            kalshi.lifecycle.set_metadata(replace(market, rules_primary="Something else."))
            await floor.clock.sleep_ms(MINUTE_MS)
            (line,) = said(floor)
            assert "not those that were approved" in line
            (notice,) = floor.notices
            assert isinstance(notice, Notice)
            assert notice.hedge.id == hedge.id
            assert not notice.is_critical

    play(scene)


def test_a_close_that_moves_up_and_a_close_before_its_time_are_told() -> None:
    async def scene(floor: Floor) -> None:
        async with floor.open() as executor:
            await hedged(floor, executor)
            ticker, condition = markets(floor)
            floor.world.kalshi.lifecycle.move_close(ticker, floor.clock.now_ms() + 5 * MINUTE_MS)
            floor.world.polymarket.lifecycle.close(condition)
            await floor.clock.sleep_ms(MINUTE_MS)
            assert any("it closes earlier, at" in line for line in said(floor))
            assert any(line.endswith("it is closed, before its time") for line in said(floor))

    play(scene)


def test_a_result_of_one_venue_is_told_with_what_the_other_lacks_and_disputes_too() -> None:
    async def scene(floor: Floor) -> None:
        async with floor.open() as executor:
            await hedged(floor, executor)
            ticker, condition = markets(floor)
            house, kalshi = floor.world.polymarket.lifecycle, floor.world.kalshi.lifecycle
            house.propose(condition)
            await floor.clock.sleep_ms(MINUTE_MS)
            house.dispute(condition)
            kalshi.determine(ticker, Result.YES)
            await floor.clock.sleep_ms(MINUTE_MS)
            kalshi.dispute(ticker)
            await floor.clock.sleep_ms(MINUTE_MS)
            lines = "\n".join(said(floor))
            assert "its result is proposed" in lines
            assert "its result is disputed" in lines
            assert "its result is determined: YES pays $1.00; polymarket has none yet" in lines
            assert executor.journal.ledger.diverged == {}

    play(scene)


def test_results_that_agree_settle_the_trading_profit_and_no_basis() -> None:
    async def scene(floor: Floor) -> None:
        async with floor.open() as executor:
            hedge = await hedged(floor, executor)
            ticker, condition = markets(floor)
            floor.world.kalshi.lifecycle.determine(ticker, Result.YES)
            floor.world.polymarket.lifecycle.resolve(condition, 0)
            await floor.clock.sleep_ms(SETTLES_MS)
            found = booked(hedge, executor.journal.ledger)
            assert found.standing is Standing.SETTLED
            assert (found.profit, found.basis, found.due) == (hedge.result, 0, 0)
            assert not any(isinstance(e, Notice) and e.is_critical for e in floor.notices)

    play(scene)


def test_results_that_differ_are_a_basis_apart_from_the_profit_and_critical() -> None:
    async def scene(floor: Floor) -> None:
        async with floor.open() as executor:
            hedge = await hedged(floor, executor)
            ticker, condition = markets(floor)
            lost = Result.NO if yes_at(hedge, "kalshi") else Result.YES
            floor.world.kalshi.lifecycle.determine(ticker, lost)
            winner = 1 if yes_at(hedge, "polymarket") else 0
            floor.world.polymarket.lifecycle.resolve(condition, winner)
            await floor.clock.sleep_ms(MINUTE_MS // 2 + 1_000)
            ledger = executor.journal.ledger
            assert ledger.diverged[hedge.id].basis == -hedge.matched
            critical = [e for e in floor.notices if isinstance(e, Notice) and e.is_critical]
            assert len(critical) == 1
            told = of_notice(critical[0], mode="live", simulated=True)
            assert told.is_critical
            assert told.title == "SIM live hedge diverges: cheap"
            assert told.lines[0].endswith("10.00 hedged contracts pay $0.00 instead of $10.00.")
            now_ms = floor.clock.now_ms()
            assert lost_since(ledger, now_ms - DAY_MS) == dollars("10")
            assert lost_since(ledger, now_ms) == 0
            await floor.clock.sleep_ms(SETTLES_MS)
            found, total = booked(hedge, ledger), sums(ledger)
            assert found.standing is Standing.SETTLED
            assert (found.profit, found.basis) == (hedge.result, -hedge.matched)
            assert (total.settled, total.basis, total.due) == (hedge.result, -hedge.matched, 0)
            assert (total.locked, total.provisional, total.realised) == (0, 0, 0)
            cash = hedge.result - hedge.matched
            assert found.profit + found.basis == cash < 0
            assert len([e for e in floor.notices if isinstance(e, Notice) and e.is_critical]) == 1

    play(scene)


def test_a_void_at_one_venue_alone_is_booked_at_what_it_pays() -> None:
    """Half at Polymarket, thirty cents at Kalshi: the scalar's value comes with the market."""

    async def scene(floor: Floor) -> None:
        async with floor.open() as executor:
            hedge = await hedged(floor, executor)
            ticker, condition = markets(floor)
            floor.world.kalshi.lifecycle.determine(ticker, Result.SCALAR, Price(300_000))
            floor.world.polymarket.lifecycle.resolve(condition, None)
            await floor.clock.sleep_ms(SETTLES_MS)
            ledger = executor.journal.ledger
            kalshi = 300_000 if yes_at(hedge, "kalshi") else 700_000
            basis = hedge.matched * (kalshi + 500_000 - ONE) // ONE
            found = booked(hedge, ledger)
            assert (found.standing, found.basis) == (Standing.SETTLED, basis)
            assert ledger.diverged[hedge.id].basis == basis
            assert any("neither: a void or a scalar" in line for line in said(floor))

    play(scene)


def test_a_start_reads_the_same_from_the_journal() -> None:
    async def scene(floor: Floor) -> None:
        async with floor.open() as executor:
            hedge = await hedged(floor, executor)
            ticker, condition = markets(floor)
            floor.world.kalshi.lifecycle.determine(ticker, Result.YES)
            floor.world.polymarket.lifecycle.resolve(condition, None)
            await floor.clock.sleep_ms(SETTLES_MS)
            before, rows = executor.journal.ledger, len(floor.disk.platter)
        async with floor.open() as executor:
            assert booked(hedge, executor.journal.ledger) == booked(hedge, before)
            await floor.clock.sleep_ms(5 * MINUTE_MS)
            assert len(floor.disk.platter) == rows

    play(scene)


class Surcharge(httpx2.AsyncBaseTransport):
    """Kalshi charges twice its fee while an order is there, and says so to nobody."""

    def __init__(self, floor: Floor, inner: httpx2.AsyncBaseTransport) -> None:
        self._floor = floor
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        series = self._floor.world.kalshi.catalogue.series
        before = dict(series)
        if request.method == "POST":
            for ticker, each in before.items():
                series[ticker] = replace(each, fee_multiplier=2 * each.fee_multiplier)
        try:
            return await self._inner.handle_async_request(request)
        finally:
            series.update(before)


def test_a_fee_that_is_not_the_models_closes_the_venue_until_a_person_says_so() -> None:
    async def scene(floor: Floor) -> None:
        floor.wrap = lambda venue, inner: Surcharge(floor, inner) if venue == "kalshi" else inner
        async with floor.open() as executor:
            hedge = await hedged(floor, executor)
            ledger = executor.journal.ledger
            assert "our model of its fees says" in ledger.closed["kalshi"].why
            (ours,) = (e for e in hedge.attempts if e.request.contract.venue == "kalshi")
            reckoned = ledger.reckoned[ours.client_id].fee
            assert booked(hedge, ledger).fee_drift == ours.fees - reckoned > dollars("0.1")
            (closed,) = (each for each in floor.notices if isinstance(each, Closed))
            told = of_notice(closed, mode="live", simulated=False)
            assert told.is_critical
            assert told.title == "live kalshi is closed to entries"
            assert "dutchbook hedge reopen kalshi" in told.lines[1]
            again = await floor.plan(quantity=5_000_000)
            with pytest.raises(NotApproved, match="closed to entries"):
                await executor.open(again, key="k2", by="ann")
            await executor.close("kalshi", on=False, why="ann looked")
            await floor.clock.sleep_ms(2 * MINUTE_MS)
            assert "kalshi" not in executor.journal.ledger.closed

    play(scene)


def test_a_market_that_closes_within_the_deadlines_is_refused() -> None:
    async def scene(floor: Floor) -> None:
        async with floor.open() as executor:
            ticker, _ = markets(floor)
            plan = await floor.plan(quantity=10_000_000, needs_ms=75_000)
            floor.world.kalshi.lifecycle.move_close(ticker, floor.clock.now_ms() + 10_000)
            with pytest.raises(NoPlan, match="closes_soon"):
                await floor.plan(quantity=10_000_000, needs_ms=75_000)
            hedge = await executor.rest((await executor.open(plan, key="k", by="ann")).id)
            assert (hedge.state, hedge.attempts) == (State.FLAT, ())
            assert "closes before the hedge is through" in hedge.why

    play(scene)
