"""What is critical now, as ledger, switch, venues and pair book have it; and what rules hold."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from page_stage import Stage, opened, plan_of

from alerts.escalation import Trouble
from app.kill_switch import let_go, stop
from app.pair_source import Source
from app.risks import risks_of
from app.troubles import troubles_of
from execution.hedge import Event, Hedge
from execution.records import Closed, Differs, Diverged, Opened
from matching.pair_book import PairState
from venues import Cash, VenueStatus


@pytest.fixture
async def stage(tmp_path: Path, clock: Any) -> AsyncIterator[Stage]:
    async with opened(tmp_path, clock) as found:
        yield found


def subjects(stage: Stage) -> dict[str, Trouble]:
    return {each.subject: each for each in troubles_of(stage.works)}


async def test_nothing_is_critical_where_all_is_well(stage: Stage) -> None:
    assert subjects(stage) == {}


async def test_the_kill_switch_is_critical_while_it_is_on(stage: Stage) -> None:
    stop(stage.works.settings, "I am at lunch")
    assert subjects(stage)["kill switch"].lines[0] == "Why: I am at lunch"
    let_go(stage.works.settings)
    assert subjects(stage) == {}


async def test_a_venue_that_is_closed_differs_or_does_not_trade_is_critical(stage: Stage) -> None:
    ledger = stage.desk.ledger
    ledger.apply(Closed(venue="kalshi", on=True, why="401", at_ms=1))
    ledger.apply(Differs(venue="polymarket", subject="cash", venue_says="1", we_say="2", at_ms=1))
    stage.works.room.statuses["kalshi"] = VenueStatus(
        venue="kalshi", trading=False, says="maintenance", skew_ms=0
    )
    found = subjects(stage)
    assert set(found) == {"kalshi closed", "difference polymarket cash", "kalshi read-only"}
    assert found["kalshi read-only"].lines[0] == "It says: maintenance"


async def test_a_hedge_that_is_parked_or_takes_too_long_is_critical(stage: Stage) -> None:
    now_ms = stage.works.clock.now_ms()
    plan = plan_of("h", "p", None, now_ms)
    begun = Hedge(plan=plan, key="k", opened_by="me", opened_ms=now_ms).moved(
        Event.BEGAN, now_ms, ""
    )
    stage.desk.ledger.hedges["h"] = begun
    assert subjects(stage) == {}
    await stage.works.clock.sleep_ms(120_001)
    assert subjects(stage)["hedge h"].title == "Hedge stuck (entering): p"
    stage.desk.ledger.hedges["h"] = begun.moved(Event.STUCK, now_ms, "nobody answers")
    parked = subjects(stage)["hedge h"]
    assert (parked.title, parked.is_told) == ("Hedge parked: p", True)  # of_hedge told it


async def test_results_that_do_not_fit_are_critical_until_they_do(stage: Stage) -> None:
    now_ms, ledger = stage.works.clock.now_ms(), stage.desk.ledger
    plan = plan_of("h", "p", None, now_ms)
    ledger.apply(Opened(plan=plan, key="k", by="me", at_ms=now_ms))
    ledger.apply(Diverged(hedge="h", basis=Cash(-20_000_000), why="yes here, no there", at_ms=1))
    found = subjects(stage)["divergence h"]
    assert found.lines == (
        "Why: yes here, no there",
        "The hedge pays 20.00 dollars less than a dollar each.",
    )
    assert found.is_told  # of_notice told it
    ledger.apply(Diverged(hedge="h", basis=Cash(0), why="it was corrected", at_ms=2))
    assert subjects(stage) == {}


async def test_revoked_approvals_are_critical_and_many_are_told_together(stage: Stage) -> None:
    booked = stage.works.source.booked
    assert booked
    [one] = booked.values()
    many = {
        f"p{n}": replace(
            one,
            kept=replace(one.kept, id=f"p{n}", state=PairState.REVOKED, note="the text changed"),
        )
        for n in range(7)
    }
    stage.works.source = Source(name="the pair book", rows=(), booked=many)
    found = subjects(stage)
    assert len(found) == 6
    assert found["approval p0"].lines[0] == "Why: the text changed"
    assert found["approvals"].title == "2 more approvals are revoked"


async def test_the_rules_of_a_pair_of_the_book_say_what_is_left_at_worst(stage: Stage) -> None:
    [episode] = stage.works.room.engine.episodes.values()
    risks = risks_of(stage.works.source, episode.last)
    paid = 61_000_000 + 2_532_600 + 79_500_000 + 1_491_000  # both legs, and nothing comes back
    assert episode.last.outlay == paid
    assert risks.worst == "−$144.5236, where Kalshi settles no and Polymarket yes"
    assert risks.divergences == ("announcement (caution)",)
    assert risks_of(Source(name="a file", rows=()), episode.last).worst == ""
