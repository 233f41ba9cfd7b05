"""The exchange's own sign of life: text PING every ten seconds, text PONG back. Facts §12."""

from __future__ import annotations

from typing import Final

_S: Final = 1_000_000_000
PING_NS: Final = 9 * _S
"""With a tick every second, one goes out at least every ten."""
STALE_NS: Final = 30 * _S
_PONGS: Final = ("PONG", b"PONG")


class Keepalive:
    """One connection's PINGs, from the first `tick` on: before its first frame said what it is for,
    a PING would end it. An answer proves the connection alone: data may have stopped."""

    def __init__(self, outbox: list[str]) -> None:
        self.answered = False
        self._outbox = outbox
        self._pinged_ns: int | None = None
        self._ponged_ns = 0

    def heard(self, raw: str | bytes, now_ns: int) -> bool:
        """Whether it is a PONG."""
        if raw.strip() not in _PONGS:
            return False
        self.answered = True
        self._ponged_ns = now_ns
        return True

    def tick(self, now_ns: int) -> str | None:
        """Why the connection counts as dead, None while it lives."""
        if self._pinged_ns is None:
            self._ponged_ns = now_ns
        elif now_ns - self._ponged_ns > STALE_NS:
            return "no PONG came for 30 s"
        if self._pinged_ns is None or now_ns - self._pinged_ns >= PING_NS:
            self._pinged_ns = now_ns
            self._outbox.append("PING")
        return None
