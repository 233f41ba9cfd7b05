"""What the page reads and may do: everything that a request is given."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from app.config import Settings
from app.inbox import Inbox
from app.kill_switch import stopped
from app.room import Room
from app.web.attempts import Attempts
from app.web.doors import Doors
from app.web.live import Live
from app.web.models import Status
from app.web.tokens import Keys
from app.works import Works
from venues import Clock

MODES: Final = {"dry_run": "dry run", "paper": "paper", "live": "live"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """`trouble` says what is wrong with the history now, "" where nothing is. `pairs`: held by who
    changes the pair book, for a file has one writer. `inbox`: the demo's, None elsewhere."""

    works: Works
    live: Live
    doors: Doors
    keys: Keys
    trouble: Callable[[], str]
    origins: frozenset[str]
    port: int
    pairs: asyncio.Lock
    inbox: Inbox | None = None
    attempts: Attempts = field(default_factory=Attempts)

    @property
    def room(self) -> Room:
        return self.works.room

    @property
    def settings(self) -> Settings:
        return self.works.settings

    @property
    def clock(self) -> Clock:
        return self.works.clock

    @property
    def simulated(self) -> bool:
        return self.settings.environment == "sim"


def status_of(site: Site) -> Status:
    engine, room = site.room.engine, site.room
    troubles = dict(room.troubles)
    troubles |= {f"alerts: {name}": why for name, why in site.works.alerts.outbox.troubles.items()}
    if history := site.trouble():
        troubles["history"] = history
    return Status(
        schema="dutchbook.status/1",
        now_ms=site.clock.now_ms(),
        environment=site.settings.environment,
        mode=site.settings.mode,
        simulated=site.simulated,
        source=site.works.source.name,
        pairs=engine.pairs,
        open=len(engine.episodes),
        priced=engine.priced,
        passes=room.passes,
        doubts=dict(engine.doubts),
        troubles=troubles,
        killed=stopped(site.settings),
    )
