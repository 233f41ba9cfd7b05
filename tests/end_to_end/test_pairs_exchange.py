"""`pairs import` and `pairs export`: a person's own files, and what they may approve."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from pair_desk import CONDITION, FOUND, ONE, TICKER, TWO, Desk

from app.store.opening import open_store
from matching.hashing import text_hash
from matching.listing import Listing
from matching.read import listing_from_row
from matching.verdict import Verdict


@pytest.fixture
def desk(tmp_path: Path, cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DUTCHBOOK_DATA_DIR", str(tmp_path / "data"))
    return Desk(tmp_path, cli)


def test_own_pairs_are_approved_where_their_texts_are_known(desk: Desk) -> None:
    desk.find()
    file = desk.folder / "mine.csv"
    file.write_text(
        "pair_id,kalshi,polymarket,relation,payout_date\n"
        f"a,{TICKER},jane-doe-2028,same,2028-11-08\nb,KXOTHER-1-A,0x2,inverted,\n"
    )
    ran = desk.pairs("import", str(file), "--by", "Ann")
    assert ran.exit_code == 0, ran.output
    assert "1 pairs approved, 1 await their texts" in ran.stdout
    assert "scan --pairs reads them" in ran.stderr
    rows = {row["kalshi"]: row for row in desk.json("list")["pairs"]}
    assert (rows[TICKER]["state"], rows[TICKER]["by"]) == ("approved", "Ann")
    assert rows["KXOTHER-1-A"]["state"] == "proposed"
    assert "its texts are not known yet" in rows["KXOTHER-1-A"]["note"]
    refused = desk.pairs("approve", rows["KXOTHER-1-A"]["pair_id"], "--yes", "--by", "Ann")
    assert refused.exit_code == 5
    assert "obody has read the rules" in refused.stderr


def test_a_persons_other_direction_stands_but_is_not_executable(desk: Desk) -> None:
    desk.find()
    file = desk.folder / "mine.csv"
    file.write_text(f"pair_id,kalshi,polymarket,relation\na,{TICKER},{CONDITION},inverted\n")
    ran = desk.pairs("import", str(file), "--by", "Ann")
    assert "you say inverted, the matcher" in ran.stderr
    (row,) = desk.json("list")["pairs"]
    assert (row["state"], row["relation"], row["executable"]) == ("approved", "inverted", False)


@pytest.mark.parametrize("name", ["out.csv", "out.json", "out.yaml"])
def test_an_export_is_read_back_by_import(desk: Desk, name: str) -> None:
    desk.find()
    assert "no approved pair" in desk.pairs("export", name).stderr
    assert not Path(name).exists()
    desk.pairs("approve", desk.id, "--yes", "--by", "Ann")
    assert desk.json("export", name)["file"] == name
    before = desk.json("list")
    desk.json("import", name, "--by", "Bob")
    assert [r["state"] for r in desk.json("list")["pairs"]] == ["approved"]
    assert desk.json("list") == before
    head, row = desk.pairs("export").stdout.splitlines()
    assert head == "pair_id,kalshi,polymarket,relation,kalshi_text,polymarket_text"
    id = before["pairs"][0]["pair_id"]
    assert row.split(",") == [id, TICKER, CONDITION, "same", text_hash(ONE), text_hash(TWO)]


EDITED: Final = replace(TWO, rules=("Resolves to Yes if Jane Doe is nominated by July.",))


@pytest.fixture
def exported(desk: Desk) -> str:
    """A file of the approved pair, and the same in a person's own format, without hashes."""
    desk.find()
    desk.pairs("approve", desk.id, "--yes", "--by", "Ann")
    desk.json("export", "out.csv")
    Path("own.csv").write_text(f"pair_id,kalshi,polymarket,relation\na,{TICKER},{CONDITION},same\n")
    return desk.id


@pytest.mark.parametrize("name", ["out.csv", "own.csv"])
@pytest.mark.parametrize("run_first", [True, False])
def test_an_import_approves_no_text_that_changed_since(
    desk: Desk, exported: str, name: str, run_first: bool
) -> None:
    if run_first:
        desk.find(EDITED)
    else:
        with open_store(desk.data) as store:
            store.see("polymarket", [EDITED], 2)
    ran = desk.pairs("import", name, "--by", "Bob")
    assert ran.exit_code == 0, ran.output
    assert "0 pairs approved, 0 await their texts, 1 await that you read their texts" in ran.stdout
    assert f"{exported} is not approved: " in ran.stderr
    assert f"Read `dutchbook pairs show {exported}`" in ran.stderr
    (row,) = desk.json("list")["pairs"]
    assert (row["state"], row["by"]) == ("revoked", "matcher")
    assert "the text at Polymarket changed" in row["note"]
    said = desk.json("import", name, "--by", "Bob")
    assert (said["approved"], [each["pair_id"] for each in said["refused"]]) == (0, [exported])


@pytest.mark.parametrize("name", ["out.csv", "own.csv"])
def test_an_import_restores_no_approval_of_a_text_that_was_changed_back(
    desk: Desk, exported: str, name: str
) -> None:
    desk.find(EDITED)
    desk.find()
    ran = desk.pairs("import", name, "--by", "Bob")
    assert "an approval of it was taken back" in ran.stderr
    assert desk.json("list")["pairs"][0]["state"] == "revoked"


@pytest.mark.usefixtures("exported")
@pytest.mark.parametrize(("two", "state"), [(TWO, "approved"), (EDITED, "proposed")])
def test_another_book_approves_only_the_texts_that_were_exported(
    desk: Desk, two: Listing, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUTCHBOOK_DATA_DIR", str(desk.folder / "other"))
    with open_store(desk.folder / "other") as store:
        store.see("kalshi", [ONE], 1)
        store.see("polymarket", [two], 1)
    ran = desk.pairs("import", "out.csv", "--by", "Bob")
    (row,) = desk.json("list")["pairs"]
    assert (row["state"], row["by"]) == (state, "Bob")
    if two is EDITED:
        assert "the text at Polymarket is not the one that was approved" in row["note"]
        assert "the text at Polymarket is not the one that was approved" in ran.stderr
    else:
        assert row["why_not"] == ["the matcher says review"], "no run has looked for rivals yet"


def test_an_import_shows_what_it_confirms_and_makes_no_rival_executable(desk: Desk) -> None:
    desk.find(found=replace(FOUND, verdict=Verdict.REVIEW))
    file = desk.folder / "mine.csv"
    file.write_text(f"pair_id,kalshi,polymarket,relation\na,{TICKER},{CONDITION},same\n")
    ran = desk.pairs("import", str(file), "--by", "Ann")
    assert "assumed, and confirmed by you: year" in ran.stderr
    assert "caution: announcement" in ran.stderr
    (row,) = desk.json("list")["pairs"]
    assert (row["state"], row["why_not"]) == ("approved", ["the matcher says review"])


def test_an_export_needs_an_ending_that_import_knows(desk: Desk) -> None:
    desk.find()
    desk.pairs("approve", desk.id, "--yes", "--by", "Ann")
    ran = desk.pairs("export", "out.txt")
    assert ran.exit_code == 2
    assert ".csv, .json or .yaml" in ran.stderr


def test_each_decision_becomes_a_regression_case_with_the_texts_that_were_read(desk: Desk) -> None:
    desk.find()
    desk.pairs("approve", desk.id, "--yes", "--by", "Ann", "--note", "read both")
    desk.find(replace(TWO, rules=("Another text.",)))
    (line,) = desk.pairs("export", "--cases").stdout.splitlines()
    case = json.loads(line)
    assert (case["relation"], case["verdict"], case["basis"]) == (
        "same",
        "accept",
        "Ann: read both",
    )
    assert case["divergences"] == ["announcement"]
    assert listing_from_row("kalshi", case["kalshi"]) == ONE
    assert listing_from_row("polymarket", case["polymarket"]) == TWO
    desk.pairs("reject", desk.id, "--by", "Ann")
    (case,) = map(json.loads, desk.pairs("export", "--cases").stdout.splitlines())
    assert (case["relation"], case["verdict"]) == ("related", "reject")
    assert case["polymarket"]["rules"] == ["Another text."]
