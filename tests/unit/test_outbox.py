"""Messages wait until they are taken: paced, together where they are many, and never lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from outboxes import Recorder, message, outbox

from alerts.channel import Undelivered
from alerts.outbox import AGE_MS_MAX, Pace
from alerts.rules import Said
from app.store.opening import open_store
from app.store.outbox import StoredOutbox
from venues import Clock


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StoredOutbox]:
    with open_store(tmp_path) as opened:
        yield StoredOutbox(opened.engine)


async def test_a_message_is_taken_once_by_every_channel(store: StoredOutbox, clock: Clock) -> None:
    slack, email = Recorder(clock), Recorder(clock, name="email")
    box = outbox(store, slack, email)
    box.post("one", message("first"))
    box.post("one", message("the same key"))
    await box.deliver_all()
    await box.deliver_all()
    assert slack.titles == email.titles == ["first"]
    assert store.counts() == {"sent": 2}


async def test_a_channel_that_is_down_holds_up_nobody(store: StoredOutbox, clock: Clock) -> None:
    slack, email = Recorder(clock), Recorder(clock, name="email")
    slack.fails = [Undelivered("busy", again=True, wait_ms=60_000), Undelivered("busy", again=True)]
    box = outbox(store, slack, email)
    box.post("one", message("first"))
    await box.deliver_all()
    assert (slack.titles, email.titles) == ([], ["first"])
    assert box.troubles == {"slack": "busy"}
    await clock.sleep_ms(59_999)
    await box.deliver_all()
    assert len(slack.fails) == 1  # the server's own wait is obeyed
    await clock.sleep_ms(1)
    await box.deliver_all()
    await clock.sleep_ms(15_000)  # 10 s, and at most half as much
    await box.deliver_all()
    assert slack.titles == ["first (1 min late)"]
    assert box.troubles == {}


async def test_what_is_refused_for_good_is_given_up(store: StoredOutbox, clock: Clock) -> None:
    slack = Recorder(clock, fails=[Undelivered("no such hook", again=False)])
    box = outbox(store, slack)
    box.post("one", message("first"))
    await box.deliver_all()
    assert store.counts() == {"given_up": 1}
    assert box.troubles == {"slack": "no such hook"}


async def test_messages_survive_a_crash(tmp_path: Path, clock: Clock) -> None:
    with open_store(tmp_path) as opened:
        outbox(StoredOutbox(opened.engine), Recorder(clock)).post("one", message("first"))
    with open_store(tmp_path) as opened:
        slack = Recorder(clock)
        await outbox(StoredOutbox(opened.engine), slack).deliver_all()
    assert slack.titles == ["first"]


async def test_a_critical_message_goes_first_and_alone(store: StoredOutbox, clock: Clock) -> None:
    slack = Recorder(clock)
    box = outbox(store, slack, pace=Pace(most=2))
    for number in range(8):
        box.post(f"key {number}", message(f"number {number}"))
    box.post("park", message("a hedge is parked", critical=True))
    await box.deliver_all()
    assert slack.titles[0] == "a hedge is parked"
    assert slack.titles[1] == "8 more alerts"
    box.post("again", message("a venue is closed", critical=True))
    before_ms = clock.now_ms()
    await box.deliver_all()
    assert slack.titles[-1] == "a venue is closed"
    assert clock.now_ms() == before_ms  # it waits for no slot


async def test_what_grew_too_old_is_given_up(store: StoredOutbox, clock: Clock) -> None:
    slack = Recorder(clock)
    box = outbox(store, slack)
    box.post("one", message("first"))
    await clock.sleep_ms(AGE_MS_MAX + 1)
    await box.deliver_all()
    assert slack.took == []
    assert store.counts() == {"given_up": 1}


def test_what_was_said_is_kept_and_forgotten_in_time(store: StoredOutbox) -> None:
    store.remember("event", Said("p@1", 1_000, 5))
    store.remember("event", Said("p@2", 2_000, 6))
    assert list(store.said()) == [("event", Said("p@2", 2_000, 6))]
    store.prune(2_001)
    assert list(store.said()) == []
