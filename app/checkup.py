"""`dutchbook doctor`: what is wrong here, and what to do about it."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import ssl
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, NamedTuple

from rich.table import Table

from app.cli import console, emit
from app.config import Settings, load_settings
from app.problem import Exit, Problem
from app.report import plain
from app.wiring import open_account, open_polymarket, open_venue
from app.wiring_terms import VENUES
from venues import Balance, VenueError
from venues.money import text

_SKEW_WARN_MS: Final = 2_000
_SKEW_READ_MS: Final = 1_000  # venues tell whole seconds
_FREE_BYTES_MIN: Final = 1 << 30


class Check(NamedTuple):
    """`state` is ok, warn or bad; `advice` says what to do, "" where nothing is."""

    name: str
    state: str
    found: str
    advice: str = ""


async def doctor(config: Path | None, *, as_json: bool) -> Exit:
    """Prints all checks; exit 4 where a venue is out of reach, 3 where something here is bad."""
    settings = load_settings(config)
    checks = [*_machine(settings)]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_venue(name, settings)) for name in VENUES]
    reach = [task.result() for task in tasks]
    checks += [check for found in reach for check in found]
    checks += [await _key(settings), *await _wallet(settings)]
    if as_json:
        emit(_document(settings, checks))
    else:
        _print(checks)
    if any(check.state == "bad" for found in reach for check in found):
        return Exit.PARTIAL
    return Exit.BAD_FILE if any(check.state == "bad" for check in checks) else Exit.DONE


def _machine(settings: Settings) -> Iterator[Check]:
    yield Check("dutchbook", "ok", version("dutchbook"))
    yield Check("python", "ok", platform.python_version())
    yield Check("openssl", "ok", ssl.OPENSSL_VERSION)
    yield Check(
        "settings",
        "ok",
        f"environment {settings.environment}, mode {settings.mode}, "
        f"Kalshi member class {settings.kalshi.member}",
        "Set kalshi.member to price by your own rounding, not the worse of two."
        if settings.kalshi.member == "unknown"
        else "",
    )
    folder = settings.folder
    existing = next(p for p in (folder, *folder.parents) if p.exists())
    if not os.access(existing, os.W_OK):
        yield Check("data folder", "bad", f"{folder} cannot be written", "Set data_dir elsewhere.")
    free = shutil.disk_usage(existing).free
    state = "ok" if free >= _FREE_BYTES_MIN else "warn"
    advice = "" if state == "ok" else "Free some space: a catalogue needs about 100 MB."
    yield Check("disk", state, f"{free >> 30} GiB free for {folder}", advice)


async def _key(settings: Settings) -> Check:
    """Whether Kalshi takes our signature."""
    if settings.kalshi.key_id is None:
        return Check("kalshi key", "ok", "none: public data only")
    try:
        async with open_account("kalshi", settings) as account:
            cash = await account.balances()
    except (Problem, VenueError) as error:
        return Check("kalshi key", "bad", str(error), "Make a new key, or mend the settings.")
    return Check("kalshi key", "ok", f"accepted; cash on {len(cash)} shards")


async def _wallet(settings: Settings) -> list[Check]:
    """Whether Polymarket takes our wallet, and whether we may open positions there."""
    if settings.polymarket.key_file is None:
        return [Check("polymarket wallet", "ok", "none: public data only")]
    try:
        async with open_polymarket(settings) as line:
            (cash,) = await line.account.balances()
            allowed = line.eligibility
    except (Problem, VenueError) as error:
        return [Check("polymarket wallet", "bad", str(error), "Mend the settings or the key file.")]
    wallet = _paying(line.wallet.maker, line.wallet.is_the_keys_own, line.wallet.kind.name, cash)
    place = f"seen in {' '.join(filter(None, (allowed.country, allowed.region))) or 'no country'}"
    if allowed.may_open:
        return [
            wallet,
            Check("polymarket access", "ok", f"{place}: may trade"),
        ]
    why = "the venue does not say whether positions may be opened"
    advice = "Only sales and cancels are sent until it does."
    if allowed.blocked or allowed.closed_only:
        why = "blocked there" if allowed.blocked else "this account may only close positions"
        advice = (
            "Only sales and cancels are sent from here. That is the venue's rule, and stays so."
        )
    return [
        wallet,
        Check("polymarket access", "warn", f"{place}: {why}", advice),
    ]


def _paying(maker: str, is_the_keys_own: bool, kind: str, cash: Balance) -> Check:
    """The wallet that pays. What the venue says of cash is about the key's own wallet."""
    name, found = "polymarket wallet", f"{kind.lower()} {maker}, ${text(cash.available)} free"
    if not is_the_keys_own:
        advice = "Not the wallet that the venue makes of this key: check polymarket.funder."
        return Check(name, "warn", found, advice)
    if not cash.available:
        advice = "Paid in, and still nothing? Another polymarket.wallet or funder may hold it."
        return Check(name, "ok", found, advice)
    return Check(name, "ok", found)


async def _venue(name: str, settings: Settings) -> list[Check]:
    try:
        async with open_venue(name, settings, attempts=1) as venue:
            status = await venue.status()
    except Problem as problem:
        return [Check(name, "warn", str(problem), "Not reached.")]
    except VenueError as error:
        return [Check(name, "bad", str(error), "Check the network, a firewall, or the address.")]
    trading = Check(
        name,
        "ok" if status.trading else "warn",
        status.says,
        "" if status.trading else "Wait: it takes no orders now; reading works.",
    )
    return [trading, _skew(name, status.skew_ms)]


def _skew(name: str, skew_ms: int | None) -> Check:
    if skew_ms is None:
        return Check(f"{name} clock", "warn", "the venue did not tell its time")
    far = abs(skew_ms) > _SKEW_WARN_MS
    advice = "Synchronise this machine's clock (NTP): signatures depend on it." if far else ""
    found = f"{skew_ms:+,} ms from ours" if abs(skew_ms) > _SKEW_READ_MS else "ours, to a second"
    return Check(f"{name} clock", "warn" if far else "ok", found, advice)


def _document(settings: Settings, checks: list[Check]) -> dict[str, Any]:
    return {
        "schema": "dutchbook.doctor/1",
        "environment": settings.environment,
        "checks": [check._asdict() for check in checks],
    }


def _print(checks: list[Check]) -> None:
    table = Table(title="Check-up", title_justify="left")
    for name in ("what", "", "found", "what to do"):
        table.add_column(name, overflow="fold")
    for check in checks:
        table.add_row(check.name, check.state, plain(check.found), plain(check.advice))
    console().print(table)
