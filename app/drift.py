"""Notices that a venue no longer speaks as it is documented, and says which field it is about.

One odd frame is nothing: its book is read anew. Many within one look mean that what we read may
mean something else now, so nobody may act on that venue until a look without any.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, NamedTuple

from venues.stream import Counts

FRAMES_MAX: Final = 10
"""Frames that could not be read, or of an unknown type, between two looks."""
FAULTS_MAX: Final = 10
"""New sentences about what was left out of answers, between two looks."""


class _Seen(NamedTuple):
    frames: int = 0
    faults: frozenset[str] = frozenset()


class Drift:
    """By venue, what was there at the last look."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}

    def of(self, venue: str, counts: Counts, faults: Collection[str]) -> str:
        """Why nobody may act on the venue now, "" for nothing. The first look only looks."""
        now = _Seen(counts.broken + counts.unknown, frozenset(faults))
        before = self._seen.get(venue)
        self._seen[venue] = now
        if before is None:
            return ""
        frames, fresh = now.frames - before.frames, now.faults - before.faults
        if frames > FRAMES_MAX:
            said = counts.unreadable or "of types that nobody documents"
            return f"{frames} of its frames could not be read: {said}"
        if len(fresh) > FAULTS_MAX:
            return f"{len(fresh)} things were left out of its answers, as: {min(fresh)}"
        return ""
