"""What the engine's changes become: messages, whatever the store does meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pair_books import START_MS

from alerts.outbox import STORE
from app.alerting import Alerts
from app.config import Settings
from app.config_alerts import AlertSettings, SlackSettings
from app.store.opening import open_store
from app.store.outbox import StoredOutbox
from scanner.episode import Change, Happened, Proof, begin
from scanner.opportunity import Leg, Opportunity
from venues import Cash, Clock, Contract, Outcome, Price, Quantity

GOOD = Proof(ages_ms=(10, 20))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StoredOutbox]:
    with open_store(tmp_path) as opened:
        yield StoredOutbox(opened.engine)


def alerts(store: StoredOutbox, clock: Clock, folder: Path) -> Alerts:
    hook = folder / "hook"
    hook.write_text("http://127.0.0.1:9/nobody")
    hook.chmod(0o600)
    told = AlertSettings(slack=SlackSettings(webhook_file=hook, local=True))
    return Alerts(
        Settings(alerts=told), store, clock=clock, why_not=lambda _: (), markets=lambda _: None
    )


def waiting(store: StoredOutbox, clock: Clock) -> list[str]:
    """The pairs of the messages that wait."""
    titles = [each.message.title for each in store.due("slack", clock.now_ms())]
    return [title.rpartition(": ")[2] for title in titles]


def appeared(pair: str, *, at_ms: int = START_MS) -> Change:
    """Five dollars on a hundred."""
    legs = tuple(
        Leg(
            contract=Contract(venue, f"{pair} {venue}", Outcome.YES),
            bought=Quantity(100_000_000),
            average_price=Price(cents * 10_000),
            worst_price=Price(cents * 10_000),
            cost=Cash(cents * 1_000_000),
            fee=Cash(0),
        )
        for venue, cents in (("kalshi", 40), ("polymarket", 55))
    )
    found = Opportunity(
        pair_id=pair, legs=(legs[0], legs[1]), quantity=Quantity(100_000_000), seen_ms=at_ms
    )
    return Change(happened=Happened.APPEARED, episode=begin(found, GOOD))


def test_a_store_that_fails_for_a_while_loses_no_alert(
    store: StoredOutbox, clock: Clock, tmp_path: Path
) -> None:
    found = alerts(store, clock, tmp_path)
    with store._engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE outbox RENAME TO gone")
        connection.exec_driver_sql("ALTER TABLE said RENAME TO gone_too")
    assert found.hear([appeared("a"), appeared("b")]) == 2
    assert STORE in found.outbox.troubles
    with store._engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE gone RENAME TO outbox")
        connection.exec_driver_sql("ALTER TABLE gone_too RENAME TO said")
    found.outbox._keep()
    assert waiting(store, clock) == ["a", "b"]
    assert found.outbox.troubles == {}
