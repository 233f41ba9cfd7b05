"""Files that their owner alone may read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, Any


def private(path: Path, mode: str) -> IO[Any]:
    """Opened for writing with `mode` (w, wb: anew; x, xb: only where nothing is), 0600.

    Raises OSError.
    """
    exclusive = os.O_EXCL if "x" in mode else os.O_TRUNC
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | exclusive, 0o600)
    os.fchmod(file, 0o600)
    binary = "b" in mode
    return os.fdopen(file, "wb" if binary else "w", newline=None if binary else "")
