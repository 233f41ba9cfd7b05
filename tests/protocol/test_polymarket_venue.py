"""Class Polymarket against a small fake of both APIs: paging, batches, names, and broken answers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, Final

import httpx2
import pytest

from venues import (
    AuthRefused,
    Clock,
    Event,
    Grid,
    MarketStatus,
    NotFound,
    Price,
    PricePoint,
    RateLimited,
    Refused,
    Unavailable,
    WireError,
    micros,
)
from venues.bucket import TokenBucket
from venues.http import Http
from venues.polymarket import CLOB, GAMMA, Polymarket, fees

Json = Any
Handler = Callable[[httpx2.Request], Json]
DAY_MS: Final = 86_400_000
PAGE: Final = "<html>Attention Required! | Cloudflare</html>"
V2_ID: Final = "0x017791f201d5a788e0039e511fc1900e5f" + "0" * 30


def cid(n: int) -> str:
    return f"0x{n:064x}".replace("0x000", "0xabc")


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


def gamma_event(n: int, *markets: Json, **changes: Json) -> dict[str, Json]:
    return {"id": str(n), "title": f"Event {n}", "slug": f"event-{n}", "markets": markets} | changes


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
    """Both APIs: answers by path, with a value, a Response or what a handler makes of the request.

    A list of pages is used up one by one; its last one stays.
    """

    def __init__(self) -> None:
        self.asked: list[httpx2.Request] = []
        self.answers: dict[str, Json] = {}
        self.pages: list[Json] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        answer = self.answers.get(request.url.path)
        if request.url.path == "/events/keyset":
            answer = self.pages.pop(0) if len(self.pages) > 1 else self.pages[0]
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


async def events(polymarket: Polymarket, cursor: str = "") -> list[Event]:
    return [event async for page in polymarket.pages(cursor) for event in page.events]


# The catalogue.


async def test_pages_follow_the_cursor_and_name_it_to_the_caller(
    polymarket: Polymarket, site: Site
) -> None:
    site.pages = [
        {"events": [gamma_event(1, gamma_market(1))], "next_cursor": "b"},
        {"events": [gamma_event(2, gamma_market(2))], "next_cursor": "c"},
        {"events": [gamma_event(3, gamma_market(3))]},
    ]
    pages = [(page.cursor, [e.id for e in page.events]) async for page in polymarket.pages("a")]
    assert pages == [("b", ["1"]), ("c", ["2"]), ("", ["3"])]
    assert [r.url.params.get("after_cursor") for r in site.asked] == ["a", "b", "c"]
    assert {r.url.host for r in site.asked} == {"gamma-api.polymarket.com"}
    assert {r.url.params["closed"] for r in site.asked} == {"false"}
    assert polymarket.faults == ()


@pytest.mark.parametrize("cursor", [None, ""])
async def test_no_cursor_ends_the_catalogue(
    polymarket: Polymarket, site: Site, cursor: str | None
) -> None:
    site.pages = [{"events": [], "next_cursor": cursor}]
    assert await events(polymarket) == []
    assert len(site.asked) == 1


async def test_a_repeated_cursor_ends_the_catalogue_with_a_fault(
    polymarket: Polymarket, site: Site
) -> None:
    site.pages = [{"events": [gamma_event(1)], "next_cursor": each} for each in ("a", "b", "a")]
    assert [event.id for event in await events(polymarket)] == ["1"]
    assert len(site.asked) == 3
    assert polymarket.faults == ("Polymarket's catalogue was cut short: it repeated a cursor.",)


async def test_a_cursor_that_the_venue_does_not_know_is_refused(
    polymarket: Polymarket, site: Site
) -> None:
    site.pages = [said(422, '{"type": "validation error", "error": "invalid cursor"}')]
    with pytest.raises(Refused, match="invalid cursor"):
        await events(polymarket, "nonsense")


async def test_an_event_listed_twice_comes_once(polymarket: Polymarket, site: Site) -> None:
    site.pages = [
        {"events": [gamma_event(1), gamma_event(1), gamma_event(2)], "next_cursor": "a"},
        {"events": [gamma_event(2), gamma_event(3)]},
    ]
    assert [event.id for event in await events(polymarket)] == ["1", "2", "3"]


async def test_a_broken_event_or_market_loses_only_itself(
    polymarket: Polymarket, site: Site
) -> None:
    broken = gamma_market(2, outcomes='["Yes", "No", "Maybe"]')
    site.pages = [
        {
            "events": [
                gamma_event(1, gamma_market(1), broken, gamma_market(3)),
                {"id": "8", "slug": "no-title"},
                "an event?",
                gamma_event(2),
            ]
        }
    ]
    found = await events(polymarket)
    assert [[market.id for market in event.markets] for event in found] == [[cid(1), cid(3)], []]
    assert polymarket.faults == (
        "market-2 is left out: 3 outcomes instead of two.",
        "no-title is left out: Object missing required field `title`.",
        "something without a name is left out: Expected `object`, got `str`.",
    )


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("conditionId", "", "is no condition id"),
        ("conditionId", "0x12", "is no condition id"),
        ("outcomes", "Yes, No", "JSON is malformed"),
        ("outcomes", None, "Expected `str`, got `null`"),
        ("orderPriceMinTickSize", None, "a tick size of None"),
        ("orderPriceMinTickSize", 0, "a tick size of 0"),
        ("orderPriceMinTickSize", 0.3, "a tick size of 0.3"),
        ("orderMinSize", -5, "below zero"),
        ("endDate", "soon", "Invalid RFC3339"),
    ],
)
async def test_a_market_without_what_we_depend_on_is_left_out(
    polymarket: Polymarket, site: Site, field: str, value: Json, words: str
) -> None:
    site.pages = [{"events": [gamma_event(1, gamma_market(1, **{field: value}), gamma_market(2))]}]
    (event,) = await events(polymarket)
    assert [market.id for market in event.markets] == [cid(2)]
    assert len(polymarket.faults) == 1
    assert words in polymarket.faults[0]


async def test_nulls_and_missing_fields_are_normal(polymarket: Polymarket, site: Site) -> None:
    needed = {"conditionId", "question", "outcomes", "orderPriceMinTickSize"}
    full = gamma_market(1)
    nulls = {name: value if name in needed else None for name, value in full.items()}
    bare = {name: gamma_market(2)[name] for name in needed}
    site.pages = [{"events": [gamma_event(1, nulls, bare, tags=None, slug="s", negRisk=None)]}]
    (event,) = await events(polymarket)
    assert [market.id for market in event.markets] == [cid(1), cid(2)]
    assert {market.status for market in event.markets} == {MarketStatus.PAUSED}
    assert {(market.rules, market.closes_at) for market in event.markets} == {("", None)}
    assert polymarket.faults == ()


async def test_closed_markets_of_an_open_event_are_not_listed(
    polymarket: Polymarket, site: Site
) -> None:
    site.pages = [{"events": [gamma_event(1, gamma_market(1, closed=True), gamma_market(2))]}]
    (event,) = await events(polymarket)
    assert [market.id for market in event.markets] == [cid(2)]


async def test_faults_are_kept_once_each_and_no_more_than_a_thousand(
    polymarket: Polymarket, site: Site
) -> None:
    broken = [{"id": "8", "slug": f"e{n}"} for n in (*range(1_005), 1_004)]
    site.pages = [{"events": broken}]
    assert await events(polymarket) == []
    assert len(polymarket.faults) == 1_000
    assert polymarket.faults[0].startswith("e5 ")
    assert polymarket.faults[-1].startswith("e1004 ")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (said(200, '{"events": [{"id": "1", "tit'), Unavailable),
        (said(200, PAGE), Unavailable),
        (said(403, PAGE), Unavailable),
        (said(429, '{"error": "slow down"}', **{"retry-after": "7"}), RateLimited),
        (said(401, '{"error": "no"}'), AuthRefused),
        (said(200, '{"data": []}'), WireError),
        (said(200, "null"), WireError),
    ],
)
async def test_an_answer_that_is_no_catalogue_says_what_it_is(
    polymarket: Polymarket, site: Site, answer: httpx2.Response, error: type[Exception]
) -> None:
    site.pages = [answer]
    with pytest.raises(error):
        await events(polymarket)


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
    assert market.fees.at(0) == fees.model(fees.Decimal("0.05"))
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
    assert await polymarket.markets(["market-1"]) == await polymarket.books([""]) == {}


@pytest.mark.parametrize("status", [400, 404])
async def test_a_market_that_the_exchange_does_not_list_yet_is_absent_with_a_fault(
    polymarket: Polymarket, site: Site, status: int
) -> None:
    site.lists([1, 2])
    site.answers[f"/clob-markets/{cid(1)}"] = said(status, '{"error": "market not found"}')
    assert list(await polymarket.markets([cid(1), cid(2)])) == [cid(2)]
    assert polymarket.faults == (
        f"Market {cid(1)} is left out: the exchange does not list it (yet).",
    )


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
    assert market.warnings == ("a market of protocol v2",)
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


# Names.


@pytest.mark.parametrize(
    "text",
    [
        cid(1),
        cid(1).upper().replace("X", "x"),
        tokens(1)[0],
        "market-1",
        " market-1 ",
        "1234567",
        "event-with-one-market",
        "https://polymarket.com/event/event-7/market-1",
        "https://polymarket.com/event/event-7/market-1?tid=1#comments",
        "polymarket.com/market/market-1/",
    ],
)
async def test_a_market_answers_to_each_of_its_names(
    polymarket: Polymarket, site: Site, text: str
) -> None:
    site.lists([1])
    pair = {"primary_token_id": tokens(1)[0], "secondary_token_id": tokens(1)[1]}
    site.answers |= {
        "/markets/slug/market-1": gamma_market(1),
        "/markets/1234567": gamma_market(1),
        "/events/slug/event-with-one-market": gamma_event(7, gamma_market(1)),
        f"/markets-by-token/{tokens(1)[0]}": {"condition_id": cid(1), **pair},
    }
    assert await polymarket.resolve(text) == cid(1)


async def test_the_no_token_is_not_taken_for_the_market(polymarket: Polymarket, site: Site) -> None:
    yes, no = tokens(1)
    pair = {"condition_id": cid(1), "primary_token_id": yes, "secondary_token_id": no}
    site.answers[f"/markets-by-token/{no}"] = pair
    with pytest.raises(NotFound, match=f"{no} is the NO token of market {cid(1)}"):
        await polymarket.resolve(no)


async def test_an_event_with_several_markets_names_them(polymarket: Polymarket, site: Site) -> None:
    site.answers["/events/slug/fed"] = gamma_event(7, *[gamma_market(n) for n in range(22)])
    with pytest.raises(NotFound) as caught:
        await polymarket.resolve("https://polymarket.com/event/fed")
    listed = ", ".join(f"market-{n}" for n in range(20))
    assert caught.value.words == f"fed is an event; its markets are {listed} and 2 more"


@pytest.mark.parametrize("text", ["fed-june", "fed june", "../fed?x=1", "https://x.com/fed-june#a"])
async def test_an_unknown_name_is_answered_with_what_was_perhaps_meant(
    polymarket: Polymarket, site: Site, text: str
) -> None:
    site.answers["/public-search"] = {"events": [gamma_event(7, gamma_market(1), gamma_market(2))]}
    with pytest.raises(NotFound, match="did you mean market-1, market-2"):
        await polymarket.resolve(text)


@pytest.mark.parametrize("text", ["", "..", "https://polymarket.com/", "0x12", "0xyz", "9" * 77])
async def test_what_cannot_be_a_name_is_not_found(
    polymarket: Polymarket, site: Site, text: str
) -> None:
    site.answers["/public-search"] = {"events": None}
    with pytest.raises(NotFound):
        await polymarket.resolve(text)


async def test_a_name_that_the_venue_refuses_is_not_found(
    polymarket: Polymarket, site: Site
) -> None:
    site.answers[f"/markets-by-token/{'9' * 77}"] = said(400, '{"error": "Invalid token id"}')
    with pytest.raises(NotFound, match="Invalid token id"):
        await polymarket.resolve("9" * 77)


async def test_a_locked_door_is_no_missing_name(polymarket: Polymarket, site: Site) -> None:
    site.answers["/markets/slug/market-1"] = said(403, '{"error": "forbidden"}')
    with pytest.raises(AuthRefused):
        await polymarket.resolve("market-1")


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


@pytest.mark.parametrize(("says", "trading"), [("OK", True), ("maintenance", False)])
async def test_the_status_tells_the_skew_and_what_the_exchange_says(
    polymarket: Polymarket, site: Site, clock: Clock, says: str, trading: bool
) -> None:
    site.answers |= {"/time": clock.now_ms() // 1_000 + 3, "/ok": says}
    status = await polymarket.status()
    assert (status.venue, status.trading, status.says) == ("polymarket", trading, says)
    assert status.skew_ms == 3_000


async def test_a_restarting_exchange_is_out_of_reach(polymarket: Polymarket, site: Site) -> None:
    site.answers["/time"] = said(425, "")
    with pytest.raises(Unavailable):
        await polymarket.status()
