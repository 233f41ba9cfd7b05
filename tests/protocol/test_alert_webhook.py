"""The signed webhook over a real socket, and services by a package that may be missing."""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
from typing import Any

import pytest
from slack_stage import until

from alerts.channel import Undelivered
from alerts.message import Message
from alerts.other import Other
from alerts.webhook import WINDOW_S, Webhook, is_ours, signed
from venues.sim.loopback import serving

SECRET = "s3cr3t-of-24-characters-"
MESSAGE = Message(
    title="SIM $5.00: <b>&", lines=("one <i>",), pair="p", episode="p@1", link="http://x/a?v=1"
)


class Receiver:
    """Checks as docs/alerts.md says, with nothing of ours."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.took: list[dict[str, Any]] = []

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
        headers = {k.decode().lower(): v.decode() for k, v in scope["headers"]}
        seconds, given = (
            each.partition("=")[2] for each in headers["x-dutchbook-signature"].split(",")
        )
        right = hmac.new(SECRET.encode(), f"{seconds}.".encode() + body, hashlib.sha256)
        assert hmac.compare_digest(right.hexdigest(), given)
        self.took.append(json.loads(body))
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def test_a_receiver_can_tell_that_it_is_ours_and_what_it_is(clock: Any) -> None:
    receiver = Receiver()
    async with serving(receiver) as port:
        hook = Webhook(f"http://127.0.0.1:{port}/x", SECRET, clock=clock, local=True)
        await hook.send(MESSAGE)
        await hook.send(MESSAGE)
        await until(lambda: len(receiver.took) == 2)
    one, two = receiver.took
    assert one["schema"] == "dutchbook.alert/1"
    assert (one["simulated"], one["pair_id"], one["episode"]) == (True, "p", "p@1")
    assert one["id"] == two["id"]


@pytest.mark.parametrize(
    ("status", "again"), [(500, True), (429, True), (408, True), (404, False), (302, False)]
)
async def test_a_receiver_s_status_says_whether_to_try_again(
    clock: Any, status: int, *, again: bool
) -> None:
    async with serving(Receiver(status)) as port:
        hook = Webhook(f"http://127.0.0.1:{port}/x", SECRET, clock=clock, local=True)
        with pytest.raises(Undelivered, match=f"the webhook answered {status}") as caught:
            await hook.send(MESSAGE)
    assert caught.value.again is again
    assert SECRET not in f"{caught.value!r} {hook!r}"


def test_what_is_old_or_changed_is_not_taken_for_ours() -> None:
    secret, body = SECRET.encode(), b'{"a": 1}'
    header = signed(secret, body, 1_000)
    assert is_ours(secret, body, header, 1_000 + WINDOW_S)
    assert not is_ours(secret, body, header, 1_001 + WINDOW_S)
    assert not is_ours(secret, body + b" ", header, 1_000)
    assert not is_ours(b"other", body, header, 1_000)
    assert not is_ours(secret, body, header.replace("t=1000", "t=1001"), 1_000)
    for wrong in ("", "t=,v1=", "t=x,v1=y", "t=1000", "t=" + "9" * 5_000):
        assert not is_ours(secret, body, wrong, 1_000)


@pytest.mark.parametrize(
    ("url", "local", "words"),
    [
        ("http://example.com/x", False, "must be an https address"),
        ("https://me@example.com/x", False, "must be an https address"),
        ("http://example.com/x", True, "said to be of this machine, and is not"),
    ],
)
def test_only_https_leads_outside(clock: Any, url: str, words: str, *, local: bool) -> None:
    with pytest.raises(ValueError, match=words):
        Webhook(url, SECRET, clock=clock, local=local)


async def test_an_address_of_this_network_is_refused(clock: Any) -> None:
    hook = Webhook("https://127.0.0.1/x", SECRET, clock=clock)
    with pytest.raises(Undelivered, match="leads to an address inside") as caught:
        await hook.send(MESSAGE)
    assert not caught.value.again


def test_a_short_secret_is_none(clock: Any) -> None:
    with pytest.raises(ValueError, match="needs 24 characters"):
        Webhook("https://example.com", "short", clock=clock)


class Fake:
    """What we use of apprise."""

    def __init__(self, *, takes: bool = True) -> None:
        self.takes, self.added, self.told = takes, list[str](), list[dict[str, Any]]()

    def add(self, servers: str) -> bool:
        self.added.append(servers)
        return "bad" not in servers

    async def async_notify(self, **words: Any) -> bool | None:
        self.told.append(words)
        return self.takes


async def test_another_service_is_told_in_text_that_none_of_them_formats() -> None:
    fake = Fake()
    other = Other("telegram", "tgram://s3cr3t/chat", lambda: fake)
    await other.send(MESSAGE)
    assert fake.added == ["tgram://s3cr3t/chat"]
    [told] = fake.told
    assert (told["title"], told["body"]) == (
        "SIM $5.00: ‹b›&",
        "one ‹i›\nLook at it: http://x/a?v=1",
    )
    hostile = "@everyone <@U1> [a](b) *x* `y` ||z||"
    await other.send(Message(title=hostile, lines=(hostile,), is_critical=True))
    assert not set("<>@*`[]|") & set(fake.told[1]["title"] + fake.told[1]["body"])
    assert fake.told[1]["notify_type"] == "failure"
    assert fake.told[0]["interpret_escapes"] is False
    assert "s3cr3t" not in repr(other)


async def test_a_service_that_does_not_take_it_is_tried_again() -> None:
    with pytest.raises(Undelivered, match="discord did not take it") as caught:
        await Other("discord", "discord://a/b", lambda: Fake(takes=False)).send(MESSAGE)
    assert caught.value.again


@pytest.mark.parametrize(
    ("name", "address", "words"),
    [
        ("telegram", "discord://a/b", "must begin with tgram://"),
        ("mine", "file:///etc/passwd", "not to this machine"),
        ("mine", "", "not to this machine"),
        ("mine", "bad://s3cr3t", "cannot read the address of mine"),
    ],
)
def test_an_address_that_is_none_is_told_without_it(name: str, address: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        Other(name, address, Fake)
    assert "s3cr3t" not in str(caught.value)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(ValueError, match=r"telegram needs .*install dutchbook\[apprise\]"):
        Other("telegram", "tgram://a/b")
