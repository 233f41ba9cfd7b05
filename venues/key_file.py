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
        _refuse_unless_private(real.parent, real.parent.stat(), "chmod 700", "folder")
        with os.fdopen(os.open(real, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:  # no pipe waits
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise ValueError(f"The key file {path} is no file.")
            _refuse_unless_private(real, about, "chmod 600", "file")
            found = file.read(_BYTES_MAX + 1)
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle, no such ~user
        said = getattr(error, "strerror", None) or error
        raise ValueError(f"The key file {path} cannot be read: {said}.") from None
    if len(found) > _BYTES_MAX:
        raise ValueError(f"The key file {path} is too large to be a key.")
    return found


def _refuse_unless_private(path: Path, about: os.stat_result, remedy: str, kind: str) -> None:
    if about.st_uid != os.getuid():
        raise ValueError(f"The key {kind} {path} belongs to another user: it may not hold a key.")
    if about.st_mode & _OTHERS:
        raise ValueError(f"The key {kind} {path} is open to other users. Run: {remedy} {path}")
