"""Stores and channels that fail, clocks that are set, and two processes with one store."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from outboxes import Recorder, message, outbox
from sqlalchemy import Connection

from alerts.channel import Undelivered
from alerts.message import Message
from alerts.outbox import CLAIM_MS, STORE, Pace
from app.store.opening import open_store
from app.store.outbox import StoredOutbox
from venues import Clock

HOUR_MS = 3_600_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StoredOutbox]:
    with open_store(tmp_path) as opened:
        yield StoredOutbox(opened.engine)


class Slow(Recorder):
    """Takes a while, as networks do."""

    async def send(self, message: Message) -> None:
        await self.clock.sleep_ms(500)
        await super().send(message)


async def test_two_processes_with_one_store_send_a_message_once(
    store: StoredOutbox,
    timeline: Any,
) -> None:
    slack, other = Slow(timeline), Slow(timeline)
    boxes = outbox(store, slack), outbox(store, other)
    async with asyncio.TaskGroup() as group:
        serving = [group.create_task(box.run()) for box in boxes]
        boxes[0].post("one", message("first"))
        await timeline.run(10_000)
        for each in serving:
            each.cancel()
    assert slack.titles + other.titles == ["first"]


async def test_who_claimed_a_message_and_fell_silent_loses_it(
    store: StoredOutbox,
    clock: Clock,
) -> None:
    slack = Recorder(clock)
    box = outbox(store, slack)
    box.post("one", message("first"))
    [waiting] = store.due("slack", clock.now_ms())
    assert store.claim([waiting.id], clock.now_ms()) == [waiting.id]
    assert store.claim([waiting.id], clock.now_ms()) == []
    await box.deliver_all()
    assert slack.took == []
    await clock.sleep_ms(CLAIM_MS)
    await box.deliver_all()
    assert slack.titles == ["first (2 min late)"]


async def test_a_server_that_asks_us_to_wait_gets_nothing_meanwhile(
    store: StoredOutbox,
    clock: Clock,
) -> None:
    slack = Recorder(clock, fails=[Undelivered("busy", again=True, wait_ms=30_000)] * 3)
    box = outbox(store, slack)
    for number in range(3):
        box.post(f"key {number}", message(f"number {number}"))
    await box.deliver_all()
    assert len(slack.fails) == 2
    await clock.sleep_ms(29_999)
    await box.deliver_all()
    assert len(slack.fails) == 2


async def test_a_server_that_asks_for_years_is_asked_again_in_an_hour(
    store: StoredOutbox,
    clock: Clock,
) -> None:
    slack = Recorder(clock, fails=[Undelivered("busy", again=True, wait_ms=10**30)])
    box = outbox(store, slack)
    box.post("one", message("first"))
    await box.deliver_all()
    await clock.sleep_ms(HOUR_MS)
    await box.deliver_all()
    assert slack.titles == ["first (60 min late)"]


async def test_a_channel_s_own_error_ends_nothing(
    store: StoredOutbox,
    clock: Clock,
) -> None:
    class Broken(Recorder):
        async def send(self, message: Message) -> None:
            raise ValueError("s3cr3t")

    broken, email = Broken(clock), Recorder(clock, name="email")
    box = outbox(store, broken, email)
    box.post("one", message("first"))
    await box.deliver_all()
    assert email.titles == ["first"]
    assert box.troubles == {"slack": "it failed (ValueError)"}


async def test_a_critical_message_waits_for_no_slot_while_others_do(
    store: StoredOutbox,
    timeline: Any,
) -> None:
    slack = Recorder(timeline)
    box = outbox(store, slack, pace=Pace(most=1))
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(box.run())
        for number in range(2):
            box.post(f"key {number}", message(f"number {number}"))
        await timeline.run(5_000)
        box.post("park", message("a hedge is parked", critical=True))
        await timeline.run(5_000)
        serving.cancel()
    assert slack.titles == ["number 0", "a hedge is parked"]


class Wall:
    """A clock that can be set; its monotonic time goes on."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self.off_ms = clock, 0

    def now_ms(self) -> int:
        return self._clock.now_ms() + self.off_ms

    def monotonic_ns(self) -> int:
        return self._clock.monotonic_ns()

    async def sleep_ms(self, duration_ms: int) -> None:
        await self._clock.sleep_ms(duration_ms)


async def test_a_clock_that_is_set_back_holds_up_no_message(
    store: StoredOutbox,
    clock: Clock,
) -> None:
    wall = Wall(clock)
    slack = Recorder(wall)
    box = outbox(store, slack)
    box.post("one", message("first"))
    await box.deliver_all()
    box.post("two", message("second"))
    wall.off_ms = -HOUR_MS
    before_ns = clock.monotonic_ns()
    await box.deliver_all()
    assert slack.titles == ["first", "second"]
    assert clock.monotonic_ns() - before_ns == 1_000_000_000


def full(connection: Connection) -> None:
    """Nothing more is taken, as of a full disk; what is there can be read."""
    connection.exec_driver_sql(
        "CREATE TRIGGER full BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'full'); END"
    )


async def test_what_the_store_does_not_take_is_told_when_it_does(
    tmp_path: Path, timeline: Any
) -> None:
    with open_store(tmp_path) as opened:
        slack = Recorder(timeline)
        box = outbox(StoredOutbox(opened.engine), slack)
        with opened.engine.begin() as connection:
            full(connection)
        box.post("one", message("first"))
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(box.run())
            await timeline.run(3_000)
            assert box.troubles == {STORE: "messages cannot be kept: full"}
            assert not serving.done()
            with opened.engine.begin() as connection:
                connection.exec_driver_sql("DROP TRIGGER full")
            await timeline.run(3_000)
            assert slack.titles == ["first"]
            assert box.troubles == {}
            serving.cancel()


@pytest.mark.parametrize("state", ["sent", "waiting"])
async def test_a_store_that_fills_up_makes_nobody_hear_a_thing_twice(
    tmp_path: Path, timeline: Any, state: str
) -> None:
    """`state`: what cannot be noted, that it was sent, or that we are about to."""
    with open_store(tmp_path) as opened:
        slack = Recorder(timeline)
        box = outbox(StoredOutbox(opened.engine), slack)
        box.post("one", message("first"))
        with opened.engine.begin() as connection:
            connection.exec_driver_sql(
                "CREATE TRIGGER full BEFORE UPDATE ON outbox "
                f"WHEN NEW.state = '{state}' BEGIN SELECT RAISE(ABORT, 'full'); END"
            )
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(box.run())
            await timeline.run(3 * CLAIM_MS)
            assert len(slack.took) == (state == "sent")
            with opened.engine.begin() as connection:
                connection.exec_driver_sql("DROP TRIGGER full")
            await timeline.run(3 * CLAIM_MS)
            assert len(slack.took) == 1
            serving.cancel()
