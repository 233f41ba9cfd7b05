"""How a run ends, and what it does not wait for."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.problem import Exit
from app.running import _Work

STUCK = """
import asyncio, time
from app.running import _stopped
async def main():
    stopped = _stopped(stop_ms=500)
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
    work = _Work(rooms, nothing, nothing, nothing, None)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(each()) for each in (work._check, work._read_missing)]
        await timeline.run(95_000)
        for each in tasks:
            each.cancel()
    assert Room.room.checks == 3


PRINTS = """
import asyncio, sys
from changes import appeared
from app.logs import to_stderr
from app.pair_source import Source
from app.running import Printer
async def main():
    to_stderr()
    stopped = asyncio.Event()
    printer = Printer(lambda: Source(name="a file", rows=()), stopped, as_json=False)
    while not stopped.is_set() and printer._trouble == "":
        printer.tell([appeared("p")])
    printer.tell([appeared("p")])
    print(stopped.is_set(), bool(printer._trouble), file=sys.stderr)
asyncio.run(main())
"""


@pytest.mark.parametrize(("out", "said"), [("pipe", "True False"), ("full", "False True")])
def test_who_cannot_print_ends_with_no_error(out: str, said: str) -> None:
    root = Path(__file__).resolve().parents[3]
    paths = f"{root}:{root / 'tests/stages'}"
    with (
        Path("/dev/full").open("wb") as full,
        subprocess.Popen(
            [sys.executable, "-c", PRINTS],
            stdout=subprocess.PIPE if out == "pipe" else full,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": paths},
        ) as ran,
    ):
        if ran.stdout:
            ran.stdout.readline()
            ran.stdout.close()
        _, errors = ran.communicate(timeout=20)
    assert said in errors
    assert "Traceback" not in errors.partition("Exception ignored")[0]
