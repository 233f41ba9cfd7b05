"""E-mail over SMTP: encrypted, unless the server is on this machine."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Final, Literal

import aiosmtplib

from alerts.channel import Undelivered
from alerts.letter import mail
from alerts.message import Message

TIMEOUT_S: Final = 15
"""For each answer of the server."""
DEADLINE_S: Final = 30
"""For all of them, however slowly they drip."""
_LATER: Final = range(400, 500)
"""Replies of a server that asks us to come again (RFC 5321, 4.2.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """`security`: starttls, tls, or none, which is for this machine alone. `ca_file`: an authority
    of one's own, beside those that the system trusts."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    ca_file: str | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)


class Mail:
    name = "email"

    def __init__(
        self,
        server: Server,
        *,
        sender: str,
        recipients: Sequence[str],
        deadline_s: int = DEADLINE_S,
    ) -> None:
        if server.security == "none" and server.host not in ("127.0.0.1", "::1", "localhost"):
            raise ValueError("security none is for a mail server on this machine alone")
        self._server = server
        self._trust = ssl.create_default_context()
        if server.ca_file:
            try:
                self._trust.load_verify_locations(cafile=server.ca_file)
            except OSError as error:  # ssl.SSLError is one
                said = f"the authority {server.ca_file} cannot be read: {error.strerror or error}"
                raise ValueError(said) from None
        self._sender = sender
        self._recipients = tuple(recipients)
        self._deadline_s = deadline_s

    async def send(self, message: Message) -> None:
        letter = mail(message, sender=self._sender, recipients=self._recipients)
        try:
            async with asyncio.timeout(self._deadline_s):
                refused = await self._hand_over(letter)
        except aiosmtplib.SMTPAuthenticationError as error:
            why = "the mail server refused user and password"
            raise Undelivered(why, again=error.code in _LATER) from None
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = [each.code for each in error.recipients]
            raise _refused(max(codes, default=500)) from None
        except aiosmtplib.SMTPResponseException as error:
            raise _refused(error.code) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            said = f"the mail server could not be reached ({type(error).__name__})"
            raise Undelivered(said, again=True) from None
        if refused:
            raise Undelivered(f"{refused} of the recipients were refused", again=False)

    async def _hand_over(self, letter: EmailMessage) -> int:
        """How many of the recipients, but not all, were refused."""
        server = self._server
        refused, _ = await aiosmtplib.send(
            letter,
            sender=self._sender,
            recipients=list(self._recipients),
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            tls_context=self._trust,
            timeout=TIMEOUT_S,
        )
        return len(refused)


def _refused(code: int) -> Undelivered:
    return Undelivered(f"the mail server answered {code}", again=code in _LATER)
