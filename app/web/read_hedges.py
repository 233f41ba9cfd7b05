"""Hedges, what they hold and what they earned, as the journal has them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from app import proposing
from app.hedge_report import earned_json, hedge_json, held_json, sums_json
from app.holding_commands import used_of
from app.journal_reading import Line, lines_of, read_rows
from app.kill_switch import stopped
from app.web.models_hedges import (
    Allowed,
    Differing,
    Earned,
    Happening,
    HedgeRow,
    Hedges,
    Held,
    LimitsUsed,
    OneHedge,
    Pnl,
    Positions,
)
from app.web.read_opportunities import short
from app.web.site import Site
from execution.booking import booked, holdings, sums
from execution.hedge import AT_REST, Hedge
from execution.ledger import Act, Ledger
from execution.proposals import Proposal
from matching.pairs import MarketKey

ROWS_MAX: Final = 200


def ledger_of(site: Site) -> Ledger:
    return site.works.desk.executor.journal.ledger


def hedges(site: Site) -> Hedges:
    """The newest first."""
    every = list(ledger_of(site).hedges.values())[::-1]
    return Hedges(
        schema="dutchbook.hedges/1",
        mode=site.settings.mode,
        killed=stopped(site.settings),
        total=len(every),
        rows=[_row(site, each) for each in every[:ROWS_MAX]],
    )


async def one_hedge(site: Site, id: str) -> OneHedge | None:
    """With every row of the journal that is about it. Raises Problem."""
    hedge = ledger_of(site).hedges.get(id)
    if hedge is None:
        return None
    rows = await asyncio.to_thread(read_rows, site.settings)
    about = [line for line in lines_of(rows) if line.hedge == id]
    hedge = ledger_of(site).hedges[id]
    return OneHedge(
        schema="dutchbook.hedge_page/1",
        mode=site.settings.mode,
        at_rest=hedge.state in AT_REST,
        hedge=_row(site, hedge),
        events=[
            Happening(number=line.number, kind=line.kind, at_ms=_at_ms(line), said=line.said)
            for line in about
        ],
    )


def positions(site: Site) -> Positions:
    ledger = ledger_of(site)
    return Positions(
        schema="dutchbook.positions_page/1",
        mode=site.settings.mode,
        rows=[
            Held(title=_title(site, each.contract.venue, each.contract.market), **held_json(each))
            for each in holdings(ledger)
        ],
        differences=[Differing(**asdict(each)) for each in ledger.differs.values()],
    )


def pnl(site: Site) -> Pnl:
    """The oldest hedge first, of those that sent an order."""
    ledger = ledger_of(site)
    total = sums(ledger)
    every = [booked(hedge, ledger) for hedge in ledger.hedges.values() if hedge.attempts]
    return Pnl(
        schema="dutchbook.pnl_page/2",
        mode=site.settings.mode,
        rows=[Earned(**earned_json(each)) for each in every],
        **sums_json(total),
    )


def limits(site: Site) -> LimitsUsed:
    ledger = ledger_of(site)
    return LimitsUsed(
        schema="dutchbook.limits_page/1",
        mode=site.settings.mode,
        killed=stopped(site.settings),
        closed={each.venue: each.why for each in ledger.closed.values()},
        rows=[
            Allowed(name=name.replace("_", " "), limit=limit, used=used, money=money)
            for name, limit, used, money in used_of(ledger, site.settings, site.clock.now_ms())
        ],
    )


def proposals(site: Site) -> tuple[Proposal, ...]:
    """On both accounts as they were compared last; every pocket that a watched market needs."""
    desk = site.works.desk
    desk.pockets |= {(m.venue, m.pocket) for m in site.room.markets.values()}
    return proposing.known(desk)


def acts(site: Site) -> list[Act]:
    """The newest first."""
    return list(ledger_of(site).acts.values())[:-ROWS_MAX:-1]


def _row(site: Site, hedge: Hedge) -> HedgeRow:
    now_ms, ledger = site.clock.now_ms(), ledger_of(site)
    told = hedge_json(hedge, mode=site.settings.mode, now_ms=now_ms, ledger=ledger)
    first = hedge.plan.legs[0].contract
    more = {"state": hedge.state.value, "title": _title(site, first.venue, first.market)}
    return HedgeRow.model_validate(told | more)


def _title(site: Site, venue: str, market: str) -> str:
    found = site.room.markets.get(MarketKey(venue, market))
    return short(found.title) if found else market


def _at_ms(line: Line) -> int | None:
    """When it was, as far as the row says; of a fill, when the venue says it was."""
    body: Mapping[str, Any] = line.body
    if at_ms := body.get("at_ms"):
        return int(at_ms)
    filled = (body.get("fill") or {}).get("filled_at")
    if isinstance(filled, str):
        at = datetime.fromisoformat(filled)
        return int(at.timestamp()) * 1_000 + at.microsecond // 1_000
    return None
