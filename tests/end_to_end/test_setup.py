"""`dutchbook init` and `dutchbook doctor`, as somebody meets them on the first day."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from canaries import WALLET

from app.checkup_machine import machine
from app.checkup_venues import _cash, _scopes, _skew, fees
from app.config import KalshiSettings, Settings, load_settings
from app.initial import WHO, example, settings_text
from app.problem import Exit
from app.simulated import settings_of
from app.wiring_sim import serve_simulated
from venues import Balance, Cash

Cli = Callable[..., Any]
STATES: Final = {"ok", "warn", "bad"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder of somebody who has nothing, and whose files others could read."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    before = os.umask(0)
    yield tmp_path
    os.umask(before)


def doctors(cli: Cli, *words: str) -> tuple[dict[str, dict[str, str]], int]:
    ran = cli("doctor", "--json", *words)
    said = json.loads(ran.stdout)
    assert said["schema"] == "dutchbook.doctor/1"
    for each in said["checks"]:
        assert [*each] == ["name", "state", "found", "advice"]
        assert each["state"] in STATES
        assert each["found"]
        assert each["advice"] or each["state"] == "ok" or "clock" in each["name"]
    assert "Traceback" not in ran.output
    return {each["name"]: each for each in said["checks"]}, ran.exit_code


# init


def test_init_in_an_empty_folder_writes_settings_that_load_and_are_private(
    home: Path, cli: Cli
) -> None:
    ran = cli("init")
    assert (ran.exit_code, ran.stderr) == (Exit.DONE, "")
    config, data = home / "config.yaml", home / ".local/share/dutchbook"
    assert load_settings(config) == Settings()
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert "dutchbook doctor" in ran.stdout
    for place in ("US", "GB", "DE", "FR", "AU"):
        assert place in WHO
    assert " ".join(WHO.split()[:12]) in " ".join(ran.stdout.split())


def test_init_takes_all_of_it_as_flags_and_says_what_is_missing(home: Path, cli: Cli) -> None:
    (home / "keys").mkdir()
    words = (
        *("--environment", "kalshi_demo", "--mode", "paper", "--data-dir", "d", "-o", "mine.yaml"),
        *("--kalshi-key-id", "an-id", "--kalshi-key-file", "./keys/k.pem"),
        *("--polymarket-key-file", "./keys/w", "--polymarket-wallet", "safe"),
        *("--slack-webhook-file", "./hook", "--mail-host", "smtp.example.com"),
        *("--mail-from", "a@example.com", "--mail-to", "b@example.com"),
        *("--mail-user", "me", "--mail-password-file", "./keys/p", "--json"),
    )
    ran = cli("init", *words)
    said = json.loads(ran.stdout)
    assert said["schema"] == "dutchbook.init/1"
    assert (said["environment"], said["mode"]) == ("kalshi_demo", "paper")
    assert len([each for each in said["notes"] if "not there yet" in each]) == 4
    assert "dutchbook doctor --config mine.yaml" in said["next"]
    found = load_settings(home / "mine.yaml")
    assert found.kalshi.key_file == Path("keys/k.pem")
    assert found.polymarket.wallet == "safe"
    assert found.alerts.slack.webhook_file == Path("hook")
    assert found.alerts.email.recipients == ("b@example.com",)
    assert (home / "mine.yaml").read_text().count("# ") > 40


@pytest.mark.parametrize("is_link", [False, True])
def test_init_never_overwrites_even_what_a_link_names(home: Path, cli: Cli, is_link: bool) -> None:
    config = home / "config.yaml"
    if is_link:
        config.symlink_to(home / "elsewhere.yaml")
    else:
        config.write_text("mode: paper\n")
    ran = cli("init")
    assert ran.exit_code == Exit.BAD_FILE
    assert "nothing was changed" in ran.stderr
    assert not (home / ".local").exists()
    assert is_link or config.read_text() == "mode: paper\n"
    assert not (home / "elsewhere.yaml").exists()


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ("--mode live", 2, "yours to write"),
        ("--mode quick", 3, "mode"),
        ("--environment moon", 3, "environment"),
        ("--venue predictit", 2, "kalshi or polymarket"),
        ("--kalshi-key-id a", 3, "go together"),
        ("--mail-host smtp.example.com", 3, "email.recipients"),
        (f"--polymarket-key-file {WALLET}", 3, "key itself"),
        (f"--slack-webhook-file https://hooks.slack.com/{WALLET}", 3, "secret itself"),
        (f"--mail-user me --mail-password-file {WALLET}", 3, "must be the path"),
        ("-o nowhere/config.yaml", 3, "cannot be written"),
    ],
)
def test_what_init_cannot_write_is_said_and_nothing_is_left(
    home: Path, cli: Cli, words: str, code: int, says: str
) -> None:
    ran = cli("init", *words.split())
    assert (ran.exit_code, ran.stdout) == (code, "")
    assert says in ran.stderr
    assert WALLET not in ran.output
    assert not [*home.glob("*.yaml")]


def test_the_settings_that_init_writes_are_the_example_but_for_what_was_said() -> None:
    made = settings_text({"kalshi.member": "direct", "alerts.email.port": 25}).splitlines()
    before = example().splitlines()
    before = before[before.index("") :]
    assert len(made) == len(before) + 1
    other = [(a, b) for a, b in zip(before, made[1:], strict=True) if a != b]
    assert other == [
        ("  member: unknown", '  member: "direct"'),
        ("    port: 587", "    port: 25"),
    ]


# doctor


def test_s20_the_doctor_of_nothing_at_all_says_what_to_do(home: Path, cli: Cli) -> None:
    """No settings, no folder, no network: names of venues cannot even be looked up here."""
    (home / "config.yaml").write_text("environment: sim\n")
    (home / "config.yaml").chmod(0o600)
    found, code = doctors(cli)
    assert code == Exit.DONE
    assert {"python", "sqlite", "disk", "limits", "journal", "fees", "alerts"} <= {*found}
    assert "sim serve" in found["kalshi"]["found"]
    assert not [*home.glob(".local/**/*")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("kalshi: {memebr: a}", "kalshi.member"),
        ("kalshi: [", "line"),
        ("web: {host: 0.0.0.0}", "token_file"),
    ],
)
def test_s20_the_doctor_of_broken_settings_still_looks_at_the_machine(
    home: Path, cli: Cli, text: str, says: str
) -> None:
    (home / "config.yaml").write_text(text)
    found, code = doctors(cli)
    assert code == Exit.BAD_FILE
    assert found["settings"]["state"] == "bad"
    assert says in found["settings"]["found"]
    assert found["sqlite"]["state"] == "ok"


def test_s20_the_doctor_of_half_a_set_up_names_each_file_and_what_mends_it(
    home: Path, cli: Cli
) -> None:
    (home / "k.pem").write_text("no key")
    (home / "data").mkdir(mode=0o755)
    settings = {
        "environment": "sim",
        "data_dir": str(home / "data"),
        "kalshi": {"key_id": "a", "key_file": str(home / "k.pem"), "rest": "http://127.0.0.1:9"},
        "polymarket": {"key_file": str(home / "none")},
        "alerts": {
            "email": {
                "host": "127.0.0.1",
                "port": 9,
                "security": "none",
                "sender": "a@example.com",
                "recipients": ["b@example.com"],
            }
        },
        "limits": {"order": "500"},
    }
    (home / "config.yaml").write_text(yaml.safe_dump(settings))
    (home / "config.yaml").chmod(0o666)
    found, code = doctors(cli)
    assert code == Exit.PARTIAL
    assert "Run: chmod" in found["kalshi.key_file"]["found"]
    assert "cannot be read" in found["polymarket.key_file"]["found"]
    assert found["settings file"]["advice"].startswith("chmod 600")
    assert found["data folder"]["advice"].startswith("chmod 700")
    assert found["limits"]["state"] == "warn"
    assert found["alerts by email"]["state"] == found["kalshi"]["state"] == "bad"
    assert found["kalshi key"]["state"] == found["polymarket wallet"]["state"] == "bad"
    assert "ms until" in found["disk sync"]["found"]


def test_s20_a_damaged_journal_is_found(tmp_path: Path, clock: Any) -> None:
    settings = Settings(data_dir=tmp_path)
    (tmp_path / "hedges").mkdir()
    (tmp_path / "hedges/dutchbook.db").write_bytes(b"nonsense" * 999)
    checks = {each.name: each for each in machine(settings, None, clock)}
    assert checks["journal"].state == "bad"
    assert "Nothing is sent" in checks["journal"].advice


@pytest.fixture
async def served() -> AsyncIterator[Any]:
    async with serve_simulated(kalshi_port=0, polymarket_port=0, seed=4) as found:
        yield found


@pytest.mark.parametrize("how", ["blocked", "closed", "may", "no wallet"])
async def test_s20_the_doctor_says_whether_positions_may_be_opened(
    served: Any, tmp_path: Path, clock: Any, how: str
) -> None:
    from app.checkup_venues import wallet

    app, account = served.polymarket.app, served.polymarket.accounts[-1]
    if how in {"blocked", "no wallet"}:
        app.shelf.geoblock.update(blocked=True, country="US", region="NY")
    if how == "closed":
        app.house.wallets.close_only(account.address)
    told: dict[str, Any] = settings_of(served)
    if how == "no wallet":
        del told["polymarket"]["key_file"]
    checks = {each.name: each for each in await wallet(Settings(**told), clock)}
    access = checks["polymarket access"]
    assert access.state == ("ok" if how == "may" else "warn")
    assert ("stays so" in access.advice) == (how != "may")
    assert ("US NY" in access.found) == (how in {"blocked", "no wallet"})


def test_s20_scopes_cash_clock_and_age_of_fees_are_judged(clock: Any) -> None:
    live = Settings(environment="sim", mode="live", kalshi=KalshiSettings())
    dry = Settings()
    assert _scopes(("read",), live).state == "bad"
    assert "less for a thief" in _scopes(("read", "write"), live).advice
    assert _scopes(("read", "write::trade"), live).advice == ""
    assert "read alone" in _scopes(("read", "write"), dry).advice
    assert _scopes(None, live).state == "ok"
    little = (Balance(venue="kalshi", pocket="2", available=Cash(5)),)
    assert "limits.order" in _cash(little, live).advice
    assert _skew("kalshi", 3_000).state == "warn"
    assert "NTP" in _skew("kalshi", -3_000).advice
    assert fees(clock).state == "ok"


async def test_s20_fees_that_nobody_compared_for_long_are_said(clock: Any) -> None:
    await clock.sleep_ms(90 * 86_400_000)
    assert fees(clock).state == "warn"
