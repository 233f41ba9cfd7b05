"""Messages wait in a store until their channel has taken them: a crash loses none, and a channel
that is down holds up nobody.

A channel takes at most one message a second and twenty in ten minutes. What waits longer is told
together, as a digest; a critical message goes first, and alone.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from alerts.channel import Channel, Undelivered
from alerts.message import Message, digest
from venues import Clock

WAITING_MAX: Final = 1_000
"""For one channel; beyond, the oldest that is not critical gives way."""
AGE_MS_MAX: Final = 24 * 3_600_000
_DIGEST_FROM: Final = 8
_FIRST_MS: Final = 5_000
_LONGEST_MS: Final = 600_000
_LOOK_MS: Final = 1_000
STORE: Final = "store"
"""Among the troubles, where messages wait."""
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A message for one channel. `tries`: how often that failed."""

    id: int
    message: Message
    made_ms: int
    tries: int


class OutboxUnavailable(Exception):
    """The store did not take it, or did not answer; nothing of that call is kept."""


class OutboxStore(Protocol):
    """Where messages wait. A key is put once for each channel, whatever became of it. Every method
    may raise OutboxUnavailable.
    """

    def put(self, channel: str, key: str, message: Message, now_ms: int) -> bool:
        """False: the key is there already."""
        ...

    def due(self, channel: str, now_ms: int) -> Sequence[Waiting]:
        """What may be sent now, critical ones first, then the oldest."""
        ...

    def sent(self, ids: Sequence[int], now_ms: int) -> None: ...

    def later(self, ids: Sequence[int], due_ms: int, why: str) -> None: ...

    def give_up(self, ids: Sequence[int], now_ms: int, why: str) -> None: ...

    def waiting(self, channel: str) -> Sequence[int]:
        """The ids of all that waits and is not critical, the oldest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    apart_ms: int = 1_000
    most: int = 20
    within_ms: int = 600_000


class Outbox:
    """`troubles`: by channel, why the last try failed."""

    def __init__(
        self,
        store: OutboxStore,
        channels: Sequence[Channel],
        *,
        clock: Clock,
        jitter: Callable[[int], int],
        pace: Pace | None = None,
    ) -> None:
        self.troubles: dict[str, str] = {}
        self.delivered = 0
        self._store = store
        self._channels = tuple(channels)
        self._clock = clock
        self._jitter = jitter
        self._pace = pace or Pace()
        self._sent_ms: dict[str, deque[int]] = {channel.name: deque() for channel in channels}

    def post(self, key: str, message: Message) -> None:
        """Keeps it for every channel; a key that was posted before changes nothing.

        Raises OutboxUnavailable.
        """
        now_ms = self._clock.now_ms()
        for channel in self._channels:
            if self._store.put(channel.name, key, message, now_ms) and not message.is_critical:
                crowd = self._store.waiting(channel.name)
                if len(crowd) > WAITING_MAX:
                    self._store.give_up(crowd[:-WAITING_MAX], now_ms, "too many waited")

    async def run(self) -> None:
        """Delivers, for ever."""
        async with asyncio.TaskGroup() as group:
            for channel in self._channels:
                group.create_task(self._serve(channel))

    async def deliver_all(self) -> None:
        """Delivers what is due now, and ends; what fails waits for the next time."""
        async with asyncio.TaskGroup() as group:
            for channel in self._channels:
                group.create_task(self._drain(channel))

    async def _serve(self, channel: Channel) -> None:
        while True:
            try:
                await self._drain(channel)
            except OutboxUnavailable as error:
                self._unavailable(error)
            await self._clock.sleep_ms(_LOOK_MS)

    def _unavailable(self, error: OutboxUnavailable) -> None:
        """What a channel took may be sent again; what waits is there when the store is."""
        if self.troubles.get(STORE) != str(error):
            _log.error("alerts.unavailable", why=str(error))
        self.troubles[STORE] = str(error)

    async def _drain(self, channel: Channel) -> None:
        while due := self._store.due(channel.name, self._clock.now_ms()):
            if not due[0].message.is_critical:
                await self._clock.sleep_ms(self._wait_ms(channel.name))
                due = self._store.due(channel.name, self._clock.now_ms())  # more may wait now
            if due:
                await self._send(channel, _together(due))

    async def _send(self, channel: Channel, waiting: Sequence[Waiting]) -> None:
        ids, now_ms = [each.id for each in waiting], self._clock.now_ms()
        if now_ms - waiting[0].made_ms > AGE_MS_MAX:
            self._store.give_up(ids[:1], now_ms, "it grew too old")
            return
        message = waiting[0].message if len(waiting) == 1 else digest([w.message for w in waiting])
        try:
            await channel.send(message)
        except Undelivered as error:
            self._failed(channel, waiting, error)
            return
        self._sent_ms[channel.name].append(now_ms)
        self.troubles.pop(channel.name, None)
        self.delivered += len(ids)
        self._store.sent(ids, self._clock.now_ms())

    def _failed(self, channel: Channel, waiting: Sequence[Waiting], error: Undelivered) -> None:
        ids, now_ms = [each.id for each in waiting], self._clock.now_ms()
        self.troubles[channel.name] = str(error)
        _log.warning("alerts.undelivered", channel=channel.name, why=str(error), count=len(ids))
        if not error.again:
            self._store.give_up(ids, now_ms, str(error))
            return
        wait_ms = min(_FIRST_MS << min(waiting[0].tries, 10), _LONGEST_MS)
        wait_ms = max(wait_ms + self._jitter(wait_ms // 2), error.wait_ms)
        self._store.later(ids, now_ms + wait_ms, str(error))

    def _wait_ms(self, channel: str) -> int:
        """How long until this channel may take one more."""
        now_ms, pace, sent = self._clock.now_ms(), self._pace, self._sent_ms[channel]
        while sent and now_ms - sent[0] >= pace.within_ms:
            sent.popleft()
        if not sent:
            return 0
        apart = sent[-1] + pace.apart_ms - now_ms
        full = sent[0] + pace.within_ms - now_ms if len(sent) >= pace.most else 0
        return max(apart, full, 0)


def _together(due: Sequence[Waiting]) -> Sequence[Waiting]:
    """A critical one alone; few one by one; many at once."""
    if due[0].message.is_critical or len(due) < _DIGEST_FROM:
        return due[:1]
    return [each for each in due if not each.message.is_critical]
