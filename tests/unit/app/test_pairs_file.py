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
    "date": (broken(payout_date="19 July"), "payout_date"),
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


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("p.csv", "", "holds no pair"),
        ("p.csv", "pair_id,kalshi,polymarket,relation\n", "holds no pair"),
        ("p.csv", CSV.replace("kalshi_tick", "kalshi_tik"), "no such field"),
        ("p.csv", CSV + "a,b,c,same,,,,,too many\n", "line 3"),
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
