"""The pair book by its commands, over a real file: as a person works with it."""

from __future__ import annotations

import io
import json
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from rich.console import Console

from app.config import load_settings
from app.pair_source import pairs_to_scan
from app.pairs_show import gather, marked, print_pair
from app.store.opening import NAME, open_store, read_store
from matching.hashing import text_hash
from matching.keeping import Counts, keep
from matching.listing import Listing
from matching.pairs import MarketKey, Relation
from matching.read import listing_from_row
from matching.verdict import Agreement, Divergence, Evidence, Judgement, Severity, Verdict

TICKER: Final = "KXPRESNOMR-28-JDOE"
CONDITION: Final = "0x" + "cd" * 32
ONE: Final = listing_from_row(
    "kalshi",
    {
        "ticker": TICKER,
        "title": "Will Jane Doe be the Republican nominee for President in 2028?",
        "rules_primary": "If Jane Doe wins the 2028 Republican nomination, then Yes.",
        "rules_secondary": "A nominee is who the party names at its convention.",
        "strike_type": "custom",
    },
)
TWO: Final = listing_from_row(
    "polymarket",
    {
        "conditionId": CONDITION,
        "question": "Will Jane Doe win the 2028 Republican presidential nomination?",
        "slug": "jane-doe-2028",
        "outcomes": '["Yes", "No"]',
        "description": "Resolves to Yes if Jane Doe accepts the nomination\nof the Republicans.",
    },
)
FOUND: Final = Judgement(
    kalshi=MarketKey("kalshi", TICKER),
    polymarket=MarketKey("polymarket", CONDITION),
    relation=Relation.SAME,
    verdict=Verdict.ACCEPT,
    score=0.99,
    assumed=("year",),
    evidence=(Evidence("subject", Agreement.AGREE, "Jane Doe", "Jane Doe"),),
    divergences=(
        Divergence("announcement", Severity.CAUTION, "names at its convention", "accepts the"),
    ),
)


class Desk:
    """A person with a book of one pair."""

    def __init__(self, folder: Path, cli: Callable[..., Any]) -> None:
        self.folder = folder
        self.data = folder / "data"
        self._cli = cli

    def find(self, two: Listing = TWO, found: Judgement = FOUND) -> Counts:
        """What a run of the matcher does to the book."""
        listings = {found.kalshi: ONE, found.polymarket: two}
        with open_store(self.data) as store:
            store.see("kalshi", [ONE], 1)
            store.see("polymarket", [two], 1)
            return keep([found], listings, store, at_ms=1)

    def pairs(self, *args: str) -> Any:
        return self._cli("pairs", *args)

    def json(self, *args: str) -> Any:
        ran = self.pairs(*args, "--json")
        assert ran.exit_code == 0, ran.output
        return json.loads(ran.stdout)

    @property
    def id(self) -> str:
        found: str = self.json("list")["pairs"][0]["pair_id"]
        return found


@pytest.fixture
def desk(tmp_path: Path, cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DUTCHBOOK_DATA_DIR", str(tmp_path / "data"))
    return Desk(tmp_path, cli)


def test_an_empty_book_says_how_to_fill_it_and_makes_no_file(desk: Desk) -> None:
    ran = desk.pairs("list")
    assert ran.exit_code == 0
    assert "pairs find" in ran.stdout
    assert desk.json("list") == {"schema": "dutchbook.pairs/1", "pairs": []}
    assert not desk.data.exists()


def test_a_pair_is_found_read_approved_and_revoked_by_an_edit(desk: Desk) -> None:
    desk.find()
    (row,) = desk.json("list")["pairs"]
    assert (row["state"], row["verdict"], row["executable"]) == ("proposed", "accept", False)
    ran = desk.pairs("approve", TICKER.lower(), "--yes", "--by", "Ann", "--note", "read both")
    assert ran.exit_code == 0, ran.output
    assert "assumed, and confirmed by you: year" in ran.stdout
    assert "caution: announcement" in ran.stdout
    assert "It is executable." in ran.stdout
    assert [row["pair_id"] for row in desk.json("list", "--executable")["pairs"]] == [desk.id]

    edited = replace(TWO, rules=("Resolves to Yes if Jane Doe is nominated by July.",))
    assert [kept.id for kept in desk.find(edited).revoked] == [desk.id]
    (row,) = desk.json("list", "--state", "revoked")["pairs"]
    assert "the text at Polymarket changed" in row["note"]
    shown = desk.json("show", desk.id)
    assert [step["state"] for step in shown["history"]] == ["proposed", "approved", "revoked"]
    assert [change["venue"] for change in shown["changes"]] == ["polymarket"]
    assert "+Resolves to Yes if Jane Doe is nominated by July." in shown["changes"][0]["diff"]
    assert "Since the decision the text at polymarket changed" in desk.pairs("show", desk.id).stdout
    assert stat.S_IMODE((desk.data / NAME).stat().st_mode) == 0o600


def test_what_the_catalogue_says_now_must_be_what_was_judged(desk: Desk) -> None:
    desk.find()
    with open_store(desk.data) as store:
        store.see("polymarket", [replace(TWO, title="Will she?")], 2)
    ran = desk.pairs("approve", desk.id, "--yes", "--by", "Ann")
    assert ran.exit_code == 5
    assert "run `dutchbook pairs find`" in ran.stderr
    assert desk.json("list")["pairs"][0]["state"] == "proposed"


@pytest.mark.parametrize("venue", ["kalshi", "polymarket"])
def test_a_market_that_vanished_is_not_executable_until_it_is_back(desk: Desk, venue: str) -> None:
    desk.find()
    desk.pairs("approve", desk.id, "--yes", "--by", "Ann")
    assert desk.json("list", "--executable")["pairs"]
    with open_store(desk.data) as store:
        store.see(venue, [], 2)
    assert desk.json("list", "--executable")["pairs"] == []
    name = venue.capitalize()
    why = [f"{name} did not list the market when `dutchbook pairs find` looked last"]
    (row,) = desk.json("list")["pairs"]
    assert (row["state"], row["why_not"]) == ("approved", why)
    assert desk.json("show", desk.id)["why_not"] == why
    with read_store(desk.data) as store:
        assert store.unlisted() == {FOUND.kalshi if venue == "kalshi" else FOUND.polymarket}
    source = pairs_to_scan(None, load_settings(None))
    assert source.why_not(row["pair_id"]) == (*why,)
    desk.find()
    assert desk.json("list", "--executable")["pairs"]


def test_a_market_of_which_only_the_judged_text_is_kept_is_not_executable(desk: Desk) -> None:
    listings = {FOUND.kalshi: ONE, FOUND.polymarket: TWO}
    with open_store(desk.data) as store:
        keep([FOUND], listings, store, at_ms=1)
    said = desk.json("approve", TICKER, "--yes", "--by", "Ann")
    assert [why.partition(" ")[0] for why in said["why_not"]] == ["Kalshi", "Polymarket"]


def test_nobody_approves_without_being_asked(desk: Desk) -> None:
    desk.find()
    ran = desk.pairs("approve", desk.id, "--by", "Ann")
    assert ran.exit_code == 2
    assert "--yes" in ran.stderr
    said = desk.json("approve", desk.id, "--by", "Ann", "--yes")
    assert (said["schema"], said["state"]) == ("dutchbook.pair_decision/1", "approved")
    again = desk.pairs("approve", desk.id, "--by", "Ann", "--yes")
    assert again.exit_code == 5
    assert "is approved already" in again.stderr


class Terminal(io.StringIO):
    """A person at a keyboard."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "state"), [("y\n", "approved"), ("\n", "proposed")])
def test_a_person_at_a_terminal_is_asked(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, answer: str, state: str
) -> None:
    desk.find()
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    ran = desk.pairs("approve", desk.id, "--by", "Ann")
    assert ran.exit_code == (0 if state == "approved" else 5)
    assert "Have you read both texts" in ran.stderr
    assert desk.json("list")["pairs"][0]["state"] == state


def test_a_rejected_pair_stays_rejected(desk: Desk) -> None:
    desk.find()
    ran = desk.pairs("reject", desk.id, "--by", "Ann", "--note", "other convention")
    assert ran.exit_code == 0, ran.output
    assert desk.find().unchanged == 1
    (row,) = desk.json("list", "--state", "rejected")["pairs"]
    assert (row["by"], row["note"]) == ("Ann", "other convention")
    assert desk.json("list", "--state", "proposed")["pairs"] == []


def test_show_puts_both_texts_beside_each_other_or_below(desk: Desk) -> None:
    desk.find()
    wide = desk.pairs("show", desk.id).stdout
    assert any("Jane Doe" in line and line.count("Doe") >= 2 for line in wide.splitlines())
    assert "What a hedge of one contract pays at worst" in wide
    assert "«" in wide
    out = Console(width=60, record=True, highlight=False, markup=False)
    with read_store(desk.data) as store:
        shown = gather(store, store.pairs()[0])
    with out.capture() as told:
        print_pair(out, shown)
    narrow = " ".join(told.get().split())
    assert narrow.index(f"Kalshi {TICKER}") < narrow.index(f"Polymarket {CONDITION[:20]}")


def test_marks_keep_their_words_and_the_first_of_two_wins() -> None:
    marks = [("accepts\nthe", "red"), ("the nomination", "green"), ("of", "green"), ("", "x")]
    text = marked("Jane accepts the nomination of it [b]", marks, brackets=True)
    assert text.plain == "Jane «accepts the» nomination «of» it [b]"
    assert marked("a b", [("a", "red")], brackets=False).plain == "a b"


def test_a_hostile_title_cannot_steer_the_terminal(desk: Desk) -> None:
    desk.find(replace(TWO, title="\x1b[2J[bold]evil", rules=("\x1b]0;x\x07 text",)))
    for ran in (desk.pairs("list"), desk.pairs("show", desk.id)):
        assert ran.exit_code == 0, ran.output
        assert "\x1b" not in ran.stdout
        assert "[bold]evil" in ran.stdout


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


def test_a_command_that_writes_waits_for_nobody_and_says_who_writes(desk: Desk) -> None:
    desk.find()
    with open_store(desk.data):
        ran = desk.pairs("reject", "KX", "--by", "Ann")
        assert ran.exit_code == 3
        assert "is writing to" in ran.stderr
        assert desk.pairs("list").exit_code == 0


def test_what_was_nearly_found_is_shown_with_what_was_against_it(desk: Desk) -> None:
    missed = replace(FOUND, verdict=Verdict.REJECT, vetoes=("window",), relation=Relation.RELATED)
    desk.find(found=missed)
    (near,) = desk.json("list", "--near")["near_misses"]
    assert (near["kalshi"], near["polymarket"]) == (TICKER, CONDITION)
    assert near["reasons"] == ["window"]
    assert "window" in desk.pairs("list", "--near").stdout
    assert desk.json("list")["pairs"] == []
