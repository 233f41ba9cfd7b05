"""Telling without the daemon: after one scan, and to see whether a channel works."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from alerts.channel import Undelivered
from alerts.message import SIM, Message
from app.alert_channels import channels
from app.alerting import Alerts
from app.cli import console, emit
from app.config import Settings, load_settings
from app.live import LiveScan
from app.pair_source import Source
from app.problem import Exit, Problem
from app.store.opening import open_database
from app.store.outbox import StoredOutbox
from matching.pairs import MarketKey
from scanner.episode import Proof
from scanner.opportunity import Opportunity
from venues import Clock

DEADLINE_S: Final = 30
"""A cron job ends; what was not delivered by then goes with the next one."""
_HOW: Final = (
    "Set up alerts.slack, alerts.email or another in the settings; docs/alerts.md shows how."
)


async def notify(
    found: LiveScan, source: Source, settings: Settings, clock: Clock, doubts: Mapping[str, str]
) -> tuple[str, ...]:
    """Tells of a scan's opportunities by the rules. A sentence for each channel that failed.

    `doubts`: by venue, why nobody may act on what it showed; "" for nothing.
    """
    if not channels(settings):
        raise Problem(Exit.BAD_FILE, f"--notify has nobody to tell. {_HOW}")
    with open_database(settings.live_place) as engine:
        alerts = Alerts(
            settings,
            StoredOutbox(engine),
            clock=clock,
            why_not=lambda pair_id: source.why_not(pair_id, found.markets),
            markets=found.markets.get,
        )
        alerts.hear_scan((each, _proof(each, found, doubts)) for each in found.report.ranked)
        try:
            async with asyncio.timeout(DEADLINE_S):
                await alerts.outbox.deliver_all()
        except TimeoutError:
            return (f"Not everything was told within {DEADLINE_S} s; the rest waits.",)
        return tuple(f"{name}: {why}." for name, why in alerts.outbox.troubles.items())


def _proof(opportunity: Opportunity, found: LiveScan, doubts: Mapping[str, str]) -> Proof:
    """A book that was read just now is as old as its answer."""
    keys = [MarketKey(leg.contract.venue, leg.contract.market) for leg in opportunity.legs]
    one, two = (found.report.ts_ms - found.books[key].received_ms for key in keys)
    why = tuple(f"{key.venue}: {doubts[key.venue]}" for key in keys if doubts[key.venue])
    return Proof(ages_ms=(max(one, 0), max(two, 0)), doubts=why)


async def try_channels(config: Path | None, *, as_json: bool) -> Exit:
    """Exit 3 where none is set up, 4 where one failed."""
    settings = load_settings(config)
    found = channels(settings)
    title = f"{SIM if settings.environment == 'sim' else ''}Test message"
    if not found:
        raise Problem(Exit.BAD_FILE, f"Nobody would be told. {_HOW}")
    said: dict[str, str | None] = {}
    words = ("This is a test, sent by `dutchbook alerts test`.", "Alerts will look like this.")
    for channel in found:
        try:
            await channel.send(Message(title=title, lines=words))
            said[channel.name] = None
        except Undelivered as error:
            said[channel.name] = str(error)
    if as_json:
        rows = [{"channel": n, "sent": why is None, "why": why} for n, why in said.items()]
        emit({"schema": "dutchbook.alerts_test/1", "channels": rows})
    else:
        for name, why in said.items():
            console().print(f"{name}: {'sent' if why is None else f'not sent: {why}'}")
    return Exit.PARTIAL if any(said.values()) else Exit.DONE
