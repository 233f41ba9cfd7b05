"""`dutchbook doctor`: what is wrong here, and what to do about it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.table import Table

from app import checkup_venues as ask
from app.checks import Check
from app.checkup_channels import alert_channels
from app.checkup_machine import machine, programs
from app.cli import console, emit
from app.config import Settings, load_settings
from app.problem import Exit, Problem
from app.report import plain
from app.wiring_terms import VENUES
from venues import SystemClock


async def doctor(config: Path | None, *, as_json: bool) -> Exit:
    """Prints all checks; exit 4 where a venue is out of reach, 3 where something here is bad."""
    checks, code = [*programs()], Exit.BAD_FILE
    settings: Settings | None = None
    try:
        settings = load_settings(config)
    except Problem as problem:
        advice = "Mend it, or move it away and run `dutchbook init`. Nothing else was looked at."
        checks.append(Check("settings", "bad", str(problem), advice))
    if settings:
        with _working("looking at this machine, and asking both venues"):
            found, reach = await _asked(settings, config)
        checks += found
        out_of_reach = any(each.state == "bad" for each in reach)
        bad = any(each.state == "bad" for each in checks)
        code = Exit.PARTIAL if out_of_reach else Exit.BAD_FILE if bad else Exit.DONE
    if as_json:
        emit(_document(settings, checks))
    else:
        _print(checks)
    return code


async def _asked(settings: Settings, config: Path | None) -> tuple[list[Check], list[Check]]:
    """All checks as they are shown, and those of them that a venue out of reach fails."""
    clock = SystemClock()
    file = Path(config or os.environ.get("DUTCHBOOK_CONFIG") or "config.yaml")
    checks = [*await asyncio.to_thread(lambda: [*machine(settings, file, clock)])]
    async with asyncio.TaskGroup() as group:
        reached = [group.create_task(ask.venue(name, settings)) for name in VENUES]
        certified = [group.create_task(ask.certificate(n, settings, clock)) for n in VENUES]
        key = group.create_task(ask.kalshi_key(settings))
        wallet = group.create_task(ask.wallet(settings, clock))
        told = group.create_task(alert_channels(settings))
    reach = [check for task in reached for check in task.result()]
    checks += [*reach, *(task.result() for task in certified)]
    return [*checks, *key.result(), *wallet.result(), ask.fees(clock), *told.result()], reach


@contextmanager
def _working(what: str) -> Iterator[None]:
    """A sign of life on a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield


def _document(settings: Settings | None, checks: list[Check]) -> dict[str, Any]:
    return {
        "schema": "dutchbook.doctor/1",
        "environment": settings.environment if settings else None,
        "checks": [check._asdict() for check in checks],
    }


def _print(checks: list[Check]) -> None:
    table = Table(title="Check-up", title_justify="left")
    for name in ("what", "", "found", "what to do"):
        table.add_column(name, overflow="fold")
    for check in checks:
        table.add_row(check.name, check.state, plain(check.found), plain(check.advice))
    out = console()
    out.print(table)
    counted = {state: sum(each.state == state for each in checks) for state in ("bad", "warn")}
    if not any(counted.values()):
        out.print("Nothing is wrong.")
        return
    said = [f"{n} {'to mend' if s == 'bad' else 'to look at'}" for s, n in counted.items() if n]
    out.print(f"{', '.join(said)}: see the last column.")
