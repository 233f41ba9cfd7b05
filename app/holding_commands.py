"""`dutchbook positions`, `pnl`, `limits` and `kill`."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC
from pathlib import Path
from typing import Final

from rich.table import Table

from app.cli import console, emit
from app.commands import note
from app.config import Settings, load_settings
from app.confirming import confirmed, mode_of
from app.hedge_report import earned_json, held_json, print_holdings, print_pnl, sums_json
from app.journal_reading import read_journal
from app.kill_switch import let_go, stop
from app.private_file import private
from app.problem import Exit, Problem
from app.report import dollars, plain
from app.wiring_terms import VENUES
from execution.booking import booked, holdings, mergeable, sums
from execution.exposure import committed, unhedged
from execution.hedge import AT_REST
from execution.ledger import Ledger
from execution.risk import DAY_MS, lost_since
from venues import SystemClock
from venues.money import text

_COLUMNS: Final = (
    *("time_utc", "what", "venue", "market", "side", "contracts", "price", "amount"),
    *("fee", "hedge", "order", "fill"),
)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so would be reckoned by a spreadsheet."""


async def positions(config: Path | None, *, as_json: bool) -> Exit:
    settings = load_settings(config)
    ledger, _ = read_journal(settings)
    held = holdings(ledger)
    free = mergeable(held)
    if as_json:
        emit(
            {
                "schema": "dutchbook.positions/1",
                "mode": settings.mode,
                "positions": [held_json(each) for each in held],
                "mergeable": [
                    {"venue": venue, "market": market, "quantity_micros": quantity}
                    for (venue, market), quantity in free.items()
                ],
                "differences": [asdict(each) for each in ledger.differs.values()],
            }
        )
        return Exit.DONE
    print_holdings(console(), held, mode=mode_of(settings))
    for (venue, market), quantity in free.items():
        note(f"{text(quantity)} YES and NO of {plain(market)} at {venue} are dollars that wait.")
    for each in ledger.differs.values():
        note(f"{each.venue} says {each.venue_says} of {plain(each.subject)}, we say {each.we_say}.")
    return Exit.DONE


async def pnl(to: Path | None, config: Path | None, *, as_json: bool) -> Exit:
    settings = load_settings(config)
    ledger, _ = read_journal(settings)
    every = [booked(hedge, ledger) for hedge in ledger.hedges.values() if hedge.attempts]
    total = sums(ledger)
    if to is not None:
        _write_fills(to, ledger)
    if as_json:
        emit(
            {
                "schema": "dutchbook.pnl/2",
                "mode": settings.mode,
                **sums_json(total),
                "hedges": [earned_json(each) for each in every],
            }
        )
    elif not every:
        console().print(f"No hedge has sent an order in {mode_of(settings)}.")
    else:
        print_pnl(console(), every, total, mode=mode_of(settings))
    return Exit.DONE


def _write_fills(to: Path, ledger: Ledger) -> None:
    """One line for each fill that stands, and one for each payout: what a tax form asks for."""
    try:
        with private(to, "x") as file:
            rows = csv.writer(file)
            rows.writerow(_COLUMNS)
            rows.writerows([[_cell(each) for each in row] for row in _lines(ledger)])
    except OSError as error:
        raise Problem(Exit.BAD_FILE, f"{to} cannot be written: {error.strerror}.") from None
    note(f"{to} holds every fill and payout.")


def _lines(ledger: Ledger) -> Iterator[tuple[str, ...]]:
    attempts = [each for hedge in ledger.hedges.values() for each in hedge.attempts]
    fills = [(fill, each) for each in attempts for fill in each.fills if not fill.reversed]
    for fill, attempt in sorted(fills, key=lambda each: (each[0].filled_at, each[0].fill_id)):
        amount = fill.price * fill.quantity // 10**6
        yield (
            f"{fill.filled_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
            fill.side.value,
            fill.contract.venue,
            fill.contract.market,
            fill.contract.outcome.value,
            text(fill.quantity),
            text(fill.price),
            text(amount),
            text(fill.fee),
            attempt.hedge,
            fill.order_id,
            fill.fill_id,
        )
    for paid in ledger.settled.values():
        yield (
            f"{paid.settled_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
            "payout",
            paid.venue,
            paid.market,
            "",
            text(paid.yes + paid.no),
            "" if paid.yes_pays is None else text(paid.yes_pays),
            text(paid.revenue),
            text(paid.fee),
            "",
            "",
            "",
        )


def _cell(words: str) -> str:
    """Harmless in a spreadsheet: a cell must not be a formula."""
    flat = plain(words)
    is_number = flat.lstrip("-").replace(".", "", 1).isdigit()
    return f"'{flat}" if flat.startswith(_FORMULA) and not is_number else flat


def kill(word: str, why: str, confirm: str | None, config: Path | None) -> Exit:
    settings = load_settings(config)
    file = settings.kill_file
    if word == "on":
        stop(settings, why)
        note(f"The kill switch is on ({file}). Hedges at work are finished, none is begun.")
        return Exit.DONE
    if word != "off":
        raise Problem(Exit.WRONG_USAGE, f"kill is on or off, not {word!r}.")
    confirmed("New hedges may begin again after this.", "off", confirm)
    let_go(settings)
    note("The kill switch is off.")
    return Exit.DONE


async def limits(config: Path | None, *, as_json: bool) -> Exit:
    settings = load_settings(config)
    ledger, _ = read_journal(settings)
    rows = used_of(ledger, settings, SystemClock().now_ms())
    if as_json:
        emit(
            {
                "schema": "dutchbook.limits/1",
                "mode": settings.mode,
                "killed": settings.kill_file.exists(),
                "closed": [{"venue": e.venue, "why": e.why} for e in ledger.closed.values()],
                "limits": [
                    {"name": name, "limit": limit, "used": used} for name, limit, used, _ in rows
                ],
            }
        )
        return Exit.DONE
    table = Table(title=f"Limits · {mode_of(settings)}", title_justify="left")
    for name in ("limit", "allowed", "used"):
        table.add_column(name, justify="left" if name == "limit" else "right")
    for name, limit, used, is_money in rows:
        shown = (dollars(n) if is_money else str(n) for n in (limit, used or 0))
        allowed, taken = shown
        table.add_row(name, allowed, "" if used is None else taken)
    console().print(table)
    if settings.kill_file.exists():
        note(f"The kill switch is on ({settings.kill_file}).")
    for closed in ledger.closed.values():
        note(f"{closed.venue} takes no entries: {closed.why}.")
    return Exit.DONE


def used_of(
    ledger: Ledger, settings: Settings, now_ms: int
) -> list[tuple[str, int, int | None, bool]]:
    """(name, limit, used, whether it is money); what is counted per pair or order has no sum."""
    allowed = settings.limits
    working = sum(hedge.state not in AT_REST for hedge in ledger.hedges.values())
    return [
        ("order", allowed.order, None, True),
        ("pair", allowed.pair, None, True),
        ("group", allowed.group, None, True),
        *((f"venue {name}", allowed.venue, committed(ledger, name), True) for name in VENUES),
        ("unhedged", allowed.unhedged, unhedged(ledger, now_ms), True),
        ("day_loss", allowed.day_loss, lost_since(ledger, now_ms - DAY_MS), True),
        ("open_hedges", allowed.open_hedges, working, False),
    ]
