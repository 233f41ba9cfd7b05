"""The same pass over a tape: quotes in, findings out, cycle by cycle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from matching.pairs import MarketKey
from scanner.opportunity import ScanReport
from scanner.scan import Listed, Policy, scan
from venues.replay import Pass, book_of


def replay(
    listed: Sequence[Listed], passes: Iterable[Pass], policy: Policy
) -> Iterator[ScanReport]:
    """A report for each cycle in which some pair has a book of both venues; only those pairs.

    A market quoted twice in one cycle counts with its last quote.
    """
    for cycle in passes:
        books = {MarketKey(q.venue, q.market): book_of(q) for q in cycle.quotes}
        quoted = [x for x in listed if x.pair.one in books and x.pair.two in books]
        if quoted:
            yield scan(quoted, books, ts_ms=cycle.ts_ms, policy=policy)
