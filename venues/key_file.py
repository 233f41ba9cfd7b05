"""A private key on disk: read only where nobody else can read it."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

_BYTES_MAX: Final = 64 * 1024
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def read_key_file(path: Path) -> bytes:
    """The bytes of a key file, links resolved first.

    Raises ValueError, saying what to do, unless the file and its folder belong to this user and are
    closed to everybody else (0600 in 0700).
    """
    try:
        real = path.expanduser().resolve(strict=True)
        _refuse_unless_private(real.parent, "chmod 700", "folder")
        with real.open("rb") as file:
            _refuse_unless_private(real, "chmod 600", "file", os.fstat(file.fileno()))
            found = file.read(_BYTES_MAX + 1)
    except OSError as error:
        raise ValueError(f"The key file {path} cannot be read: {error.strerror}.") from None
    if len(found) > _BYTES_MAX:
        raise ValueError(f"The key file {path} is too large to be a key.")
    return found


def _refuse_unless_private(
    path: Path, remedy: str, kind: str, found: os.stat_result | None = None
) -> None:
    if os.name != "posix":
        return
    about = found or path.stat()
    if about.st_uid != os.getuid():
        raise ValueError(f"The key {kind} {path} belongs to another user: it may not hold a key.")
    if about.st_mode & _OTHERS:
        raise ValueError(f"The key {kind} {path} is open to other users. Run: {remedy} {path}")
