"""What goes wrong on a stream, and the line it goes wrong on. Knows no venue.

A server puts frames on a `Line` and sends what `next_frame` hands out. The same seed, frames and
times give the same faults.
"""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Final

from venues.money import ONE


def every_frame(_frame: str) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFaults:
    """The faults of one connection. Rates are in millionths: ONE hits every frame `hits` names."""

    seed: int = 0
    hits: Callable[[str], bool] = every_frame
    """Which frames the rates are about; only these draw from the seed."""
    drop: int = 0
    duplicate: int = 0
    reorder: int = 0
    """The frame goes out behind the next one, or alone after `reorder_ms`."""
    reorder_ms: int = 200
    delay: int = 0
    """The frame, and so everything behind it, waits `delay_ms`."""
    delay_ms: int = 0
    garbage: int = 0
    """A broken copy goes out ahead of the frame."""
    cut_after: int | None = None
    """The connection breaks once this many frames went out; what still waits is lost."""
    freeze_after: int | None = None
    """From then on nothing goes out, while the connection and its pings live on."""
    unserved: frozenset[str] = frozenset()
    """Names that a subscription takes and never serves."""


FAULTLESS: Final = StreamFaults()


@dataclass(frozen=True, slots=True)
class _Waiting:
    due_ms: int
    frame: str
    topic: Hashable


def _nobody() -> None:
    return


class Line:
    """Frames on their way out, oldest first. `wake` is called when there may be one to send."""

    def __init__(self, now_ms: Callable[[], int], faults: StreamFaults = FAULTLESS) -> None:
        self.wake: Callable[[], None] = _nobody
        self.sent = 0
        self._now_ms = now_ms
        self._queue: deque[_Waiting] = deque()
        self._held: _Waiting | None = None
        self._pending: Counter[Hashable] = Counter()
        self._broken = False
        self._set(faults)

    @property
    def faults(self) -> StreamFaults:
        return self._faults

    @faults.setter
    def faults(self, faults: StreamFaults) -> None:
        """Counts and seeds start anew; what was already put stays as it is."""
        self.sent = 0
        self._set(faults)
        self.wake()

    @property
    def broken(self) -> bool:
        """The connection is to be dropped without a word."""
        return self._broken

    def cut(self) -> None:
        self._broken = True
        self._queue.clear()
        self._held = None
        self._pending.clear()
        self.wake()

    def pending(self, topic: Hashable) -> int:
        """How many frames of this topic have not gone out."""
        return self._pending[topic]

    def put(self, frame: str, topic: Hashable = None) -> None:
        if self._broken or self._frozen():
            return
        behind, self._held = self._held, None
        going = self._spoilt(_Waiting(self._now_ms(), frame, topic))
        for waiting in going:
            self._add(waiting)
        if behind is not None:
            self._add(replace(behind, due_ms=self._now_ms()))
        self.wake()

    def next_frame(self) -> str | None:
        """None when nothing is due now."""
        now_ms = self._now_ms()
        if self._held is not None and self._held.due_ms <= now_ms:
            behind, self._held = self._held, None
            self._add(behind)
        if self._frozen() or not self._queue or self._queue[0].due_ms > now_ms:
            return None
        waiting = self._queue.popleft()
        self._pending[waiting.topic] -= 1
        self.sent += 1
        if self.sent == self._faults.cut_after:
            self.cut()
        return waiting.frame

    @property
    def next_ms(self) -> int | None:
        """When `next_frame` may next have one; None when nothing waits."""
        if self._frozen():
            return None
        waiting = [
            *([self._queue[0]] if self._queue else []),
            *([self._held] if self._held else []),
        ]
        return min((each.due_ms for each in waiting), default=None)

    def _set(self, faults: StreamFaults) -> None:
        self._faults = faults
        self._rng = random.Random(faults.seed)
        if faults.cut_after == 0:
            self.cut()

    def _frozen(self) -> bool:
        after = self._faults.freeze_after
        return after is not None and self.sent >= after

    def _spoilt(self, whole: _Waiting) -> list[_Waiting]:
        """What goes on the line now; a frame to be overtaken is held back instead."""
        faults = self._faults
        if not faults.hits(whole.frame):
            return [whole]
        rates = (faults.drop, faults.reorder, faults.delay, faults.garbage, faults.duplicate)
        drop, reorder, delay, garbage, duplicate = (self._rng.randrange(ONE) < r for r in rates)
        if drop:
            return []
        if reorder:
            self._held = replace(whole, due_ms=whole.due_ms + faults.reorder_ms)
            return []
        if delay:
            whole = replace(whole, due_ms=whole.due_ms + faults.delay_ms)
        broken = replace(whole, frame=whole.frame[: len(whole.frame) // 2])
        return [broken] * garbage + [whole] * (1 + duplicate)

    def _add(self, waiting: _Waiting) -> None:
        """Never ahead of what was put before: a stream keeps its order."""
        newest_ms = self._queue[-1].due_ms if self._queue else 0
        self._queue.append(replace(waiting, due_ms=max(newest_ms, waiting.due_ms)))
        self._pending[waiting.topic] += 1
