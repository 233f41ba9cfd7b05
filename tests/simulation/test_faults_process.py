"""Rows F28, F30 – F33, F37, F40 of the fault table: our own process, disk and people."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hedge_floor import EVERYTHING
from line import Said
from playing import (
    FORTY,
    KALSHI_FIRST,
    POLYMARKET_FIRST,
    Stage,
    nth,
    play,
    process,
)
from sim_disk import Disk

from execution.executor import Executor
from execution.hedge import State
from execution.journal import Corrupt, Fenced, JournalError, open_journal
from execution.records import Baseline, Differs, Killed, NotDone, Sending
from execution.risk import Circumstances, NotApproved, approve
from venues import ONE, Cash

KALSHI_ORDERS = "/portfolio/events/orders"
HOUR_MS = 3_600_000


def fails_at(disk: Disk, number: int) -> None:
    def before(count: int) -> None:
        if count == number:
            raise JournalError("no space left on the disk")

    disk.before = before


@pytest.mark.parametrize("venue", ["kalshi", "polymarket"])
def test_f28_an_order_whose_answer_the_dead_process_never_heard_is_adopted(venue: str) -> None:
    async def scene(stage: Stage) -> None:
        place = KALSHI_ORDERS if venue == "kalshi" else "/order"
        stage.line.after.append(nth(1, "POST", place, stage.crash))

        async def first(executor: Executor) -> None:
            await stage.hedge(**(KALSHI_FIRST if venue == "kalshi" else POLYMARKET_FIRST))

        assert not await process(stage, first)
        async with stage.open() as executor:
            await stage.clock.sleep_ms(60_000)
            hedge = executor.journal.ledger.hedges["h1"]
            assert (hedge.state, hedge.matched) == (State.HEDGED, FORTY), hedge.why
            assert len(stage.line.orders()) == 2

    play(scene)


@pytest.mark.parametrize("number", range(1, 9))
def test_f30_nothing_leaves_after_the_first_append_that_failed(number: int) -> None:
    async def scene(stage: Stage) -> None:
        fails_at(stage.disk, number)
        failed: list[int] = []
        stage.line.before.append(
            lambda said: failed.append(said.number) if stage.disk.appends >= number else None
        )

        async def first(executor: Executor) -> None:
            await stage.hedge(**KALSHI_FIRST)
            await stage.clock.sleep_ms(90_000)
            raise AssertionError("it went on")

        rows = len(stage.disk.platter)
        assert not await process(stage, first)
        orders = {each.number for each in stage.line.orders()}
        assert not orders & set(failed), "an order left after the disk had failed"
        stage.disk.before = lambda _: None
        async with stage.open() as executor:
            for id in list(executor.journal.ledger.hedges):
                hedge = await executor.rest(id)
                assert (hedge.state, hedge.naked) in {(State.HEDGED, 0), (State.FLAT, 0)}
        assert rows == 0

    play(scene)


@pytest.mark.parametrize("number", range(1, 9))
def test_f31_a_commit_whose_outcome_is_unknown_stops_everything_and_counts_as_written(
    number: int,
) -> None:
    async def scene(stage: Stage) -> None:
        note = stage.disk.after

        def after(count: int) -> None:
            note(count)
            if count == number:
                raise JournalError("the connection was lost during commit")

        stage.disk.after = after

        async def first(executor: Executor) -> None:
            await stage.hedge(**KALSHI_FIRST)
            await stage.clock.sleep_ms(90_000)
            raise AssertionError("it went on")

        assert not await process(stage, first)
        sent = len(stage.line.orders())
        bodies = {each.body for each in stage.records(Sending)}
        assert {each.body for each in stage.line.orders()} <= bodies
        stage.disk.after = note
        async with stage.open() as executor:
            hedge = await executor.rest("h1")
            assert (hedge.state, hedge.naked) in {(State.HEDGED, 0), (State.FLAT, 0)}, hedge.why
            assert len(stage.line.orders()) <= max(sent + 1, 2)

    play(scene)


def test_f32_a_journal_that_is_not_what_was_written_is_found_at_the_start() -> None:
    async def scene(stage: Stage) -> None:
        async with stage.open():
            await stage.hedge(**KALSHI_FIRST)
        good = list(stage.disk.platter)
        flipped = bytearray(good[3].body)
        flipped[-2] ^= 1
        broken = {
            "bit flip": [*good[:3], replace(good[3], body=bytes(flipped)), *good[4:]],
            "torn last record": [*good[:-1], replace(good[-1], body=good[-1].body[:-3])],
            "a row is gone": [*good[:2], *good[3:]],
            "an older epoch": [*good[:-1], replace(good[-1], epoch=0)],
            "two exchanged": [good[1], good[0], *good[2:]],
        }
        for what, rows in broken.items():
            disk = Disk(platter=rows, epoch=stage.disk.epoch)
            with pytest.raises(Corrupt):
                await open_journal(disk)
            assert disk.platter == rows, what

    play(scene)


@pytest.mark.parametrize("kept", [0, 2])
def test_f32_a_venue_that_is_ahead_of_a_restored_journal_is_written_down(kept: int) -> None:
    """A backup from before the orders: what is held then belongs to nobody we know of."""

    async def scene(stage: Stage) -> None:
        async with stage.open():
            await stage.hedge(**KALSHI_FIRST)
            await stage.clock.sleep_ms(40_000)
        del stage.disk.platter[kept:], stage.written_ms[kept:]
        sent = len(stage.line.orders())
        async with stage.open() as executor:
            await stage.clock.sleep_ms(31_000)
            found = (
                stage.records(Differs) if kept else [e.contract for e in stage.records(Baseline)]
            )
            assert {each.venue for each in found} == {"kalshi", "polymarket"}
            assert len(executor.journal.ledger.differs) == (2 if kept else 0)
            assert len(stage.line.orders()) == sent

    play(scene)


def test_f33_who_slept_between_writing_and_sending_sends_nothing_any_more() -> None:
    async def scene(stage: Stage) -> None:
        note = stage.disk.after

        def stopped(count: int) -> None:
            note(count)
            if isinstance(stage.records(object)[-1], Sending):
                stage.sleep_in_the_middle(5_000)

        stage.disk.after = stopped
        async with stage.open():
            hedge = await stage.hedge(**KALSHI_FIRST)
            assert not stage.line.orders()
            (not_done,) = stage.records(NotDone)
            assert "went by" in not_done.why
            assert (hedge.state, hedge.naked) == (State.FLAT, 0)

    play(scene)


def test_f33_who_was_taken_over_can_neither_write_nor_send() -> None:
    async def scene(stage: Stage) -> None:
        async def first(executor: Executor) -> None:
            plan = await stage.plan("even", quantity=FORTY, **KALSHI_FIRST)
            other = await open_journal(stage.disk)
            with pytest.raises(Fenced):
                await executor.open(plan, key="k", by="ann")
            with pytest.raises(Fenced):
                await executor.close("kalshi", on=True, why="it still thinks it may")
            await other.append(Killed(on=True, why="the other one", at_ms=1))

        assert await process(stage, first)
        assert not stage.line.orders()
        assert [row.epoch for row in stage.disk.platter] == [2]

    play(scene)


@pytest.mark.parametrize("after_ms", [0, 500, 1_500, 2_500, 4_000, 9_000])
def test_f37_a_stop_in_the_middle_is_over_within_eight_seconds(after_ms: int) -> None:
    async def scene(stage: Stage) -> None:
        stage.line.latency_ms = lambda: 120
        stage.faults("polymarket").plan(stage.LOST, method="POST", route="/order")

        async def first(executor: Executor) -> None:
            plan = await stage.plan("even", quantity=FORTY, **KALSHI_FIRST)
            opened = await executor.open(plan, key="k", by="ann")
            await stage.clock.sleep_ms(after_ms)
            began_ms = stage.clock.now_ms()
            sent = len(stage.line.orders("kalshi"))
            await executor.stop()
            assert stage.clock.now_ms() - began_ms <= 8_000
            hedge = executor.journal.ledger.hedges[opened.id]
            entered = [e for e in stage.records(Sending) if e.rung == "enter"]
            assert len(entered) <= 1
            assert sent or not stage.line.orders("kalshi"), "an entry left after the stop"
            if not executor.journal.broken:
                assert hedge.state in {State.OPENED, State.PARKED, State.HEDGED, State.FLAT}

        assert await process(stage, first)
        async with stage.open() as executor:
            hedge = await executor.rest("h1")
            await stage.clock.sleep_ms(240_000)
            hedge = executor.journal.ledger.hedges["h1"]
            assert not hedge.open_attempts, "nobody asks what became of its order"
            assert hedge.state in {State.PARKED, State.HEDGED, State.FLAT}

    play(scene)


def test_f37_a_caller_who_gives_up_in_the_middle_of_a_row_breaks_nothing() -> None:
    """A page that is closed in the instant of the click, say."""

    async def scene(stage: Stage) -> None:
        async with stage.open() as executor:
            plan = await stage.plan("even", quantity=FORTY, **KALSHI_FIRST)
            async with asyncio.TaskGroup() as group:
                click = group.create_task(executor.open(plan, key="k", by="ann"))
                for _ in range(10_000):
                    if stage.disk.appends:
                        break
                    await asyncio.sleep(0.0003)
                click.cancel()
            await stage.clock.sleep_ms(35_000)
            assert executor.journal.broken is None
            hedge = executor.journal.ledger.hedges[plan.id]
            assert (hedge.state, hedge.matched) == (State.HEDGED, FORTY), hedge.why

    play(scene)


def test_f40_a_double_click_is_one_hedge() -> None:
    async def scene(stage: Stage) -> None:
        async with stage.open() as executor:
            plan = await stage.plan("even", quantity=FORTY, **KALSHI_FIRST)
            async with asyncio.TaskGroup() as group:
                clicks = [
                    group.create_task(executor.open(plan, key="k", by="ann")) for _ in range(5)
                ]
            assert {each.result().id for each in clicks} == {plan.id}
            await executor.rest(plan.id)
            plan = replace(plan, id="another")
            away = await executor.gate.around(plan.venues)
            around = Circumstances(now_ms=stage.clock.now_ms(), balances=away.balances)
            approved = approve(plan, executor.journal.ledger, EVERYTHING, around)
            async with asyncio.TaskGroup() as group:
                clicks = [
                    group.create_task(executor.router.open(approved, key="l", by="ann"))
                    for _ in range(5)
                ]
            assert {each.result().id for each in clicks} == {plan.id}
            hedge = await executor.rest(plan.id)
            assert (hedge.state, len(hedge.attempts)) == (State.HEDGED, 2)
            assert len(stage.line.orders()) == 4

    play(scene)


def test_f40_the_kill_switch_stops_what_was_written_and_lets_repairs_finish() -> None:
    async def scene(stage: Stage) -> None:
        note, pressed = stage.disk.after, [""]

        def press(_: int) -> None:
            note(0)
            if isinstance(stage.records(object)[-1], Sending):
                pressed[0] = "Somebody pressed it."

        stage.killed = lambda: pressed[0]
        async with stage.open() as executor:
            stage.disk.after = press
            hedge = await stage.hedge("one", **KALSHI_FIRST)
            assert (hedge.state, stage.line.orders()) == (State.FLAT, [])
            stage.disk.after, pressed[0] = note, ""
            await executor.note_switch()

            def later(_: Said) -> None:
                pressed[0] = "Somebody pressed it."

            stage.line.after.append(
                nth(1, "POST", KALSHI_ORDERS, lambda: later(stage.line.said[0]))
            )
            hedge = await stage.hedge("two", **KALSHI_FIRST)
            assert (hedge.state, hedge.naked) == (State.HEDGED, 0), "it did not let it finish"
            with pytest.raises(NotApproved, match="pressed"):
                await stage.hedge("three", **KALSHI_FIRST)

    play(scene)


def test_f40_a_venue_that_is_closed_between_approval_and_order_gets_no_entry() -> None:
    """I17: in the order of the journal."""

    async def scene(stage: Stage) -> None:
        stage.line.latency_ms = lambda: 50
        async with stage.open() as executor:
            plan = await stage.plan("even", quantity=FORTY, **KALSHI_FIRST)
            hedge = await executor.open(plan, key="k", by="ann")
            while hedge.state is State.OPENED:
                await stage.clock.sleep_ms(1)
                hedge = executor.journal.ledger.hedges[hedge.id]
            assert not stage.records(Sending)
            await executor.close("polymarket", on=True, why="somebody said so")
            hedge = await executor.rest(hedge.id)
            assert (hedge.state, stage.line.orders()) == (State.FLAT, [])

    play(scene)


def test_f40_limits_that_were_lowered_bind_at_the_next_order() -> None:
    async def scene(stage: Stage) -> None:
        async with stage.open():
            plan = await stage.plan("even", quantity=FORTY, **KALSHI_FIRST)

            def lower(said: Said) -> None:
                if said.path.endswith("/orderbook"):
                    stage.limits = replace(EVERYTHING, unhedged_max=Cash(5 * ONE))

            stage.line.before.append(lower)
            hedge = await stage.trade(plan)
            assert (hedge.state, stage.line.orders()) == (State.FLAT, [])
            assert "has no twin" in hedge.why

    play(scene)
