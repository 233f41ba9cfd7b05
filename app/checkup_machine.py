"""What the doctor looks at without asking anybody: machine, settings, files, journal."""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import sqlite3
import ssl
import stat
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Final

from app.checks import Check
from app.config import Settings
from app.journal_reading import read_rows
from app.kill_switch import stopped
from app.private_file import private
from app.problem import Problem
from execution.journal import Corrupt, replayed
from venues import Clock
from venues.key_file import read_key_file
from venues.money import text

_FREE_BYTES_MIN: Final = 1 << 30
_SQLITE_MIN: Final = (3, 37, 0)
_SYNC_MS_MAX: Final = 100
_SYNCS: Final = 5


def programs() -> Iterator[Check]:
    yield Check("dutchbook", "ok", version("dutchbook"))
    yield Check("python", "ok", platform.python_version())
    yield Check("openssl", "ok", ssl.OPENSSL_VERSION)
    is_old = sqlite3.sqlite_version_info < _SQLITE_MIN
    advice = "Take a Python with a newer SQLite: the store was never tried on this one."
    yield Check(
        "sqlite", "warn" if is_old else "ok", sqlite3.sqlite_version, advice if is_old else ""
    )


def machine(settings: Settings, config: Path | None, clock: Clock) -> Iterator[Check]:
    yield _said(settings)
    yield from _permissions(settings, config)
    yield from _disk(settings, clock)
    yield _limits(settings)
    yield from _journal(settings)
    if (why := stopped(settings)) is not None:
        advice = "`dutchbook kill off` lets hedges begin again."
        yield Check("kill switch", "warn", f"on: {why}", advice)


def _said(settings: Settings) -> Check:
    advice = ""
    if settings.kalshi.member == "unknown":
        advice = "Set kalshi.member to price by your own rounding, not the worse of two."
    return Check(
        "settings",
        "ok",
        f"environment {settings.environment}, mode {settings.mode}, "
        f"Kalshi member class {settings.kalshi.member}",
        advice,
    )


def _permissions(settings: Settings, config: Path | None) -> Iterator[Check]:
    for name, file in settings.secret_files.items():
        try:
            read_key_file(file)
        except ValueError as error:
            yield Check(name, "bad", str(error), "Make it yours alone: it is refused until then.")
        else:
            yield Check(name, "ok", f"{file}: yours alone")
    folder = settings.folder
    if folder.exists() and stat.S_IMODE(folder.stat().st_mode) & 0o077:
        advice = f"chmod 700 {shlex.quote(str(folder))}"
        yield Check("data folder", "warn", f"{folder} is open to other users", advice)
    if config and config.exists() and stat.S_IMODE(config.stat().st_mode) & 0o022:
        advice = f"chmod 600 {shlex.quote(str(config))}"
        yield Check("settings file", "bad", f"{config} may be changed by other users", advice)


def _disk(settings: Settings, clock: Clock) -> Iterator[Check]:
    folder = settings.folder
    existing = next(p for p in (folder, *folder.parents) if p.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        yield Check("data folder", "bad", f"{folder} cannot be written", "Set data_dir elsewhere.")
        return
    if existing != folder:
        yield Check("data folder", "ok", f"{folder}: not there yet", "It is made when needed.")
    free = shutil.disk_usage(existing).free
    is_little = free < _FREE_BYTES_MIN
    advice = "Free some space: a catalogue needs about 100 MB." if is_little else ""
    found = f"{free >> 30} GiB free for {folder}"
    yield Check("disk", "warn" if is_little else "ok", found, advice)
    if existing == folder:
        yield _sync(folder, clock)


def _sync(folder: Path, clock: Clock) -> Check:
    """How long a row of the journal waits for the disk: no order leaves before it is there."""
    trial = folder / f".doctor-{os.getpid()}"
    took_ns = []
    try:
        with private(trial, "xb") as file:
            for _ in range(_SYNCS):
                before_ns = clock.monotonic_ns()
                file.write(b"\0" * 4_096)
                file.flush()
                os.fsync(file.fileno())
                took_ns.append(clock.monotonic_ns() - before_ns)
    except OSError as error:
        return Check("disk sync", "bad", f"{folder}: {error.strerror}", "Set data_dir elsewhere.")
    finally:
        trial.unlink(missing_ok=True)
    tenths = sorted(took_ns)[_SYNCS // 2] // 100_000
    found = f"{tenths // 10}.{tenths % 10} ms until 4 KiB are safe"
    if tenths // 10 > _SYNC_MS_MAX:
        advice = "Each order waits for this several times: put data_dir on a faster disk."
        return Check("disk sync", "warn", found, advice)
    return Check("disk sync", "ok", found)


def _limits(settings: Settings) -> Check:
    limits = settings.limits
    rising = {name: getattr(limits, name) for name in ("order", "pair", "group", "venue")}
    found = ", ".join(f"{name} ${text(value)}" for name, value in rising.items())
    found += f", day ${text(limits.day)}, unhedged ${text(limits.unhedged)}"
    if [*rising.values()] != sorted(rising.values()):
        advice = "A wider limit below a narrower one makes the narrower one idle: is that meant?"
        return Check("limits", "warn", found, advice)
    return Check("limits", "ok", found)


def _journal(settings: Settings) -> Iterator[Check]:
    try:
        rows = read_rows(settings)
        replayed(rows)
    except Corrupt as error:
        advice = "Nothing is sent. Look at it with `dutchbook journal verify`; a backup comes back "
        advice += "with `dutchbook journal restore`."
        yield Check("journal", "bad", str(error), advice)
    except Problem as problem:
        yield Check("journal", "bad", str(problem), "Nothing is sent until it can be read.")
    else:
        said = "all as they were written" if rows else "nothing was done yet"
        yield Check("journal", "ok", f"{settings.book_name}: {len(rows)} rows, {said}")
