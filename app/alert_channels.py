"""The channels that the settings set up."""

from __future__ import annotations

from pathlib import Path

from alerts.channel import Channel
from alerts.email import Mail, Server
from alerts.slack import Slack
from app.config import Settings
from app.problem import Exit, Problem
from venues.key_file import read_key_file


def channels(settings: Settings) -> list[Channel]:
    """Those that are set up. Raises Problem for one that cannot be used as it is."""
    found: list[Channel] = []
    slack, email = settings.alerts.slack, settings.alerts.email
    try:
        if slack.webhook_file:
            found.append(Slack(_secret(slack.webhook_file), local=slack.local))
        if email.host and email.sender:
            password = _secret(email.password_file) if email.password_file else None
            server = Server(
                host=email.host,
                port=email.port,
                security=email.security,
                ca_file=str(email.ca_file.expanduser()) if email.ca_file else None,
                user=email.user,
                password=password,
            )
            found.append(Mail(server, sender=email.sender, recipients=email.recipients))
    except ValueError as error:
        raise Problem(Exit.BAD_FILE, f"alerts: {error}.") from None
    return found


def _secret(path: Path) -> str:
    """What stands in the file, which must be ours alone."""
    return read_key_file(path.expanduser()).decode().strip()
