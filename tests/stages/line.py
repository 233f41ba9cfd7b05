"""What goes over the wire between our processes and the simulated venues: all of it is seen, and
may be slowed down, held up and cut.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import httpx2
from sim_disk import Disk

from venues import Clock

ORDERS: Final = ("/trade-api/v2/portfolio/events/orders", "/order")


@dataclass(slots=True, kw_only=True)
class Said:
    """One request. `body`: the hash of its bytes; `rows`: how many rows the journal had; `status`
    of the answer, 0 where none came."""

    number: int
    venue: str
    method: str
    path: str
    body: str
    text: bytes
    at_ms: int
    rows: int
    status: int = 0

    @property
    def is_order(self) -> bool:
        return self.method == "POST" and self.path in ORDERS

    @property
    def is_write(self) -> bool:
        return self.method != "GET" and not self.path.endswith("/books")

    def asks(self, name: str) -> str:
        """A field of an order's body."""
        return str(json.loads(self.text)[name])


Hook = Callable[[Said], None]


@dataclass(slots=True)
class Line:
    """`before` and `after` the venue has a request; both may raise. A process whose `life` is over
    reaches nobody any more. `clogged`: venues whose link stands still."""

    clock: Clock
    disk: Disk
    said: list[Said] = field(default_factory=list)
    before: list[Hook] = field(default_factory=list)
    after: list[Hook] = field(default_factory=list)
    latency_ms: Callable[[], int] = lambda: 0
    life: int = 0
    clogged: dict[str, asyncio.Event] = field(default_factory=dict)
    late: list[tuple[httpx2.AsyncBaseTransport, httpx2.Request]] = field(default_factory=list)

    def to(self, venue: str, inner: httpx2.AsyncBaseTransport) -> httpx2.AsyncBaseTransport:
        return _Wire(self, venue, inner, self.life)

    def orders(self, venue: str = "") -> list[Said]:
        return [each for each in self.said if each.is_order and venue in {"", each.venue}]

    def clog(self, venue: str) -> None:
        self.clogged.setdefault(venue, asyncio.Event())

    def unclog(self, venue: str) -> None:
        if found := self.clogged.pop(venue, None):
            found.set()

    async def deliver(self) -> None:
        """What was held up so long that nobody waits for its answer reaches its venue now."""
        late, self.late[:] = list(self.late), []
        for inner, request in late:
            try:
                await (await inner.handle_async_request(request)).aread()
            except httpx2.HTTPError:
                continue


class _Wire(httpx2.AsyncBaseTransport):
    def __init__(self, line: Line, venue: str, inner: httpx2.AsyncBaseTransport, life: int) -> None:
        self._line = line
        self._venue = venue
        self._inner = inner
        self._life = life

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        line, body = self._line, await request.aread()
        await line.clock.sleep_ms(line.latency_ms())
        self._must_live()
        said = Said(
            number=len(line.said) + 1,
            venue=self._venue,
            method=request.method,
            path=request.url.path,
            body=hashlib.sha256(body).hexdigest(),
            text=body,
            at_ms=line.clock.now_ms(),
            rows=len(line.disk.platter),
        )
        line.said.append(said)
        for hook in tuple(line.before):
            hook(said)
        if stuck := line.clogged.get(self._venue):
            await self._wait(stuck, request)
        response = await self._inner.handle_async_request(request)
        await response.aread()
        said.status = response.status_code
        for hook in tuple(line.after):
            hook(said)
        await line.clock.sleep_ms(line.latency_ms())
        self._must_live()
        return response

    async def _wait(self, stuck: asyncio.Event, request: httpx2.Request) -> None:
        try:
            await stuck.wait()
        except asyncio.CancelledError:
            self._line.late.append((self._inner, request))
            raise

    def _must_live(self) -> None:
        if self._life != self._line.life:
            raise httpx2.ConnectError("this process is gone")
