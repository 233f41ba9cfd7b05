"""The algebra of YES sets: what the sets of two contracts say about each other.

A contract pays when a value falls into its YES set: a number on the grid its source publishes on, a
rank in a contest, a final score. Two sets over one variable relate as sets do; two contracts over
time windows relate only as far as their windows do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from matching.pairs import Relation

INFINITE: Final = 1 << 256  # beyond every number on every grid
_WIDTH: Final = 26  # a score's bit in a mask is a * _WIDTH + b
ALL_SCORES: Final = [(a, b) for a in range(_WIDTH) for b in range(_WIDTH)]

_FLIPPED: Final = {
    Relation.K_IMPLIES_P: Relation.P_IMPLIES_K,
    Relation.P_IMPLIES_K: Relation.K_IMPLIES_P,
}
_NEGATED_P: Final = {
    Relation.SAME: Relation.INVERTED,
    Relation.INVERTED: Relation.SAME,
    Relation.EXCLUSIVE: Relation.K_IMPLIES_P,
    Relation.K_IMPLIES_P: Relation.EXCLUSIVE,
    Relation.P_IMPLIES_K: Relation.OVERLAP,  # or they cover all there is: the sets must tell
}
_ORDERED: Final = (Relation.SAME, Relation.K_IMPLIES_P, Relation.P_IMPLIES_K)


def flipped(relation: Relation) -> Relation:
    """The relation with both markets changing places."""
    return _FLIPPED.get(relation, relation)


def negated_p(relation: Relation) -> Relation:
    """What is certain once Polymarket's YES is its NO."""
    return _NEGATED_P.get(relation, relation)


def with_negations(
    relation: Relation,
    k_negated: bool,  # noqa: FBT001 - of the markets in their order, like the terms they are from
    p_negated: bool,  # noqa: FBT001
) -> Relation:
    """The relation of two claims of which the texts deny one, both or none."""
    if p_negated:
        relation = negated_p(relation)
    return flipped(negated_p(flipped(relation))) if k_negated else relation


@dataclass(frozen=True, slots=True)
class IntSet:
    """A set of whole numbers: disjoint closed intervals in order, never touching each other."""

    parts: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, parts: Iterable[tuple[int, int]]) -> IntSet:
        """The union of intervals, those that are empty left out."""
        joined: list[tuple[int, int]] = []
        for low, high in sorted(part for part in parts if part[0] <= part[1]):
            if joined and low <= joined[-1][1] + 1:
                joined[-1] = (joined[-1][0], max(joined[-1][1], high))
            else:
                joined.append((low, high))
        return cls(tuple(joined))

    @classmethod
    def between(cls, low: int | None, high: int | None) -> IntSet:
        """From `low` to `high`, both included; None: no end."""
        return cls.of([(-INFINITE if low is None else low, INFINITE if high is None else high)])

    def __and__(self, other: IntSet) -> IntSet:
        if len(self.parts) == len(other.parts) == 1:  # mostly
            (a, b), (c, d) = self.parts[0], other.parts[0]
            low, high = max(a, c), min(b, d)
            return IntSet(((low, high),) if low <= high else ())
        return IntSet.of((max(a, c), min(b, d)) for a, b in self.parts for c, d in other.parts)

    def __or__(self, other: IntSet) -> IntSet:
        return IntSet.of(self.parts + other.parts)

    def __le__(self, other: IntSet) -> bool:
        return (self & other) == self

    def __bool__(self) -> bool:
        return bool(self.parts)

    def outside(self) -> IntSet:
        """All whole numbers that are not in this set."""
        gaps, start = [], -INFINITE
        for low, high in self.parts:
            gaps.append((start, low - 1))
            start = high + 1
        return IntSet.of([*gaps, (start, INFINITE)])


EVERYTHING: Final = IntSet.between(None, None)
FROM_ZERO: Final = IntSet.between(0, None)


def of_sets(k: IntSet, p: IntSet, universe: IntSet) -> Relation:
    """The relation of two YES sets over one variable that lies in `universe`.

    Raises ValueError where a set is empty or holds all there is: such a contract asks nothing.
    """
    k, p = k & universe, p & universe
    if not k or not p or universe in (k, p):
        raise ValueError("a YES set that never or always comes true")
    if k == p:
        return Relation.SAME
    if not k & p:
        return Relation.INVERTED if (k | p) == universe else Relation.EXCLUSIVE
    if k <= p:
        return Relation.K_IMPLIES_P
    if p <= k:
        return Relation.P_IMPLIES_K
    return Relation.OVERLAP


class Span(NamedTuple):
    """A stretch of days, as ordinals, both ends included; `first` None: from whenever on."""

    first: int | None
    last: int


def of_spans(k: Span, p: Span) -> Relation:
    """How two windows lie.

    SAME, one inside the other (K_IMPLIES_P: k inside p), EXCLUSIVE where they do not meet, else
    OVERLAP. An unknown start is the same start as the other's.
    """
    k_first = p.first if k.first is None else k.first
    p_first = k.first if p.first is None else p.first
    if k_first == p_first and k.last == p.last:
        return Relation.SAME
    k_from = -INFINITE if k_first is None else k_first
    p_from = -INFINITE if p_first is None else p_first
    if k.last < p_from or p.last < k_from:
        return Relation.EXCLUSIVE
    if p_from <= k_from and k.last <= p.last:
        return Relation.K_IMPLIES_P
    if k_from <= p_from and p.last <= k.last:
        return Relation.P_IMPLIES_K
    return Relation.OVERLAP


def of_events(values: Relation, windows: Relation) -> Relation:
    """What happens within a window: certain only where both sets and windows point one way.

    `values` relates what must happen (reaching 150,000 implies reaching 140,000), `windows` when.
    Two such events are never exclusive by their windows alone: both may happen.
    """
    if values is Relation.SAME:
        return windows if windows in _ORDERED else Relation.RELATED
    if windows is Relation.SAME:
        return values
    if values is windows:
        return values if values in _ORDERED else Relation.RELATED
    return Relation.RELATED


def score_mask(holds: Iterable[tuple[int, int]]) -> int:
    """The set of final scores (a, b), each up to 25, as a bit mask."""
    mask = 0
    for a, b in holds:
        mask |= 1 << (a * _WIDTH + b)
    return mask


def of_masks(k: int, p: int, universe: int) -> Relation:
    """As of_sets, for sets of final scores."""
    k, p = k & universe, p & universe
    if not k or not p or universe in (k, p):
        raise ValueError("a YES set that never or always comes true")
    if k == p:
        return Relation.SAME
    if not k & p:
        return Relation.INVERTED if k | p == universe else Relation.EXCLUSIVE
    if k & ~p == 0:
        return Relation.K_IMPLIES_P
    if p & ~k == 0:
        return Relation.P_IMPLIES_K
    return Relation.OVERLAP
