"""Pairs with their markets as a tape of a live day tells them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set

from app.commands import listed_of_tape
from app.pairs_file import PairRow
from app.wiring_terms import Member, overridden
from matching.pairs import MarketKey
from scanner.relive import ListNow
from scanner.scan import Listed
from venues import Market


def listed_from(rows: Iterable[PairRow], member: Member) -> ListNow:
    """Of a pair that was not watched then, a market that the tape does not tell is assumed to have
    standard terms, as on a tape of quotes."""
    known = tuple(rows)

    def listed(markets: Mapping[MarketKey, Market], lived: Set[str]) -> Iterator[Listed]:
        for row in known:
            pair = row.pair()
            one, two = (markets.get(key) for key in (pair.one, pair.two))
            if row.pair_id not in lived and not (one and two):
                yield listed_of_tape(row, member)
            else:
                told = (market and overridden(market, row, member) for market in (one, two))
                yield Listed(pair, *told)

    return listed
