"""Which tokens are subscribed on one connection, and whose book is still due. Pure.

The venue acknowledges nothing: a book that comes is the only answer. It comes with the first
subscription of a token alone, so that a fresh one is asked for by leaving and joining again. One
token is asked for ever less often while that doesn't help.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Final

from venues.polymarket import wire_stream as wire

_S: Final = 1_000_000_000
DEADLINE_NS: Final = 5 * _S
PAUSE_NS: Final = 1 * _S
PAUSE_NS_MAX: Final = 60 * _S
NO_BOOK_NS: Final = 30 * _S
BATCH: Final = 200
"""Tokens in one frame."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """When a book was asked for last, and how long it is not asked for again."""

    at_ns: int
    pause_ns: int


class Subscriptions:
    """A token is a member once we asked for it; `_awaited` until its book comes, or `_put_off`.
    `began_ns`: when the first frame went out."""

    def __init__(self, outbox: list[str]) -> None:
        self.began_ns: int | None = None
        self._outbox = outbox
        self._has_any = False
        self._members: set[str] = set()
        self._asked: dict[str, _Asked] = {}
        self._awaited: dict[str, int] = {}
        self._put_off: dict[str, int] = {}

    @property
    def unproven(self) -> int:
        return len(self._awaited) + len(self._put_off)

    def want(self, tokens: Iterable[str], now_ns: int) -> None:
        """New tokens, or those whose book is in doubt. What is due or put off already stays so."""
        idle = [t for t in tokens if t not in self._awaited and t not in self._put_off]
        now: list[str] = []
        for token in idle:
            asked = self._asked.get(token)
            if asked and now_ns < asked.at_ns + asked.pause_ns:
                self._put_off[token] = asked.at_ns + asked.pause_ns
            else:
                now.append(token)
        self._ask(now, now_ns)

    def drop(self, tokens: Iterable[str]) -> None:
        gone = [token for token in tokens if token in self._members]
        self._members.difference_update(gone)
        for token in gone:
            for place in (self._asked, self._awaited, self._put_off):
                place.pop(token, None)
        self._send(wire.unsubscribe, gone)

    def arrived(self, token: str) -> None:
        """Its book came, asked for or not."""
        self._has_any = True
        self._awaited.pop(token, None)
        self._put_off.pop(token, None)

    def overdue(self, now_ns: int) -> list[str]:
        """Those whose book did not come in time. They are asked for again, as is what was put off
        long enough."""
        late = [token for token, due_ns in self._awaited.items() if due_ns < now_ns]
        again = [token for token, at_ns in self._put_off.items() if at_ns <= now_ns]
        for token in late:
            del self._awaited[token]
        for token in again:
            del self._put_off[token]
        self.want((*late, *again), now_ns)
        return late

    def silent(self, now_ns: int) -> bool:
        """Not one book came in half a minute: this connection is served nothing."""
        began_ns = self.began_ns
        if self._has_any or began_ns is None or not self._members:
            return False
        return now_ns - began_ns > NO_BOOK_NS

    def _ask(self, tokens: list[str], now_ns: int) -> None:
        self._send(wire.unsubscribe, [token for token in tokens if token in self._members])
        if self.began_ns is None and tokens:
            self.began_ns = now_ns
            self._send(wire.first, tokens[:BATCH])
            self._send(wire.subscribe, tokens[BATCH:])
        else:
            self._send(wire.subscribe, tokens)
        self._members.update(tokens)
        for token in tokens:
            self._awaited[token] = now_ns + DEADLINE_NS
            self._asked[token] = _Asked(now_ns, self._pause_ns(token, now_ns))

    def _pause_ns(self, token: str, now_ns: int) -> int:
        """Twice the last one, unless all was well for longer than the longest."""
        before = self._asked.get(token)
        if before is None or now_ns - before.at_ns > 2 * PAUSE_NS_MAX:
            return PAUSE_NS
        return min(2 * before.pause_ns, PAUSE_NS_MAX)

    def _send(self, command: Callable[[Collection[str]], str], tokens: Collection[str]) -> None:
        rest = iter(tokens)
        while batch := tuple(islice(rest, BATCH)):
            self._outbox.append(command(batch))
