"""Locks that the system lets go of when their holder ends, however it ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Final

from sqlalchemy import Engine, text

from app.problem import Exit, Problem

_LOOK_AGAIN_MS: Final = 50


@contextmanager
def only_writer(path: Path, *, patience_ms: int = 0) -> Iterator[None]:
    """Holds the lock file; waits so long for whoever holds it. Raises Problem naming that
    process."""
    held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if not _taken(held, patience_ms):
            pid = os.pread(held, 20, 0).decode(errors="replace").strip() or "unknown"
            raise Problem(
                Exit.BAD_FILE,
                f"Another dutchbook (process {pid}) is writing to {path.parent}; wait until it "
                "ends, or end it, and try again.",
            )
        os.ftruncate(held, 0)
        os.pwrite(held, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(held)


def _taken(held: int, patience_ms: int) -> bool:
    for _ in range(patience_ms // _LOOK_AGAIN_MS + 1):
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            Event().wait(_LOOK_AGAIN_MS / 1_000)
        else:
            return True
    return False


@contextmanager
def only_node(engine: Engine, node: str) -> Iterator[None]:
    """Holds the name of a node on a shared database: what is unfinished under our own name is taken
    to be dead. Raises Problem where another process has it. A SQLite file has one writer anyway.
    """
    if engine.dialect.name != "postgresql":
        yield
        return
    with engine.connect() as connection:
        asked = text("SELECT pg_try_advisory_lock(hashtextextended(:node, 0))")
        is_ours = connection.execute(asked, {"node": f"dutchbook {node}"}).scalar()
        connection.commit()
        try:
            if not is_ours:
                raise Problem(
                    Exit.BAD_FILE,
                    f"Another dutchbook named {node} uses this database: give this one another "
                    "name in the setting node.",
                )
            yield
        finally:
            connection.invalidate()  # the lock goes with the connection
