"""The pair book by its commands, over a real file: as a person works with it."""

from __future__ import annotations

import io
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pair_desk import CONDITION, FOUND, ONE, TICKER, TWO, Desk
from rich.console import Console

from app.config import load_settings
from app.pair_source import pairs_to_scan
from app.pairs_show import gather, marked, print_pair
from app.store.opening import NAME, open_store, read_store
from matching.keeping import keep
from matching.pairs import Relation
from matching.verdict import Verdict


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


def test_s12_a_hostile_title_cannot_steer_the_terminal(desk: Desk) -> None:
    desk.find(replace(TWO, title="\x1b[2J[bold]evil", rules=("\x1b]0;x\x07 text",)))
    for ran in (desk.pairs("list"), desk.pairs("show", desk.id)):
        assert ran.exit_code == 0, ran.output
        assert "\x1b" not in ran.stdout
        assert "[bold]evil" in ran.stdout


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
