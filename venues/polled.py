"""Books of a venue that does not stream: read in turn, each as it was told last. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from venues.book import Book
from venues.stream import Watched


class PolledBooks:
    def __init__(self) -> None:
        self._kept: dict[str, Watched] = {}

    def get(self, market: str) -> Watched | None:
        return self._kept.get(market)

    def forget(self, market: str) -> None:
        self._kept.pop(market, None)

    def take(
        self, ids: Iterable[str], told: Mapping[str, Book], now_ms: int, now_ns: int
    ) -> list[str]:
        """What one answer told of these markets, asked for at that time; those that changed."""
        changed = []
        for id in ids:
            before, book = self._kept.get(id), told.get(id)
            if book is not None:
                now = Watched(
                    book=book, confirmed_ms=now_ms, confirmed_ns=now_ns, fault=book.fault()
                )
            elif before is not None:
                now = replace(before, fault="the venue did not tell its book")
            else:
                continue
            self._kept[id] = now
            if before is None or _shown(before) != _shown(now):
                changed.append(id)
        return changed


def _shown(watched: Watched) -> tuple[object, ...]:
    return watched.fault, watched.book.bids, watched.book.asks
