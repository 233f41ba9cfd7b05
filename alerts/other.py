"""Telegram, Discord, Teams, PagerDuty and others, by the package apprise: dutchbook[apprise].

An address as apprise writes it is a secret whole. Of a failure the package says only that it
failed, so each is tried again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from html import escape
from importlib import import_module
from typing import Any, Final, Protocol

from alerts.channel import Undelivered
from alerts.message import OPEN, Message

DEADLINE_S: Final = 30
MISSING: Final = "needs one more package: install dutchbook[apprise]"
SCHEMES: Final = {
    "telegram": ("tgram",),
    "discord": ("discord",),
    "teams": ("msteams", "workflow", "workflows"),
    "pagerduty": ("pagerduty",),
}
"""By the name of a channel, how its address begins; others are not held to any."""


class Told(Protocol):
    """What we use of apprise.Apprise."""

    def add(self, servers: str) -> bool: ...

    async def async_notify(
        self, *, body: str, title: str, body_format: str, interpret_escapes: bool
    ) -> bool | None: ...


def made() -> Told:
    """Raises ValueError where the package is not there."""
    try:
        apprise: Any = import_module("apprise")
    except ModuleNotFoundError as error:
        if error.name != "apprise":
            raise
        raise ValueError(MISSING) from None
    found: Told = apprise.Apprise()
    return found


class Other:
    def __init__(self, name: str, address: str, make: Callable[[], Told] = made) -> None:
        scheme = address.partition("://")[0].lower()
        if scheme not in SCHEMES.get(name, (scheme,)):
            wanted = " or ".join(f"{each}://" for each in SCHEMES[name])
            raise ValueError(f"the address of {name} must begin with {wanted}")
        if scheme in {"file", "syslog", "dbus", "windows", "macosx", "gnome"} or not scheme:
            raise ValueError(f"{name} must lead to a service, not to this machine")
        try:
            self._told = make()
        except ValueError as error:
            raise ValueError(f"{name} {error}") from None
        if not self._told.add(address):
            raise ValueError(f"apprise cannot read the address of {name}")
        self.name = name

    def __repr__(self) -> str:
        return f"Other({self.name})"

    async def send(self, message: Message) -> None:
        """As HTML that is escaped, which apprise turns into what each service wants."""
        lines = [escape(line) for line in message.lines]
        if message.link:
            lines.append(f'<a href="{escape(message.link)}">{OPEN}</a>')
        try:
            async with asyncio.timeout(DEADLINE_S):
                is_done = await self._told.async_notify(
                    body="<br>".join(lines) or "-",
                    title=message.title,
                    body_format="html",
                    interpret_escapes=False,
                )
        except TimeoutError:
            raise Undelivered(f"{self.name} did not answer", again=True) from None
        if not is_done:
            raise Undelivered(f"{self.name} did not take it", again=True)
