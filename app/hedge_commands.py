"""`dutchbook hedge`: preview, execute, list, show, resume, unwind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from app.cli import console, emit
from app.commands import note
from app.config import Settings, load_settings
from app.confirming import confirmed, mode_of
from app.desk import Desk, open_desk, told_of
from app.desk_wire import DeskElsewhere, desk_elsewhere
from app.hedge_report import hedge_json, plan_json, print_hedge, print_hedges, print_plan
from app.journal_reading import Line, read_journal
from app.pair_source import pairs_to_scan
from app.problem import Exit, Problem
from app.wiring_terms import known_venue
from execution.hedge import Hedge, State
from execution.journal import JournalError
from execution.risk import NotApproved
from venues import Cash, Quantity, SystemClock, micros

LIVE: Final = "live"
BY: Final = "command line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """`size` in contracts, `budget` in dollars, as a person writes them."""

    pair: str
    size: str | None
    budget: str | None
    pairs: Path | None


async def preview(wanted: Wanted, config: Path | None, *, as_json: bool) -> Exit:
    settings = load_settings(config)
    size, budget = (_amount(wanted.size, "--size"), _amount(wanted.budget, "--budget"))
    async with any_desk(settings, wanted.pairs) as desk:
        found = await desk.preview(
            wanted.pair,
            quantity=None if size is None else Quantity(size),
            budget=None if budget is None else Cash(budget),
        )
    if as_json:
        emit({**plan_json(found.plan, found.refused, settings.mode), "notes": found.notes})
    else:
        print_plan(console(), found.plan, found.refused, found.titles, mode=mode_of(settings))
        for each in found.notes:
            note(each)
        if not found.refused:
            note(f"To do it: dutchbook hedge execute {found.plan.id}")
    return Exit.REFUSED if found.refused else Exit.DONE


async def execute(
    preview_id: str, confirm: str | None, pairs: Path | None, config: Path | None, *, as_json: bool
) -> Exit:
    settings = load_settings(config)
    if settings.mode == "live":
        warning = f"This sends real orders ({settings.environment}), up to the preview's limits."
        confirmed(warning, LIVE, confirm)
    async with any_desk(settings, pairs) as desk:
        try:
            opened = await desk.execute(preview_id, by=BY)
        except NotApproved as error:
            raise Problem(Exit.REFUSED, str(error)) from None
        hedge = await desk.rest(opened.id)
    return _told(hedge, settings, as_json=as_json)


async def go_on(
    id: str, what: str, pairs: Path | None, config: Path | None, *, as_json: bool
) -> Exit:
    settings = load_settings(config)
    async with any_desk(settings, pairs) as desk:
        await (desk.resume if what == "resume" else desk.unwind)(id, BY)
        hedge = await desk.rest(id)
    return _told(hedge, settings, as_json=as_json)


async def reopen(venue: str, confirm: str | None, pairs: Path | None, config: Path | None) -> Exit:
    settings = load_settings(config)
    ledger, _ = read_journal(settings)
    closed = ledger.closed.get(known_venue(venue))
    if closed is None:
        note(f"{venue} is open to entries.")
        return Exit.DONE
    confirmed(f"{venue} was closed: {closed.why}.", venue, confirm)
    async with any_desk(settings, pairs) as desk:
        await desk.reopen(venue, BY)
    note(f"Hedges may begin at {venue} again.")
    return Exit.DONE


async def show_all(config: Path | None, *, as_json: bool) -> Exit:
    settings = load_settings(config)
    ledger, _ = read_journal(settings)
    now_ms = SystemClock().now_ms()
    hedges = list(ledger.hedges.values())
    if as_json:
        for each in hedges:
            emit(hedge_json(each, mode=settings.mode, now_ms=now_ms))
    else:
        print_hedges(console(), hedges, mode=mode_of(settings))
    return Exit.DONE


async def show_one(id: str, config: Path | None, *, as_json: bool) -> Exit:
    settings = load_settings(config)
    ledger, lines = read_journal(settings)
    if id not in ledger.hedges:
        raise Problem(Exit.WRONG_USAGE, f"There is no hedge {id} ({settings.book_name}).")
    hedge = ledger.hedges[id]
    about = [each for each in lines if each.hedge == id]
    if as_json:
        now_ms = SystemClock().now_ms()
        found = hedge_json(hedge, mode=settings.mode, now_ms=now_ms, ledger=ledger)
        emit({**found, "events": [each.json for each in about]})
    else:
        print_hedge(console(), hedge, mode=mode_of(settings), ledger=ledger)
        _print_events(about)
    return Exit.DONE


def _print_events(lines: Sequence[Line]) -> None:
    out = console()
    out.print("Journal")
    for each in lines:
        out.print(f"  {each.number:>6}  {each.said}")


def _told(hedge: Hedge, settings: Settings, *, as_json: bool) -> Exit:
    if as_json:
        emit(hedge_json(hedge, mode=settings.mode, now_ms=SystemClock().now_ms()))
    else:
        print_hedge(console(), hedge, mode=mode_of(settings))
    return ended(hedge, settings.mode)


def ended(hedge: Hedge, mode: str) -> Exit:
    """What the command's exit code says of a hedge at rest."""
    if hedge.state is State.HEDGED:
        return Exit.DONE
    if hedge.state is State.FLAT:
        if mode == "dry_run" and hedge.attempts:
            return Exit.DONE
        return Exit.PARTIAL if any(each.filled for each in hedge.attempts) else Exit.REFUSED
    return Exit.UNKNOWN_OUTCOME


@asynccontextmanager
async def any_desk(settings: Settings, pairs: Path | None) -> AsyncIterator[Desk | DeskElsewhere]:
    """The one of a `dutchbook run` that is at work, else our own."""

    def told(hedge: Hedge) -> None:
        if hedge.state is not State.OPENED:
            note(f"{hedge.id}: {hedge.state.value}{f' ({hedge.why})' if hedge.why else ''}")

    async with desk_elsewhere(settings.desk_folder) as elsewhere:
        if elsewhere:
            yield elsewhere
            return
        source = partial(pairs_to_scan, pairs, settings)
        try:
            async with open_desk(settings, source, clock=SystemClock(), told=told) as desk:
                yield desk
        except (JournalError, ExceptionGroup) as error:
            raise told_of(error) from None


def _amount(words: str | None, option: str) -> int | None:
    if words is None:
        return None
    try:
        found = micros(words)
    except ValueError:
        found = 0
    if found <= 0:
        raise Problem(Exit.WRONG_USAGE, f"{option} is a number above zero, not {words!r}.")
    return found
