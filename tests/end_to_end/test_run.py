"""`dutchbook run` as a process, against both simulated venues: what it prints, keeps and tells."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from serving import START, Serving
from slack_hook import Hook

from app.serving import listen


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path, Hook, int]]:
    """(settings, pairs file, Slack, port of the metrics)"""
    folder = tmp_path_factory.mktemp("run")
    serving, hook = Serving(folder / "sim.yaml", "--seed", "4"), Hook()
    with listen(0, "a test") as probe:
        port = int(probe.getsockname()[1])
    secret = hook.write(folder)
    settings = yaml.safe_load((folder / "sim.yaml").read_text()) | {
        "mode": "dry_run",
        "data_dir": str(folder / "data"),
        "metrics_port": port,
        "web": {"port": None},
        "jobs": {"scan": {"every": "1s"}},
        "alerts": {
            "profit_min": "0.01",
            "edge_bps_min": 1,
            "slack": {"webhook_file": str(secret), "local": True},
        },
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(settings))
    yield folder / "config.yaml", Path(serving.said["pairs_file"]), hook, port
    serving.end(signal.SIGTERM)
    hook.end()


def started(settings: Path, pairs: Path) -> subprocess.Popen[str]:
    words = ["run", "--pairs", str(pairs), "--config", str(settings), "--json"]
    return subprocess.Popen(
        [sys.executable, "-c", START, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_run_prints_keeps_and_tells_what_happens_and_stops_when_it_is_told(
    world: tuple[Path, Path, Hook, int], cli: Callable[..., Any]
) -> None:
    settings, pairs, hook, port = world
    process = started(settings, pairs)
    assert process.stdout
    lines = [json.loads(process.stdout.readline()) for _ in range(4)]
    assert {line["schema"] for line in lines} == {"dutchbook.change/1"}
    assert lines[0]["happened"] == "appeared"
    assert lines[0]["proof"]["doubts"] == []
    assert lines[0]["last"]["profit_micros"] > 0
    _wait(lambda: hook.bodies)
    numbers = urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).read().decode()
    assert "dutchbook_pairs 12.0" in numbers
    assert 'dutchbook_happened{what="appeared"}' in numbers
    _wait(lambda: _done(cli, settings))

    process.send_signal(signal.SIGTERM)
    begun_ns = time.monotonic_ns()
    _, errors = process.communicate(timeout=20)
    assert (time.monotonic_ns() - begun_ns) / 1e9 < 8
    assert process.returncode == 0, errors
    assert "Stopped." in errors
    assert "s3cr3t" not in errors

    kept = [
        json.loads(x)
        for x in cli("history", "--config", settings, "--json").stdout.split("\n")
        if x
    ]
    assert {line["episode"] for line in lines} <= {each["id"] for each in kept}
    assert all(each["ended_ms"] for each in kept)  # nobody looks any more
    assert hook.bodies[0]["text"].startswith("SIM $")


def test_a_second_run_is_refused_and_pairs_can_be_decided_meanwhile(
    world: tuple[Path, Path, Hook, int], cli: Callable[..., Any]
) -> None:
    settings, pairs, _, _ = world
    process = started(settings, pairs)
    try:
        assert process.stdout
        process.stdout.readline()
        second = cli("run", "--pairs", pairs, "--seconds", "1", "--config", settings)
        assert second.exit_code == 3
        assert "Another dutchbook" in second.stderr
        found = cli("pairs", "find", "--config", settings, "--json")
        assert found.exit_code == 0, found.stderr
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode == 0


def test_without_keys_books_are_read_in_turn_and_priced_alike(
    world: tuple[Path, Path, Hook, int], tmp_path: Path
) -> None:
    changed = yaml.safe_load(world[0].read_text()) | {
        "data_dir": str(tmp_path / "data"),
        "metrics_port": None,
        "alerts": {},
    }
    for name in ("key_id", "key_file"):
        del changed["kalshi"][name]
    settings = tmp_path / "config.yaml"
    settings.write_text(yaml.safe_dump(changed))
    process = started(settings, world[1])
    try:
        assert process.stdout
        first = json.loads(process.stdout.readline())
        assert first["happened"] == "appeared"
        assert first["proof"]["doubts"] == []
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 0, errors


def test_a_pair_that_is_rejected_meanwhile_is_watched_no_more(
    world: tuple[Path, Path, Hook, int], cli: Callable[..., Any], tmp_path: Path
) -> None:
    changed = yaml.safe_load(world[0].read_text()) | {
        "data_dir": str(tmp_path / "data"),
        "metrics_port": None,
        "alerts": {},
    }
    settings = tmp_path / "config.yaml"
    settings.write_text(yaml.safe_dump(changed))
    assert cli("pairs", "find", "--config", settings).exit_code == 0
    process = subprocess.Popen(
        [sys.executable, "-c", START, "run", "--config", str(settings), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        first = json.loads(process.stdout.readline())
        assert first["executable"] is False
        assert "no person's approval: it is proposed" in first["why_not"]
        rejected = cli("pairs", "reject", first["pair_id"], "--config", settings)
        assert rejected.exit_code == 0, rejected.stderr
        while (line := json.loads(process.stdout.readline())) is not None:
            if line["pair_id"] == first["pair_id"] and line["happened"] == "ended":
                break  # before the next scan it may end by itself
        _wait(lambda: _pairs_of_last_scan(cli, settings) == _scanned(cli, settings))
        assert process.poll() is None
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 0, errors


def _pairs_of_last_scan(cli: Callable[..., Any], settings: Path) -> int:
    told = json.loads(cli("jobs", "--job", "scan", "--config", settings, "--json").stdout)
    done = [run["note"] for run in told["runs"] if run["state"] == "done"]
    return int(done[0].partition(" ")[0]) if done else -1


def _scanned(cli: Callable[..., Any], settings: Path) -> int:
    found = json.loads(cli("pairs", "list", "--config", settings, "--json").stdout)["pairs"]
    return sum(x["verdict"] == "accept" and x["state"] == "proposed" for x in found)


def test_cron_tells_an_opportunity_once(
    world: tuple[Path, Path, Hook, int], cli: Callable[..., Any], tmp_path: Path
) -> None:
    settings, pairs, hook, _ = world
    changed = yaml.safe_load(settings.read_text()) | {"data_dir": str(tmp_path / "data")}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(changed))
    words = ("scan", "--pairs", pairs, "--notify", "--json", "--config", tmp_path / "config.yaml")
    before = len(hook.bodies)
    assert cli(*words).exit_code == 0
    first = len(hook.bodies) - before
    assert first > 0
    told = {body["text"].partition(": ")[2] for body in hook.bodies[before:]}
    assert cli(*words).exit_code == 0
    again = [body["text"] for body in hook.bodies[before + first :]]
    assert [
        text for text in again if text.partition(": ")[2] in told and "better" not in text
    ] == []


def test_the_channels_can_be_tried(
    world: tuple[Path, Path, Hook, int], cli: Callable[..., Any]
) -> None:
    settings, _, hook, _ = world
    told = json.loads(cli("alerts", "test", "--config", settings, "--json").stdout)
    assert told["channels"] == [{"channel": "slack", "sent": True, "why": None}]
    assert hook.bodies[-1]["text"] == "SIM Test message"


def test_without_a_channel_the_settings_are_named(cli: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(f"data_dir: {tmp_path}\n")
    ran = cli("alerts", "test", "--config", tmp_path / "config.yaml")
    assert ran.exit_code == 3
    assert "alerts.slack, alerts.email" in ran.stderr


def _done(cli: Callable[..., Any], settings: Path) -> bool:
    told = json.loads(cli("jobs", "--config", settings, "--json").stdout)
    return any((run["job"], run["state"]) == ("scan", "done") for run in told["runs"])


def _wait(ready: Callable[[], object]) -> None:
    for _ in range(200):
        if ready():
            return
        time.sleep(0.1)
    raise AssertionError("it never came")
