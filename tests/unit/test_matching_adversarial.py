"""Texts made to mislead the matcher, and twins worded as differently as the venues word them.

The rows in tests/data/matching are ours: no venue wrote them, and nobody looked at the matcher
while writing them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from matching.judge import judge
from matching.pairs import Relation
from matching.read import listing_from_row
from matching.verdict import Judgement, Verdict

DATA: Final = Path(__file__).parents[1] / "data/matching"
OPPOSITE: Final = {Relation.SAME: Relation.INVERTED, Relation.INVERTED: Relation.SAME}
FOUND_PERCENT_MIN: Final = 90
TWO_SIDED: Final = {"moneyline", "series", "total"}
Row = dict[str, Any]


def load(name: str) -> tuple[Row, ...]:
    return tuple(json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines())


NEAR_MISSES: Final = load("near_misses.jsonl")
TWINS: Final = load("twins.jsonl")
METAMORPHIC: Final = load("metamorphic.jsonl")
SWAPPABLE: Final = tuple(
    row
    for row in TWINS + METAMORPHIC
    if row["domain"] in TWO_SIDED
    and row["polymarket"].get("outcomes", ["Yes", "No"]) != ["Yes", "No"]
)


def judged(kalshi: Mapping[str, Any], polymarket: Mapping[str, Any]) -> Judgement:
    """The judgement of two rows; what a ticker implies need not be written beside it."""
    ticker = kalshi["ticker"]
    implied = {"event_ticker": ticker.rpartition("-")[0], "series": ticker.partition("-")[0]}
    return judge(
        listing_from_row("kalshi", {**implied, **kalshi}),
        listing_from_row("polymarket", polymarket),
    )


def accepted(judgement: Judgement) -> Relation | None:
    return judgement.relation if judgement.verdict is Verdict.ACCEPT else None


def edited(row: Row, mutation: Row) -> Row:
    sides = {"kalshi": dict(row["kalshi"]), "polymarket": dict(row["polymarket"])}
    for edit in mutation["edits"]:
        side, field, old, new = (edit[key] for key in ("side", "field", "from", "to"))
        before = sides[side][field]
        sides[side][field] = before.replace(old, new) if isinstance(before, str) else new
        assert sides[side][field] != before, f"{row['pair_id']}: {edit} changes nothing"
    return sides


def told(row: Row, judgement: Judgement) -> str:
    texts = f"{row['kalshi']['ticker']} | {row['polymarket']['title']}"
    why = f"vetoes {judgement.vetoes}, assumed {judgement.assumed}"
    return f"{row['pair_id']} {texts}: {judgement.verdict} {judgement.relation}, {why}"


def report(misses: list[str], seen: int) -> str:
    return f"{len(misses)} of {seen}:\n" + "\n".join(misses)


def test_the_sets_are_as_large_as_the_issue_asks() -> None:
    domains = {row["domain"] for row in METAMORPHIC}
    inverted = [row for row in TWINS if row["relation"] == "inverted"]
    assert len(NEAR_MISSES) >= 130
    assert len(TWINS) >= 80
    assert len(inverted) >= 12
    assert len(METAMORPHIC) >= 2 * len(domains) >= 50
    assert not {row["relation"] for row in NEAR_MISSES} & {"same", "inverted"}
    assert {row["domain"] for row in NEAR_MISSES} == {row["domain"] for row in TWINS} == domains


@pytest.mark.parametrize(
    "row", NEAR_MISSES, ids=[f"{r['pair_id']}-{r['domain']}-{r['trap']}" for r in NEAR_MISSES]
)
def test_no_near_miss_is_accepted(row: Row) -> None:
    judgement = judged(row["kalshi"], row["polymarket"])
    assert judgement.verdict is not Verdict.ACCEPT, f"{row['why']}; {told(row, judgement)}"


@pytest.mark.parametrize("rows", [TWINS, METAMORPHIC], ids=["twins", "metamorphic"])
def test_nine_of_ten_twins_are_found(rows: tuple[Row, ...]) -> None:
    misses = []
    for row in rows:
        judgement = judged(row["kalshi"], row["polymarket"])
        if accepted(judgement) is None:
            misses.append(told(row, judgement))
    assert 100 * (len(rows) - len(misses)) >= FOUND_PERCENT_MIN * len(rows), report(
        misses, len(rows)
    )


@pytest.mark.parametrize("rows", [TWINS, METAMORPHIC], ids=["twins", "metamorphic"])
def test_no_twin_is_accepted_the_wrong_way_round(rows: tuple[Row, ...]) -> None:
    wrong = []
    for row in rows:
        judgement = judged(row["kalshi"], row["polymarket"])
        if accepted(judgement) not in {None, Relation(row["relation"])}:
            wrong.append(told(row, judgement))
    assert not wrong, report(wrong, len(rows))


@pytest.mark.parametrize(
    "row", METAMORPHIC, ids=[f"{r['pair_id']}-{r['domain']}" for r in METAMORPHIC]
)
def test_one_changed_fact_ends_the_acceptance(row: Row) -> None:
    if accepted(judged(row["kalshi"], row["polymarket"])) is None:
        pytest.skip("not accepted as written, which another test counts")
    wrong = []
    for mutation in row["mutations"]:
        sides = edited(row, mutation)
        judgement = judged(sides["kalshi"], sides["polymarket"])
        relation = accepted(judgement)
        allowed = {None, Relation(mutation["becomes"])} if "becomes" in mutation else {None}
        if relation not in allowed or relation in mutation["relation_not"]:
            wrong.append(f"{mutation['kind']}: {told({**row, **sides}, judgement)}")
    assert not wrong, report(wrong, len(row["mutations"]))


@pytest.mark.parametrize("row", SWAPPABLE, ids=[r["pair_id"] for r in SWAPPABLE])
def test_swapping_the_outcomes_inverts_the_relation(row: Row) -> None:
    polymarket = row["polymarket"]
    swapped = {**polymarket, "outcomes": polymarket["outcomes"][::-1]}
    if accepted(judged(row["kalshi"], polymarket)) is None:
        pytest.skip("not accepted as written, which another test counts")
    judgement = judged(row["kalshi"], swapped)
    assert accepted(judgement) is OPPOSITE[Relation(row["relation"])], told(row, judgement)


@pytest.mark.parametrize("in_order", [True, False])
def test_a_side_known_by_its_code_is_the_same_side_in_either_order(in_order: bool) -> None:
    guest, host = "Ohio State Buckeyes", "Texas Longhorns"
    teams = [guest, host] if in_order else [host, guest]
    ours = {"ticker": "KXNCAAFSPREAD-26SEP05OSUTEX-OSU4", "strike_type": "greater"} | {
        "title": "Ohio St. wins by over 3.5 points?",
        "floor_strike": 3.5,
    }
    theirs = {"title": " vs. ".join(teams), "slug": "cfb-osu-tex-2026-09-05", "outcomes": teams}
    wanted = Relation.K_IMPLIES_P if in_order else Relation.EXCLUSIVE
    assert judged(ours, theirs).relation is wanted
