"""The algebra of YES sets against Python sets and truth tables that share no code."""

from __future__ import annotations

from typing import Final, TypeVar

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from matching.pairs import Relation
from matching.relation import (
    ALL_SCORES,
    EVERYTHING,
    FROM_ZERO,
    IntSet,
    flipped,
    negated_p,
    of_masks,
    of_sets,
    score_mask,
)

R: Final = Relation
LOW, HIGH = -15, 15
UNIVERSE: Final = frozenset(range(LOW, HIGH + 1))
GOALS: Final = [(a, b) for a in range(4) for b in range(4)]

ends = st.integers(LOW, HIGH)
pieces = st.lists(st.tuples(ends, ends), max_size=5)
relations = st.sampled_from(list(Relation))
subsets = st.frozensets(st.sampled_from(sorted(UNIVERSE)))
bounds = st.tuples(ends, ends).map(lambda two: frozenset(range(min(two), max(two) + 1)))
scores = st.frozensets(st.sampled_from(GOALS))


def members(pairs: list[tuple[int, int]]) -> frozenset[int]:
    return frozenset(n for low, high in pairs for n in range(low, high + 1))


def seen(found: IntSet) -> frozenset[int]:
    """What of a set lies in the small universe."""
    return frozenset(n for n in UNIVERSE if any(low <= n <= high for low, high in found.parts))


def as_set(numbers: frozenset[int]) -> IntSet:
    return IntSet.of((n, n) for n in numbers)


# The oracle: which of the four joint answers some world gives, and which a relation allows.

BOTH, K_ONLY, P_ONLY, NEITHER = (True, True), (True, False), (False, True), (False, False)
FORBIDDEN: Final = {
    R.SAME: {K_ONLY, P_ONLY},
    R.INVERTED: {BOTH, NEITHER},
    R.EXCLUSIVE: {BOTH},
    R.K_IMPLIES_P: {K_ONLY},
    R.P_IMPLIES_K: {P_ONLY},
}
T = TypeVar("T")
Answers = set[tuple[bool, bool]]


def answers(k: frozenset[T], p: frozenset[T], universe: frozenset[T]) -> Answers:
    return {(world in k, world in p) for world in universe}


def holds(relation: Relation, found: Answers) -> bool:
    return not found & FORBIDDEN.get(relation, set())


def strongest(found: Answers) -> Relation:
    return next((r for r in FORBIDDEN if holds(r, found)), R.OVERLAP)


def asks_something(k: frozenset[T], p: frozenset[T], universe: frozenset[T]) -> bool:
    return all(each & universe not in (frozenset(), universe) for each in (k, p))


# Sets of whole numbers


@given(pieces)
def test_intervals_are_kept_in_order_and_never_touch(pairs: list[tuple[int, int]]) -> None:
    found = IntSet.of(pairs)
    assert seen(found) == members(pairs)
    assert bool(found) is bool(members(pairs))
    assert all(low <= high for low, high in found.parts)
    assert all(a[1] + 1 < b[0] for a, b in zip(found.parts, found.parts[1:], strict=False))


@given(pieces, pieces)
def test_sets_of_intervals_behave_as_sets(
    one: list[tuple[int, int]], two: list[tuple[int, int]]
) -> None:
    a, b, a_set, b_set = IntSet.of(one), IntSet.of(two), members(one), members(two)
    assert seen(a & b) == a_set & b_set
    assert seen(a | b) == a_set | b_set
    assert (a <= b) is (a_set <= b_set)
    assert (a == b) is (a_set == b_set)


@given(pieces)
def test_what_is_outside_is_the_complement(pairs: list[tuple[int, int]]) -> None:
    found = IntSet.of(pairs)
    assert seen(found.outside()) == UNIVERSE - members(pairs)
    assert found.outside().outside() == found
    assert not found & found.outside()
    assert found | found.outside() == EVERYTHING


@given(pieces, pieces)
def test_de_morgan_holds(one: list[tuple[int, int]], two: list[tuple[int, int]]) -> None:
    a, b = IntSet.of(one), IntSet.of(two)
    assert (a & b).outside() == a.outside() | b.outside()
    assert (a | b).outside() == a.outside() & b.outside()


@given(st.none() | ends, st.none() | ends)
def test_a_missing_end_is_no_end(low: int | None, high: int | None) -> None:
    expected = {n for n in UNIVERSE if (low is None or low <= n) and (high is None or n <= high)}
    found = IntSet.between(low, high)
    assert seen(found) == expected
    assert bool(found & IntSet.between(None, -(10**60))) is (low is None)
    assert bool(found & IntSet.between(10**60, None)) is (high is None)


@given(ends)
def test_at_most_and_more_cover_everything(edge: int) -> None:
    low, high = IntSet.between(None, edge), IntSet.between(edge + 1, None)
    assert low.outside() == high
    assert of_sets(low, high, EVERYTHING) is R.INVERTED


# Two sets over one variable


@given(subsets, subsets, bounds)
def test_sets_relate_as_their_truth_table(
    k: frozenset[int], p: frozenset[int], universe: frozenset[int]
) -> None:
    assume(asks_something(k, p, universe))
    found = of_sets(as_set(k), as_set(p), as_set(universe))
    assert found is strongest(answers(k, p, universe))


@given(scores, scores, st.frozensets(st.sampled_from(GOALS), min_size=2))
def test_score_masks_relate_as_their_truth_table(
    k: frozenset[tuple[int, int]],
    p: frozenset[tuple[int, int]],
    universe: frozenset[tuple[int, int]],
) -> None:
    assume(asks_something(k, p, universe))
    found = of_masks(score_mask(k), score_mask(p), score_mask(universe))
    assert found is strongest(answers(k, p, universe))


def test_every_score_has_a_bit_of_its_own() -> None:
    assert score_mask(ALL_SCORES).bit_count() == len(set(ALL_SCORES)) == len(ALL_SCORES)


def test_home_win_draw_and_away_win_exclude_each_other() -> None:
    home = score_mask(s for s in ALL_SCORES if s[0] > s[1])
    draw = score_mask(s for s in ALL_SCORES if s[0] == s[1])
    away = score_mask(s for s in ALL_SCORES if s[0] < s[1])
    every, decided = score_mask(ALL_SCORES), home | away
    assert of_masks(home, draw, every) is R.EXCLUSIVE
    assert of_masks(home, away, every) is R.EXCLUSIVE
    assert of_masks(home, away, decided) is R.INVERTED
    assert of_masks(home, draw | away, every) is R.INVERTED
    assert of_masks(home, home | draw, every) is R.K_IMPLIES_P


@given(subsets, subsets, bounds)
def test_a_set_that_never_or_always_pays_is_refused(
    k: frozenset[int], p: frozenset[int], universe: frozenset[int]
) -> None:
    assume(not asks_something(k, p, universe))
    with pytest.raises(ValueError, match="never or always"):
        of_sets(as_set(k), as_set(p), as_set(universe))
    bits = [sum(1 << (n - LOW) for n in each) for each in (k, p, universe)]
    with pytest.raises(ValueError, match="never or always"):
        of_masks(*bits)


@given(subsets, subsets, subsets)
def test_same_is_an_equivalence(a: frozenset[int], b: frozenset[int], c: frozenset[int]) -> None:
    assume(asks_something(a, b, UNIVERSE))
    assume(asks_something(b, c, UNIVERSE))
    universe = as_set(UNIVERSE)
    ab, bc, ac = (
        of_sets(as_set(x), as_set(y), universe) is R.SAME for x, y in ((a, b), (b, c), (a, c))
    )
    assert of_sets(as_set(a), as_set(a), universe) is R.SAME
    assert (of_sets(as_set(b), as_set(a), universe) is R.SAME) is ab
    assert ac or not (ab and bc)


@given(subsets, subsets)
def test_changing_places_flips_the_relation(k: frozenset[int], p: frozenset[int]) -> None:
    assume(asks_something(k, p, UNIVERSE))
    universe = as_set(UNIVERSE)
    there = of_sets(as_set(k), as_set(p), universe)
    assert of_sets(as_set(p), as_set(k), universe) is flipped(there)


@given(relations)
def test_flipping_twice_changes_nothing(relation: Relation) -> None:
    assert flipped(flipped(relation)) is relation


@given(subsets, subsets)
def test_the_relation_to_the_no_side_is_certain(k: frozenset[int], p: frozenset[int]) -> None:
    assume(asks_something(k, p, UNIVERSE))
    universe, other = as_set(UNIVERSE), UNIVERSE - p
    said = negated_p(of_sets(as_set(k), as_set(p), universe))
    assert holds(said, answers(k, other, UNIVERSE))
    if said is not R.OVERLAP:
        assert of_sets(as_set(k), as_set(other), universe) is said


@given(relations)
def test_negating_twice_never_tells_something_new(relation: Relation) -> None:
    twice = negated_p(negated_p(relation))
    assert twice in (relation, R.OVERLAP)
    if relation in (R.SAME, R.INVERTED):
        assert twice is relation
        assert negated_p(relation) is not relation


@given(subsets, subsets, subsets)
def test_inclusion_is_transitive(k: frozenset[int], p: frozenset[int], m: frozenset[int]) -> None:
    k, m = k & p, p | m
    assume(asks_something(k, p, UNIVERSE))
    assume(asks_something(p, m, UNIVERSE))
    universe = as_set(UNIVERSE)
    inside = (R.SAME, R.K_IMPLIES_P)
    assert of_sets(as_set(k), as_set(p), universe) in inside
    assert of_sets(as_set(p), as_set(m), universe) in inside
    assert of_sets(as_set(k), as_set(m), universe) in inside


@given(subsets, subsets)
def test_a_set_excludes_what_is_outside_a_larger_one(
    k: frozenset[int], more: frozenset[int]
) -> None:
    outside = UNIVERSE - (k | more)
    assume(asks_something(k, outside, UNIVERSE))
    found = of_sets(as_set(k), as_set(outside), as_set(UNIVERSE))
    assert found is (R.INVERTED if more <= k else R.EXCLUSIVE)


@given(subsets, subsets, bounds)
def test_knowing_that_less_is_possible_never_loosens_what_was_certain(
    k: frozenset[int], p: frozenset[int], bound: frozenset[int]
) -> None:
    assume(asks_something(k, p, UNIVERSE))
    assume(asks_something(k, p, bound))
    wide = of_sets(as_set(k), as_set(p), as_set(UNIVERSE))
    narrow = of_sets(as_set(k), as_set(p), as_set(bound))
    assert holds(wide, answers(k & bound, p & bound, bound))
    if wide in (R.SAME, R.INVERTED):
        assert narrow is wide


def test_a_count_from_zero_makes_none_and_one_or_more_two_sides() -> None:
    none, some = IntSet.between(0, 0), IntSet.between(1, None)
    assert of_sets(none, some, EVERYTHING) is R.EXCLUSIVE
    assert of_sets(none, some, FROM_ZERO) is R.INVERTED
