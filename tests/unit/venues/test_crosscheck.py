"""A streamed book held against a full read: judged only where it can be judged."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import pytest

from venues import Book, Contract, Level, Outcome, Price, Quantity
from venues.crosscheck import Look, look
from venues.stream import Watched


def watched(size: int, fault: str | None = None, venue_ms: int | None = None) -> Watched:
    bids = (Level(Price(400_000), Quantity(size)),)
    book = Book(Contract("v", "m", Outcome.YES), bids, (), 0, venue_ms)
    return Watched(book=book, confirmed_ms=0, confirmed_ns=0, fault=fault)


async def compared(
    now: dict[str, Watched], told: Mapping[str, Book], meanwhile: Callable[[], None] | None = None
) -> Look:
    async def read(ids: Collection[str]) -> Mapping[str, Book]:
        if meanwhile:
            meanwhile()
        return {id: told[id] for id in ids if id in told}

    return await look([*now, "unheard of"], now.get, read)


async def test_a_book_is_the_same_or_another_whatever_the_times_in_it() -> None:
    now = {"same": watched(5), "other": watched(5), "untold": watched(5)}
    told = {"same": watched(5).book, "other": watched(6).book}
    assert await compared(now, told) == Look(("same",), ("other",))


@pytest.mark.parametrize("later", [watched(6), watched(5), watched(5, "gap"), None])
async def test_a_book_that_changed_while_we_read_is_not_judged(later: Watched | None) -> None:
    now = {"m": watched(5)}

    def change() -> None:
        if later is None:
            del now["m"]
        else:
            now["m"] = later

    assert await compared(now, {"m": watched(7).book}, change) == Look((), ())


async def test_a_book_in_doubt_is_not_even_read() -> None:
    assert await compared({"m": watched(5, "gap")}, {"m": watched(5).book}) == Look((), ())


@pytest.mark.parametrize(
    ("streamed_ms", "read_ms", "accused"),
    [(5, 4, False), (5, 5, True), (5, 6, True), (5, None, True), (None, 4, True)],
)
async def test_another_book_that_is_older_than_the_stream_shows_nothing(
    streamed_ms: int | None, read_ms: int | None, accused: bool
) -> None:
    now = {"m": watched(5, venue_ms=streamed_ms)}
    told = {"m": watched(6, venue_ms=read_ms).book}
    assert await compared(now, told) == Look((), ("m",) if accused else ())
