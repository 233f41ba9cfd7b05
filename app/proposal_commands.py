"""`dutchbook proposals`: what would free or move capital, and having it done."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from app import proposing
from app.cli import console, emit
from app.commands import note
from app.config import load_settings
from app.confirming import confirmed, mode_of
from app.desk import said
from app.desk_wire import DeskElsewhere
from app.hedge_commands import BY, LIVE, any_desk
from app.problem import Exit
from app.report import dollars, plain
from execution.ledger import Act
from execution.proposals import Proposal


async def show(pairs: Path | None, config: Path | None, *, as_json: bool) -> Exit:
    settings = load_settings(config)
    async with any_desk(settings, pairs) as desk:
        if isinstance(desk, DeskElsewhere):
            found = await desk.proposals()
        else:
            found = await proposing.fresh(desk)
    if as_json:
        for each in found:
            emit(proposal_json(each, settings.mode))
    elif not found:
        console().print(f"Nothing is proposed in {mode_of(settings)}.")
    else:
        console().print(f"Proposals · {mode_of(settings)}")
        for each in found:
            console().print(f"  {plain(said(each))}")
    return Exit.DONE


async def do(
    id: str, confirm: str | None, pairs: Path | None, config: Path | None, *, as_json: bool
) -> Exit:
    settings = load_settings(config)
    if settings.mode == "live":
        warning = f"This moves real money within your own account ({settings.environment})."
        confirmed(warning, LIVE, confirm)
    async with any_desk(settings, pairs) as desk:
        if isinstance(desk, DeskElsewhere):
            act = await desk.act(id, BY)
        else:
            act = await proposing.do(desk, id, BY)
    if as_json:
        emit(act_json(act, settings.mode))
    else:
        asked, why = act.asked, f" ({plain(act.why)})" if act.why else ""
        console().print(f"{asked.id}: {asked.kind} of {dollars(asked.amount)}: {act.state}{why}")
    if not act.is_over:
        note("It is asked for at each look from now on: dutchbook journal show.")
    return proposing.code_of(act)


def proposal_json(each: Proposal, mode: str) -> dict[str, Any]:
    found = asdict(each)
    return {
        "schema": "dutchbook.proposal/1",
        "mode": mode,
        "amount_micros": found.pop("amount"),
        "of_hedges_micros": found.pop("of_hedges"),
        **found,
    }


def act_json(act: Act, mode: str) -> dict[str, Any]:
    asked = act.asked
    return {
        "schema": "dutchbook.act/1",
        "mode": mode,
        "id": asked.id,
        "kind": asked.kind.value,
        "venue": asked.venue,
        "market": asked.market,
        "amount_micros": asked.amount,
        "source": asked.source,
        "destination": asked.destination,
        "by": asked.by,
        "asked_ms": asked.at_ms,
        "state": act.state.value,
        "ref": act.ref or None,
        "why": act.why,
    }
