"""E-mail over SMTP: encrypted, unless the server is on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import aiosmtplib

from alerts.channel import Undelivered
from alerts.message import Message, mail

TIMEOUT_S: Final = 15
_LATER: Final = range(400, 500)
"""Replies of a server that asks us to come again (RFC 5321, 4.2.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """`security`: starttls, tls, or none, which is for this machine alone."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    user: str | None = None
    password: str | None = field(default=None, repr=False)


class Mail:
    name = "email"

    def __init__(self, server: Server, *, sender: str, recipients: Sequence[str]) -> None:
        if server.security == "none" and server.host not in ("127.0.0.1", "::1", "localhost"):
            raise ValueError("security none is for a mail server on this machine alone")
        self._server = server
        self._sender = sender
        self._recipients = tuple(recipients)

    async def send(self, message: Message) -> None:
        server = self._server
        letter = mail(message, sender=self._sender, recipients=self._recipients)
        try:
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
                timeout=TIMEOUT_S,
            )
        except aiosmtplib.SMTPAuthenticationError:
            why = "the mail server refused user and password"
            raise Undelivered(why, again=False) from None
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = [each.code for each in error.recipients]
            raise _refused(max(codes, default=500)) from None
        except aiosmtplib.SMTPResponseException as error:
            raise _refused(error.code) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            said = f"the mail server could not be reached ({type(error).__name__})"
            raise Undelivered(said, again=True) from None
        if refused:
            raise Undelivered(f"{len(refused)} of the recipients were refused", again=False)


def _refused(code: int) -> Undelivered:
    return Undelivered(f"the mail server answered {code}", again=code in _LATER)
