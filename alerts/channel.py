"""What a channel is: something that takes a message, or says why it could not."""

from __future__ import annotations

from typing import Protocol

from alerts.message import Message


class Undelivered(Exception):
    """`again`: the same may succeed later, after `wait_ms` at least. str() holds no secret."""

    def __init__(self, why: str, *, again: bool, wait_ms: int = 0) -> None:
        super().__init__(why)
        self.again = again
        self.wait_ms = wait_ms


class Channel(Protocol):
    name: str

    async def send(self, message: Message) -> None:
        """Raises Undelivered."""
        ...
