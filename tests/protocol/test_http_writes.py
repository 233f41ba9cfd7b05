"""A write leaves once, and everything but a definite answer is unknown (F01, F02, F06, F07, I4)."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable

import httpx2
import msgspec
import pytest

from venues import (
    AuthRefused,
    Clock,
    NotFound,
    OrderUnknown,
    RateLimited,
    Refused,
    Unavailable,
    VenueError,
)
from venues.bucket import TokenBucket
from venues.http import MIB, Call, Http

BASE = "http://127.0.0.1:9"
PAGE = "<!DOCTYPE html><title>Bad gateway</title>"


class Placed(msgspec.Struct):
    order_id: str


PLACE = Call(
    method="POST", path="/orders", body=b'{"a":1}', answer=Placed, accepted=(200, 201), deadline_s=3
)
Answer = httpx2.Response | Exception


def said(status: int, body: str = "", **headers: str) -> httpx2.Response:
    return httpx2.Response(status, text=body, headers=headers)


def http(clock: Clock, handler: Callable[[httpx2.Request], httpx2.Response] | None) -> Http:
    return Http(
        venue="venue",
        hosts={"": BASE},
        clock=clock,
        bucket=TokenBucket(clock, capacity=10, refill_per_s=10),
        transport=httpx2.MockTransport(handler) if handler else None,
    )


async def outcome(clock: Clock, answer: Answer) -> tuple[VenueError | Placed, int]:
    """What one write met with `answer` gave, and how often the request was seen."""
    seen = 0

    def handle(request: httpx2.Request) -> httpx2.Response:
        nonlocal seen
        seen += 1
        if isinstance(answer, Exception):
            raise answer
        return answer

    async with http(clock, handle) as client:
        try:
            return await client.act(PLACE, "ours-1"), seen
        except VenueError as error:
            return error, seen


@pytest.mark.parametrize(
    "answer",
    [
        *(said(status, "{}") for status in (500, 502, 503, 504, 408, 301, 302, 204)),
        *(said(status, PAGE) for status in (400, 401, 403, 404, 409, 500, 200, 201)),
        *(said(status, body) for status in (400, 404, 409, 422) for body in ("", "{}", "[]", "x")),
        *(said(201, body) for body in ("", "{}", "null", "[]", '{"order_id": 1}', '{"order_id":')),
        said(200, '{"error": {"code": "invalid_order", "message": "no"}}'),
        said(201, '{"order_id": "' + "a" * (9 * MIB) + '"}'),
        *(
            kind("lost")
            for kind in (
                *(httpx2.ReadError, httpx2.WriteError, httpx2.RemoteProtocolError),
                *(httpx2.ReadTimeout, httpx2.WriteTimeout, httpx2.DecodingError),
                httpx2.CloseError,
            )
        ),
        ssl.SSLError(1, "DECRYPTION_FAILED_OR_BAD_RECORD_MAC"),
        OSError(5, "Input/output error"),
        said(200, '{"order_id": "a", "error": {"code": "internal"}}'),
    ],
    ids=lambda x: f"{type(x).__name__}-{getattr(x, 'status_code', '')}-{str(x)[:10]}",
)
async def test_whatever_is_not_definite_is_unknown_and_is_sent_once(
    clock: Clock, answer: Answer
) -> None:
    found, seen = await outcome(clock, answer)
    assert isinstance(found, OrderUnknown)
    assert found.client_id == "ours-1"
    assert seen == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (said(400, '{"error": {"code": "insufficient_balance", "message": "no"}}'), Refused),
        (said(409, '{"error": {"code": "order_already_exists"}}'), Refused),
        (said(410, '{"code": "deprecated_v1_order_endpoint"}'), Refused),
        (said(401, '{"error": {"code": "authentication_error"}}'), AuthRefused),
        (said(403, '{"error": "not allowed"}'), AuthRefused),
        (said(404, '{"error": {"code": "user_not_found"}}'), NotFound),
        (said(400, '{"msg": "bad parameter"}'), Refused),
        (said(429, '{"error": "too many requests"}'), RateLimited),
        (said(429), RateLimited),
        (said(425), Unavailable),
        (httpx2.ConnectError("refused"), Unavailable),
        (httpx2.ConnectTimeout("slow"), Unavailable),
        (httpx2.PoolTimeout("busy"), Unavailable),
    ],
)
async def test_a_definite_no_is_said_as_such_and_is_not_repeated(
    clock: Clock, answer: Answer, kind: type[VenueError]
) -> None:
    found, seen = await outcome(clock, answer)
    assert type(found) is kind
    assert seen == 1


async def test_a_definite_yes_is_the_answer(clock: Clock) -> None:
    assert await outcome(clock, said(201, '{"order_id": "a"}')) == (Placed("a"), 1)
    assert await outcome(clock, said(200, '{"order_id": "a"}')) == (Placed("a"), 1)


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ('{"error": {"code": "c", "message": "m", "details": "d"}}', "c", "m (d)"),
        ('{"error": {"code": "c", "details": "d"}}', "c", "d"),
        ('{"code": "c", "message": "m"}', "c", "m"),
        ('{"code": "c"}', "c", "c"),
        ('{"error": "too bad"}', "", "too bad"),
        ('{"msg": "missing"}', "", "missing"),
        ('{"errorMsg": "no\\u001b[31m"}', "", "no[31m"),
    ],
)
async def test_the_reason_is_found_in_every_shape_of_error(
    clock: Clock, body: str, code: str, words: str
) -> None:
    found, _ = await outcome(clock, said(400, body))
    assert isinstance(found, Refused)
    assert (found.code, found.words) == (code, words)


async def test_an_answer_that_takes_too_long_leaves_the_order_unknown(clock: Clock) -> None:
    gone = asyncio.Event()

    async def sleep_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()  # until the client gives up
        writer.close()
        gone.set()

    server = await asyncio.start_server(sleep_on, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    call = Call(method="POST", path="/orders", body=b"{}", answer=Placed, deadline_s=1)
    client = Http(
        venue="venue",
        hosts={"": f"http://127.0.0.1:{port}"},
        clock=clock,
        bucket=TokenBucket(clock, capacity=10, refill_per_s=10),
    )
    async with server, client:
        with pytest.raises(OrderUnknown):
            await client.act(call, "ours-1")
        await gone.wait()


async def test_a_429_empties_the_bucket(clock: Clock) -> None:
    async with http(clock, lambda _: said(429)) as client:
        with pytest.raises(RateLimited):
            await client.act(PLACE, "ours-1")
        with pytest.raises(RateLimited):
            await client.act(PLACE, "ours-2")
    assert clock.monotonic_ns() == 100_000_000


async def test_an_answer_without_a_body_is_not_read(clock: Clock) -> None:
    call = Call(method="DELETE", path="/orders", answer=type(None), accepted=(204,))
    async with http(clock, lambda _: said(204)) as client:
        await client.act(call, "all orders")


async def test_a_write_that_waits_too_long_for_the_rate_limit_is_not_sent(clock: Clock) -> None:
    class Shut(TokenBucket):
        async def admit(self, call: object) -> None:
            await asyncio.Event().wait()

    sent: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        sent.append(request)
        return said(200)

    call = Call(method="POST", path="/orders", body=b"{}", answer=Placed, deadline_s=0)
    client = Http(
        venue="venue",
        hosts={"": BASE},
        clock=clock,
        bucket=Shut(clock, capacity=1, refill_per_s=1),
        transport=httpx2.MockTransport(answer),
    )
    async with client:
        with pytest.raises(Unavailable, match="rate limit"):
            await client.act(call, "ours-1")
    assert not sent


async def test_a_write_is_kept_on_no_tape(clock: Clock) -> None:
    def full(_: object) -> None:
        raise OSError("No space left on device")

    async with Http(
        venue="venue",
        hosts={"": BASE},
        clock=clock,
        bucket=TokenBucket(clock, capacity=10, refill_per_s=10),
        transport=httpx2.MockTransport(lambda _: said(201, '{"order_id": "a"}')),
        keep=full,
    ) as client:
        assert await client.act(PLACE, "ours-1") == Placed("a")
