"""S1 to S3: no failure shows a secret, and nobody but their owner can read one."""

from __future__ import annotations

import ast
import asyncio
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from canaries import (
    DATABASE,
    PASSPHRASE,
    PASSWORD,
    SECRET,
    WALLET,
    WEBHOOK,
    Canaries,
    shown,
    texts_under,
)
from canaries import made as made_canaries
from echoing import Echo, MailEcho, said_back

from app.config import load_settings
from app.problem import Exit, Problem
from app.web.opening import api_token
from venues.hiding import Hiding

ROOT: Final = Path(__file__).resolve().parents[2]
PAIRS: Final = "pair_id,kalshi,polymarket,relation\na,KXA-26DEC,0x" + "1f" * 32 + ",same\n"


@pytest.fixture
def canaries(tmp_path: Path) -> Canaries:
    return made_canaries(tmp_path / "keys")


@pytest.fixture
def echo() -> Iterator[Echo]:
    found = Echo()
    yield found
    found.end()


@pytest.fixture
def mail() -> Iterator[MailEcho]:
    found = MailEcho()
    yield found
    found.end()


def written(folder: Path, canaries: Canaries, echo: Echo, mail: MailEcho) -> Path:
    """Settings whose every venue and channel fails and says back what it was sent."""
    webhook = canaries.file("webhook")
    webhook.touch(mode=0o600)
    webhook.write_text(f"{echo.url}/services/{WEBHOOK}")
    ws = echo.url.replace("http", "ws")
    settings: dict[str, Any] = {
        "environment": "sim",
        "mode": "live",
        "data_dir": str(folder / "data"),
        "kalshi": {"rest": f"{echo.url}/trade-api/v2", "ws": f"{ws}/trade-api/ws/v2"},
        "polymarket": {
            **{name: f"{echo.url}/{name}" for name in ("clob", "gamma", "data", "site")},
            "ws": f"{ws}/ws",
            "key_file": str(canaries.file("wallet")),
        },
        "alerts": {
            "slack": {"webhook_file": str(webhook), "local": True},
            "email": {
                "host": "127.0.0.1",
                "port": mail.port,
                "security": "none",
                "user": "me",
                "password_file": str(canaries.file("password")),
                "sender": "a@example.com",
                "recipients": ["b@example.com"],
            },
        },
        "web": {"port": 0, "token_file": str(canaries.file("token"))},
    }
    settings["kalshi"] |= {"key_id": "an-id", "key_file": str(canaries.file("rsa.pem"))}
    config = folder / "config.yaml"
    config.write_text(yaml.safe_dump(settings))
    (folder / "pairs.csv").write_text(PAIRS)
    return config


COMMANDS: Final = (
    "account kalshi",
    "account polymarket --json",
    "doctor",
    "doctor --json",
    "alerts test",
    "alerts test --json",
    "markets polymarket",
    "markets kalshi --json",
    "book kalshi KXA-26DEC",
    "scan --pairs pairs.csv --record scan.tape",
    "scan --pairs pairs.csv --json --notify",
    "hedge preview a --pairs pairs.csv",
    "positions --json",
    "run --pairs pairs.csv --seconds 1 --record tapes",
)


@pytest.mark.parametrize("status", [200, 401, 500])
def test_s01_no_command_shows_a_canary_however_its_venue_fails(
    status: int,
    canaries: Canaries,
    echo: Echo,
    mail: MailEcho,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    cli: Callable[..., Any],
) -> None:
    config = written(tmp_path, canaries, echo, mail)
    monkeypatch.chdir(tmp_path)
    echo.status = status
    for command in COMMANDS:
        ran = cli(*command.split(), "--config", str(config))
        assert not shown(canaries.secrets, ran.output), command
        assert "Traceback" not in ran.output, (command, ran.output)
    assert any("derive-api-key" in path for path in echo.paths)
    assert any(WEBHOOK in path for path in echo.paths)
    for path, text in texts_under(tmp_path, but=canaries.folder):
        assert not shown(canaries.secrets, text), path


def test_s01_the_search_finds_a_canary_in_every_form_that_is_said_back() -> None:
    for way in ("raw", "quoted", "hex", "base64"):
        words = said_back([PASSPHRASE]).split()[("raw", "quoted", "hex", "base64").index(way)]
        assert shown([PASSPHRASE], f"before {words} after") == [PASSPHRASE]
        assert not shown([PASSPHRASE], Hiding(PASSPHRASE)(words.encode()).decode())


@pytest.mark.parametrize(
    "text",
    [
        f"kalshi: {{key_id: a, key_file: {WALLET}}}",
        "kalshi: {key_id: a, key_file: '-----BEGIN CANARY canary-passphrase/of+the=venue'}",
        f"polymarket: {{key_file: '{WALLET}'}}",
        f"polymarket: {{funder: '{WALLET}'}}",
        f"alerts: {{slack: {{webhook_file: 'https://hooks.slack.com/services/{WEBHOOK}'}}}}",
        f"alerts: {{email: {{user: me, password_file: '{PASSWORD}'}}}}",
        f"database_url: mysql://me:{DATABASE}@db/x",
        f"database_url: postgresql://me:{DATABASE}@db/x: [",
        f"database_url: *{DATABASE}",
        f"database_url: !{DATABASE}",
        f"database_url_file: postgresql://me:{DATABASE}@db/x",
        f"database_url: [postgresql, {DATABASE}]",
        f"database_url: '{DATABASE}",
        f"{{ database_url: '{DATABASE}' ] }}",
        f"web: {{token_file: {SECRET}}}",
        f"kalshi: {{rest: 'https://me:{PASSWORD}@external-api.kalshi.com/trade-api/v2'}}",
    ],
)
def test_s01_a_secret_in_the_wrong_place_of_the_settings_is_refused_and_not_shown(
    text: str, tmp_path: Path, cli: Callable[..., Any]
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(text)
    for words in ("doctor", "doctor --json", "scan"):
        ran = cli(*words.split(), "--config", str(config))
        assert ran.exit_code == 3
        assert "Traceback" not in ran.output
        canaries = [WALLET, PASSPHRASE, WEBHOOK, PASSWORD, DATABASE, SECRET]
        assert not shown(canaries, ran.output)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
@pytest.mark.parametrize("name", ["rsa.pem", "wallet", "webhook", "password", "token"])
def test_s02_a_file_that_others_may_touch_is_refused_by_name(
    name: str,
    mode: int,
    canaries: Canaries,
    echo: Echo,
    mail: MailEcho,
    tmp_path: Path,
    cli: Callable[..., Any],
) -> None:
    config = written(tmp_path, canaries, echo, mail)
    canaries.file(name).chmod(mode)
    command = {"rsa.pem": "account kalshi", "wallet": "account polymarket"}.get(name, "alerts test")
    if name == "token":
        with pytest.raises(Problem, match="chmod 600") as told:
            api_token(load_settings(config))
        assert told.value.code is Exit.BAD_FILE
        return
    ran = cli(*command.split(), "--config", str(config))
    assert ran.exit_code == 3
    assert f"chmod 600 {canaries.file(name).resolve()}" in ran.stderr


def test_s02_whatever_is_kept_is_for_its_owner_alone(
    canaries: Canaries,
    echo: Echo,
    mail: MailEcho,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    cli: Callable[..., Any],
) -> None:
    config = written(tmp_path, canaries, echo, mail)
    monkeypatch.chdir(tmp_path)
    before = os.umask(0)
    try:
        cli("run", "--pairs", "pairs.csv", "--seconds", "1", "--config", str(config))
        cli("scan", "--pairs", "pairs.csv", "--record", "data/a.tape", "--config", str(config))
        cli("kill", "on", "--config", str(config))
    finally:
        os.umask(before)
    found = {path: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "data").rglob("*")}
    assert found
    assert not {str(path): oct(mode) for path, mode in found.items() if mode & 0o077}


def test_s03_no_option_and_no_argument_of_any_command_takes_a_secret() -> None:
    from typer.main import get_command

    from app.cli import app

    def parameters(command: Any) -> Iterator[str]:
        for each in getattr(command, "commands", {}).values():
            yield from parameters(each)
        for each in command.params:
            yield from (*each.opts, str(each.name))

    names = {*parameters(get_command(app))}
    assert "--config" in names
    words = ("secret", "password", "passphrase", "token", "webhook", "private", "database-url")
    bad = [n for n in names for word in words if word in n and not n.endswith(("file", "-file"))]
    assert not bad


@pytest.mark.parametrize("name", ["DUTCHBOOK_DATABASE_URL", "dutchbook_database_url"])
def test_s03_a_password_in_a_variable_is_refused_because_children_inherit_it(
    name: str, monkeypatch: pytest.MonkeyPatch, cli: Callable[..., Any], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(name, f"postgresql://me:{DATABASE}@db/x")
    ran = cli("doctor")
    assert ran.exit_code == 3
    assert "database_url_file" in ran.output
    assert not shown([DATABASE], ran.output)


def test_s03_only_paths_of_secrets_are_settings_but_for_the_address_of_a_database() -> None:
    from app.config import Settings, _names

    words = ("secret", "password", "passphrase", "token", "webhook", "key")
    holding = [n for n in _names(Settings) if any(w in n.rpartition(".")[2] for w in words)]
    assert {n for n in holding if not n.endswith("_file")} == {"kalshi.key_id"}


def test_s03_no_child_is_given_a_secret_in_its_arguments_or_its_environment() -> None:
    """They are made of the words of a job, or of the demo, and the path of the settings."""
    found = {
        path
        for path in (ROOT / "app").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr.startswith("create_subprocess")
    }
    assert {path.name for path in found} == {"works.py", "demo.py"}
    assert not any("env=" in path.read_text() for path in found)


def test_s01_a_crash_of_ours_shows_no_locals(tmp_path: Path) -> None:
    """An error that nobody expected comes with a plain traceback: lines of our code, no values."""
    code = (
        "import app.cli, app.checkup\n"
        f"async def broken(*_, **__):\n    secret = {PASSPHRASE[::-1]!r}[::-1]\n"
        "    raise RuntimeError('a bug')\n"
        "app.checkup.doctor = broken\n"
        "import sys; sys.argv = ['dutchbook', 'doctor']; app.cli.main()"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert ran.returncode == 1
    assert "a bug" in ran.stderr
    assert not shown([PASSPHRASE], ran.stdout + ran.stderr)


async def test_s01_the_echo_of_a_venue_reaches_no_tape_and_no_error(clock: Any) -> None:
    import httpx2

    from venues import VenueError
    from venues.bucket import TokenBucket
    from venues.http import Exchange, Http
    from venues.polymarket import calls_orders as calls

    kept: list[Exchange] = []
    said = said_back([PASSPHRASE, SECRET])

    async def answer(_: httpx2.Request) -> httpx2.Response:
        await asyncio.sleep(0)
        return httpx2.Response(400, json={"error": said})

    async with Http(
        venue="polymarket",
        hosts={"": "http://sim.test"},
        clock=clock,
        bucket=TokenBucket(clock, capacity=9, refill_per_s=9),
        transport=httpx2.MockTransport(answer),
        keep=kept.append,
        hide=Hiding(PASSPHRASE, SECRET),
    ) as http:
        with pytest.raises(VenueError) as caught:
            await http.send(calls.closed_only())
    seen = str(caught.value) + repr(vars(caught.value)) + kept[0].body.decode()
    assert "(hidden)" in seen
    assert not shown([PASSPHRASE, SECRET], seen)
