"""The catalogue: pages and cursors, what is left out and why, and answers that are none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final

import httpx2
import pytest

from venues import (
    AuthRefused,
    Clock,
    Event,
    MarketStatus,
    RateLimited,
    Refused,
    Unavailable,
    WireError,
)
from venues.bucket import TokenBucket
from venues.http import Http
from venues.polymarket import CLOB, GAMMA, Polymarket

Json = Any
HTML: Final = "<html>Attention Required! | Cloudflare</html>"


def cid(n: int) -> str:
    return f"0x{'ab' * 24}{n:016x}"


def gamma_market(n: int, **changes: Json) -> dict[str, Json]:
    return {
        "conditionId": cid(n),
        "slug": f"market-{n}",
        "question": f"Question {n}?",
        "outcomes": '["Yes", "No"]',
        "active": True,
        "closed": False,
        "acceptingOrders": True,
        "enableOrderBook": True,
        "orderPriceMinTickSize": 0.01,
        "orderMinSize": 5,
    } | changes


def gamma_event(n: int, *markets: Json, **changes: Json) -> dict[str, Json]:
    return {"id": str(n), "title": f"Event {n}", "slug": f"event-{n}", "markets": markets} | changes


def said(status: int, body: str, **headers: str) -> httpx2.Response:
    return httpx2.Response(status, text=body, headers=headers)


class Site:
    """Gamma: `pages` are used up one by one; the last one stays."""

    def __init__(self) -> None:
        self.asked: list[httpx2.Request] = []
        self.pages: list[Json] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        answer = self.pages.pop(0) if len(self.pages) > 1 else self.pages[0]
        if isinstance(answer, httpx2.Response):
            code, body = answer.status_code, answer.content
            return httpx2.Response(code, content=body, headers=answer.headers)
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


async def events(polymarket: Polymarket, cursor: str = "") -> list[Event]:
    return [event async for page in polymarket.pages(cursor) for event in page.events]


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


@pytest.mark.parametrize(("start", "cursors"), [("", "aba"), ("a", "ba"), ("a", "a")])
async def test_a_repeated_cursor_ends_the_catalogue_with_a_fault(
    polymarket: Polymarket, site: Site, start: str, cursors: str
) -> None:
    site.pages = [{"events": [gamma_event(1)], "next_cursor": each} for each in cursors]
    assert [event.id for event in await events(polymarket, start)] == ["1"]
    assert len(site.asked) == len(cursors)
    assert polymarket.faults == ("A list was cut short: the venue repeated a cursor.",)


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
        ("conditionId", "", "matching regex"),
        ("conditionId", "0x12", "matching regex"),
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
    nulls["events"] = [{"id": "1", "title": "Event 1", "slug": None}]
    site.pages = [{"events": [gamma_event(1, nulls, bare, tags=None, slug=None, negRisk=None)]}]
    (event,) = await events(polymarket)
    assert [market.id for market in event.markets] == [cid(1), cid(2)]
    assert {market.status for market in event.markets} == {MarketStatus.PAUSED}
    assert {(market.rules, market.closes_at) for market in event.markets} == {("", None)}
    assert {market.url for market in event.markets} == {""}
    assert polymarket.faults == ()


async def test_a_market_that_ends_at_the_end_of_time_does_not_say_when_it_pays(
    polymarket: Polymarket, site: Site
) -> None:
    endless = gamma_market(1, endDate="9999-12-31T23:59:59Z")
    site.pages = [{"events": [gamma_event(1, endless, gamma_market(2))]}]
    (event,) = await events(polymarket)
    assert [market.id for market in event.markets] == [cid(1), cid(2)]
    assert str(event.markets[0].closes_at) == "9999-12-31 23:59:59+00:00"
    assert event.markets[0].payout_at is None


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
        (said(200, HTML), Unavailable),
        (said(403, HTML), Unavailable),
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
