"""What a person may type for a market, and what the answer is where that is none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final

import httpx2
import pytest

from venues import AuthRefused, Clock, NotFound, WireError
from venues.bucket import TokenBucket
from venues.http import Http
from venues.polymarket import CLOB, GAMMA, Polymarket

Json = Any
YES: Final = "1" * 77
NO: Final = "2" * 77


def cid(n: int) -> str:
    return f"0x{'ab' * 24}{n:016x}"


def gamma_market(n: int) -> dict[str, Json]:
    return {"conditionId": cid(n), "slug": f"market-{n}"}


def gamma_event(*numbers: int) -> dict[str, Json]:
    return {"id": "7", "title": "Event", "markets": [gamma_market(n) for n in numbers]}


def said(status: int, body: str) -> httpx2.Response:
    return httpx2.Response(status, text=body)


class Site:
    """Both APIs: answers by path."""

    def __init__(self) -> None:
        self.answers: dict[str, Json] = {}

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        answer = self.answers.get(request.url.path, said(404, '{"error": "not found"}'))
        if isinstance(answer, httpx2.Response):
            return httpx2.Response(answer.status_code, content=answer.content)
        return httpx2.Response(200, json=answer)


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


@pytest.mark.parametrize(
    "text",
    [
        cid(1),
        cid(1).upper().replace("X", "x"),
        YES,
        "market-1",
        " market-1 ",
        "1234567",
        "event-with-one-market",
        "https://polymarket.com/event/event-7/market-1",
        "https://polymarket.com/event/event-7/market-1?tid=1#comments",
        "https://polymarket.com/event/event-7/market-1#comments",
        "https://polymarket.com/event/event-7/market-1/#a/b?c",
        "polymarket.com/market/market-1/",
    ],
)
async def test_a_market_answers_to_each_of_its_names(
    polymarket: Polymarket, site: Site, text: str
) -> None:
    terms = {
        "c": cid(1),
        "t": [{"t": "1" * 40, "o": "Yes"}, {"t": "2" * 40, "o": "No"}],
        "mts": 0.01,
        "mos": 5,
    }
    pair = {"condition_id": cid(1), "primary_token_id": YES, "secondary_token_id": NO}
    site.answers |= {
        "/markets/slug/market-1": gamma_market(1),
        "/markets/1234567": gamma_market(1),
        "/events/slug/event-with-one-market": gamma_event(1),
        f"/clob-markets/{cid(1)}": terms,
        f"/markets-by-token/{YES}": pair,
    }
    assert await polymarket.resolve(text) == cid(1)


async def test_the_no_token_is_not_taken_for_the_market(polymarket: Polymarket, site: Site) -> None:
    pair = {"condition_id": cid(1), "primary_token_id": YES, "secondary_token_id": NO}
    site.answers[f"/markets-by-token/{NO}"] = pair
    with pytest.raises(NotFound, match=f"{NO} is the NO token of market {cid(1)}"):
        await polymarket.resolve(NO)


async def test_an_event_with_several_markets_names_them(polymarket: Polymarket, site: Site) -> None:
    site.answers["/events/slug/fed"] = gamma_event(*range(22))
    with pytest.raises(NotFound) as caught:
        await polymarket.resolve("https://polymarket.com/event/fed")
    listed = ", ".join(f"market-{n}" for n in range(20))
    assert caught.value.words == f"fed is an event; its markets are {listed} and 2 more"


@pytest.mark.parametrize("text", ["fed-june", "fed june", "../fed?x=1", "https://x.com/fed-june#a"])
async def test_an_unknown_name_is_answered_with_what_was_perhaps_meant(
    polymarket: Polymarket, site: Site, text: str
) -> None:
    site.answers["/public-search"] = {"events": [gamma_event(1, 2)]}
    with pytest.raises(NotFound, match="did you mean market-1, market-2"):
        await polymarket.resolve(text)


async def test_a_broken_hit_of_the_search_loses_only_itself(
    polymarket: Polymarket, site: Site
) -> None:
    nameless = gamma_event(1) | {"title": None}
    site.answers["/public-search"] = {"events": [nameless, gamma_event(2), "an event?"]}
    with pytest.raises(NotFound, match="did you mean market-2"):
        await polymarket.resolve("fed-june")
    assert len(polymarket.faults) == 2


@pytest.mark.parametrize(
    "answer", [said(503, ""), said(429, "{}"), said(400, "{}"), said(403, "{}"), {"events": 7}]
)
async def test_a_search_that_fails_leaves_the_name_unknown(
    polymarket: Polymarket, site: Site, answer: Json
) -> None:
    site.answers["/public-search"] = answer
    with pytest.raises(NotFound) as caught:
        await polymarket.resolve("fed-june")
    assert caught.value.words == "there is no market 'fed-june'"


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


@pytest.mark.parametrize("path", ["/markets/slug/market-1", "/events/slug/market-1"])
async def test_a_name_that_leads_to_a_broken_id_is_a_broken_answer(
    polymarket: Polymarket, site: Site, path: str
) -> None:
    site.answers[path] = {"conditionId": "0x12", "slug": "market-1", "id": 7}
    with pytest.raises(WireError):
        await polymarket.resolve("market-1")


async def test_a_locked_door_is_no_missing_name(polymarket: Polymarket, site: Site) -> None:
    site.answers["/markets/slug/market-1"] = said(403, '{"error": "forbidden"}')
    with pytest.raises(AuthRefused):
        await polymarket.resolve("market-1")
