"""Contracts that pay exactly when the second leg of a plan does, by other pairs that share a market
with it, directly or through more of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from app.config import Settings
from app.live import fetch_markets, listed_as
from app.pair_source import Source, why_not
from app.pairs_file import PairRow
from app.wiring_terms import Member
from execution.ledger import Ledger
from execution.plan import HedgePlan
from execution.router import Venue
from matching.pairs import MarketKey, Pair, Relation
from venues import Contract, Outcome

MOST: Final = 4
ROWS_MAX: Final = 16


def sharing(rows: Iterable[PairRow], row: PairRow) -> tuple[PairRow, ...]:
    """The other rows that name a market of this one, or of one found so, the nearest first."""
    left = [each for each in rows if each.pair_id != row.pair_id]
    found: list[PairRow] = []
    names = {("kalshi", row.kalshi), ("polymarket", row.polymarket)}
    while len(found) < ROWS_MAX:
        new = [e for e in left if {("kalshi", e.kalshi), ("polymarket", e.polymarket)} & names]
        if not new:
            break
        found += new
        left = [each for each in left if each not in new]
        names |= {("kalshi", e.kalshi) for e in new} | {("polymarket", e.polymarket) for e in new}
    return tuple(found[:ROWS_MAX])


async def tradable(
    source: Source, row: PairRow, venues: Mapping[str, Venue], settings: Settings
) -> list[Pair]:
    """The other pairs of its group that may be traded, at the texts of now; none where a venue does
    not answer, for a hedge needs none."""
    rows = sharing(source.rows, row)
    if not rows:
        return []
    got = {
        name: await fetch_markets(venue.data, [getattr(each, name) for each in rows])
        for name, venue in venues.items()
    }
    found = []
    for each in rows:
        item = listed_as(each, got, Member(settings.kalshi.member))
        both = {MarketKey(m.venue, m.id): m for m in (item.one, item.two) if m}
        if len(both) == 2 and not why_not(source, each.pair_id, both, settings):
            found.append(item.pair)
    return found


def equivalents(
    pairs: Sequence[Pair], start: Contract, never: Collection[MarketKey]
) -> Mapping[Contract, tuple[str, ...]]:
    """Each with the ids of the pairs that lead to it, the shortest way first. `never`: markets that
    lead on but do not stand in themselves."""
    links: dict[Contract, tuple[str, ...]] = {start: ()}
    reached = [start]
    for here in reached:
        for pair in pairs:
            for one, two in ((pair.one, pair.two), (pair.two, pair.one)):
                if one != MarketKey(here.venue, here.market):
                    continue
                other = Contract(*two, _outcome(here.outcome, pair.relation))
                if other not in links and other.other not in links:
                    links[other] = (*links[here], pair.id)
                    reached.append(other)
    barred = {*never, MarketKey(start.venue, start.market)}
    return {c: via for c, via in links.items() if MarketKey(c.venue, c.market) not in barred}


def with_substitutes(plan: HedgePlan, pairs: Sequence[Pair], ledger: Ledger) -> HedgePlan:
    """`pairs`: those that may be traded, the plan's own among them. Nothing is taken whose other
    side is held."""
    first, second = (leg.contract for leg in plan.legs)
    never = {MarketKey(first.venue, first.market)}
    found = {
        contract: via
        for contract, via in equivalents(pairs, second, never).items()
        if not any(hedge.holds(contract.other) > 0 for hedge in ledger.hedges.values())
        and contract.other not in _foreign(ledger)
    }
    some = [*found.items()][:MOST]
    return replace(
        plan,
        substitutes=tuple(contract for contract, _ in some),
        links=tuple(via for _, via in some),
    )


def _foreign(ledger: Ledger) -> set[Contract]:
    """What others hold on our accounts; the baseline counts YES less NO."""
    return {c if n > 0 else replace(c, outcome=Outcome.NO) for c, n in ledger.baseline.items()}


def _outcome(outcome: Outcome, relation: Relation) -> Outcome:
    return outcome.other if relation is Relation.INVERTED else outcome
