"""Recorded answers of Kalshi whose form is still today's, read as our calls read them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from venues.http import Call, parse
from venues.kalshi.calls import (
    account,
    candles,
    communications,
    historical,
    live_data,
    multivariate,
    orders,
    portfolio,
    public,
    reference,
)
from venues.kalshi.wire import historical as historical_wire
from venues.kalshi.wire import multivariate as multivariate_wire
from venues.kalshi.wire import portfolio as portfolio_wire
from venues.kalshi.wire import public as public_wire
from venues.kalshi.wire import reference as reference_wire
from venues.kalshi.wire.raw import read
from venues.money import ONE, Quantity

SIZE: Final = Quantity(ONE)

GOLDEN: Final[dict[str, Call[Any]]] = {
    "event_metadata": public.event_metadata("KXELONMARS-99"),
    "exchange_schedule": public.exchange_schedule(),
    "exchange_status": public.exchange_status(),
    "filters_by_sport": reference.filters_by_sport(),
    "live_data_batch": live_data.of_milestones(["93ce8b69"]),
    "live_data_milestone": live_data.of_milestone("93ce8b69"),
    "milestone_single": reference.milestone("93ce8b69"),
    "structured_target_single": reference.structured_target("0002acd4"),
    "tags_by_categories": reference.tags_by_categories(),
    "user_data_timestamp": public.user_data_timestamp(),
}
ROWS: Final[tuple[tuple[str, Call[Any], str, type], ...]] = (
    ("milestones_list", reference.milestones(), "milestones", reference_wire.Milestone),
    (
        "structured_targets_list",
        reference.structured_targets(),
        "structured_targets",
        reference_wire.StructuredTarget,
    ),
    (
        "multivariate_event_collections_list",
        multivariate.collections(),
        "multivariate_contracts",
        multivariate_wire.Collection,
    ),
    ("events_multivariate_list", multivariate.events(), "events", public_wire.Event),
)


@pytest.fixture(scope="module")
def recorded(shared: Path) -> Path:
    return shared / "data/recorded/kalshi"


@pytest.mark.parametrize("name", GOLDEN)
def test_a_recorded_answer_is_read(name: str, recorded: Path) -> None:
    call = GOLDEN[name]
    assert parse("kalshi", str(call), golden(recorded, name), call.answer)


@pytest.mark.parametrize(("name", "call", "rows", "kind"), ROWS)
def test_every_row_of_a_recorded_list_is_read(
    name: str, call: Call[Any], rows: str, kind: type, recorded: Path
) -> None:
    answer = parse("kalshi", str(call), golden(recorded, name), call.answer)
    assert [read(row, kind) for row in getattr(answer, rows)]


def test_historical_candles_are_read(recorded: Path) -> None:
    body = (recorded / "rest/fairline_2026-07/historical_candlesticks.json").read_bytes()
    call = historical.candles("KXA", start_s=0, end_s=1, minutes=60)

    answer = parse("kalshi", str(call), body, call.answer)

    assert [read(row, historical_wire.Candle) for row in answer.candlesticks]


def test_live_candles_of_a_market_are_read(recorded: Path) -> None:
    body = (recorded / "rest/fairline_2026-07/candlesticks_weather.json").read_bytes()
    call = candles.of_market("KXA", "KXA-1", start_s=0, end_s=1, minutes=60)

    answer = parse("kalshi", str(call), body, call.answer)

    found = [read(row, public_wire.Candle) for row in answer.candlesticks]
    assert found[0].volume_fp
    assert found[0].yes_bid.open_dollars


def test_the_recorded_prices_of_calls_are_found_by_method_and_route(recorded: Path) -> None:
    facts = steps(recorded, "account_facts")
    costs = read_as(account.endpoint_costs(), facts["endpoint_costs"])
    limits = read_as(account.limits(), facts["api_limits"])
    cancel = orders.cancel("one", ticker="KXA")
    prices = account.prices(costs)

    assert costs.default_cost == 10
    assert prices[cancel.method, cancel.route] == 2
    assert prices["GET", orders.order("one").route] == 2
    assert prices["DELETE", communications.quote("a", "b").route] == 2
    assert ("POST", "/portfolio/events/orders") not in prices
    assert (limits.read.bucket_capacity, limits.write.refill_rate) == (400, 100)


def test_what_an_account_of_july_held_is_read_though_it_named_no_shard(recorded: Path) -> None:
    seen = steps(recorded, "accept_no")["after_requester"]
    balance = read_as(portfolio.balance(), seen["balance"])
    positions = read_as(portfolio.positions(), seen["positions"])
    fills = read_as(portfolio.fills(), seen["fills"])
    taken, earlier = (read(row, portfolio_wire.Fill) for row in fills.fills)
    (held,) = (read(row, portfolio_wire.MarketPosition) for row in positions.market_positions)
    (event,) = (read(row, portfolio_wire.EventPosition) for row in positions.event_positions)

    assert (balance.balance_dollars, balance.balance_breakdown[0].exchange_index) == ("999.9250", 0)
    assert (taken.book_side, taken.yes_price_dollars, taken.fee_cost) == (
        "bid",
        "0.5200",
        "0.017500",
    )
    assert earlier.outcome_side == "no"
    assert (held.position_fp, held.exchange_index) == ("0.00", None)
    assert event.realized_pnl_dollars == "-0.040000"


def test_a_recorded_quote_is_read(recorded: Path) -> None:
    seen = steps(recorded, "accept_no")
    made = read_as(
        communications.create_rfq("KXA", rest_remainder=False, size=SIZE), seen["rfq_created"]
    )
    answer = read_as(communications.quote("a", "b"), {"quote": seen["quote_terminal"]})

    assert answer.quote.rfq_id == made.id
    assert (answer.quote.status, answer.quote.accepted_side) == ("executed", "no")


def golden(recorded: Path, name: str) -> bytes:
    text = (recorded / f"rest/golden_2026-01/{name}_response.json").read_text()
    return json.dumps(json.loads(text)["response"]).encode()


def steps(recorded: Path, scenario: str) -> dict[str, Any]:
    text = (recorded / f"portfolio/combos_2026-07/scenario_{scenario}.jsonl").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    return {line["step"]: line["data"] for line in lines}


def read_as(call: Call[Any], found: Any) -> Any:
    return parse("kalshi", str(call), json.dumps(found).encode(), call.answer)
