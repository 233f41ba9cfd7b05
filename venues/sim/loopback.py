"""A simulated venue on a real socket of this machine."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import uvicorn

PUMP_MS: Final = 50


@asynccontextmanager
async def serving(app: Any, *, port: int = 0) -> AsyncIterator[int]:
    """Serves an ASGI app on 127.0.0.1 and yields its port (0: a free one). Plain HTTP/1.1.

    The app writes its own Date header. Requests that still hang at the end are cut after a second.
    """
    config = uvicorn.Config(
        app,
        lifespan="on",
        log_config=None,
        log_level="critical",
        access_log=False,
        date_header=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    with _listener(port) as listener:
        async with asyncio.TaskGroup() as group:
            group.create_task(server.serve(sockets=[listener]))
            try:
                yield listener.getsockname()[1]
            finally:
                server.should_exit = True


def own_folder(stack: AsyncExitStack, folder: Path | None) -> Path:
    """A private folder for keys: `folder`, or one that goes away with `stack`."""
    if folder is None:
        return Path(stack.enter_context(TemporaryDirectory(prefix="dutchbook-sim-")))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


async def pump(advance: Callable[[], None], wake: Callable[[], None]) -> None:
    """Does every PUMP_MS, in real time, what a house's clock made due, and lets writers look."""
    while True:
        advance()
        wake()
        await asyncio.sleep(PUMP_MS / 1_000)


def _listener(port: int) -> socket.socket:
    """Of the named protocol: only then asyncio turns Nagle's delay off, which would hold the body
    back for 40 ms behind the headers."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()
    return listener
