"""A pair: two markets at two venues that a person says are about the same thing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Relation(StrEnum):
    """How YES at the first market (k, Kalshi) relates to YES at the second (p, Polymarket).

    SAME: both or neither. INVERTED: exactly one. EXCLUSIVE: never both. OVERLAP: both, either or
    neither. RELATED: one topic without a certain relation. Only the first two make a Pair.
    """

    SAME = "same"
    INVERTED = "inverted"
    K_IMPLIES_P = "k_implies_p"
    P_IMPLIES_K = "p_implies_k"
    EXCLUSIVE = "exclusive"
    OVERLAP = "overlap"
    RELATED = "related"
    UNRELATED = "unrelated"


class MarketKey(NamedTuple):
    """A market anywhere."""

    venue: str
    id: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two markets and how the second relates to the first."""

    id: str
    one: MarketKey
    two: MarketKey
    relation: Relation
