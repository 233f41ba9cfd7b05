"""A Slack of this machine: its web API and its socket of clicks, as strict as the real ones.

Written from Slack's documents of Block Kit, chat.postMessage and Socket Mode, and from nothing of
ours.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.server import ServerConnection, serve

from venues.sim.loopback import serving

CHANNEL = "C0123456789"
BOT, APP = "xoxb-b0t", "xapp-4pp"


class SlackStage:
    """`messages`: by their time; `log`: every call that was taken; `wait_s`: refuses the next
    calls with 429."""

    def __init__(self) -> None:
        self.messages: dict[str, dict[str, Any]] = {}
        self.log: list[tuple[str, dict[str, Any]]] = []
        self.wrong: list[str] = []
        self.wait_s: list[int] = []
        self.acked: list[str] = []
        self.socket_url = ""
        self.api = ""
        self._sockets: list[ServerConnection] = []
        self._next = 1

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
        headers = {k.decode(): v.decode() for k, v in scope["headers"]}
        status, answer, extra = self._answer(scope["path"], headers, json.loads(body))
        raw = [(b"content-type", b"application/json"), *extra]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})

    def _answer(
        self, path: str, headers: dict[str, str], asked: dict[str, Any]
    ) -> tuple[int, dict[str, Any], list[tuple[bytes, bytes]]]:
        method = path.removeprefix("/api/")
        if self.wait_s:
            wait = str(self.wait_s.pop(0)).encode()
            return 429, {"ok": False, "error": "ratelimited"}, [(b"retry-after", wait)]
        token = APP if method == "apps.connections.open" else BOT
        if headers.get("authorization") != f"Bearer {token}":
            return 200, {"ok": False, "error": "invalid_auth"}, []
        if method == "apps.connections.open":
            return 200, {"ok": True, "url": self.socket_url}, []
        if asked.get("channel") != CHANNEL:
            return 200, {"ok": False, "error": "channel_not_found"}, []
        if why := _wrong(asked):
            self.wrong.append(why)
            return 200, {"ok": False, "error": "invalid_blocks"}, []
        ts = str(asked.get("ts") or f"1700000000.{self._next:06}")
        if method == "chat.update" and ts not in self.messages:
            return 200, {"ok": False, "error": "message_not_found"}, []
        if method != "chat.postEphemeral":
            self.messages[ts] = asked
        self._next += 1
        self.log.append((method, asked))
        return 200, {"ok": True, "ts": ts, "channel": CHANNEL}, []

    async def listen(self, socket: ServerConnection) -> None:
        self._sockets.append(socket)
        await socket.send(json.dumps({"type": "hello", "num_connections": 1}))
        async for frame in socket:
            self.acked.append(json.loads(frame)["envelope_id"])

    async def click(
        self, ts: str, action: str, *, user: str, times: int = 1, channel: str = CHANNEL
    ) -> None:
        """A person clicks a button of a message as it stands, and Slack tells it `times` times."""
        button = next(e for e in elements(self.messages[ts]) if e["action_id"] == action)
        told = {"action_id": action, "value": button.get("value", ""), "action_ts": str(self._next)}
        self._next += 1
        payload = {
            "type": "block_actions",
            "user": {"id": user},
            "container": {"message_ts": ts, "channel_id": channel},
            "actions": [told],
        }
        for n in range(times):
            envelope = {"type": "interactive", "envelope_id": f"e{self._next}-{n}"}
            await self._sockets[-1].send(json.dumps(envelope | {"payload": payload}))

    async def refresh(self) -> None:
        """As it does every few hours."""
        await self._sockets[-1].send(json.dumps({"type": "disconnect", "reason": "refresh"}))

    @property
    def sockets(self) -> int:
        return len(self._sockets)


def elements(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [e for b in message["blocks"] if b["type"] == "actions" for e in b["elements"]]


def texts(message: dict[str, Any]) -> str:
    return "\n".join(b["text"]["text"] for b in message["blocks"] if "text" in b)


def _wrong(asked: dict[str, Any]) -> str:
    """The first of Block Kit's limits that is broken."""
    blocks = asked.get("blocks", [])
    if not 0 < len(blocks) <= 50:
        return f"{len(blocks)} blocks"
    if not asked.get("text"):
        return "no text for notifications"
    for block in blocks:
        limit = {"header": 150, "section": 3_000}.get(block["type"])
        if limit and not 0 < len(block["text"]["text"]) <= limit:
            return f"a {block['type']} of {len(block['text']['text'])} characters"
        if block["type"] == "actions":
            if not 0 < len(block["elements"]) <= 25:
                return "too many elements"
            ids = [each["action_id"] for each in block["elements"]]
            if len(set(ids)) != len(ids):
                return "an action_id twice"
            for why in map(_wrong_button, block["elements"]):
                if why:
                    return why
    return ""


def _wrong_button(button: dict[str, Any]) -> str:
    if not 0 < len(button["text"]["text"]) <= 75:
        return "the text of a button"
    if len(button.get("value", "")) > 2_000 or len(button.get("url", "")) > 3_000:
        return "the value or the address of a button"
    if len(button["action_id"]) > 255:
        return "an action_id"
    if dialog := button.get("confirm"):
        limits = {"title": 100, "text": 300, "confirm": 30, "deny": 30}
        for name, limit in limits.items():
            if not 0 < len(dialog[name]["text"]) <= limit:
                return f"the {name} of a dialog"
    return ""


@asynccontextmanager
async def slack_stage() -> AsyncIterator[SlackStage]:
    stage = SlackStage()
    async with serve(stage.listen, "127.0.0.1", 0) as sockets, serving(stage) as port:
        stage.socket_url = f"ws://127.0.0.1:{sockets.sockets[0].getsockname()[1]}/link"
        stage.api = f"http://127.0.0.1:{port}/api"
        yield stage


async def until(true: Any, seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what is waited for is another's state
            await asyncio.sleep(0.02)
