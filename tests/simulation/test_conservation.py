"""Random hedges in a quiet world: nothing appears and nothing is lost, counted in fractions.

To the micro, and no less. DUTCHBOOK_CONSERVED says how many; `make campaign` runs 1,000.
"""

from __future__ import annotations

import os
import random
from fractions import Fraction
from functools import partial
from typing import Final

import pytest
from campaign import question
from hedge_floor import NoPlan
from invariants import Checker
from playing import Stage, play

from execution.risk import NotApproved
from venues import LOT, ONE, Cash, Quantity, Side

HEDGES: Final = int(os.environ.get("DUTCHBOOK_CONSERVED", "40"))
EACH: Final = 10
VENUES: Final = ("kalshi", "polymarket")


@pytest.mark.parametrize("seed", range(-(-HEDGES // EACH)))
def test_cash_positions_and_fees_conserve_and_no_hedge_ends_below_its_worst(seed: int) -> None:
    done = 0
    for number in range(EACH * 20):
        rng = random.Random(f"conserved {seed} {number}")
        drawn = question(rng, 0)
        done += play(partial(_hedge, rng=rng), questions=(drawn,), seed=number)
        if done == EACH:
            return
    raise AssertionError(f"only {done} of {number + 1} worlds had anything to hedge")


async def _hedge(stage: Stage, rng: random.Random) -> int:
    """1 where something was traded."""
    checker = Checker(stage)
    before = {venue: Fraction(stage.cash(venue), ONE) for venue in VENUES}
    async with stage.open() as executor:
        try:
            plan = await stage.plan(
                "q0",
                quantity=Quantity(rng.randint(700, 6_000) * LOT),
                together=rng.random() < 0.3,
                loss_max=Cash(rng.choice((1, 3, 10)) * ONE),
                unsettled=frozenset({rng.choice(VENUES)}),
            )
            opened = await executor.open(plan, key="k", by="ann")
        except (NoPlan, NotApproved):
            return 0
        await executor.rest(opened.id)
        await stage.clock.sleep_ms(95_000)
    checker.end()
    [hedge] = checker.ledger.hedges.values()
    fills = [fill for each in hedge.attempts for fill in each.fills if not fill.reversed]
    sign = {Side.BUY: 1, Side.SELL: -1}
    for venue in VENUES:
        mine = [fill for fill in fills if fill.contract.venue == venue]
        paid = sum(Fraction(f.price * f.quantity * sign[f.side], ONE**2) for f in mine)
        fees = sum(Fraction(f.fee, ONE) for f in mine)
        gone = before[venue] - Fraction(stage.cash(venue), ONE)
        assert gone == paid + fees, f"{venue}: {gone}"
    spent = sum(before.values()) - sum(Fraction(stage.cash(v), ONE) for v in VENUES)
    held = [
        sum(f.quantity * sign[f.side] for f in fills if f.contract == leg.contract)
        for leg in plan.legs
    ]
    left = Fraction(min(held), ONE) - spent
    assert left == Fraction(hedge.result, ONE)
    assert left >= Fraction(plan.worst, ONE)
    if hedge.state == "hedged" and hedge.matched == plan.quantity and len(hedge.attempts) == 2:
        assert left >= Fraction(plan.least_profit, ONE)
    return int(bool(fills))
