"""Pairs files: three forms, one meaning, and a bad row named by its line."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from app.pairs_file import load_pairs
from app.problem import Exit, Problem
from matching.pairs import Relation

ROW = {
    "pair_id": "a",
    "kalshi": "KX-1",
    "polymarket": "0x12",
    "relation": "inverted",
    "kalshi_tick": "0.001",
    "polymarket_fee_rate": "0.07",
    "polymarket_min_size": "5",
    "payout_date": "2026-07-19",
}
CSV = ",".join(ROW) + "\n" + ",".join(ROW.values()) + "\n"
YAML = "- " + "\n  ".join(f"{name}: {value}" for name, value in ROW.items()) + "\n"
FORMS = {
    "p.csv": CSV,
    "p.json": json.dumps([ROW], indent=1),
    "p.yaml": YAML,
    "bom.csv": "\ufeff" + CSV,
    "excel.csv": CSV.replace("\n", ",,\r\n") + ",,,,,,,,,\r\n",
    "tabs.json": json.dumps([ROW], indent="\t"),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_reads_the_same_and_exactly(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(FORMS[name], encoding="utf-8")
    (row,) = load_pairs(path)
    assert row.pair().relation is Relation.INVERTED
    assert row.pair().one == ("kalshi", "KX-1")
    assert row.polymarket_fee_rate == Decimal("0.07")
    assert row.kalshi_tick == 1_000
    assert row.polymarket_min_size == 5_000_000
    assert row.payout_date == date(2026, 7, 19)
    assert row.kalshi_fee_rate is None


def broken(**changes: str) -> dict[str, str]:
    return {**ROW, "pair_id": "b", **changes}


BAD = {
    "relation": (broken(relation="opposite"), "relation: "),
    "rate": (broken(polymarket_fee_rate="much"), "is not a number"),
    "negative": (broken(polymarket_fee_rate="-1"), "0 or more"),
    "tick": (broken(kalshi_tick="0"), "kalshi_tick"),
    "decimals": (broken(kalshi_tick="0.0000001"), "six decimals"),
    "date": (broken(payout_date="19 July"), "payout_date: is not a date like 2026-07-19"),
    "moment": (broken(payout_date="1784419200"), "payout_date: is not a date"),
    "double": (ROW, "already stands in line"),
    "empty name": (broken(kalshi=""), "kalshi: is missing"),
}


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("form", ["csv", "json", "yaml"])
def test_a_bad_row_is_named_by_its_line(tmp_path: Path, case: str, form: str) -> None:
    row, words = BAD[case]
    path = tmp_path / f"p.{form}"
    if form == "csv":
        text, line = CSV + ",".join(row.values()) + "\n", 3
    elif form == "json":
        text, line = f"[{json.dumps(ROW)},\n{json.dumps(row)}]", 2
    else:
        quoted = "\n  ".join(f"{name}: '{value}'" for name, value in row.items())
        text, line = f"{YAML}- {quoted}\n", 9
    path.write_text(text)
    with pytest.raises(Problem, match=f"line {line}: ") as caught:
        load_pairs(path)
    assert words in str(caught.value)
    assert caught.value.code is Exit.BAD_FILE


def test_a_rate_in_yaml_is_the_text_that_stands_there(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(YAML.replace("0.07", "0.070000000000000000001"))
    (row,) = load_pairs(path)
    assert row.polymarket_fee_rate == Decimal("0.070000000000000000001")


def test_a_separator_of_lines_inside_a_cell_ends_no_row(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text(CSV + CSV.splitlines()[1].replace("a,", '"b\u2028\n2",', 1), encoding="utf-8")
    assert [row.pair_id for row in load_pairs(path)] == ["a", "b\u2028\n2"]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"nowhere\.csv cannot be read"):
        load_pairs(tmp_path / "nowhere.csv")


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("p.csv", "", "holds no pair"),
        ("p.csv", "pair_id,kalshi,polymarket,relation\n", "holds no pair"),
        ("p.csv", CSV.replace("kalshi_tick", "kalshi_tik"), "no such field"),
        ("p.csv", CSV + "a,b,c,same,,,,,too many\n", "line 3: too many cells"),
        ("p.csv", CSV + '"' + "x" * 200_000, "line 3: field larger than"),
        ("p.csv", CSV.replace("kalshi_tick", "kalshi"), "line 2: kalshi stands there twice"),
        ("p.yaml", YAML + "  kalshi: KX-2\n", "line 1: kalshi stands there twice"),
        ("p.yaml", "- {[a]: b}", "line 1: a plain value"),
        ("p.yaml", "- &a {pair_id: *a}", "line 1: a plain value"),
        ("p.json", "[" * 100_000, "neither JSON nor YAML"),
        ("p.yaml", "- {" + "pair_id: a, kalshi: b, polymarket: c}", "relation: is missing"),
        ("p.yaml", "- {a: [b", "neither JSON nor YAML"),
        ("p.yaml", "just words", "a list of pairs"),
        ("p.json", '["words"]', "named fields"),
        ("p.json", '[{"pair_id": ["a"]}]', "a plain value"),
        ("p.csv", "\x00\xff", "p.csv"),
    ],
)
def test_a_file_of_another_kind_is_refused_in_words(
    tmp_path: Path, name: str, text: str, words: str
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="latin-1")
    with pytest.raises(Problem, match=words):
        load_pairs(path)
