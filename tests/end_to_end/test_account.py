"""`dutchbook sim serve` and `dutchbook account`, as a person meets them."""

from __future__ import annotations

import json
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from serving import START, Serving

from app.problem import Exit


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    found = Serving(tmp_path_factory.mktemp("sim") / "sim.yaml", "--seed", "4")
    yield found
    folder = Path(found.said["kalshi"]["accounts"][0]["private_key_file"]).parent
    assert found.end(signal.SIGTERM) == 0
    assert not folder.exists()


def test_the_first_line_says_where_and_with_which_keys(serving: Serving) -> None:
    said = serving.said
    assert said["schema"] == "dutchbook.sim/1"
    assert said["kalshi"]["rest"].startswith("http://127.0.0.1:")
    assert said["kalshi"]["rest"].endswith("/trade-api/v2")
    assert said["kalshi"]["ws"].startswith("ws://127.0.0.1:")
    assert [each["key_type"] for each in said["kalshi"]["accounts"]] == ["rsa", "ed25519"]
    for each in said["kalshi"]["accounts"]:
        file = Path(each["private_key_file"])
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("key", [0, 1])
def test_the_account_shows_cash_by_shard(
    serving: Serving, cli: Callable[..., Any], tmp_path: Path, key: int
) -> None:
    settings = yaml.safe_load(serving.settings.read_text())
    account = serving.said["kalshi"]["accounts"][key]
    settings["kalshi"] |= {"key_id": account["key_id"], "key_file": account["private_key_file"]}
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump(settings))
    ran = cli("account", "kalshi", "--config", str(config), "--json")
    assert ran.exit_code == Exit.DONE  # the balance may be asked once a second: it may say so
    found = json.loads(ran.stdout)
    assert (found["schema"], found["environment"]) == ("dutchbook.account/1", "sim")
    assert {
        each["pocket"]: each["available_micros"] for each in found["balances"]
    } == dict.fromkeys(("0", "2", "3"), 1000000000)
    assert found["positions"] == found["orders"] == []
    for_people = cli("account", "--config", str(config))
    assert "SIM" in for_people.stdout
    assert "$1000.00" in for_people.stdout


@pytest.mark.parametrize(("keys", "mode"), [(True, "streaming"), (False, "polling")])
def test_a_book_is_watched_with_a_key_and_without(
    serving: Serving, cli: Callable[..., Any], tmp_path: Path, keys: bool, mode: str
) -> None:
    settings = yaml.safe_load(serving.settings.read_text())
    if not keys:
        del settings["kalshi"]["key_id"], settings["kalshi"]["key_file"]
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump(settings))
    words = ("book", "kalshi", "KXBTCD-26NOV27-T95000", "--watch", "--lines", "2", "--depth", "1")
    ran = cli(*words, "--json", "--config", str(config))
    assert ran.exit_code == Exit.DONE
    assert mode in ran.stderr
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(lines) == 2
    assert {line["schema"] for line in lines} == {"dutchbook.book/1"}
    assert lines[0]["bids"] != lines[1]["bids"] or lines[0]["asks"] != lines[1]["asks"]
    for_people = cli(*words[:5], "1", "--config", str(config))
    assert "|" in for_people.stdout


def test_the_doctor_says_whether_the_key_is_taken(
    serving: Serving, cli: Callable[..., Any], tmp_path: Path
) -> None:
    good = serving.settings.read_text()
    bad = tmp_path / "bad.yaml"
    bad.write_text(re.sub("key_id: .*", "key_id: nobody", good))
    states = {}
    for config in (serving.settings, bad):
        ran = cli("doctor", "--json", "--config", str(config))
        checks = {each["name"]: each for each in json.loads(ran.stdout)["checks"]}
        states[config] = checks["kalshi key"]["state"], checks["kalshi key"]["found"]
    assert states[serving.settings] == ("ok", "accepted; cash on 3 shards")
    assert states[bad][0] == "bad"
    assert "NOT_FOUND" in states[bad][1]


def test_a_key_of_somebody_else_is_said_in_one_sentence(
    serving: Serving, cli: Callable[..., Any], tmp_path: Path
) -> None:
    settings = yaml.safe_load(serving.settings.read_text())
    first, second = serving.said["kalshi"]["accounts"]
    settings["kalshi"] |= {"key_id": first["key_id"], "key_file": second["private_key_file"]}
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump(settings))
    ran = cli("account", "kalshi", "--config", str(config))
    assert ran.exit_code == Exit.BAD_FILE
    assert ran.stderr.count("\n") == 1
    assert "Check the key id, the key file and this machine's clock" in ran.stderr


def test_without_a_key_it_says_what_to_set(cli: Callable[..., Any], tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("{}")
    ran = cli("account", "kalshi", "--config", str(config))
    assert ran.exit_code == Exit.BAD_FILE
    assert "kalshi.key_id and kalshi.key_file" in ran.stderr
    ran = cli("account", "polymarket", "--config", str(config))
    assert ran.exit_code == Exit.BAD_FILE
    assert "polymarket.key_file" in ran.stderr


def test_a_key_file_that_others_can_read_is_refused(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    key = tmp_path / "key.pem"
    key.write_text("nothing")
    key.chmod(0o644)
    tmp_path.chmod(0o700)
    config = tmp_path / "config.yaml"
    config.write_text(f"kalshi: {{key_id: a, key_file: {key}}}")
    ran = cli("account", "kalshi", "--config", str(config))
    assert ran.exit_code == Exit.BAD_FILE
    assert f"chmod 600 {key}" in ran.stderr


def test_it_ends_with_ctrl_c_and_serves_the_port_it_was_given(tmp_path: Path) -> None:
    first = Serving(tmp_path / "sim.yaml")
    port = first.said["kalshi"]["rest"].split(":")[2].split("/")[0]
    taken = subprocess.run(
        [sys.executable, "-c", START, "sim", "serve", "--kalshi-port", port],
        capture_output=True,
        text=True,
        check=False,
    )
    assert taken.returncode == Exit.BAD_FILE
    assert f"Port {port} cannot be served" in taken.stderr
    assert first.end(signal.SIGINT) == 0


def test_settings_of_another_environment_are_not_written_over(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("environment: prod\n")
    ran = cli("sim", "serve", "--settings", str(config))
    assert ran.exit_code == Exit.BAD_FILE
    assert config.read_text() == "environment: prod\n"
    assert [each.name for each in tmp_path.iterdir()] == ["config.yaml"]
