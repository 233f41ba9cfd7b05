"""Telegram, Discord, Teams, PagerDuty and others, by the package apprise: dutchbook[apprise].

An address as apprise writes it is a secret whole. Of a failure the package says only that it
failed, so each is tried again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
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


_TAME: Final = str.maketrans("<>@*`[]~|\\", "‹›＠∗ʼ()∼¦/")
"""Mentions, markup and links of Discord, Teams and Telegram, as signs that look alike."""


class Told(Protocol):
    """What we use of apprise.Apprise."""

    def add(self, servers: str) -> bool: ...

    async def async_notify(
        self,
        *,
        body: str,
        title: str,
        notify_type: str,
        body_format: str,
        interpret_escapes: bool,
    ) -> bool | None: ...


def made() -> Told:
    """Raises ValueError where the package is not there."""
    try:
        apprise: Any = import_module("apprise")
    except ModuleNotFoundError as error:
        if error.name != "apprise":
            raise
        raise ValueError(MISSING) from None
    found: Told = apprise.Apprise(asset=apprise.AppriseAsset(app_id="dutchbook"))
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
        """As plain text without signs of markup: what one service shows as it is, another would
        format, and a title goes through unescaped."""
        lines = [_tame(line) for line in message.lines]
        if message.link:
            lines.append(f"{OPEN}: {message.link}")
        try:
            async with asyncio.timeout(DEADLINE_S):
                is_done = await self._told.async_notify(
                    body="\n".join(lines) or "-",
                    title=_tame(message.title),
                    notify_type="failure" if message.is_critical else "info",
                    body_format="text",
                    interpret_escapes=False,
                )
        except TimeoutError:
            raise Undelivered(f"{self.name} did not answer", again=True) from None
        if not is_done:
            raise Undelivered(f"{self.name} did not take it", again=True)


def _tame(words: str) -> str:
    return words.translate(_TAME)
