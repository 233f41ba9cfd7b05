"""A recorded live scan, scanned again: the same adapters, the same pass, the tape's clock."""

from __future__ import annotations

from contextlib import AsyncExitStack

from app.config import Settings
from app.live import LiveScan, scan_live
from app.pairs_file import PairRow
from app.wiring import open_venue
from app.wiring_terms import VENUES, Member
from scanner import Policy
from venues.replay import Pass, TapeClock, TapeTransport


async def scan_answers(
    cycle: Pass, rows: tuple[PairRow, ...], settings: Settings, policy: Policy, member: Member
) -> LiveScan:
    """The live scan that the answers of one cycle allow; the clock is the tape's."""
    async with AsyncExitStack() as stack:
        venues = {}
        clock = TapeClock(cycle.ts_ms)
        for name in VENUES:
            answers = [answer for answer in cycle.answers if answer.venue == name]
            transport = TapeTransport(answers, clock)
            venues[name] = await stack.enter_async_context(
                open_venue(name, settings, clock=clock, transport=transport, member=member)
            )
        return await scan_live(rows, venues, clock=clock, policy=policy, member=member)
