"""Class Polymarket against a small fake of both APIs: markets, books, prices, state."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from decimal import Decimal
from typing import Any, Final

import httpx2
import pytest

from venues import (
    Clock,
    Grid,
    MarketStatus,
    Price,
    PricePoint,
    Refused,
    Unavailable,
    micros,
)
from venues.bucket import TokenBucket
from venues.http import Http
from venues.polymarket import CLOB, GAMMA, Polymarket, fees

Json = Any
DAY_MS: Final = 86_400_000
V2_ID: Final = "0x017791f201d5a788e0039e511fc1900e5f" + "0" * 30


def cid(n: int) -> str:
    return f"0x{'ab' * 24}{n:016x}"


def tokens(n: int) -> list[str]:
    return [f"1{n:076}", f"2{n:076}"]


def gamma_market(n: int, **changes: Json) -> dict[str, Json]:
    return {
        "id": str(n),
        "conditionId": cid(n),
        "slug": f"market-{n}",
        "question": f"Question {n}?",
        "outcomes": '["Yes", "No"]',
        "clobTokenIds": json.dumps(tokens(n)),
        "active": True,
        "closed": False,
        "acceptingOrders": True,
        "enableOrderBook": True,
        "orderPriceMinTickSize": 0.01,
        "orderMinSize": 5,
        "feesEnabled": False,
        "events": [{"id": "7", "slug": "event-7", "title": "Event 7"}],
    } | changes


def compact(n: int, **changes: Json) -> dict[str, Json]:
    ids = zip(tokens(n), ("Yes", "No"), strict=True)
    pairs = [{"t": token, "o": outcome} for token, outcome in ids]
    return {"c": cid(n), "t": pairs, "mts": 0.001, "mos": 5, "ao": True} | changes


def book(n: int, **changes: Json) -> dict[str, Json]:
    return {
        "market": cid(n),
        "asset_id": tokens(n)[0],
        "timestamp": "1795564800000",
        "hash": "0" * 40,
        "bids": [{"price": "0.01", "size": "100"}, {"price": "0.4", "size": "7.5"}],
        "asks": [{"price": "0.99", "size": "100"}, {"price": "0.41", "size": "12"}],
    } | changes


class Site:
    """Both APIs: answers by path with a value, a Response or what a handler makes of a request."""

    def __init__(self) -> None:
        self.asked: list[httpx2.Request] = []
        self.answers: dict[str, Json] = {}

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        answer = self.answers.get(request.url.path)
        if callable(answer):
            answer = answer(request)
        if answer is None:
            answer = said(404, '{"error": "market not found"}')
        if isinstance(answer, httpx2.Response):
            code, body = answer.status_code, answer.content
            return httpx2.Response(code, content=body, headers=answer.headers)
        return httpx2.Response(200, json=answer)

    def lists(self, numbers: Iterable[int], **changes: Json) -> None:
        """These markets, their terms and books, in an order of the venue's own."""
        rows = {cid(n): gamma_market(n, **changes) for n in numbers}
        books = {tokens(n)[0]: book(n) for n in numbers}

        def markets(request: httpx2.Request) -> Json:
            wanted = request.url.params.get_list("condition_ids")
            closed = request.url.params["closed"] == "true"
            return [
                rows[id] for id in sorted(wanted) if id in rows and rows[id]["closed"] is closed
            ]

        def some_books(request: httpx2.Request) -> Json:
            wanted = {row["token_id"] for row in json.loads(request.content)}
            return [books[token] for token in wanted & books.keys()]

        self.answers |= {"/markets": markets, "/books": some_books}
        self.answers |= {f"/clob-markets/{cid(n)}": compact(n) for n in numbers}

    def paths(self, prefix: str = "") -> list[str]:
        return [r.url.path for r in self.asked if r.url.path.startswith(prefix)]


def said(status: int, body: str, **headers: str) -> httpx2.Response:
    return httpx2.Response(status, text=body, headers=headers)


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
async def polymarket(site: Site, clock: Clock) -> AsyncIterator[Polymarket]:
    async with Http(
        venue="polymarket",
        hosts={"": CLOB, "gamma": GAMMA},
        clock=clock,
        bucket=TokenBucket(clock, capacity=10, refill_per_s=10),
        transport=httpx2.MockTransport(site),
    ) as http:
        yield Polymarket(http, clock)


# Markets.


async def test_a_market_has_gammas_words_and_the_exchanges_terms(
    polymarket: Polymarket, site: Site
) -> None:
    site.lists([1], feesEnabled=True, feeSchedule={"rate": 0.03})
    terms = {"mos": 15, "fd": {"r": 0.05, "e": 1, "to": True}, "itode": True, "v": "v1"}
    site.answers[f"/clob-markets/{cid(1)}"] = compact(1, **terms)
    market = (await polymarket.markets([cid(1)]))[cid(1)]
    assert (market.title, market.event_id) == ("Question 1?", "7")
    assert market.url == "https://polymarket.com/event/event-7"
    assert market.grid == Grid.even(Price(1_000))
    assert market.minimum == micros("15")
    assert market.fees.at(0) == fees.model(Decimal("0.05"))
    assert market.warnings == ("orders that take wait a moment",)


async def test_markets_are_asked_for_in_hundreds_and_closed_ones_again(
    polymarket: Polymarket, site: Site
) -> None:
    site.lists(range(150), closed=True)
    found = await polymarket.markets([cid(n) for n in range(150)])
    assert len(found) == 150
    assert {market.status for market in found.values()} == {MarketStatus.CLOSED}
    batches = [
        (r.url.params["closed"], len(r.url.params.get_list("condition_ids")))
        for r in site.asked
        if r.url.path == "/markets"
    ]
    assert batches == [("false", 100), ("true", 100), ("false", 50), ("true", 50)]


async def test_terms_are_read_anew_each_time_but_tokens_only_once(
    polymarket: Polymarket, site: Site
) -> None:
    site.lists([1])
    await polymarket.markets([cid(1)])
    site.answers[f"/clob-markets/{cid(1)}"] = compact(1, mts=0.01)
    assert (await polymarket.markets([cid(1)]))[cid(1)].grid == Grid.even(Price(10_000))
    await polymarket.books([cid(1)])
    assert len(site.paths("/clob-markets")) == 2


async def test_what_nobody_knows_is_absent(polymarket: Polymarket, site: Site) -> None:
    site.lists([1])
    wanted = [cid(1), cid(1), cid(2), "market-1", "0x12", ""]
    assert list(await polymarket.markets(wanted)) == [cid(1)]
    assert list(await polymarket.books(wanted)) == [cid(1)]
    assert polymarket.faults == ()
    assert not await polymarket.markets(["market-1"])
    assert not await polymarket.books([""])


@pytest.mark.parametrize("status", [400, 404])
async def test_a_market_that_the_exchange_does_not_list_yet_is_absent_with_a_fault(
    polymarket: Polymarket, site: Site, status: int
) -> None:
    site.lists([1, 2])
    site.answers[f"/clob-markets/{cid(1)}"] = said(status, '{"error": "market not found"}')
    assert list(await polymarket.markets([cid(1), cid(2)])) == [cid(2)]
    assert polymarket.faults == (f"Market {cid(1)} is left out: the exchange has none yet.",)


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        (compact(1, t=compact(1)["t"][::-1]), "differ in its tokens"),
        (compact(2), "those of"),
        (compact(1, mts=None), "mts"),
        (compact(1, mts=0), "a tick size of 0"),
    ],
)
async def test_terms_that_make_no_sense_lose_only_their_market(
    polymarket: Polymarket, site: Site, terms: Json, words: str
) -> None:
    site.lists([1, 2])
    site.answers[f"/clob-markets/{cid(1)}"] = terms
    assert list(await polymarket.markets([cid(1), cid(2)])) == [cid(2)]
    assert words in polymarket.faults[0]


async def test_a_protocol_v2_market_has_one_id_at_both_apis(
    polymarket: Polymarket, site: Site
) -> None:
    row = gamma_market(1, conditionId=V2_ID[:-2], clobTokenIds=None, positionIds=tokens(1))
    site.answers |= {
        "/markets": [row],
        f"/clob-markets/{V2_ID}": compact(1, c=V2_ID, v="v2"),
        "/books": [book(1, market=V2_ID)],
        "/markets/slug/market-1": row,
    }
    market = (await polymarket.markets([V2_ID]))[V2_ID]
    assert market.warnings == ()
    assert site.asked[0].url.params.get_list("condition_ids") == [V2_ID[:-2]]
    assert list(await polymarket.books([V2_ID])) == [V2_ID]
    assert await polymarket.resolve("market-1") == await polymarket.resolve(V2_ID[:-2]) == V2_ID


# Books.


async def test_books_come_in_batches_of_five_hundred_whatever_their_order(
    polymarket: Polymarket, site: Site
) -> None:
    site.lists(range(1_001))
    found = await polymarket.books([cid(n) for n in range(1_001)])
    assert found.keys() == {cid(n) for n in range(1_001)}
    posts = [json.loads(r.content) for r in site.asked if r.url.path == "/books"]
    assert [len(post) for post in posts] == [500, 500, 1]
    assert posts[0][0] == {"token_id": tokens(0)[0]}


async def test_a_book_is_the_yes_tokens_and_stamped_by_both_clocks(
    polymarket: Polymarket, site: Site, clock: Clock
) -> None:
    site.lists([1])
    found = (await polymarket.books([cid(1)]))[cid(1)]
    assert str(found.contract) == f"polymarket:{cid(1)}:yes"
    assert found.best_bid == (micros("0.4"), micros("7.5"))
    assert found.best_ask == (micros("0.41"), micros("12"))
    assert (found.received_ms, found.venue_ms) == (clock.now_ms(), 1_795_564_800_000)


@pytest.mark.parametrize(("bids", "asks"), [([], []), ([], book(1)["asks"]), (book(1)["bids"], [])])
async def test_an_empty_or_one_sided_book_is_a_book(
    polymarket: Polymarket, site: Site, bids: Json, asks: Json
) -> None:
    site.lists([1])
    site.answers["/books"] = [book(1, bids=bids, asks=asks)]
    found = (await polymarket.books([cid(1)]))[cid(1)]
    assert (len(found.bids), len(found.asks)) == (len(bids), len(asks))
    assert found.fault() is None


async def test_no_book_at_all_is_no_error(polymarket: Polymarket, site: Site) -> None:
    site.lists([1])
    site.answers["/books"] = said(
        404, '{"error": "No orderbook exists for the requested token id"}'
    )
    assert await polymarket.books([cid(1)]) == {}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"market": cid(9)}, "it is of market"),
        ({"asset_id": tokens(1)[1]}, "nobody asked"),
        ({"timestamp": "yesterday"}, "invalid literal"),
        ({"bids": [{"price": "1.5", "size": "1"}]}, "not a price"),
        ({"bids": [{"price": "0.5", "size": "-1"}]}, "below zero"),
        ({"asks": [{"price": 0.5, "size": "1"}]}, "Expected `str`"),
        ({"asks": None}, "Expected `array`"),
    ],
)
async def test_a_broken_book_loses_only_itself(
    polymarket: Polymarket, site: Site, changes: Json, words: str
) -> None:
    site.lists([1, 2])
    site.answers["/books"] = [book(1, **changes), book(2)]
    assert list(await polymarket.books([cid(1), cid(2)])) == [cid(2)]
    assert len(polymarket.faults) == 1
    assert words in polymarket.faults[0]


# Prices and state.


async def test_prices_are_asked_for_by_fortnights_and_come_oldest_first(
    polymarket: Polymarket, site: Site
) -> None:
    site.lists([1])
    spans: list[tuple[int, int]] = []

    def history(request: httpx2.Request) -> Json:
        params = request.url.params
        spans.append((int(params["startTs"]), int(params["endTs"])))
        assert (params["market"], params["fidelity"]) == (tokens(1)[0], "60")
        first = {"t": spans[-1][0], "p": 0.45}
        return {"history": [{"t": spans[-1][1], "p": 0.1234567}, first, {"t": 1, "p": 7}]}

    site.answers["/prices-history"] = history
    points = await polymarket.prices(cid(1), start_ms=500, end_ms=20 * DAY_MS)
    fortnight = 14 * 86_400
    assert spans == [(1, fortnight), (fortnight + 1, 20 * 86_400)]
    assert [point.at_ms // 1_000 for point in points] == [1, *spans[0][1:], *spans[1]]
    assert points[1] == PricePoint(fortnight * 1_000, Price(123_457))
    assert len(polymarket.faults) == 1


async def test_there_are_no_prices_of_an_unknown_market(polymarket: Polymarket, site: Site) -> None:
    assert await polymarket.prices(cid(1), start_ms=0, end_ms=DAY_MS) == ()
    assert await polymarket.prices("market-1", start_ms=0, end_ms=DAY_MS) == ()


@pytest.mark.parametrize(("says", "trading"), [("OK", True), ("down: " * 30, False)])
async def test_the_status_tells_the_skew_and_what_the_exchange_says(
    polymarket: Polymarket, site: Site, clock: Clock, says: str, trading: bool
) -> None:
    site.answers |= {"/time": clock.now_ms() // 1_000 + 3, "/ok": says}
    status = await polymarket.status()
    assert (status.venue, status.trading, status.says) == ("polymarket", trading, says[:100])
    assert status.skew_ms == 3_000


async def test_a_restarting_exchange_is_out_of_reach(polymarket: Polymarket, site: Site) -> None:
    site.answers["/time"] = said(425, "")
    with pytest.raises(Unavailable):
        await polymarket.status()


async def test_one_market_in_trouble_keeps_no_other_from_being_learned(
    polymarket: Polymarket, site: Site
) -> None:
    site.lists([1, 2, 3])
    site.answers[f"/clob-markets/{cid(1)}"] = said(403, '{"error": "not this one"}')
    with pytest.raises(Refused, match="not this one"):
        await polymarket.learn([cid(1), cid(2), cid(3)])
    known = [polymarket.book.tokens(cid(n)) for n in (1, 2, 3)]
    assert known == [None, tuple(tokens(2)), tuple(tokens(3))]
