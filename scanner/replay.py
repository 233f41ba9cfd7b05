"""The same pass over a tape: quotes in, findings out, cycle by cycle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from matching.pairs import MarketKey, Pair
from scanner.opportunity import ScanReport
from scanner.scan import Policy, scan
from venues import Market
from venues.replay import Pass, book_of


class Listed(NamedTuple):
    """A pair with its two markets as they stand for the whole tape."""

    pair: Pair
    one: Market
    two: Market


def replay(
    listed: Sequence[Listed], passes: Iterable[Pass], policy: Policy
) -> Iterator[ScanReport]:
    """A report for each cycle in which some pair has a book of both venues; only those pairs.

    A market quoted twice in one cycle counts with its last quote.
    """
    for cycle in passes:
        books = {MarketKey(q.venue, q.market): book_of(q) for q in cycle.quotes}
        quoted = [x for x in listed if x.pair.one in books and x.pair.two in books]
        found = [
            scan([x.pair], dict(_keyed(x)), books, ts_ms=cycle.ts_ms, policy=policy).findings[0]
            for x in quoted  # each with its own word about its markets
        ]
        if found:
            yield ScanReport(ts_ms=cycle.ts_ms, findings=tuple(found))


def _keyed(item: Listed) -> Iterable[tuple[MarketKey, Market]]:
    return (item.pair.one, item.one), (item.pair.two, item.two)
