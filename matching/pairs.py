"""A pair: two markets at two venues that a person says are about the same thing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Relation(StrEnum):
    """SAME: YES here is YES there. INVERTED: YES here is NO there."""

    SAME = "same"
    INVERTED = "inverted"


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
