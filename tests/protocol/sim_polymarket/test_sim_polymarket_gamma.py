"""The catalogue's face: packed lists, cursors, filters (§4, §5)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from venues.sim.polymarket.catalogue import Market


async def ids(exchange: Any, path: str, query: str = "") -> list[str]:
    found = await exchange.public.get(f"/gamma{path}", query)
    rows = found if isinstance(found, list) else found.get("markets") or found.get("events") or []
    return [each["id"] for each in rows]


def more(exchange: Any, count: int) -> None:
    """So many further markets in the rain event, numbered from 1000."""
    for number in range(1_000, 1_000 + count):
        exchange.house.lifecycle.add_market(
            Market(
                id=str(number),
                condition=f"0x{number:064x}",
                event_id="102",
                slug=f"rain-{number}",
                question=f"Rain number {number}?",
                tokens=(str(number * 10**60), str(number * 10**60 + 1)),
                volume=(2_000 - number) * 1_000_000,
            )
        )


async def test_a_market_packs_its_lists_into_strings(exchange: Any) -> None:
    fed = exchange.fed
    found = await exchange.public.get("/gamma/markets/901")
    assert found["conditionId"] == fed.condition
    assert json.loads(found["clobTokenIds"]) == list(fed.tokens)
    assert json.loads(found["outcomes"]) == ["Yes", "No"]
    assert json.loads(found["outcomePrices"]) == ["0.5", "0.5"]
    assert found["feeSchedule"] == {
        "exponent": 1,
        "rate": 0.05,
        "takerOnly": True,
        "rebateRate": 0.25,
    }
    assert (found["feeType"], found["feesEnabled"]) == ("economics_fees", True)
    assert (found["orderPriceMinTickSize"], found["orderMinSize"]) == (0.001, 5)
    assert (found["negRisk"], found["negRiskOther"]) == (True, False)
    assert found["endDate"] == "2026-11-26T00:00:00Z"
    assert found["events"][0]["id"] == "101"
    assert await exchange.public.get("/gamma/markets/slug/fed-cuts-by-25") == found


async def test_a_protocol_v2_market_has_positions_and_a_short_condition(exchange: Any) -> None:
    found = await exchange.public.get("/gamma/markets/903")
    assert found["version"] == "v2"
    assert found["clobTokenIds"] is None
    assert found["positionIds"] == list(exchange.new.tokens)
    assert found["conditionId"] == exchange.new.condition[:-2]
    assert len(found["conditionId"]) == 64
    asked = f"condition_ids={found['conditionId']}"
    assert await ids(exchange, "/markets", asked) == ["903"]
    assert await ids(exchange, "/markets", f"condition_ids={exchange.new.condition}") == []


async def test_an_event_holds_all_its_markets_and_its_flags(exchange: Any) -> None:
    found = await exchange.public.get("/gamma/events/slug/fed-decision-in-january")
    assert [each["id"] for each in found["markets"]] == ["901"]
    assert (found["negRisk"], found["enableNegRisk"], found["negRiskAugmented"]) == (True,) * 3
    assert [each["slug"] for each in found["tags"]] == ["economy", "fed-rates"]
    assert found["seriesSlug"] == found["series"][0]["slug"] == "fomc"
    assert await exchange.public.get("/gamma/events/101") == found


async def test_an_unknown_name_is_not_found(exchange: Any) -> None:
    for path in ("/markets/77", "/events/77", "/markets/slug/none", "/events/slug/none", "/tags/1"):
        answer = await exchange.public.call("GET", f"/gamma{path}")
        assert answer.status_code == 404
        assert answer.json()["type"] == "not found error"


async def test_a_crawl_by_cursor_meets_every_market_once(exchange: Any) -> None:
    more(exchange, 120)
    seen: list[str] = []
    cursor = ""
    while True:
        query = "closed=false&limit=50&order=id&ascending=true"
        found = await exchange.public.get(
            "/gamma/markets/keyset", query + (f"&after_cursor={quote(cursor)}" if cursor else "")
        )
        seen += [each["id"] for each in found["markets"]]
        if "next_cursor" not in found:
            break
        cursor = found["next_cursor"]
    assert seen == ["901", "902", "903", *(str(number) for number in range(1_000, 1_120))]


async def test_a_market_that_closes_meanwhile_does_not_shift_the_pages(exchange: Any) -> None:
    more(exchange, 4)
    query = "order=volumeNum&ascending=false&limit=2"
    first = await exchange.public.get("/gamma/markets/keyset", query)
    assert [each["id"] for each in first["markets"]] == ["1000", "1001"]
    exchange.house.lifecycle.close(f"0x{1_001:064x}")
    rest = f"{query}&after_cursor={quote(first['next_cursor'])}"
    assert await ids(exchange, "/markets/keyset", rest) == ["1002", "1003"]


async def test_a_cursor_by_another_name_serves_the_first_page_again(exchange: Any) -> None:
    more(exchange, 30)
    first = await exchange.public.get("/gamma/markets/keyset", "limit=10")
    wrong = f"limit=10&cursor={quote(first['next_cursor'])}"
    assert await exchange.public.get("/gamma/markets/keyset", wrong) == first


async def test_pages_are_capped_whatever_is_asked(exchange: Any) -> None:
    more(exchange, 120)
    assert len(await ids(exchange, "/markets/keyset", "limit=1000")) == 100
    assert len(await ids(exchange, "/markets", "limit=1000")) == 100


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/markets/keyset", "offset=10"),
        ("/events/keyset", "offset=0"),
        ("/markets", "offset=2101"),
        ("/markets/keyset", "after_cursor=none"),
        ("/markets/keyset", "order=colour"),
        ("/markets", "&".join(f"id={number}" for number in range(101))),
        ("/markets/keyset", "end_date_min=soon"),
    ],
)
async def test_what_the_catalogue_cannot_do_is_refused(
    exchange: Any, path: str, query: str
) -> None:
    answer = await exchange.public.call("GET", f"/gamma{path}", query=query)
    assert answer.status_code in {400, 422}
    assert answer.json()["type"] == "validation error"


async def test_a_hundred_ids_are_served_and_no_more(exchange: Any) -> None:
    query = "&".join(f"id={number}" for number in range(850, 950))
    assert await ids(exchange, "/markets", f"{query}&limit=100") == ["901", "902", "903"]
    answer = await exchange.public.call("GET", "/gamma/markets", query=query + "&id=1")
    assert answer.json()["error"] == "expected array length <= 100"


async def test_filters_find_what_they_name(exchange: Any) -> None:
    fed, rain, new = exchange.fed, exchange.rain, exchange.new
    assert await ids(exchange, "/markets", f"condition_ids={fed.condition}") == ["901"]
    assert await ids(exchange, "/markets", f"clob_token_ids={rain.tokens[1]}") == ["902"]
    assert await ids(exchange, "/markets", f"position_ids={new.tokens[0]}") == ["903"]
    assert await ids(exchange, "/markets", "slug=fed-cuts-by-25&id=901") == ["901"]
    assert await ids(exchange, "/markets/keyset", "version=v2") == ["903"]
    assert await ids(exchange, "/events/keyset", "tag_slug=weather") == ["102"]
    assert await ids(exchange, "/events/keyset", "title_search=FED") == ["101"]
    assert await ids(exchange, "/events", "end_date_min=2026-11-25T12:00:00Z") == ["101"]
    tag = (await exchange.public.get("/gamma/tags/slug/economy"))["id"]
    assert await ids(exchange, "/events/keyset", f"tag_id={tag}") == ["101"]
    assert await ids(exchange, "/events/keyset", f"exclude_tag_id={tag}") == ["102"]


async def test_closed_markets_are_asked_for_apart(exchange: Any) -> None:
    exchange.house.lifecycle.close(exchange.rain.condition)
    asked = "&".join(f"condition_ids={each.condition}" for each in (exchange.fed, exchange.rain))
    assert await ids(exchange, "/markets", f"{asked}&closed=false") == ["901"]
    assert await ids(exchange, "/markets", f"{asked}&closed=true") == ["902"]
    assert (await exchange.public.get("/gamma/markets/902"))["closed"] is True


async def test_a_resolution_is_told_by_prices_and_words(exchange: Any) -> None:
    exchange.house.lifecycle.close(exchange.rain.condition)
    exchange.house.lifecycle.propose(exchange.rain.condition)
    proposed = await exchange.public.get("/gamma/markets/902")
    assert proposed["umaResolutionStatus"] == "proposed"
    exchange.house.lifecycle.resolve(exchange.rain.condition, 0)
    resolved = await exchange.public.get("/gamma/markets/902")
    assert json.loads(resolved["outcomePrices"]) == ["1", "0"]
    assert resolved["umaResolutionStatus"] == "resolved"
    assert (resolved["acceptingOrders"], resolved["closed"]) == (False, True)


async def test_prices_may_be_as_old_as_the_knob_says(make_exchange: Any, clock: Any) -> None:
    exchange = make_exchange(gamma_stale_ms=60_000)
    await exchange.other.placed(price="0.40", size="10")
    assert (await exchange.public.get("/gamma/markets/902"))["bestBid"] == 0.4
    await exchange.other.placed(price="0.41", size="10")
    assert (await exchange.public.get("/gamma/markets/902"))["bestBid"] == 0.4
    await clock.sleep_ms(60_000)
    assert (await exchange.public.get("/gamma/markets/902"))["bestBid"] == 0.41


async def test_the_search_puts_the_best_match_first(exchange: Any) -> None:
    found = await exchange.public.get("/gamma/public-search", "q=will+it+rain+in+january")
    assert [each["id"] for each in found["events"]] == ["102", "101"]
    assert found["pagination"] == {"hasMore": False, "totalResults": 2}
    assert found["events"][0]["markets"]
    page = await exchange.public.get("/gamma/public-search", "q=rain+january&limit_per_type=1")
    assert page["pagination"] == {"hasMore": True, "totalResults": 2}


async def test_tags_series_and_sports_are_listed(exchange: Any) -> None:
    tags = await exchange.public.get("/gamma/tags", "limit=2&offset=1")
    assert [each["slug"] for each in tags] == ["fed-rates", "weather"]
    assert await exchange.public.get(f"/gamma/tags/{tags[0]['id']}") == tags[0]
    assert await exchange.public.get("/gamma/events/102/tags") == tags[1:]
    assert await exchange.public.get("/gamma/markets/902/tags") == tags[1:]
    (series,) = await exchange.public.get("/gamma/series")
    assert await exchange.public.get(f"/gamma/series/{series['id']}") == series
    assert await exchange.public.get("/gamma/sports") == []
    assert "moneyline" in (await exchange.public.get("/gamma/sports/market-types"))["marketTypes"]
