"""Our calls and our wire against Kalshi's own OpenAPI document, 3.34.0."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from venues.http import Call
from venues.kalshi.calls import public as calls
from venues.kalshi.wire import public as wire

TICKERS: Final = [f"KXA-{n}" for n in range(calls.BATCH)]
CALLS: Final[tuple[Call[Any], ...]] = (
    calls.exchange_status(),
    calls.exchange_schedule(),
    calls.series_list(),
    calls.series("KXHIGHNY"),
    calls.series_fee_changes(),
    calls.event_fee_changes("next"),
    calls.open_events("next"),
    calls.events(TICKERS),
    calls.event("KXHIGHNY-26JUL19"),
    calls.markets(TICKERS),
    calls.market("KXHIGHNY-26JUL19-T80"),
    calls.orderbook("KXHIGHNY-26JUL19-T80"),
    calls.orderbooks(TICKERS),
    calls.trades("KXHIGHNY-26JUL19-T80", limit=1_000, cursor="next"),
    calls.hourly_candles("KXHIGHNY-26JUL19-T80", start_s=0, end_s=3_600),
)
SCHEMAS: Final[dict[str, type[msgspec.Struct]]] = {
    "PriceRange": wire.PriceRange,
    "Market": wire.Market,
    "EventData": wire.Event,
    "GetEventsResponse": wire.Events,
    "GetEventResponse": wire.EventAnswer,
    "GetMarketsResponse": wire.Markets,
    "GetMarketResponse": wire.MarketAnswer,
    "Series": wire.Series,
    "GetSeriesListResponse": wire.SeriesList,
    "GetSeriesResponse": wire.SeriesAnswer,
    "SeriesFeeChange": wire.SeriesFeeChange,
    "GetSeriesFeeChangesResponse": wire.SeriesFeeChanges,
    "EventFeeChange": wire.EventFeeChange,
    "GetEventFeeChangesResponse": wire.EventFeeChanges,
    "OrderbookCountFp": wire.Orders,
    "GetMarketOrderbookResponse": wire.Orderbook,
    "MarketOrderbookFp": wire.TickerOrderbook,
    "GetMarketOrderbooksResponse": wire.Orderbooks,
    "Trade": wire.Trade,
    "GetTradesResponse": wire.Trades,
    "BidAskDistribution": wire.Quoted,
    "PriceDistribution": wire.Traded,
    "MarketCandlestick": wire.Candle,
    "MarketCandlesticksResponse": wire.MarketCandles,
    "BatchGetMarketCandlesticksResponse": wire.Candles,
    "ExchangeIndexStatus": wire.ShardStatus,
    "ExchangeStatus": wire.ExchangeStatus,
    "DailySchedule": wire.Session,
    "WeeklySchedule": wire.Week,
    "MaintenanceWindow": wire.Maintenance,
    "Schedule": wire.Schedule,
    "GetExchangeScheduleResponse": wire.ScheduleAnswer,
}


@pytest.fixture(scope="module")
def document(shared: Path) -> dict[str, Any]:
    packed = shared / "data/recorded/kalshi/spec/kalshi_openapi_3.34.0.json.gz"
    found: dict[str, Any] = json.loads(gzip.decompress(packed.read_bytes()))
    return found


def operation(document: dict[str, Any], call: Call[Any]) -> dict[str, Any]:
    """The operation of a call; of several fitting paths the one with fewest variables."""
    fitting = [
        path
        for path in document["paths"]
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), call.path)
    ]
    found: dict[str, Any] = document["paths"][min(fitting, key=lambda path: path.count("{"))]
    return {"parameters": found.get("parameters", []), **found[call.method.lower()]}


def declared(document: dict[str, Any], call: Call[Any]) -> dict[str, dict[str, Any]]:
    """The query parameters that the document allows, by name."""
    parts = document["components"]["parameters"]
    listed = [
        parts[each["$ref"].rsplit("/", 1)[1]] if "$ref" in each else each
        for each in operation(document, call)["parameters"]
    ]
    return {each["name"]: each for each in listed if each["in"] == "query"}


def name_of(schema: dict[str, Any]) -> str:
    return str(schema["$ref"]).rsplit("/", 1)[1]


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_a_call_sends_only_parameters_that_the_venue_declares(
    call: Call[Any], document: dict[str, Any]
) -> None:
    allowed = declared(document, call)
    sent = {name for name, _ in call.params}

    assert sent <= set(allowed)
    assert {name for name, each in allowed.items() if each.get("required")} <= sent
    for name, value in call.params:
        schema = allowed[name]["schema"]
        assert value in schema.get("enum", [value])
        assert name != "limit" or schema["minimum"] <= int(value) <= schema["maximum"]
        repeated = [other for other, _ in call.params if other == name]
        assert len(repeated) <= schema.get("maxItems", 1)


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_a_call_expects_the_answer_that_the_venue_documents(
    call: Call[Any], document: dict[str, Any]
) -> None:
    answers = operation(document, call)["responses"]
    names = {name_of(answers["200"]["content"]["application/json"]["schema"])}
    for status in call.accepted:
        assert name_of(answers[str(status)]["content"]["application/json"]["schema"]) in names

    assert SCHEMAS[names.pop()] is call.answer


@pytest.mark.parametrize("name", SCHEMAS)
def test_what_we_require_is_required_and_what_we_read_exists(
    name: str, document: dict[str, Any]
) -> None:
    schema = document["components"]["schemas"][name]
    fields = msgspec.structs.fields(SCHEMAS[name])

    assert {each.encode_name for each in fields} <= set(schema["properties"])
    required = {each.encode_name for each in fields if each.required}
    assert required <= set(schema.get("required", ()))


def test_every_shape_of_the_wire_stands_against_its_schema() -> None:
    shapes = {
        each
        for name, each in vars(wire).items()
        if isinstance(each, type)
        and issubclass(each, msgspec.Struct)
        and each is not msgspec.Struct
        and not name.startswith("_")
    }
    assert shapes == set(SCHEMAS.values())


def test_a_strange_ticker_stays_one_segment_of_the_path() -> None:
    assert calls.market("KX/../A?b").path == "/markets/KX%2F..%2FA%3Fb"
    for empty in ("", ".", ".."):
        with pytest.raises(ValueError, match="is no ticker"):
            calls.market(empty)
