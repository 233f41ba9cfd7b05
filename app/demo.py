"""`dutchbook demo`: everything, on this machine alone. Two simulated venues with keys made for it,
the matcher, the engine, alerts into an inbox of its own, and the page.

With a number of seconds somebody follows an alert's link and hedges once, as a person would, over
HTTP; then our journal is compared with both venues' own ledgers.
"""

from __future__ import annotations

import asyncio
import csv
import json
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import yaml

from app.commands import note
from app.config import Settings, load_settings
from app.demo_ledgers import differences
from app.demo_person import Person
from app.demo_report import Report, say
from app.desk import first_of
from app.inbox import Addresses, Inbox, serving_inbox
from app.journal_reading import read_journal
from app.offline import Loopback
from app.pairs_commands import Said, decided
from app.private_file import private
from app.problem import Exit, Problem
from app.running import RunOptions, run
from app.simulated import settings_of
from app.store.history import History
from app.store.opening import open_store, read_database
from app.web.opening import api_token
from app.wiring_sim import Served, Truth, serve_simulated
from matching.pair_book import Act
from matching.verdict import Verdict
from venues import Clock, SystemClock
from venues.sim.demo_questions import demo_questions

WHO: Final = "demo"
"""Who approves pairs here, in a person's stead."""
PAGE_PORT: Final = 8_765
GRACE_S: Final = 90
EPISODES_MAX: Final = 100_000
_FIND: Final = "from app.offline import Loopback; Loopback(); from app.cli import main; main()"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """`seconds` None: it serves until Ctrl-C, and whoever opens the page hedges."""

    seconds: int | None
    seed: int
    as_json: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    """What stands before the curtain rises. `truth`: (Kalshi, Polymarket) of what is one event."""

    served: Served
    inbox: Inbox
    config: Path
    settings: Settings
    truth: frozenset[tuple[str, str]]


async def demo(options: DemoOptions) -> Exit:
    try:
        return await _demo(options)
    except ExceptionGroup as error:
        found = error.subgroup(Problem)
        raise error if found is None else first_of(found) from None


async def _demo(options: DemoOptions) -> Exit:
    outside, clock = Loopback(), SystemClock()
    started_ms = clock.now_ms()
    async with _stage(options, clock) as stage:
        ledgers = Truth(stage.served)
        before = ledgers.cash()
        note("matching both catalogues")
        found = await _match(stage.config)
        waiting = _approve(stage.settings)
        accepted = {(pair["kalshi"], pair["polymarket"]) for pair in found["pairs"]}
        note(
            f"{found['kalshi']} and {found['polymarket']} markets: {len(accepted)} pairs, "
            f"{len(accepted - waiting)} of them approved by the demo, {len(waiting)} wait for you"
        )
        seconds = options.seconds
        if seconds is not None:
            seconds = max(seconds - (clock.now_ms() - started_ms) // 1_000, 0)
        else:
            note("open the page below, look into its Inbox, follow a link, preview, execute")
        hedge, said = await _played(stage, seconds, clock)
        journal, _ = read_journal(stage.settings)
        report = Report(
            seconds=(clock.now_ms() - started_ms) // 1_000,
            pairs=len(accepted & stage.truth),
            traps=len(accepted - stage.truth),
            opportunities=_opportunities(stage.settings),
            alerts=dict(stage.inbox.counts),
            hedge=hedge,
            said=said,
            differences=tuple(differences(ledgers, before, journal)),
            outside=tuple(outside.refused),
        )
    if options.seconds is None:
        return Exit.DONE
    return say(report, as_json=options.as_json)


@asynccontextmanager
async def _stage(options: DemoOptions, clock: Clock) -> AsyncIterator[_Stage]:
    today = datetime.fromtimestamp(clock.now_ms() / 1_000, UTC).date()
    questions, inbox = demo_questions(today, options.seed), Inbox(clock)
    with tempfile.TemporaryDirectory(prefix="dutchbook-demo-") as folder:
        async with (
            serve_simulated(
                kalshi_port=0, polymarket_port=0, seed=options.seed, questions=questions
            ) as served,
            serving_inbox(inbox) as addresses,
        ):
            config = _written(Path(folder), served, addresses, headless=options.seconds is not None)
            with served.pairs_file.open(newline="") as file:
                rows = frozenset((row["kalshi"], row["polymarket"]) for row in csv.DictReader(file))
            yield _Stage(
                served=served,
                inbox=inbox,
                config=config,
                settings=load_settings(config),
                truth=rows,
            )


def _written(folder: Path, served: Served, addresses: Addresses, *, headless: bool) -> Path:
    """The settings, in a file as anybody has them: the jobs' children read it, too."""
    webhook = folder / "webhook"
    with private(webhook, "x") as file:
        file.write(f"{addresses.webhook}\n")
    settings = settings_of(served)
    settings["polymarket"]["requests_per_s"] = 100  # this one is ours: no need to be polite
    settings |= {
        "data_dir": str(folder / "data"),
        "web": {"port": 0 if headless else PAGE_PORT},
        "jobs": {"scan": {"every": "5s"}, "catalogue": {}, "match": {}},
        "alerts": {
            "profit_min": "0.25",
            "edge_bps_min": 50,
            "executable_only": True,
            "slack": {"webhook_file": str(webhook), "local": True},
            "email": {
                "host": "127.0.0.1",
                "port": addresses.mail_port,
                "security": "none",
                "sender": "dutchbook@example.com",
                "recipients": ["you@example.com"],
            },
        },
    }
    path = folder / "config.yaml"
    with private(path, "x") as file:
        yaml.safe_dump(settings, file, sort_keys=False)
    return path


async def _match(config: Path) -> dict[str, Any]:
    """`dutchbook pairs find`, in a process of its own: while it thinks, the venues go on."""
    words = ("pairs", "find", "--json", "--config", str(config))
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _FIND, *words),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await child.communicate()
    if child.returncode:
        last = errors.decode(errors="replace").strip().rpartition("\n")[2]
        raise Problem(Exit.OUR_BUG, f"The pairs of the demo were not found: {last}")
    found: dict[str, Any] = json.loads(out)
    return found


def _approve(settings: Settings) -> frozenset[tuple[str, str]]:
    """Approves what the matcher accepts and whose rules do not differ: (Kalshi, Polymarket) of the
    rest, which wait for whoever opens the page."""
    with open_store(settings.place) as store:
        accepted = [kept for kept in store.pairs() if kept.verdict is Verdict.ACCEPT]
        clear = [kept for kept in accepted if not kept.divergences]
        said = [Said(id=kept.id, by=WHO, note="", as_json=False) for kept in clear]
        after = [decided(k, Act.APPROVE, s) for k, s in zip(clear, said, strict=True)]
        store.put(after, at_ms=max((each.at_ms for each in after), default=0))
        return frozenset((k.kalshi.id, k.polymarket.id) for k in accepted if k.divergences)


async def _played(
    stage: _Stage, seconds: int | None, clock: Clock
) -> tuple[dict[str, Any] | None, str]:
    """Runs; with a number of seconds a person hedges meanwhile: the hedge, and what was said."""
    stop = asyncio.Event()
    options = RunOptions(
        pairs=None,
        record=None,
        seconds=None,
        as_json=False,
        stop=stop,
        quiet=True,
        inbox=stage.inbox,
    )
    if seconds is None:
        await run(options, stage.config)
        return None, ""
    person = Person(stage.inbox, api_token(stage.settings), clock)
    async with asyncio.TaskGroup() as group:
        hedging = group.create_task(person.hedge())
        ending = group.create_task(_end(stop, hedging, seconds, clock))
        await run(options, stage.config)
        hedging.cancel()
        ending.cancel()
    return person.hedged, person.said


async def _end(
    stop: asyncio.Event, hedging: asyncio.Task[None], seconds: int, clock: Clock
) -> None:
    """After so many seconds; a slow machine gets longer for its first hedge."""
    await clock.sleep_ms(seconds * 1_000)
    await asyncio.wait({hedging}, timeout=GRACE_S)
    stop.set()


def _opportunities(settings: Settings) -> int:
    with read_database(settings.live_place) as engine:
        return len(History(engine, settings.node_name).episodes(limit=EPISODES_MAX))
