"""Messages wait in a store until their channel has taken them: a crash loses none, and a channel
that is down holds up nobody.

A channel takes at most one message a second and twenty in ten minutes. What waits longer is told
together, as a digest; a critical message goes first, and alone. Several processes may share a
store: who claims a message sends it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, Protocol

import structlog

from alerts.channel import Channel, Undelivered
from alerts.message import Message, digest, late
from alerts.rules import Hold, Said
from venues import Clock

WAITING_MAX: Final = 1_000
"""For one channel, and at most _CROWD_EVERY more; beyond, the oldest that is not critical gives
way."""
_CROWD_EVERY: Final = 50
AGE_MS_MAX: Final = 24 * 3_600_000
_DIGEST_FROM: Final = 8
_FIRST_MS: Final = 5_000
_LONGEST_MS: Final = 600_000
DUE_MAX: Final = WAITING_MAX
"""As many as come together."""
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


class Take(NamedTuple):
    """Of all nodes that saw `before` as the last thing told of the group, one may tell `now`."""

    group: str
    before: Said | None
    now: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class _Posting:
    """Of a message that the store did not take yet."""

    key: str
    message: Message
    made_ms: int
    channels: Sequence[str]
    held_ms: int | None


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

    def put(
        self,
        channels: Sequence[str],
        key: str,
        message: Message,
        now_ms: int,
        *,
        held_ms: int | None = None,
        take: Take | None = None,
    ) -> bool:
        """`held_ms`: not before then. False: the key is there already, or another node took it."""
        ...

    def due(self, channel: str, now_ms: int, limit: int = DUE_MAX) -> Sequence[Waiting]:
        """What may be sent now, critical ones first, then the oldest."""
        ...

    def sent_ms(self, channel: str, since_ms: int) -> Sequence[int]:
        """When each message left since then, the oldest first; what left together left once."""
        ...

    def claim(self, ids: Sequence[int], now_ms: int) -> Sequence[int]:
        """Those of them that still are due and now are ours to send, for CLAIM_MS."""
        ...

    def sent(self, ids: Sequence[int], now_ms: int) -> None: ...

    def later(self, ids: Sequence[int], due_ms: int, why: str) -> None: ...

    def give_up(self, ids: Sequence[int], now_ms: int, why: str) -> None: ...

    def crowded_out(self, channel: str, most: int) -> Sequence[int]:
        """The ids of what waits, is not critical, and is older than the `most` newest of those."""
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
        self._sent_ms: dict[str, deque[int]] = {}
        self._held_ms = {channel.name: 0 for channel in channels}
        self._unkept: deque[_Posting] = deque(maxlen=WAITING_MAX)
        self._unsaved: dict[int, int] = {}
        self._puts = 0

    @property
    def channels(self) -> Sequence[str]:
        return [channel.name for channel in self._channels]

    def post(
        self,
        key: str,
        message: Message,
        *,
        channels: Collection[str] = (),
        hold: Hold | None = None,
        take: Take | None = None,
    ) -> bool:
        """Keeps it for these channels, or for all; a key that was posted before changes nothing.
        False: another node tells it.

        What the store does not take now waits in memory until it does.
        """
        posting = _Posting(
            key=key,
            message=replace(message, bundle=hold.bundle) if hold else message,
            made_ms=self._clock.now_ms(),
            channels=[name for name in self.channels if not channels or name in channels],
            held_ms=hold.until_ms if hold else None,
        )
        if STORE not in self.troubles:
            try:
                self._keep()
                return self._put(posting, take)
            except OutboxUnavailable as error:
                self._unavailable(error)
        self._unkept.append(posting)
        return True

    def _put(self, posting: _Posting, take: Take | None = None) -> bool:
        is_new = self._store.put(
            posting.channels,
            posting.key,
            posting.message,
            posting.made_ms,
            held_ms=posting.held_ms,
            take=take,
        )
        self._puts += 1
        if is_new and self._puts % _CROWD_EVERY == 0:
            for name in posting.channels:
                if gone := self._store.crowded_out(name, WAITING_MAX):
                    self._store.give_up(gone, posting.made_ms, "too many waited")
        return is_new

    def _keep(self) -> None:
        """What the store did not take before: messages, and that a channel has one."""
        while self._unsaved:
            id, at_ms = next(iter(self._unsaved.items()))
            self._store.sent([id], at_ms)
            del self._unsaved[id]
        while self._unkept:
            self._put(self._unkept[0])
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
        name = channel.name
        while self._held_ms[name] <= self._monotonic_ms and (first := self._due(name, 1)):
            if not first[0].message.is_critical and (wait_ms := self._wait_ms(name)):
                await self._clock.sleep_ms(min(wait_ms, _LOOK_MS))
                continue  # more may wait now, and a critical one waits for nothing
            together = _together(self._due(name, DUE_MAX))
            ours = self._store.claim([each.id for each in together], self._clock.now_ms())
            if claimed := [each for each in together if each.id in ours]:
                await self._send(channel, claimed)

    def _due(self, channel: str, limit: int) -> Sequence[Waiting]:
        return self._store.due(channel, self._clock.now_ms(), limit)

    async def _send(self, channel: Channel, waiting: Sequence[Waiting]) -> None:
        ids, now_ms = [each.id for each in waiting], self._clock.now_ms()
        old = [each.id for each in waiting if now_ms - each.made_ms > _age_ms_max(each)]
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
        self._sent(channel.name).append(self._monotonic_ms)
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
        now_ms, pace, sent = self._monotonic_ms, self._pace, self._sent(channel)
        while sent and now_ms - sent[0] >= pace.within_ms:
            sent.popleft()
        if not sent:
            return 0
        apart = sent[-1] + pace.apart_ms - now_ms
        full = sent[0] + pace.within_ms - now_ms if len(sent) >= pace.most else 0
        return max(apart, full, 0)

    def _sent(self, channel: str) -> deque[int]:
        """When this channel took something, by our monotonic time; before a start, as kept."""
        if channel not in self._sent_ms:
            now_ms = self._clock.now_ms()
            before = self._store.sent_ms(channel, now_ms - self._pace.within_ms)
            off_ms = self._monotonic_ms - now_ms
            self._sent_ms[channel] = deque(min(at, now_ms) + off_ms for at in before)
        return self._sent_ms[channel]


def _age_ms_max(waiting: Waiting) -> int:
    """What was held on purpose may be a day older."""
    return AGE_MS_MAX * (2 if waiting.message.bundle else 1)


def _message(waiting: Sequence[Waiting], now_ms: int) -> Message:
    """One message of all; what comes late says so, unless that was meant."""
    found = [
        late(each.message, late_ms)
        if (late_ms := now_ms - each.made_ms) > LATE_MS and not each.message.bundle
        else each.message
        for each in waiting
    ]
    return found[0] if len(found) == 1 else digest(found)


def _together(due: Sequence[Waiting]) -> Sequence[Waiting]:
    """A critical one alone; those of a bundle; of the others few one by one, many at once."""
    if not due or due[0].message.is_critical:
        return due[:1]
    bundle = due[0].message.bundle
    alike = [e for e in due if e.message.bundle == bundle and not e.message.is_critical]
    return alike if bundle or len(alike) >= _DIGEST_FROM else alike[:1]
