"""The REST faces of the simulated Polymarket: a plain ASGI app over a `House`.

One port for all hosts: the exchange at "", the others below /gamma, /data, /relayer, /site and
/rpc. In process: `httpx2.AsyncClient(transport=httpx2.ASGITransport(app=RestApp(…)))`. On loopback:
`venues.sim.loopback.serving(app)`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from venues.clock import Clock
from venues.sim import asgi
from venues.sim.faults import Answer, Faults, Kind, Message, Receive, Send, deliver
from venues.sim.polymarket import (
    gamma,
    rest_account,
    rest_books,
    rest_data,
    rest_markets,
    rest_orders,
    rest_relayer,
    rest_rpc,
)
from venues.sim.polymarket.house import House
from venues.sim.polymarket.refusal import Refusal
from venues.sim.polymarket.rest_ask import Ask, Handlers, Json, Query, Said
from venues.sim.polymarket.rest_auth import key_of
from venues.sim.polymarket.rest_limits import Buckets, Windows
from venues.sim.polymarket.rest_routes import Door, Found, find
from venues.sim.polymarket.rest_shelf import Shelf
from venues.sim.polymarket.rest_tokens import charged
from venues.sim.polymarket.wire_text import http_date, json_text


def _geoblock(ask: Ask) -> Said:
    return Said(ask.shelf.geoblock)


HANDLERS: Final[Handlers] = {
    **rest_books.HANDLERS,
    **rest_markets.HANDLERS,
    **rest_account.HANDLERS,
    **rest_orders.HANDLERS,
    **gamma.HANDLERS,
    **rest_data.HANDLERS,
    **rest_relayer.HANDLERS,
    **rest_rpc.HANDLERS,
    ("GET", "/site/api/geoblock"): _geoblock,
}


class RestApp:
    """`faults` decides what goes wrong. `clock_offset_ms` makes the venue's clock differ from ours:
    in the Date header, in /time and in which signatures are in time.

    `shelf` holds `geoblock` and the relayer's keys. `buckets` are those of §15.2, None for none.
    """

    def __init__(
        self,
        house: House,
        clock: Clock,
        *,
        faults: Faults | None = None,
        clock_offset_ms: int = 0,
    ) -> None:
        self.house = house
        self.faults = faults or Faults()
        self.clock_offset_ms = clock_offset_ms
        self.shelf = Shelf.of(house)
        self.buckets: Buckets | None = None
        self._windows = Windows()
        self._clock = clock

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Raises `faults.Dropped` where a fault closes the connection."""
        if scope["type"] == "lifespan":
            await asgi.live(receive, send)
        elif scope["type"] == "http":
            await self._serve(await asgi.read(scope, receive), receive, send)
        else:
            raise ValueError(f"this app does not speak {scope['type']}")

    async def _serve(self, request: asgi.Request, receive: Receive, send: Send) -> None:
        found = _found(request)
        route = found.operation.route if isinstance(found, Found) else request.path
        fault = self.faults.next(request.method, route)
        if fault and not fault.processed:
            await self._clock.sleep_ms(fault.delay_ms)
        said = Said({}) if asgi.unheard(fault) else await self._answer(request, found)
        if fault and fault.processed:
            await self._clock.sleep_ms(fault.delay_ms)
        if fault and fault.kind is Kind.STATUS:
            said = Said({"error": _FAILURES.get(fault.status, "Bad Gateway")}, fault.status)
        await deliver(self._dressed(said), fault, receive, send)

    async def _answer(self, request: asgi.Request, found: Found | Refusal) -> Said:
        """What is held back by a taker's delay is waited for (§9.7)."""
        said = self._said(lambda: self._handled(request, found), request.path)
        while said.later is not None:
            while (wait_ms := said.due_ms - self._clock.now_ms()) > 0:
                await self._clock.sleep_ms(wait_ms)
            said = self._said(said.later, request.path)._replace(headers=said.headers)
        return said

    def _said(self, handle: Callable[[], Said], path: str) -> Said:
        self.house.advance()
        try:
            return handle()
        except Refusal as refusal:
            return _refused(refusal, path)

    def _handled(self, request: asgi.Request, found: Found | Refusal) -> Said:
        if isinstance(found, Refusal):
            raise found
        door, method, route = found.operation
        if self.house.knobs.rate_limits:
            self._windows.pass_through(request.client, method, route, self.house.now_ms)
        ask = self._let_in(request, found, door)
        handle = HANDLERS[method, route]
        if self.buckets is None or ask.key is None:
            return handle(ask)
        return charged(self.buckets, ask, route, handle)

    def _let_in(self, request: asgi.Request, found: Found, door: Door) -> Ask:
        ask = Ask(
            house=self.house,
            shelf=self.shelf,
            method=request.method,
            path=request.path,
            values=found.values,
            query=Query(request.query),
            headers=request.headers,
            body=request.body,
            clock_offset_ms=self.clock_offset_ms,
        )
        if door is Door.RELAYER:
            rest_relayer.authorised(ask)
        if door is not Door.L2:
            return ask
        key = key_of(
            self.house,
            request.headers,
            method=request.method,
            path=request.path,
            body=request.body,
            now_ms=self.house.now_ms + self.clock_offset_ms,
        )
        return replace(ask, key=key)

    def _dressed(self, said: Said) -> Answer:
        self.house.advance()
        date = http_date(self.house.now_ms + self.clock_offset_ms).encode()
        headers = ((b"date", date), (b"content-type", b"application/json"), *said.headers)
        return Answer(said.status, headers, json_text(said.body).encode())


_FAILURES: Final = {
    429: "Too Many Requests",
    500: "Internal server error",
    503: "Service Unavailable",
}


def _found(request: asgi.Request) -> Found | Refusal:
    try:
        return find(request.method, request.path)
    except Refusal as refusal:
        return refusal


def _refused(refusal: Refusal, path: str) -> Said:
    """`{"error": …}`, with what the venue adds; the catalogue says a type too."""
    body: dict[str, Json] = {"error": refusal.words}
    if path.startswith("/gamma/"):
        body = {"type": _GAMMA_TYPES.get(refusal.status, "error"), **body}
    if refusal.order_id:
        body["orderID"] = refusal.order_id
    if refusal.code:
        body["code"] = refusal.code
        body["retry_after_seconds"] = refusal.retry_after_s
    after = refusal.retry_after_s
    headers = () if after is None else ((b"retry-after", str(after).encode()),)
    return Said(body, refusal.status, headers)


_GAMMA_TYPES: Final = {404: "not found error", 422: "validation error", 400: "validation error"}
