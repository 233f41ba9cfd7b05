"""Tapes one after the other in a folder: a new one every few hours, the oldest give way.

Packing and writing happen in a thread of their own, so that nobody waits for a disk.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

import structlog

from venues.clock import Clock
from venues.tape import Answer, Record, TapeError, TapeWriter
from venues.tape_stream import Call

SUFFIX: Final = ".tape"
_OURS: Final = "[0-9]" * 8 + "T" + "[0-9]" * 6 + f"Z{SUFFIX}"
_HOUR_MS: Final = 3_600_000
_MEGABYTE: Final = 1_000_000
_BATCH: Final = 2_000
_HEAVY: Final = 1_000_000
"""So many characters of answers and frames are a batch by themselves."""
_WAITING_MAX: Final = 16
_FLUSH_MS: Final = 5_000
_LEVEL: Final = 1
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class TapeLimits:
    """A new tape after so many hours or megabytes; when one begins, the oldest go until those that
    are left take no more than the total."""

    hours: int = 6
    megabytes: int = 500
    total_megabytes: int = 20_000


class Tapes:
    """Use as `with`. Each tape is named by the UTC second in which it began, and begins with what
    `head` says. The folder and its tapes are their owner's alone.

    `write`, `turn` and `wait` raise OSError or TapeError for what went wrong meanwhile; then
    `give_up` drops what waits, and the next record begins a tape.
    """

    def __init__(self, folder: Path, clock: Clock, limits: TapeLimits | None = None) -> None:
        self.head: Callable[[], Iterable[Record]] = tuple
        self._clock = clock
        self._limits = limits or TapeLimits()
        self._shelf = _Shelf(folder, self._limits.total_megabytes * _MEGABYTE)
        self._path: Path | None = None
        self._began_ms = self._flushed_ms = 0
        self._queue: list[Record] = []
        self._weight = 0
        self._waiting: deque[Future[None]] = deque()
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="tapes")

    def __enter__(self) -> Self:
        """Raises OSError where the folder cannot be made."""
        self._shelf.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self

    def __exit__(self, *exc: object) -> None:
        try:
            self.wait()
            self._pool.submit(self._shelf.close).result()
        except (OSError, TapeError) as error:
            _log.warning("tape.failed", why=str(error))
        finally:
            self._pool.shutdown()

    def write(self, record: Record) -> None:
        if self._path is None:
            self._begin()
        queue = self._queue
        queue.append(record)
        if type(record) is Call:
            self._weight += len(record.text)
        elif type(record) is Answer:
            self._weight += len(record.body)
        if len(queue) >= _BATCH or self._weight >= _HEAVY:
            self._hand_over()

    def turn(self, now_ms: int) -> None:
        """Called every second or so: there is a tape from now on, and what waits for some seconds
        is handed over."""
        if self._path is None:
            self._begin()
        elif now_ms - self._flushed_ms >= _FLUSH_MS:
            self._flushed_ms = now_ms
            self._hand_over()
            is_old = now_ms - self._began_ms >= self._limits.hours * _HOUR_MS
            if is_old or self._shelf.size >= self._limits.megabytes * _MEGABYTE:
                self._begin()

    def wait(self) -> None:
        """Until all of it is written."""
        self._hand_over()
        while self._waiting:
            self._waiting.popleft().result()

    def give_up(self) -> None:
        self._path = None
        self._queue, self._weight = [], 0
        self._waiting.clear()

    def _begin(self) -> None:
        self._began_ms = self._flushed_ms = self._clock.now_ms()
        began = datetime.fromtimestamp(self._began_ms // 1_000, UTC)
        self._path = self._shelf.folder / f"{began:%Y%m%dT%H%M%SZ}{SUFFIX}"
        self._queue.extend(self.head())

    def _hand_over(self) -> None:
        while self._waiting and self._waiting[0].done():
            self._waiting.popleft().result()
        if len(self._waiting) >= _WAITING_MAX:
            raise OSError("the disk is slower than what is to be recorded")
        records, self._queue, self._weight = self._queue, [], 0
        if self._path and records:
            self._waiting.append(self._pool.submit(self._shelf.store, self._path, records))


class _Shelf:
    """The files, in the hands of one thread. `size`: of the present tape, in bytes."""

    def __init__(self, folder: Path, total_max: int) -> None:
        self.folder = folder
        self.size = 0
        self._total_max = total_max
        self._path: Path | None = None
        self._writer: TapeWriter | None = None

    def store(self, path: Path, records: Sequence[Record]) -> None:
        """Into the tape of that name; one that failed gets nothing more."""
        if path != self._path:
            self.close()
            self._path = path
            self._writer = _begun(path)
            self._prune()
        if self._writer is None:
            return
        try:
            self._writer.write_all(records)
        except OSError:
            writer, self._writer = self._writer, None
            writer.give_up()
            raise
        self.size = self._writer.size

    def close(self) -> None:
        writer, self._writer = self._writer, None
        if writer:
            writer.__exit__()

    def _prune(self) -> None:
        """Tapes of other names are somebody else's, and stay."""
        total = 0
        for path in sorted(self.folder.glob(_OURS), reverse=True):
            total += path.stat().st_size
            if total > self._total_max and path != self._path:
                path.unlink(missing_ok=True)


def _begun(path: Path) -> TapeWriter:
    try:
        return TapeWriter(path, level=_LEVEL)
    except OSError:
        if path.exists() and not path.stat().st_size:
            path.unlink()  # an empty file is no tape
        raise


def tapes_in(folder: Path) -> list[Path]:
    """The tapes of a folder, oldest first."""
    return sorted(folder.glob(f"*{SUFFIX}"))
