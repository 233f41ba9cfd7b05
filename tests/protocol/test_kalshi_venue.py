"""Kalshi's books, names, prices and state over a transport that plays the venue's part."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import httpx2
import msgspec
import pytest

from venues import Clock, NotFound
from venues.bucket import TokenBucket
from venues.http import Http
from venues.kalshi import PROD, Kalshi, Member

Json = dict[str, Any]
Answer = Json | httpx2.Response
Handler = Callable[[httpx2.Request], Answer]

BOOK: Final = {
    "yes_dollars": [["0.0100", "5.00"], ["0.4200", "13.00"]],
    "no_dollars": [["0.0100", "9.00"], ["0.5600", "17.00"]],
}


class Exchange:
    """The other end: answers by path; a list is used up one by one, its last answer stays."""

    def __init__(self) -> None:
        self.asked: list[httpx2.Request] = []
        self.answers: dict[str, Answer | Handler | list[Answer]] = {}

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


def refusal(status: int) -> httpx2.Response:
    return httpx2.Response(status, json={"error": {"code": "no", "message": "no"}})


# Books.


def books(request: httpx2.Request) -> Answer:
    tickers = request.url.params.get_list("tickers")
    return {"orderbooks": [{"ticker": t, "orderbook_fp": BOOK} for t in tickers]}


async def test_books_come_in_batches_of_a_hundred(kalshi: Kalshi, exchange: Exchange) -> None:
    exchange.answers["/markets/orderbooks"] = books

    assert len(await kalshi.books([f"KXA-1-{n}" for n in range(250)])) == 250
    assert exchange.times("/markets/orderbooks") == 3


async def test_a_refused_batch_is_asked_for_in_halves(kalshi: Kalshi, exchange: Exchange) -> None:
    def picky(request: httpx2.Request) -> Answer:
        bad = "KXA-1-3" in request.url.params.get_list("tickers")
        return refusal(400) if bad else books(request)

    ids = [f"KXA-1-{n}" for n in range(8)]
    exchange.answers["/markets/orderbooks"] = picky
    exchange.answers["/markets/KXA-1-2/orderbook"] = {"orderbook_fp": BOOK}

    assert (await kalshi.books(ids)).keys() == set(ids) - {"KXA-1-3"}


@pytest.mark.parametrize(
    "broken",
    [
        {"yes_dollars": [["1.2000", "5.00"]], "no_dollars": []},
        {"yes_dollars": [["0.4200", "-5.00"]], "no_dollars": []},
        {"yes_dollars": [["0.4200"]], "no_dollars": []},
        {"yes_dollars": [[0.42, 5]], "no_dollars": []},
        {"yes_dollars": []},
    ],
)
async def test_a_broken_book_loses_only_itself(
    kalshi: Kalshi, exchange: Exchange, broken: Json
) -> None:
    good = {"ticker": "KXA-1-A", "orderbook_fp": BOOK}
    exchange.answers["/markets/orderbooks"] = {
        "orderbooks": [{"ticker": "KXA-1-B", "orderbook_fp": broken}, good]
    }
    exchange.answers["/markets/KXA-1-B/orderbook"] = {"orderbook_fp": broken}

    assert (await kalshi.books(["KXA-1-A", "KXA-1-B"])).keys() == {"KXA-1-A"}
    assert not await kalshi.books(["KXA-1-B"])
    assert len(kalshi.faults) == 2


async def test_an_empty_book_is_a_book_and_an_unknown_one_is_absent(
    kalshi: Kalshi, exchange: Exchange
) -> None:
    empty: Json = {"yes_dollars": [], "no_dollars": []}
    exchange.answers["/markets/KXA-1-A/orderbook"] = {"orderbook_fp": empty}

    book = (await kalshi.books(["KXA-1-A"]))["KXA-1-A"]

    assert (book.bids, book.asks, book.fault()) == ((), (), None)
    assert not await kalshi.books(["KXA-1-Z"])
    assert not kalshi.faults


# Names, prices, trades, state.


def market(ticker: str) -> Json:
    """What tells a market from an event, with the keys that we read."""
    return {
        "ticker": ticker,
        "event_ticker": ticker.rpartition("-")[0],
        "market_type": "binary",
        "yes_sub_title": "It will",
        "close_time": "2026-12-01T00:00:00Z",
        "latest_expiration_time": "2026-12-08T00:00:00Z",
        "settlement_timer_seconds": 300,
        "status": "active",
        "notional_value_dollars": "1.0000",
        "rules_primary": "If it does, then Yes.",
        "rules_secondary": "",
        "price_ranges": [{"start": "0.0000", "end": "1.0000", "step": "0.0100"}],
    }


@pytest.mark.parametrize(
    "text",
    [
        "KXA-1-A",
        " kxa-1-a ",
        "https://kalshi.com/markets/kxa/what/kxa-1#kxa-1-a",
        "https://kalshi.com/markets/kxa-1-a/?utm=1",
        "https://kalshi.com/markets/kxa/what/kxa-1?utm=1#kxa-1-a",
    ],
)
async def test_a_name_is_a_ticker_in_any_case_or_an_address(
    kalshi: Kalshi, exchange: Exchange, text: str
) -> None:
    exchange.answers["/markets/KXA-1-A"] = {"market": market("KXA-1-A")}

    assert await kalshi.resolve(text) == "KXA-1-A"


@pytest.mark.parametrize("text", ["KXA-9", "", "..", "two words", "a,b"])
async def test_an_unknown_name_is_not_found(kalshi: Kalshi, text: str) -> None:
    with pytest.raises(NotFound):
        await kalshi.resolve(text)


async def test_the_ticker_of_an_event_names_its_markets(kalshi: Kalshi, exchange: Exchange) -> None:
    exchange.answers["/events/KXA-1"] = {
        "event": {
            "event_ticker": "KXA-1",
            "series_ticker": "KXA",
            "title": "What happens?",
            "mutually_exclusive": True,
        },
        "markets": [market(f"KXA-1-{n}") for n in range(23)],
    }

    with pytest.raises(NotFound, match=r"its markets are KXA-1-0, KXA-1-1, .* and 3 more"):
        await kalshi.resolve("https://kalshi.com/markets/kxa/what/kxa-1")


def candle(end_s: int, close: str) -> Json:
    return {
        "end_period_ts": end_s,
        "price": {"close_dollars": close},
        "yes_bid": {"close_dollars": "0.4000"},
        "yes_ask": {"close_dollars": "0.4300"},
    }


async def test_prices_come_oldest_first_and_a_broken_candle_is_left_out(
    kalshi: Kalshi, exchange: Exchange
) -> None:
    candles = [candle(10_800, "0.4200"), candle(7_200, "0.4100"), candle(21_600, "n/a")]
    exchange.answers["/markets/candlesticks"] = {
        "markets": [{"market_ticker": "KXA-1-A", "candlesticks": candles}]
    }

    points = await kalshi.prices("KXA-1-A", start_ms=7_199_001, end_ms=21_600_999)

    assert [(point.at_ms, point.price) for point in points] == [
        (7_200_000, 410_000),
        (10_800_000, 420_000),
    ]
    sent = exchange.asked[0].url.params
    assert (sent["start_ts"], sent["end_ts"]) == ("7200", "21600")
    assert len(kalshi.faults) == 1


async def test_a_year_and_a_half_of_prices_takes_three_calls(
    kalshi: Kalshi, exchange: Exchange
) -> None:
    exchange.answers["/markets/candlesticks"] = {"markets": []}

    assert not await kalshi.prices("KXA-1-A", start_ms=0, end_ms=14_000 * 3_600_000)

    spans = [(int(r.url.params["start_ts"]), int(r.url.params["end_ts"])) for r in exchange.asked]
    assert [span[0] for span in spans] == [0, 18_000_000, 36_000_000]
    assert [span[1] + 1 for span in spans[:-1]] == [span[0] for span in spans[1:]]


def trade(name: str, **changed: Any) -> Json:
    return {
        "trade_id": name,
        "ticker": "KXA-1-A",
        "count_fp": "1.50",
        "yes_price_dollars": "0.4200",
        "taker_outcome_side": "no",
        "created_time": "2026-11-24T23:59:59.5Z",
        "is_block_trade": False,
        **changed,
    }


async def test_trades_are_paged_until_there_are_enough(kalshi: Kalshi, exchange: Exchange) -> None:
    exchange.answers["/markets/trades"] = [
        {"trades": [trade("a"), trade("b", taker_outcome_side="maybe")], "cursor": "two"},
        {"trades": [trade("a"), trade("c")], "cursor": "three"},
    ]

    found = await kalshi.trades("KXA-1-A", 2)

    assert [each.id for each in found] == ["a", "c"]
    assert (found[0].price, found[0].quantity, found[0].taker) == (420_000, 1_500_000, "no")
    assert found[0].at_ms == 1_795_564_799_500
    assert len(kalshi.faults) == 1


@pytest.mark.parametrize("http_status", [200, 503])
async def test_status_is_read_whatever_its_http_status(
    kalshi: Kalshi, exchange: Exchange, http_status: int
) -> None:
    shard = {"exchange_index": 3, "description": "Tennis", "intra_exchange_transfers_active": True}
    body = {
        "exchange_active": True,
        "trading_active": http_status == 200,
        "exchange_index_statuses": [{**shard, "exchange_active": False, "trading_active": False}],
    }
    exchange.answers["/exchange/status"] = httpx2.Response(
        http_status, json=body, headers={"date": "Wed, 25 Nov 2026 00:00:02 GMT"}
    )

    found = await kalshi.status()

    assert found.trading is (http_status == 200)
    state = "trading" if http_status == 200 else "trading paused"
    assert found.says == f"{state}; Tennis: exchange paused"
    assert found.skew_ms == 2_000
