"""A thing as it was: what lagging reads look at."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Versions(Generic[K, V]):
    """Values by key, each with the time it began to hold. Times must not fall.

    What held longer ago than `kept_ms` is forgotten, but for the newest such value.
    """

    def __init__(self, kept_ms: int) -> None:
        self._kept_ms = kept_ms
        self._times: dict[K, list[int]] = {}
        self._values: dict[K, list[V]] = {}

    def put(self, key: K, at_ms: int, value: V) -> None:
        times, values = self._times.setdefault(key, []), self._values.setdefault(key, [])
        if times and times[-1] == at_ms:
            values[-1] = value
            return
        times.append(at_ms)
        values.append(value)
        while len(times) > 1 and times[1] <= at_ms - self._kept_ms:
            del times[0], values[0]

    def at(self, key: K, at_ms: int) -> V | None:
        """What held then; None before the first."""
        place = bisect_right(self._times.get(key, []), at_ms)
        return self._values[key][place - 1] if place else None

    def newest(self, key: K) -> V | None:
        values = self._values.get(key)
        return values[-1] if values else None

    def all_newest(self) -> Iterator[V]:
        for values in self._values.values():
            yield values[-1]

    def keys(self) -> Iterator[K]:
        """In the order of their first value."""
        return iter(self._values)
