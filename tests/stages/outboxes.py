"""An outbox, and a channel that keeps what it took."""

from __future__ import annotations

from dataclasses import dataclass, field

from alerts.channel import Undelivered
from alerts.message import Message
from alerts.outbox import Outbox, Pace
from app.store.outbox import StoredOutbox
from venues import Clock


@dataclass
class Recorder:
    """A channel that keeps what it took, with the time, and fails as it is told."""

    clock: Clock
    name: str = "slack"
    took: list[tuple[int, Message]] = field(default_factory=list)
    fails: list[Undelivered] = field(default_factory=list)

    async def send(self, message: Message) -> None:
        if self.fails:
            raise self.fails.pop(0)
        self.took.append((self.clock.now_ms(), message))

    @property
    def titles(self) -> list[str]:
        return [message.title for _, message in self.took]


def outbox(store: StoredOutbox, *channels: Recorder, pace: Pace | None = None) -> Outbox:
    clock = channels[0].clock
    return Outbox(store, channels, clock=clock, jitter=lambda most: most, pace=pace)


def message(title: str, *, critical: bool = False) -> Message:
    return Message(title=title, lines=("a line",), is_critical=critical)
