"""Two rules texts against each other: what parts them is claimed, and nothing else."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

from matching.clauses import clauses
from matching.divergence_cases import CASES, LABELS
from matching.divergence_sides import Side
from matching.divergences import compared
from matching.listing import Listing
from matching.pairs import Relation
from matching.payout import State, hedge, joint_states, void_states, worst
from matching.verdict import Divergence, Severity
from venues import ONE, Outcome

TABLE: Final = Path(__file__).parents[1] / "data" / "matching" / "rule_pairs.toml"
ROWS: Final = tomllib.loads(TABLE.read_text())["pair"]
OUR_CODES: Final = {
    *("time", "source", "boundary", "window", "postponement", "tie_overtime", "cancellation"),
    *("early_close", "entity", "metric", "announcement", "dead_heat", "death_or_withdrawal"),
    "scalar",
}
LABEL_CODES: Final = {
    *("timestamp_mismatch", "source_mismatch_trimmed_mean_vs_exchange_candle", "metric_mismatch"),
    *("boundary_above_vs_reach", "window_start_at_listing", "postponement_and_cancel_rules"),
    *("strict_vs_inclusive_bound", "announcement_vs_actual", "source_mismatch_CFB_RTI_vs_Binance"),
}

# Labels of what a market asks, not of how it settles: the terms find these, no rules text does.
OF_THE_TERMS: Final = (
    "range_vs_threshold",
    "direction_mismatch",
    "value_grid_mismatch",
    "nominee_vs_primary_winner",
    "scope_mismatch",
    "entity_only_in_ticker",
    "entity_mismatch",
    "period_mismatch",
    "count_convention_25bp_equivalents",
)


def kalshi(*rules: str) -> Listing:
    return Listing(venue="kalshi", id="k", title="", rules=tuple(filter(None, rules)))


def polymarket(*rules: str) -> Listing:
    return Listing(venue="polymarket", id="p", title="", rules=tuple(filter(None, rules)))


def rule_divergences(one: Listing, two: Listing) -> tuple[Divergence, ...]:
    return compared(one, clauses(one), two, clauses(two))


def between(ours: str, theirs: str) -> tuple[Divergence, ...]:
    return rule_divergences(kalshi(ours), polymarket(theirs))


def codes(ours: str, theirs: str) -> set[str]:
    return {each.code for each in between(ours, theirs)}


def test_the_table_of_pairs_is_read_as_a_careful_reader_reads_it() -> None:
    right = claimed = expected = 0
    for row in ROWS:
        got, want = codes(row["kalshi"], row["polymarket"]), set(row["codes"])
        right, claimed, expected = right + len(got & want), claimed + len(got), expected + len(want)
    assert len(ROWS) >= 50
    assert sum(not row["codes"] for row in ROWS) >= 20
    assert right / claimed >= 0.9
    assert right / expected >= 0.9


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_what_is_quoted_stands_in_the_texts(row: dict[str, str]) -> None:
    for each in between(row["kalshi"], row["polymarket"]):
        assert each.kalshi_span in row["kalshi"]
        assert each.polymarket_span in row["polymarket"]
        assert each.kalshi_span or each.polymarket_span


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_a_text_does_not_diverge_from_itself(row: dict[str, str]) -> None:
    """But where it settles at a price or gives money back: that differs between two venues."""
    for text in filter(None, (row["kalshi"], row["polymarket"])):
        for each in between(text, text):
            assert {*void_states(each.kalshi_span), *void_states(each.polymarket_span)} & {
                State.VOID_LAST_PRICE,
                State.REFUND,
            }


def test_nothing_is_claimed_without_rules_texts() -> None:
    one = Listing(venue="kalshi", id="k", title="Bitcoin above $90,000?")
    two = Listing(venue="polymarket", id="p", title="Will Bitcoin reach $90,000?")
    assert rule_divergences(one, two) == ()


def test_silence_is_no_divergence_where_there_is_no_text() -> None:
    assert codes("", "Any interim head will not count. Revised figures will be used.") == set()
    assert codes("", "If the game ends in a tie, this market will resolve 50-50.") == set()


def test_kalshis_own_standard_for_a_game_is_still_another_price_than_polymarkets() -> None:
    same = "If the game is cancelled, the market will resolve to a fair price."
    assert codes("", same) == {"postponement_and_cancel_rules"}


def test_a_title_helps_to_see_the_edge() -> None:
    one = Listing(venue="kalshi", id="k", title="Rate above 4.4%?", rules=("It resolves to Yes.",))
    two = polymarket('This market will resolve to "Yes" if the rate is 4.4% or higher.')
    assert [each.code for each in rule_divergences(one, two)] == ["strict_vs_inclusive_bound"]


def test_the_worst_state_follows_from_the_words() -> None:
    found = between(
        "If the vote is cancelled, the market will resolve to the last traded price.",
        "If the vote is cancelled, this market will resolve 50-50.",
    )
    assert [each.code for each in found] == ["cancellation"]
    held = hedge(Outcome.YES, Relation.SAME)
    assert worst(joint_states(Relation.SAME, found), held).pays == ONE // 2


def test_a_code_is_claimed_once_at_its_gravest() -> None:
    """FRED only republishes (NOTE); two gas surveys are two numbers (BAR)."""
    ours = "The rate is the Federal Reserve's; the gas price is the one on gasprices.aaa.com."
    theirs = "The rate is at fred.stlouisfed.org; the gas price is the one on eia.gov."
    (found,) = between(ours, theirs)
    assert (found.code, found.severity) == ("source", Severity.BAR)


def test_every_case_has_a_known_code_and_a_reason() -> None:
    assert {case.code for case in CASES.values()} == OUR_CODES | LABEL_CODES
    assert all(case.reason for case in CASES.values())
    assert LABELS.keys() <= OUR_CODES
    assert {case.code for case in CASES.values() if case.severity is Severity.BAR} >= {
        *("timestamp_mismatch", "source", "announcement_vs_actual", "metric_mismatch", "scalar"),
    }


def test_every_label_is_ours_mapped_or_of_the_terms(shared: Path) -> None:
    mapped = {name for names in LABELS.values() for name in names} | LABEL_CODES | {*OF_THE_TERMS}
    for row in _dev(shared):
        assert set(row["divergences"]) <= mapped


def test_the_labelled_games_show_their_cancellation_rule(shared: Path) -> None:
    games = 0
    for row in _dev(shared):
        description = row["polymarket"].get("description", "")
        if description and row["relation"] in {"same", "inverted"}:
            games += 1
            assert codes("", description) == set(row["divergences"])
    assert games >= 26


def _dev(folder: Path) -> list[dict[str, Any]]:
    path = folder / "data" / "matching" / "pairs_dev.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_blank_rules_are_no_rules() -> None:
    assert not Side(kalshi(" ", "\u200b \n—"), ()).shown
    assert Side(kalshi(" ", "By noon."), ()).shown
