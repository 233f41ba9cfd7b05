"""Our journal of the demo against the simulated venues' own ledgers."""

from __future__ import annotations

from collections.abc import Iterator

from app.wiring_sim import Truth
from execution.ledger import Ledger
from execution.reconcile import nets
from venues import Cash
from venues.money import text


def differences(truth: Truth, before: dict[str, Cash], ledger: Ledger) -> Iterator[str]:
    """Where they do not agree to the micro, in words. `before`: the cash of the beginning."""
    attempts = [each for hedge in ledger.hedges.values() for each in hedge.attempts]
    for venue, cash in truth.cash().items():
        spent = sum(each.outlay for each in attempts if each.request.contract.venue == venue)
        if before[venue] - cash != spent:
            yield f"{venue} took {text(before[venue] - cash)}, the journal says {text(spent)}"
        for market, held in nets(venue, ledger).items():
            if (found := truth.position(venue, market)) != held:
                yield f"{venue} has {text(found)} of {market}, the journal says {text(held)}"
