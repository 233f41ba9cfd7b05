"""Records as they were a moment ago: reads trail the engine by `knobs.lag_ms`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Generic, TypeVar

T = TypeVar("T")
_SPARE_MS: Final = 5_000


class Versions(Generic[T]):
    """By id, in the order in which ids first came; each with what it was since when."""

    def __init__(self, lag_ms: int) -> None:
        self._kept_ms = lag_ms + _SPARE_MS
        self._rows: dict[str, list[tuple[int, T]]] = {}

    def put(self, id: str, row: T, now_ms: int) -> None:
        rows = self._rows.setdefault(id, [])
        rows.append((now_ms, row))
        while len(rows) > 1 and rows[1][0] <= now_ms - self._kept_ms:
            del rows[0]

    def drop(self, id: str) -> None:
        self._rows.pop(id, None)

    def now(self, id: str) -> T | None:
        rows = self._rows.get(id)
        return rows[-1][1] if rows else None

    def at(self, id: str, when_ms: int) -> T | None:
        """None where it did not exist yet."""
        rows = self._rows.get(id, [])
        return next((row for since, row in reversed(rows) if since <= when_ms), None)

    def all(self, when_ms: int) -> Iterator[T]:
        """Newest id first."""
        for id in reversed(self._rows):
            found = self.at(id, when_ms)
            if found is not None:
                yield found
