"""One writer: a lock that the system lets go of when its holder ends, however it ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.problem import Exit, Problem


@contextmanager
def only_writer(path: Path) -> Iterator[None]:
    """Holds the lock file. Raises Problem naming the process that holds it already."""
    held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = os.pread(held, 20, 0).decode(errors="replace").strip() or "unknown"
            raise Problem(
                Exit.BAD_FILE,
                f"Another dutchbook (process {pid}) is writing to {path.parent}; wait until it "
                "ends, or end it, and try again.",
            ) from None
        os.ftruncate(held, 0)
        os.pwrite(held, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(held)
