"""`Http`: what is retried, what is not, and the words a person gets to read."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import httpx2
import msgspec
import pytest
import stamina

from venues import (
    AuthRefused,
    Clock,
    NotFound,
    RateLimited,
    Refused,
    Unavailable,
    VenueError,
    WireError,
)
from venues.bucket import TokenBucket
from venues.http import MIB, Call, Exchange, Http, _wait_before_retry

BASE = "http://127.0.0.1:9"


class Thing(msgspec.Struct):
    id: str


READ = Call(method="GET", path="/thing", answer=Thing)


def http(clock: Clock, handler: object, base: str = BASE, **options: object) -> Http:
    transport = httpx2.MockTransport(handler) if handler else None  # type: ignore[arg-type]
    bucket = TokenBucket(clock, capacity=100, refill_per_s=100)
    return Http(
        venue="venue",
        hosts={"": base},
        clock=clock,
        bucket=bucket,
        transport=transport,
        **options,  # type: ignore[arg-type]
    )


class Script:
    """Answers with one response or error after another; the last one for ever."""

    def __init__(self, answers: Iterable[httpx2.Response | Exception]) -> None:
        self._answers = list(answers)
        self.requests: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        answer = self._answers[min(len(self.requests), len(self._answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return httpx2.Response(
            answer.status_code, content=answer.content, headers=answer.headers.multi_items()
        )


def said(status: int, body: str = "{}", **headers: str) -> httpx2.Response:
    return httpx2.Response(status, text=body, headers=headers)


GOOD = said(200, '{"id": "a"}')
PAGE = "<!DOCTYPE html><title>Attention Required! | Cloudflare</title>"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (said(500), Unavailable),
        (said(502, PAGE), Unavailable),
        (said(503), Unavailable),
        (said(408), Unavailable),
        (said(425), Unavailable),
        (said(429), RateLimited),
        (said(200, PAGE), Unavailable),
        (said(403, PAGE), Unavailable),
        (said(200, '{"id": "a'), Unavailable),
        (said(200, ""), Unavailable),
        (said(200, '{"x": ' + "[" * 100_000), Unavailable),
        (httpx2.ConnectError("refused"), Unavailable),
        (httpx2.ReadError(""), Unavailable),
        (httpx2.RemoteProtocolError("peer closed"), Unavailable),
        (httpx2.DecodingError("bad gzip"), Unavailable),
    ],
)
async def test_what_may_pass_is_tried_four_times(
    clock: Clock, answer: httpx2.Response | Exception, error: type[VenueError]
) -> None:
    script = Script([answer])
    async with http(clock, script) as client:
        with stamina.set_testing(True, attempts=9, cap=True), pytest.raises(error):
            await client.send(READ)
    assert len(script.requests) == 4


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (said(400), Refused),
        (said(401), AuthRefused),
        (said(403, '{"error": "no"}'), AuthRefused),
        (said(404), NotFound),
        (said(409), Refused),
        (said(422), Refused),
        (said(400, "[" * 100_000), Refused),
        (said(200, '{"name": "a"}'), WireError),
        (said(200, '{"id": null}'), WireError),
        (said(429, **{"retry-after": "31"}), RateLimited),
    ],
)
async def test_what_stays_the_same_is_tried_once(
    clock: Clock, answer: httpx2.Response, error: type[VenueError]
) -> None:
    script = Script([answer])
    async with http(clock, script) as client:
        with pytest.raises(error) as caught:
            await client.send(READ)
    assert type(caught.value) is error
    assert len(script.requests) == 1


async def test_a_read_that_recovers_is_answered(clock: Clock) -> None:
    script = Script([said(503), httpx2.ConnectError("reset"), said(429), GOOD])
    async with http(clock, script) as client:
        assert await client.send(READ) == Thing("a")
    assert len(script.requests) == 4


async def test_the_number_of_attempts_can_be_one(clock: Clock) -> None:
    script = Script([said(503)])
    async with http(clock, script, attempts=1) as client:
        with pytest.raises(Unavailable):
            await client.send(READ)
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (RateLimited("v", 5), 5),
        (RateLimited("v", 30), 30),
        (RateLimited("v", 31), False),
        (RateLimited("v", None), True),
        (Unavailable("v", "down"), True),
        (Refused("v", 400, ""), False),
        (WireError("v", "w", "p"), False),
        (ValueError(), False),
    ],
)
def test_the_venues_own_wish_decides_the_wait(error: Exception, answer: float | bool) -> None:
    wait = _wait_before_retry(error)
    assert (wait, type(wait)) == (answer, type(answer))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        ("", None),
        ("Wed, 25 Nov 2026 00:00:00 GMT", None),
        ("-1", None),
        ("9" * 5_000, None),
    ],
)
async def test_retry_after_is_read_where_it_counts_seconds(
    clock: Clock, header: str, seconds: int | None
) -> None:
    async with http(clock, Script([said(429, **{"retry-after": header})]), attempts=1) as client:
        with pytest.raises(RateLimited) as caught:
            await client.send(READ)
    assert caught.value.retry_after_s == seconds


async def test_no_answer_in_time_counts_as_out_of_reach(clock: Clock) -> None:
    async def never(request: httpx2.Request) -> httpx2.Response:
        await asyncio.Event().wait()
        raise AssertionError

    async with http(clock, never) as client:
        with pytest.raises(Unavailable, match="no answer within 0 s"):
            await client.send(Call(method="GET", path="/", answer=Thing, deadline_s=0))


async def test_s15_a_body_over_the_cap_is_dropped_without_a_second_try(clock: Clock) -> None:
    script = Script([said(200, '{"id": "' + "a" * MIB + '"}')])
    async with http(clock, script) as client:
        with pytest.raises(WireError, match="over 1 MiB"):
            await client.send(Call(method="GET", path="/", answer=Thing, bytes_max=MIB))
    assert len(script.requests) == 1


async def test_s13_redirects_are_not_followed(clock: Clock) -> None:
    script = Script([said(302, "", location="http://127.0.0.1:9/elsewhere")])
    async with http(clock, script) as client:
        with pytest.raises(Unavailable, match="HTTP 302"):
            await client.send(READ)
    assert {request.url.path for request in script.requests} == {"/thing"}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"error": "market not found"}', "market not found"),
        ('{"error": {"code": "not_found", "message": "market not found"}}', "market not found"),
        ('{"code": "bad_request", "message": "invalid ticker"}', "invalid ticker"),
        ('{"code": "bad_request"}', "bad_request"),
        ('{"success": false, "errorMsg": "invalid side"}', "invalid side"),
        ('{"error": "", "msg": "try again"}', "try again"),
        ('"just text"', "just text"),
        ('{"error": "\\u001b[31mred\\n"}', "[31mred"),
        ('{"error": "' + "a" * 500 + '"}', "a" * 200),
        ("not json", ""),
        ("", ""),
    ],
)
async def test_the_venues_own_words_are_found_in_every_shape(
    clock: Clock, body: str, words: str
) -> None:
    async with http(clock, Script([said(400, body)])) as client:
        with pytest.raises(Refused) as caught:
            await client.send(READ)
    assert (caught.value.status, caught.value.words) == (400, words)
    assert str(caught.value) == f"venue refused (HTTP 400): {words or 'no reason given'}."


@pytest.mark.parametrize(
    "cause",
    [
        "[Errno -3] Temporary failure in name resolution",
        "[Errno -2] Name or service not known",
        "[Errno -5] No address associated with hostname",
        "[Errno 8] nodename nor servname provided, or not known",
        "[Errno 11001] getaddrinfo failed",
    ],
)
async def test_a_name_that_cannot_be_looked_up_is_said_plainly(clock: Clock, cause: str) -> None:
    async with http(clock, Script([httpx2.ConnectError(cause)])) as client:
        with pytest.raises(Unavailable) as caught:
            await client.send(READ)
    assert str(caught.value) == (
        "venue could not be reached: its name could not be looked up (no network or no DNS?). "
        "Check the network, then try again."
    )


async def test_a_certificate_of_another_host_is_no_trouble_with_names(clock: Clock) -> None:
    cause = "certificate verify failed: Hostname mismatch, certificate is not valid for 'a.b'"
    async with http(clock, Script([httpx2.ConnectError(cause)])) as client:
        with pytest.raises(Unavailable, match="certificate verify failed"):
            await client.send(READ)


@pytest.mark.parametrize("odd", ["nonsense", "", "Wed, " + "9" * 20 + " Nov 2026 00:00:00 GMT"])
async def test_the_skew_is_learned_from_the_date_of_any_answer(clock: Clock, odd: str) -> None:
    date = "Wed, 25 Nov 2026 00:00:02 GMT"
    script = Script([said(404, date=date), said(200, '{"id": "a"}', date=odd), GOOD])
    async with http(clock, script) as client:
        assert client.skew.ahead_ms is None
        with pytest.raises(NotFound):
            await client.send(READ)
        assert client.skew.ahead_ms == 2_000
        await client.send(READ)
        await client.send(READ)
        assert client.skew.ahead_ms == 2_000


async def test_a_tape_is_told_of_every_answer_before_it_is_judged(clock: Clock) -> None:
    kept: list[Exchange] = []
    call = Call(
        method="POST", path="/things", params=(("a", "1"), ("a", "2")), body=b"[1]", answer=Thing
    )
    async with http(clock, Script([said(503, PAGE), said(200, "{}")]), keep=kept.append) as client:
        with pytest.raises(WireError):
            await client.send(call)
    assert [(each.status, each.body) for each in kept] == [(503, PAGE.encode()), (200, b"{}")]
    assert {each.url for each in kept} == {f"{BASE}/things?a=1&a=2"}
    assert {each.request for each in kept} == {"[1]"}
    assert {each.received_ms for each in kept} == {clock.now_ms()}


async def test_only_a_body_of_ours_is_announced_as_json(clock: Clock) -> None:
    script = Script([GOOD])
    async with http(clock, script) as client:
        await client.send(READ)
        await client.send(Call(method="POST", path="/thing", body=b"[]", answer=Thing))
    assert [each.headers.get("content-type") for each in script.requests] == [
        None,
        "application/json",
    ]


async def test_a_body_cut_off_on_the_way_counts_as_out_of_reach(clock: Clock) -> None:
    served = 0

    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal served
        served += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"id": "a"')
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(cut, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, http(clock, None, f"http://127.0.0.1:{port}") as client:
        with pytest.raises(Unavailable):
            await client.send(READ)
    assert served == 4


async def test_s14_proxies_of_the_environment_are_ignored(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b'HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{"id": "a"}')
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, http(clock, None, f"http://127.0.0.1:{port}") as client:
        assert await client.send(READ) == Thing("a")


async def test_a_call_takes_what_it_costs_each_time_it_is_sent(clock: Clock) -> None:
    script = Script([said(503), GOOD])
    async with http(clock, script) as client:
        await client.send(Call(method="GET", path="/", answer=Thing, cost=100))
    assert clock.monotonic_ns() == 1_000_000_000
