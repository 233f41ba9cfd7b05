"""Serves an ASGI app beside everything else, and leaves the process's signals alone."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import uvicorn

from app.problem import Exit, Problem

LOOPBACK: Final = "127.0.0.1"
_GRACE_S: Final = 1


class _Quiet(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(app: Any, listener: socket.socket) -> None:
    """For ever; ends when it is cancelled, and with it the requests that are being answered."""
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE_S,
    )
    server = _Quiet(config)
    try:
        await server.serve(sockets=[listener])
    finally:
        answering = set(server.server_state.tasks)
        for each in answering:
            each.cancel()
        if answering:
            await asyncio.wait(answering, timeout=_GRACE_S)


def listen(port: int, what: str, host: str = LOOPBACK) -> socket.socket:
    """A socket on this machine alone, unless another `host` (an IP address) is said; port 0: any
    free one. Raises Problem for a taken port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        said = f"Port {port} of this machine cannot serve {what}: {error.strerror}."
        raise Problem(Exit.BAD_FILE, f"{said} Name another one in the settings.") from None
    listener.listen()
    return listener
