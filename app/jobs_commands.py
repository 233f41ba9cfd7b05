"""`dutchbook jobs` and `dutchbook history`: what the store knows of runs and of episodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from app.cli import console, emit
from app.config import Settings, load_settings
from app.config_jobs import seconds
from app.problem import Exit, Problem
from app.report import money, percent, plain
from app.store.history import History, HistoryUnavailable
from app.store.job_runs import JobRunsTable
from app.store.opening import read_database
from scanner.episode import Episode
from scanner.jobs import Run, RunsUnavailable
from scanner.schedule import Every, Job, next_slot
from venues import SystemClock
from venues.money import text


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """`since`: as a person writes it, 24h."""

    since: str
    pair: str | None
    limit: int


def show_jobs(name: str | None, limit: int, config: Path | None, *, as_json: bool) -> Exit:
    settings = load_settings(config)
    jobs = _chosen(settings, name)
    with _told(), read_database(settings.live_place) as engine:
        runs = JobRunsTable(engine).newest(limit, name)
    now_ms = SystemClock().now_ms()
    next_ms = {job.name: next_slot(job.when, now_ms) for job in jobs}
    if as_json:
        emit(
            {
                "schema": "dutchbook.jobs/1",
                "now_ms": now_ms,
                "next": [
                    {"job": job.name, "when": when_of(job), "slot_ms": next_ms[job.name]}
                    for job in jobs
                ],
                "runs": [asdict(run) for run in runs],
            }
        )
    else:
        _print_jobs(console(), jobs, next_ms, runs)
    return Exit.DONE


def show_history(wanted: Wanted, config: Path | None, *, as_json: bool) -> Exit:
    try:
        back_ms = seconds(wanted.since) * 1_000
    except ValueError as error:
        raise Problem(Exit.WRONG_USAGE, f"--since {error}.") from None
    settings = load_settings(config)
    since_ms = SystemClock().now_ms() - back_ms
    with _told(), read_database(settings.live_place) as engine:
        found = History(engine, settings.node_name).episodes(
            since_ms, pair=wanted.pair, limit=wanted.limit
        )
    if as_json:
        for episode in found:
            emit(episode_json(episode))
    elif found:
        _print_episodes(console(), found)
    else:
        console().print(f"No opportunity was seen in the last {wanted.since.strip()}.")
    return Exit.DONE


def episode_json(episode: Episode) -> dict[str, Any]:
    """`ended_ms` and `ended_by` are null while it lasts, `half_life_ms` where nobody saw it."""
    best = episode.best
    return {
        "schema": "dutchbook.episode/1",
        "id": episode.id,
        "pair_id": episode.pair_id,
        "first_ms": episode.first_ms,
        "last_ms": episode.last.seen_ms,
        "ended_ms": episode.ended_ms,
        "ended_by": episode.ended_by,
        "duration_ms": episode.duration_ms,
        "half_life_ms": episode.half_life_ms,
        "was_good": episode.was_good,
        "best": {
            "seen_ms": best.seen_ms,
            "profit_micros": best.profit,
            "quantity_micros": best.quantity,
            "outlay_micros": best.outlay,
            "edge_bps": best.edge_bps,
            "legs": [
                {
                    "venue": leg.contract.venue,
                    "market": leg.contract.market,
                    "side": leg.contract.outcome.value,
                }
                for leg in best.legs
            ],
        },
    }


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (HistoryUnavailable, RunsUnavailable) as error:
        sentence = str(error)
        raise Problem(Exit.BAD_FILE, f"{sentence[0].upper()}{sentence[1:]}.") from None


def _chosen(settings: Settings, name: str | None) -> Sequence[Job]:
    if name is not None and name not in (known := type(settings.jobs).model_fields):
        raise Problem(
            Exit.WRONG_USAGE, f"--job is one of {', '.join(known)}, not {plain(name)[:40]!r}."
        )
    return [job for job in settings.jobs.all if name in {None, job.name}]


def _print_jobs(
    out: Console, jobs: Sequence[Job], next_ms: Mapping[str, int | None], runs: Sequence[Run]
) -> None:
    coming = Table(title="Next runs", title_justify="left")
    for name in ("job", "when", "next (UTC)"):
        coming.add_column(name, overflow="fold")
    for job in jobs:
        coming.add_row(job.name, when_of(job), _utc(next_ms[job.name]))
    out.print(coming)
    if not runs:
        out.print("No job has run yet.")
        return
    past = Table(title="Past runs, newest first", title_justify="left")
    for name in ("job", "slot (UTC)", "state", "took", "attempt", "node", "note"):
        past.add_column(name, overflow="fold")
    for run in runs:
        past.add_row(
            plain(run.job),
            _utc(run.slot_ms),
            run.state.value,
            _took(run),
            str(run.attempt),
            plain(run.node),
            plain(run.note),
        )
    out.print(past)


def _print_episodes(out: Console, found: Sequence[Episode]) -> None:
    table = Table(title=f"{len(found):,} episodes, newest first", title_justify="left")
    for name in ("began (UTC)", "pair"):
        table.add_column(name, overflow="fold")
    for name in ("lasted", "best profit", "edge", "contracts", "half-life"):
        table.add_column(name, justify="right")
    table.add_column("ended by", overflow="fold")
    for each in found:
        table.add_row(
            _utc(each.first_ms),
            plain(each.pair_id),
            lasting(each.duration_ms),
            money(each.best.profit),
            percent(each.best.edge_bps),
            text(each.best.quantity),
            "" if each.half_life_ms is None else lasting(each.half_life_ms),
            "lasts" if each.ended_ms is None else plain(each.ended_by or ""),
        )
    out.print(table)


def when_of(job: Job) -> str:
    """In words: every 90 s, or the cron text and its time zone."""
    if isinstance(job.when, Every):
        return f"every {lasting(job.when.seconds * 1_000)}"
    return f"{job.when.text} {job.when.time_zone}"


def _took(run: Run) -> str:
    if run.started_ms is None or run.ended_ms is None:
        return ""
    return lasting(max(run.ended_ms - run.started_ms, 0))


def lasting(duration_ms: int) -> str:
    """850 ms, 12.5 s, 3 min 5 s, 2 h 10 min, 4 d 1 h."""
    if duration_ms < 1_000:
        return f"{duration_ms} ms"
    if duration_ms < 60_000:
        whole, tenth = divmod(duration_ms // 100, 10)
        return f"{whole}.{tenth} s" if tenth else f"{whole} s"
    for unit_s, name, part_s, part in (
        (86_400, "d", 3_600, "h"),
        (3_600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        whole, rest_s = divmod(duration_ms // 1_000, unit_s)
        if whole:
            rest = rest_s // part_s
            return f"{whole} {name} {rest} {part}" if rest else f"{whole} {name}"
    raise AssertionError(duration_ms)


def _utc(at_ms: int | None) -> str:
    if at_ms is None:
        return "never"
    return f"{datetime.fromtimestamp(at_ms // 1_000, UTC):%Y-%m-%d %H:%M:%S}"
