"""Orders, groups and money through the REST face (9, 10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

FED = "KXFEDDECISION-26DEC-C25"
MLB = "KXMLBGAME-26NOV26NYYBOS-NYY"
ORDERS = "/portfolio/events/orders"
NOW_OR_NEVER = {"price": "0.9900", "time_in_force": "immediate_or_cancel"}


async def test_a_fill_is_told_the_same_everywhere(exchange: Any) -> None:
    made = await exchange.client.created(count="2.50", client_order_id="mine", **NOW_OR_NEVER)
    assert (made["fill_count"], made["remaining_count"]) == ("2.50", "0.00")
    assert made["client_order_id"] == "mine"

    (fill,) = (await exchange.client.get("/portfolio/fills"))["fills"]
    assert fill["yes_price_dollars"] == made["average_fill_price"]
    assert fill["fill_id"] == fill["trade_id"]
    assert "client_order_id" not in fill
    order = (await exchange.client.get(f"/portfolio/orders/{made['order_id']}"))["order"]
    assert (order["status"], order["type"], order["outcome_side"]) == ("executed", "limit", "yes")
    assert order["taker_fees_dollars"] == fill["fee_cost"]
    (trade,) = (await exchange.client.get("/markets/trades", f"ticker={FED}&limit=1"))["trades"]
    assert (trade["trade_id"], trade["taker_book_side"]) == (fill["trade_id"], "bid")
    held = await exchange.client.get("/portfolio/positions")
    assert held["market_positions"][0]["position_fp"] == "2.50"
    assert held["event_positions"][0]["total_cost_shares_fp"] == "2.50"
    assert (
        held["market_positions"][0]["market_exposure_dollars"] == order["taker_fill_cost_dollars"]
    )


async def test_an_order_without_a_fill_has_no_averages(exchange: Any) -> None:
    made = await exchange.client.created()
    assert set(made) == {"order_id", "fill_count", "remaining_count", "ts_ms"}


async def test_an_ask_buys_no(exchange: Any) -> None:
    await exchange.client.created(
        side="ask", price="0.0100", count="4", time_in_force="fill_or_kill"
    )
    (order,) = (await exchange.client.get("/portfolio/orders"))["orders"]
    assert (order["side"], order["action"], order["outcome_side"]) == ("no", "buy", "no")
    assert order["no_price_dollars"] == "0.9900"
    (position,) = (await exchange.client.get("/portfolio/positions"))["market_positions"]
    assert position["position_fp"] == "-4.00"


async def test_the_old_words_of_direction_may_be_missing(
    make_exchange: Callable[..., Any],
) -> None:
    exchange = make_exchange(legacy_side_action=False, create_status=200)
    assert (await exchange.client.create()).status_code == 200
    (order,) = (await exchange.client.get("/portfolio/orders"))["orders"]
    assert not {"side", "action"} & set(order)


async def test_a_cancel_without_ticker_or_shard_looks_on_shard_0_only(exchange: Any) -> None:
    made = await exchange.client.created(ticker=MLB)
    path = f"{ORDERS}/{made['order_id']}"
    for query in ("", "exchange_index=0", "exchange_index=2", f"market_ticker={FED}"):
        assert (await exchange.client.call("DELETE", path, query=query)).status_code == 404
    answer = await exchange.client.call(
        "DELETE", path, query=f"market_ticker={MLB}&exchange_index=-1"
    )
    assert answer.json()["reduced_by"] == "10.00"
    assert (await exchange.client.call("DELETE", path, query="exchange_index=3")).status_code == 404

    other = await exchange.client.created(ticker=MLB)
    path = f"{ORDERS}/{other['order_id']}"
    assert (await exchange.client.call("DELETE", path, query="exchange_index=3")).status_code == 200
    here = await exchange.client.created(ticker=FED)
    assert (await exchange.client.call("DELETE", f"{ORDERS}/{here['order_id']}")).status_code == 200


async def test_a_batch_answers_item_by_item(exchange: Any) -> None:
    batch = [
        exchange.client.order(client_order_id="one"),
        exchange.client.order(client_order_id="one"),
        exchange.client.order(price="0.0150", client_order_id="two"),
        exchange.client.order(count="1", **NOW_OR_NEVER),
    ]
    answer = await exchange.client.call("POST", f"{ORDERS}/batched", {"orders": batch})
    assert answer.status_code == 201
    first, again, off_grid, filled = answer.json()["orders"]
    assert first["remaining_count"] == "10.00"
    assert first["average_fill_price"] is None
    assert again["error"]["code"] == "order_already_exists"
    assert (again["client_order_id"], again["ts_ms"], "order_id" in again) == ("one", None, False)
    assert off_grid["error"]["code"] == "invalid_order"
    assert filled["fill_count"] == "1.00"

    ids = [first["order_id"], "unknown"]
    body = {"orders": [{"order_id": each, "market_ticker": FED} for each in ids]}
    answer = await exchange.client.call("DELETE", f"{ORDERS}/batched", body)
    assert answer.status_code == 200
    gone, unknown = answer.json()["orders"]
    assert gone["reduced_by"] == "10.00"
    assert (unknown["reduced_by"], unknown["error"]["code"]) == ("0.00", "not_found")


async def test_a_batch_is_201_even_if_every_item_failed(exchange: Any) -> None:
    bad = exchange.client.order(ticker="KXNONE")
    answer = await exchange.client.call("POST", f"{ORDERS}/batched", {"orders": [bad]})
    assert answer.status_code == 201
    assert answer.json()["orders"][0]["error"]["code"] == "not_found"
    long = {"orders": [exchange.client.order()] * 21}
    assert (await exchange.client.call("POST", f"{ORDERS}/batched", long)).status_code == 400
    shapeless = {"orders": [exchange.client.order(), {"ticker": FED}]}
    assert (await exchange.client.call("POST", f"{ORDERS}/batched", shapeless)).status_code == 400
    assert (await exchange.client.get("/portfolio/orders"))["orders"] == []


async def test_the_count_of_an_amend_is_the_total(exchange: Any) -> None:
    made = await exchange.client.created(client_order_id="old")
    fields = {"ticker": FED, "side": "bid", "price": "0.0200", "count": "4"}
    path = f"{ORDERS}/{made['order_id']}/amend"
    body = {**fields, "client_order_id": "old", "updated_client_order_id": "new"}
    amended = (await exchange.client.call("POST", path, body)).json()
    assert (amended["remaining_count"], amended["client_order_id"]) == ("4.00", "new")
    crossed = await exchange.client.call("POST", path, {**fields, "price": "0.9900", "count": "6"})
    assert crossed.json()["fill_count"] == "6.00"
    assert crossed.json()["remaining_count"] == "0.00"
    for missing in fields:
        short = {name: value for name, value in fields.items() if name != missing}
        assert (await exchange.client.call("POST", path, short)).status_code == 400


async def test_a_decrease_takes_exactly_one_of_its_two_numbers(exchange: Any) -> None:
    made = await exchange.client.created(ticker=MLB)
    path = f"{ORDERS}/{made['order_id']}/decrease"
    for wrong in ({}, {"reduce_by": "1", "reduce_to": "2"}, {"reduce_by": 1}):
        assert (await exchange.client.call("POST", path, wrong)).status_code == 400
    assert (await exchange.client.call("POST", path, {"reduce_by": "1"})).status_code == 404
    body: dict[str, Any] = {"reduce_by": "1.50", "market_ticker": MLB}
    assert (await exchange.client.call("POST", path, body)).json()["remaining_count"] == "8.50"
    body = {"reduce_to": "2", "exchange_index": 3}
    assert (await exchange.client.call("POST", path, body)).json()["remaining_count"] == "2.00"


async def test_orders_are_found_by_what_they_are(exchange: Any, clock: Any) -> None:
    start_s = clock.now_ms() // 1_000
    rests = (await exchange.client.created())["order_id"]
    await clock.sleep_ms(5_000)
    done = (await exchange.client.created(ticker=MLB, count="1", **NOW_OR_NEVER))["order_id"]

    async def found(query: str) -> list[str]:
        orders = (await exchange.client.get("/portfolio/orders", query))["orders"]
        return [each["order_id"] for each in orders]

    assert await found("") == [done, rests]
    assert await found("status=resting") == [rests]
    assert await found("status=executed&exchange_index=3") == [done]
    assert await found(f"ticker={FED}") == [rests]
    assert await found("event_ticker=KXFEDDECISION-26DEC,KXMLBGAME-26NOV26NYYBOS") == [done, rests]
    assert await found(f"max_ts={start_s + 1}") == [rests]
    assert await found(f"min_ts={start_s + 1}") == [done]
    assert await found("subaccount=1") == []
    fills = (await exchange.client.get("/portfolio/fills", f"order_id={done}"))["fills"]
    assert [each["ticker"] for each in fills] == [MLB]
    assert (await exchange.client.get("/portfolio/fills", f"order_id={rests}"))["fills"] == []


async def test_reads_trail_the_engine(make_exchange: Callable[..., Any], clock: Any) -> None:
    exchange = make_exchange(lag_ms=1_000)
    made = await exchange.client.created()
    path = f"/portfolio/orders/{made['order_id']}"
    assert (await exchange.client.call("GET", path)).status_code == 404
    assert (await exchange.client.get("/portfolio/orders"))["orders"] == []
    seen = await exchange.client.get("/exchange/user_data_timestamp")
    assert seen == {"as_of_time": "2026-11-24T23:59:59Z"}
    await clock.sleep_ms(1_000)
    assert (await exchange.client.get(path))["order"]["status"] == "resting"
    await exchange.client.call("DELETE", f"{ORDERS}/{made['order_id']}")
    assert (await exchange.client.get(path))["order"]["status"] == "resting"
    await clock.sleep_ms(1_000)
    assert (await exchange.client.get(path))["order"]["status"] == "canceled"


async def test_cancel_all_leaves_nothing_resting(exchange: Any) -> None:
    for ticker in (FED, MLB):
        await exchange.client.created(ticker=ticker)
    answer = await exchange.client.call("DELETE", ORDERS, query="subaccount=1")
    assert answer.status_code == 204
    assert len((await exchange.client.get("/portfolio/orders", "status=resting"))["orders"]) == 2
    assert (await exchange.client.call("DELETE", ORDERS)).status_code == 204
    assert (await exchange.client.get("/portfolio/orders", "status=resting"))["orders"] == []


async def test_a_group_is_triggered_and_reset_without_a_body(exchange: Any) -> None:
    groups = "/portfolio/order_groups"
    wrong: list[dict[str, Any]] = [
        {},
        {"contracts_limit": 0},
        {"contracts_limit": "5"},
        {"contracts_limit": 5, "contracts_limit_fp": "6.00"},
        {"contracts_limit_fp": "1000001"},
    ]
    for body in wrong:
        assert (await exchange.client.call("POST", f"{groups}/create", body)).status_code == 400
    both = {"contracts_limit": 5, "contracts_limit_fp": "5.00", "exchange_index": 3}
    made = await exchange.client.call("POST", f"{groups}/create", both)
    assert made.status_code == 201
    group = f"{groups}/{made.json()['order_group_id']}"
    order = await exchange.client.created(ticker=MLB, order_group_id=made.json()["order_group_id"])
    assert (await exchange.client.get(group))["orders"] == [order["order_id"]]

    assert (await exchange.client.call("PUT", f"{group}/trigger")).status_code == 404
    triggered = await exchange.client.call("PUT", f"{group}/trigger", query="exchange_index=3")
    assert (triggered.status_code, triggered.json()) == (200, {})
    state = await exchange.client.get(group)
    assert (state["is_auto_cancel_enabled"], state["orders"]) == (False, [])
    blocked = await exchange.client.create(ticker=MLB, order_group_id=made.json()["order_group_id"])
    assert blocked.json()["error"]["code"] == "order_group_triggered"
    reset = await exchange.client.call("PUT", f"{group}/reset", {}, query="exchange_index=3")
    assert reset.status_code == 200
    other = await exchange.client.call("DELETE", group, query="exchange_index=3&subaccount=1")
    assert other.status_code == 404
    gone = await exchange.client.call("DELETE", group, query="exchange_index=3")
    assert gone.status_code == 200
    assert (await exchange.client.call("GET", group)).status_code == 404


async def test_a_transfer_goes_in_as_centicents_and_comes_out_as_dollars(
    exchange: Any, clock: Any
) -> None:
    body = {
        "source": "event_contract",
        "destination": "event_contract",
        "amount": 5_000,
        "source_exchange_shard": 2,
        "client_transfer_id": "8c35ecb3-328f-4f52-8c7c-0f4b9862f8d1",
    }
    path = "/portfolio/intra_exchange_instance_transfer"
    made = await exchange.client.call("POST", path, body)
    read = f"{path}s/{made.json()['transfer_id']}"
    transfer = (await exchange.client.get(read))["transfer"]
    assert (transfer["amount"], transfer["status"]) == ("0.5000", "pending")
    shard = await exchange.client.get("/portfolio/balance", "exchange_index=2")
    assert shard["balance_dollars"] == "999.5000"
    await clock.sleep_ms(5_000)
    assert (await exchange.client.get(read))["transfer"]["status"] == "complete"
    whole = await exchange.client.get("/portfolio/balance")
    assert (whole["balance"], whole["balance_dollars"]) == (300_000, "3000.0000")
    assert whole["balance_breakdown"][0] == {"exchange_index": 0, "balance": "1000.5000"}

    again = await exchange.client.call("POST", path, body)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "transfer_already_exists")
    for wrong, status in (
        ({"amount": 0}, 400),
        ({"amount": "5000"}, 400),
        ({"source": "elsewhere"}, 400),
        ({"source": "margined"}, 403),
        ({"client_transfer_id": "not a uuid"}, 400),
        ({"source_subaccount": 1}, 400),
    ):
        assert (await exchange.client.call("POST", path, {**body, **wrong})).status_code == status
    assert (await exchange.client.call("GET", f"{path}s/unknown")).status_code == 404


@pytest.mark.parametrize(
    ("percents", "margin", "status"),
    [([60, 40], "none", 200), ([60, 30], "sum", 400), ([60, 40], "half", 400), ([], "max", 200)],
)
async def test_the_target_allocation_sums_to_a_hundred(
    exchange: Any, percents: list[int], margin: str, status: int
) -> None:
    rows = [{"exchange_index": 2 * n, "percent": each} for n, each in enumerate(percents)]
    body = {"allocations": rows, "resting_margin_reservation": margin}
    path = "/portfolio/target_balance_allocation"
    assert (await exchange.client.call("POST", path, body)).status_code == status
    found = await exchange.client.get(path)
    unset = {"allocations": [], "resting_margin_reservation": "sum"}
    assert found == (body if status == 200 else unset)
