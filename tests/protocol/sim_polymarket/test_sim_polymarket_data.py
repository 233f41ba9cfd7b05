"""The indexer's face (§17)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest


@pytest.fixture
def exchange(exchange: Any) -> Any:
    """We hold nothing yet."""
    wallets, us = exchange.house.wallets, exchange.client.address
    for token in exchange.house.catalogue.by_token:
        wallets.take_away(us, token, wallets.held(us, token))
    return exchange


async def bought(
    exchange: Any, clock: Any, *, price: str = "0.40", size: str = "10", outcome: int = 0
) -> None:
    """We buy YES (outcome 0) or NO of the plain market, and the indexer hears of it."""
    what = {"token": exchange.rain.tokens[outcome], "price": price, "size": size}
    await exchange.other.placed(side="SELL", **what)
    await exchange.client.placed(order_type="FOK", **what)
    await clock.sleep_ms(10_000)


async def rows(exchange: Any, path: str, query: str = "") -> list[Any]:
    asked = f"user={exchange.client.address}" + (f"&{query}" if query else "")
    found = await exchange.public.get(f"/data/v2/{path}", asked)
    assert set(found) == {"data", "pagination"}
    return list(found["data"])


async def test_a_position_is_told_in_numbers(exchange: Any, clock: Any) -> None:
    await bought(exchange, clock, price="0.4", size="12.5")
    rain = exchange.rain
    (found,) = await rows(exchange, "positions", f"condition_id={rain.condition}&status=OPEN")
    assert (found["current_size"], found["avg_price"], found["entry_cost_usdc"]) == (12.5, 0.4, 5)
    assert (found["token_id"], found["condition_id"]) == (rain.tokens[0], rain.condition)
    assert found["status"] == "OPEN"
    assert (found["redeemable"], found["mergeable"]) == (False, False)
    assert found["opposite_token_id"] == rain.tokens[1]
    assert (found["outcome"], found["outcome_index"]) == ("Yes", 0)
    assert await rows(exchange, "positions", f"condition_id={exchange.fed.condition}") == []


async def test_a_pair_can_be_merged_and_says_so(exchange: Any, clock: Any) -> None:
    await bought(exchange, clock)
    assert await rows(exchange, "positions", "status=MERGEABLE") == []
    await bought(exchange, clock, outcome=1)
    found = await rows(exchange, "positions", "status=MERGEABLE")
    assert [each["mergeable"] for each in found] == [True, True]


async def test_dust_is_hidden_unless_asked_for(exchange: Any, clock: Any) -> None:
    token = exchange.rain.tokens[0]
    await bought(exchange, clock, size="10")
    await exchange.other.placed(price="0.39", size="9.95")
    await exchange.client.placed(side="SELL", price="0.39", size="9.95", order_type="FOK")
    await clock.sleep_ms(10_000)
    assert await rows(exchange, "positions") == []
    (dust,) = await rows(exchange, "positions", "filter_type=TOKENS&filter_amount=0")
    assert (dust["token_id"], dust["current_size"]) == (token, 0.05)
    worth = await rows(exchange, "positions", "filter_type=CASH&filter_amount=1")
    assert worth == []


async def test_the_indexer_trails(make_exchange: Any, clock: Any) -> None:
    exchange = make_exchange(indexer_ms=60_000)
    await clock.sleep_ms(120_000)
    await exchange.other.placed(side="SELL", price="0.40", size="10")
    await exchange.client.placed(price="0.40", size="10", order_type="FOK")
    await clock.sleep_ms(30_000)
    assert await rows(exchange, "trades") == []
    await clock.sleep_ms(60_000)
    (found,) = await rows(exchange, "trades")
    assert (found["side"], found["size"], found["price"]) == ("BUY", 10, 0.4)
    assert found["token_id"] == exchange.rain.tokens[0]


async def test_pages_go_on_with_the_same_filters_only(exchange: Any, clock: Any) -> None:
    for number in range(6):
        await bought(exchange, clock, size=str(5 + number))
    user = f"user={exchange.client.address}"
    first = await exchange.public.get("/data/v2/trades", f"{user}&limit=4")
    assert first["pagination"]["has_more"] is True
    cursor = quote(first["pagination"]["next_cursor"])
    rest = await exchange.public.get("/data/v2/trades", f"{user}&cursor={cursor}")
    assert rest["pagination"]["next_cursor"] is None
    sizes = [each["size"] for each in first["data"] + rest["data"]]
    assert sizes == [10, 9, 8, 7, 6, 5]
    for wrong in (f"{user}&cursor={cursor}&limit=4", f"{user}&side=BUY&cursor={cursor}"):
        answer = await exchange.public.call("GET", "/data/v2/trades", query=wrong)
        assert answer.status_code == 400


async def test_a_resolved_market_pays_and_says_so(make_exchange: Any, clock: Any) -> None:
    exchange = make_exchange(auto_redeem_ms=None)
    rain = exchange.rain
    for outcome in (0, 1):
        await bought(exchange, clock, outcome=outcome)
    query = f"condition_id={rain.condition}"
    assert (await exchange.public.get("/data/v2/resolutions", query))["data"] == []
    exchange.house.lifecycle.close(rain.condition)
    exchange.house.lifecycle.resolve(rain.condition, 1)
    await clock.sleep_ms(5_000)
    (found,) = (await exchange.public.get("/data/v2/resolutions", query))["data"]
    assert (found["status"], found["payouts"]) == ("resolved", ["0", "1000000"])
    assert found["resolved_at"] == "2026-11-25T00:00:20Z"
    redeemable = await rows(exchange, "positions", "status=REDEEMABLE")
    assert {each["token_id"]: each["current_price"] for each in redeemable} == {
        rain.tokens[0]: 0,
        rain.tokens[1]: 1,
    }
    (lost,) = await rows(exchange, "positions", "status=REDEEMABLE_LOST")
    assert lost["token_id"] == rain.tokens[0]


async def test_a_redemption_stands_among_the_activities(make_exchange: Any, clock: Any) -> None:
    exchange = make_exchange(auto_redeem_ms=1_000)
    exchange.house.lifecycle.close(exchange.rain.condition)
    exchange.house.lifecycle.resolve(exchange.rain.condition, 0)
    await clock.sleep_ms(30_000)
    (found,) = await rows(exchange, "activity", "type=REDEEM")
    assert found["condition_id"] == exchange.rain.condition
    assert found["usdc_size"] == 500
    assert isinstance(found["timestamp"], int)
    assert await rows(exchange, "activity", "type=MERGE") == []


async def test_a_wallet_has_a_value(exchange: Any, clock: Any) -> None:
    await bought(exchange, clock)
    asked = f"user={exchange.client.address}"
    found = await exchange.public.get("/data/v2/value", asked)
    assert found["data"] == {"proxy_wallet": exchange.client.address, "value": 5}


async def test_past_prices_need_a_token_and_one_span(exchange: Any) -> None:
    token = f"token_id={exchange.rain.tokens[0]}"
    found = await exchange.public.get("/data/v2/prices-history", f"{token}&interval=1d")
    assert [(each["price"], each["resolution_seconds"]) for each in found["data"]] == [(0.5, 60)]
    assert found["pagination"]["has_more"] is False
    for query in (token, f"{token}&interval=1d&start=5", "interval=1d"):
        answer = await exchange.public.call("GET", "/data/v2/prices-history", query=query)
        assert answer.status_code == 400


async def test_reads_without_a_wallet_or_with_too_much_are_refused(exchange: Any) -> None:
    many = ",".join(f"0x{number:064x}" for number in range(21))
    for query in ("", f"user={exchange.client.address}&condition_id={many}"):
        answer = await exchange.public.call("GET", "/data/v2/positions", query=query)
        assert answer.status_code == 400
