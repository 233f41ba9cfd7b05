"""Two listings' clauses side by side, and the ways to claim that they differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from matching.clauses import Clause, Kind
from matching.listing import Listing


class Side:
    """One listing's clauses by kind, and whether it has a rules text at all."""

    def __init__(self, listing: Listing, found: tuple[Clause, ...]) -> None:
        self.shown = listing.has_rules
        self._by_kind: dict[Kind, list[Clause]] = {}
        for clause in found:
            self._by_kind.setdefault(clause.kind, []).append(clause)
        self.kinds: Final = frozenset(self._by_kind)

    def of(self, kind: Kind, prefix: str = "") -> dict[str, str]:
        """Value → the first sentence that says it; `prefix` ("price:") chooses and is cut off."""
        chosen: dict[str, str] = {}
        for clause in self._by_kind.get(kind, ()):
            if clause.value.startswith(prefix):
                chosen.setdefault(clause.value[len(prefix) :], clause.span)
        return chosen

    def says(self, kind: Kind) -> bool:
        return kind in self._by_kind


Claim = tuple[str, str, str]
"""A case, Kalshi's words, Polymarket's words."""


def differ(case: str, k: dict[str, str], p: dict[str, str]) -> Iterator[Claim]:
    """A claim where both sides speak and share no value."""
    if k and p and not k.keys() & p.keys():
        yield case, next(iter(k.values())), next(iter(p.values()))


def one_speaks(k: Side, p: Side, ours: dict[str, str], theirs: dict[str, str]) -> bool:
    """Whether one side speaks of it and the other, whose text stands there, does not."""
    return (bool(ours) and not theirs and p.shown) or (bool(theirs) and not ours and k.shown)


def quote(case: str, ours: dict[str, str], theirs: dict[str, str]) -> Claim:
    return case, next(iter(ours.values()), ""), next(iter(theirs.values()), "")
