"""The shapes that we read against Kalshi's own OpenAPI document, 3.34.0: what we get."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib import import_module
from types import NoneType
from typing import Any, Final, get_args, get_origin

import msgspec
import pytest

from venues.http import Call, parse
from venues.kalshi.wire import (
    candles,
    communications,
    fcm,
    historical,
    multivariate,
    portfolio,
    public,
    reference,
)
from venues.kalshi.wire import orders as order_wire
from venues.kalshi.wire.raw import Raw, read

Samples = tuple[Call[Any], ...]
Schema = dict[str, Any]
Operation = Callable[[Call[Any]], dict[str, Any]]
Resolved = Callable[[Schema], Schema]
Generated = Callable[[Schema, str], Any]

# What an element that is read by itself is read as: (the shape it stands in, its field) → shape.
ROWS: Final[dict[tuple[type[msgspec.Struct], str], type[msgspec.Struct]]] = {
    (public.Events, "events"): public.Event,
    (public.Events, "milestones"): reference.Milestone,
    (public.Markets, "markets"): public.Market,
    (public.MarketAnswer, "market"): public.Market,
    (public.SeriesList, "series"): public.Series,
    (public.SeriesFeeChanges, "series_fee_change_arr"): public.SeriesFeeChange,
    (public.EventFeeChanges, "event_fee_changes"): public.EventFeeChange,
    (public.Orderbooks, "orderbooks"): public.TickerOrderbook,
    (public.Trades, "trades"): public.Trade,
    (public.MarketCandles, "candlesticks"): public.Candle,
    (candles.MarketCandles, "candlesticks"): public.Candle,
    (candles.EventCandles, "market_candlesticks"): public.Candle,
    (order_wire.CreatedItems, "orders"): order_wire.CreatedItem,
    (order_wire.CanceledItems, "orders"): order_wire.CanceledItem,
    (order_wire.Orders, "orders"): order_wire.Order,
    (order_wire.Groups, "order_groups"): order_wire.Group,
    (portfolio.Positions, "market_positions"): portfolio.MarketPosition,
    (portfolio.Positions, "event_positions"): portfolio.EventPosition,
    (portfolio.Fills, "fills"): portfolio.Fill,
    (portfolio.Settlements, "settlements"): portfolio.Settlement,
    (portfolio.Transfers, "transfers"): portfolio.Transfer,
    (portfolio.Deposits, "deposits"): portfolio.Payment,
    (portfolio.Withdrawals, "withdrawals"): portfolio.Payment,
    (portfolio.SubaccountTransfers, "transfers"): portfolio.SubaccountTransfer,
    (communications.Rfqs, "rfqs"): communications.Rfq,
    (communications.Quotes, "quotes"): communications.Quote,
    (communications.BlockTrades, "block_trade_proposals"): communications.BlockTrade,
    (fcm.Fills, "fills"): fcm.Fill,
    (historical.Candles, "candlesticks"): historical.Candle,
    (multivariate.Events, "events"): public.Event,
    (multivariate.Collections, "multivariate_contracts"): multivariate.Collection,
    (reference.Milestones, "milestones"): reference.Milestone,
    (reference.StructuredTargets, "structured_targets"): reference.StructuredTarget,
    (reference.Incentives, "incentive_programs"): reference.Incentive,
}
# Names that we leave unread, of shapes that are otherwise complete.
DEPRECATED: Final = {"side", "action"}
COMPLETE: Final = (
    *(order_wire.Order, order_wire.Created, order_wire.Canceled, order_wire.Amended),
    *(order_wire.Decreased, order_wire.CreatedItem, order_wire.CanceledItem, order_wire.Group),
    *(portfolio.Fill, portfolio.MarketPosition, portfolio.EventPosition, portfolio.Settlement),
    *(portfolio.Balance, portfolio.Transfer, portfolio.TargetAllocation),
)
# Statuses that we accept beyond the declared ones.
TOLERATED: Final = {200: "a public log shows 200 where 201 is declared (facts, section 9.1)"}


@pytest.fixture(scope="module")
def pairs(
    all_samples: dict[str, Samples], operation: Operation, resolved: Resolved
) -> list[tuple[type[msgspec.Struct], Schema]]:
    """Every shape that an answer may hold, beside its schema."""
    calls = [calls[0] for calls in all_samples.values() if calls[0].answer is not NoneType]
    return [
        pair
        for call in calls
        for pair in shapes(call.answer, content(operation(call), call), None, resolved)
    ]


def test_what_we_accept_is_what_the_venue_declares(samples: Samples, operation: Operation) -> None:
    for call in samples:
        declared = {int(status) for status in operation(call)["responses"]}
        fine = {status for status in declared if status < 300}

        assert fine <= set(call.accepted)
        assert set(call.accepted) - declared <= set(TOLERATED)


def test_a_body_is_read_exactly_where_the_venue_sends_one(
    samples: Samples, operation: Operation
) -> None:
    for call in samples:
        sent = {
            "content" in found
            for status, found in operation(call)["responses"].items()
            if int(status) in call.accepted
        }
        assert sent == {call.answer is not NoneType}, call


def test_what_we_require_is_required_and_what_we_read_exists(
    pairs: list[tuple[type[msgspec.Struct], Schema]],
) -> None:
    assert len(pairs) > 150
    for shape, schema in pairs:
        fields = msgspec.structs.fields(shape)
        required = {each.encode_name for each in fields if each.required}

        assert {each.encode_name for each in fields} <= set(schema.get("properties", ())), shape
        assert required <= set(schema.get("required", ())), shape


def test_the_shapes_that_trading_depends_on_leave_nothing_out(
    pairs: list[tuple[type[msgspec.Struct], Schema]],
) -> None:
    schemas = dict(pairs)
    for shape in COMPLETE:
        read_names = {each.encode_name for each in msgspec.structs.fields(shape)}
        assert set(schemas[shape]["properties"]) - read_names <= DEPRECATED, shape


def test_every_shape_of_the_wire_stands_against_its_schema(
    pairs: list[tuple[type[msgspec.Struct], Schema]],
) -> None:
    reached = {shape for shape, _ in pairs}
    written = {
        each
        for name in {shape.__module__ for shape in reached}
        for each in vars(import_module(name)).values()
        if isinstance(each, type)
        if issubclass(each, msgspec.Struct)
    }
    assert written - {msgspec.Struct} == reached


@pytest.mark.parametrize("how", ["minimal", "full", "null"])
def test_whatever_the_venue_may_answer_is_read(
    samples: Samples, how: str, operation: Operation, generated: Generated
) -> None:
    call = samples[0]
    sent = {} if call.answer is NoneType else generated(content(operation(call), call), how)
    body = b"" if call.answer is NoneType else json.dumps(sent).encode()

    answer = parse("kalshi", str(call), body, call.answer)

    read_all(answer)
    assert (answer is None) == (call.answer is NoneType)


def content(found: dict[str, Any], call: Call[Any]) -> Schema:
    """The schema of a good answer."""
    (schema,) = (
        answer["content"]["application/json"]["schema"]
        for status, answer in found["responses"].items()
        if int(status) < 300
    )
    return dict(schema)


def shapes(
    hint: Any, schema: Schema, row: type[msgspec.Struct] | None, resolved: Resolved
) -> Iterator[tuple[type[msgspec.Struct], Schema]]:
    """(shape, schema) of a type and of everything inside it; `row` is what a Raw in it holds."""
    schema = resolved(schema)
    if hint is Raw:
        hint = row
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        yield hint, schema
        for each in msgspec.structs.fields(hint):
            inner = schema["properties"][each.encode_name]
            yield from shapes(each.type, inner, ROWS.get((hint, each.name)), resolved)
    elif get_origin(hint) is tuple and "items" in schema:
        yield from shapes(get_args(hint)[0], schema["items"], row, resolved)
    elif get_origin(hint) is dict and isinstance(schema.get("additionalProperties"), dict):
        yield from shapes(get_args(hint)[1], schema["additionalProperties"], row, resolved)
    else:
        for each in get_args(hint):
            if each is not NoneType and get_origin(hint) not in {tuple, dict}:
                yield from shapes(each, schema, row, resolved)


def read_all(found: Any, row: type[msgspec.Struct] | None = None) -> None:
    """Reads every element that was left raw."""
    if isinstance(found, Raw):
        assert row
        found = read(found, row)
    if isinstance(found, msgspec.Struct):
        for each in msgspec.structs.fields(found):
            read_all(getattr(found, each.name), ROWS.get((type(found), each.name)))
    elif isinstance(found, tuple):
        for each in found:
            read_all(each, row)
