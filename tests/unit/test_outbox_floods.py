"""Rows F38 and F39: a flood of alerts, channels that are down, and what is held on purpose."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from changes import appeared
from outboxes import Recorder, message, outbox

from alerts.channel import Undelivered
from alerts.outbox import WAITING_MAX, Take
from alerts.rules import Hold, Said
from app.alerting import Alerts
from app.config import Settings
from app.config_alerts import AlertSettings
from app.store.opening import open_store, read_store
from app.store.outbox import StoredOutbox
from venues import Clock

SECOND_MS = 1_000
TEN_MINUTES_MS = 600_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StoredOutbox]:
    with open_store(tmp_path) as opened:
        yield StoredOutbox(opened.engine)


@pytest.fixture
def memory() -> Iterator[StoredOutbox]:
    """No file: thousands of syncs take a while."""
    with read_store(Path("/nowhere")) as opened:
        yield StoredOutbox(opened.engine)


async def test_f38_five_thousand_opportunities_in_a_minute_become_few_messages(
    memory: StoredOutbox, timeline: Any
) -> None:
    slack, email = Recorder(timeline), Recorder(timeline, name="email")
    alerts = Alerts(
        Settings(alerts=AlertSettings()),
        memory,
        clock=timeline,
        why_not=lambda _: (),
        markets=lambda _: None,
    )
    alerts.outbox = box = outbox(memory, slack, email)
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(box.run())
        begun_ms = timeline.now_ms()
        for second in range(60):
            for number in range(83 + (second < 20)):
                change = appeared(f"p{second}-{number}", at_ms=timeline.now_ms())
                assert alerts.hear([change]) == 1
            if second == 30:
                box.post("park", message("a hedge is parked", critical=True))
            await timeline.run(SECOND_MS)
        assert timeline.now_ms() - begun_ms == 60 * SECOND_MS
        await timeline.run(11 * TEN_MINUTES_MS // 10)
        serving.cancel()
    for channel in (slack, email):
        times = [at for at, each in channel.took if not each.is_critical]
        assert all(b - a >= SECOND_MS for a, b in pairwise(times))
        assert all(sum(t <= at < t + TEN_MINUTES_MS for at in times) <= 20 for t in times)
        [parked] = [at for at, each in channel.took if each.is_critical]
        assert 30 * SECOND_MS <= parked - begun_ms <= 32 * SECOND_MS
        told = sum(int(t.split()[0]) if "more alerts" in t else 1 for t in channel.titles)
        given_up = sum(
            each.state == "given_up" and each.channel == channel.name
            for each in memory.newest(20_000)
        )
        assert told + given_up == 5_001
        assert told > WAITING_MAX
    assert memory.counts() == {"sent": box.delivered, "given_up": 2 * 5_001 - box.delivered}


async def test_f39_channels_that_are_down_for_ten_minutes_lose_nothing(
    store: StoredOutbox, timeline: Any
) -> None:
    class Down(Recorder):
        """Fails for ten minutes in every way there is: refuses, hangs, breaks."""

        tries = 0

        async def send(self, message: Any) -> None:
            if self.clock.now_ms() >= back_ms:
                await super().send(message)
                return
            self.tries += 1
            if self.tries % 3 == 0:
                raise OSError("broken")
            if self.tries % 3 == 1:
                raise Undelivered("busy", again=True, wait_ms=1_000)
            await self.clock.sleep_ms(10_000)
            raise Undelivered("hung", again=True)

    back_ms = timeline.now_ms() + TEN_MINUTES_MS
    slack, email = Down(timeline), Down(timeline, name="email")
    box = outbox(store, slack, email)
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(box.run())
        for minute in range(10):
            box.post(f"key {minute}", message(f"number {minute}"))
            box.post(f"critical {minute}", message(f"critical {minute}", critical=True))
            await timeline.run(60 * SECOND_MS)
            assert set(box.troubles) == {"slack", "email"}  # told, and exported
        assert store.counts() == {"waiting": 40}
        assert slack.tries < 200  # at growing intervals, not in a frenzy
        await timeline.run(3 * TEN_MINUTES_MS)
        serving.cancel()
    assert store.counts() == {"sent": 40}
    assert box.troubles == {}
    for channel in (slack, email):
        said = [line for _, each in channel.took for line in (each.title, *each.lines)]
        for minute in range(10):
            assert any(f"critical {minute}" in line for line in said)
            assert any(f"number {minute}" in line for line in said)


async def test_what_left_before_a_restart_counts_for_the_pace(
    store: StoredOutbox, clock: Clock
) -> None:
    slack = Recorder(clock)
    box = outbox(store, slack)
    for number in range(20):
        box.post(f"key {number}", message(f"number {number}"))
        await box.deliver_all()
    began_ms = clock.now_ms()
    box = outbox(store, slack)  # a restart
    box.post("more", message("one more"))
    await box.deliver_all()
    assert clock.now_ms() - slack.took[0][0] >= TEN_MINUTES_MS
    assert clock.now_ms() > began_ms
    assert slack.titles[-1] == "one more (9 min late)"


async def test_what_is_held_comes_together_when_its_time_has_come(
    store: StoredOutbox, clock: Clock
) -> None:
    slack = Recorder(clock)
    box = outbox(store, slack)
    hold = Hold(clock.now_ms() + 9 * 3_600_000, "of the quiet hours")
    for number in range(3):
        box.post(f"key {number}", message(f"number {number}"), hold=hold)
        await clock.sleep_ms(2 * 3_600_000)
        await box.deliver_all()
    box.post("park", message("a hedge is parked", critical=True))
    await box.deliver_all()
    assert slack.titles == ["a hedge is parked"]
    assert store.counts() == {"held": 3, "sent": 1}
    await clock.sleep_ms(3 * 3_600_000)
    await box.deliver_all()
    assert slack.titles[1:] == ["3 alerts of the quiet hours"]
    assert slack.took[1][1].lines == ("number 0", "number 1", "number 2")


async def test_a_message_goes_to_the_channels_that_it_is_meant_for(
    store: StoredOutbox, clock: Clock
) -> None:
    slack, email = Recorder(clock), Recorder(clock, name="email")
    box = outbox(store, slack, email)
    box.post("one", message("first"), channels=["email"])
    await box.deliver_all()
    assert (slack.titles, email.titles) == ([], ["first"])


async def test_of_two_nodes_that_see_one_spread_one_tells_it(
    store: StoredOutbox, clock: Clock
) -> None:
    def node() -> Alerts:
        found = Alerts(Settings(), store, clock=clock, why_not=lambda _: (), markets=lambda _: None)
        found.outbox = outbox(store, slack)
        return found

    slack = Recorder(clock)
    one, two = node(), node()
    now_ms = clock.now_ms()
    for n in range(5):  # each sees it a little apart, so the episodes are not the same
        one.hear([appeared("p", at_ms=now_ms + 10 * n)])
        two.hear([appeared("p", at_ms=now_ms + 10 * n + 7)])
    await one.outbox.deliver_all()
    await two.outbox.deliver_all()
    assert len(slack.took) == 1


def test_a_take_that_another_was_quicker_with_puts_nothing(store: StoredOutbox) -> None:
    first, second, third = (Said(f"p@{n}", n, n) for n in range(3))
    assert store.put(["slack"], "a", message("a"), 1, take=Take("g", None, first))
    assert not store.put(["slack"], "b", message("b"), 1, take=Take("g", None, second))
    assert store.put(["slack"], "c", message("c"), 1, take=Take("g", first, second))
    assert not store.put(["slack"], "d", message("d"), 1, take=Take("g", first, third))
    assert store.said_of("g") == second
    assert [each.message.title for each in store.due("slack", 1)] == ["a", "c"]
