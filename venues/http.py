"""A REST call as a value, and the one place that sends it: rate limit, retry, deadline, errors.

Only reads are sent so far. Placing an order is never retried here (venues/errors.py, OrderUnknown).
Settings that matter for safety: certificates are always checked, redirects are never followed,
proxy variables are ignored, and a body may not grow past the call's cap.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final, Generic, Self, TypeVar

import httpx2
import msgspec
import stamina

from venues.bucket import TokenBucket
from venues.clock import Clock
from venues.errors import (
    AuthRefused,
    NotFound,
    RateLimited,
    Refused,
    Unavailable,
    VenueError,
    WireError,
)

MIB: Final = 1024 * 1024
T = TypeVar("T")
_HIGHEST_RETRY_WAIT_S: Final = 30
_NAME_FAILURES: Final = (
    *("name resolution", "Name or service not known", "associated with hostname"),  # Linux
    *("nodename nor servname", "getaddrinfo failed"),  # macOS, Windows
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[T]):
    """One REST read. `answer` is the msgspec type of its body; `cost` is in the venue's tokens.

    `params` keeps its order and may repeat a name. `body` is the exact bytes of a JSON body.
    """

    method: str
    path: str
    answer: type[T]
    params: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    cost: int = 1
    bytes_max: int = 8 * MIB
    deadline_s: int = 10
    host: str = ""
    accepted: tuple[int, ...] = (200,)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One answer as it came: what a tape keeps. `request` is the body we sent, "" for none."""

    venue: str
    method: str
    url: str
    request: str
    status: int
    received_ms: int
    body: bytes


class Http:
    """Sends calls to one venue. Use as `async with`.

    `hosts` maps a call's host name to its base URL. `transport` replaces the network (a tape, a
    test); `keep` is told of every answer before it is parsed. `skew_ms` is how far the venue's
    clock was ahead of ours in its last `Date` header, None before the first answer.
    """

    def __init__(
        self,
        *,
        venue: str,
        hosts: dict[str, str],
        clock: Clock,
        bucket: TokenBucket,
        transport: httpx2.AsyncBaseTransport | None = None,
        keep: Callable[[Exchange], None] | None = None,
        attempts: int = 4,
    ) -> None:
        self.skew_ms: int | None = None
        self._venue = venue
        self._hosts = hosts
        self._clock = clock
        self._bucket = bucket
        self._keep = keep
        self._attempts = attempts
        self._client = httpx2.AsyncClient(
            transport=transport,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx2.Timeout(None, connect=5),
            headers={"accept": "application/json", "user-agent": "dutchbook"},
        )

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._client.__aexit__()

    async def send(self, call: Call[T]) -> T:
        """The parsed answer of a read, retried while the venue is merely unavailable.

        Raises Unavailable, RateLimited, Refused, AuthRefused, NotFound or WireError.
        """
        async for attempt in stamina.retry_context(
            on=_wait_before_retry, attempts=self._attempts, timeout=None, wait_initial=1, wait_max=8
        ):
            with attempt:
                return await self._send_once(call)
        raise AssertionError("stamina ends by returning or raising")

    async def _send_once(self, call: Call[T]) -> T:
        await self._bucket.take(call.cost)
        exchange, headers = await self._exchange(call)
        if self._keep:
            self._keep(exchange)
        if exchange.status not in call.accepted:
            raise _refusal(self._venue, exchange, headers)
        return parse(self._venue, str(call), exchange.body, call.answer)

    async def _exchange(self, call: Call[T]) -> tuple[Exchange, httpx2.Headers]:
        try:
            async with asyncio.timeout(call.deadline_s), self._stream(call) as response:
                body = await _capped(self._venue, response, call.bytes_max)
        except TimeoutError:
            raise Unavailable(self._venue, f"no answer within {call.deadline_s} s") from None
        except httpx2.HTTPError as error:
            raise Unavailable(self._venue, _why(error)) from error
        now_ms = self._clock.now_ms()
        self.skew_ms = _skew(response.headers.get("date"), now_ms, self.skew_ms)
        exchange = Exchange(
            venue=self._venue,
            method=call.method,
            url=str(response.request.url),
            request=(call.body or b"").decode(),
            status=response.status_code,
            received_ms=now_ms,
            body=body,
        )
        return exchange, response.headers

    @asynccontextmanager
    async def _stream(self, call: Call[T]) -> AsyncIterator[httpx2.Response]:
        async with self._client.stream(
            call.method,
            self._hosts[call.host] + call.path,
            params=httpx2.QueryParams(call.params) if call.params else None,
            content=call.body,
            headers={"content-type": "application/json"} if call.body is not None else None,
        ) as response:
            yield response


def parse(venue: str, where: str, body: bytes, answer: type[T]) -> T:
    """Body → `answer`. Raises Unavailable for what isn't JSON, WireError for an unknown shape."""
    if _is_page(body):
        raise Unavailable(venue, "it answered with a web page instead of data")
    try:
        return msgspec.json.decode(body, type=answer)
    except msgspec.ValidationError as error:
        raise WireError(venue, where, str(error), body) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unavailable(venue, "its answer was cut off or is not JSON") from None


def _is_page(body: bytes) -> bool:
    return body.lstrip()[:1] == b"<"


async def _capped(venue: str, response: httpx2.Response, bytes_max: int) -> bytes:
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > bytes_max:
            raise WireError(venue, str(response.request.url.path), f"over {bytes_max // MIB} MiB")
    return bytes(body)


def _wait_before_retry(error: Exception) -> bool | float:
    """stamina's question: False gives up, True backs off with jitter, a number waits that long."""
    if isinstance(error, RateLimited) and error.retry_after_s is not None:
        return error.retry_after_s if error.retry_after_s <= _HIGHEST_RETRY_WAIT_S else False
    return isinstance(error, Unavailable)


def _refusal(venue: str, exchange: Exchange, headers: httpx2.Headers) -> VenueError:
    status = exchange.status
    if status == 429:
        wait = headers.get("retry-after", "")
        return RateLimited(venue, int(wait) if wait.isdecimal() and len(wait) < 10 else None)
    if _is_page(exchange.body):
        return Unavailable(venue, f"it answered HTTP {status} with a web page instead of data")
    if status >= 500 or status in (408, 425) or status < 400:
        return Unavailable(venue, f"it answered HTTP {status}")
    words = _words(exchange.body)
    if status in (401, 403):
        return AuthRefused(venue, status, words)
    if status == 404:
        return NotFound(venue, status, words)
    return Refused(venue, status, words)


def _words(body: bytes) -> str:
    """The venue's own reason, from any of the error shapes seen; printable and cut short."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    for _ in range(2):
        if isinstance(found, dict):
            names = ("error", "message", "msg", "errorMsg", "details", "code")
            found = next((found[name] for name in names if found.get(name)), "")
    return "".join(c for c in str(found) if c.isprintable())[:200]


def _why(error: httpx2.HTTPError) -> str:
    cause = str(error) or type(error).__name__
    if any(words in cause for words in _NAME_FAILURES):
        return "its name could not be looked up (no network or no DNS?)"
    return cause


def _skew(date: str | None, now_ms: int, before: int | None) -> int | None:
    try:
        return int(parsedate_to_datetime(date or "").timestamp()) * 1_000 - now_ms
    except (ValueError, OverflowError):
        return before
