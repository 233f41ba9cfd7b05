"""What every test gets: time without waiting, the shared recordings, and no network."""

from __future__ import annotations

import asyncio
import io
import ipaddress
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import hypothesis
import pytest
import stamina

ROOT: Final = Path(__file__).resolve().parents[1]
_START: Final = datetime(2026, 11, 25, tzinfo=UTC)
_OUTSIDE: Final[list[str]] = []

hypothesis.settings.register_profile("dutchbook", derandomize=True, deadline=None)
hypothesis.settings.load_profile("dutchbook")


class ManualClock:
    """A `venues.Clock` that moves only when somebody sleeps, and sleeping takes no time."""

    def __init__(self, start: datetime) -> None:
        self._start_ms = int(start.timestamp()) * 1_000
        self._slept_ms = 0

    def now_ms(self) -> int:
        return self._start_ms + self._slept_ms

    def monotonic_ns(self) -> int:
        return self._slept_ms * 1_000_000

    async def sleep_ms(self, duration_ms: int) -> None:
        self._slept_ms += duration_ms


class Timeline:
    """A `venues.Clock` whose sleepers wake when a test moves it on: for sockets and feeds."""

    def __init__(self) -> None:
        self.at_ms = 0
        self._sleepers: list[tuple[int, asyncio.Future[None]]] = []

    def now_ms(self) -> int:
        return self.at_ms

    def monotonic_ns(self) -> int:
        return self.at_ms * 1_000_000

    async def sleep_ms(self, duration_ms: int) -> None:
        wake: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.at_ms + duration_ms, wake))
        await wake

    async def run(self, duration_ms: int) -> None:
        end_ms = self.at_ms + duration_ms
        await self.settle()
        while due := [s for s in self._sleepers if s[0] <= end_ms]:
            first = min(due, key=lambda sleeper: sleeper[0])
            self._sleepers.remove(first)
            self.at_ms = max(self.at_ms, first[0])
            if not first[1].done():
                first[1].set_result(None)
            await self.settle()
        self.at_ms = end_ms

    async def settle(self) -> None:
        """Lets every task do what it can do now."""
        for _ in range(30):
            await asyncio.sleep(0)


@pytest.fixture
def timeline() -> Timeline:
    """Begins with the epoch; `await timeline.run(…)` lets that much time pass."""
    return Timeline()


@pytest.fixture
def clock() -> ManualClock:
    """Starts on 2026-11-25 at 00:00 UTC; `await clock.sleep_ms(…)` moves it on."""
    return ManualClock(_START)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of recordings and facts beside the project, or where $DUTCHBOOK_SHARED says."""
    folder = (ROOT / os.environ.get("DUTCHBOOK_SHARED", "../shared")).resolve()
    if folder.is_dir():
        return folder
    reason = f"NO RECORDINGS: {folder} is missing; set DUTCHBOOK_SHARED to the shared folder"
    if os.environ.get("DUTCHBOOK_REQUIRE_SHARED") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        return self.stdout + self.stderr


def run_command(*args: str) -> Ran:
    from app.cli import main

    out, err, code = io.StringIO(), io.StringIO(), 0
    argv, sys.argv = sys.argv, ["dutchbook", *args]
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main()
    except SystemExit as stop:
        code = int(stop.code or 0)
    finally:
        sys.argv = argv
    return Ran(code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="session")
def cli() -> Callable[..., Ran]:
    """`cli("scan", "--json")`: the program as its console script runs it, in this process."""
    return run_command


@pytest.fixture(scope="session", autouse=True)
def _retries_without_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=4, cap=True):
        yield


@pytest.fixture(autouse=True)
def _usual_depth() -> None:
    """eth_account, once imported, lets Python recurse until it crashes."""
    sys.setrecursionlimit(1_000)


@pytest.fixture(autouse=True)
def _no_network() -> Iterator[None]:
    """Fails the test that reached for the network, even where the error was swallowed."""
    _OUTSIDE.clear()
    yield
    if _OUTSIDE:
        pytest.fail(f"this test reached for the network: {', '.join(_OUTSIDE)}")


def _refuse_outside(event: str, args: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto"}:
        address = args[1]
        host = address[0] if isinstance(address, tuple) else ""  # a path is a Unix socket
    elif event == "socket.getaddrinfo":
        host = args[0] or ""
    else:
        return
    name = host.decode() if isinstance(host, bytes) else host
    if not _is_loopback(name):
        _OUTSIDE.append(name)
        raise PermissionError(f"tests may not reach {name}")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in {"", "localhost"}


sys.addaudithook(_refuse_outside)
