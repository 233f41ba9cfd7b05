"""What a scan finds: legs, the opportunity they make, and a report with a reason for each pair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from venues import Cash, Contract, Price, Quantity
from venues.money import annual_bps, edge_bps


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One purchase. `cost` and `fee` are what the venue takes for `bought` contracts.

    `bought` is the pair's quantity, or more where an order that spends an amount buys a crumb over.
    `average_price` is rounded up.
    """

    contract: Contract
    bought: Quantity
    average_price: Price
    worst_price: Price
    cost: Cash
    fee: Cash

    @property
    def outlay(self) -> Cash:
        return Cash(self.cost + self.fee)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opportunity:
    """Two legs of which exactly one pays: `quantity` dollars come back whatever happens.

    `days` runs to the later payout, None where unknown.
    """

    pair_id: str
    legs: tuple[Leg, Leg]
    quantity: Quantity
    seen_ms: int
    days: int | None = None

    @property
    def payout(self) -> Cash:
        return Cash(self.quantity)

    @property
    def outlay(self) -> Cash:
        return Cash(self.legs[0].outlay + self.legs[1].outlay)

    @property
    def profit(self) -> Cash:
        return Cash(self.payout - self.outlay)

    @property
    def edge_bps(self) -> int:
        return edge_bps(self.profit, self.outlay)

    @property
    def annual_bps(self) -> int | None:
        """Simple annualised return; a payout today counts as one day. None where days are."""
        if self.days is None or self.days < 0:
            return None
        return annual_bps(self.profit, self.outlay, max(self.days, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One pair in one pass: an opportunity, or the first gate that it failed.

    `crossed`: before fees, a bid at one venue is above the ask at the other.
    """

    pair_id: str
    crossed: bool
    days: int | None
    opportunity: Opportunity | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanReport:
    """One pass over all pairs, in their order."""

    ts_ms: int
    findings: tuple[Finding, ...]

    @property
    def ranked(self) -> tuple[Opportunity, ...]:
        """The opportunities, best profit first."""
        found = [f.opportunity for f in self.findings if f.opportunity]
        return tuple(sorted(found, key=lambda o: (-o.profit, -o.edge_bps, o.pair_id)))

    @property
    def near_misses(self) -> Mapping[str, int]:
        """How many pairs stopped at each gate."""
        return Counter(f.reason for f in self.findings if f.reason)
