"""What is told again until somebody acknowledges it or it is over. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from alerts.message import Message

_OVER: Final = "It is over."


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """`subject` is what a person acknowledges, as "hedge 17". `is_told`: somebody told it
    the first time."""

    subject: str
    title: str
    lines: tuple[str, ...]
    is_told: bool = False


class Telling(NamedTuple):
    """A message and its key in the outbox."""

    key: str
    message: Message


@dataclass(slots=True)
class _Open:
    trouble: Trouble
    due_ms: int
    told: int


class Escalation:
    """`first_ms` after the first time it is told again, then after twice as long, and so on, but
    never more than `most_ms` apart. What is over is told once as such."""

    def __init__(self, *, first_ms: int, most_ms: int, mark: str = "") -> None:
        self._first_ms = first_ms
        self._most_ms = most_ms
        self._mark = mark
        self._open: dict[str, _Open] = {}

    @property
    def open(self) -> Sequence[Trouble]:
        return [each.trouble for each in self._open.values()]

    def watch(
        self, troubles: Collection[Trouble], acknowledged: Collection[str], now_ms: int
    ) -> Sequence[Telling]:
        """All the troubles there are now, and those that a person knows of."""
        found = []
        standing = {each.subject: each for each in troubles}
        for subject in [s for s in self._open if s not in standing]:
            gone = self._open.pop(subject).trouble
            key = f"over {subject} {now_ms}"
            found.append(Telling(key, self._message(f"Over: {gone.title}", (_OVER,))))
        for subject, trouble in standing.items():
            seen = self._open.get(subject)
            if seen is None:
                seen = self._open[subject] = _Open(trouble, now_ms, 0)
                if trouble.is_told:
                    seen.due_ms, seen.told = now_ms + self._first_ms, 1
            seen.trouble = trouble
            if now_ms < seen.due_ms or (seen.told and subject in acknowledged):
                continue
            again = f"Told again ({seen.told + 1}): " if seen.told else ""
            how = f'To hear no more of it: dutchbook alerts ack "{subject}".'
            said = self._message(f"{again}{trouble.title}", (*trouble.lines, how))
            found.append(Telling(f"trouble {subject} {now_ms // self._first_ms}", said))
            seen.due_ms = now_ms + min(self._first_ms << min(seen.told, 20), self._most_ms)
            seen.told += 1
        return found

    def _message(self, title: str, lines: tuple[str, ...]) -> Message:
        return Message(title=f"{self._mark}{title}", lines=lines, is_critical=True, rule="critical")
