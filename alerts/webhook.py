"""A webhook of one's own, signed: the receiver can tell that it is ours, whole, and of now.

The header `X-Dutchbook-Signature: t=SECONDS,v1=HEX` is HMAC-SHA256, with the shared secret, over
`SECONDS.` and the body as it came. Refuse what does not compare, and what is older than WINDOW_S;
within that, `id` tells what came twice.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any, Final

from alerts.channel import Undelivered
from alerts.message import SIM, Message
from alerts.outward import Outward
from venues import Clock

SCHEMA: Final = "dutchbook.alert/1"
HEADER: Final = "X-Dutchbook-Signature"
WINDOW_S: Final = 300
SECRET_MIN: Final = 24


class Webhook:
    name = "webhook"

    def __init__(self, url: str, secret: str, *, clock: Clock, local: bool = False) -> None:
        if len(secret) < SECRET_MIN:
            raise ValueError(f"the secret of the webhook needs {SECRET_MIN} characters or more")
        self._outward = Outward(url, "the webhook", local=local)
        self._secret = secret.encode()
        self._clock = clock

    def __repr__(self) -> str:
        return "Webhook()"

    async def send(self, message: Message) -> None:
        now_ms = self._clock.now_ms()
        body = json.dumps(document(message, now_ms), ensure_ascii=False).encode()
        headers = {
            "content-type": "application/json; charset=utf-8",
            HEADER: signed(self._secret, body, now_ms // 1_000),
        }
        answer = await self._outward.post(body, headers)
        if answer.status in {408, 425}:
            raise Undelivered(f"the webhook answered {answer.status}", again=True)
        answer.raise_for("the webhook")


def document(message: Message, now_ms: int) -> dict[str, Any]:
    """`id` is the same for the same message of the same words."""
    said = "\n".join((message.title, *message.lines, message.episode))
    return {
        "schema": SCHEMA,
        "id": hashlib.sha256(said.encode()).hexdigest()[:32],
        "sent_ms": now_ms,
        "simulated": message.title.startswith(SIM),
        "critical": message.is_critical,
        "title": message.title,
        "lines": list(message.lines),
        "rule": message.rule or None,
        "pair_id": message.pair or None,
        "episode": message.episode or None,
        "link": message.link or None,
    }


def signed(secret: bytes, body: bytes, seconds: int) -> str:
    digest = hmac.new(secret, f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def is_ours(secret: bytes, body: bytes, header: str, now_s: int) -> bool:
    """What a receiver does; here so that it is written down once, and tested."""
    seconds = header.partition(",")[0].removeprefix("t=")
    if not seconds.isascii() or not seconds.isdigit() or len(seconds) > 12:
        return False
    right = signed(secret, body, int(seconds))
    return abs(now_s - int(seconds)) <= WINDOW_S and hmac.compare_digest(
        right.encode(), header.encode()
    )
