"""The channels that the settings set up."""

from __future__ import annotations

from pathlib import Path

from alerts.channel import Channel
from alerts.email import Mail, Server
from alerts.other import Other
from alerts.slack import Slack
from alerts.slack_bot import API, EXECUTE, SNOOZE, SlackBot, SlackWeb
from alerts.webhook import Webhook
from app.config import Settings
from app.problem import Exit, Problem
from venues import SystemClock
from venues.key_file import read_key_file


def channels(settings: Settings) -> list[Channel]:
    """Those that are set up. Raises Problem for one that cannot be used as it is."""
    found: list[Channel] = []
    slack, email, webhook = settings.alerts.slack, settings.alerts.email, settings.alerts.webhook
    try:
        if slack.webhook_file:
            found.append(Slack(_secret(slack.webhook_file), local=slack.local))
        if slack.token_file and slack.channel:
            web = _slack_web(slack.token_file, settings)
            found.append(SlackBot(web, slack.channel, _actions(settings)))
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
        if webhook.url_file and webhook.secret_file:
            url, secret = _secret(webhook.url_file), _secret(webhook.secret_file)
            found.append(Webhook(url, secret, clock=SystemClock(), local=webhook.local))
        found += [Other(e.name, _secret(e.address_file)) for e in settings.alerts.others]
    except ValueError as error:
        raise Problem(Exit.BAD_FILE, f"alerts: {str(error).rstrip('.')}.") from None
    return found


def _slack_web(token_file: Path, settings: Settings) -> SlackWeb:
    slack = settings.alerts.slack
    return SlackWeb(_secret(token_file), api=slack.api or API, local=slack.local)


def slack_socket(settings: Settings) -> SlackWeb | None:
    """With the app's token, which opens the socket of clicks; None where there are none."""
    file = settings.alerts.slack.app_token_file
    return _slack_web(file, settings) if file else None


def _actions(settings: Settings) -> list[str]:
    slack = settings.alerts.slack
    if not slack.users:
        return []
    may = slack.execute or settings.mode != "live"
    return [EXECUTE, SNOOZE] if may else [SNOOZE]


def _secret(path: Path) -> str:
    """What stands in the file, which must be ours alone."""
    return read_key_file(path.expanduser()).decode().strip()
