"""Windows of days and what happens within them, against sets of days and every path of a price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from matching.judge import judge
from matching.listing import Listing
from matching.pairs import Relation
from matching.relation import EVERYTHING, IntSet, Span, flipped, of_events, of_sets, of_spans

R: Final = Relation
DAYS, PRICES = 8, 9
BOTH, K_ONLY, P_ONLY, NEITHER = (True, True), (True, False), (False, True), (False, False)
FORBIDDEN: Final = {
    R.SAME: {K_ONLY, P_ONLY},
    R.INVERTED: {BOTH, NEITHER},
    R.EXCLUSIVE: {BOTH},
    R.K_IMPLIES_P: {K_ONLY},
    R.P_IMPLIES_K: {P_ONLY},
}

relations = st.sampled_from(list(Relation))
spans = st.builds(
    lambda first, days: Span(first, (first or 0) + days),
    st.none() | st.integers(0, DAYS - 1),
    st.integers(0, DAYS - 1),
)
paths = st.lists(st.integers(0, PRICES), min_size=2 * DAYS, max_size=2 * DAYS)


def days_of(span: Span, other: Span) -> frozenset[int]:
    """An unknown start is the other's; unknown at both, it is the first day of all."""
    first = next((x for x in (span.first, other.first) if x is not None), 0)
    return frozenset(range(first, span.last + 1))


@given(spans, spans)
@example(Span(None, 3), Span(None, 5))
@example(Span(2, 3), Span(None, 3))
def test_windows_relate_as_sets_of_days(k: Span, p: Span) -> None:
    k_days, p_days = days_of(k, p), days_of(p, k)
    assume(k_days and p_days)
    found = of_spans(k, p)
    assert found is not R.INVERTED
    if found is R.OVERLAP:
        assert k_days & p_days
        assert k_days - p_days
        assert p_days - k_days
    else:
        joint = {(day in k_days, day in p_days) for day in range(-1, 3 * DAYS)}
        assert found is next(r for r in FORBIDDEN if not joint & FORBIDDEN[r])


@given(spans, spans)
def test_windows_that_change_places_flip(k: Span, p: Span) -> None:
    assert of_spans(p, k) is flipped(of_spans(k, p))


@given(relations, relations)
def test_what_happens_flips_with_its_markets(values: Relation, windows: Relation) -> None:
    assert of_events(flipped(values), flipped(windows)) is flipped(of_events(values, windows))


@given(st.none() | st.integers(0, 5), st.integers(0, 9), st.integers(1, 9))
def test_an_earlier_deadline_implies_a_later_one(first: int | None, last: int, more: int) -> None:
    first = None if first is None else min(first, last)
    sooner, later = Span(first, last), Span(first, last + more)
    assert of_events(R.SAME, of_spans(sooner, later)) is R.K_IMPLIES_P
    assert of_events(R.SAME, of_spans(later, sooner)) is R.P_IMPLIES_K
    assert of_events(R.SAME, of_spans(sooner, sooner)) is R.SAME


@pytest.mark.parametrize(
    ("values", "windows"),
    [(R.K_IMPLIES_P, R.P_IMPLIES_K), (R.P_IMPLIES_K, R.K_IMPLIES_P)],
)
def test_a_harder_aim_in_a_longer_window_is_only_related(
    values: Relation, windows: Relation
) -> None:
    assert of_events(values, windows) is R.RELATED


@given(relations, st.sampled_from([R.EXCLUSIVE, R.OVERLAP, R.RELATED, R.UNRELATED]))
def test_windows_that_do_not_nest_make_nothing_certain(values: Relation, windows: Relation) -> None:
    assert of_events(values, windows) is R.RELATED


@dataclass(frozen=True, slots=True)
class Touch:
    """The highest (or lowest) price of a window lies between two prices, an end or both open."""

    low: int | None
    high: int | None
    span: Span

    def comes_true(self, path: list[int], other: Touch, *, highest: bool) -> bool:
        found = [path[day] for day in days_of(self.span, other.span)]
        if not found:
            return False
        extreme = max(found) if highest else min(found)
        return (self.low is None or self.low <= extreme) and (
            self.high is None or extreme <= self.high
        )

    @property
    def values(self) -> IntSet:
        return IntSet.between(self.low, self.high)


def contradicted(k: Touch, p: Touch, paths: list[list[int]], *, highest: bool) -> list[list[int]]:
    """The paths that the relation of two touches calls impossible."""
    said = of_events(of_sets(k.values, p.values, EVERYTHING), of_spans(k.span, p.span))
    bad = FORBIDDEN.get(said, set())
    return [
        path
        for path in paths
        if (k.comes_true(path, p, highest=highest), p.comes_true(path, k, highest=highest)) in bad
    ]


@given(
    st.booleans(),
    st.tuples(st.integers(1, PRICES), st.integers(1, PRICES)),
    spans,
    spans,
    st.lists(paths, min_size=20, max_size=20),
)
def test_no_path_contradicts_what_is_said_of_two_touches(
    highest: bool, edges: tuple[int, int], one: Span, two: Span, some: list[list[int]]
) -> None:
    k, p = (
        Touch(edge if highest else None, None if highest else edge, span)
        for edge, span in zip(edges, (one, two), strict=True)
    )
    assert not contradicted(k, p, some, highest=highest)


@given(
    st.booleans(),
    st.lists(st.integers(1, PRICES), min_size=4, max_size=4),
    spans,
    st.lists(paths, min_size=20, max_size=20),
)
def test_no_path_contradicts_what_is_said_of_two_ranges_of_one_extreme(
    highest: bool, edges: list[int], span: Span, some: list[list[int]]
) -> None:
    one, two = sorted(edges[:2]), sorted(edges[2:])
    k, p = Touch(one[0], one[1], span), Touch(two[0], two[1], span)
    assert not contradicted(k, p, some, highest=highest)


@given(st.integers(1, PRICES), st.integers(1, PRICES), spans, spans)
def test_a_touch_market_is_told_as_exactly_as_paths_can_tell(
    one: int, two: int, first: Span, second: Span
) -> None:
    """Jumps on one day each are enough to show every joint answer that is possible."""
    k, p = Touch(one, None, first), Touch(two, None, second)
    assume(days_of(first, second) and days_of(second, first))
    jumps = [
        [price if day == at else 0 for day in range(2 * DAYS)]
        for at in range(2 * DAYS)
        for price in range(PRICES + 1)
    ]
    found = {
        (k.comes_true(path, p, highest=True), p.comes_true(path, k, highest=True)) for path in jumps
    }
    said = of_events(of_sets(k.values, p.values, EVERYTHING), of_spans(first, second))
    ordered = (R.SAME, R.K_IMPLIES_P, R.P_IMPLIES_K)
    certain = next((r for r in ordered if not found & FORBIDDEN[r]), R.RELATED)
    assert said is certain


# The same through the words of two listings

LAUNCH: Final = "Will Zorba Labs launch a token by {}?"
NO_LAUNCH: Final = "Will Zorba Labs not launch a token by {}?"
FEW: Final = "Will Zorba Labs launch fewer than 10 rockets by {}?"
MANY: Final = "Will Zorba Labs launch at least 10 rockets by {}?"
SOME: Final = "Will Zorba Labs launch 10 to 20 rockets by {}?"
TITLES: Final = {
    LAUNCH: (1, None),
    NO_LAUNCH: (0, 0),
    FEW: (0, 9),
    MANY: (10, None),
    SOME: (10, 20),
}
DEADLINES: Final = ("May 31, 2026", "November 30, 2026", "December 31, 2026")


def possible(k: tuple[str, str], p: tuple[str, str]) -> set[tuple[bool, bool]]:
    """The joint answers over every way to launch 0 to 25 before each deadline."""
    found = set()
    for first in range(26):
        for second in range(first, 26):
            for third in range(second, 26):
                counts = dict(zip(DEADLINES, (first, second, third), strict=True))
                one, two = (
                    low <= counts[deadline] <= (25 if high is None else high)
                    for (low, high), deadline in ((TITLES[t], d) for t, d in (k, p))
                )
                found.add((one, two))
    return found


def brief(two: object) -> str:
    assert isinstance(two, tuple)
    names = {LAUNCH: "any", NO_LAUNCH: "none", FEW: "few", MANY: "many", SOME: "some"}
    return "-".join(names.get(each, str(each)[:3]) for each in two)


@pytest.mark.parametrize("dates", [(a, b) for a in DEADLINES for b in DEADLINES], ids=brief)
@pytest.mark.parametrize(
    "titles",
    [
        (LAUNCH, LAUNCH),
        (NO_LAUNCH, LAUNCH),
        (LAUNCH, NO_LAUNCH),
        (NO_LAUNCH, NO_LAUNCH),
        (FEW, FEW),
        (MANY, MANY),
        (FEW, MANY),
        (MANY, FEW),
        (SOME, SOME),
        (SOME, MANY),
    ],
    ids=brief,
)
def test_no_course_of_events_contradicts_what_is_judged(
    titles: tuple[str, str], dates: tuple[str, str]
) -> None:
    k, p = zip(titles, dates, strict=True)
    judgement = judge(
        Listing(venue="kalshi", id="KXZORBA-26", title=k[0].format(k[1])),
        Listing(venue="polymarket", id="0x1", title=p[0].format(p[1]), outcomes=("Yes", "No")),
    )
    assert not possible(k, p) & FORBIDDEN.get(judgement.relation, set()), judgement.relation
