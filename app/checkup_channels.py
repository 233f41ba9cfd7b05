"""Whether those who are to be told can be reached. Nothing is sent."""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import urlsplit

from alerts.slack import HOST
from app.alerting import channels
from app.checks import Check
from app.config import Settings
from app.problem import Problem
from venues.key_file import read_key_file

_CONNECT_S: Final = 5
_TRY: Final = "`dutchbook alerts test` sends one message."


async def alert_channels(settings: Settings) -> list[Check]:
    try:
        named = [each.name for each in channels(settings)]
    except Problem as problem:
        return [Check("alerts", "bad", str(problem), "Mend the settings or the file.")]
    if not named:
        advice = "Set up alerts.slack or alerts.email, or look at the page (docs/alerts.md)."
        return [Check("alerts", "ok", "nobody is told", advice)]
    return [await _reached(name, *_address(name, settings)) for name in named]


def _address(name: str, settings: Settings) -> tuple[str, int]:
    if name == "email":
        return settings.alerts.email.host or "", settings.alerts.email.port
    file = settings.alerts.slack.webhook_file
    if settings.alerts.slack.local and file:
        parts = urlsplit(read_key_file(file).decode().strip())
        return parts.hostname or HOST, parts.port or 443
    return HOST, 443


async def _reached(name: str, host: str, port: int) -> Check:
    label = f"alerts by {name}"
    try:
        async with asyncio.timeout(_CONNECT_S):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        advice = "Check the network, a firewall, or the settings: nobody would be told."
        return Check(label, "bad", f"{host}:{port} cannot be reached: {why}", advice)
    writer.close()
    return Check(label, "ok", f"{host}:{port} answers", _TRY)
