"""The REST face of the simulated Kalshi: a plain ASGI app over a `House`.

In process: `httpx2.AsyncClient(transport=httpx2.ASGITransport(app=RestApp(…)))`. On loopback:
`venues.sim.loopback.serving(app)`, or uvicorn with its own Date and Server headers turned off.
"""

from __future__ import annotations

from typing import Final

from venues.clock import Clock
from venues.sim import asgi
from venues.sim.faults import Answer, Faults, Kind, Message, Receive, Send, deliver
from venues.sim.kalshi import (
    rest_candles,
    rest_events,
    rest_exchange,
    rest_groups,
    rest_markets,
    rest_moves,
    rest_orders,
    rest_portfolio,
)
from venues.sim.kalshi.house import House
from venues.sim.kalshi.refusal import Refusal, not_found
from venues.sim.kalshi.rest_ask import Ask, BadQuery, Handler, Json, Query, Said, not_simulated
from venues.sim.kalshi.rest_auth import PREFIX, ApiKey, ApiKeys, permission_denied, scopes
from venues.sim.kalshi.rest_charges import charged
from venues.sim.kalshi.rest_routes import Found, find
from venues.sim.kalshi.wire_out import flat_error
from venues.sim.kalshi.wire_text import http_date, json_text

HANDLERS: Final[dict[tuple[str, str], Handler]] = {
    **rest_exchange.HANDLERS,
    **rest_markets.HANDLERS,
    **rest_events.HANDLERS,
    **rest_orders.HANDLERS,
    **rest_groups.HANDLERS,
    **rest_portfolio.HANDLERS,
    **rest_candles.HANDLERS,
    **rest_moves.HANDLERS,
}
"""The core operations, candles, transfers, netting; what is in the table of routes and not here
answers 501."""

_CACHED: Final = {"/markets", "/markets/{ticker}", "/series", "/series/{series_ticker}"}


class RestApp:
    """One exchange's REST API, with the prefix /trade-api/v2.

    `faults` decides what goes wrong. `clock_offset_ms` makes the venue's clock differ from ours: in
    the Date header and in what signatures are in time.
    """

    def __init__(
        self,
        house: House,
        keys: ApiKeys,
        clock: Clock,
        *,
        faults: Faults | None = None,
        clock_offset_ms: int = 0,
    ) -> None:
        self.house = house
        self.keys = keys
        self.faults = faults or Faults()
        self.clock_offset_ms = clock_offset_ms
        self._clock = clock
        self._cache: dict[tuple[str, str], tuple[int, Said]] = {}

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
        said = Said({}) if asgi.unheard(fault) else self._answer(request, found)
        if fault and fault.processed:
            await self._clock.sleep_ms(fault.delay_ms)
        if fault and fault.kind is Kind.STATUS:
            said = _failure(fault.status)
        await deliver(self._dressed(said), fault, receive, send)

    def _answer(self, request: asgi.Request, found: Found | Refusal) -> Said:
        self.house.advance()
        try:
            if isinstance(found, Refusal):
                raise found
            return self._handled(request, found)
        except Refusal as refusal:
            return Said(_refusal_body(refusal), refusal.status)
        except BadQuery as bad:
            return Said({"msg": str(bad)}, 400)

    def _handled(self, request: asgi.Request, found: Found) -> Said:
        operation = found.operation
        key = self._key(request, signed=operation.signed)
        ask = Ask(
            house=self.house,
            operation=operation,
            values=found.values,
            query=Query(request.query),
            body=request.body,
            content_type=request.headers.get("content-type", ""),
            key=key,
        )
        if key is not None and operation.signed and not key.may(*scopes(*operation[:2])):
            raise permission_denied()
        if key is None and not self.house.limits.charge_ip(request.client):
            raise Refusal(429, "too_many_requests", "too many requests")
        if key is not None and not charged(ask):
            return _failure(429)
        if operation.gone:
            raise Refusal(410, "deprecated_v1_order_endpoint", "use /portfolio/events/orders")
        return self._cached(request, ask)

    def _key(self, request: asgi.Request, *, signed: bool) -> ApiKey | None:
        """Who signed. A public operation does not mind a wrong signature or none."""
        try:
            return self.keys.verify(
                request.headers,
                method=request.method,
                path=request.path,
                now_ms=self.house.now_ms + self.clock_offset_ms,
                skew_ms=self.house.knobs.skew_ms,
            )
        except Refusal:
            if signed:
                raise
            return None

    def _cached(self, request: asgi.Request, ask: Ask) -> Said:
        """What a content network kept for `knobs.market_cache_ms` (section 2)."""
        handler = HANDLERS.get(ask.operation[:2], not_simulated)
        kept_ms, now_ms = self.house.knobs.market_cache_ms, self.house.now_ms
        if not kept_ms or ask.operation.route not in _CACHED:
            return handler(ask)
        name = (request.path, request.query)
        at_ms, said = self._cache.get(name, (now_ms - kept_ms, Said({})))
        if now_ms - at_ms < kept_ms:
            return said
        said = handler(ask)
        self._cache[name] = now_ms, said
        return said

    def _dressed(self, said: Said) -> Answer:
        self.house.advance()
        date = http_date(self.house.now_ms + self.clock_offset_ms).encode()
        if said.status == 204:
            return Answer(204, ((b"date", date),))
        headers = ((b"date", date), (b"content-type", b"application/json"))
        return Answer(said.status, headers, json_text(said.body).encode())


def _found(request: asgi.Request) -> Found | Refusal:
    if not request.path.startswith(PREFIX + "/"):
        return not_found("page")
    try:
        return find(request.method, request.path.removeprefix(PREFIX))
    except Refusal as refusal:
        return refusal


def _refusal_body(refusal: Refusal) -> Json:
    """Nested, but for content-type errors (section 4)."""
    flat = flat_error(refusal)
    return flat if refusal.code == "invalid_content_type" else {"error": flat}


def _failure(status: int) -> Said:
    """What stands in for an answer: a bare string for 429, nested for the rest."""
    if status == 429:
        return Said({"error": "too many requests"}, 429)
    words = {500: "internal_server_error", 502: "bad_gateway", 503: "service_unavailable"}
    code = words.get(status, "gateway_timeout")
    return Said({"error": {"code": code, "message": code.replace("_", " ")}}, status)
