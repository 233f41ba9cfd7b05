"""Payouts equal an oracle in Fractions that shares no code, and keep the laws of a worst case."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.pairs import Relation
from matching.payout import Hedge, Joint, State, hedge, joint_states, pays, table, worst
from matching.verdict import Divergence, Severity
from venues import Outcome, Price

ONE = 1_000_000
MIRROR = {State.YES: State.NO, State.NO: State.YES}
CODES = (
    *("timestamp_mismatch", "source", "postponement_and_cancel_rules", "cancellation", "scalar"),
    *("tie_overtime", "death_or_withdrawal", "dead_heat", "postponement", "early_close", "metric"),
)
SPANS = (
    "",
    "If the game is cancelled, it resolves 50-50.",
    "If it is called off, the market will resolve to the last traded price.",
    'If there is none, this market will resolve to "No".',
    "Stakes are refunded.",
)

states = st.sampled_from(list(State))
joints = st.builds(Joint, states, states)
outcomes = st.sampled_from(list(Outcome))
prices = st.integers(0, ONE).map(Price)
hedges = st.builds(Hedge, outcomes, outcomes, prices, prices)
divergences = st.builds(
    Divergence,
    st.sampled_from(CODES),
    st.sampled_from(list(Severity)),
    st.sampled_from(SPANS),
    st.sampled_from(SPANS),
)
pairable = st.sampled_from([Relation.SAME, Relation.INVERTED])


# The oracle: dollars as Fractions; every unknown number is tried at 0, 1/2 and 1.


@dataclass
class OracleLeg:
    state: str
    is_yes: bool
    paid: Fraction


def possible(leg: OracleLeg) -> list[Fraction]:
    if leg.state == "refund":
        return [leg.paid]
    if leg.state in ("void_last_price", "scalar"):
        worths = [Fraction(0), Fraction(1, 2), Fraction(1)]
    else:
        worths = [{"yes": Fraction(1), "no": Fraction(0), "fifty": Fraction(1, 2)}[leg.state]]
    return [worth if leg.is_yes else 1 - worth for worth in worths]


def oracle(joint: Joint, held: Hedge) -> Fraction:
    k = OracleLeg(str(joint.kalshi), held.kalshi is Outcome.YES, Fraction(held.kalshi_paid, ONE))
    p = OracleLeg(
        str(joint.polymarket), held.polymarket is Outcome.YES, Fraction(held.polymarket_paid, ONE)
    )
    return min(one + two for one, two in product(possible(k), possible(p)))


def turned(joint: Joint) -> Joint:
    return Joint(*(MIRROR.get(state, state) for state in joint))


def other(outcome: Outcome) -> Outcome:
    return Outcome.NO if outcome is Outcome.YES else Outcome.YES


@given(joints, hedges)
def test_a_payout_is_what_the_oracle_pays(joint: Joint, held: Hedge) -> None:
    paid = pays(joint, held)
    assert isinstance(paid, int)
    assert Fraction(paid, ONE) == oracle(joint, held)


@given(st.lists(joints, min_size=1), st.lists(joints), hedges)
def test_the_worst_never_rises_with_more_states(
    some: list[Joint], more: list[Joint], held: Hedge
) -> None:
    assert worst([*some, *more], held).pays <= worst(some, held).pays


@given(joints, hedges)
def test_inverting_both_legs_and_both_answers_changes_nothing(joint: Joint, held: Hedge) -> None:
    inverted = held._replace(kalshi=other(held.kalshi), polymarket=other(held.polymarket))
    assert pays(turned(joint), inverted) == pays(joint, held)


@given(joints, hedges)
def test_swapping_the_venues_changes_nothing(joint: Joint, held: Hedge) -> None:
    swapped = Hedge(held.polymarket, held.kalshi, held.polymarket_paid, held.kalshi_paid)
    assert pays(Joint(joint.polymarket, joint.kalshi), swapped) == pays(joint, held)


@given(pairable, outcomes)
def test_without_divergences_a_hedge_always_pays_one_dollar(
    relation: Relation, side: Outcome
) -> None:
    rows = table(joint_states(relation, ()), hedge(side, relation))
    assert [row.pays for row in rows] == [ONE, ONE]


@given(pairable, outcomes, st.lists(divergences), divergences)
def test_one_more_divergence_never_raises_the_worst(
    relation: Relation, side: Outcome, known: list[Divergence], more: Divergence
) -> None:
    held = hedge(side, relation)
    before = worst(joint_states(relation, known), held)
    after = worst(joint_states(relation, [*known, more]), held)
    assert 0 <= after.pays <= before.pays <= ONE


@given(pairable, st.lists(divergences.filter(lambda d: d.severity is Severity.NOTE)))
def test_notes_add_no_state(relation: Relation, notes: list[Divergence]) -> None:
    assert joint_states(relation, notes) == joint_states(relation, ())


@given(pairable, divergences)
def test_both_answers_stay_possible_and_no_state_stands_twice(
    relation: Relation, divergence: Divergence
) -> None:
    found = joint_states(relation, [divergence])
    assert found[:2] == joint_states(relation, ())
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("side", list(Outcome))
def test_half_a_dollar_against_a_last_price_pays_half_a_dollar_at_worst(side: Outcome) -> None:
    void = Divergence("cancellation", Severity.CAUTION, SPANS[2], SPANS[1])
    found = joint_states(Relation.SAME, [void])
    assert found[2:] == (Joint(State.VOID_LAST_PRICE, State.FIFTY),)
    assert worst(found, hedge(side, Relation.SAME)).pays == ONE // 2


def test_a_game_that_one_venue_waits_for_can_lose_both_legs() -> None:
    game = Divergence("postponement_and_cancel_rules", Severity.CAUTION, "", SPANS[1])
    row = worst(joint_states(Relation.SAME, [game]), hedge(Outcome.YES, Relation.SAME))
    assert row == (Joint(State.VOID_LAST_PRICE, State.YES), 0)


def test_a_refund_returns_the_price_that_was_paid() -> None:
    held = Hedge(Outcome.YES, Outcome.NO, polymarket_paid=Price(430_000))
    assert pays(Joint(State.VOID_LAST_PRICE, State.REFUND), held) == 430_000


def test_another_source_lets_the_answers_part() -> None:
    bar = Divergence("source", Severity.BAR, "a", "b")
    assert set(joint_states(Relation.SAME, [bar])) == {
        Joint(one, two) for one, two in product((State.YES, State.NO), repeat=2)
    }


@pytest.mark.parametrize("relation", [Relation.EXCLUSIVE, Relation.OVERLAP, Relation.RELATED])
def test_markets_that_are_neither_same_nor_inverted_have_no_hedge(relation: Relation) -> None:
    with pytest.raises(ValueError, match=f"markets that are {relation.value} have no hedge"):
        hedge(Outcome.YES, relation)
    with pytest.raises(ValueError, match="have no hedge"):
        joint_states(relation, ())
