"""A POST to somebody outside: over https, without redirects and proxies, to a public address."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2

from alerts.channel import Undelivered

TIMEOUT_S: Final = 10
"""For all of it, however slowly the answer drips."""
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_ANSWER_MAX: Final = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`body`: as far as it was asked for."""

    status: int
    retry_after_ms: int
    body: bytes

    def raise_for(self, who: str) -> None:
        """429 and 5xx are worth another try; what is refused else will be refused again."""
        if 200 <= self.status < 300:
            return
        raise Undelivered(
            f"{who} answered {self.status}",
            again=self.status == 429 or self.status >= 500,
            wait_ms=self.retry_after_ms,
        )


class Outward:
    """`who` is told in errors, and never the address, which may be a secret."""

    def __init__(
        self, url: str, who: str, *, local: bool = False, timeout_s: int = TIMEOUT_S
    ) -> None:
        """`local`: an address of this machine, where plain HTTP is allowed. Raises ValueError."""
        parts = urlsplit(url)
        schemes = ("http", "https") if local else ("https",)
        if parts.scheme not in schemes or not parts.hostname or parts.username:
            raise ValueError(f"the address of {who} must be an https address")
        if local and parts.hostname not in _LOOPBACK:
            raise ValueError(f"the address of {who} is said to be of this machine, and is not")
        try:
            self._url = httpx2.URL(url)
        except httpx2.InvalidURL:  # its words may hold the address
            raise ValueError(f"the address of {who} holds signs that no address has") from None
        self._host, self._who = parts.hostname, who
        self._local, self._timeout_s = local, timeout_s

    def __repr__(self) -> str:
        return f"Outward({self._who})"

    async def post(
        self,
        content: bytes,
        headers: Mapping[str, str],
        *,
        path: str = "",
        wants_body: bool = False,
    ) -> Answer:
        """Raises Undelivered where it could not be reached."""
        url = self._url.copy_with(path=self._url.path + path) if path else self._url
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._refuse_inside()
                return await self._post(url, content, headers, wants_body=wants_body)
        except (httpx2.HTTPError, TimeoutError) as error:
            said = type(error).__name__  # its text may hold the address
            raise Undelivered(f"{self._who} could not be reached ({said})", again=True) from None

    async def _post(
        self, url: Any, content: bytes, headers: Mapping[str, str], *, wants_body: bool
    ) -> Answer:
        body = b""
        async with (
            httpx2.AsyncClient(
                timeout=self._timeout_s, follow_redirects=False, trust_env=False
            ) as client,
            client.stream("POST", url, content=content, headers=dict(headers)) as answer,
        ):
            if wants_body:
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > _ANSWER_MAX:
                        raise Undelivered(f"{self._who} said too much", again=True)
            return Answer(
                status=answer.status_code,
                retry_after_ms=wait_ms(answer.headers.get("retry-after")),
                body=body,
            )

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


def wait_ms(header: str | None) -> int:
    """A wish of more than nine digits is none."""
    if not header or not header.isascii() or not header.isdigit() or len(header) > 9:
        return 0
    return int(header) * 1_000
