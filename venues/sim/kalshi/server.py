"""A simulated Kalshi on loopback: REST and the websocket, each on a port of its own.

async with serve_kalshi(world.kalshi(clock), ApiKeys()) as served:
    ...  # served.rest, served.ws, served.accounts
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final, Literal

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from venues.clock import Clock, SystemClock
from venues.sim.faults import Faults
from venues.sim.kalshi.house import House
from venues.sim.kalshi.refusal import Refusal
from venues.sim.kalshi.rest import RestApp
from venues.sim.kalshi.rest_auth import PREFIX, STREAM, ApiKeys
from venues.sim.kalshi.server_accounts import Account, make_accounts
from venues.sim.kalshi.stream import Conversation
from venues.sim.kalshi.stream_notices import Viewer
from venues.sim.kalshi.streams import Streams
from venues.sim.kalshi.wire_text import http_date
from venues.sim.loopback import own_folder, pump, serving
from venues.sim.world import USER

HEARTBEAT_MS: Final = 10_000
HEARTBEAT: Final = b"heartbeat"

_COMMAND_BYTES_MAX: Final = 2**24
_HOST: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Where it is served, and with which keys; the websocket's faults are in `streams.trouble`."""

    rest: str
    ws: str
    accounts: tuple[Account, ...]
    streams: Streams
    app: RestApp


@asynccontextmanager
async def serve_kalshi(
    house: House,
    keys: ApiKeys,
    *,
    rest_port: int = 0,
    ws_port: int = 0,
    clock: Clock | None = None,
    streams: Streams | None = None,
    faults: Faults | None = None,
    user_id: str = USER,
    folder: Path | None = None,
    clock_offset_ms: int = 0,
    compression: Literal["deflate"] | None = None,
) -> AsyncIterator[Served]:
    """Serves a house on 127.0.0.1 for as long as the block runs.

    Port 0 takes a free one; OSError for one in use. `clock` is what late REST answers sleep on.
    `user_id` gets a key pair of each kind, in `folder` or in a private one that goes away with the
    server. A fault of the house itself cancels the block and is raised from it in a group; an error
    of the block passes by as it is.
    """
    streams = streams or Streams(house)
    streams.clock_offset_ms = clock_offset_ms
    app = RestApp(
        house, keys, clock or SystemClock(), faults=faults, clock_offset_ms=clock_offset_ms
    )
    wire = _Wire(streams, keys)
    stack = AsyncExitStack()
    try:
        accounts = make_accounts(keys, user_id, own_folder(stack, folder))
        rest_port = await stack.enter_async_context(serving(app, port=rest_port))
        server = await stack.enter_async_context(wire.serving(ws_port, compression))
        group = await stack.enter_async_context(asyncio.TaskGroup())
        stack.callback(group.create_task(pump(house.advance, wire.wake)).cancel)
        yield Served(
            rest=f"http://{_HOST}:{rest_port}{PREFIX}",
            ws=f"ws://{_HOST}:{next(iter(server.sockets)).getsockname()[1]}{STREAM}",
            accounts=accounts,
            streams=streams,
            app=app,
        )
    finally:
        await stack.aclose()


class _Wire:
    """Conversations on real websockets."""

    def __init__(self, streams: Streams, keys: ApiKeys) -> None:
        self._streams = streams
        self._house = streams.house
        self._keys = keys
        self._admitted: dict[ServerConnection, Viewer] = {}
        self._live: dict[ServerConnection, Conversation] = {}

    def serving(
        self, port: int, compression: Literal["deflate"] | None
    ) -> AbstractAsyncContextManager[Server]:
        """The pings are ours, so the library sends none. The event loop turns Nagle's delay off."""
        return serve(
            self.converse,
            _HOST,
            port,
            process_request=self.admit,
            process_response=self.dress,
            compression=compression,
            ping_interval=None,
            close_timeout=1,
            max_size=_COMMAND_BYTES_MAX,
            server_header=None,
        )

    def wake(self) -> None:
        """Lets every writer look what is due; drops what broke while its client did not read."""
        for ws, conversation in self._live.items():
            conversation.line.wake()
            if conversation.closed:
                ws.transport.abort()

    def admit(self, ws: ServerConnection, request: Request) -> Response | None:
        """The handshake: None lets it pass."""
        if request.path.partition("?")[0] != STREAM:
            return self._refused(ws, Refusal(404, "not_found", "page not found"))
        headers = {name.lower(): value for name, value in request.headers.raw_items()}
        try:
            self._admitted[ws] = self._streams.admit(self._keys, headers)
        except Refusal as refusal:
            return self._refused(ws, refusal)
        return None

    def dress(self, _ws: ServerConnection, _request: Request, response: Response) -> None:
        """The venue's own time."""
        del response.headers["Date"]
        response.headers["Date"] = http_date(self._streams.now_ms)

    async def converse(self, ws: ServerConnection) -> None:
        conversation = self._streams.open(self._admitted.pop(ws))
        ready = asyncio.Event()
        conversation.line.wake = ready.set
        self._live[ws] = conversation
        try:
            async with asyncio.TaskGroup() as group:
                writer = group.create_task(self._write(ws, conversation, ready))
                await _read(ws, conversation)
                writer.cancel()
        finally:
            del self._live[ws]
            conversation.close()

    async def _write(
        self, ws: ServerConnection, conversation: Conversation, ready: asyncio.Event
    ) -> None:
        beat_ms = self._house.now_ms + HEARTBEAT_MS
        try:
            while not conversation.closed:
                await ready.wait()
                ready.clear()
                if self._house.now_ms >= beat_ms:
                    beat_ms = self._house.now_ms + HEARTBEAT_MS
                    await _beat(ws)
                while (frame := conversation.next_frame()) is not None:
                    await ws.send(frame)
        except ConnectionClosed:
            return
        ws.transport.abort()

    def _refused(self, ws: ServerConnection, refusal: Refusal) -> Response:
        """Flat bodies; whatever was wrong with a signature has one code (section 4)."""
        code = "token_authentication_failure" if refusal.status == 401 else refusal.code
        body = json.dumps({"code": code, "message": refusal.message})
        response = ws.respond(HTTPStatus(refusal.status), body)
        del response.headers["Content-Type"]
        response.headers["Content-Type"] = "application/json"
        return response


async def _read(ws: ServerConnection, conversation: Conversation) -> None:
    try:
        async for text in ws:
            conversation.received(text if isinstance(text, str) else text.decode("latin-1"))
    except ConnectionClosed:
        return


async def _beat(ws: ServerConnection) -> None:
    """A ping that says the same every time, whether or not the last one was answered."""
    async with ws.send_context():
        ws.protocol.send_ping(HEARTBEAT)
