"""A tape plays as the venues that were recorded, on their time and without a network."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pytest

from venues import Level, MarketData, NotFound, Price, Quantity, Unavailable
from venues.bucket import TokenBucket
from venues.clock import Clock
from venues.http import Call, Http
from venues.polymarket.venue import CLOB, GAMMA, Polymarket
from venues.replay import Pass, QuoteVenue, TapeClock, TapeTransport, passes
from venues.tape import Answer, Cycle, Quote, Record, Tape, TapeWriter

HOST = "https://venue.test"
BOOK = Call(method="GET", path="/book", params=(("id", "A b"),), answer=dict[str, int])


def answer(
    received_ms: int, *, url: str = "/book?id=A+b", status: int = 200, body: str | None = None
) -> Answer:
    return Answer(
        venue="v",
        method="GET",
        url=HOST + url,
        status=status,
        received_ms=received_ms,
        body=json.dumps({"at": received_ms}) if body is None else body,
    )


def quote(ts_ms: int, market: str = "M", venue: str = "v") -> Quote:
    return Quote(ts_ms, ts_ms + 5, venue, market, ((540_000, 7_000_000),), ())


@contextmanager
def playing(answers: Iterable[Answer], clock: TapeClock) -> Iterator[Http]:
    bucket = TokenBucket(clock, capacity=1, refill_per_s=1)
    transport = TapeTransport(answers, clock)
    yield Http(
        venue="v", hosts={"": HOST}, clock=clock, bucket=bucket, transport=transport, attempts=1
    )


async def test_what_http_was_answered_is_what_the_tape_answers(tmp_path: Path, clock: Any) -> None:
    numbers = count()
    network = httpx2.MockTransport(lambda _: httpx2.Response(200, json={"n": next(numbers)}))
    bucket = TokenBucket(clock, capacity=1, refill_per_s=1)
    post = Call(method="POST", path="/books", body='["é"]'.encode(), answer=dict[str, int])
    with TapeWriter(tmp_path / "t") as tape:
        async with Http(
            venue="v",
            hosts={"": HOST},
            clock=clock,
            bucket=bucket,
            transport=network,
            keep=tape.keep,
        ) as live:
            heard = [await live.send(call) for call in (BOOK, post, BOOK)]
    answers = [record for record in Tape(tmp_path / "t") if isinstance(record, Answer)]
    with playing(answers, TapeClock(0)) as http:
        played = [await http.send(call) for call in (post, BOOK, BOOK)]

    assert heard == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert played == [{"n": 1}, {"n": 0}, {"n": 2}]
    assert [a.request for a in answers] == ["", '["é"]', ""]


async def test_the_time_on_tape_is_that_of_the_last_answer_and_waiting_takes_none() -> None:
    clock = TapeClock(1_000)
    with playing([answer(5_000), answer(4_990)], clock) as http:
        before = clock.now_ms()
        await http.send(BOOK)
        await clock.sleep_ms(60_000)
        first, slept_ns = clock.now_ms(), clock.monotonic_ns()
        await http.send(BOOK)

    assert (before, first, clock.now_ms()) == (1_000, 5_000, 5_000)
    assert clock.monotonic_ns() >= slept_ns == 65_000_000_000


async def test_a_request_that_is_not_on_the_tape_finds_the_venue_out_of_reach() -> None:
    with playing([answer(1, url="/other")], TapeClock(0)) as http:
        with pytest.raises(Unavailable, match=r"no answer to GET https://venue.test/book\?id=A\+b"):
            await http.send(BOOK)
        other = Call(method="GET", path="/other", answer=dict[str, int])
        assert await http.send(other) == {"at": 1}


async def test_an_answer_that_was_asked_for_again_gives_way_to_the_next() -> None:
    page = "  <html>Just a moment...</html>"
    busy = [
        answer(1, status=429),
        answer(2, status=503),
        answer(3, status=302, body=""),
        answer(4, body=page),
        answer(5, status=403, body=page),
        answer(6),
        answer(7, status=503),
    ]
    with playing(busy, TapeClock(0)) as http:
        assert await http.send(BOOK) == {"at": 6}
        with pytest.raises(Unavailable, match="HTTP 503"):
            await http.send(BOOK)


async def test_playing_looks_ahead_five_hundred_answers_and_loses_none() -> None:
    far = [answer(n, url=f"/{n}") for n in range(500)] + [answer(500)]
    first = Call(method="GET", path="/0", answer=dict[str, int])
    with playing(far, TapeClock(0)) as http:
        with pytest.raises(Unavailable, match="no answer to GET"):
            await http.send(BOOK)
        assert await http.send(first) == {"at": 0}
        assert await http.send(BOOK) == {"at": 500}


async def test_quotes_of_a_pass_are_a_venue_that_knows_books_and_no_more() -> None:
    rows = [quote(1, "A"), quote(1, "A", venue="w"), quote(1, "B")]
    venue: MarketData = QuoteVenue("v", rows)
    books = await venue.books(("A", "C"))
    status = await venue.status()

    assert books.keys() == {"A"}
    assert books["A"].bids == (Level(Price(540_000), Quantity(7_000_000)),)
    assert (books["A"].asks, books["A"].received_ms) == ((), 6)
    assert (status.trading, status.says) == (True, "tape")
    assert await venue.resolve("B") == "B"
    assert await venue.markets(("A",)) == {}
    assert [page async for page in venue.pages()] == []
    assert await venue.prices("A", start_ms=0, end_ms=9) == ()
    with pytest.raises(NotFound, match="no quote of C"):
        await venue.resolve("C")


def test_a_pass_is_what_a_mark_begins_or_all_quotes_of_one_moment() -> None:
    early, late = answer(7), answer(12)
    marked: list[Record] = [early, Cycle(10), late, Cycle(20), Cycle(30), answer(31)]

    assert [*passes(marked)] == [
        Pass(7, (early,)),
        Pass(10, (late,)),
        Pass(30, (answer(31),)),
    ]
    assert [*passes([quote(0, "A"), quote(0, "B"), quote(5)])] == [
        Pass(0, (), (quote(0, "A"), quote(0, "B"))),
        Pass(5, (), (quote(5),)),
    ]


async def test_a_refusal_is_an_answer_like_any_other() -> None:
    with playing([answer(1, status=404), answer(2)], TapeClock(0)) as http:
        with pytest.raises(NotFound):
            await http.send(BOOK)
        assert await http.send(BOOK) == {"at": 2}


def event(page: int) -> dict[str, Any]:
    market = {
        "conditionId": "0x" + f"{page:x}" * 64,
        "question": f"Question {page}, or £, 你?",
        "outcomes": '["Yes", "No"]',
        "clobTokenIds": json.dumps([f"{page}" * 60, f"{page + 1}" * 60]),
        "orderPriceMinTickSize": 0.01,
        "orderMinSize": 5,
        "active": True,
        "closed": False,
        "enableOrderBook": True,
        "acceptingOrders": True,
    }
    broken = market | {"conditionId": "not one"}
    return {"id": str(page), "title": "An event", "slug": "e", "markets": [market, broken]}


def gamma(request: httpx2.Request) -> httpx2.Response:
    page = int(request.url.params.get("after_cursor") or 1)
    following = str(page + 1) if page < 4 else None
    return httpx2.Response(200, json={"events": [event(page)], "next_cursor": following})


@contextmanager
def polymarket(clock: Clock, transport: httpx2.AsyncBaseTransport, **more: Any) -> Iterator[Any]:
    bucket = TokenBucket(clock, capacity=1, refill_per_s=1)
    hosts = {"": CLOB, "gamma": GAMMA}
    http = Http(
        venue="polymarket", hosts=hosts, clock=clock, bucket=bucket, transport=transport, **more
    )
    yield Polymarket(http, clock)


async def test_a_recorded_crawl_plays_the_same_pages_through_the_same_adapter(
    tmp_path: Path, clock: Any
) -> None:
    with (
        TapeWriter(tmp_path / "t") as tape,
        polymarket(clock, httpx2.MockTransport(gamma), keep=tape.keep) as live,
    ):
        pages = [page async for page in live.pages()]
    answers = [record for record in Tape(tmp_path / "t") if isinstance(record, Answer)]
    on_tape = TapeClock(0)
    with polymarket(on_tape, TapeTransport(answers, on_tape), attempts=1) as played:
        again = [page async for page in played.pages()]

    assert again == pages
    assert len(pages) == 4
    assert all(len(page.events[0].markets) == 1 for page in pages)
    assert played.faults == live.faults != ()
    assert on_tape.now_ms() == clock.now_ms() == answers[-1].received_ms
