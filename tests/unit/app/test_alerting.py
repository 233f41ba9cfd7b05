"""What the engine's changes become: messages, whatever the store does meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from changes import appeared
from pair_books import START_MS, market

from alerts.outbox import STORE
from app.alerting import Alerts
from app.config import Settings
from app.config_alerts import AlertSettings, SlackSettings
from app.store.opening import open_store
from app.store.outbox import StoredOutbox
from scanner.episode import Happened
from venues import Clock, Quantity

MINUTE_MS = 60_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StoredOutbox]:
    with open_store(tmp_path) as opened:
        yield StoredOutbox(opened.engine)


def alerts(store: StoredOutbox, clock: Clock, folder: Path, **told_more: Any) -> Alerts:
    hook = folder / "hook"
    hook.write_text("http://127.0.0.1:9/nobody")
    hook.chmod(0o600)
    slack = SlackSettings(webhook_file=hook, local=True)
    told = AlertSettings.model_validate({"slack": slack, **told_more})
    return Alerts(
        Settings(alerts=told), store, clock=clock, why_not=lambda _: (), markets=lambda _: None
    )


def waiting(store: StoredOutbox, clock: Clock) -> list[str]:
    """The pairs of the messages that wait."""
    titles = [each.message.title for each in store.due("slack", clock.now_ms())]
    return [title.rpartition(": ")[2] for title in titles]


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


def test_what_still_stands_after_a_cool_down_is_told_then(
    store: StoredOutbox, clock: Clock, tmp_path: Path
) -> None:
    found = alerts(store, clock, tmp_path)
    first, again = appeared("a"), appeared("a", at_ms=START_MS + MINUTE_MS)
    assert found.hear([first]) == 1
    assert found.hear([again]) == 0
    for minutes in range(2, 30):
        last = replace(again.episode.last, seen_ms=START_MS + minutes * MINUTE_MS)
        found.hear_standing([replace(again.episode, last=last)])
    assert waiting(store, clock) == ["a", "a"]


def test_a_market_whose_event_nobody_knows_shares_no_group_with_others(
    store: StoredOutbox, clock: Clock, tmp_path: Path
) -> None:
    found = alerts(store, clock, tmp_path)
    found._markets = market
    assert found.hear([appeared("a"), appeared("b")]) == 2


def test_what_nobody_was_told_of_before_is_not_told_as_better(
    store: StoredOutbox, clock: Clock, tmp_path: Path
) -> None:
    found = alerts(store, clock, tmp_path)
    crept = replace(appeared("a"), happened=Happened.CHANGED)
    assert found.hear([crept]) == 1
    [told] = store.due("slack", clock.now_ms())
    assert "better" not in told.message.title
    best = replace(crept.episode.last, quantity=Quantity(110_000_000))
    assert found.hear([replace(crept, episode=replace(crept.episode, last=best))]) == 1
    assert "better" in store.due("slack", clock.now_ms())[1].message.title


def test_a_channel_that_two_rules_lead_to_gets_one_message_from_the_quicker(
    store: StoredOutbox, clock: Clock, tmp_path: Path
) -> None:
    found = alerts(
        store,
        clock,
        tmp_path,
        rules=({"name": "slow", "digest": "30m"}, {"name": "quick", "channels": ["slack"]}),
    )
    assert found.hear([appeared("a")]) == 1
    [told] = store.newest(9)
    assert (told.state, told.message.rule) == ("waiting", "quick")
    again = alerts(store, clock, tmp_path, rules=({"name": "slow"}, {"name": "quick"}))
    assert again.hear([appeared("a")]) == 0  # both remember over a restart


def test_what_does_not_concern_a_rule_s_category_is_left_to_others(
    store: StoredOutbox, clock: Clock, tmp_path: Path
) -> None:
    found = alerts(store, clock, tmp_path, rules=({"name": "sport", "categories": ["sport*"]},))
    assert found.hear([appeared("a")]) == 0
    found._markets = lambda key: replace(market(key), category="Sports")
    assert found.hear([appeared("a")]) == 1
