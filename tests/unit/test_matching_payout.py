"""From two listings to the worst payout: no state that can happen is left out of the table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pytest

from matching.clauses import clauses
from matching.divergence_voids import Asked
from matching.divergences import compared
from matching.listing import Listing
from matching.pairs import Relation
from matching.payout import Hedge, Joint, State, hedge, joint_states, worst
from matching.verdict import Divergence, Severity
from venues import ONE, Outcome, Price

NEITHER: Final = Joint(State.NO, State.NO)
HALVES: Final = "If the game ends in a tie, this market will resolve 50-50."


def texts(
    ours: str | Sequence[str], theirs: str, relation: Relation = Relation.SAME
) -> tuple[Divergence, ...]:
    rules = (ours,) if isinstance(ours, str) else tuple(ours)
    k = Listing(venue="kalshi", id="k", title="", rules=rules)
    p = Listing(venue="polymarket", id="p", title="", rules=(theirs,))
    return compared(k, clauses(k), p, clauses(p), Asked(relation))


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
