"""A REST call as a value, and the one place that sends it: rate limit, retry, deadline, errors.

Reads are retried while a venue is unavailable; a write leaves once, and unless the answer is
definite its outcome is unknown (venues/errors.py, OrderUnknown). Settings that matter for safety:
certificates are always checked, redirects are never followed, proxy variables are ignored, and a
body may not grow past the call's cap.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import NoneType
from typing import Any, Final, Generic, Protocol, Self, TypeAlias, TypeVar

import httpx2
import msgspec
import stamina

from venues.clock import Clock
from venues.errors import (
    AuthRefused,
    NotFound,
    OrderUnknown,
    RateLimited,
    Refused,
    Unavailable,
    VenueError,
    WireError,
)
from venues.hiding import Hiding
from venues.skew import Skew

MIB: Final = 1024 * 1024
T = TypeVar("T")
_NEVER_SENT: Final = (
    *(httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout),
    httpx2.UnsupportedProtocol,
)
_HIGHEST_RETRY_WAIT_S: Final = 30
_RESIGN_MS: Final = 1_000
_NOTHING_TO_HIDE: Final = Hiding()
_NAME_FAILURES: Final = (
    *("name resolution", "Name or service not known", "associated with hostname"),  # Linux
    *("nodename nor servname", "getaddrinfo failed"),  # macOS, Windows
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[T]):
    """One REST call. `answer` is the msgspec type of its body; `cost` is in the venue's tokens.

    `params` keeps its order and may repeat a name. `body` is the exact bytes of a JSON body.
    `route` is the path's template as the venue prints it, the key of its price list; `items` says
    how many times that price is paid. `urgent` goes ahead of others in the rate budget. `signed`
    needs keys. An `answer` of NoneType means that the body is not read; no error keeps a `secret`
    one.
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
    route: str = ""
    items: int = 1
    urgent: bool = False
    signed: bool = False
    secret: bool = False

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
    body: bytes = field(repr=False)
    retry_after: str = ""


Keep: TypeAlias = Callable[[Exchange], None]
"""Is told of an answer before it is parsed."""


class Gate(Protocol):
    """Lets calls pass at the venue's pace: a TokenBucket, or what knows a venue's price list."""

    async def admit(self, call: Call[Any]) -> None: ...

    def refused(self, call: Call[Any]) -> None:
        """The venue answered 429."""
        ...


class Http:
    """Sends calls to one venue. Use as `async with`.

    `hosts` maps a call's host name to its base URL. `auth` signs. `transport` replaces the network
    (a tape, a test, a simulated venue); `keep` is told of every answer before it is parsed. `skew`
    learns how far the venue's clock is from ours. `modes` knows answers, not accepted or with an
    error in them, that mean something of their own; None for all others. `hide`: takes the
    secrets that we send out of every answer.
    """

    def __init__(
        self,
        *,
        venue: str,
        hosts: dict[str, str],
        clock: Clock,
        bucket: Gate,
        auth: httpx2.Auth | None = None,
        skew: Skew | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
        keep: Keep | None = None,
        attempts: int = 4,
        modes: Callable[[Exchange], VenueError | None] = lambda _: None,
        hide: Hiding = _NOTHING_TO_HIDE,
    ) -> None:
        self.skew = skew or Skew()
        self._venue = venue
        self._hosts = hosts
        self._clock = clock
        self._bucket = bucket
        self._keep = keep
        self._attempts = attempts
        self._modes = modes
        self._hide = hide
        self._client = httpx2.AsyncClient(
            auth=auth,
            transport=transport,
            trust_env=False,
            follow_redirects=False,
            headers={"accept": "application/json", "user-agent": "dutchbook"},
        )

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._client.__aexit__()

    async def send(self, call: Call[T], *, attempts: int | None = None) -> T:
        """The parsed answer of a read, retried while the venue is merely unavailable.

        Raises Unavailable, RateLimited, Refused, AuthRefused, NotFound or WireError.
        """
        most = attempts or self._attempts
        async for attempt in stamina.retry_context(
            on=_wait_before_retry, attempts=most, timeout=None, wait_initial=1, wait_max=8
        ):
            with attempt:
                await self._bucket.admit(call)
                exchange = await self._exchange(call)
                if self._keep:
                    self._keep(exchange)
                return self._parsed(call, exchange)
        raise AssertionError("stamina ends by returning or raising")

    async def act(self, call: Call[T], about: str) -> T:
        """The parsed answer of a write; `about` names what it is for, an order by our own id.

        Sent once, and kept on no tape. Raises Unavailable, RateLimited, Refused, AuthRefused or
        NotFound where the venue surely did nothing, and OrderUnknown for everything that is not a
        definite answer. A write that waits for the rate limit as long as its deadline is not sent.
        """
        try:
            async with asyncio.timeout(call.deadline_s):
                await self._bucket.admit(call)
        except TimeoutError:
            why = f"the rate limit left no room within {call.deadline_s} s"
            raise Unavailable(self._venue, why, definite=True) from None
        try:
            exchange = await self._exchange(call)
            return self._parsed(call, exchange)
        except (Unavailable, Refused) as error:
            if error.definite:
                raise
            raise OrderUnknown(self._venue, about) from error
        except WireError as error:
            raise OrderUnknown(self._venue, about) from error

    def _parsed(self, call: Call[T], exchange: Exchange) -> T:
        if exchange.status == 429:
            self._bucket.refused(call)
        if exchange.status not in call.accepted:
            raise self._modes(exchange) or _refusal(self._venue, exchange)
        if _says_error(exchange.body):
            said = "a success with an error in it"
            raise self._modes(exchange) or WireError(self._venue, str(call), said)
        try:
            return parse(self._venue, str(call), exchange.body, call.answer)
        except WireError as error:
            error.payload = b"" if call.secret else error.payload
            raise

    async def _exchange(self, call: Call[T]) -> Exchange:
        """One answer. A 401 by which we learn that our clock is off is asked for once more, with
        the right time: the venue did nothing the first time."""
        before_ms = self.skew.correction_ms
        exchange = await self._exchange_once(call)
        if exchange.status == 401 and abs(self.skew.correction_ms - before_ms) > _RESIGN_MS:
            try:
                async with asyncio.timeout(call.deadline_s):
                    await self._bucket.admit(call)
            except TimeoutError:
                return exchange  # the refusal stands
            exchange = await self._exchange_once(call)
        return exchange

    async def _exchange_once(self, call: Call[T]) -> Exchange:
        try:
            async with asyncio.timeout(call.deadline_s), self._stream(call) as response:
                self.skew.learn(response.headers, self._clock.now_ms())
                body = self._hide(await _capped(self._venue, response, call.bytes_max))
        except TimeoutError:
            raise Unavailable(self._venue, f"no answer within {call.deadline_s} s") from None
        except _NEVER_SENT as error:
            raise Unavailable(self._venue, _why(error), definite=True) from error
        except (httpx2.HTTPError, OSError) as error:  # a broken TLS record is an OSError
            raise Unavailable(self._venue, _why(error)) from error
        return Exchange(
            venue=self._venue,
            method=call.method,
            url=str(response.request.url),
            request=(call.body or b"").decode(),
            status=response.status_code,
            received_ms=self._clock.now_ms(),
            body=body,
            retry_after=response.headers.get("retry-after", ""),
        )

    @asynccontextmanager
    async def _stream(self, call: Call[T]) -> AsyncIterator[httpx2.Response]:
        async with self._client.stream(
            call.method,
            self._hosts[call.host] + call.path,
            params=httpx2.QueryParams(call.params) if call.params else None,
            content=call.body,
            headers={"content-type": "application/json"} if call.body is not None else None,
            timeout=httpx2.Timeout(None, connect=max(1, min(5, call.deadline_s - 1))),
        ) as response:
            yield response


def parse(venue: str, where: str, body: bytes, answer: type[T]) -> T:
    """Body → `answer`. Raises Unavailable for what isn't JSON, WireError for an unknown shape."""
    if answer is NoneType:
        return None  # type: ignore[return-value] # T is None here
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


def _says_error(body: bytes) -> bool:
    """Whether a body is an object with an error of its own, as a failure behind a 2xx has."""
    if b'"error"' not in body:
        return False
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return False  # parsing will say so
    return isinstance(found, dict) and bool(found.get("error"))


def _refusal(venue: str, exchange: Exchange) -> VenueError:
    """The error that an answer means. A refusal is definite if it says why, in JSON."""
    status = exchange.status
    if status == 429:
        wait = exchange.retry_after
        return RateLimited(venue, int(wait) if wait.isdecimal() and len(wait) < 10 else None)
    if _is_page(exchange.body):
        return Unavailable(venue, f"it answered HTTP {status} with a web page instead of data")
    if status >= 500 or status in (408, 425) or status < 400:
        return Unavailable(venue, f"it answered HTTP {status}", definite=status == 425)
    said, code = words(exchange.body)
    kind = {401: AuthRefused, 403: AuthRefused, 404: NotFound}.get(status, Refused)
    return kind(venue, status, said, code)


def words(body: bytes) -> tuple[str, str]:
    """The venue's reason and its code, from any of the error shapes seen, "" where it has none.

    `{"error": {"code", "message", "details"}}`, the same flat, `{"error": "…"}`, `{"msg": "…"}`,
    `{"errorMsg": "…"}`; printable and cut short.
    """
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return "", ""
    if isinstance(found, dict) and isinstance(found.get("error"), dict):
        found = found["error"]
    if not isinstance(found, dict):
        return (printable(found) if isinstance(found, str) else ""), ""
    names = ("error", "message", "msg", "errorMsg", "details", "code")
    said = next((found[name] for name in names if found.get(name)), "")
    details = found.get("details") or said
    whole = said if details == said else f"{said} ({details})"
    return printable(whole), printable(found.get("code") or "")


def printable(said: object) -> str:
    """A venue's own words: what may be shown of them, cut short."""
    return "".join(c for c in str(said) if c.isprintable())[:200]


def _why(error: httpx2.HTTPError | OSError) -> str:
    cause = str(error) or type(error).__name__
    if any(part in cause for part in _NAME_FAILURES):
        return "its name could not be looked up (no network or no DNS?)"
    return cause
