"""When to pass: jobs and the slots of each. Pure; the only file that imports APScheduler.

A slot is the moment that a job is meant for, UTC epoch milliseconds without jitter: every node on
one database works out the same slots. APScheduler reads the cron text and finds the next time of
a clock on the wall; what that is in UTC, on the nights when clocks are changed too, is said here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apscheduler.triggers.cron import CronTrigger  # type: ignore[import-untyped]

MISSED_MAX: Final = 1_000
"""Of a longer row of missed slots, only the newest are told."""

_MINUTE_S: Final = 60
_FARTHER: Final = 8
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)
_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Every:
    """Whole multiples of `seconds` since the epoch."""

    seconds: int

    def __post_init__(self) -> None:
        if self.seconds < 1:
            raise ValueError("every must be a second or more")


@dataclass(frozen=True, slots=True)
class Cron:
    """Minute, hour, day of month, month, day of week (mon … sun) on the wall of a time zone.

    Where the hour is `*`, time goes on evenly when clocks are changed. Otherwise a time that comes
    twice counts the first time, and one that is left out counts when the clocks are changed.
    """

    text: str
    time_zone: str = "UTC"

    def __post_init__(self) -> None:
        _trigger(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`rerunnable`: a run that was killed in the middle may be made again. `jitter_s` is added to
    each slot, another one on each node. A run is cancelled after `timeout_s`."""

    name: str
    when: Every | Cron
    jitter_s: int = 0
    rerunnable: bool = False
    timeout_s: int = 3_600


class Due(NamedTuple):
    """The slot to run now, and those before it that nobody was there for, oldest first."""

    slot_ms: int
    missed: tuple[int, ...]


def next_slot(when: Every | Cron, after_ms: int) -> int | None:
    """The first slot after a moment; None where there never is one."""
    if isinstance(when, Every):
        return (after_ms // (when.seconds * 1_000) + 1) * when.seconds * 1_000
    trigger, zone = _trigger(when), ZoneInfo(when.time_zone)
    after = _EPOCH + after_ms * _MS
    if _is_even(when):
        found = _fires(trigger, after + _MS)
        return _ms(found) if found else None
    wall = after.astimezone(zone).replace(tzinfo=UTC)
    while wall_found := _fires(trigger, wall):
        slot_ms = _ms(_utc_of_wall(wall_found, zone))
        if slot_ms > after_ms:
            return slot_ms
        wall = wall_found + _SECOND
    return None


def due(job: Job, after_ms: int, now_ms: int, node: str) -> Due | None:
    """What is to run now of the slots after `after_ms`: the newest, once, whatever was missed."""
    apart_s = job.when.seconds if isinstance(job.when, Every) else _MINUTE_S
    while True:
        behind_ms = (MISSED_MAX + 1) * apart_s * 1_000 + job.jitter_s * 1_000
        found = [*_slots(job.when, max(after_ms, now_ms - behind_ms), now_ms)]
        while found and found[-1] + jitter_ms(job, found[-1], node) > now_ms:
            found.pop()
        if len(found) > MISSED_MAX or now_ms - behind_ms <= after_ms:
            return Due(found[-1], tuple(found[-MISSED_MAX - 1 : -1])) if found else None
        apart_s *= _FARTHER  # a cron whose slots are farther apart: years are not walked through


def jitter_ms(job: Job, slot_ms: int, node: str) -> int:
    """0 … jitter_s, always the same for a slot on a node."""
    digest = hashlib.sha256(f"{job.name} {slot_ms} {node}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % (job.jitter_s * 1_000 + 1)


def _slots(when: Every | Cron, after_ms: int, until_ms: int) -> Iterator[int]:
    slot_ms = next_slot(when, after_ms)
    while slot_ms is not None and slot_ms <= until_ms:
        yield slot_ms
        slot_ms = next_slot(when, slot_ms)


def _fires(trigger: CronTrigger, after: datetime) -> datetime | None:
    found: datetime | None = trigger.get_next_fire_time(None, after)
    return found


def _utc_of_wall(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first moment at which a clock on the wall shows `wall` or later."""
    moment = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return moment
    early, late = moment - timedelta(hours=25), moment  # in a gap: when the clocks were changed
    before = early.astimezone(zone).utcoffset()
    while late - early > _SECOND:
        middle = early + (late - early) / 2
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)


def _ms(moment: datetime) -> int:
    return (moment - _EPOCH) // _MS


def _is_even(cron: Cron) -> bool:
    return cron.text.split()[1] == "*"


@cache
def _trigger(cron: Cron) -> CronTrigger:
    """Asked in the time zone where time goes on evenly, else of a wall whose clock never changes.

    Raises ValueError saying what is wrong with the text.
    """
    fields = cron.text.split()
    if len(fields) != 5:
        raise ValueError("a cron text has five fields: minute hour day month weekday")
    if any(c.isdigit() for c in fields[4]):
        raise ValueError("write days of the week as mon … sun: programs number them differently")
    try:
        zone = ZoneInfo(cron.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"there is no time zone {cron.time_zone}") from None
    trigger = CronTrigger.from_crontab(cron.text, zone if _is_even(cron) else UTC)
    if _fires(trigger, _EPOCH) is None:
        raise ValueError("there is no such day")
    return trigger
