"""Titles and outcomes of games that say more than, or the opposite of, what they look like."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest

from matching.judge import judge
from matching.listing import Listing
from matching.pairs import Relation
from matching.verdict import Verdict

SAME, INVERTED = Relation.SAME, Relation.INVERTED
NBA_K: Final = Listing(
    venue="kalshi",
    id="KXNBAGAME-26DEC05LALBOS-LAL",
    title="Los Angeles L at Boston Winner?",
    subtitle="Los Angeles L",
    event_id="KXNBAGAME-26DEC05LALBOS",
    event_title="Los Angeles L at Boston",
    series="KXNBAGAME",
)
NBA_P: Final = Listing(
    venue="polymarket",
    id="0x1",
    title="Lakers vs. Celtics",
    slug="nba-lal-bos-2026-12-05",
    outcomes=("Lakers", "Celtics"),
)
NBA_TOTAL: Final = replace(
    NBA_K,
    id="KXNBATOTAL-26DEC05LALBOS-220",
    title="Los Angeles L at Boston: Total Points",
    subtitle="Over 220.5 points scored",
    series="KXNBATOTAL",
    event_id="KXNBATOTAL-26DEC05LALBOS",
    strike_type="greater",
    floor="220.5",
)
NBA_SPREAD: Final = replace(
    NBA_K,
    id="KXNBASPREAD-26DEC05LALBOS-LAL5",
    title="Los Angeles L wins by over 5.5 points?",
    subtitle="Los Angeles L wins by over 5.5 points",
    series="KXNBASPREAD",
    event_id="KXNBASPREAD-26DEC05LALBOS",
    strike_type="greater",
    floor="5.5",
)
EPL_K: Final = Listing(
    venue="kalshi",
    id="KXEPLGAME-26DEC05ARSCHE-ARS",
    title="Arsenal vs Chelsea Winner?",
    subtitle="Arsenal",
    event_id="KXEPLGAME-26DEC05ARSCHE",
    event_title="Arsenal vs Chelsea",
    series="KXEPLGAME",
)
EPL_TIE: Final = replace(EPL_K, id="KXEPLGAME-26DEC05ARSCHE-TIE", subtitle="Tie")
EPL_TOTAL: Final = replace(
    EPL_K,
    id="KXEPLTOTAL-26DEC05ARSCHE-2",
    title="Arsenal vs Chelsea: Totals",
    subtitle="Over 1.5 goals scored",
    series="KXEPLTOTAL",
    event_id="KXEPLTOTAL-26DEC05ARSCHE",
    strike_type="greater",
    floor="1.5",
)
EPL_BTTS: Final = replace(
    EPL_K,
    id="KXEPLBTTS-26DEC05ARSCHE-BTTS",
    title="Arsenal vs Chelsea: Both Teams to Score",
    subtitle="Both Teams to Score",
    series="KXEPLBTTS",
    event_id="KXEPLBTTS-26DEC05ARSCHE",
)
EPL_P: Final = Listing(
    venue="polymarket",
    id="0x2",
    title="Will Arsenal FC win on 2026-12-05?",
    event_title="Arsenal FC vs. Chelsea FC",
    slug="epl-ars-che-2026-12-05-ars",
    outcomes=("Yes", "No"),
)
YES_NO, NO_YES, TEAMS = ("Yes", "No"), ("No", "Yes"), ("Lakers", "Celtics")


def accepted(kalshi: Listing, polymarket: Listing, **changes: Any) -> Relation | None:
    found = judge(kalshi, replace(polymarket, **changes))
    return found.relation if found.verdict is Verdict.ACCEPT else None


@pytest.mark.parametrize("outcomes", [YES_NO, TEAMS])
@pytest.mark.parametrize(
    "title",
    [
        "Lakers vs. Celtics: Lakers lose to Celtics",
        "Who wins the tip, Lakers vs. Celtics?",
        "Who wins the tip, Lakers or Celtics?",
        "Winner of 3rd quarter Lakers or Celtics",
        "Lakers vs. Celtics: largest lead Celtics",
        "Largest Lead: Lakers vs. Celtics",
        "Draw No Bet: Lakers vs. Celtics",
        "Lakers vs. Celtics - Double Chance",
        "Lakers vs. Celtics - Celtics win",
        "Lakers vs. Celtics - Home Win",
        "Lakers vs. Celtics - Jordan Rules",
        "Lakers vs. Celtics: MVP",
        "Tatum: Lakers vs. Celtics",
        "Will the Lakers win on 2026-12-06?",
        "Lakers to lead by 20 over the Celtics?",
        "Will the Lakers be beaten by the Celtics?",
        "Will the Lakers fall to the Celtics?",
        "Will the Lakers beat the Celtics by 20?",
        "Will the Lakers beat the Celtics in overtime?",
        *(
            f"Lakers vs. Celtics ({note})"
            for note in (
                *("Overtime Included", "Regulation Only", "Summer League", "LeBron James"),
                *("Q4", "4Q", "3rd quarter", "Second quarter", "first 10 minutes", "Lakers -5.5"),
                *("Lakers lose", "to lift the trophy"),
            )
        ),
    ],
)
def test_a_title_that_says_more_than_who_wins(title: str, outcomes: tuple[str, str]) -> None:
    assert accepted(NBA_K, NBA_P, title=title, outcomes=outcomes) is None


@pytest.mark.parametrize(
    ("title", "outcomes", "expected"),
    [
        ("Lakers vs. Celtics", TEAMS, SAME),
        ("Lakers vs. Celtics", ("Celtics", "Lakers"), INVERTED),
        ("Will the Lakers beat the Celtics?", YES_NO, SAME),
        ("Will the Lakers beat the Celtics?", NO_YES, INVERTED),
        ("Will the Lakers beat the Celtics?", (" No ", "Yes"), INVERTED),
        ("Will the Celtics beat the Lakers?", YES_NO, INVERTED),
        ("Will the Lakers beat the Celtics?", ("Celtics", "Lakers"), INVERTED),
        ("Will the Lakers win against the Celtics on December 5?", YES_NO, SAME),
    ],
)
def test_who_wins_is_what_stands_first(
    title: str, outcomes: tuple[str, str], expected: Relation
) -> None:
    assert accepted(NBA_K, NBA_P, title=title, outcomes=outcomes) is expected


@pytest.mark.parametrize(
    ("title", "outcomes", "expected"),
    [
        ("Spread: Lakers (-5.5)", TEAMS, SAME),
        ("Spread: Lakers (-5.5)", ("Los Angeles Lakers", "Boston Celtics"), SAME),
        ("Spread: Lakers (-5.5)", ("Boston Celtics", "Los Angeles Lakers"), INVERTED),
        ("Spread: Lakers (-5.5)", YES_NO, SAME),
        ("Spread: Lakers (-5.5)", NO_YES, INVERTED),
        ("Spread: Celtics (+5.5)", ("Celtics", "Lakers"), INVERTED),
        ("Spread: Celtics (+5.5)", TEAMS, SAME),
        ("Spread: Lakers (-5.5)", ("Favourite", "Underdog"), None),
        ("Q4 Spread: Lakers (-5.5)", TEAMS, None),
        ("4Q Spread: Lakers (-5.5)", TEAMS, None),
        ("Spread: Lakers (-5.5) 3Q", TEAMS, None),
        ("Spread: Lakers (-5.5) after three quarters", TEAMS, None),
    ],
)
def test_a_spread_is_of_the_side_that_stands_first(
    title: str, outcomes: tuple[str, str], expected: Relation | None
) -> None:
    found = accepted(
        NBA_SPREAD, NBA_P, title=title, event_title="Lakers vs. Celtics", outcomes=outcomes
    )
    assert found is expected


@pytest.mark.parametrize(
    ("title", "outcomes", "expected"),
    [
        ("Lakers vs. Celtics: O/U 220.5", ("Over", "Under"), SAME),
        ("Lakers vs. Celtics: O/U 220.5", ("Under", "Over"), INVERTED),
        ("Lakers vs. Celtics: O/U 220.5", (" Over", "Under"), SAME),
        ("Lakers vs. Celtics: O/U 220.5", ("O 220.5", "U 220.5"), SAME),
        ("Lakers vs. Celtics: O/U 220.5", ("U 220.5", "O 220.5"), INVERTED),
        ("Lakers vs. Celtics: O/U 220.5", ("Total over", "Total under"), None),
        ("Lakers vs. Celtics: O/U 220.5", NO_YES, INVERTED),
        ("Lakers vs. Celtics: Over 220.5", NO_YES, INVERTED),
        ("Lakers vs. Celtics: Under 220.5", YES_NO, INVERTED),
        ("Lakers vs. Celtics: Under 220.5", NO_YES, SAME),
        ("Lakers vs. Celtics: at least 221", YES_NO, SAME),
        ("Lakers vs. Celtics: O/U 220.25", ("Over", "Under"), None),
        ("Lakers vs. Celtics: O/U 220.5 Lakers", ("Over", "Under"), None),
        ("Lakers vs. Celtics: O/U 220.5 Q4", ("Over", "Under"), None),
        ("Lakers vs. Celtics: Celtics O/U 220.5", ("Over", "Under"), None),
        ("Lakers vs. Celtics: O/U 220.5 and Lakers win", YES_NO, None),
        ("Lakers vs. Celtics: O/U 220.5 at the end of regulation", YES_NO, None),
    ],
)
def test_a_total_is_above_or_below_as_its_first_outcome_says(
    title: str, outcomes: tuple[str, str], expected: Relation | None
) -> None:
    assert accepted(NBA_TOTAL, NBA_P, title=title, outcomes=outcomes) is expected


@pytest.mark.parametrize(
    ("strike", "expected"),
    [
        ({"strike_type": "greater", "floor": "220.5"}, SAME),
        ({"strike_type": "greater", "floor": "220"}, SAME),
        ({"strike_type": "greater_or_equal", "floor": "221"}, SAME),
        ({"strike_type": "greater_or_equal", "floor": "220"}, None),
        ({"strike_type": "less", "floor": "", "cap": "220.5"}, INVERTED),
        ({"strike_type": "less", "floor": "", "cap": "221"}, INVERTED),
        ({"strike_type": "less", "floor": "", "cap": "220"}, None),
        ({"strike_type": "less_or_equal", "floor": "", "cap": "220"}, INVERTED),
        ({"strike_type": "between", "floor": "220.5", "cap": "230.5"}, None),
        ({"strike_type": "functional", "floor": "220.5"}, None),
    ],
)
def test_a_strike_is_read_with_its_type(strike: dict[str, Any], expected: Relation | None) -> None:
    kalshi = replace(NBA_TOTAL, subtitle="", **strike)
    title = "Lakers vs. Celtics: O/U 220.5"
    assert accepted(kalshi, NBA_P, title=title, outcomes=("Over", "Under")) is expected


@pytest.mark.parametrize(
    "subtitle",
    [
        "Under 220.5 points scored",
        "Over 225.5 points scored",
        "Boston over 220.5 points",
        "Over 220.5 points in 1st half",
        "Over 220.5 rebounds",
    ],
)
def test_a_strike_and_a_name_of_it_must_agree(subtitle: str) -> None:
    kalshi = replace(NBA_TOTAL, subtitle=subtitle)
    title = "Lakers vs. Celtics: O/U 220.5"
    assert accepted(kalshi, NBA_P, title=title, outcomes=("Over", "Under")) is None


@pytest.mark.parametrize(
    "outcomes",
    [
        ("Not Lakers", "Lakers"),
        ("Lakers lose", "Lakers win"),
        ("Lakers -5.5", "Celtics +5.5"),
        ("Lakers (1H)", "Celtics (1H)"),
        ("Lakers by 10+", "Celtics"),
        ("Lakers sweep", "Celtics"),
        ("Lakers", "Draw"),
        ("Lakers", "Field"),
    ],
)
def test_outcomes_must_be_the_two_sides_and_no_more(outcomes: tuple[str, str]) -> None:
    assert accepted(NBA_K, NBA_P, outcomes=outcomes) is None


@pytest.mark.parametrize("subtitle", ["Draw", "Chelsea FC"])
def test_a_market_named_otherwise_in_its_group_is_not_accepted(subtitle: str) -> None:
    assert accepted(EPL_K, EPL_P, subtitle=subtitle) is None


def test_a_strike_and_a_title_that_disagree() -> None:
    kalshi = replace(NBA_TOTAL, title="Los Angeles L at Boston: Total Points under 220.5")
    title = "Lakers vs. Celtics: O/U 220.5"
    assert accepted(kalshi, NBA_P, title=title, outcomes=("Over", "Under")) is None


@pytest.mark.parametrize(
    "said",
    [
        {"title": "Will Arsenal not win the Arsenal vs Chelsea game?"},
        {"title": "Will Arsenal not win the Arsenal vs Chelsea game?", "subtitle": ""},
        {"title": "Will Arsenal fail to win the Arsenal vs Chelsea game?"},
        {"subtitle": "Not Arsenal"},
        {"subtitle": "Anyone but Arsenal"},
        {"subtitle": "Arsenal/Draw"},
        {"subtitle": "Arsenal and Tie"},
        {"subtitle": "Arsenal +1"},
        {"subtitle": "Arsenal by 2+"},
        {"subtitle": "Arsenal (1st half)"},
        {"subtitle": "Arsenal Women"},
        {"subtitle": "Arsenal U21"},
        {"subtitle": "Arsenal advances"},
        {"subtitle": "Arsenal loses"},
        {"subtitle": "Arsenal or Tie"},
        {"subtitle": "Chelsea"},  # the ticker says Arsenal
    ],
)
def test_a_denied_or_joined_side_is_not_accepted(said: dict[str, Any]) -> None:
    assert accepted(EPL_K, EPL_P) is SAME
    assert accepted(replace(EPL_K, **said), EPL_P) is None


def test_two_outcomes_leave_no_room_for_a_draw() -> None:
    title, outcomes = "Arsenal FC vs. Chelsea FC", ("Arsenal FC", "Chelsea FC")
    assert accepted(EPL_K, EPL_P, title=title, outcomes=outcomes) is None


@pytest.mark.parametrize(
    "more",
    [
        "by 2+ goals?",
        "- Cup AET",
        "- EPL Fouls",
        "- Group Qualification",
        "in extra time?",
        "and score 3?",
        "after trailing?",
        "with a clean sheet?",
    ],
)
def test_a_condition_behind_the_date(more: str) -> None:
    assert accepted(EPL_K, EPL_P, title=f"Will Arsenal FC win on 2026-12-05 {more}") is None


@pytest.mark.parametrize(
    ("kalshi", "title", "outcomes", "expected"),
    [
        (EPL_TOTAL, "O/U 1.5", ("Over", "Under"), SAME),
        (EPL_TOTAL, "Chelsea FC O/U 1.5", ("Over", "Under"), None),
        (EPL_TOTAL, "Chelsea FC Total Goals O/U 1.5", ("Over", "Under"), None),
        (EPL_BTTS, "Both Teams to Score", YES_NO, SAME),
        (EPL_BTTS, "Both Teams to Score", NO_YES, INVERTED),
        (EPL_BTTS, "Both Teams to Score", ("No BTTS", "BTTS"), None),
        (EPL_BTTS, "Both Teams to Score - No", YES_NO, None),
        (EPL_BTTS, "Both Teams to Score 2+", YES_NO, None),
        (EPL_BTTS, "Both Teams to Score in both halves", YES_NO, None),
        (EPL_BTTS, "Both Teams to Score, Arsenal win", YES_NO, None),
        (EPL_TIE, "Draw", YES_NO, SAME),
        (EPL_TIE, "Draw", ("No draw", "Draw"), None),
        (EPL_TIE, "Goalless draw", YES_NO, None),
    ],
)
def test_a_question_of_both_sides_says_nothing_more(
    kalshi: Listing, title: str, outcomes: tuple[str, str], expected: Relation | None
) -> None:
    title = f"Arsenal FC vs. Chelsea FC: {title}"
    assert accepted(kalshi, EPL_P, title=title, outcomes=outcomes) is expected


@pytest.mark.parametrize(
    "title",
    [
        "NBA: Lakers vs. Celtics",
        "NBA Cup: Lakers vs. Celtics",
        "Lakers vs. Celtics (2026-12-05)",
        "Lakers vs. Celtics - NBA Cup Group Stage",
        "Lakers vs. Celtics: Moneyline",
    ],
)
def test_a_tournament_s_name_changes_nothing(title: str) -> None:
    assert accepted(NBA_K, NBA_P, title=title) is SAME


@pytest.mark.parametrize(
    ("counted", "title", "expected"),
    [
        ("sets", "Set Handicap: Carlos Alcaraz (-1.5)", SAME),
        ("sets", "Game Handicap: Carlos Alcaraz (-1.5)", None),
        ("games", "Set Handicap: Carlos Alcaraz (-1.5)", None),
    ],
)
def test_sets_are_no_games(counted: str, title: str, expected: Relation | None) -> None:
    kalshi = Listing(
        venue="kalshi",
        id="KXATPSPREAD-26DEC05ALCSIN-ALC1",
        title=f"Will Carlos Alcaraz win by over 1.5 {counted}?",
        event_title="Alcaraz vs Sinner",
        event_id="KXATPSPREAD-26DEC05ALCSIN",
        series="KXATPSPREAD",
        strike_type="greater",
        floor="1.5",
    )
    names = ("Carlos Alcaraz", "Jannik Sinner")
    event, slug = "Carlos Alcaraz vs. Jannik Sinner", "atp-alcaraz-sinner-2026-12-05"
    polymarket = replace(NBA_P, event_title=event, slug=slug)
    assert accepted(kalshi, polymarket, title=title, outcomes=names) is expected
