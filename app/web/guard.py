"""Stands before every request: which hosts are ours, and what a browser must be told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Final

from fastapi import HTTPException

from app.config_web import WebSettings

BODY_MAX: Final = 64 * 1024
CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = (
    (b"content-security-policy", CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=()"),
)
Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def hosts_of(web: WebSettings, port: int) -> frozenset[str]:
    """What a browser may call us: a page of another name is a page of somebody else."""
    public = [web.public_url.partition("://")[2]] if web.public_url else []
    return frozenset({*_own_hosts(web, port), *public})


def origins_of(web: WebSettings, port: int) -> frozenset[str]:
    """Where the forms that may change something stand."""
    public = [web.public_url] if web.public_url else []
    return frozenset({*(f"http://{host}" for host in _own_hosts(web, port)), *public})


def _own_hosts(web: WebSettings, port: int) -> set[str]:
    names = {"127.0.0.1", "localhost", "[::1]"} if web.is_loopback else set()
    names.add(f"[{web.host}]" if ":" in web.host else web.host)
    return {f"{name}:{port}" for name in names} | (names if port == 80 else set())


class Guard:
    """`hosts`: what may stand in Host, for every path, the event stream's too (DNS rebinding)."""

    def __init__(self, app: App, hosts: Iterable[str]) -> None:
        self._app = app
        self._hosts = frozenset(host.lower().encode() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":  # no websockets here, and no lifespan
            return
        headers = [(name.lower(), value) for name, value in scope["headers"]]
        named = [value for name, value in headers if name == b"host"]
        if len(named) != 1 or named[0].lower() not in self._hosts:
            await _refuse(send, 421, b"This is not the name of this page.\n")
            return
        length = next((value for name, value in headers if name == b"content-length"), b"0")
        if not length.isdigit() or int(length) > BODY_MAX:
            await _refuse(send, 413, b"That is too long.\n")
            return
        is_static = scope["path"].startswith("/static/")
        await self._app(scope, _bounded(receive), _dressed(send, is_static=is_static))


def _bounded(receive: Receive) -> Receive:
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > BODY_MAX:
            raise HTTPException(413, "That is too long.")
        return message

    return bounded


def _dressed(send: Send, *, is_static: bool) -> Send:
    cache = b"no-cache" if is_static else b"no-store"

    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [(n, v) for n, v in message.get("headers", ()) if n.lower() != b"cache-control"]
            message["headers"] = [*kept, *_HEADERS, (b"cache-control", cache)]
        await send(message)

    return dressed


async def _refuse(send: Send, status: int, words: bytes) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(words)),
        (b"cache-control", b"no-store"),
        *_HEADERS,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": words})
