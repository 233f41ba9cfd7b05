"""What goes wrong on the way between a client and a simulated venue, request by request.

A face asks `Faults.next` once per request and lets `deliver` send its answer. Generic: it knows
methods, routes and ASGI, and no venue.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple

import httpx2

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Message], Awaitable[None]]

PAGE: Final = b"<!DOCTYPE html><html><title>Just a moment</title><body>Please wait.</body></html>"
PER: Final = 1_000_000


class Kind(StrEnum):
    """What the client sees instead of its answer."""

    DROP = "drop"
    """The connection closes without an answer."""
    HANG = "hang"
    """No answer and no close until the client gives up."""
    STATUS = "status"
    """`status` with an error body."""
    PAGE = "page"
    """`status` with a web page, as a proxy shows it."""
    TRUNCATED = "truncated"
    """Half of the body, with a content-length that fits the half: JSON that ends too early."""
    CUT = "cut"
    """The headers and half of the body, then the connection closes."""
    DELAY = "delay"
    """The right answer, late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`processed`: the venue did what was asked before things went wrong. `delay_ms` passes on the
    venue's clock, before it does anything or, if `processed`, between the deed and the answer."""

    kind: Kind
    processed: bool = False
    status: int = 200
    delay_ms: int = 0

    def __post_init__(self) -> None:
        if self.kind in {Kind.TRUNCATED, Kind.CUT} and not self.processed:
            raise ValueError(f"{self.kind}: only an answer can be cut, so it must be processed")


LOST_REQUEST: Final = Fault(kind=Kind.DROP)
LOST_ANSWER: Final = Fault(kind=Kind.DROP, processed=True)
CUT_BODY: Final = Fault(kind=Kind.CUT, processed=True)
TRUNCATED: Final = Fault(kind=Kind.TRUNCATED, processed=True)
WEB_PAGE: Final = Fault(kind=Kind.PAGE)


def late(delay_ms: int, *, processed: bool = False) -> Fault:
    return Fault(kind=Kind.DELAY, delay_ms=delay_ms, processed=processed)


def error(status: int, *, processed: bool = False) -> Fault:
    return Fault(kind=Kind.STATUS, status=status, processed=processed)


class Met(NamedTuple):
    """One request as it came, and what happened to it."""

    method: str
    route: str
    fault: Fault | None


@dataclass(slots=True)
class _Planned:
    fault: Fault
    method: str
    route: str
    wait: int
    times: int


class Faults:
    """A script of faults, then chance. `met` lists every request asked about, oldest first."""

    def __init__(self) -> None:
        self.met: list[Met] = []
        self._planned: list[_Planned] = []
        self._odds: dict[Fault, int] = {}
        self._dice = random.Random(0)
        self._only: Callable[[str, str], bool] = lambda _method, _route: True

    def plan(
        self, fault: Fault, *, method: str = "", route: str = "", nth: int = 1, times: int = 1
    ) -> None:
        """Meets the `nth` fitting request from now on, and the `times` − 1 after it; "" fits all.

        `route` is the template, e.g. `/portfolio/orders/{order_id}`. Of several plans that fit one
        request the oldest is taken, and it alone counts the request.
        """
        self._planned.append(_Planned(fault, method, route, nth - 1, times))

    def chance(
        self,
        seed: int,
        odds: Mapping[Fault, int],
        only: Callable[[str, str], bool] | None = None,
    ) -> None:
        """From now on every request that no plan meets draws; `odds` are in millionths, and `only`
        (method, route) keeps others out of it. The same seed and requests: the same faults."""
        if sum(odds.values()) > PER:
            raise ValueError("the odds add up to more than certainty")
        self._dice = random.Random(seed)
        self._odds = dict(odds)
        self._only = only or (lambda _method, _route: True)

    def clear(self) -> None:
        """No more faults; `met` stays."""
        self._planned.clear()
        self._odds.clear()

    def next(self, method: str, route: str) -> Fault | None:
        fault = self._scripted(method, route)
        if fault is None and self._odds and self._only(method, route):
            fault = self._drawn()
        self.met.append(Met(method, route, fault))
        return fault

    def _scripted(self, method: str, route: str) -> Fault | None:
        for plan in self._planned:
            if plan.method not in {"", method} or plan.route not in {"", route}:
                continue
            if plan.wait:
                plan.wait -= 1
                return None
            plan.times -= 1
            if plan.times <= 0:
                self._planned.remove(plan)
            return plan.fault
        return None

    def _drawn(self) -> Fault | None:
        drawn = self._dice.randrange(PER)
        for fault, odds in self._odds.items():
            if drawn < odds:
                return fault
            drawn -= odds
        return None


class Dropped(httpx2.RemoteProtocolError):
    """Raised out of an app to close a connection.

    In process (`httpx2.ASGITransport`) the client gets this very error, which is a transport error
    as over a socket. Under uvicorn the response has begun by then, and the server closes the
    connection: the client sees headers and an end of file in place of the body.
    """


class Answer(NamedTuple):
    """A complete answer; `headers` without content-length, which `deliver` adds."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""


async def deliver(answer: Answer, fault: Fault | None, receive: Receive, send: Send) -> None:
    """Sends `answer`, or what `fault` makes of it. Raises Dropped to close the connection."""
    match fault.kind if fault else None:
        case Kind.DROP:
            await _start(answer._replace(status=200), 1, send)
            raise Dropped("the simulated venue closed the connection without an answer")
        case Kind.CUT:
            await _start(answer, max(len(answer.body), 1), send)
            half = answer.body[: len(answer.body) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
            raise Dropped("the simulated venue closed the connection in the middle of an answer")
        case Kind.HANG:
            while (await receive())["type"] != "http.disconnect":
                pass
        case Kind.PAGE:
            assert fault is not None
            headers = (*_without_type(answer), (b"content-type", b"text/html; charset=utf-8"))
            await _whole(Answer(fault.status, headers, PAGE), send)
        case Kind.TRUNCATED:
            await _whole(answer._replace(body=answer.body[: len(answer.body) // 2]), send)
        case _:
            await _whole(answer, send)


async def _whole(answer: Answer, send: Send) -> None:
    await _start(answer, None if answer.status == 204 else len(answer.body), send)
    await send({"type": "http.response.body", "body": answer.body})


async def _start(answer: Answer, length: int | None, send: Send) -> None:
    headers = [*answer.headers]
    if length is not None:
        headers.append((b"content-length", str(length).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})


def _without_type(answer: Answer) -> tuple[tuple[bytes, bytes], ...]:
    return tuple(header for header in answer.headers if header[0] != b"content-type")
