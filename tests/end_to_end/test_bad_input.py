"""Every bad input: one plain sentence that says what to do, the right exit code, no traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PAIRS = "pair_id,kalshi,polymarket,relation\na,K,P,same\n"
QUOTE = {
    "ts_ms": 1,
    "received_ms": 1,
    "venue": "kalshi",
    "market": "K",
    "bid": "0.40",
    "bid_size": "1",
    "ask": None,
    "ask_size": None,
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DUTCHBOOK_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "pairs.csv").write_text(PAIRS)
    (tmp_path / "bad.csv").write_text(PAIRS + "b,K,P,opposite\n")
    (tmp_path / "quotes.jsonl").write_text(json.dumps(QUOTE) + "\n")
    (tmp_path / "bad.jsonl").write_text(json.dumps(QUOTE | {"bid": 0.4}) + "\n")
    (tmp_path / "bad.yaml").write_text("kalshi: {memebr: direct}\n")
    return tmp_path


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        ("scan", 3, "pairs find"),
        ("scan --tape nowhere.tape", 3, "--pairs"),
        ("pairs list --state sold", 2, "proposed, approved"),
        ("pairs list --verdict maybe", 2, "accept, review"),
        ("pairs show nothing", 2, "pairs list"),
        ("pairs approve nothing --yes", 2, "pairs list"),
        ("pairs reject nothing --by matcher", 2, "pairs list"),
        ("pairs import nowhere.csv", 3, "nowhere.csv"),
        ("pairs import bad.csv", 3, "line 3"),
        ("pairs import pairs.csv --by matcher", 2, "--by NAME"),
        ("pairs list --config bad.yaml", 3, "kalshi.member"),
        ("scan --pairs nowhere.csv", 3, "nowhere.csv"),
        ("scan --pairs bad.csv", 3, "line 3"),
        ("scan --pairs pairs.csv --tape nowhere.tape", 3, "nowhere.tape"),
        ("scan --pairs pairs.csv --tape quotes.jsonl", 3, "not a tape"),
        ("scan --pairs pairs.csv --record pairs.csv", 3, "pairs.csv"),
        ("scan --pairs pairs.csv --record .", 3, "cannot be written"),
        ("run --pairs pairs.csv --record pairs.csv", 3, "Nothing can be recorded in pairs.csv"),
        ("replay . --pairs pairs.csv", 3, "No tape is in ."),
        ("replay quotes.jsonl --pairs pairs.csv --delay-ms=-5", 2, "whole milliseconds"),
        ("scan --pairs pairs.csv --config bad.yaml", 3, "kalshi.member"),
        ("scan --pairs pairs.csv --config nowhere.yaml", 3, "nowhere.yaml"),
        ("scan --pairs pairs.csv --tape quotes.jsonl --member nobody", 2, "direct"),
        ("tape import bad.jsonl -o t", 3, "line 1"),
        ("tape import nowhere.jsonl -o t", 3, "nowhere.jsonl"),
        ("tape import quotes.jsonl -o no/such/folder/t", 3, "no/such/folder"),
        ("markets betfair", 2, "kalshi or polymarket"),
        ("book betfair X", 2, "kalshi or polymarket"),
        ("fees betfair 1@0.5", 2, "kalshi or polymarket"),
        ("fees kalshi 1@1.5", 2, "1@1.5"),
        ("fees kalshi 1", 2, "QUANTITY@PRICE"),
        ("fees kalshi 1@0.5 --fee-type flat", 2, "flat"),
        ("fees polymarket 1@0.5 --category hats", 2, "sports"),
        ("fees polymarket 1@0.5 --on yesterday", 2, "2026-07-05"),
    ],
)
def test_a_mistake_is_one_sentence_and_its_exit_code(
    here: Path, cli: Any, command: str, code: int, words: str
) -> None:
    ran = cli(*command.split())
    assert ran.exit_code == code, ran.output
    assert ran.stderr.count("\n") == 1
    assert words in ran.stderr
    assert ran.stdout == ""


def test_a_tape_without_the_pairs_markets_says_so(here: Path, cli: Any) -> None:
    assert cli("tape", "import", "quotes.jsonl", "-o", "t").exit_code == 0
    ran = cli("scan", "--tape", "t", "--pairs", "pairs.csv", "--json")
    assert ran.exit_code == 0
    assert ran.stdout == ""
    assert "both markets of a pair" in ran.stderr


def test_fees_are_shown_step_by_step(cli: Any) -> None:
    found = json.loads(cli("fees", "kalshi", "1@0.41", "1@0.41", "--json").stdout)
    assert [row["fee_micros"] for row in found["fills"]] == [17_000, 16_900]
    assert found["fills"][1]["carried_micros"] == 34
    assert found["fee_micros"] == 33_900 <= found["bound_micros"]
    dated = cli("fees", "polymarket", "100@0.5", "--category", "sports", "--on", "2026-07-05")
    assert "0.7500" in dated.stdout


def test_help_and_version_import_neither_http_nor_pydantic() -> None:
    program = (
        "import sys; sys.argv = ['dutchbook', '--help']\n"
        "from app.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'httpx2', 'pydantic', 'rich.table', 'yaml'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert "scan" in ran.stdout
