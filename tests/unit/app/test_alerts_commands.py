"""What was told, what is silent, and what a person knows of: on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from changes import appeared
from outboxes import Recorder, message, outbox
from pair_books import START_MS
from typer.testing import CliRunner

from alerts.escalation import Trouble
from alerts.rules import Hold
from app.alerting import Alerts
from app.cli import app
from app.config import Settings
from app.snoozes import Snoozes
from app.store.opening import open_database, read_store
from app.store.outbox import StoredOutbox
from venues import Clock

HOUR_MS = 3_600_000


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(f"data_dir: {tmp_path}/data\nenvironment: sim\nmode: paper\n")
    return path


def run(*words: str, config: Path) -> str:
    found = CliRunner().invoke(app, ["alerts", *words, "--config", str(config)])
    assert found.exit_code == 0, found.output
    return found.stdout


async def test_the_history_says_what_became_of_each_message(
    config: Path, tmp_path: Path, clock: Clock
) -> None:
    assert "Nothing was told yet." in run("history", config=config)
    settings = Settings(data_dir=tmp_path / "data", environment="sim", mode="paper")
    with open_database(settings.live_place) as engine:
        box = outbox(StoredOutbox(engine), Recorder(clock))
        box.post("one", message("first"))
        await box.deliver_all()
        box.post("two", message("second"), hold=Hold(clock.now_ms() + HOUR_MS, "of rest"))
    lines = run("history", config=config).splitlines()
    assert "slack: first (sent 20" in lines[0]
    assert "slack: second (held until 20" in lines[1]
    told = json.loads(run("history", "--json", config=config))
    assert told["schema"] == "dutchbook.alerts_history/1"
    assert [each["state"] for each in told["messages"]] == ["held", "sent"]
    assert told["messages"][0]["pair_id"] is None


def test_what_is_snoozed_is_silent_for_so_long_in_every_process(
    config: Path, tmp_path: Path, clock: Clock
) -> None:
    settings = Settings(data_dir=tmp_path / "data", environment="sim", mode="paper")
    with read_store(Path("/nowhere")) as opened:
        alerts = Alerts(
            settings,
            StoredOutbox(opened.engine),
            clock=clock,
            why_not=lambda _: (),
            markets=lambda _: None,
        )
        now_ms = clock.now_ms()
        alerts.snoozes.mute("noise*", now_ms + HOUR_MS, "me", now_ms)
        other = Snoozes(settings.folder)
        assert other.is_muted(("noise-1",), now_ms)
        assert not other.is_muted(("noise-1",), now_ms + HOUR_MS)
        assert alerts.hear([appeared("noise-1", at_ms=START_MS), appeared("other")]) == 1
        other.mute("noise*", now_ms, "me", now_ms)
        assert alerts.hear([appeared("noise-1", at_ms=START_MS)]) == 1
    assert "Nothing is snoozed." in run("snooze", config=config)
    assert "KXFED*: nothing until" in run("snooze", "KXFED*", "--for", "2h", config=config)
    assert "Nothing is snoozed." in run("snooze", "KXFED*", "--for", "0", config=config)


def test_a_trouble_that_is_known_is_told_no_more_until_it_comes_again(
    config: Path, tmp_path: Path, clock: Clock
) -> None:
    settings = Settings(data_dir=tmp_path / "data", environment="sim", mode="paper")
    with read_store(Path("/nowhere")) as opened:
        store = StoredOutbox(opened.engine)
        alerts = Alerts(settings, store, clock=clock, why_not=lambda _: (), markets=lambda _: None)
        slack = Recorder(clock)
        alerts.outbox = outbox(store, slack)
        trouble = Trouble(subject="kill switch", title="The kill switch is on", lines=())
        alerts.watch([trouble])
        alerts.snoozes.acknowledge("kill switch", "me", clock.now_ms())
        assert alerts.open == ["kill switch"]
        alerts.watch([])
        assert alerts.snoozes.known(clock.now_ms()) == {}
        titles = [each.message.title for each in store.newest(9)]
        assert titles == ["SIM Over: The kill switch is on", "SIM The kill switch is on"]
    assert "is known" in run("ack", "hedge 17", config=config)


def test_a_file_of_snoozes_that_is_none_mutes_nothing(tmp_path: Path) -> None:
    for words in ("[]", "{", '{"muted": {"a": 1}, "known": {}}', "\x00"):
        (tmp_path / "snoozes.json").write_text(words)
        assert not Snoozes(tmp_path).is_muted(("a",), 0)
        assert Snoozes(tmp_path).muted(0) == {}
