"""How a run ends, and what it does not wait for."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from app.problem import Exit
from app.running import _Work

STUCK = """
import asyncio, time
from app.running import _stopped
async def main():
    stopped = _stopped(500)
    print("ready", flush=True)
    await stopped.wait()
    await asyncio.to_thread(time.sleep, 60)
asyncio.run(main())
"""


def test_a_stop_waits_no_longer_than_it_may_for_a_thread_that_hangs() -> None:
    root = Path(__file__).resolve().parents[3]
    with subprocess.Popen(
        [sys.executable, "-c", STUCK],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as ran:
        try:
            assert ran.stdout
            assert ran.stdout.readline() == "ready\n"
            ran.send_signal(signal.SIGTERM)
            _, said = ran.communicate(timeout=10)
        finally:
            ran.kill()
    assert ran.returncode == Exit.PARTIAL
    assert "did not stop in time" in said


class Slow:
    """A room whose venue takes for ever to tell its markets."""

    checks = 0

    async def check_venues(self) -> None:
        self.checks += 1

    async def read_missing(self) -> None:
        await asyncio.Event().wait()


async def test_venues_are_asked_how_they_are_while_markets_cannot_be_read(timeline: Any) -> None:
    class Room:
        room, clock = Slow(), timeline

    nothing: Any = None
    rooms: Any = Room()
    work = _Work(rooms, nothing, nothing)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(each()) for each in (work._check, work._read_missing)]
        await timeline.run(95_000)
        for each in tasks:
            each.cancel()
    assert Room.room.checks == 3
