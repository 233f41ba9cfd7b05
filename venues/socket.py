"""One websocket kept up: connect, hand on raw text, watch for silence, back off, connect again.

It decides nothing about what is said. Settings that matter for safety: proxy variables are ignored,
redirects are never followed, a frame may not grow past FRAME_MAX, and few frames wait unread, so
that a slow reader is felt by the venue instead of by our memory.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final, Protocol, TypeAlias

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI, WebSocketException

from venues.clock import Clock
from venues.errors import AuthRefused, RateLimited, Unavailable

FRAME_MAX: Final = 8 * 1024 * 1024
_UNREAD_MAX: Final = 512
_UNSENT_MAX: Final = 10_000
_OPEN_S: Final = 10
TICK_MS: Final = 1_000
BEAT_MS: Final = 250
PING_MS: Final = 1_000
SILENCE_NS: Final = 30 * 10**9
_STEADY_NS: Final = 60 * 10**9
_BACK_OFF_MS: Final = 500
_BACK_OFF_MS_MAX: Final = 30_000
_WAIT_MS_MAX: Final = 300_000
"""However long the venue would have us wait: it is asked again after this."""


class Connection(Protocol):
    """An open websocket. Everything raises Unavailable once it is gone."""

    async def send(self, text: str) -> None: ...

    async def recv(self) -> str | bytes: ...

    async def ping(self) -> None:
        """Returns when the other end has answered."""
        ...

    async def close(self) -> None: ...


Connect: TypeAlias = Callable[[], Awaitable[Connection]]
"""Opens a connection. Raises AuthRefused or Unavailable."""
Jitter: TypeAlias = Callable[[int], int]
"""A random whole number from 0 up to, without, its argument."""


class Listener(Protocol):
    """Who has the conversation. What it wants sent it gives to `Socket.send`."""

    @property
    def behind(self) -> bool:
        """Frames may have waited here before they were read."""
        ...

    def connected(self) -> None: ...

    def received(self, raw: str | bytes) -> None: ...

    def heartbeat(self, asked_ns: int) -> None:
        """The other end lives, and everything that it sent before it was asked is here."""
        ...

    def tick(self) -> str | None:
        """Every second; a reason to connect anew, None to go on."""
        ...

    def lost(self, why: str) -> None:
        """The connection is gone, or could not be made."""
        ...


def silent(heard_ns: int, now_ns: int) -> bool:
    """No frame of any kind for 30 s: the connection counts as dead."""
    return now_ns - heard_ns > SILENCE_NS


def back_off_ms(failures: int, jitter: Jitter) -> int:
    """How long to wait after so many failures in a row: doubling from ½ s to 30 s, the second half
    of it random, so that many clients don't come back as one."""
    most = min(_BACK_OFF_MS << min(failures - 1, 10), _BACK_OFF_MS_MAX)
    return most // 2 + jitter(most // 2 + 1)


class Socket:
    """Runs one conversation over as many connections as it takes.

    `beat_ns`: when this loop was last seen to run, monotonic: what is read long after it may have
    waited here.
    """

    def __init__(
        self,
        connect: Connect,
        listener: Listener,
        clock: Clock,
        jitter: Jitter = secrets.randbelow,
    ) -> None:
        self.up = False
        self.connections = 0
        self.beat_ns = 0
        self._connect = connect
        self._listener = listener
        self._clock = clock
        self._jitter = jitter
        self._unsent: asyncio.Queue[str] = asyncio.Queue(_UNSENT_MAX)
        self._heard_ns = 0
        self._dropped: str | None = None

    def send(self, texts: Iterable[str]) -> None:
        """In order, to the present connection; texts of an earlier one are never sent."""
        for text in texts:
            if self._unsent.full():
                self.drop("it takes nothing more from us")
                return
            self._unsent.put_nowait(text)

    def drop(self, why: str) -> None:
        """Gives up the present connection, at the next tick, and connects anew."""
        self._dropped = why

    async def run(self) -> None:
        """Until cancelled. Raises AuthRefused when the venue does not let us in: no more tries."""
        failures = 0
        while True:
            began_ns = self._clock.monotonic_ns()
            wait_ms = 0
            try:
                connection = await self._connect()
            except Unavailable as error:
                why = error.why
                if isinstance(error, RateLimited):
                    wait_ms = min((error.retry_after_s or 0) * 1_000, _WAIT_MS_MAX)
            else:
                began_ns = self._clock.monotonic_ns()
                why = await self._converse(connection)
            steady = self._clock.monotonic_ns() - began_ns >= _STEADY_NS
            failures = 1 if steady else failures + 1
            self._listener.lost(why)
            await self._clock.sleep_ms(max(wait_ms, back_off_ms(failures, self._jitter)))

    async def _converse(self, connection: Connection) -> str:
        """One connection from beginning to end; returns why it ended."""
        self._unsent = asyncio.Queue(_UNSENT_MAX)
        self._dropped = None
        self._heard_ns = self.beat_ns = self._clock.monotonic_ns()
        self.connections += 1
        self.up = True
        why = "it ended"
        try:
            self._listener.connected()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._read(connection))
                group.create_task(self._write(connection))
                group.create_task(self._watch())
                group.create_task(self._ping(connection))
        except* Unavailable as gone:
            why = "; ".join(
                error.why for error in gone.exceptions if isinstance(error, Unavailable)
            )
        finally:
            self.up = False
            await connection.close()
        return why

    async def _read(self, connection: Connection) -> None:
        while True:
            raw = await connection.recv()
            self._heard_ns = self._clock.monotonic_ns()
            self._listener.received(raw)

    async def _write(self, connection: Connection) -> None:
        while True:
            await connection.send(await self._unsent.get())

    async def _watch(self) -> None:
        """Gives up a connection that stays silent, or that its owner or its listener wants gone."""
        while True:
            for _ in range(TICK_MS // BEAT_MS):
                await self._clock.sleep_ms(BEAT_MS)
                self.beat_ns = self._clock.monotonic_ns()
            if self._dropped is None and silent(self._heard_ns, self._clock.monotonic_ns()):
                self._dropped = "nothing came for 30 s"
            if why := self._dropped or self._listener.tick():
                raise Unavailable("the stream", why)

    async def _ping(self, connection: Connection) -> None:
        """Asks a quiet connection for a sign of life, and one of whose frames some may have waited
        here."""
        while True:
            await self._clock.sleep_ms(PING_MS)
            asked_ns = self._clock.monotonic_ns()
            if self._listener.behind or asked_ns - self._heard_ns >= PING_MS * 1_000_000:
                await connection.ping()
                self._heard_ns = self._clock.monotonic_ns()
                self._listener.heartbeat(asked_ns)


def websocket(
    venue: str,
    url: str,
    headers: Callable[[], Mapping[str, str]],
    learn: Callable[[Mapping[str, str], Mapping[str, str]], bool] = lambda _sent, _answer: False,
) -> Connect:
    """The real network. `headers` is asked for every connection anew: signatures expire. `learn` is
    given what we sent and what a 401 answered; it says whether another try is worth it."""

    async def open_one() -> Connection:
        sent = headers()
        try:
            found = await _Straight(
                url,
                additional_headers=sent,
                user_agent_header="dutchbook",
                compression=None,
                proxy=None,
                open_timeout=_OPEN_S,
                ping_interval=None,
                close_timeout=1,
                max_size=FRAME_MAX,
                max_queue=_UNREAD_MAX,
            )
        except InvalidStatus as refused:
            if refused.response.status_code == 401 and learn(sent, refused.response.headers):
                raise Unavailable(venue, "its clock and ours differ") from None
            raise _refusal(venue, refused) from None
        except (OSError, TimeoutError, InvalidHandshake, InvalidURI) as error:
            raise Unavailable(venue, str(error) or type(error).__name__) from error
        return _Network(venue, found)

    return open_one


class _Straight(connect):
    """Follows no redirect: our signature is for one host. The library has no setting for that."""

    def process_redirect(self, exc: Exception) -> Exception:
        return exc


class _Network:
    """A Connection over the network."""

    def __init__(self, venue: str, connection: ClientConnection) -> None:
        self._venue = venue
        self._connection = connection

    async def send(self, text: str) -> None:
        try:
            await self._connection.send(text)
        except WebSocketException as error:
            raise self._gone(error) from None

    async def recv(self) -> bytes:
        try:
            return await self._connection.recv(decode=False)
        except WebSocketException as error:
            raise self._gone(error) from None

    async def ping(self) -> None:
        try:
            await (await self._connection.ping())
        except WebSocketException as error:
            raise self._gone(error) from None

    async def close(self) -> None:
        await self._connection.close()

    def _gone(self, error: WebSocketException) -> Unavailable:
        return Unavailable(self._venue, str(error) or type(error).__name__)


def _refusal(venue: str, refused: InvalidStatus) -> AuthRefused | Unavailable:
    status = refused.response.status_code
    body = refused.response.body or b""
    if status in {401, 403} and not body.lstrip().startswith(b"<"):  # a page is a proxy's word
        words = body[:200].decode(errors="replace")
        return AuthRefused(venue, status, words.strip())
    if status == 429:
        wait = refused.response.headers.get("retry-after", "")
        return RateLimited(venue, int(wait) if wait.isdecimal() and len(wait) < 10 else None)
    return Unavailable(venue, f"it answered the upgrade with HTTP {status}")
