"""Settings: the example is the truth, and a slip of the pen gets a hint."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from app.config import Settings, _names, load_settings
from app.config_alerts import AlertSettings
from app.problem import Exit, Problem

ROOT = Path(__file__).parents[3]


def load(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    return load_settings(path)


def test_the_example_loads_names_every_setting_and_states_every_default() -> None:
    example = ROOT / "config.example.yaml"
    assert load_settings(example) == Settings()

    def flat(found: dict[str, object], before: str = "") -> list[str]:
        names = []
        for name, value in found.items():
            inner = isinstance(value, dict)
            names += flat(value, f"{before}{name}.") if inner else [before + name]  # type: ignore[arg-type]
        return names

    assert flat(yaml.safe_load(example.read_text())) == _names(Settings)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("kalshi: {memebr: direct}", "did you mean kalshi.member"),
        ("kalshy: {}", "there is no setting kalshy"),
        ("kalshi: {member: me}", "kalshi.member"),
        ("kalshi: {requests_per_s: 0}", "kalshi.requests_per_s"),
        ("kalshi: {rest: 'https://example.com/trade-api/v2'}", "not an address of the venue"),
        ("kalshi: {rest: 'http://external-api.kalshi.com/trade-api/v2'}", "https"),
        ("polymarket: {clob: 'https://clob.polymarket.com.evil.example'}", "not an address"),
        ("kalshi: {rest: 'https://external-api.kalshi.com:99999/x'}", "kalshi.rest"),
        ("kalshi: {rest: 'http://[::1'}", "kalshi.rest"),
        ("kalshi: {rest: 'ftp://localhost'}", "not an address"),
        ("polymarket: {clob: 'https://me:secret@clob.polymarket.com'}", "not an address"),
        ("polymarket: {clob: 'https://clob.polymarket.com/?a=b'}", "not an address"),
        ("polymarket: {clob: 'https://clob.polymarket.com/#a'}", "not an address"),
        ('polymarket: {clob: "https://clob.polymarket.com\\t"}', "not an address"),
        ("polymarket: {clob: 'https://evil.example\\@clob.polymarket.com'}", "not an address"),
        ("polymarket: {clob: 'https://gamma-api.polymarket.com'}", "not the venue's clob"),
        ("polymarket: {clob: 'http://127.0.0.1:8000'}", "clob is on this machine, and .* prod"),
        ("kalshi: {ws: 'ws://localhost:8000'}", "kalshi.ws is on this machine, and .* prod"),
        ("mode: live\nenvironment: prod\npolymarket: {site: 'http://[::1]:5'}", "on this machine"),
        ("kalshi: {rest: 'https://localhost@example.com'}", "not an address"),
        ("kalshi: 3", "kalshi: "),
        (
            "environment: kalshi_demo\nkalshi: {rest: 'https://external-api.kalshi.com/x'}",
            "not the",
        ),
        ("kalshi: {ws: 'wss://demo-api.kalshi.co/trade-api/ws/v2'}", "not the environment prod"),
        ("kalshi: {ws: 'https://external-api-ws.kalshi.com/trade-api/ws/v2'}", "wss and one of"),
        ("kalshi: {ws: 'ws://external-api-ws.kalshi.com/trade-api/ws/v2'}", "wss and one of"),
        ("environment: sim\nkalshi: {rest: 'https://demo-api.kalshi.co/x'}", "environment sim"),
        ("environment: sim\npolymarket: {gamma: 'https://gamma-api.polymarket.com'}", "on this"),
        ("kalshi: {key_id: abc}", "go together"),
        ("kalshi: {key_file: abc}", "go together"),
        ('kalshi: {key_id: "a\\nb", key_file: c}', "kalshi.key_id: is no id"),
        ("kalshi: {key_id: clé, key_file: c}", "kalshi.key_id: is no id"),
        ("polymarket: {funder: 0x7cae7bd093d50ac84461150f0c245b1d546206e1}", "address in quotes"),
        ("polymarket: {funder: '0x12'}", "polymarket.funder"),
        ("polymarket: {wallet: metamask}", "polymarket.wallet: .*deposit"),
        ("environment: production", "environment"),
        ("catalogue_age_h_max: 1.5", "catalogue_age_h_max"),
        ("scan: {kalshi_cash: 12.5}", r'scan.kalshi_cash: write dollars in quotes, as "250.00"'),
        ("scan: {kalshi_cash: much}", "scan.kalshi_cash: 'much' is not a plain number"),
        ("scan: {kalshi_cash: '-1'}", "scan.kalshi_cash"),
        ("scan: {kalshi_cash: '1.2345678'}", "six decimals"),
        ("- a list", "names and values"),
        ("1: a number", "names and values"),
        ("a: [b", "cannot be read"),
        ("[" * 9_999, "cannot be read"),
        ("kalshi: {member: direct}\nkalshi: {requests_per_s: 2}", "kalshi stands there twice"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_do(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(Problem, match=words) as caught:
        load(tmp_path, text)
    assert caught.value.code is Exit.BAD_FILE


@pytest.mark.parametrize(
    "text",
    [
        "polymarket: {key_file: '0xKEY'}",
        "polymarket: {key_file: ' KEY '}",
        "polymarket: {key_file: KEYKEY}",
        "polymarket: {wallet: '0xKEY'}",
        "polymarket: {funder: '0xKEY'}",
        "polymarket: {private_key: '0xKEY'}",
        "kalshi: {key_id: a, key_file: '-----BEGIN A-----KEY'}",
        "kalshi: {key_id: '-----BEGIN A-----KEY', key_file: a}",
        "kalshi: {key_id: KEY, key_file: a}",
    ],
)
def test_a_key_that_stands_in_the_settings_is_refused_and_not_shown(
    tmp_path: Path, text: str
) -> None:
    with pytest.raises(Problem) as caught:
        load(tmp_path, text.replace("KEY", "c0ffee" * 10 + "c0de"))
    assert "c0ffee" not in str(caught.value).lower()


@pytest.mark.parametrize("environment", ["sim", "kalshi_demo"])
def test_loopback_addresses_are_taken_for_simulated_venues(
    tmp_path: Path, environment: str
) -> None:
    rest = "kalshi: {rest: 'http://127.0.0.1:8000/trade-api/v2/'}"
    found = load(tmp_path, f"environment: {environment}\n{rest}")
    assert found.kalshi.rest == "http://127.0.0.1:8000/trade-api/v2"


def test_s13_each_environment_has_its_own_addresses(tmp_path: Path) -> None:
    assert "elections" not in load(tmp_path, "{}").kalshi_rest
    demo = load(tmp_path, "environment: kalshi_demo")
    assert urlsplit(demo.kalshi_rest).hostname == "external-api.demo.kalshi.co"
    assert urlsplit(demo.kalshi_ws).hostname == "external-api-ws.demo.kalshi.co"
    sim = load(tmp_path, "environment: sim\nkalshi: {rest: 'http://localhost:5/trade-api/v2'}")
    assert sim.kalshi_rest == "http://localhost:5/trade-api/v2"
    with pytest.raises(Problem, match="sim serve"):
        assert sim.kalshi_ws


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("mode: live", {}),
        ("environment:\nmode: live", {}),
        ("environment: prod", {"DUTCHBOOK_MODE": "live"}),
        ("{}", {"DUTCHBOOK_MODE": "live", "DUTCHBOOK_ENVIRONMENT": "prod"}),
        ("environment: kalshi_demo\nmode: live", {"DUTCHBOOK_ENVIRONMENT": "prod"}),
    ],
)
def test_s11_live_is_said_in_the_file_with_its_environment_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, variables: dict[str, str]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Problem, match="no variable and no default"):
        load(tmp_path, text)


def test_a_variable_may_take_live_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(tmp_path, "environment: kalshi_demo\nmode: live").mode == "live"
    monkeypatch.setenv("DUTCHBOOK_MODE", "dry_run")
    assert load(tmp_path, "environment: kalshi_demo\nmode: live").mode == "dry_run"


def test_variables_that_resemble_no_setting_are_somebody_elses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("DUTCHBOOK_SHARED", "DUTCHBOOK_REQUIRE_SHARED", "DUTCHBOOK"):
        monkeypatch.setenv(name, "/tmp")
    assert load_settings(None) == Settings()


def test_nothing_is_sent_until_the_settings_say_live() -> None:
    assert Settings().mode == "dry_run"


def test_cash_is_exact_and_none_is_no_limit(tmp_path: Path) -> None:
    found = load(tmp_path, "scan: {kalshi_cash: '250.10'}")
    assert found.scan.cash("kalshi") == 250_100_000
    assert found.scan.cash("polymarket") is None


@pytest.mark.parametrize("text", ["", "# all by default", "scan:\n  # kalshi_cash: null\n"])
def test_a_section_whose_lines_are_all_comments_is_the_default(tmp_path: Path, text: str) -> None:
    assert load(tmp_path, text) == Settings()


def test_the_environment_beats_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUTCHBOOK_KALSHI__MEMBER", "direct")
    monkeypatch.setenv("DUTCHBOOK_SCAN__KALSHI_CASH", "250.10")
    found = load(tmp_path, "kalshi: {member: unknown, requests_per_s: 2}")
    assert (found.kalshi.member, found.kalshi.requests_per_s) == ("direct", 2)
    assert found.scan.cash("kalshi") == 250_100_000


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("DUTCHBOOK_KALSHI__MEMBR", "direct", "did you mean kalshi.member"),
        ("DUTCHBOOK_MDOE", "dry_run", "no setting DUTCHBOOK_MDOE; did you mean mode"),
        ("dutchbook_enviroment", "sim", "did you mean environment"),
        ("DUTCHBOOK_POLYMARKT__WALLET", "eoa", "did you mean polymarket"),
        ("DUTCHBOOK_POLYMARKET__CLOB", "http://127.0.0.1:9", "on this machine"),
        ("DUTCHBOOK_KALSHI", "direct", "The environment, DUTCHBOOK_…: .*kalshi"),
        ("DUTCHBOOK_CONFIG", "nowhere.yaml", r"nowhere\.yaml cannot be read"),
    ],
)
def test_a_slip_in_the_environment_is_named_too(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Problem, match=words):
        load_settings(None)


def test_a_named_file_must_be_there_and_the_usual_one_need_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings(None) == Settings()
    with pytest.raises(Problem, match=r"nowhere\.yaml") as caught:
        load_settings(Path("nowhere.yaml"))
    assert caught.value.code == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{name: a, edge_bps: 5}", "a rule has no edge_bps; did you mean edge_bps_min?"),
        ("{name: A b}", "alerts.rules.0.name"),
        ("{name: a, quiet: 22-7}", 'quiet is written "22:00-07:00"'),
        ('{name: a, quiet: "07:00-07:00"}', "would hold for ever"),
        ('{name: a, quiet: "22:00-07:00", time_zone: Mars/Base}', "write it as Europe/Berlin"),
        ("{name: a, digest: 3d}", 'digest is how often, "1m" to "24h"'),
        ("{name: a, channels: [email]}", "set up alerts.email, or take it out"),
        ("{name: a}, {name: a}", "two rules are called a"),
        ("{name: a, states: [approved]}", "alerts.rules.0.states.0"),
        ("{name: a, size_min: 0.5}", "write contracts in quotes"),
    ],
)
def test_a_slip_in_a_rule_says_what_to_do(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"alerts: {{rules: [{text}]}}")
    with pytest.raises(Problem, match=re.escape(words)):
        load_settings(path)


def test_the_rules_of_the_example_can_be_used_as_they_stand() -> None:
    lines = (ROOT / "config.example.yaml").read_text().splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("  #   - name: large"))
    end = next(n for n, line in enumerate(lines) if line.startswith("  rules: []"))
    found = yaml.safe_load("\n".join(line.removeprefix("  #") for line in lines[start:end]))
    email = {"host": "h", "sender": "a@b.c", "recipients": ["a@b.c"]}
    told = AlertSettings.model_validate(
        {"rules": found, "email": email, "slack": {"webhook_file": "./hook"}}
    )
    large, rest = told.as_rules()
    assert (large.size_min, large.profit_min, large.edge_bps_min) == (50_000_000, 25_000_000, 100)
    assert large.quiet is not None
    assert (rest.digest_ms, rest.edge_bps_min) == (1_800_000, 50)
