"""`dutchbook account polymarket` and its kin, as a person meets them."""

from __future__ import annotations

import asyncio
import csv
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from serving import Serving

from app.config import load_settings
from app.problem import Exit
from app.wiring import open_trading
from venues import (
    Contract,
    OrderRequest,
    OrderState,
    Outcome,
    Price,
    Quantity,
    Side,
    TimeInForce,
    micros,
)

KINDS: Final = ("eoa", "proxy", "safe", "deposit")


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    found = Serving(tmp_path_factory.mktemp("sim") / "sim.yaml", "--seed", "4")
    yield found
    folder = Path(found.said["polymarket"]["accounts"][0]["private_key_file"]).parent
    assert found.end(signal.SIGTERM) == 0
    assert not folder.exists()


def written(serving: Serving, folder: Path, **changes: Any) -> str:
    """The settings that `sim serve` wrote, with other ones for Polymarket."""
    settings = yaml.safe_load(serving.settings.read_text())
    settings["polymarket"] |= changes
    config = folder / "config.yaml"
    config.write_text(yaml.safe_dump(settings))
    return str(config)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_wallet_shows_its_cash(
    serving: Serving, cli: Callable[..., Any], tmp_path: Path, kind: str
) -> None:
    account = serving.said["polymarket"]["accounts"][KINDS.index(kind)]
    assert account["signature_type"] == KINDS.index(kind)
    config = written(serving, tmp_path, wallet=kind, key_file=account["private_key_file"])
    ran = cli("account", "polymarket", "--config", config, "--json")
    assert (ran.exit_code, ran.stderr) == (Exit.DONE, "")
    found = json.loads(ran.stdout)
    assert (found["schema"], found["venue"]) == ("dutchbook.account/1", "polymarket")
    assert found["balances"] == [{"pocket": "", "available_micros": 1_000_000_000}]
    assert found["positions"] == found["orders"] == []
    for_people = cli("account", "polymarket", "--config", config)
    assert "SIM" in for_people.stdout
    assert "$1000.00" in for_people.stdout


def test_the_doctor_names_the_wallet_and_where_the_venue_sees_us(
    serving: Serving, cli: Callable[..., Any]
) -> None:
    ran = cli("doctor", "--json", "--config", str(serving.settings))
    checks = {each["name"]: each for each in json.loads(ran.stdout)["checks"]}
    wallet = serving.said["polymarket"]["accounts"][3]["address"]
    assert checks["polymarket wallet"]["found"] == f"deposit {wallet}, $1000.00 free"
    assert checks["polymarket access"]["state"] == "ok"
    assert "may trade" in checks["polymarket access"]["found"]


def test_another_wallet_than_the_keys_own_is_empty_and_not_ours(
    serving: Serving, cli: Callable[..., Any], tmp_path: Path
) -> None:
    """As whoever mistook the funder meets it: the venue tells the cash of the key's own wallet."""
    config = written(serving, tmp_path, funder="0x" + "12" * 20)
    ran = cli("doctor", "--config", config, "--json")
    assert ran.exit_code == Exit.DONE
    checks = {each["name"]: each for each in json.loads(ran.stdout)["checks"]}
    assert checks["polymarket wallet"]["state"] == "warn"
    assert "check polymarket.funder" in checks["polymarket wallet"]["advice"]


def test_the_wrong_kind_of_wallet_is_empty_and_the_doctor_says_what_that_may_mean(
    serving: Serving, cli: Callable[..., Any], tmp_path: Path
) -> None:
    ran = cli("doctor", "--config", written(serving, tmp_path, wallet="safe"), "--json")
    checks = {each["name"]: each for each in json.loads(ran.stdout)["checks"]}
    assert "$0.00 free" in checks["polymarket wallet"]["found"]
    assert "polymarket.wallet" in checks["polymarket wallet"]["advice"]
    assert "mode live" in checks["settings"]["found"]


@pytest.mark.parametrize(
    "words", [("account", "predictit"), ("book", "predictit", "x", "--watch"), ("book", "x", "y")]
)
def test_no_venue_answers_for_another_name(
    serving: Serving, cli: Callable[..., Any], words: tuple[str, ...]
) -> None:
    ran = cli(*words, "--config", str(serving.settings))
    assert (ran.exit_code, ran.stdout) == (Exit.WRONG_USAGE, "")
    assert "kalshi or polymarket" in ran.stderr


def test_a_mistyped_funder_is_named_as_such(
    serving: Serving, cli: Callable[..., Any], tmp_path: Path
) -> None:
    typo = serving.said["polymarket"]["accounts"][3]["address"].swapcase().replace("0X", "0x")
    ran = cli("account", "polymarket", "--config", written(serving, tmp_path, funder=typo))
    assert ran.exit_code == Exit.BAD_FILE
    assert "polymarket.funder" in ran.stderr
    assert "mistyped" in ran.stderr


@pytest.mark.parametrize(
    ("text", "says"),
    [("nonsense", "64 hex digits"), ("0x" + "00" * 32, "64 hex digits"), (None, "cannot be read")],
)
def test_a_key_that_is_none_is_said_in_one_sentence(
    serving: Serving, cli: Callable[..., Any], tmp_path: Path, text: str | None, says: str
) -> None:
    tmp_path.chmod(0o700)
    file = tmp_path / "wallet.key"
    if text is not None:
        file.touch(mode=0o600)
        file.write_text(text)
    config = written(serving, tmp_path, key_file=str(file))
    ran = cli("account", "polymarket", "--config", config)
    assert ran.exit_code == Exit.BAD_FILE
    assert ran.stderr.count("\n") == 1
    assert says in ran.stderr
    assert (text or "x" * 99) not in ran.stderr


def test_a_key_file_that_others_can_read_is_refused(
    serving: Serving, cli: Callable[..., Any], tmp_path: Path
) -> None:
    tmp_path.chmod(0o700)
    file = tmp_path / "wallet.key"
    file.write_text("ab" * 32)
    file.chmod(0o644)
    config = written(serving, tmp_path, key_file=str(file))
    ran = cli("account", "polymarket", "--config", config)
    assert ran.exit_code == Exit.BAD_FILE
    assert f"chmod 600 {file}" in ran.stderr


def test_a_book_is_watched_without_any_key(
    serving: Serving, cli: Callable[..., Any], tmp_path: Path
) -> None:
    config = written(serving, tmp_path, key_file=None)
    words = ("book", "polymarket", "fedhold-10", "--watch", "--lines", "2", "--depth", "1")
    ran = cli(*words, "--json", "--config", config)
    assert ran.exit_code == Exit.DONE
    assert "streaming" in ran.stderr
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    assert {line["schema"] for line in lines} == {"dutchbook.book/1"}
    assert lines[-1]["fault"] is None
    assert 0 not in {line[name] for line in lines for name in ("received_ms", "confirmed_ms")}
    assert lines[-1]["bids"]
    shown = cli(*words, "--config", config).stdout
    assert len(shown.splitlines()) == 2
    assert "00:00:00.000" not in shown  # not before anything came


def test_who_reads_a_watch_may_leave_it(serving: Serving, tmp_path: Path) -> None:
    config = written(serving, tmp_path, key_file=None)
    words = ("book", "polymarket", "fedhold-10", "--watch", "--json", "--config", config)
    with subprocess.Popen(
        [sys.executable, "-c", "from app.cli import main; main()", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as watching:
        assert watching.stdout
        assert watching.stderr
        assert json.loads(watching.stdout.readline())["schema"] == "dutchbook.book/1"
        watching.stdout.close()
        assert watching.wait(60) == Exit.DONE
        assert watching.stderr.read().count("\n") == 1  # which market, and how to end it


def test_a_scan_of_the_worlds_own_pairs_runs_as_printed(
    serving: Serving, cli: Callable[..., Any]
) -> None:
    words = ("scan", "--pairs", serving.said["pairs_file"], "--config", str(serving.settings))
    ran = cli(*words, "--json")
    assert ran.exit_code == Exit.DONE
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(lines) == 12
    assert any(line["legs"] for line in lines)
    assert all(line["reason"] != "unknown_market" for line in lines)


def first_market(serving: Serving) -> str:
    rows = Path(serving.said["pairs_file"]).read_text().splitlines()
    return next(csv.DictReader(rows))["polymarket"]


async def test_an_order_of_a_script_shows_in_the_account_until_it_is_canceled(
    serving: Serving, cli: Callable[..., Any]
) -> None:
    settings = load_settings(serving.settings)
    market = first_market(serving)
    request = OrderRequest(
        client_id="from-a-script",
        contract=Contract("polymarket", market, Outcome.YES),
        side=Side.BUY,
        limit=Price(micros("0.05")),
        quantity=Quantity(micros("10")),
        time_in_force=TimeInForce.RESTING,
    )
    words = ("account", "polymarket", "--config", str(serving.settings), "--json")
    async with open_trading("polymarket", settings) as trading:
        order = await trading.place(request)
        ran = await asyncio.to_thread(cli, *words)
        (shown,) = json.loads(ran.stdout)["orders"]
        assert shown == {
            "order_id": order.order_id,
            "client_id": None,  # another process knows the order by its hash alone
            "market": market,
            "outcome": "yes",
            "side": "buy",
            "limit_micros": 50_000,
            "quantity_micros": 10_000_000,
            "filled_micros": 0,
            "fee_micros": None,
            "state": "acked",
        }
        assert json.loads(ran.stdout)["balances"][0]["available_micros"] == 999_500_000
        assert (await trading.cancel(order)).state is OrderState.CANCELED
    ran = await asyncio.to_thread(cli, *words)
    assert json.loads(ran.stdout)["orders"] == []
