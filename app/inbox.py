"""The demo's inbox: a mail server and a Slack-like webhook of this machine. What they take is shown
on the page and goes nowhere."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default as modern
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse

from app.problem import Exit, Problem
from app.serving import LOOPBACK, listen, serve
from venues import Clock

KEPT: Final = 200
_LINK: Final = re.compile(r"https?://[^\s<>\"]+/a/[^\s<>\"]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message that arrived. `link`: where its button leads, "" where it has none."""

    channel: str
    at_ms: int
    title: str
    lines: tuple[str, ...]
    link: str


class Inbox:
    """`letters`: the newest last; `counts`: of all that ever came, by channel."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.letters: deque[Letter] = deque(maxlen=KEPT)
        self.counts: Counter[str] = Counter()
        self.arrived = asyncio.Event()

    def take(self, channel: str, title: str, lines: tuple[str, ...], link: str) -> None:
        self.counts[channel] += 1
        at_ms = self._clock.now_ms()
        self.letters.append(
            Letter(channel=channel, at_ms=at_ms, title=title, lines=lines, link=link)
        )
        self.arrived.set()

    async def handle_DATA(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any
    ) -> str:
        """The name that the mail server's library calls."""
        letter = message_from_bytes(envelope.content, policy=modern)
        body = letter.get_body(("plain",))
        words = str(body.get_content()) if body else ""
        lines = tuple(line for line in words.splitlines() if line.strip())
        found = _LINK.search(words)
        self.take("email", str(letter["Subject"]), lines, found[0] if found else "")
        return "250 Taken"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the channels are: the port of the mail server, the address of the webhook."""

    mail_port: int
    webhook: str


@asynccontextmanager
async def serving_inbox(inbox: Inbox) -> AsyncIterator[Addresses]:
    """Both channels, on loopback. Raises Problem where the mail server's library is missing."""
    try:
        from aiosmtpd.smtp import SMTP
    except ImportError:
        raise Problem(
            Exit.BAD_FILE, "The demo's mail server is missing: install dutchbook[demo]."
        ) from None
    loop = asyncio.get_running_loop()
    mail = await loop.create_server(lambda: SMTP(inbox, loop=loop), LOOPBACK, 0)
    with listen(0, "the demo's inbox") as listener:
        port = listener.getsockname()[1]
        async with mail, asyncio.TaskGroup() as group:
            serving = group.create_task(serve(_webhook(inbox), listener))
            yield Addresses(
                mail.sockets[0].getsockname()[1], f"http://{LOOPBACK}:{port}/services/demo"
            )
            serving.cancel()
            mail.close()


def _webhook(inbox: Inbox) -> FastAPI:
    app = FastAPI(openapi_url=None)

    @app.post("/services/demo")
    async def take(request: Request) -> PlainTextResponse:
        said = json.loads(await request.body())
        blocks = said.get("blocks", [])
        lines, link = [], ""
        for block in blocks:
            if block["type"] == "section":
                lines += _words(block).splitlines()
            for element in block.get("elements", ()):
                link = link or element.get("url", "")
        titles = [_words(block) for block in blocks if block["type"] == "header"]
        inbox.take("slack", titles[0] if titles else said.get("text", ""), tuple(lines), link)
        return PlainTextResponse("ok")

    return app


def _words(block: dict[str, Any]) -> str:
    fields = [block["text"]] if "text" in block else block.get("fields", [])
    return "\n".join(str(field["text"]) for field in fields)
