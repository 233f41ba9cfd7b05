"""Alerts, jobs, venues and settings as the page shows them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, SecretStr

from app.config import Settings
from app.dollars import is_dollars
from app.jobs_commands import lasting, when_of
from app.snoozes import Snooze
from app.web.models import (
    Alert,
    Alerts,
    AllSettings,
    Job,
    JobRun,
    Jobs,
    Muted,
    Setting,
    Venue,
    VenueLimit,
    Venues,
)
from app.web.site import Site, status_of
from scanner.jobs import Run
from scanner.schedule import next_slot
from venues.money import text
from venues.stream import COUNTED

ALERTS_MAX: Final = 200
AGES_MAX: Final = 1_000
"""Books that are looked at for the oldest: each look makes the loop wait."""
MASK: Final = "••••••"


async def alerts(site: Site) -> Alerts:
    """Raises OutboxUnavailable."""
    outbox, told, now_ms = site.works.outbox, site.settings.alerts, site.clock.now_ms()
    live = site.works.alerts
    posted = await asyncio.to_thread(outbox.newest, ALERTS_MAX)
    return Alerts(
        schema="dutchbook.alerts/1",
        now_ms=now_ms,
        channels=list(live.outbox.channels),
        profit_min_micros=told.profit_min,
        edge_bps_min=told.edge_bps_min,
        executable_only=told.executable_only,
        counts=await asyncio.to_thread(outbox.counts),
        troubles=dict(live.outbox.troubles),
        rules=[rule.name for rule in told.rules],
        critical=live.open,
        known=_muted(live.snoozes.known(now_ms)),
        muted=_muted(live.snoozes.muted(now_ms)),
        rows=[
            Alert(
                channel=each.channel,
                title=each.message.title,
                lines=list(each.message.lines),
                critical=each.message.is_critical,
                state=each.state,
                tries=each.tries,
                made_ms=each.made_ms,
                due_ms=each.due_ms,
                why=each.why,
                rule=each.message.rule,
                pair_id=each.message.pair,
            )
            for each in posted
        ],
    )


def _muted(found: Mapping[str, Snooze]) -> list[Muted]:
    return [Muted(what=what, until_ms=each.until_ms, by=each.by) for what, each in found.items()]


async def jobs(site: Site, limit: int) -> Jobs:
    """Raises RunsUnavailable."""
    runs = await asyncio.to_thread(site.works.runs.newest, limit)
    now_ms = site.clock.now_ms()
    return Jobs(
        schema="dutchbook.jobs_page/1",
        now_ms=now_ms,
        jobs=[
            Job(
                job=job.name,
                when=when_of(job),
                next_ms=next_slot(job.when, now_ms),
                last=_last(runs, job.name),
            )
            for job in site.works.all()
        ],
        runs=[_run(run) for run in runs],
    )


def _last(runs: Sequence[Run], job: str) -> JobRun | None:
    return next((_run(run) for run in runs if run.job == job), None)


def _run(run: Run) -> JobRun:
    return JobRun(**{**asdict(run), "state": run.state.value})


def venues(site: Site) -> Venues:
    return Venues(
        schema="dutchbook.venues/1",
        now_ms=site.clock.now_ms(),
        environment=site.settings.environment,
        mode=site.settings.mode,
        venues=[_venue(site, name) for name in site.room.feeds],
        troubles=status_of(site).troubles,
    )


def _venue(site: Site, name: str) -> Venue:
    feed, status = site.room.feeds[name], site.room.statuses.get(name)
    health = feed.health
    now_ns = site.clock.monotonic_ns()
    found = (feed.book(id) for id in islice(feed.markets, AGES_MAX))
    ages = [book.age_ms(now_ns) for book in found if book and book.confirmed_ns]
    return Venue(
        venue=name,
        trading=status.trading if status else None,
        says=status.says if status else None,
        skew_ms=status.skew_ms if status else None,
        doubt=site.room.engine.doubts.get(name),
        mode=health.mode.value,
        markets=health.markets,
        sockets=health.sockets,
        sockets_up=health.sockets_up,
        unproven=health.unproven,
        mismatches=health.mismatches,
        account=health.account,
        oldest_ms=max(ages, default=None),
        counts={what: getattr(health.counts, what) for what in COUNTED},
        troubles=list(health.troubles),
        limits=list(_limits(site.settings, name)),
    )


def _limits(settings: Settings, name: str) -> Iterator[VenueLimit]:
    cash = settings.scan.cash(name)
    own = settings.kalshi if name == "kalshi" else settings.polymarket
    yield VenueLimit(
        name="cash of one order", value="no limit" if cash is None else f"${text(cash)}"
    )
    held = text(settings.limits.venue)
    yield VenueLimit(name="money of hedges at the venue", value=f"${held}")
    yield VenueLimit(name="requests a second without a key", value=str(own.requests_per_s))
    yield VenueLimit(name="a key", value="set up" if own.key_file else "none")
    yield VenueLimit(name="oldest book that is priced", value=lasting(settings.scan.age_ms_max))


def all_settings(settings: Settings) -> AllSettings:
    return AllSettings(
        schema="dutchbook.settings/1",
        settings=list(_settings(settings, Settings.model_construct())),
    )


def _settings(now: BaseModel, usual: BaseModel, before: str = "") -> Iterator[Setting]:
    for name, info in type(now).model_fields.items():
        value, default = getattr(now, name), getattr(usual, name)
        if isinstance(value, BaseModel):
            yield from _settings(value, default, f"{before}{name}.")
            continue
        yield Setting(
            name=f"{before}{name}",
            value=f"${text(value)}"
            if is_dollars(info) and value is not None
            else _shown(name, value),
            is_default=value == default,
        )


def _shown(name: str, value: Any) -> str:
    """Secrets are masked whole, and of ids and people only the end or the number is told."""
    if value is None:
        return "not set"
    if isinstance(value, SecretStr):
        return MASK
    if name in {"key_id", "user"}:
        return f"{MASK}{str(value)[-4:] if len(str(value)) > 8 else ''}"
    if name == "recipients":
        return f"{len(value)} set up" if value else "none"
    if name in {"rules", "others"}:
        return ", ".join(each.name for each in value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Path):
        return str(value)
    return str(value) if value != "" else "not set"
