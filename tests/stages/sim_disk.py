"""A disk of its own kind: what was not synced may be gone after a power cut, and it may fail.

A `Sink` whose appends reach the platter only when it says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from execution.journal import Fenced, JournalError, Row


class PowerCut(BaseException):
    """Everything ends here and now; no handler of the program may run after it."""


@dataclass
class Disk:
    """`before`, `after` an append are asked what happens: they may raise JournalError or PowerCut.
    `appends` counts."""

    platter: list[Row] = field(default_factory=list)
    epoch: int = 0
    appends: int = 0
    before: Callable[[int], None] = lambda _: None
    after: Callable[[int], None] = lambda _: None

    async def take(self) -> int:
        self.epoch += 1
        return self.epoch

    async def append(self, rows: Sequence[Row]) -> None:
        self.appends += 1
        await asyncio.sleep(0.001)
        self.before(self.appends)
        if rows[0].epoch != self.epoch:
            raise Fenced(f"epoch {self.epoch} is newer")
        there = self.platter[rows[0].number - 1 :] if rows[0].number > 0 else []
        if there != list(rows):
            if there:
                raise JournalError(f"row {rows[0].number} is there already")
            self.platter += rows
        self.after(self.appends)

    async def rows(self) -> Sequence[Row]:
        return list(self.platter)
