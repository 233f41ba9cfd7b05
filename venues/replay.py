"""A tape played back as venues: recorded answers through the real adapter, or bare quotes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import httpx2

from venues.book import Book, Level
from venues.errors import NotFound
from venues.market import Contract, Market
from venues.money import Price, Quantity
from venues.sides import Outcome
from venues.tape import Answer, Cycle, Quote, Record
from venues.venue import Page, PricePoint, VenueStatus

_SKIPPED_MAX: Final = 500
_Request = tuple[str, str, str]  # method, URL with its query, body


@dataclass(frozen=True, slots=True)
class Pass:
    """What a tape holds of one cycle."""

    ts_ms: int
    answers: tuple[Answer, ...] = ()
    quotes: tuple[Quote, ...] = ()


def passes(records: Iterable[Record]) -> Iterator[Pass]:
    """The cycles of a tape, in order: those marked, or else all quotes of one `ts_ms`.

    Holds one cycle at a time; answers before the first mark begin when the first one came.
    """
    now_ms: int | None = None

    def begun_ms(record: Cycle | Answer | Quote) -> int:
        nonlocal now_ms
        if not isinstance(record, Answer):
            now_ms = record.ts_ms
        elif now_ms is None:
            now_ms = record.received_ms
        return now_ms

    ours = (record for record in records if isinstance(record, Cycle | Answer | Quote))
    for ts_ms, group in groupby(ours, begun_ms):
        held = tuple(group)
        answers = tuple(record for record in held if isinstance(record, Answer))
        quotes = tuple(record for record in held if isinstance(record, Quote))
        if answers or quotes:
            yield Pass(ts_ms, answers, quotes)


class TapeClock:
    """The time of the answer served last; sleeping takes none."""

    def __init__(self, now_ms: int) -> None:
        self._now_ms = now_ms
        self._slept_ms = 0

    def now_ms(self) -> int:
        return self._now_ms

    def monotonic_ns(self) -> int:
        return (self._now_ms + self._slept_ms) * 1_000_000

    async def sleep_ms(self, duration_ms: int) -> None:
        self._slept_ms += duration_ms

    def move(self, now_ms: int) -> None:
        self._now_ms = max(self._now_ms, now_ms)


class TapeTransport(httpx2.AsyncBaseTransport):
    """Answers one venue's requests from a tape, in its order; the same request again gets the next
    answer to it. Where the tape has none, the venue counts as out of reach.

    Up to 500 answers that nobody has asked for yet are passed over and kept. An answer after which
    `Http` tries again (408, 425, 429, 5xx, a redirect, a web page) gives way to the next one to the
    same request, because playback waits for nothing.
    """

    def __init__(self, answers: Iterable[Answer], clock: TapeClock) -> None:
        self._answers = iter(answers)
        self._clock = clock
        self._skipped: list[tuple[_Request, Answer]] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        wanted = (request.method, str(request.url), (await request.aread()).decode())
        found = self._next(wanted)
        while found and _tries_again(found) and (later := self._next(wanted)):
            found = later
        if found is None:
            raise httpx2.ConnectError(f"the tape holds no answer to {request.method} {request.url}")
        self._clock.move(found.received_ms)
        return httpx2.Response(found.status, content=found.content)

    def _next(self, wanted: _Request) -> Answer | None:
        for index, (request, answer) in enumerate(self._skipped):
            if request == wanted:
                del self._skipped[index]
                return answer
        while len(self._skipped) < _SKIPPED_MAX and (ahead := next(self._answers, None)):
            request = (ahead.method, ahead.url, ahead.request)
            if request == wanted:
                return ahead
            self._skipped.append((request, ahead))
        return None


def _tries_again(answer: Answer) -> bool:
    refused = 400 <= answer.status < 500 and answer.status not in (408, 425, 429)
    page = answer.content[:99].lstrip()[:1] in (b"<", b"")
    return page or not (refused or answer.status == 200)


class QuoteVenue:
    """One venue in one pass of a tape of quotes, as a MarketData that knows books and no more."""

    def __init__(self, name: str, quotes: Iterable[Quote]) -> None:
        self.name = name
        self.faults: tuple[str, ...] = ()
        self._books = {quote.market: book_of(quote) for quote in quotes if quote.venue == name}

    async def status(self) -> VenueStatus:
        return VenueStatus(venue=self.name, trading=True, says="tape", skew_ms=None)

    async def pages(self, cursor: str = "") -> AsyncIterator[Page]:
        return
        yield  # makes this an asynchronous generator

    async def resolve(self, text: str) -> str:
        if text not in self._books:
            raise NotFound(self.name, 404, f"the tape holds no quote of {text}")
        return text

    async def markets(self, ids: Collection[str]) -> Mapping[str, Market]:
        return {}

    async def books(self, ids: Collection[str]) -> Mapping[str, Book]:
        return {id: self._books[id] for id in ids if id in self._books}

    async def prices(self, id: str, *, start_ms: int, end_ms: int) -> tuple[PricePoint, ...]:
        return ()


def book_of(quote: Quote) -> Book:
    """The YES book that a quote is."""
    return Book(
        Contract(quote.venue, quote.market, Outcome.YES),
        _levels(quote.bids),
        _levels(quote.asks),
        quote.received_ms,
    )


def _levels(levels: tuple[tuple[int, int], ...]) -> tuple[Level, ...]:
    return tuple([Level(Price(price), Quantity(size)) for price, size in levels])
