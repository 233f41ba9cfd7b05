"""Whether those who are to be told can be reached. Nothing is sent."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from alerts.slack import HOST
from alerts.slack_bot import API
from app.alert_channels import channels
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
    found = []
    for name in named:
        address = _address(name, settings)
        if address is None:
            found.append(Check(f"alerts by {name}", "ok", "is set up, and was not asked", _TRY))
        else:
            found.append(await _reached(name, *address))
    return found


def _address(name: str, settings: Settings) -> tuple[str, int] | None:
    """None for a service whose address only its own library knows."""
    alerts = settings.alerts
    if name == "email":
        return alerts.email.host or "", alerts.email.port
    if name == "slack":
        if alerts.slack.local and alerts.slack.webhook_file:
            return _of(alerts.slack.webhook_file)
        return (urlsplit(API).hostname or HOST) if alerts.slack.token_file else HOST, 443
    if name == "webhook" and alerts.webhook.url_file:
        return _of(alerts.webhook.url_file)
    return None


def _of(file: Path) -> tuple[str, int]:
    """Of the address in a file of ours alone, whose path may be the secret."""
    parts = urlsplit(read_key_file(file.expanduser()).decode().strip())
    return parts.hostname or "", parts.port or (80 if parts.scheme == "http" else 443)


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
