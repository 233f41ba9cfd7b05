"""Watches that a process talks to this machine alone."""

from __future__ import annotations

import ipaddress
import socket
import sys
from typing import Any, Final

_OUTGOING: Final = frozenset(("socket.connect", "socket.sendto", "socket.sendmsg"))
_NAMES: Final = frozenset(("socket.getaddrinfo", "socket.gethostbyname"))


class Outside(OSError):
    """Refused: an address that is not this machine's."""


class Loopback:
    """From its making on, for good: what would leave this machine is counted and refused, before a
    byte has left. Children of the process are not watched."""

    def __init__(self) -> None:
        self.refused: list[str] = []
        sys.addaudithook(self._hear)

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if event in _OUTGOING:
            family, address = args[0].family, args[1]
            inside = family == socket.AF_UNIX or address is None or is_inside(str(address[0]))
        elif event in _NAMES:
            inside = args[0] is None or is_inside(_text(args[0]))
        else:
            return
        if not inside:
            self.refused.append(f"{event} {args[1] if event in _OUTGOING else args[0]}"[:200])
            raise Outside(f"{self.refused[-1]}: this process talks to its own machine alone")


def is_inside(host: str) -> bool:
    """An address of this machine, or its name."""
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"


def _text(host: str | bytes) -> str:
    return host.decode("ascii", "replace") if isinstance(host, bytes) else host
