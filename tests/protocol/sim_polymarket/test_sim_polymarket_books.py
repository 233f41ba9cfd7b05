"""The exchange's public reads: types, order of levels, hashes (§6)."""

from __future__ import annotations

from typing import Any

import pytest

from venues.sim.polymarket.wire_text_book import book_hash

HOUR_MS = 3_600_000


def levels(side: Any) -> list[tuple[str, str]]:
    return [(each["price"], each["size"]) for each in side]


async def quoted(exchange: Any) -> None:
    """Bids of 0.40 and 0.38, an ask of 0.45, by the other trader."""
    await exchange.other.placed(price="0.38", size="20")
    await exchange.other.placed(price="0.40", size="7.5")
    await exchange.other.placed(side="SELL", price="0.45", size="12")


@pytest.mark.parametrize(
    ("book", "sha1"),
    [
        (
            {
                "market": "0xaabbcc",
                "asset_id": "100",
                "timestamp": "123456789",
                "hash": "",
                "bids": [{"price": "0.3", "size": "100"}, {"price": "0.4", "size": "100"}],
                "asks": [{"price": "0.6", "size": "100"}, {"price": "0.7", "size": "100"}],
                "min_order_size": "100",
                "tick_size": "0.01",
                "neg_risk": False,
                "last_trade_price": "0.5",
            },
            "0458ea5755c9f73d64a14636fa5c36ed460ec394",
        ),
        (
            {
                "market": "0x017791f201d5a788e0039e511fc1900e5f000000000000000000000000000000",
                "asset_id": "663574927012476832975694178961957910328055987427402067619466963999"
                "000625152",
                "timestamp": "1791238858575",
                "hash": "whatever it was",
                "bids": [],
                "asks": [],
                "min_order_size": "5",
                "tick_size": "0.01",
                "neg_risk": False,
                "last_trade_price": "",
                "version": "v2",
            },
            "fc3846cab0c35a0977b6e5f605a4e5ff0d0b2277",
        ),
    ],
)
def test_the_book_hash_is_the_one_of_the_facts(book: dict[str, Any], sha1: str) -> None:
    assert book_hash(book) == sha1


async def test_a_book_has_its_best_levels_last_and_numbers_as_text(exchange: Any) -> None:
    await quoted(exchange)
    token = exchange.rain.tokens[0]
    found = await exchange.public.get("/book", f"token_id={token}")
    assert levels(found["bids"]) == [("0.38", "20"), ("0.4", "7.5")]
    assert levels(found["asks"]) == [("0.45", "12")]
    assert found["market"] == exchange.rain.condition
    assert (found["tick_size"], found["min_order_size"]) == ("0.01", "5")
    assert found["neg_risk"] is False
    assert found["last_trade_price"] == ""
    assert found["timestamp"] == str(exchange.house.now_ms)
    assert found["hash"] == book_hash(found)


async def test_the_book_of_the_other_outcome_is_its_mirror(exchange: Any) -> None:
    await quoted(exchange)
    found = await exchange.public.get("/book", f"token_id={exchange.rain.tokens[1]}")
    assert levels(found["bids"]) == [("0.55", "12")]
    assert levels(found["asks"]) == [("0.62", "20"), ("0.6", "7.5")]


async def test_a_protocol_v2_book_ends_with_its_version(exchange: Any) -> None:
    found = await exchange.public.get("/book", f"token_id={exchange.new.tokens[0]}")
    assert list(found)[-1] == "version"
    assert found["version"] == "v2"
    assert found["hash"] == book_hash(found)


async def test_an_unchanged_book_keeps_its_time_and_its_hash(exchange: Any, clock: Any) -> None:
    await quoted(exchange)
    token = exchange.rain.tokens[0]
    first = await exchange.public.get("/book", f"token_id={token}")
    await clock.sleep_ms(HOUR_MS)
    assert await exchange.public.get("/book", f"token_id={token}") == first


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("token_id=12345", 404, "No orderbook exists for the requested token id"),
        ("token_id=abc", 400, "Invalid token id"),
        ("", 400, "Invalid token id"),
    ],
)
async def test_a_book_of_no_token_is_refused(
    exchange: Any, query: str, status: int, words: str
) -> None:
    answer = await exchange.public.call("GET", "/book", query=query)
    assert (answer.status_code, answer.json()) == (status, {"error": words})


async def test_books_leaves_out_unknown_tokens(exchange: Any) -> None:
    tokens = [exchange.fed.tokens[1], "12345", exchange.rain.tokens[0]]
    answer = await exchange.public.call("POST", "/books", [{"token_id": t} for t in tokens])
    assert [each["asset_id"] for each in answer.json()] == [tokens[0], tokens[2]]


async def test_more_than_500_books_are_too_many(exchange: Any) -> None:
    items = [{"token_id": str(number)} for number in range(501)]
    answer = await exchange.public.call("POST", "/books", items)
    assert (answer.status_code, answer.json()) == (400, {"error": "Payload exceeds the limit"})
    assert (await exchange.public.call("POST", "/books", items[:500])).json() == []


async def test_the_side_of_a_price_is_that_of_the_resting_orders(exchange: Any) -> None:
    await quoted(exchange)
    token = exchange.rain.tokens[0]
    assert await exchange.public.get("/price", f"token_id={token}&side=BUY") == {"price": "0.4"}
    assert await exchange.public.get("/price", f"token_id={token}&side=SELL") == {"price": "0.45"}
    wrong = await exchange.public.call("GET", "/price", query=f"token_id={token}&side=UP")
    assert wrong.json() == {"error": "Invalid side"}


async def test_batches_of_prices_are_keyed_by_token(exchange: Any) -> None:
    await quoted(exchange)
    token = exchange.rain.tokens[0]

    async def posted(path: str, **more: str) -> Any:
        body = [{"token_id": token, **more}, {"token_id": "12345", **more}]
        return (await exchange.public.call("POST", path, body)).json()

    assert await posted("/prices", side="BUY") == {token: {"BUY": "0.4"}}
    assert await posted("/midpoints") == {token: "0.425"}
    assert await posted("/spreads") == {token: "0.05"}
    assert await posted("/last-trades-prices") == [{"token_id": token, "price": "0.5", "side": ""}]
    assert await exchange.public.get("/midpoint", f"token_id={token}") == {"mid": "0.425"}
    assert await exchange.public.get("/spread", f"token_id={token}") == {"spread": "0.05"}


async def test_the_last_trade_tells_the_takers_side(exchange: Any) -> None:
    await quoted(exchange)
    await exchange.client.placed(side="SELL", price="0.40", size="5")
    found = await exchange.public.get("/last-trade-price", f"token_id={exchange.rain.tokens[0]}")
    assert found == {"price": "0.4", "side": "SELL"}


async def test_ticks_are_numbers_and_fees_are_caps(exchange: Any) -> None:
    token = exchange.fed.tokens[0]
    answer = await exchange.public.call("GET", "/tick-size", query=f"token_id={token}")
    assert answer.text == '{"minimum_tick_size":0.001}'
    assert await exchange.public.get("/neg-risk", f"token_id={token}") == {"neg_risk": True}
    assert await exchange.public.get(f"/fee-rate/{token}") == {"base_fee": 1000}
    plain = exchange.rain.tokens[0]
    assert await exchange.public.get("/fee-rate", f"token_id={plain}") == {"base_fee": 0}


async def test_the_small_ones_answer_as_documented(exchange: Any, clock: Any) -> None:
    assert await exchange.public.get("/ok") == "OK"
    assert await exchange.public.get("/version") == {"version": 2}
    assert await exchange.public.get("/") == {"version": 2}
    assert await exchange.public.get("/time") == clock.now_ms() // 1_000


async def test_a_compact_market_says_only_what_there_is_to_say(exchange: Any) -> None:
    fed = exchange.fed
    found = await exchange.public.get(f"/clob-markets/{fed.condition}")
    assert found["c"] == fed.condition
    assert found["t"] == [{"t": fed.tokens[0], "o": "Yes"}, {"t": fed.tokens[1], "o": "No"}]
    assert (found["mts"], found["mos"], found["nr"], found["ao"]) == (0.001, 5, True, True)
    assert found["fd"] == {"r": 0.05, "e": 1, "to": True}
    plain = await exchange.public.get(f"/clob-markets/{exchange.rain.condition}")
    assert not {"nr", "fd", "itode", "sd", "gst"} & set(plain)


async def test_a_v2_condition_needs_its_64_digits_here(exchange: Any) -> None:
    condition = exchange.new.condition
    assert (await exchange.public.get(f"/clob-markets/{condition}"))["v"] == "v2"
    short = await exchange.public.call("GET", f"/clob-markets/{condition[:-2]}")
    assert short.status_code == 400
    unknown = await exchange.public.call("GET", f"/clob-markets/0x{'ab' * 32}")
    assert (unknown.status_code, unknown.json()) == (404, {"error": "market not found"})


async def test_a_token_leads_to_its_market(exchange: Any) -> None:
    fed = exchange.fed
    assert await exchange.public.get(f"/markets-by-token/{fed.tokens[1]}") == {
        "condition_id": fed.condition,
        "primary_token_id": fed.tokens[0],
        "secondary_token_id": fed.tokens[1],
    }


async def test_the_long_list_ends_with_its_end_marker(exchange: Any) -> None:
    found = await exchange.public.get("/markets", "next_cursor=MA%3D%3D")
    assert (found["next_cursor"], found["count"], found["limit"]) == ("LTE=", 3, 1000)
    assert {each["condition_id"] for each in found["data"]} == set(exchange.house.catalogue.markets)
    beyond = await exchange.public.get("/markets", "next_cursor=LTE%3D")
    assert beyond["data"] == []


async def test_a_market_that_is_only_listed_is_unknown_to_the_exchange(
    make_exchange: Any, clock: Any
) -> None:
    exchange = make_exchange(listing_lag_ms=120_000)
    token, condition = exchange.rain.tokens[0], exchange.rain.condition
    assert (
        await exchange.public.call("GET", "/book", query=f"token_id={token}")
    ).status_code == 404
    assert (await exchange.public.call("GET", f"/clob-markets/{condition}")).status_code == 404
    assert (await exchange.public.get("/gamma/markets/902"))["acceptingOrders"] is False
    await clock.sleep_ms(120_000)
    assert (await exchange.public.get("/book", f"token_id={token}"))["asset_id"] == token
    assert (await exchange.public.get("/gamma/markets/902"))["acceptingOrders"] is True


async def test_past_prices_are_the_last_of_each_bucket(exchange: Any, clock: Any) -> None:
    await quoted(exchange)
    first_s = clock.now_ms() // 1_000
    await exchange.client.placed(side="SELL", price="0.40", size="5")
    await clock.sleep_ms(2 * HOUR_MS)
    yes, no = exchange.rain.tokens
    span = f"startTs={first_s}&endTs={first_s + 60}&fidelity=60"
    found = await exchange.public.get("/prices-history", f"market={yes}&{span}")
    assert found == {"history": [{"t": first_s, "p": 0.4}]}
    mirrored = await exchange.public.get("/prices-history", f"market={no}&{span}")
    assert mirrored["history"][0]["p"] == 0.6
    until_now = await exchange.public.get("/prices-history", f"market={yes}&interval=1d")
    assert [each["p"] for each in until_now["history"]] == [0.4, 0.425]


async def test_more_than_15_days_of_prices_are_too_long(exchange: Any) -> None:
    query = f"market={exchange.rain.tokens[0]}&startTs=1000&endTs={1000 + 15 * 86_400 + 1}"
    answer = await exchange.public.call("GET", "/prices-history", query=query)
    assert (answer.status_code, answer.json()) == (400, {"error": "interval is too long"})


async def test_a_resolved_market_has_an_empty_book_and_a_winner(exchange: Any) -> None:
    await quoted(exchange)
    rain = exchange.rain
    exchange.house.lifecycle.close(rain.condition)
    exchange.house.lifecycle.resolve(rain.condition, 0)
    answer = await exchange.public.call("POST", "/books", [{"token_id": rain.tokens[0]}])
    (book,) = answer.json()
    assert (book["bids"], book["asks"]) == ([], [])
    found = await exchange.public.get(f"/markets/{rain.condition}")
    assert (found["closed"], found["accepting_orders"]) == (True, False)
    assert [(each["price"], each["winner"]) for each in found["tokens"]] == [(1, True), (0, False)]
    assert (await exchange.public.get(f"/clob-markets/{rain.condition}"))["ao"] is False
    sampled = await exchange.public.get("/sampling-markets")
    assert rain.condition not in [each["condition_id"] for each in sampled["data"]]
    simple = await exchange.public.get("/simplified-markets")
    assert rain.condition in [each["condition_id"] for each in simple["data"]]
