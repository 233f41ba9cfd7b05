"""Public reads: filters, arrays, cursors, books, and how stale a page may be (5 to 8)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from venues.sim import world
from venues.sim.kalshi.catalogue import Result

FED = "KXFEDDECISION-26DEC-C25"
HELD = "KXFEDDECISION-26DEC-H0"
COMBO = "KXMVESPORTS-S1-A"


async def walked(client: Any, path: str, name: str, query: str = "", limit: int = 2) -> list[Any]:
    """Every row of a list, page by page; no cursor comes twice."""
    rows, cursor, seen = [], "", set()
    while cursor not in seen:
        seen.add(cursor)
        asked = "&".join(each for each in (query, f"limit={limit}", f"cursor={cursor}") if each)
        found = await client.get(path, asked)
        assert len(found[name]) <= limit
        rows += found[name]
        cursor = found["cursor"]
        if not cursor:
            return rows
    raise AssertionError(f"the cursor {cursor} came twice")


def tickers(rows: list[Any]) -> list[str]:
    return [each["ticker"] for each in rows]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/markets", "markets"),
        ("/markets/trades", "trades"),
        ("/events", "events"),
        ("/portfolio/orders", "orders"),
        ("/portfolio/fills", "fills"),
        ("/portfolio/positions", "market_positions"),
    ],
)
async def test_pages_together_are_the_whole_list(
    exchange: Any, clock: Any, path: str, name: str
) -> None:
    await clock.sleep_ms(30_000)
    for ticker in (FED, HELD, "KXGREENLAND-29-29", "KXBTCD-26NOV27-T95000"):
        for _ in range(2):
            await exchange.client.created(
                ticker=ticker, count="1", price="0.9900", time_in_force="immediate_or_cancel"
            )
    whole = (await exchange.client.get(path))[name]
    assert len(whole) > 3
    for limit in (1, 3):
        assert await walked(exchange.client, path, name, limit=limit) == whole


async def test_a_page_goes_on_where_it_stopped_though_new_rows_came(exchange: Any) -> None:
    ids = [(await exchange.client.created())["order_id"] for _ in range(5)]
    first = await exchange.client.get("/portfolio/orders", "limit=2")
    await exchange.client.created()
    second = await exchange.client.get("/portfolio/orders", f"limit=9&cursor={first['cursor']}")
    shown = [each["order_id"] for each in first["orders"] + second["orders"]]
    assert shown == ids[::-1]


async def test_a_page_loses_no_row_when_its_last_one_is_gone(exchange: Any, clock: Any) -> None:
    ids = []
    for _ in range(5):
        ids.append((await exchange.client.created())["order_id"])
        await clock.sleep_ms(1_000)
    first = await exchange.client.get("/portfolio/orders", "limit=2&status=resting")
    await exchange.client.call("DELETE", f"/portfolio/events/orders/{ids[3]}")
    query = f"limit=9&status=resting&cursor={first['cursor']}"
    second = await exchange.client.get("/portfolio/orders", query)
    assert [each["order_id"] for each in second["orders"]] == ids[2::-1]


async def test_a_row_beside_one_that_is_gone_comes_twice_rather_than_never(exchange: Any) -> None:
    """All five orders are of the same millisecond."""
    ids = [(await exchange.client.created())["order_id"] for _ in range(5)]
    first = await exchange.client.get("/portfolio/orders", "limit=2&status=resting")
    await exchange.client.call("DELETE", f"/portfolio/events/orders/{ids[3]}")
    query = f"limit=9&status=resting&cursor={first['cursor']}"
    second = await exchange.client.get("/portfolio/orders", query)
    assert [each["order_id"] for each in second["orders"]] == [ids[4], *ids[2::-1]]


async def test_a_full_last_page_has_no_cursor(exchange: Any) -> None:
    whole = await exchange.client.get("/markets")
    last = await exchange.client.get("/markets", f"limit={len(whole['markets'])}")
    assert (last["cursor"], last["markets"]) == ("", whole["markets"])


async def test_a_cursor_that_was_not_given_out_is_refused(exchange: Any) -> None:
    other = (await exchange.client.get("/events", "limit=1"))["cursor"]
    for cursor in ("x", "%00", other, base64.b64encode(b"[]").decode(), "a" * 5_000):
        answer = await exchange.client.call("GET", "/markets", query=f"cursor={cursor}")
        assert answer.status_code == 400, cursor
        assert answer.json()["error"]["code"] == "invalid_parameters"


async def test_markets_are_filtered_by_their_own_words(exchange: Any) -> None:
    async def found(query: str) -> list[str]:
        return tickers((await exchange.client.get("/markets", query))["markets"])

    everything = await found("")
    assert await found("status=unopened") == [world.UPCOMING]
    assert await found("status=paused") == [world.PAUSED]
    assert set(await found("status=open")) == set(everything) - {world.UPCOMING, world.PAUSED}
    assert await found("mve_filter=only") == [COMBO]
    assert await found("mve_filter=exclude") == [each for each in everything if each != COMBO]
    assert await found(f"tickers={FED},KXNONE,{COMBO}") == [FED, COMBO]
    assert await found(f"tickers={FED}%2C{COMBO}") == [FED, COMBO]
    bitcoin = [f"KXBTCD-26NOV27-T{level}" for level in (90_000, 95_000)]
    assert await found("event_ticker=KXBTCD-26NOV27&limit=2") == bitcoin
    assert len(await found("series_ticker=KXMLBGAME")) == 2
    assert await found("limit=0") == everything
    assert await found("event_ticker=KXNONE") == []


async def test_times_of_markets_come_in_families(exchange: Any, clock: Any) -> None:
    now_s = clock.now_ms() // 1_000
    soon = await exchange.client.get("/markets", f"max_close_ts={now_s + 600}")
    assert tickers(soon["markets"]) == [world.CLOSING]
    for query in (
        f"min_close_ts={now_s}&min_created_ts={now_s}",
        f"min_close_ts={now_s}&status=open",
        f"min_created_ts={now_s}&status=closed",
        f"max_settled_ts={now_s}&status=closed",
        f"min_updated_ts={now_s}&status=open",
        f"min_updated_ts={now_s}&event_ticker=KXBTCD-26NOV27",
        f"min_updated_ts={now_s}&mve_filter=only",
        f"min_updated_ts={now_s}&series_ticker=KXBTCD",
    ):
        answer = await exchange.client.call("GET", "/markets", query=query)
        assert answer.json()["error"]["code"] == "invalid_parameters", query
    for query in (
        f"min_updated_ts={now_s}",
        f"min_updated_ts={now_s}&mve_filter=exclude&series_ticker=KXBTCD",
        f"min_created_ts={now_s}&status=open",
    ):
        assert (await exchange.client.get("/markets", query))["markets"], query
    assert (await exchange.client.get("/markets", f"min_settled_ts={now_s}"))["markets"] == []


async def test_the_word_paused_can_be_one_the_venue_does_not_know(
    make_exchange: Callable[..., Any],
) -> None:
    exchange = make_exchange(paused_status_accepted=False)
    answer = await exchange.client.call("GET", "/markets", query="status=paused")
    assert answer.status_code == 400


async def test_an_event_has_the_status_of_any_of_its_markets(exchange: Any) -> None:
    async def found(query: str) -> list[str]:
        events = (await exchange.client.get("/events", query))["events"]
        return [each["event_ticker"] for each in events]

    assert "KXMVESPORTS-S1" not in await found("")
    assert await found("status=unopened") == ["KXCPIYOY-27JAN"]
    exchange.house.lifecycle.determine(FED, Result.YES)
    assert await found("status=closed") == ["KXFEDDECISION-26DEC"]
    assert "KXFEDDECISION-26DEC" in await found("status=open")
    assert await found("tickers=KXBTCD-26NOV27,KXNONE") == ["KXBTCD-26NOV27"]
    assert await found("series_ticker=KXHIGHNY") == ["KXHIGHNY-26NOV26"]


async def test_markets_of_events_are_nested_or_beside(exchange: Any) -> None:
    nested = await exchange.client.get("/events", "with_nested_markets=true&tickers=KXBTCD-26NOV27")
    assert len(nested["events"][0]["markets"]) == 3
    plain = await exchange.client.get("/events/KXBTCD-26NOV27")
    assert "markets" not in plain["event"]
    assert len(plain["markets"]) == 3
    inside = await exchange.client.get("/events/KXBTCD-26NOV27", "with_nested_markets=true")
    assert len(inside["event"]["markets"]) == 3
    without = await exchange.client.get("/events/KXBTCD-26NOV27", "exclude_markets=true")
    assert without["markets"] == []
    both = "exclude_markets=true&with_nested_markets=true"
    answer = await exchange.client.call("GET", "/events/KXBTCD-26NOV27", query=both)
    assert answer.status_code == 400


async def test_an_archived_market_is_only_in_history(exchange: Any, clock: Any) -> None:
    exchange.house.lifecycle.determine(FED, Result.YES)
    live, old = f"/markets/{FED}", f"/historical/markets/{FED}"
    assert (await exchange.client.call("GET", old)).status_code == 404
    await clock.sleep_ms(100 * 86_400_000)
    assert (await exchange.client.call("GET", live)).status_code == 404
    assert (await exchange.client.get(old))["market"]["status"] == "finalized"
    book = await exchange.client.call("GET", f"{live}/orderbook")
    assert book.status_code == 404
    event = await exchange.client.get("/events/KXFEDDECISION-26DEC")
    assert FED not in tickers(event["markets"])


async def test_a_book_is_bids_alone_lowest_first(exchange: Any) -> None:
    """NO bids come in NO prices: one minus the lowest YES ask is the last of them (7)."""
    house = exchange.house
    book = (await exchange.client.get(f"/markets/{FED}/orderbook"))["orderbook_fp"]
    for side in ("yes_dollars", "no_dollars"):
        prices = [Decimal(price) for price, _ in book[side]]
        assert prices == sorted(set(prices))
        assert len(prices) == 4
    bid, ask = house.bids(FED)[0], house.asks(FED)[0]
    assert Decimal(book["yes_dollars"][-1][0]) * 1_000_000 == bid.price
    assert Decimal(book["no_dollars"][-1][0]) * 1_000_000 == 1_000_000 - ask.price
    market = (await exchange.client.get(f"/markets/{FED}"))["market"]
    assert [market["yes_bid_dollars"], market["yes_bid_size_fp"]] == book["yes_dollars"][-1]
    assert [market["no_bid_dollars"], market["yes_ask_size_fp"]] == book["no_dollars"][-1]

    deep = await exchange.client.get(f"/markets/{FED}/orderbook", "depth=2")
    assert deep["orderbook_fp"] == {side: levels[-2:] for side, levels in book.items()}


async def test_an_empty_side_is_an_empty_list_and_its_price_a_sentinel(exchange: Any) -> None:
    book = await exchange.client.get(f"/markets/{world.UPCOMING}/orderbook")
    assert book == {"orderbook_fp": {"yes_dollars": [], "no_dollars": []}}
    market = (await exchange.client.get(f"/markets/{world.UPCOMING}"))["market"]
    names = ("yes_bid_dollars", "yes_ask_dollars", "no_bid_dollars", "no_ask_dollars")
    assert [market[name] for name in names] == ["0.0000", "1.0000", "0.0000", "1.0000"]
    assert market["yes_bid_size_fp"] == "0.00"


async def test_tickers_of_books_are_repeated_not_joined(exchange: Any) -> None:
    path = "/markets/orderbooks"
    both = await exchange.client.get(path, f"tickers={FED}&tickers={HELD}")
    assert tickers(both["orderbooks"]) == [FED, HELD]
    joined = await exchange.client.get(path, f"tickers={FED}%2C{HELD}")
    assert tickers(joined["orderbooks"]) == [FED]
    for query in ("", "&".join(f"tickers=A{n}" for n in range(101)), f"tickers={'A' * 201}"):
        assert (await exchange.client.call("GET", path, query=query)).status_code == 400


async def test_trades_come_newest_first_and_within_their_times(exchange: Any, clock: Any) -> None:
    start_s = clock.now_ms() // 1_000
    await clock.sleep_ms(60_000)
    trades = (await exchange.public.get("/markets/trades", "limit=1000"))["trades"]
    times = [each["created_time"] for each in trades]
    assert times == sorted(times, reverse=True)
    assert len(set(tickers(trades))) > 3
    some = await exchange.public.get("/markets/trades", f"limit=1000&max_ts={start_s + 20}")
    assert 0 < len(some["trades"]) < len(trades)
    assert some["trades"] == trades[-len(some["trades"]) :]
    one = await exchange.public.get("/markets/trades", f"ticker={FED}&is_block_trade=false")
    assert set(tickers(one["trades"])) <= {FED}
    assert (await exchange.public.get("/markets/trades", "is_block_trade=true"))["trades"] == []


async def test_prices_of_markets_may_be_old_and_books_never(
    make_exchange: Callable[..., Any], clock: Any
) -> None:
    exchange = make_exchange(market_cache_ms=15_000)

    async def bids() -> tuple[Any, Any]:
        market = (await exchange.client.get(f"/markets/{FED}"))["market"]
        book = (await exchange.client.get(f"/markets/{FED}/orderbook"))["orderbook_fp"]
        return market["yes_bid_dollars"], book["yes_dollars"][-1][0]

    before, _ = await bids()
    await exchange.client.created(price=f"{Decimal(before) + Decimal('0.01'):.4f}", count="900")
    stale, fresh = await bids()
    assert stale == before
    assert fresh != before
    await clock.sleep_ms(15_000)
    late, now = await bids()
    assert late == now


async def test_fees_to_come_are_listed(exchange: Any, clock: Any) -> None:
    house = exchange.house
    at_ms = clock.now_ms() + 60_000
    house.lifecycle.schedule_fee(
        at_ms=at_ms, series_ticker="KXBTCD", fee_type="quadratic", fee_multiplier=500_000
    )
    path = "/series/fee_changes"
    (change,) = (await exchange.client.get(path))["series_fee_change_arr"]
    assert (change["fee_multiplier"], change["scheduled_ts"]) == (0.5, "2026-11-25T00:01:00Z")
    assert (await exchange.client.get(path, "series_ticker=KXCPIYOY")) == {
        "series_fee_change_arr": []
    }
    await clock.sleep_ms(60_000)
    assert (await exchange.client.get(path))["series_fee_change_arr"] == []
    old = await exchange.client.get(path, "show_historical=true")
    assert len(old["series_fee_change_arr"]) == 1
    assert (await exchange.client.get("/series/KXBTCD"))["series"]["fee_multiplier"] == 0.5


async def test_series_are_found_by_category_and_tag(exchange: Any) -> None:
    async def found(query: str) -> list[str]:
        return tickers((await exchange.client.get("/series", query))["series"])

    assert await found("category=Crypto") == ["KXBTCD"]
    assert await found("category=crypto") == []
    assert await found("tags=Baseball") == ["KXMLBGAME"]
    assert len(await found("")) == 7
    assert (await exchange.client.call("GET", "/series/KXNONE")).status_code == 404
