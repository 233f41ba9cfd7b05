"""An episode: the life of one opportunity, from the book change that made it to the one that ended
it, with the proof of how fresh both books were. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from scanner.opportunity import Opportunity

MATERIAL_PERCENT: Final = 10
"""A profit or a quantity that differs by this much from what was told last is news."""


_SAME_MS: Final = 1_000
"""No pair begins so many episodes within one millisecond; a clock set back goes farther."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """How well the two books are known, in the order of the pair's markets.

    `ages_ms`: time since each was last known to be true, None: never. `doubts`: why nobody may act
    on it; none: both are fresh, continuous and unquestioned.
    """

    ages_ms: tuple[int | None, int | None]
    doubts: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        return not self.doubts


class Happened(StrEnum):
    """What an episode did just now. CHANGED: materially, or its proof became good or bad."""

    APPEARED = "appeared"
    CHANGED = "changed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """`id` leads from the alert to the order. `best` has the greatest profit so far, `last` is the
    newest; both tell when they were seen.

    `half_life_ms`: from the best until half of its profit was gone for the first time since; None
    while it lasts. `was_good`: at some moment, both books were good. `ended_by` is a gate of
    scanner.scan.Reason or another word for why.
    """

    pair_id: str
    first_ms: int
    best: Opportunity
    last: Opportunity
    proof: Proof
    was_good: bool
    half_life_ms: int | None = None
    ended_ms: int | None = None
    ended_by: str | None = None

    @property
    def id(self) -> str:
        return f"{self.pair_id}@{self.first_ms}"

    @property
    def duration_ms(self) -> int:
        """Never less than nothing, though the clock be set back."""
        return max((self.ended_ms or self.last.seen_ms) - self.first_ms, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    happened: Happened
    episode: Episode


def begin(found: Opportunity, proof: Proof, *, after_ms: int | None = None) -> Episode:
    """`after_ms`: when the pair's episode before began. One that begins in the same millisecond is
    another one, and so gets the next."""
    first_ms = found.seen_ms
    if after_ms is not None and 0 <= after_ms - first_ms < _SAME_MS:
        first_ms = after_ms + 1
    return Episode(
        pair_id=found.pair_id,
        first_ms=first_ms,
        best=found,
        last=found,
        proof=proof,
        was_good=proof.is_good,
    )


def go_on(episode: Episode, found: Opportunity, proof: Proof) -> Episode:
    """The episode with what is seen now."""
    best, half_life_ms = episode.best, episode.half_life_ms
    if found.profit > best.profit:
        best, half_life_ms = found, None
    elif half_life_ms is None and 2 * found.profit <= best.profit:
        half_life_ms = max(found.seen_ms - best.seen_ms, 0)
    return replace(
        episode,
        best=best,
        last=found,
        proof=proof,
        was_good=episode.was_good or proof.is_good,
        half_life_ms=half_life_ms,
    )


def end(episode: Episode, at_ms: int, by: str) -> Episode:
    half_life_ms = episode.half_life_ms
    if half_life_ms is None:
        half_life_ms = max(at_ms - episode.best.seen_ms, 0)
    return replace(episode, half_life_ms=half_life_ms, ended_ms=at_ms, ended_by=by)


def is_material(told: Opportunity, found: Opportunity) -> bool:
    """Whether profit or quantity moved by MATERIAL_PERCENT, or the legs changed sides."""
    sides = [leg.contract for leg in told.legs] != [leg.contract for leg in found.legs]
    return sides or any(
        100 * abs(now - before) >= MATERIAL_PERCENT * before
        for before, now in (
            (int(told.profit), int(found.profit)),
            (int(told.quantity), int(found.quantity)),
        )
    )
