"""From two listings to the worst payout: no state that can happen is left out of the table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pytest

from matching.clauses import clauses
from matching.divergence_voids import Asked
from matching.divergences import compared
from matching.judge import judge
from matching.listing import Listing
from matching.pairs import Relation
from matching.payout import Hedge, Joint, State, hedge, joint_states, worst
from matching.read import listing_from_row
from matching.verdict import Divergence, Judgement, Severity
from venues import ONE, Outcome, Price

YES_NO: Final = ("Yes", "No")
NEITHER: Final = Joint(State.NO, State.NO)
HALVES: Final = "If the game ends in a tie, this market will resolve 50-50."


def game(
    series: str,
    day: str,
    teams: tuple[str, str],
    *,
    slug: str,
    title: str = "",
    outcomes: Sequence[str] = (),
    rules: tuple[str, str] = ("", ""),
) -> Judgement:
    """Kalshi's "`teams`[0] wins" against Polymarket's moneyline, or the question of `title`."""
    one, two = teams
    event = f"{series}-{day}{one[:3].upper()}{two[:3].upper()}"
    return judge(
        listing_from_row(
            "kalshi",
            {
                "ticker": f"{event}-{one[:3].upper()}",
                "event_ticker": event,
                "series": series,
                "title": f"{one} vs {two} Winner?",
                "event_title": f"{one} vs {two}",
                "yes_sub_title": one,
                "rules_primary": rules[0],
            },
        ),
        listing_from_row(
            "polymarket",
            {
                "id": "0x1",
                "title": title or f"{one} vs. {two}",
                "event_title": f"{one} vs. {two}",
                "slug": slug,
                "outcomes": list(outcomes or (two, one)),
                "description": rules[1],
            },
        ),
    )


def nfl(
    ours: str = "", theirs: str = "", title: str = "", outcomes: Sequence[str] = ()
) -> Judgement:
    teams = ("Buffalo Bills", "Kansas City Chiefs")
    slug = "nfl-buf-kc-2026-11-01"
    return game(
        "KXNFLGAME",
        "26NOV01",
        teams,
        slug=slug,
        rules=(ours, theirs),
        title=title,
        outcomes=outcomes,
    )


def ufc(ours: str = "", theirs: str = "") -> Judgement:
    teams = ("Ivo Stahl", "Ben Okafor")
    slug = "ufc-ivo-ben-2026-11-01"
    return game("KXUFCFIGHT", "26NOV01", teams, slug=slug, rules=(ours, theirs))


def states(found: Judgement) -> tuple[Joint, ...]:
    return joint_states(found.relation, found.divergences)


def least(found: Judgement) -> tuple[int, int]:
    """What the two hedges pay at worst, that with YES at Kalshi first."""
    held = (hedge(side, found.relation) for side in (Outcome.YES, Outcome.NO))
    yes, no = (worst(states(found), each).pays for each in held)
    return yes, no


def texts(
    ours: str | Sequence[str], theirs: str, relation: Relation = Relation.SAME
) -> tuple[Divergence, ...]:
    rules = (ours,) if isinstance(ours, str) else tuple(ours)
    k = Listing(venue="kalshi", id="k", title="", rules=rules)
    p = Listing(venue="polymarket", id="p", title="", rules=(theirs,))
    return compared(k, clauses(k), p, clauses(p), Asked(relation))


@pytest.mark.parametrize("found", [nfl(), ufc()], ids=["nfl", "ufc"])
def test_a_draw_that_no_text_settles_can_lose_both_legs(found: Judgement) -> None:
    assert found.relation is Relation.INVERTED
    assert NEITHER in states(found)
    assert least(found) == (0, 0)
    assert [each.code for each in found.divergences] == ["tie_overtime"]


@pytest.mark.parametrize(
    ("title", "relation"),
    [
        ("Will the Kansas City Chiefs win on November 1?", Relation.INVERTED),
        ("Will the Buffalo Bills win or tie on November 1?", Relation.SAME),
    ],
)
def test_a_tie_is_a_state_where_polymarket_asks_of_one_team(title: str, relation: Relation) -> None:
    found = nfl(title=title, outcomes=YES_NO)
    assert found.relation is relation
    assert least(found)[0] == 0


def test_a_tie_is_no_riddle_where_both_markets_ask_whether_one_team_wins() -> None:
    found = nfl(title="Will the Buffalo Bills win on November 1?", outcomes=YES_NO)
    assert found.relation is Relation.SAME
    assert least(found) == (ONE, ONE)


def test_rules_that_settle_a_tie_alike_leave_a_dollar() -> None:
    found = nfl(HALVES, HALVES)
    assert found.divergences == ()
    assert least(found) == (ONE, ONE)


def test_a_tie_that_one_side_halves_and_the_other_loses_pays_half() -> None:
    found = nfl('If the game ends in a tie, this market resolves to "No".', HALVES)
    assert Joint(State.NO, State.FIFTY) in states(found)
    assert least(found) == (ONE // 2, ONE)


def test_two_opposite_markets_that_both_lose_a_tie_can_pay_nothing() -> None:
    no = 'If the game ends in a tie, this market resolves to "No".'
    found = nfl(no, no)
    assert NEITHER in states(found)
    assert least(found)[0] == 0


@pytest.mark.parametrize(
    ("series", "league", "teams"),
    [
        ("KXNBAGAME", "nba", ("Milwaukee Bucks", "Denver Nuggets")),
        ("KXMLBGAME", "mlb", ("New York Yankees", "Boston Red Sox")),
        ("KXNHLGAME", "nhl", ("New York Rangers", "Boston Bruins")),
        ("KXWTAMATCH", "wta", ("Iga Swiatek", "Coco Gauff")),
    ],
)
def test_what_is_played_until_somebody_wins_has_no_tie(
    series: str, league: str, teams: tuple[str, str]
) -> None:
    slug = f"{league}-{teams[0][:3].lower()}-{teams[1][:3].lower()}-2026-11-01"
    found = game(series, "26NOV01", teams, slug=slug)
    assert found.relation is Relation.INVERTED
    assert least(found) == (ONE, ONE)


def test_a_draw_is_possible_in_a_league_that_nobody_knows() -> None:
    teams = ("Leeds Rhinos", "Wigan Warriors")
    found = game("KXSUPERLEAGUEGAME", "26NOV01", teams, slug="sup-lee-wig-2026-11-01")
    assert found.relation is Relation.INVERTED
    assert NEITHER in states(found)
    alone = game(
        *("KXSUPERLEAGUEGAME", "26NOV01", teams),
        slug="sup-lee-wig-2026-11-01",
        title="Will Wigan Warriors win on November 1?",
        outcomes=YES_NO,
    )
    assert alone.relation is Relation.EXCLUSIVE


def test_a_two_way_market_of_a_game_with_draws_is_another_question() -> None:
    teams = ("Arsenal", "Chelsea")
    slug = "epl-ars-che-2026-11-01"
    found = game("KXEPLGAME", "26NOV01", teams, slug=slug, outcomes=teams)
    assert found.relation is Relation.RELATED
    assert found.vetoes == ("question",)


@pytest.mark.parametrize(("line", "pays"), [("3", 0), ("3.5", ONE)])
def test_a_whole_line_can_be_hit_exactly(line: str, pays: int) -> None:
    event = "KXNBASPREAD-26NOV01MILDEN"
    found = judge(
        listing_from_row(
            "kalshi",
            {
                "ticker": f"{event}-MIL{line[0]}",
                "event_ticker": event,
                "series": "KXNBASPREAD",
                "title": f"Milwaukee wins by over {line} points?",
                "event_title": "Milwaukee at Denver: Spread",
                "yes_sub_title": f"Milwaukee wins by over {line} points",
                "strike_type": "greater",
                "floor_strike": line,
            },
        ),
        listing_from_row(
            "polymarket",
            {
                "id": "0x1",
                "title": f"Spread: Bucks (-{line})",
                "event_title": "Bucks vs. Nuggets",
                "slug": "nba-mil-den-2026-11-01",
                "outcomes": ["Bucks", "Nuggets"],
            },
        ),
    )
    assert found.relation is Relation.SAME
    assert least(found)[0] == pays


CANCELLED: Final = "If the game is cancelled, all positions are refunded."
PUT_OFF: Final = "If the game is postponed, the market will resolve to a fair price."


@pytest.mark.parametrize("ours", [(CANCELLED, PUT_OFF), (PUT_OFF, CANCELLED)])
def test_every_rule_for_a_game_that_is_not_played_reaches_the_table(ours: Sequence[str]) -> None:
    found = texts(ours, "If the game is canceled, this market will resolve 50-50.")
    joints = joint_states(Relation.SAME, found)
    assert Joint(State.REFUND, State.FIFTY) in joints
    assert Joint(State.VOID_LAST_PRICE, State.FIFTY) in joints
    held = Hedge(Outcome.YES, Outcome.NO, Price(430_000), Price(500_000))
    assert worst(joints, held).pays == 0


def test_two_rules_in_one_sentence_are_two_states() -> None:
    ours = (
        "If the vote is cancelled it resolves 50-50, or, once it began, to the last traded price."
    )
    found = texts(ours, "If the vote is cancelled, this market will resolve 50-50.")
    assert Joint(State.VOID_LAST_PRICE, State.FIFTY) in joint_states(Relation.SAME, found)


def test_agreeing_on_one_fallback_does_not_hide_another() -> None:
    shared = 'If the vote is cancelled, this market resolves to "No".'
    more = "If the vote is not held for any other reason, this market resolves 50-50."
    found = texts((shared, more), shared)
    assert Joint(State.FIFTY, State.NO) in joint_states(Relation.SAME, found)


def test_a_graver_claim_does_not_hide_a_state() -> None:
    """A divergent overtime (BAR) and a divergent tie (CAUTION) have one code."""
    found = texts(
        ("Overtime does not count.", HALVES),
        'Overtime counts. If the game ends in a tie, this market resolves to "No".',
    )
    assert {each.severity for each in found} == {Severity.BAR, Severity.CAUTION}
    assert Joint(State.FIFTY, State.NO) in joint_states(Relation.SAME, found)


LAST: Final = "If the vote is cancelled, the market will resolve to the last traded price."
FAIR: Final = "If the game is cancelled, the market will resolve to a fair price."
DIED: Final = "If a nominee dies, the market will resolve to the last fair market price."
TIED: Final = "If the game ends in a tie, the market will resolve to a fair price."


@pytest.mark.parametrize("text", [LAST, FAIR, DIED, TIED])
@pytest.mark.parametrize("relation", [Relation.SAME, Relation.INVERTED])
def test_two_last_prices_are_two_numbers(text: str, relation: Relation) -> None:
    joints = joint_states(relation, texts(text, text, relation))
    both = Joint(State.VOID_LAST_PRICE, State.VOID_LAST_PRICE)
    assert both in joints
    for side in Outcome:
        assert worst([both], hedge(side, relation)).pays == 0


def test_two_last_prices_meet_also_where_kalshi_shows_no_text() -> None:
    found = texts("", FAIR)
    both = Joint(State.VOID_LAST_PRICE, State.VOID_LAST_PRICE)
    assert both in joint_states(Relation.SAME, found)


def test_two_refunds_give_back_what_was_paid_and_nothing_is_known_without_prices() -> None:
    refunded = "If the vote is cancelled, all positions are refunded."
    joints = joint_states(Relation.SAME, texts(refunded, refunded))
    assert Joint(State.REFUND, State.REFUND) in joints
    held = Hedge(Outcome.YES, Outcome.NO, Price(430_000), Price(520_000))
    assert worst(joints, held).pays == 950_000
    assert worst(joints, hedge(Outcome.YES, Relation.SAME)).pays == 0


def test_opposite_questions_that_both_settle_to_no_can_pay_nothing() -> None:
    no = 'If no figure is published, this market will resolve to "No".'
    assert texts(no, no) == ()
    found = texts(no, no, Relation.INVERTED)
    assert NEITHER in joint_states(Relation.INVERTED, found)
    assert worst(joint_states(Relation.INVERTED, found), hedge(Outcome.YES, Relation.INVERTED)) == (
        NEITHER,
        0,
    )


def test_one_rule_in_two_wordings_that_pays_a_dollar_is_no_divergence() -> None:
    assert (
        texts("If the vote is cancelled, it resolves 50-50.", "If it is called off: 50/50.") == ()
    )


def test_a_tie_that_pays_a_market_of_its_own_is_not_yes() -> None:
    ours = 'If the game ends in a tie, the market called "Tie" resolves to "Yes".'
    joints = joint_states(Relation.SAME, texts(ours, HALVES))
    assert worst(joints, hedge(Outcome.YES, Relation.SAME)).pays == ONE // 2


def test_a_share_for_an_unknown_number_is_not_half() -> None:
    ours = "In a dead heat the payout is split equally among the winners at $1/n, or $0.50 for two."
    heat = Divergence("dead_heat", Severity.CAUTION, ours, 'A dead heat resolves to "No".')
    joints = joint_states(Relation.SAME, [heat])
    assert Joint(State.SCALAR, State.NO) in joints
