"""Messages wait in a store until their channel has taken them: a crash loses none, and a channel
that is down holds up nobody.

A channel takes at most one message a second and twenty in ten minutes. What waits longer is told
together, as a digest; a critical message goes first, and alone. Several processes may share a
store: who claims a message sends it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from alerts.channel import Channel, Undelivered
from alerts.message import Message, digest, late
from venues import Clock

WAITING_MAX: Final = 1_000
"""For one channel; beyond, the oldest that is not critical gives way."""
AGE_MS_MAX: Final = 24 * 3_600_000
_DIGEST_FROM: Final = 8
_FIRST_MS: Final = 5_000
_LONGEST_MS: Final = 600_000
DUE_MS_MAX: Final = 2 * _LONGEST_MS
"""No message waits longer for its next try: one due later than that was kept before the clock was
set back."""
_ASKED_MS_MAX: Final = 3_600_000
"""However long a server would have us wait: it is asked again after this."""
CLAIM_MS: Final = 120_000
"""Longer than any channel takes. Whoever claimed a message and fell silent lost it after this."""
LATE_MS: Final = 60_000
"""What is told later than this says so."""
_LOOK_MS: Final = 1_000
_ITS_OWN: Final = (ArithmeticError, LookupError, OSError, RuntimeError, TypeError, ValueError)
"""What a channel's library may raise for a word or a server that it did not expect."""
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

    def claim(self, ids: Sequence[int], now_ms: int) -> Sequence[int]:
        """Those of them that still are due and now are ours to send, for CLAIM_MS."""
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
        self._held_ms = dict.fromkeys(self._sent_ms, 0)
        self._unkept: deque[tuple[str, Message, int]] = deque(maxlen=WAITING_MAX)
        self._unsaved: dict[int, int] = {}

    def post(self, key: str, message: Message) -> None:
        """Keeps it for every channel; a key that was posted before changes nothing.

        What the store does not take now waits in memory until it does.
        """
        self._unkept.append((key, message, self._clock.now_ms()))
        if STORE in self.troubles:
            return
        try:
            self._keep()
        except OutboxUnavailable as error:
            self._unavailable(error)

    def _keep(self) -> None:
        """What the store did not take before: messages, and that a channel has one."""
        while self._unsaved:
            id, at_ms = next(iter(self._unsaved.items()))
            self._store.sent([id], at_ms)
            del self._unsaved[id]
        while self._unkept:
            key, message, made_ms = self._unkept[0]
            for channel in self._channels:
                if self._store.put(channel.name, key, message, made_ms) and not message.is_critical:
                    crowd = self._store.waiting(channel.name)
                    if len(crowd) > WAITING_MAX:
                        self._store.give_up(crowd[:-WAITING_MAX], made_ms, "too many waited")
            self._unkept.popleft()
        self.troubles.pop(STORE, None)

    async def run(self) -> None:
        """Delivers, for ever."""
        async with asyncio.TaskGroup() as group:
            for channel in self._channels:
                group.create_task(self._serve(channel))

    async def deliver_all(self) -> None:
        """Delivers what is due now, and ends; what fails waits for the next time."""
        async with asyncio.TaskGroup() as group:
            for channel in self._channels:
                group.create_task(self._try(channel))

    async def _serve(self, channel: Channel) -> None:
        while True:
            await self._try(channel)
            await self._clock.sleep_ms(_LOOK_MS)

    async def _try(self, channel: Channel) -> None:
        try:
            await self._drain(channel)
        except OutboxUnavailable as error:
            self._unavailable(error)

    def _unavailable(self, error: OutboxUnavailable) -> None:
        """What a channel took may be sent again; what waits is there when the store is."""
        if self.troubles.get(STORE) != str(error):
            _log.error("alerts.unavailable", why=str(error))
        self.troubles[STORE] = str(error)

    async def _drain(self, channel: Channel) -> None:
        self._keep()
        while self._held_ms[channel.name] <= self._monotonic_ms and (due := self._due(channel)):
            if not due[0].message.is_critical and (wait_ms := self._wait_ms(channel.name)):
                await self._clock.sleep_ms(min(wait_ms, _LOOK_MS))
                continue  # more may wait now, and a critical one waits for nothing
            together = _together(due)
            ours = self._store.claim([each.id for each in together], self._clock.now_ms())
            if claimed := [each for each in together if each.id in ours]:
                await self._send(channel, claimed)

    def _due(self, channel: Channel) -> Sequence[Waiting]:
        return self._store.due(channel.name, self._clock.now_ms())

    async def _send(self, channel: Channel, waiting: Sequence[Waiting]) -> None:
        ids, now_ms = [each.id for each in waiting], self._clock.now_ms()
        old = [each.id for each in waiting if now_ms - each.made_ms > AGE_MS_MAX]
        if old:
            self._store.give_up(old, now_ms, "it grew too old")
            self._store.later([id for id in ids if id not in old], now_ms, "")
            return
        try:
            await channel.send(_message(waiting, now_ms))
        except Undelivered as error:
            self._failed(channel, waiting, error)
            return
        except _ITS_OWN as error:
            said = f"it failed ({type(error).__name__})"
            self._failed(channel, waiting, Undelivered(said, again=True))
            return
        self._sent_ms[channel.name].append(self._monotonic_ms)
        self.troubles.pop(channel.name, None)
        self.delivered += len(ids)
        self._unsaved |= dict.fromkeys(ids, self._clock.now_ms())
        self._keep()

    def _failed(self, channel: Channel, waiting: Sequence[Waiting], error: Undelivered) -> None:
        ids, now_ms = [each.id for each in waiting], self._clock.now_ms()
        self.troubles[channel.name] = str(error)
        _log.warning("alerts.undelivered", channel=channel.name, why=str(error), count=len(ids))
        if not error.again:
            self._store.give_up(ids, now_ms, str(error))
            return
        asked_ms = min(error.wait_ms, _ASKED_MS_MAX)
        self._held_ms[channel.name] = self._monotonic_ms + max(asked_ms, _FIRST_MS)
        wait_ms = min(_FIRST_MS << min(waiting[0].tries, 10), _LONGEST_MS)
        wait_ms = max(wait_ms + self._jitter(wait_ms // 2), min(asked_ms, DUE_MS_MAX))
        self._store.later(ids, now_ms + wait_ms, str(error))

    @property
    def _monotonic_ms(self) -> int:
        """No step of the clock changes the pace."""
        return self._clock.monotonic_ns() // 1_000_000

    def _wait_ms(self, channel: str) -> int:
        """How long until this channel may take one more."""
        now_ms, pace, sent = self._monotonic_ms, self._pace, self._sent_ms[channel]
        while sent and now_ms - sent[0] >= pace.within_ms:
            sent.popleft()
        if not sent:
            return 0
        apart = sent[-1] + pace.apart_ms - now_ms
        full = sent[0] + pace.within_ms - now_ms if len(sent) >= pace.most else 0
        return max(apart, full, 0)


def _message(waiting: Sequence[Waiting], now_ms: int) -> Message:
    """One message of all; what comes late says so."""
    found = [
        late(each.message, late_ms)
        if (late_ms := now_ms - each.made_ms) > LATE_MS
        else each.message
        for each in waiting
    ]
    return found[0] if len(found) == 1 else digest(found)


def _together(due: Sequence[Waiting]) -> Sequence[Waiting]:
    """A critical one alone; few one by one; many at once."""
    if due[0].message.is_critical or len(due) < _DIGEST_FROM:
        return due[:1]
    return [each for each in due if not each.message.is_critical]
