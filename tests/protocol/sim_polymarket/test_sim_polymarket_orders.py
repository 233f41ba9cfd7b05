"""Placing, cancelling, modes, delays at the REST face (§9, §15.3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from venues.sim.polymarket.knobs import Units


def said(response: Any) -> tuple[int, Any]:
    return response.status_code, response.json()


async def test_a_resting_order_answers_its_id_and_no_amounts(exchange: Any) -> None:
    found = await exchange.client.placed(price="0.40", size="10")
    assert found.pop("orderID").startswith("0x")
    assert found == {
        "success": True,
        "errorMsg": "",
        "status": "live",
        "makingAmount": "",
        "takingAmount": "",
        "tradeIDs": [],
        "transactionsHashes": [],
    }


@pytest.mark.parametrize(
    ("units", "making", "taking"), [(Units.PLAIN, "4", "10"), (Units.BASE, "4000000", "10000000")]
)
async def test_a_match_answers_amounts_from_the_takers_side(
    make_exchange: Any, units: Units, making: str, taking: str
) -> None:
    exchange = make_exchange(amounts=units)
    await exchange.other.placed(side="SELL", price="0.40", size="10")
    found = await exchange.client.placed(price="0.40", size="10", order_type="FOK")
    assert found["status"] == "matched"
    assert (found["makingAmount"], found["takingAmount"]) == (making, taking)
    assert len(found["tradeIDs"]) == 1
    assert found["transactionsHashes"] == []


async def test_hashes_come_inline_only_where_the_knob_says_so(make_exchange: Any) -> None:
    exchange = make_exchange(inline_hashes=True)
    await exchange.other.placed(side="SELL", price="0.40", size="10")
    found = await exchange.client.placed(price="0.40", size="10", order_type="FOK")
    assert [each[:2] for each in found["transactionsHashes"]] == ["0x"]


async def test_orders_of_all_three_exchanges_are_taken(exchange: Any) -> None:
    for market in (exchange.fed, exchange.rain, exchange.new):
        found = await exchange.client.placed(token=market.tokens[0], price="0.40")
        assert found["status"] == "live"


async def test_an_order_that_was_changed_after_signing_is_refused(exchange: Any) -> None:
    body = exchange.client.order()
    body["order"]["takerAmount"] = "20000000"
    answer = await exchange.client.call("POST", "/order", body)
    assert said(answer) == (400, {"error": "invalid signature"})


async def test_a_fak_without_any_match_is_an_error(exchange: Any) -> None:
    answer = await exchange.client.place(order_type="FAK")
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("no orders found to match with FAK order.")


@pytest.mark.parametrize(
    "change",
    [
        {"order": None},
        {"orderType": "IOC"},
        {"owner": 7},
        {"postOnly": "yes"},
        {"order": {"salt": "1"}},
        {"order": {"side": "buy"}},
        {"order": {"maker": "0x12"}},
        {"order": {"makerAmount": 4}},
        {"order": {"signature": "none"}},
        {"order": {"signatureType": "0"}},
        {"order": {"timestamp": "-1"}},
    ],
)
async def test_a_body_of_the_wrong_shape_is_refused(exchange: Any, change: Any) -> None:
    body = exchange.client.order()
    inner = change.get("order")
    wrong = body | {"order": body["order"] | inner} if inner else body | change
    answer = await exchange.client.call("POST", "/order", wrong)
    assert said(answer) == (400, {"error": "Invalid order payload"})


async def test_an_order_of_the_old_kind_is_of_another_version(exchange: Any) -> None:
    body = exchange.client.order()
    order = body["order"]
    del order["timestamp"]
    order |= {"nonce": "0", "feeRateBps": "0", "taker": "0x" + "00" * 20}
    answer = await exchange.client.call("POST", "/order", body)
    assert said(answer) == (400, {"error": "order_version_mismatch"})


async def test_a_batch_answers_leg_by_leg(exchange: Any) -> None:
    good = exchange.client.order(price="0.30")
    poor = exchange.client.order(price="0.30", size="1000000")
    answer = await exchange.client.call("POST", "/orders", [good, poor])
    assert answer.status_code == 200
    first, second = answer.json()
    assert (first["status"], first["errorMsg"]) == ("live", "")
    assert (second["orderID"], second["success"]) == ("", True)
    assert second["errorMsg"].startswith("not enough balance / allowance")


async def test_a_batch_of_sixteen_is_refused_whole(exchange: Any) -> None:
    bodies = [exchange.client.order(size="5") for _ in range(16)]
    answer = await exchange.client.call("POST", "/orders", bodies)
    words = "Too many orders in payload: 16, max allowed: 15"
    assert said(answer) == (400, {"error": words})
    assert (await exchange.client.get("/data/orders"))["data"] == []


async def test_a_cancel_tells_what_it_did_not_cancel(exchange: Any) -> None:
    mine = (await exchange.client.placed())["orderID"]
    first = await exchange.client.call("DELETE", "/order", {"orderID": mine})
    assert said(first) == (200, {"canceled": [mine], "not_canceled": {}})
    again = await exchange.client.call("DELETE", "/order", {"orderID": mine})
    assert again.status_code == 200
    assert again.json()["canceled"] == []
    assert set(again.json()["not_canceled"]) == {mine}


async def test_nobody_cancels_somebody_elses_order(exchange: Any) -> None:
    theirs = (await exchange.other.placed())["orderID"]
    answer = await exchange.client.call("DELETE", "/orders", [theirs])
    assert answer.json()["canceled"] == []
    assert (await exchange.other.get(f"/data/order/{theirs}"))["status"] == "LIVE"


async def test_the_wide_cancels_take_what_they_name(exchange: Any) -> None:
    rain, fed = exchange.rain, exchange.fed
    ids = [
        (await exchange.client.placed(token=token))["orderID"]
        for token in (rain.tokens[0], fed.tokens[0], fed.tokens[1])
    ]
    by_token = await exchange.client.call(
        "DELETE", "/cancel-market-orders", {"asset_id": fed.tokens[1]}
    )
    assert by_token.json()["canceled"] == [ids[2]]
    by_market = await exchange.client.call(
        "DELETE", "/cancel-market-orders", {"market": rain.condition}
    )
    assert by_market.json()["canceled"] == [ids[0]]
    rest = await exchange.client.call("DELETE", "/cancel-all")
    assert rest.json() == {"canceled": [ids[1]], "not_canceled": {}}


async def test_a_cancel_of_nothing_named_is_refused(exchange: Any) -> None:
    one = await exchange.client.call("DELETE", "/order", {"orderID": "17"})
    assert said(one) == (400, {"error": "Invalid orderID"})
    wide = await exchange.client.call("DELETE", "/cancel-market-orders", {})
    assert said(wide) == (400, {"error": "Invalid payload"})


async def test_a_restart_answers_425_and_then_only_post_only(exchange: Any, clock: Any) -> None:
    exchange.house.modes.restart(down_ms=90_000, post_only_ms=120_000)
    down = await exchange.client.place()
    assert down.status_code == 425
    assert (await exchange.client.call("DELETE", "/cancel-all")).status_code == 425
    await clock.sleep_ms(90_000)
    taker = await exchange.client.place()
    assert taker.status_code == 503
    found = taker.json()
    assert found["code"] == "post_only_mode"
    assert found["error"] == "post-only mode: only post-only orders and cancels are allowed"
    assert taker.headers["retry-after"] == str(found["retry_after_seconds"]) == "120"
    maker = await exchange.client.call(
        "POST", "/order", exchange.client.order() | {"postOnly": True}
    )
    assert maker.json()["status"] == "live"
    await clock.sleep_ms(120_000)
    assert (await exchange.client.place()).status_code == 200


async def test_cancel_only_and_disabled_say_so(exchange: Any) -> None:
    exchange.house.modes.cancel_only()
    answer = await exchange.client.place()
    assert answer.status_code == 503
    assert answer.json()["error"].startswith("Trading is currently cancel-only.")
    assert (await exchange.client.call("DELETE", "/cancel-all")).status_code == 200
    exchange.house.modes.cancel_only(on=False)
    exchange.house.modes.disable()
    answer = await exchange.client.place()
    assert answer.status_code == 503
    assert answer.json()["error"].startswith("Trading is currently disabled.")


async def test_a_short_taker_delay_blocks_and_answers_the_result(exchange: Any, clock: Any) -> None:
    delayed(exchange, taker_delay_ms=250)
    await exchange.other.placed(side="SELL", price="0.40", size="10")
    before_ms = clock.now_ms()
    await exchange.client.placed(price="0.39", size="10")
    assert clock.now_ms() == before_ms
    found = await exchange.client.placed(price="0.40", size="10", order_type="FOK")
    assert clock.now_ms() == before_ms + 250
    assert (found["status"], found["takingAmount"]) == ("matched", "10")


async def test_a_live_game_answers_delayed_at_once(exchange: Any, clock: Any) -> None:
    delayed(exchange, delay_s=3, game_start_ms=clock.now_ms() - 1)
    await exchange.other.placed(side="SELL", price="0.40", size="10")
    found = await exchange.client.placed(price="0.40", size="10")
    assert (found["status"], found["makingAmount"], found["tradeIDs"]) == ("delayed", "", [])
    await clock.sleep_ms(3_000)
    row = await exchange.client.get(f"/data/order/{found['orderID']}")
    assert (row["status"], row["size_matched"]) == ("MATCHED", "10")


def delayed(exchange: Any, **fields: int) -> None:
    """Makes takers of the plain market wait."""
    catalogue = exchange.house.catalogue
    catalogue.markets[exchange.rain.condition] = replace(exchange.rain, **fields)
