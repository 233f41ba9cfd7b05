"""`dutchbook hedge` as a person uses it, over real sockets to both simulated venues."""

from __future__ import annotations

import asyncio
import csv
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml
from serving import START, Serving

from app.config import load_settings
from app.wiring import open_live
from venues import ONE, Cash

Cli = Callable[..., Any]


class Person:
    """Types commands; `say` gives the JSON of one and its exit code."""

    def __init__(self, cli: Cli, settings: Path, pairs: Path) -> None:
        self.settings, self.pairs = settings, pairs
        self._cli = cli

    def type(self, *words: str) -> Any:
        return self._cli(*words, "--config", str(self.settings))

    def say(self, *words: str) -> tuple[list[Any], int]:
        ran = self.type(*words, "--json")
        return [json.loads(line) for line in ran.stdout.splitlines()], ran.exit_code

    def preview(self, pair: str, *more: str) -> dict[str, Any]:
        """Asked for again while the books of the moment leave nothing: makers move."""
        for _ in range(40):
            said, code = self.say("hedge", "preview", pair, "--pairs", str(self.pairs), *more)
            if said:
                found: dict[str, Any] = said[0]
                assert code == (5 if found["refused"] else 0)
                return found
            time.sleep(0.25)
        raise AssertionError(f"nothing is left in {pair} for ten seconds")

    def execute(self, preview: str, *more: str) -> tuple[dict[str, Any], int]:
        ran = self.type("hedge", "execute", preview, "--pairs", str(self.pairs), "--json", *more)
        return (json.loads(ran.stdout) if ran.stdout else {"said": ran.stderr}), ran.exit_code

    def hedge(self, pair: str, size: str, *more: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """A preview that held and its hedge: makers move, and then a preview does not."""
        for _ in range(6):
            preview = self.preview(pair, "--size", size)
            hedge, code = self.execute(preview["preview_id"], *more)
            if code != 5:
                assert code == 0, hedge
                return preview, hedge
            assert "price moved" in str(hedge) or hedge["outlay_micros"] == 0, hedge
        raise AssertionError(f"{pair} moved six times")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    folder = tmp_path_factory.mktemp("hedge")
    serving = Serving(folder / "sim.yaml", "--seed", "4")
    yield folder, Path(serving.said["pairs_file"])
    serving.end(signal.SIGTERM)


@pytest.fixture
def person(world: tuple[Path, Path], tmp_path: Path, cli: Cli) -> Callable[..., Person]:
    folder, pairs = world

    def make(**changed: Any) -> Person:
        settings = yaml.safe_load((folder / "sim.yaml").read_text())
        settings |= {"data_dir": str(tmp_path / "data"), "web": {"port": None}, **changed}
        (tmp_path / "config.yaml").write_text(yaml.safe_dump(settings))
        return Person(cli, tmp_path / "config.yaml", pairs)

    return make


def test_a_preview_is_executed_once_and_both_venues_agree(
    person: Callable[..., Person],
) -> None:
    ann = person()
    preview = ann.preview("nominee", "--size", "5")
    assert preview["quantity_micros"] <= 5_000_000
    assert preview["worst_micros"] == min(each["profit_micros"] for each in preview["endings"])
    said, code = ann.execute(preview["preview_id"])
    assert code == 5
    assert "type live" in said["said"]
    preview, hedge = ann.hedge("nominee", "5", "--confirm", "live")
    assert hedge["state"] == "HEDGED"
    assert hedge["unhedged_micros"] == 0
    # A leg that met nobody was bought dearer: not below the worst ending, then.
    entered = all(order["rung"] == "enter" for order in hedge["orders"])
    floor = preview["least_profit_micros" if entered else "worst_micros"]
    assert hedge["profit_micros"] >= floor
    again, _ = ann.execute(preview["preview_id"], "--confirm", "live")
    assert again["id"] == hedge["id"]
    listed, _ = ann.say("hedge", "list")
    assert [each["id"] for each in listed if each["state"] == "HEDGED"] == [hedge["id"]]
    [positions], _ = ann.say("positions")
    assert {p["venue"]: p["quantity_micros"] for p in positions["positions"]} == {
        "kalshi": hedge["matched_micros"],
        "polymarket": hedge["matched_micros"],
    }
    assert positions["differences"] == []
    [verified], code = ann.say("journal", "verify")
    assert (verified["bad"], code) == (None, 0)


def test_a_dry_run_decides_all_and_sends_nothing(person: Callable[..., Person]) -> None:
    ann = person(mode="dry_run")
    _, hedge = ann.hedge("gold", "5")
    assert hedge["state"] == "FLAT"
    assert "dry run" in hedge["orders"][0]["why"]
    assert hedge["outlay_micros"] == 0
    [account], _ = ann.say("account", "kalshi")
    assert all(p["market"] != "KXGOLD-26DEC-T1" for p in account["positions"])


def test_paper_fills_on_live_books_and_remembers(person: Callable[..., Person]) -> None:
    ann = person(mode="paper")
    _, hedge = ann.hedge("nominee", "5")
    assert hedge["state"] == "HEDGED"
    [pnl], _ = ann.say("pnl")
    assert pnl["locked_micros"] == hedge["profit_micros"]
    more = ann.preview("nominee", "--size", "5")
    assert more["mode"] == "paper"


def test_a_preview_of_paper_is_none_where_orders_are_real(person: Callable[..., Person]) -> None:
    preview = person(mode="paper").preview("nominee", "--size", "5")
    said, code = person(mode="live").execute(preview["preview_id"], "--confirm", "live")
    assert code == 5
    assert "There is no preview" in said["said"]


def test_s19_the_kill_switch_and_limits_refuse_before_anything_is_sent(
    person: Callable[..., Person],
) -> None:
    ann = person(mode="paper")
    preview = ann.preview("nominee", "--size", "5")
    assert ann.type("kill", "on", "--why", "a test").exit_code == 0
    said, code = ann.execute(preview["preview_id"])
    assert code == 5
    assert "The kill switch is on (a test)." in said["said"]
    assert ann.type("kill", "off").exit_code == 5
    assert ann.type("kill", "off", "--confirm", "off").exit_code == 0
    tight = person(mode="paper", limits={"unhedged": "0.10"})
    assert any("no twin" in each for each in tight.preview("nominee", "--size", "5")["refused"])


def test_a_run_holds_the_journal_and_others_ask_it(
    person: Callable[..., Person], world: tuple[Path, Path]
) -> None:
    ann = person(mode="paper")
    words = ["run", "--pairs", str(world[1]), "--config", str(ann.settings), "--json"]
    process = subprocess.Popen(
        [sys.executable, "-c", START, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    socket = ann.settings.parent / "data" / "hedges" / "desk.sock"
    for _ in range(200):
        if socket.exists():
            break
        time.sleep(0.1)
    _, hedge = ann.hedge("gold", "5")
    assert hedge["state"] == "HEDGED"
    _, code = ann.execute("none")
    assert code == 5
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 0, errors
    assert f"Hedge {hedge['id']}: hedged" in errors
    assert not socket.exists()


def test_a_backup_comes_back_and_closes_both_venues(
    person: Callable[..., Person], tmp_path: Path
) -> None:
    ann = person(mode="paper")
    _, hedge = ann.hedge("nominee", "5")
    copy = tmp_path / "journal.gz"
    assert ann.type("journal", "backup", str(copy)).exit_code == 0
    assert copy.stat().st_mode & 0o077 == 0
    assert ann.type("journal", "restore", str(copy)).exit_code == 0
    listed, _ = ann.say("hedge", "list")
    assert hedge["id"] in [each["id"] for each in listed]
    refused = ann.preview("gold", "--size", "5")["refused"]
    assert sum("restored from a backup" in each for each in refused) == 2
    for venue in ("kalshi", "polymarket"):
        ran = ann.type("hedge", "reopen", venue, "--confirm", venue, "--pairs", str(ann.pairs))
        assert ran.exit_code == 0, ran.output
    assert ann.preview("gold", "--size", "5")["refused"] == []


def test_the_fills_for_a_tax_form_are_whole(person: Callable[..., Person], tmp_path: Path) -> None:
    ann = person(mode="paper")
    _, hedge = ann.hedge("nominee", "5")
    file = tmp_path / "fills.csv"
    assert ann.type("pnl", "--csv", str(file)).exit_code == 0
    rows = list(csv.DictReader(file.read_text().splitlines()))
    paid = sum(round(float(r["amount"]) * 10**6) + round(float(r["fee"]) * 10**6) for r in rows)
    assert abs(paid - hedge["outlay_micros"]) <= len(rows)
    assert ann.type("pnl", "--csv", str(file)).exit_code == 3


async def _drain(settings: Path) -> None:
    """All but fifteen dollars of the shard that pays go to another."""
    async with open_live("kalshi", load_settings(settings)) as venue:
        cash = {each.pocket: each.available for each in await venue.trading.account.balances()}
        assert venue.treasury is not None
        amount = Cash(cash["0"] // 10_000 * 10_000 - 15 * ONE)
        await venue.treasury.move(amount, source="0", destination="2", about=str(uuid4()))


def test_a_preview_names_what_stands_in_and_the_cash_that_must_move_which_a_click_does_once(
    person: Callable[..., Person], tmp_path: Path
) -> None:
    ann = person()
    rows = [*csv.reader(ann.pairs.read_text().splitlines())]
    named = {row[0]: row for row in rows}
    rows.append(["holdtwo", named["fedhold"][1], named["cpi"][2], "inverted"])
    ann.pairs = tmp_path / "pairs.csv"
    ann.pairs.write_text("\n".join(",".join(row) for row in rows))
    asyncio.run(_drain(ann.settings))
    preview = ann.preview("fedhold", "--size", "5")
    stands = {(each["venue"], each["market"]) for each in preview["substitutes"]}
    assert ("polymarket", named["cpi"][2]) in stands
    (note,) = preview["notes"]
    assert note.startswith("Pocket 0 of kalshi has $15.")
    said, _ = ann.say("proposals", "--pairs", str(ann.pairs))
    (move,) = (each for each in said if each["kind"] == "move")
    assert move["id"] in note
    do = ("proposals", "do", move["id"], "--pairs", str(ann.pairs))
    assert ann.type(*do).exit_code == 5, "the word live was not typed"
    for _ in range(2):
        (done,), code = ann.say(*do, "--confirm", "live")
        assert (done["state"], code) == ("done", 0)
        assert done["amount_micros"] == move["amount_micros"]
    assert ann.say("proposals", "--pairs", str(ann.pairs)) == ([], 0)
    assert ann.type("proposals", "do", "move-none", "--confirm", "live").exit_code in {3, 5}
