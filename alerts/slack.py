"""Slack's incoming webhooks. The URL is a secret: who knows it can write to the channel."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import Final
from urllib.parse import urlsplit

import httpx2

from alerts.channel import Undelivered
from alerts.message import Message, slack_blocks

TIMEOUT_S: Final = 10
"""For all of it, however slowly the answer drips."""
HOST: Final = "hooks.slack.com"


class Slack:
    """`local`: a webhook of this machine, as tests and proxies have; plain HTTP is allowed then."""

    name = "slack"

    def __init__(self, webhook: str, *, local: bool = False, timeout_s: int = TIMEOUT_S) -> None:
        parts = urlsplit(webhook)
        schemes = ("http", "https") if local else ("https",)
        if parts.scheme not in schemes or not parts.hostname or parts.username:
            raise ValueError("the webhook must be an https address, as Slack shows it")
        if not local and parts.hostname != HOST:
            raise ValueError(f"the webhook must be at {HOST}")
        try:
            self._webhook = httpx2.URL(webhook)
        except httpx2.InvalidURL:  # its words may hold the address
            raise ValueError("the webhook holds signs that no address has") from None
        self._host = parts.hostname
        self._local = local
        self._timeout_s = timeout_s

    def __repr__(self) -> str:
        return f"Slack({self._host})"

    async def send(self, message: Message) -> None:
        """429 and 5xx are worth another try; what Slack refuses else will be refused again."""
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._refuse_inside()
                answer = await self._post(message)
        except (httpx2.HTTPError, TimeoutError) as error:
            said = type(error).__name__  # its text may hold the address
            raise Undelivered(f"Slack could not be reached ({said})", again=True) from None
        if answer.status_code == httpx2.codes.OK:
            return
        busy = answer.status_code == httpx2.codes.TOO_MANY_REQUESTS
        raise Undelivered(
            f"Slack answered {answer.status_code}",
            again=busy or answer.status_code >= httpx2.codes.INTERNAL_SERVER_ERROR,
            wait_ms=_wait_ms(answer.headers.get("retry-after")) if busy else 0,
        )

    async def _post(self, message: Message) -> httpx2.Response:
        """Its status and headers: nobody needs the body, however long that is."""
        async with (
            httpx2.AsyncClient(
                timeout=self._timeout_s, follow_redirects=False, trust_env=False
            ) as client,
            client.stream("POST", self._webhook, json=slack_blocks(message)) as answer,
        ):
            return answer

    async def _refuse_inside(self) -> None:
        """A public name that leads into this network is no channel of ours."""
        if self._local:
            return
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(self._host, 443, type=socket.SOCK_STREAM)
        except OSError:
            raise Undelivered(f"{self._host} has no address now", again=True) from None
        for *_, address in found:
            if not ipaddress.ip_address(str(address[0]).partition("%")[0]).is_global:
                raise Undelivered(f"{self._host} leads to an address inside", again=False)


def _wait_ms(header: str | None) -> int:
    """A wish of more than nine digits is none."""
    if not header or not header.isascii() or not header.isdigit() or len(header) > 9:
        return 0
    return int(header) * 1_000
