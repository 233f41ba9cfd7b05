"""What clients say on the websockets, and how a connection is refused (§12, §13)."""

from __future__ import annotations

import json
from typing import Any, Final

Said = dict[str, Any]

PING: Final = "PING"
PONG: Final = "PONG"
NONSENSE: Final = "INVALID OPERATION"
"""The answer to a frame that means nothing here. Seen by third parties in 2026 for a second first
frame; for all other nonsense it is our guess."""
_POLICY_VIOLATION: Final = 1008
_NORMAL: Final = 1000


class Closing(Exception):
    """The connection ends with this code and reason, and nothing else is said."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason

    @classmethod
    def invalid_payload(cls) -> Closing:
        """Seen by third parties in August 2026 for a PING ahead of the first subscription."""
        return cls(_POLICY_VIOLATION, "invalid subscription payload")

    @classmethod
    def unauthorized(cls, *, told: bool) -> Closing:
        """`told`: with a reason (UNSURE)."""
        if told:
            return cls(_POLICY_VIOLATION, "Unauthorized/Invalid api key")
        return cls(_NORMAL)


class Nonsense(Exception):
    """A frame that changes nothing."""


def read(text: str) -> Said:
    """Raises Nonsense for anything but a JSON object."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Nonsense from None
    if not isinstance(found, dict):
        raise Nonsense
    return found


def names(said: Said, field: str) -> tuple[str, ...]:
    """A list of ids, each once; () where it is absent. Raises Nonsense for anything else."""
    found = said.get(field)
    if found is None:
        return ()
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise Nonsense
    return tuple(dict.fromkeys(found))


def flag(said: Said, field: str) -> bool | None:
    """None where it is absent. Raises Nonsense for anything but true and false."""
    found = said.get(field)
    if not isinstance(found, bool | None):
        raise Nonsense
    return found


def is_subscribe(said: Said) -> bool:
    """Of a later frame: whether it adds; else it takes away. Raises Nonsense for other words."""
    operation = said.get("operation")
    if operation not in ("subscribe", "unsubscribe"):
        raise Nonsense
    return bool(operation == "subscribe")
