"""A simulated Polymarket on loopback: all its REST hosts on one port, both websockets on another.

async with serve_polymarket(house, keys=keys) as served:
    ...  # served.clob, served.ws_market, served.accounts
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from venues.clock import Clock, SystemClock
from venues.sim.faults import Faults
from venues.sim.loopback import own_folder, pump, serving
from venues.sim.polymarket.house import House
from venues.sim.polymarket.rest import RestApp
from venues.sim.polymarket.server_accounts import Account, OwnerKey, make_accounts
from venues.sim.polymarket.stream import Conversation
from venues.sim.polymarket.streams import Streams
from venues.sim.polymarket.wire_text import http_date

MARKET: Final = "/ws/market"
USER: Final = "/ws/user"
SAID_MAX: Final = 2**20
"""Bytes of one frame from a client; more end the connection (1009). Our choice."""

_HOST: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Where it is served, and with which keys; the websockets' faults are in `streams`."""

    gamma: str
    clob: str
    data: str
    relayer: str
    site: str
    ws_market: str
    ws_user: str
    accounts: tuple[Account, ...]
    streams: Streams
    app: RestApp


@asynccontextmanager
async def serve_polymarket(
    house: House,
    *,
    rest_port: int = 0,
    ws_port: int = 0,
    clock: Clock | None = None,
    streams: Streams | None = None,
    faults: Faults | None = None,
    keys: tuple[OwnerKey, ...] = (),
    folder: Path | None = None,
    clock_offset_ms: int = 0,
) -> AsyncIterator[Served]:
    """Serves a house on 127.0.0.1 for as long as the block runs.

    Port 0 takes a free one; OSError for one in use. `clock` is what late REST answers sleep on.
    `keys` are written to `folder`, or to a private one that goes away with the server. A fault of
    the house itself cancels the block and is raised from it in a group; an error of the block
    passes by as it is.
    """
    streams = streams or Streams(house)
    app = RestApp(house, clock or SystemClock(), faults=faults, clock_offset_ms=clock_offset_ms)
    wire = _Wire(streams, clock_offset_ms)
    stack = AsyncExitStack()
    try:
        accounts = make_accounts(house, keys, own_folder(stack, folder))
        rest_port = await stack.enter_async_context(serving(app, port=rest_port))
        server = await stack.enter_async_context(wire.serving(ws_port))
        group = await stack.enter_async_context(asyncio.TaskGroup())
        stack.callback(group.create_task(pump(house.advance, wire.wake)).cancel)
        rest = f"http://{_HOST}:{rest_port}"
        ws = f"ws://{_HOST}:{next(iter(server.sockets)).getsockname()[1]}"
        yield Served(
            gamma=f"{rest}/gamma",
            clob=rest,
            data=f"{rest}/data",
            relayer=f"{rest}/relayer",
            site=f"{rest}/site",
            ws_market=ws + MARKET,
            ws_user=ws + USER,
            accounts=accounts,
            streams=streams,
            app=app,
        )
    finally:
        await stack.aclose()


class _Wire:
    """Conversations on real websockets."""

    def __init__(self, streams: Streams, clock_offset_ms: int) -> None:
        self._house = streams.house
        self._clock_offset_ms = clock_offset_ms
        self._openers: dict[str, Callable[[], Conversation]] = {
            MARKET: streams.open_market,
            USER: streams.open_user,
        }
        self._live: dict[ServerConnection, Conversation] = {}

    def serving(self, port: int) -> AbstractAsyncContextManager[Server]:
        """No pings of the library's: clients say PING. The event loop turns Nagle's delay off."""
        return serve(
            self.converse,
            _HOST,
            port,
            process_request=self.admit,
            process_response=self.dress,
            compression=None,
            ping_interval=None,
            close_timeout=1,
            max_size=SAID_MAX,
            server_header=None,
        )

    def wake(self) -> None:
        """Lets every writer look what is due; drops what broke while its client did not read."""
        for ws, conversation in self._live.items():
            conversation.line.wake()
            if conversation.closed and conversation.farewell is None:
                ws.transport.abort()

    def admit(self, ws: ServerConnection, request: Request) -> Response | None:
        """The handshake: None lets it pass; anybody may come."""
        if _path(request) in self._openers:
            return None
        return ws.respond(HTTPStatus.NOT_FOUND, "404 page not found\n")

    def dress(self, _ws: ServerConnection, _request: Request, response: Response) -> None:
        """The venue's own time."""
        del response.headers["Date"]
        response.headers["Date"] = http_date(self._house.now_ms + self._clock_offset_ms)

    async def converse(self, ws: ServerConnection) -> None:
        assert ws.request is not None
        conversation = self._openers[_path(ws.request)]()
        ready = asyncio.Event()
        conversation.line.wake = ready.set
        self._live[ws] = conversation
        try:
            async with asyncio.TaskGroup() as group:
                writer = group.create_task(_write(ws, conversation, ready))
                await _read(ws, conversation)
                writer.cancel()
        finally:
            del self._live[ws]
            conversation.close()


def _path(request: Request) -> str:
    return request.path.partition("?")[0]


async def _read(ws: ServerConnection, conversation: Conversation) -> None:
    try:
        async for text in ws:
            conversation.received(text if isinstance(text, str) else text.decode("latin-1"))
    except ConnectionClosed:
        return


async def _write(ws: ServerConnection, conversation: Conversation, ready: asyncio.Event) -> None:
    try:
        while not conversation.closed:
            await ready.wait()
            ready.clear()
            while (frame := conversation.next_frame()) is not None:
                await ws.send(frame)
    except ConnectionClosed:
        return
    if conversation.farewell is None:
        ws.transport.abort()
    else:
        await ws.close(conversation.farewell.code, conversation.farewell.reason)
