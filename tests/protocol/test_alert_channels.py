"""Slack's webhook over a real socket, and mail through a real SMTP server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from alerts.channel import Undelivered
from alerts.email import Mail, Server
from alerts.message import Message
from alerts.slack import Slack
from venues.sim.loopback import serving

MESSAGE = Message(title="$5.00 & more", lines=("Buy <b>YES</b>", "Books: fresh"))
SECRET = "T000/B000/s3cr3t"


class Hook:
    """An ASGI app that answers as it is told and keeps what it got."""

    def __init__(self, *answers: tuple[int, dict[str, str]]) -> None:
        self.answers = list(answers)
        self.bodies: list[bytes] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for _ in range(2):
                kind = (await receive())["type"]
                await send({"type": f"{kind}.complete"})
            return
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        self.bodies.append(body)
        status, headers = self.answers.pop(0)
        raw = [(k.encode(), v.encode()) for k, v in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": b"ok"})


@asynccontextmanager
async def hooked(*answers: tuple[int, dict[str, str]]) -> AsyncIterator[tuple[Hook, Slack]]:
    hook = Hook(*answers)
    async with serving(hook) as port:
        yield hook, Slack(f"http://127.0.0.1:{port}/services/{SECRET}", local=True)


async def test_slack_takes_blocks_of_plain_text() -> None:
    async with hooked((200, {})) as (hook, slack):
        await slack.send(MESSAGE)
    assert b'"plain_text"' in hook.bodies[0]
    assert b'"$5.00 &amp; more"' in hook.bodies[0]


@pytest.mark.parametrize(
    ("status", "headers", "again", "wait_ms"),
    [
        (429, {"retry-after": "30"}, True, 30_000),
        (429, {"retry-after": "soon"}, True, 0),
        (429, {"retry-after": "9" * 5_000}, True, 0),
        (503, {}, True, 0),
        (404, {}, False, 0),
        (302, {"location": "http://127.0.0.1:1/"}, False, 0),
    ],
)
async def test_what_slack_refuses_is_told_without_the_secret(
    status: int, headers: dict[str, str], *, again: bool, wait_ms: int
) -> None:
    async with hooked((status, headers)) as (_, slack):
        with pytest.raises(Undelivered) as caught:
            await slack.send(MESSAGE)
    assert (caught.value.again, caught.value.wait_ms) == (again, wait_ms)
    assert SECRET not in f"{caught.value!r} {caught.value} {slack!r}"


async def test_a_slack_that_is_not_there_is_tried_again() -> None:
    async with hooked() as (_, slack):
        pass
    with pytest.raises(Undelivered) as caught:
        await slack.send(MESSAGE)
    assert caught.value.again
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "webhook",
    [
        "http://hooks.slack.com/services/x",
        "https://hooks.slack.com.evil.example/x",
        "https://user@hooks.slack.com/x",
        "https://127.0.0.1/x",
        "https://hooks.slack.com/T\x01",
        "file:///etc/passwd",
        "",
    ],
)
def test_s13_only_slack_s_own_address_is_taken(webhook: str) -> None:
    with pytest.raises(ValueError, match=r"the webhook must be at|the address of Slack"):
        Slack(webhook)


@asynccontextmanager
async def drip(said: bytes, *, every_s: float) -> AsyncIterator[int]:
    """A server that says it a byte at a time, then nothing more, and listens to nobody."""

    over, ended = asyncio.Event(), asyncio.Event()

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for byte in said:
            if over.is_set() or writer.is_closing():
                break
            writer.write(bytes([byte]))
            await asyncio.sleep(every_s)
        writer.close()
        ended.set()

    server = await asyncio.start_server(say, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        over.set()
        await ended.wait()


async def test_an_answer_that_drips_holds_up_slack_no_longer_than_its_deadline() -> None:
    async with drip(b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 20, every_s=0.1) as port:
        slack = Slack(f"http://127.0.0.1:{port}/", local=True, timeout_s=1)
        with pytest.raises(Undelivered, match="could not be reached") as caught:
            await asyncio.wait_for(slack.send(MESSAGE), 4)
    assert caught.value.again


async def test_an_answer_without_an_end_is_taken_by_its_status() -> None:
    said = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n" + b"x" * 10_000
    async with drip(said, every_s=0.001) as port:
        await Slack(f"http://127.0.0.1:{port}/", local=True, timeout_s=2).send(MESSAGE)


async def test_a_mail_server_that_drips_is_given_up_at_the_deadline() -> None:
    async with drip(b"220 hello\r\n250 a\r\n" * 20, every_s=0.05) as port:
        with pytest.raises(Undelivered, match="could not be reached") as caught:
            await asyncio.wait_for(mail(port, deadline_s=1).send(MESSAGE), 4)
    assert caught.value.again


class Box:
    """A mail server's hands: keeps letters, or refuses with a reply."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, list[str], bytes]] = []
        self.reply = ""

    async def handle_DATA(  # noqa: N802 - the server's own name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.reply:
            return self.reply
        content = envelope.content
        assert isinstance(content, bytes)
        self.letters.append((str(envelope.mail_from), list(envelope.rcpt_tos), content))
        return "250 OK"


@pytest.fixture
async def served() -> AsyncIterator[tuple[Box, int]]:
    box = Box()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, loop=loop), "127.0.0.1", 0)
    async with server:
        yield box, server.sockets[0].getsockname()[1]


def mail(port: int, *, deadline_s: int = 30, **changes: Any) -> Mail:
    known: dict[str, Any] = {"host": "127.0.0.1", "port": port, "security": "none"}
    server = Server(**(known | changes))
    return Mail(
        server,
        sender="from@example.com",
        recipients=["a@example.com", "b@example.com"],
        deadline_s=deadline_s,
    )


async def test_a_mail_arrives_as_it_was_meant(served: tuple[Box, int]) -> None:
    box, port = served
    await mail(port).send(MESSAGE)
    [(sender, recipients, content)] = box.letters
    assert (sender, recipients) == ("from@example.com", ["a@example.com", "b@example.com"])
    read = message_from_bytes(content, policy=policy.default)
    assert read["Subject"] == "dutchbook: $5.00 & more"
    plain, html = read.get_body(("plain",)), read.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert "Buy <b>YES</b>" in plain.get_content()
    assert "Buy &lt;b&gt;YES&lt;/b&gt;" in html.get_content()


@pytest.mark.parametrize(
    ("reply", "again"), [("451 try later", True), ("452 full", True), ("550 no", False)]
)
async def test_a_mail_server_s_reply_says_whether_to_try_again(
    served: tuple[Box, int], reply: str, *, again: bool
) -> None:
    box, port = served
    box.reply = reply
    with pytest.raises(Undelivered) as caught:
        await mail(port).send(MESSAGE)
    assert caught.value.again is again
    assert reply[:3] in str(caught.value)


@pytest.mark.parametrize(
    ("reply", "again"), [("454 4.7.0 try later", True), ("535 5.7.8 no", False)]
)
async def test_a_password_that_cannot_be_checked_now_is_no_wrong_password(
    reply: str, *, again: bool
) -> None:
    def check(*_: object) -> AuthResult:
        return AuthResult(success=False, handled=False, message=reply)

    def smtp() -> SMTP:
        options = {"auth_require_tls": False, "authenticator": check}
        return SMTP(Box(), loop=asyncio.get_running_loop(), **options)  # type: ignore[arg-type]

    server = await asyncio.get_running_loop().create_server(smtp, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Undelivered, match="refused user and password") as caught:
            await mail(port, user="u", password="p").send(MESSAGE)
    assert caught.value.again is again


async def test_a_mail_server_that_is_not_there_is_tried_again(served: tuple[Box, int]) -> None:
    with pytest.raises(Undelivered, match="could not be reached") as caught:
        await asyncio.wait_for(mail(1).send(MESSAGE), 20)
    assert caught.value.again


async def test_nothing_goes_in_the_clear_where_it_was_to_be_encrypted(
    served: tuple[Box, int],
) -> None:
    box, port = served
    with pytest.raises(Undelivered):
        await mail(port, security="starttls").send(MESSAGE)  # this server offers none
    assert box.letters == []


def test_plain_mail_is_for_this_machine_alone() -> None:
    with pytest.raises(ValueError, match="this machine alone"):
        mail(25, host="mail.example.com")


def test_a_password_is_in_no_repr() -> None:
    server = Server(host="h", port=1, security="tls", user="u", password="s3cr3t")
    assert "s3cr3t" not in repr(server)
