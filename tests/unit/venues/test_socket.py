"""A websocket kept up: over a made-up network, and once over loopback with the real library."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final, Protocol

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from venues import AuthRefused, Clock, RateLimited, SystemClock, Unavailable
from venues.socket import SILENCE_NS, Connection, Socket, back_off_ms, silent, websocket

S: Final = 1_000


class Timeline(Clock, Protocol):
    """The fixture: a Clock that a test moves on."""

    at_ms: int

    async def run(self, duration_ms: int) -> None: ...

    async def settle(self) -> None: ...


class Pipe:
    """A Connection in memory."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.closed = False
        self.pings = 0
        self.answers_pings = True
        self._incoming: asyncio.Queue[str | bytes | None] = asyncio.Queue()

    def tell(self, raw: str | bytes) -> None:
        self._incoming.put_nowait(raw)

    def cut(self) -> None:
        self._incoming.put_nowait(None)

    async def send(self, text: str) -> None:
        self.sent.append(text)

    async def recv(self) -> str | bytes:
        raw = await self._incoming.get()
        if raw is None:
            raise Unavailable("v", "cut")
        return raw

    async def ping(self) -> None:
        self.pings += 1
        if not self.answers_pings:
            await asyncio.Event().wait()

    async def close(self) -> None:
        self.closed = True


class Ear:
    """A Listener that writes down what it hears."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.give_up: str | None = None
        self.on_connect: Callable[[], None] = lambda: None

    def connected(self) -> None:
        self.heard.append("connected")
        self.on_connect()

    def received(self, raw: str | bytes) -> None:
        self.heard.append(f"received {raw!r}")

    behind = False

    def heartbeat(self, _asked_ns: int) -> None:
        self.heard.append("heartbeat")

    def tick(self) -> str | None:
        return self.give_up

    def lost(self, why: str) -> None:
        self.heard.append(f"lost: {why}")


class World:
    """A socket, its ear, and the pipes that it was given, under one clock."""

    def __init__(self, clock: Timeline, *outcomes: Exception) -> None:
        self.clock = clock
        self.ear = Ear()
        self.pipes: list[Pipe] = []
        self.tries_ms: list[int] = []
        self._outcomes = deque(outcomes)
        self.socket = Socket(self._connect, self.ear, self.clock, jitter=lambda below: below - 1)

    async def _connect(self) -> Connection:
        self.tries_ms.append(self.clock.at_ms)
        if self._outcomes:
            raise self._outcomes.popleft()
        self.pipes.append(Pipe())
        return self.pipes[-1]

    async def during(self, story: Awaitable[None]) -> None:
        async with asyncio.TaskGroup() as group:
            running = group.create_task(self.socket.run())
            await story
            running.cancel()


async def test_raw_text_is_handed_on_and_what_the_listener_wants_is_sent_in_order(
    timeline: Timeline,
) -> None:
    world = World(timeline)
    world.ear.on_connect = lambda: world.socket.send(["first", "second"])

    async def story() -> None:
        await world.clock.run(1)
        world.pipes[0].tell("a")
        world.pipes[0].tell(b"b")
        world.socket.send(["third"])
        await world.clock.run(1)

    await world.during(story())
    assert world.ear.heard == ["connected", "received 'a'", "received b'b'"]
    assert world.pipes[0].sent == ["first", "second", "third"]
    assert world.pipes[0].closed


async def test_a_quiet_connection_is_asked_for_a_sign_of_life_and_keeps(timeline: Timeline) -> None:
    world = World(timeline)
    await world.during(world.clock.run(120 * S))
    assert len(world.pipes) == 1
    assert world.pipes[0].pings >= 60
    assert world.ear.heard.count("heartbeat") == world.pipes[0].pings


async def test_silence_ends_a_connection_and_a_new_one_is_made(timeline: Timeline) -> None:
    world = World(timeline)

    async def story() -> None:
        await world.clock.run(1)
        world.pipes[0].answers_pings = False
        await world.clock.run(35 * S)

    await world.during(story())
    assert world.ear.heard[1:3] == ["lost: nothing came for 30 s", "connected"]
    assert world.pipes[0].pings == 1
    assert world.pipes[0].closed
    assert not silent(0, SILENCE_NS)
    assert silent(0, SILENCE_NS + 1)


async def test_flapping_backs_off_and_a_steady_connection_starts_afresh(timeline: Timeline) -> None:
    world = World(timeline)

    async def story() -> None:
        for _ in range(40):
            await world.clock.run(3 * S)
            if not world.pipes[-1].closed:
                world.pipes[-1].cut()
        await world.clock.run(200 * S)
        world.pipes[-1].cut()
        await world.clock.run(2 * S)

    await world.during(story())
    waits = [b - a for a, b in zip(world.tries_ms, world.tries_ms[1:], strict=False)]
    assert len(world.tries_ms) < 15
    assert max(waits[:-1]) >= 30 * S
    assert world.tries_ms[-1] >= world.clock.at_ms - 2 * S


async def test_refused_keys_end_the_attempts_and_other_failures_do_not(timeline: Timeline) -> None:
    world = World(
        timeline, Unavailable("v", "no route"), RateLimited("v", 40), AuthRefused("v", 401, "no")
    )
    with pytest.raises(ExceptionGroup) as raised:
        await world.during(world.clock.run(300 * S))
    assert isinstance(raised.value.exceptions[0], AuthRefused)
    assert [wait >= 40 * S for wait in (world.tries_ms[1], world.tries_ms[2])] == [False, True]
    assert world.ear.heard[0] == "lost: no route"
    assert len(world.tries_ms) == 3


async def test_a_listener_may_give_up_a_connection_and_so_may_its_owner(timeline: Timeline) -> None:
    world = World(timeline)

    async def story() -> None:
        await world.clock.run(1)
        world.ear.give_up = "overflow"
        await world.clock.run(S)
        world.socket.send(["too late"])
        world.ear.give_up = None
        await world.clock.run(5 * S)
        world.socket.drop("frozen")
        await world.clock.run(5 * S)

    await world.during(story())
    told = [word for word in world.ear.heard if word != "heartbeat"]
    assert told == ["connected", "lost: overflow", "connected", "lost: frozen", "connected"]
    assert [pipe.sent for pipe in world.pipes] == [[], [], []]


async def test_an_endless_outbox_drops_the_connection_instead_of_growing(
    timeline: Timeline,
) -> None:
    world = World(timeline)

    async def story() -> None:
        await world.clock.run(1)
        world.socket.send("x" for _ in range(20_000))
        await world.clock.run(5 * S)

    await world.during(story())
    assert "lost: it takes nothing more from us" in world.ear.heard
    assert world.pipes[1].sent == []


def test_waiting_grows_from_half_a_second_to_half_a_minute_and_half_of_it_is_chance() -> None:
    def longest(failures: int) -> int:
        return back_off_ms(failures, lambda below: below - 1)

    assert [longest(n) for n in (1, 2, 3, 8, 99)] == [500, 1_000, 2_000, 30_000, 30_000]
    assert back_off_ms(3, lambda below: 0) == 1_000


async def test_the_real_library_speaks_over_loopback() -> None:
    said: list[str] = []

    async def talk(connection: ServerConnection) -> None:
        assert connection.request
        said.append(connection.request.headers["KALSHI-ACCESS-KEY"])
        said.append(str(await connection.recv()))
        await connection.send("hello")

    async with serve(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        keys = iter(["one", "two", "three"])
        connect = websocket(
            "v", f"ws://127.0.0.1:{port}/", lambda: {"KALSHI-ACCESS-KEY": next(keys)}
        )
        for _ in range(2):
            connection = await connect()
            await connection.ping()
            await connection.send("subscribe")
            assert await connection.recv() == b"hello"
            with pytest.raises(Unavailable):
                await connection.recv()
            with pytest.raises(Unavailable):
                await connection.send("more")
            with pytest.raises(Unavailable):
                await connection.ping()
            await connection.close()
    assert said == ["one", "subscribe", "two", "subscribe"]
    with pytest.raises(Unavailable):
        await connect()


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, AuthRefused), (403, AuthRefused), (429, RateLimited), (503, Unavailable)],
)
async def test_a_refused_upgrade_is_told_by_its_status(status: int, error: type[Exception]) -> None:
    def refuse(connection: ServerConnection, request: Request) -> Response:
        return connection.respond(HTTPStatus(status), "missing signature")

    async def never(connection: ServerConnection) -> None:
        raise AssertionError

    async with serve(never, "127.0.0.1", 0, process_request=refuse) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(error) as raised:
            await websocket("v", f"ws://127.0.0.1:{port}/", dict)()
    assert type(raised.value) is error


async def test_a_redirect_is_not_followed_with_our_signature() -> None:
    asked: list[str] = []

    def elsewhere(connection: ServerConnection, request: Request) -> Response:
        asked.append(request.path)
        response = connection.respond(HTTPStatus.FOUND, "")
        response.headers["Location"] = "/elsewhere"
        return response

    async def never(connection: ServerConnection) -> None:
        raise AssertionError

    async with serve(never, "127.0.0.1", 0, process_request=elsewhere) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Unavailable):
            await websocket("v", f"ws://127.0.0.1:{port}/", dict)()
    assert asked == ["/"]


async def test_the_system_clock_will_do_as_well(timeline: Timeline) -> None:
    world = World(timeline, AuthRefused("v", 401, ""))
    socket = Socket(world._connect, world.ear, SystemClock())
    with pytest.raises(AuthRefused):
        await socket.run()
