"""What an account reads of itself (§9.5, §9.8)."""

from __future__ import annotations

from typing import Any

from venues.money import Cash


async def traded(exchange: Any) -> tuple[Any, Any]:
    """We take 10 of another's 25 at 0.40: (our answer, theirs)."""
    theirs = await exchange.other.placed(side="SELL", price="0.40", size="25")
    ours = await exchange.client.placed(price="0.40", size="10", order_type="FAK")
    return ours, theirs


async def test_an_open_order_row_is_text_and_seconds(exchange: Any, clock: Any) -> None:
    id = (await exchange.client.placed(price="0.40", size="10"))["orderID"]
    found = await exchange.client.get("/data/orders", "next_cursor=MA%3D%3D")
    assert (found["next_cursor"], found["count"]) == ("LTE=", 1)
    assert found["data"] == [
        {
            "id": id,
            "status": "LIVE",
            "market": exchange.rain.condition,
            "asset_id": exchange.rain.tokens[0],
            "owner": exchange.client.key.key,
            "maker_address": exchange.client.address,
            "side": "BUY",
            "price": "0.4",
            "original_size": "10",
            "size_matched": "0",
            "outcome": "Yes",
            "order_type": "GTC",
            "expiration": "0",
            "associate_trades": [],
            "created_at": clock.now_ms() // 1_000,
        }
    ]
    assert await exchange.client.get(f"/data/order/{id}") == found["data"][0]


async def test_orders_are_found_by_market_token_and_id(exchange: Any) -> None:
    fed, rain = exchange.fed, exchange.rain
    one = (await exchange.client.placed(token=rain.tokens[0]))["orderID"]
    two = (await exchange.client.placed(token=fed.tokens[1]))["orderID"]

    async def ids(query: str = "") -> list[str]:
        return [each["id"] for each in (await exchange.client.get("/data/orders", query))["data"]]

    assert set(await ids()) == {one, two}
    assert await ids(f"market={fed.condition}") == [two]
    assert await ids(f"asset_id={rain.tokens[0]}") == [one]
    assert await ids(f"id={two}") == [two]


async def test_a_long_list_of_orders_comes_in_pages(exchange: Any) -> None:
    for _ in range(101):
        await exchange.client.placed(price="0.01", size="5")
    first = await exchange.client.get("/data/orders")
    assert (len(first["data"]), first["next_cursor"]) == (100, "MTAw")
    rest = await exchange.client.get("/data/orders", "next_cursor=MTAw")
    assert (len(rest["data"]), rest["next_cursor"]) == (1, "LTE=")
    assert len({each["id"] for each in first["data"] + rest["data"]}) == 101


async def test_the_taker_and_the_maker_read_the_same_trade(exchange: Any) -> None:
    ours, theirs = await traded(exchange)
    (taken,) = (await exchange.client.get("/data/trades"))["data"]
    assert taken["id"] in ours["tradeIDs"]
    assert (taken["taker_order_id"], taken["trader_side"]) == (ours["orderID"], "TAKER")
    assert (taken["side"], taken["size"], taken["price"]) == ("BUY", "10", "0.4")
    assert taken["status"] == "MATCHED"
    assert isinstance(taken["match_time"], str)
    assert isinstance(taken["bucket_index"], int)
    (maker,) = taken["maker_orders"]
    assert (maker["order_id"], maker["matched_amount"]) == (theirs["orderID"], "10")
    assert maker["side"] == "SELL"
    (made,) = (await exchange.other.get("/data/trades"))["data"]
    assert made | {"trader_side": "TAKER"} == taken


async def test_trades_are_found_by_id_and_time(exchange: Any, clock: Any) -> None:
    ours, _ = await traded(exchange)
    at_s = clock.now_ms() // 1_000

    async def count(query: str) -> int:
        return len((await exchange.client.get("/data/trades", query))["data"])

    assert await count(f"id={ours['tradeIDs'][0]}") == 1
    assert await count("id=another") == 0
    assert await count(f"after={at_s - 1}") == 1
    assert await count(f"after={at_s + 1}") == 0
    assert await count(f"before={at_s - 1}") == 0
    assert await count(f"market={exchange.fed.condition}") == 0


async def test_a_trade_ends_confirmed_with_its_hash(exchange: Any, clock: Any) -> None:
    await traded(exchange)
    await clock.sleep_ms(10_000)
    (found,) = (await exchange.client.get("/data/trades"))["data"]
    assert found["status"] == "CONFIRMED"
    assert len(found["transaction_hash"]) == 66


async def test_a_knob_puts_prefixes_before_statuses(make_exchange: Any) -> None:
    exchange = make_exchange(prefixed=True)
    _, theirs = await traded(exchange)
    row = await exchange.other.get(f"/data/order/{theirs['orderID']}")
    assert row["status"] == "ORDER_STATUS_LIVE"
    (trade,) = (await exchange.client.get("/data/trades"))["data"]
    assert trade["status"] == "TRADE_STATUS_MATCHED"


async def test_reads_trail_as_the_knob_says(make_exchange: Any, clock: Any) -> None:
    exchange = make_exchange(lag_ms=300)
    id = (await exchange.client.placed())["orderID"]
    assert await exchange.client.get(f"/data/order/{id}") is None
    await clock.sleep_ms(300)
    assert (await exchange.client.get(f"/data/order/{id}"))["status"] == "LIVE"


async def test_a_dead_order_may_be_shown_or_not(make_exchange: Any) -> None:
    for shown in (True, False):
        exchange = make_exchange(dead_orders_shown=shown)
        id = (await exchange.client.placed())["orderID"]
        await exchange.client.call("DELETE", "/cancel-all")
        row = await exchange.client.get(f"/data/order/{id}")
        assert (row["status"] if row else None) == ("CANCELED" if shown else None)


async def test_nobody_sees_somebody_elses_order(exchange: Any) -> None:
    id = (await exchange.other.placed())["orderID"]
    assert await exchange.client.get(f"/data/order/{id}") is None
    assert (await exchange.client.get("/data/orders"))["data"] == []


async def test_a_balance_is_base_units_as_text(exchange: Any) -> None:
    cash = await exchange.client.get("/balance-allowance", "asset_type=COLLATERAL&signature_type=0")
    assert cash["balance"] == "10000000000"
    assert all(int(each) > 10**12 for each in cash["allowances"].values())
    query = f"asset_type=CONDITIONAL&token_id={exchange.rain.tokens[0]}&signature_type=0"
    assert (await exchange.client.get("/balance-allowance", query))["balance"] == "500000000"


async def test_the_wrong_signature_type_has_nothing(exchange: Any) -> None:
    found = await exchange.client.get(
        "/balance-allowance", "asset_type=COLLATERAL&signature_type=2"
    )
    assert found["balance"] == "0"


async def test_a_token_of_the_other_protocol_is_not_held_there(exchange: Any) -> None:
    token = exchange.new.tokens[0]
    for kind, balance in (("CONDITIONAL", "0"), ("CONDITIONAL-V2", "500000000")):
        query = f"asset_type={kind}&token_id={token}&signature_type=0"
        assert (await exchange.client.get("/balance-allowance", query))["balance"] == balance


async def test_a_balance_of_no_asset_is_refused(exchange: Any) -> None:
    answer = await exchange.client.call("GET", "/balance-allowance", query="asset_type=GOLD")
    assert answer.status_code == 400


async def test_an_update_makes_the_exchange_look_at_the_chain(make_exchange: Any) -> None:
    exchange = make_exchange(cache_ms=60_000)
    asset = "asset_type=COLLATERAL&signature_type=0"
    await exchange.client.get("/balance-allowance", asset)
    exchange.house.wallets.deposit(exchange.client.address, Cash(5_000_000))
    assert (await exchange.client.get("/balance-allowance", asset))["balance"] == "10000000000"
    await exchange.client.get("/balance-allowance/update", asset)
    assert (await exchange.client.get("/balance-allowance", asset))["balance"] == "10005000000"


async def test_a_wrong_heartbeat_is_told_the_right_one(exchange: Any, clock: Any) -> None:
    async def beat(id: str) -> Any:
        return await exchange.client.call("POST", "/v1/heartbeats", {"heartbeat_id": id})

    first = (await beat("")).json()["heartbeat_id"]
    assert first
    wrong = await beat("another")
    assert wrong.status_code == 400
    assert wrong.json() == {"error_msg": "Invalid Heartbeat ID", "heartbeat_id": first}
    assert (await beat(first)).status_code == 200


async def test_silence_after_a_heartbeat_cancels_everything(exchange: Any, clock: Any) -> None:
    id = (await exchange.client.placed())["orderID"]
    await exchange.client.call("POST", "/v1/heartbeats", {"heartbeat_id": ""})
    await clock.sleep_ms(16_000)
    assert (await exchange.client.get(f"/data/order/{id}"))["status"] == "CANCELED"


async def test_notifications_and_scores_are_empty(exchange: Any) -> None:
    assert await exchange.client.get("/notifications") == []
    assert await exchange.client.get("/order-scoring", "order_id=0x1") == {"scoring": False}
    scores = await exchange.client.call("POST", "/orders-scoring", ["0x1"])
    assert scores.json() == {"0x1": False}
