"""`pairs find` and `pairs evaluate` on files: contracts.md's shapes, and files with mistakes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from matching_world import World, versions, world, write

Row = dict[str, Any]
MARKETS: Final = 400


@pytest.fixture(scope="module")
def made() -> World:
    return world(11, MARKETS)


@pytest.fixture
def files(made: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DUTCHBOOK_DATA_DIR", str(tmp_path / "data"))
    write(tmp_path, made)
    return f"--kalshi={tmp_path}/kalshi.jsonl", f"--polymarket={tmp_path}/polymarket.jsonl"


def test_two_files_are_matched_as_contracts_says(
    made: World, files: tuple[str, str], tmp_path: Path, cli: Callable[..., Any]
) -> None:
    offers = tmp_path / "candidates.jsonl"
    ran = cli("pairs", "find", *files, f"--candidates={offers}", "--json")
    assert ran.exit_code == 0, ran.output
    found = json.loads(ran.stdout)
    assert found["schema"] == "dutchbook.find/1"
    assert (found["kalshi"], found["polymarket"]) == (MARKETS, MARKETS)
    pairs = {(row["kalshi"], row["polymarket"]): row["relation"] for row in found["pairs"]}
    assert pairs.items() <= made.truth.items()
    assert len(pairs) >= 0.95 * len(made.truth)
    assert {row["verdict"] for row in found["pairs"]} == {"accept"}
    assert set(found["seconds"]) == {"read", "match", "candidates"}
    assert found["peak_mb"] > 0

    offered = {row["kalshi"]: row["candidates"] for row in rows_of(offers)}
    assert len(offered) == MARKETS
    assert max(map(len, offered.values())) == found["candidates"]["max"] <= 30
    assert all(p in offered[k] for k, p in made.truth)
    assert not (tmp_path / "data").exists(), "two files are no reason to touch the pair book"


def test_a_line_that_is_no_market_is_named(
    files: tuple[str, str], tmp_path: Path, cli: Callable[..., Any]
) -> None:
    kalshi = tmp_path / "kalshi.jsonl"
    for bad, why in (("{", "JSON"), ('{"title": "Will it?"}', "id"), ("[]", "object")):
        kalshi.write_text('{"id": "KXA-1", "title": "Will it?"}\n\n' + bad + "\n")
        ran = cli("pairs", "find", *files, "--json")
        assert ran.exit_code == 3
        assert "kalshi.jsonl, line 3" in ran.stderr
        assert why in ran.stderr
        assert ran.stdout == ""


def test_one_file_alone_is_wrong_usage(files: tuple[str, str], cli: Callable[..., Any]) -> None:
    ran = cli("pairs", "find", files[0])
    assert ran.exit_code == 2
    assert "both catalogue files" in ran.stderr


def test_the_table_says_what_to_do_next(files: tuple[str, str], cli: Callable[..., Any]) -> None:
    ran = cli("pairs", "find", *files)
    assert ran.exit_code == 0, ran.output
    assert "Pairs found" in ran.stdout
    assert f"{MARKETS} Polymarket markets" in ran.stdout


def labelled(made: World, *, with_labels: bool) -> list[Row]:
    ours = {str(row["ticker"]): row for row in made.kalshi}
    theirs = {str(row["id"]): row for row in made.polymarket}
    pairs = [(k, p, relation) for (k, p), relation in made.truth.items()]
    tickers = [k for k, _, _ in pairs]
    pairs += [
        (k, p, "unrelated")
        for k, (_, p, _) in zip(tickers[1:] + tickers[:1], pairs, strict=True)
        if (k, p) not in made.truth
    ]
    return [
        {"pair_id": f"r{at}", "kalshi": ours[k], "polymarket": theirs[p]}
        | ({"relation": said, "divergences": [], "family": "made"} if with_labels else {})
        for at, (k, p, said) in enumerate(pairs)
    ]


def test_labelled_rows_are_decided_and_measured(
    made: World, tmp_path: Path, cli: Callable[..., Any]
) -> None:
    file, out = tmp_path / "pairs.jsonl", tmp_path / "decisions.jsonl"
    rows = labelled(made, with_labels=True)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    ran = cli("pairs", "evaluate", str(file), "--decisions", str(out), "--json")
    assert ran.exit_code == 0, ran.output
    measured = json.loads(ran.stdout)
    assert measured["schema"] == "dutchbook.evaluate/1"
    assert measured["rows"] == measured["scored"] == len(rows)
    assert set(measured["accept"]) == {
        *("n", "precision", "wilson_low", "wilson_high", "recall", "f1"),
    }
    assert {"direction_errors", "macro_f1", "review_share", "brier", "ece", "divergence"} < set(
        measured
    )
    assert set(measured["families"]) == {"made"}
    decided = rows_of(out)
    assert [row["pair_id"] for row in decided] == [row["pair_id"] for row in rows]
    right = sum(
        decision["relation"] == row["relation"]
        for decision, row in zip(decided, rows, strict=True)
        if decision["verdict"] == "accept"
    )
    assert right == measured["accept"]["n"], "a false accept"
    assert measured["accept"]["precision"] == 1.0


def test_rows_without_labels_are_decided_just_so(
    made: World, tmp_path: Path, cli: Callable[..., Any]
) -> None:
    decisions = []
    for with_labels in (True, False):
        file, out = tmp_path / "pairs.jsonl", tmp_path / "decisions.jsonl"
        rows = labelled(made, with_labels=with_labels)
        file.write_text("".join(json.dumps(row) + "\n" for row in rows))
        ran = cli("pairs", "evaluate", str(file), "--decisions", str(out), "--json")
        assert ran.exit_code == 0, ran.output
        assert ("accept" in json.loads(ran.stdout)) is with_labels
        decisions.append(out.read_text())
    assert decisions[0] == decisions[1], "the labels were looked at"


def test_a_second_catalogue_is_compared_with_the_first() -> None:
    from matching.catalogue import Matcher
    from matching.read import listing_from_row

    before, after = versions(13, MARKETS, changed=0.05)
    matcher, fresh = Matcher(), Matcher()

    def update(matcher: Matcher, made: World) -> Any:
        return matcher.update(
            [listing_from_row("kalshi", row) for row in made.kalshi],
            [listing_from_row("polymarket", row) for row in made.polymarket],
        )

    update(matcher, before)
    again, anew = update(matcher, after), update(fresh, after)
    assert again.looked_at < anew.looked_at / 5
    assert {(j.kalshi, j.polymarket, j.relation) for j in again.accepted} == {
        (j.kalshi, j.polymarket, j.relation) for j in anew.accepted
    }


def rows_of(file: Path) -> list[Row]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]
