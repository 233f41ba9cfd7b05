"""What a person wants to hear nothing of for a while: one file, which every process of ours reads
and any may write, for the store has one writer.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final, NamedTuple

from app.private_file import private

NAME: Final = "snoozes.json"
MANY_MAX: Final = 1_000
HELD_MS: Final = 30 * 86_400_000
"""An acknowledgement of what never ends is forgotten after this."""


class Snooze(NamedTuple):
    until_ms: int
    by: str


class Snoozes:
    """Muted is a pair, a Kalshi event or a glob of them; known is the subject of a trouble."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._stamp: tuple[int, int] | None = None
        self._muted: dict[str, Snooze] = {}
        self._known: dict[str, Snooze] = {}

    def muted(self, now_ms: int) -> Mapping[str, Snooze]:
        self._read()
        return {what: each for what, each in self._muted.items() if each.until_ms > now_ms}

    def known(self, now_ms: int) -> Mapping[str, Snooze]:
        self._read()
        return {what: each for what, each in self._known.items() if each.until_ms > now_ms}

    def is_muted(self, names: tuple[str, ...], now_ms: int) -> bool:
        self._read()
        return any(
            each.until_ms > now_ms and any(fnmatchcase(name, what) for name in names)
            for what, each in self._muted.items()
        )

    def mute(self, what: str, until_ms: int, by: str, now_ms: int) -> None:
        """`until_ms` not after `now_ms`: hears of it again."""
        self._read()
        self._muted[what] = Snooze(until_ms, by)
        self._write(now_ms)

    def acknowledge(self, subject: str, by: str, now_ms: int) -> None:
        self._read()
        self._known[subject] = Snooze(now_ms + HELD_MS, by)
        self._write(now_ms)

    def forget(self, subject: str, now_ms: int) -> None:
        """It is over: should it come again, it is told again."""
        self._read()
        if self._known.pop(subject, None):
            self._write(now_ms)

    def _read(self) -> None:
        """A file that is none mutes nothing."""
        try:
            about = self._path.stat()
            stamp = about.st_mtime_ns, about.st_ino
            if stamp == self._stamp:
                return
            found = json.loads(self._path.read_text())
            self._muted = {what: Snooze(*each) for what, each in found["muted"].items()}
            self._known = {what: Snooze(*each) for what, each in found["known"].items()}
            self._stamp = stamp
        except FileNotFoundError:
            self._muted, self._known, self._stamp = {}, {}, None
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            self._muted, self._known = {}, {}

    def _write(self, now_ms: int) -> None:
        """Whole, or not at all."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        kept = {
            name: dict([e for e in found.items() if e[1].until_ms > now_ms][-MANY_MAX:])
            for name, found in (("muted", self._muted), ("known", self._known))
        }
        new = self._path.with_suffix(f".{os.getpid()}")
        with private(new, "w") as file:
            json.dump(kept, file)
        new.replace(self._path)
        self._stamp = None
