"""Kalshi's catalogue over a transport that plays the venue's part, well or badly."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import msgspec
import pytest

from venues import (
    CarriedFee,
    Cash,
    Clock,
    MarketData,
    MarketStatus,
    RateLimited,
    Unavailable,
    UnknownFee,
    WireError,
)
from venues.bucket import TokenBucket
from venues.http import Http
from venues.kalshi import PROD, Kalshi, Member

Json = dict[str, Any]
Answer = Json | httpx2.Response
Handler = Callable[[httpx2.Request], Answer]


def market(ticker: str, **changed: Any) -> Json:
    """The newest form of a market, with only the keys that we read."""
    return {
        "ticker": ticker,
        "event_ticker": ticker.rpartition("-")[0],
        "market_type": "binary",
        "title": "Will it?",
        "yes_sub_title": "It will",
        "close_time": "2026-12-01T00:00:00Z",
        "expected_expiration_time": "2026-12-01T05:00:00Z",
        "latest_expiration_time": "2026-12-08T00:00:00Z",
        "settlement_timer_seconds": 300,
        "status": "active",
        "notional_value_dollars": "1.0000",
        "rules_primary": "If it does, then Yes.",
        "rules_secondary": "",
        "price_ranges": [{"start": "0.0000", "end": "1.0000", "step": "0.0100"}],
        "settlement_bounds_type": "default",
        **changed,
    }


def event(ticker: str, *markets: Json, **changed: Any) -> Json:
    return {
        "event_ticker": ticker,
        "series_ticker": "KXA",
        "title": "What happens?",
        "mutually_exclusive": True,
        "category": "World",
        "markets": list(markets),
        **changed,
    }


def series(ticker: str, **changed: Any) -> Json:
    return {
        "ticker": ticker,
        "category": "Politics",
        "tags": None,
        "settlement_sources": None,
        "fee_type": "quadratic",
        "fee_multiplier": 1,
        **changed,
    }


class Exchange:
    """The other end: answers by path; a list is used up one by one, its last answer stays."""

    def __init__(self) -> None:
        self.asked: list[httpx2.Request] = []
        self.answers: dict[str, Answer | Handler | list[Answer]] = {
            "/series": {"series": [series("KXA")]},
            "/series/fee_changes": {"series_fee_change_arr": []},
            "/events/fee_changes": {"event_fee_changes": [], "cursor": ""},
        }

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        answer = self.answers.get(request.url.path.removeprefix("/trade-api/v2"))
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if callable(answer):
            answer = answer(request)
        if answer is None:
            return httpx2.Response(404, json={"error": {"code": "not_found"}})
        if isinstance(answer, httpx2.Response):
            return answer
        return httpx2.Response(200, content=msgspec.json.encode(answer))

    def times(self, path: str) -> int:
        return sum(request.url.path == "/trade-api/v2" + path for request in self.asked)


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


@pytest.fixture
async def kalshi(exchange: Exchange, clock: Clock) -> AsyncIterator[Kalshi]:
    async with Http(
        venue="kalshi",
        hosts={"": PROD},
        clock=clock,
        bucket=TokenBucket(clock, capacity=3, refill_per_s=3),
        transport=httpx2.MockTransport(exchange),
    ) as http:
        yield Kalshi(http, clock, Member.DIRECT)


async def event_ids(kalshi: Kalshi, cursor: str = "") -> list[list[str]]:
    return [[event.id for event in page.events] async for page in kalshi.pages(cursor)]


def test_it_is_market_data(kalshi: Kalshi) -> None:
    data: MarketData = kalshi
    assert data.name == "kalshi"


# The catalogue.


async def test_pages_follow_the_cursor_and_show_each_event_once(
    kalshi: Kalshi, exchange: Exchange
) -> None:
    exchange.answers["/events"] = [
        {"events": [event("KXA-1"), event("KXA-2")], "cursor": "two"},
        {"events": [event("KXA-2"), event("KXA-3")], "cursor": "three"},
        {"events": [event("KXA-4")], "cursor": None},
    ]

    assert await event_ids(kalshi) == [["KXA-1", "KXA-2"], ["KXA-3"], ["KXA-4"]]
    assert exchange.times("/series") == 1
    assert exchange.asked[-1].url.params["cursor"] == "three"
    assert not kalshi.faults


async def test_pages_go_on_from_a_cursor(kalshi: Kalshi, exchange: Exchange) -> None:
    exchange.answers["/events"] = {"events": [event("KXA-9")], "cursor": ""}

    assert await event_ids(kalshi, "nine") == [["KXA-9"]]
    assert exchange.asked[-1].url.params["cursor"] == "nine"


async def test_a_repeated_cursor_ends_the_walk_with_a_sentence(
    kalshi: Kalshi, exchange: Exchange
) -> None:
    exchange.answers["/events"] = {"events": [event("KXA-1")], "cursor": "again"}

    pages = [page async for page in kalshi.pages()]

    assert [page.cursor for page in pages] == ["again", ""]
    assert kalshi.faults == ("A list was cut short: the venue repeated a cursor.",)


async def test_an_empty_page_ends_the_walk(kalshi: Kalshi, exchange: Exchange) -> None:
    exchange.answers["/events"] = {"events": [], "cursor": "more"}

    assert await event_ids(kalshi) == [[]]


async def test_a_broken_event_loses_only_itself(kalshi: Kalshi, exchange: Exchange) -> None:
    exchange.answers["/events"] = {
        "events": [
            event("KXA-1", market("KXA-1-A")),
            event("KXA-2", market("KXA-2-A", price_ranges=None)),
            event("KXA-3", market("KXA-3-A", notional_value_dollars="100.0000")),
            event("KXA-4", mutually_exclusive="yes"),
            {"nothing": "of use"},
            event("KXA-5", market("KXA-5-A", price_ranges=[])),
            event("KXA-6", market("KXA-6-A")),
        ],
        "cursor": "",
    }

    assert await event_ids(kalshi) == [["KXA-1", "KXA-6"]]
    assert [fault.split(" is left out: ")[0] for fault in kalshi.faults] == [
        *("KXA-2", "KXA-4", "an entry without a ticker", "KXA-3", "KXA-5")
    ]


async def test_a_broken_series_loses_only_itself_and_is_asked_for_again_by_name(
    kalshi: Kalshi, exchange: Exchange
) -> None:
    exchange.answers["/series"] = {"series": [series("KXA", fee_multiplier=None), series("KXB")]}
    exchange.answers["/series/KXA"] = {"series": series("KXA", category="World")}
    exchange.answers["/events"] = {"events": [event("KXA-1"), event("KXA-2")], "cursor": ""}

    assert await event_ids(kalshi) == [["KXA-1", "KXA-2"]]
    assert exchange.times("/series/KXA") == 1
    assert kalshi.faults[0].startswith("KXA is left out: ")


async def test_a_page_that_is_cut_off_is_asked_for_again(
    kalshi: Kalshi, exchange: Exchange
) -> None:
    whole = msgspec.json.encode({"events": [event("KXA-1")], "cursor": ""})
    exchange.answers["/events"] = [
        httpx2.Response(200, content=whole[:-9]),
        httpx2.Response(200, content=whole),
    ]

    assert await event_ids(kalshi) == [["KXA-1"]]


async def test_too_many_requests_are_tried_again(kalshi: Kalshi, exchange: Exchange) -> None:
    slow = httpx2.Response(429, json={"error": "too many requests"})
    exchange.answers["/events"] = [slow, slow, {"events": [event("KXA-1")], "cursor": ""}]

    assert await event_ids(kalshi) == [["KXA-1"]]


async def test_too_many_requests_for_too_long_are_an_error(
    kalshi: Kalshi, exchange: Exchange
) -> None:
    exchange.answers["/series/fee_changes"] = httpx2.Response(429, json={"error": "too many"})

    with pytest.raises(RateLimited):
        await event_ids(kalshi)
    assert exchange.times("/series/fee_changes") == 4


async def test_a_web_page_is_an_outage_and_no_catalogue(kalshi: Kalshi, exchange: Exchange) -> None:
    exchange.answers["/events"] = httpx2.Response(200, html="<html>Maintenance</html>")

    with pytest.raises(Unavailable, match="web page"):
        await event_ids(kalshi)


async def test_another_envelope_is_a_wire_error(kalshi: Kalshi, exchange: Exchange) -> None:
    exchange.answers["/events"] = {"items": []}

    with pytest.raises(WireError, match="events"):
        await event_ids(kalshi)


async def test_new_words_and_keys_stop_nothing(kalshi: Kalshi, exchange: Exchange) -> None:
    new = market("KXA-1-A", status="hibernating", strike_type="vibes", brand_new_key={"a": 1})
    exchange.answers["/series"] = {"series": [series("KXA", fee_type="flat")]}
    exchange.answers["/events"] = {"events": [event("KXA-1", new)], "cursor": ""}

    (page,) = [page async for page in kalshi.pages()]

    (found,) = page.events[0].markets
    assert found.status is MarketStatus.UNKNOWN
    assert isinstance(found.fees.at(0), UnknownFee)
    assert [warning.split()[1] for warning in found.warnings] == ["status", "strike", "fee:"]


async def test_only_the_last_thousand_faults_are_kept(kalshi: Kalshi, exchange: Exchange) -> None:
    exchange.answers["/events"] = {
        "events": [{"event_ticker": f"KXA-{n % 1_200}"} for n in range(2_400)],
        "cursor": "",
    }

    await event_ids(kalshi)

    assert len(kalshi.faults) == 1_000
    assert kalshi.faults[-1].startswith("KXA-1199 is left out")


# Markets, and what they cost.


async def test_markets_come_in_batches_and_unknown_names_are_left_out(
    kalshi: Kalshi, exchange: Exchange
) -> None:
    def listed(request: httpx2.Request) -> Answer:
        tickers = request.url.params["tickers"].split(",")
        return {"markets": [market(t) for t in tickers if t != "KXA-1-0"], "cursor": ""}

    exchange.answers["/markets"] = listed
    exchange.answers["/events"] = {"events": [event("KXA-1")], "cursor": ""}
    exchange.answers["/series/KXA"] = {"series": series("KXA")}
    ids = [f"KXA-1-{n}" for n in range(150)]

    found = await kalshi.markets([*ids, "an address/of, something", ""])

    assert found.keys() == set(ids) - {"KXA-1-0"}
    assert exchange.times("/markets") == 2
    assert exchange.times("/events") == exchange.times("/series/KXA") == 1
    assert found["KXA-1-7"].category == "Politics"
    assert found["KXA-1-7"].fees.at(0) == CarriedFee(70_000, 0, Cash(100))
    assert not kalshi.faults


async def test_fee_terms_are_kept_for_ten_minutes(
    kalshi: Kalshi, exchange: Exchange, clock: Clock
) -> None:
    exchange.answers["/markets"] = {"markets": [market("KXA-1-A")], "cursor": ""}
    exchange.answers["/events"] = {"events": [event("KXA-1")], "cursor": ""}
    exchange.answers["/series/KXA"] = [
        {"series": series("KXA")},
        {"series": series("KXA", fee_multiplier=0.5)},
    ]

    for _ in range(2):
        await kalshi.markets(["KXA-1-A"])
    assert exchange.times("/series/KXA") == exchange.times("/series/fee_changes") == 1

    await clock.sleep_ms(600_001)
    found = await kalshi.markets(["KXA-1-A"])
    assert found["KXA-1-A"].fees.at(0) == CarriedFee(35_000, 0, Cash(100))


async def test_fee_changes_of_series_and_event_reach_the_market(
    kalshi: Kalshi, exchange: Exchange, clock: Clock
) -> None:
    later = {"scheduled_ts": "2026-12-01T00:00:00Z"}
    override = {"fee_type_override": None, "fee_multiplier_override": 1, **later}
    exchange.answers["/events/fee_changes"] = [
        {"event_fee_changes": [{"event_ticker": "KXB-1", **override}], "cursor": "two"},
        {"event_fee_changes": [{}, {"event_ticker": "KXA-1", **override}], "cursor": ""},
    ]
    maker = {"fee_type": "quadratic_with_maker_fees", "fee_multiplier": 0.25, **later}
    exchange.answers["/series/fee_changes"] = {
        "series_fee_change_arr": [{"series_ticker": "KXZ"}, {"series_ticker": "KXA", **maker}]
    }
    halved = event("KXA-1", fee_multiplier_override=0.5)
    exchange.answers["/events"] = {"events": [halved], "cursor": ""}
    exchange.answers["/markets"] = {"markets": [market("KXA-1-A")], "cursor": ""}
    exchange.answers["/series/KXA"] = {"series": series("KXA")}

    fees = (await kalshi.markets(["KXA-1-A"]))["KXA-1-A"].fees

    assert fees.at(clock.now_ms()) == CarriedFee(35_000, 0, Cash(100))
    assert fees.at(1_796_083_200_000) == CarriedFee(70_000, 17_500, Cash(100))
    assert [fault.split(" is left out: ")[0] for fault in kalshi.faults] == [
        *("KXZ", "an entry without a ticker")
    ]


async def test_a_market_without_event_or_series_is_reported(
    kalshi: Kalshi, exchange: Exchange
) -> None:
    tickers = ("KXMVE-1-A", "KXA-1-A")
    exchange.answers["/markets"] = {"markets": [market(t) for t in tickers], "cursor": ""}
    exchange.answers["/events"] = {"events": [event("KXA-1")], "cursor": ""}

    found = await kalshi.markets(tickers)

    assert found.keys() == {"KXA-1-A"}
    assert isinstance(found["KXA-1-A"].fees.at(0), UnknownFee)
    assert [fault.partition(":")[0] for fault in kalshi.faults] == [
        "The fees of series KXA are unknown",
        "KXMVE-1-A is left out",
    ]


async def test_one_broken_market_of_an_event_leaves_its_sisters(
    kalshi: Kalshi, exchange: Exchange
) -> None:
    exchange.answers["/markets"] = {
        "markets": [
            market("KXA-1-A"),
            market("KXA-1-B", status=None),
            market("KXA-1-C", notional_value_dollars="2"),
        ],
        "cursor": "",
    }
    exchange.answers["/events"] = {"events": [event("KXA-1")], "cursor": ""}
    exchange.answers["/series/KXA"] = {"series": series("KXA")}

    assert (await kalshi.markets(["KXA-1-A", "KXA-1-B", "KXA-1-C"])).keys() == {"KXA-1-A"}
    assert len(kalshi.faults) == 2
