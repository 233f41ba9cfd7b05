"""Our answers beside recorded ones: no key that the venue has is missing, no type differs.

Recorded shapes that are not today's (facts §9) are left out of the comparison.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

FED = "rest/fed_june2026_event_20260517"
MARKET_MISSING = {
    "submitted_by",
    "resolvedBy",
    "volume1wk",
    "volume1mo",
    "volume1yr",
    "volume24hrClob",
    "volume1wkClob",
    "volume1moClob",
    "volume1yrClob",
    "umaBond",
    "umaReward",
    "customLiveness",
    "oneDayPriceChange",
    "oneWeekPriceChange",
    "oneMonthPriceChange",
    "deployingTimestamp",
}
"""Of the catalogue's statistics and back office; nobody trades by them."""
EVENT_MISSING = {
    "competitive",
    "volume1wk",
    "volume1mo",
    "volume1yr",
    "liquidityClob",
    "gmpChartMode",
    "estimateValue",
    "deployingTimestamp",
    "eventMetadata",
}


def recorded(shared: Path, name: str) -> Any:
    return json.loads((shared / "data/recorded/polymarket" / name).read_text())


def kind(value: Any) -> str:
    """JSON types; a number is a number."""
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else type(value).__name__


def compare(ours: dict[str, Any], theirs: dict[str, Any], missing: set[str]) -> None:
    assert set(theirs) - set(ours) <= missing
    both = set(theirs) & set(ours)
    differing = {
        name: (ours[name], theirs[name])
        for name in both
        if kind(ours[name]) != kind(theirs[name]) and None not in (ours[name], theirs[name])
    }
    assert differing == {}


async def busy(exchange: Any) -> None:
    """Both sides of the Fed market, and a trade."""
    token = exchange.fed.tokens[0]
    await exchange.other.placed(token=token, price="0.005", size="500")
    await exchange.other.placed(token=token, side="SELL", price="0.006", size="200")
    await exchange.client.placed(token=token, price="0.006", size="200")


async def test_a_book_has_the_recorded_keys_in_their_order(exchange: Any, shared: Path) -> None:
    await busy(exchange)
    theirs = recorded(shared, f"{FED}/clob-books.json")[0]
    ours = await exchange.public.get("/book", f"token_id={exchange.fed.tokens[0]}")
    assert list(ours) == list(theirs)
    compare(ours, theirs, set())
    compare(ours["bids"][0], theirs["bids"][0], set())


async def test_a_compact_market_has_the_recorded_keys(exchange: Any, shared: Path) -> None:
    theirs = recorded(shared, f"{FED}/clob-markets.json")[0]
    ours = await exchange.public.get(f"/clob-markets/{exchange.fed.condition}")
    compare(ours, theirs, set())
    assert set(ours) - set(theirs) == {"v"}
    compare(ours["fd"], theirs["fd"], set())
    compare(ours["t"][0], theirs["t"][0], set())


@pytest.mark.parametrize("name", ["accepting_true", "accepting_false"])
async def test_a_long_market_has_the_recorded_keys(exchange: Any, shared: Path, name: str) -> None:
    theirs = recorded(shared, f"rest/nautilus_rs_2026/clob_market_closed_binary_{name}.json")
    ours = await exchange.public.get(f"/markets/{exchange.fed.condition}")
    compare(ours, theirs, set())
    assert set(ours) == set(theirs)
    compare(ours["tokens"][0], theirs["tokens"][0], set())


async def test_an_event_has_the_recorded_keys(exchange: Any, shared: Path) -> None:
    theirs = recorded(shared, f"{FED}/gamma-event.json")
    ours = await exchange.public.get("/gamma/events/101")
    compare(ours, theirs, EVENT_MISSING)
    compare(ours["tags"][0], theirs["tags"][0], {"forceShow", "createdAt", "updatedAt"})


async def test_a_market_has_the_recorded_keys(exchange: Any, shared: Path) -> None:
    await busy(exchange)
    theirs = recorded(shared, f"{FED}/gamma-event.json")["markets"][0]
    ours = (await exchange.public.get("/gamma/events/101"))["markets"][0]
    compare(ours, theirs, MARKET_MISSING)
    compare(ours["feeSchedule"], theirs["feeSchedule"], set())


async def test_a_search_has_the_recorded_keys(exchange: Any, shared: Path) -> None:
    theirs = recorded(shared, f"{FED}/gamma-search.json")
    ours = await exchange.public.get("/gamma/public-search", "q=fed")
    assert set(ours) == {"events", "pagination"}
    compare(ours["pagination"], theirs["pagination"], set())


async def test_an_order_row_has_the_recorded_keys(exchange: Any, shared: Path) -> None:
    id = (await exchange.client.placed())["orderID"]
    ours = await exchange.client.get(f"/data/order/{id}")
    real = recorded(shared, "orders/tydog99_2026-01/poly_order_status_full_real.json")
    theirs = real["response"]["body_parsed"]
    compare(ours, theirs, set())
    assert set(ours) == set(theirs)


async def test_a_full_match_has_the_recorded_keys(exchange: Any, shared: Path) -> None:
    """The recording is from before trade ids and after inline hashes."""
    await exchange.other.placed(side="SELL", price="0.53", size="5")
    ours = await exchange.client.placed(price="0.53", size="5", order_type="FAK")
    real = recorded(shared, "orders/tydog99_2026-01/poly_full_fill_real.json")
    theirs = real["response"]["body_parsed"]
    compare(ours, theirs, set())
    assert set(ours) - set(theirs) == {"tradeIDs"}
    assert (ours["makingAmount"], ours["takingAmount"]) == (
        theirs["makingAmount"],
        theirs["takingAmount"],
    )


async def test_a_trade_row_has_the_recorded_keys(exchange: Any, shared: Path) -> None:
    await exchange.other.placed(side="SELL", price="0.40", size="10")
    await exchange.client.placed(price="0.40", size="10", order_type="FOK")
    (ours,) = (await exchange.client.get("/data/trades"))["data"]
    theirs = recorded(shared, "rest/nautilus_rs_2026/http_trade_report.json")
    compare(ours, theirs, set())
    assert set(ours) - set(theirs) == {"match_time_nano"}
    compare(ours["maker_orders"][0], theirs["maker_orders"][0], set())


async def test_a_cancel_has_the_recorded_keys(exchange: Any, shared: Path) -> None:
    id = (await exchange.client.placed())["orderID"]
    answer = await exchange.client.call("DELETE", "/orders", [id])
    theirs = recorded(shared, "rest/nautilus_rs_2026/http_batch_cancel_response.json")
    compare(answer.json(), theirs, set())
