"""Slack's incoming webhooks. The URL is a secret: who knows it can write to the channel."""

from __future__ import annotations

import json
from typing import Final
from urllib.parse import urlsplit

from alerts.message import Message, slack_blocks
from alerts.outward import TIMEOUT_S, Outward

HOST: Final = "hooks.slack.com"


class Slack:
    """`local`: a webhook of this machine, as tests and proxies have; plain HTTP is allowed then."""

    name = "slack"

    def __init__(self, webhook: str, *, local: bool = False, timeout_s: int = TIMEOUT_S) -> None:
        self._outward = Outward(webhook, "Slack", local=local, timeout_s=timeout_s)
        if not local and urlsplit(webhook).hostname != HOST:
            raise ValueError(f"the webhook must be at {HOST}")

    def __repr__(self) -> str:
        return "Slack()"

    async def send(self, message: Message) -> None:
        content = json.dumps(slack_blocks(message), ensure_ascii=False).encode()
        answer = await self._outward.post(content, {"content-type": "application/json"})
        answer.raise_for("Slack")
