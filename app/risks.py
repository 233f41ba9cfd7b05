"""What the rules of a pair hold for who buys both legs: the worst state, and where they differ."""

from __future__ import annotations

from typing import Final

from app.alerting import Risks
from app.pair_source import Source
from app.pairs_show import worst_payouts
from scanner.opportunity import Opportunity
from venues import Price
from venues.money import proceeds, text

_MANY: Final = 8


def risks_of(source: Source, found: Opportunity) -> Risks:
    """Nothing of a pair of a file: nobody has read its rules."""
    booked = (source.booked or {}).get(found.pair_id)
    if booked is None:
        return Risks()
    kept = booked.kept
    at_kalshi = next(
        (leg.contract.outcome for leg in found.legs if leg.contract.venue == "kalshi"), None
    )
    worst = [w for w in worst_payouts(kept.relation, kept.divergences) if w.kalshi is at_kalshi]
    said = ""
    if worst:
        joint, pays = worst[0].payout.joint, worst[0].payout.pays
        left = proceeds(Price(pays), found.quantity) - found.outlay
        sign = "−" if left < 0 else ""
        said = (
            f"{sign}${text(abs(left), 2)}, where Kalshi settles {joint.kalshi.value} and "
            f"Polymarket {joint.polymarket.value}"
        )
    differ = tuple(f"{each.code} ({each.severity.value})" for each in kept.divergences[:_MANY])
    return Risks(worst=said, divergences=differ)
