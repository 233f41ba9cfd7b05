"""What our calls to Kalshi refuse before anything is sent, and how exactly they say the rest."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Final

import pytest

from venues import ONE
from venues.http import Call
from venues.kalshi.calls import (
    account,
    blocks,
    candles,
    communications,
    fcm,
    groups,
    live_data,
    multivariate,
    orders,
    portfolio,
    public,
    reference,
    subaccounts,
)
from venues.kalshi.wire.account import ApiKeyGenerated
from venues.money import Cash, Price, Quantity

Functions = dict[str, "partial[Call[Any]]"]
Operation = Callable[[Call[Any]], dict[str, Any]]

ORDER: Final = orders.NewOrder(
    ticker="KXHIGHNY-26JUL19-T80",
    side="bid",
    count=Quantity(10 * ONE),
    price=Price(440_000),
    time_in_force="fill_or_kill",
    client_order_id="8c35ecb3",
)
CENT: Final = Cash(10_000)
WINDOW: Final = (1, 2)


def test_an_order_is_sent_as_exact_text_and_without_what_was_not_said() -> None:
    call = orders.create(replace(ORDER, shard=2))

    assert call.body == (
        b'{"ticker":"KXHIGHNY-26JUL19-T80","side":"bid","count":"10.00","price":"0.4400",'
        b'"time_in_force":"fill_or_kill","self_trade_prevention_type":"taker_at_cross",'
        b'"client_order_id":"8c35ecb3","exchange_index":2}'
    )
    assert not call.urgent
    assert orders.create(ORDER, urgent=True).urgent


@pytest.mark.parametrize(
    "change",
    [
        {"count": Quantity(0)},
        {"count": Quantity(-ONE)},
        {"count": Quantity(15_000)},
        {"count": Quantity(ONE + 1)},
        {"price": Price(0)},
        {"price": Price(ONE)},
        {"price": Price(-10_000)},
        {"price": Price(440_050)},
        {"expires_s": 1_790_000_000},
        {"reduce_only": True},
        {"subaccount": 64},
        {"shard": -2},
        {"client_order_id": ""},
        {"ticker": ""},
        {"order_group_id": ""},
    ],
    ids=str,
)
def test_an_order_that_the_venue_would_not_take_as_meant_is_refused(change: dict[str, Any]) -> None:
    bad = replace(ORDER, **change)

    for make in (lambda: orders.create(bad), lambda: orders.create_batch([ORDER, bad])):
        with pytest.raises(ValueError, match=r"\w"):
            make()


def test_amounts_enter_in_the_venues_unit_and_never_rounded() -> None:
    moved = portfolio.transfer(Cash(500_000), source_shard=0, destination_shard=2)
    assert json.loads(moved.body or b"")["amount"] == 5_000

    between = subaccounts.transfer(CENT, client_transfer_id="a", source=0, destination=1)
    assert json.loads(between.body or b"")["amount_cents"] == 1

    for refused in (Cash(0), Cash(-CENT), Cash(99), Cash(100_050)):
        with pytest.raises(ValueError, match="whole hundredths of a cent"):
            portfolio.transfer(refused, source_shard=0, destination_shard=2)
    with pytest.raises(ValueError, match="whole cents"):
        subaccounts.transfer(Cash(10_100), client_transfer_id="a", source=0, destination=1)


REFUSED: Final[tuple[Callable[[], object], ...]] = (
    lambda: orders.create_batch([]),
    lambda: orders.create_batch([ORDER] * 21),
    lambda: orders.cancel_batch([]),
    lambda: orders.cancel("one", ticker=""),
    lambda: orders.decrease("one", ticker="KXA"),
    lambda: orders.decrease("one", ticker="KXA", by=Quantity(ONE), to=Quantity(ONE)),
    lambda: orders.decrease("one", ticker="KXA", to=Quantity(0)),
    lambda: orders.orders(event_tickers=[]),
    lambda: orders.orders(event_tickers=["A,B"]),
    lambda: orders.orders(event_tickers="KXA"),
    lambda: orders.orders(ticker=""),
    lambda: portfolio.fills(tickers=["KXA"] * 101),
    lambda: portfolio.set_target_allocation([(0, 50), (2, 49)]),
    lambda: portfolio.set_target_allocation([(0, 50), (0, 50)]),
    lambda: portfolio.set_target_allocation([(0, 101), (2, -1)]),
    lambda: portfolio.transfer(CENT, source_shard=101, destination_shard=0),
    lambda: portfolio.transfer(
        CENT, source_shard=0, destination_shard=0, client_transfer_id="a", source_subaccount=1
    ),
    lambda: groups.create(Quantity(ONE - 10_000)),
    lambda: groups.create(Quantity(1_000_001 * ONE)),
    lambda: groups.update_limit("group", Quantity(ONE + 1)),
    lambda: account.create_api_key("ours", "pem", scopes=[]),
    lambda: account.create_api_key("ours", "pem", scopes=["write"]),
    lambda: account.generate_api_key("ours", subaccount=1, fcm_subtrader_id="a_b"),
    lambda: public.event("KXA", exclude_markets=True),
    lambda: public.markets_page(created_s=WINDOW, settled_s=WINDOW),
    lambda: public.orderbook("KXA", depth=101),
    lambda: public.orderbooks([]),
    lambda: public.orderbooks(["KXA"] * 101),
    lambda: public.candles(["KXA"], start_s=0, end_s=1, minutes=0),
    lambda: candles.forecast("A", "B", percentiles=[1] * 11, start_s=0, end_s=1, minutes=0),
    lambda: candles.forecast("A", "B", percentiles=[10_000], start_s=0, end_s=1, minutes=0),
    lambda: multivariate.events(series_ticker="A", collection_ticker="B"),
    lambda: multivariate.create_market("A", []),
    lambda: live_data.of_milestones(["a"] * 101),
    lambda: live_data.weather("miami", last_s=60, to_ms=1),
    lambda: live_data.weather("miami", from_ms=1),
    lambda: reference.structured_targets(ids=["a"] * 2_001),
    lambda: reference.milestones(starts_after=datetime(2026, 1, 1)),  # noqa: DTZ001
    lambda: communications.create_rfq("KXA", rest_remainder=False),
    lambda: communications.create_rfq(
        "KXA", rest_remainder=False, size=Quantity(ONE), target_cost=Cash(ONE)
    ),
    lambda: communications.create_rfq(
        "KXA", rest_remainder=False, size=Quantity(ONE), target_cost_excludes_fees=True
    ),
    lambda: communications.create_quote(
        "a", yes_bid=Price(600_000), no_bid=Price(400_100), rest_remainder=False
    ),
    lambda: communications.create_quote(
        "a", yes_bid=Price(0), no_bid=Price(0), rest_remainder=False
    ),
    lambda: communications.create_quote(
        "a", yes_bid=Price(-100), no_bid=Price(200), rest_remainder=False
    ),
    lambda: blocks.accept("a", subtrader_id="b", subaccount=1),
    lambda: fcm.transfer_position(
        "KXA", source="a", target="b", yes=Quantity(ONE // 2), price=Price(450_000)
    ),
    lambda: fcm.transfer_position(
        "KXA", source="a", target="b", yes=Quantity(ONE), price=Price(455_000)
    ),
    lambda: fcm.set_daily_cap("a", Cash(-100)),
)


@pytest.mark.parametrize("make", REFUSED, ids=range(len(REFUSED)))
def test_what_the_venue_would_refuse_or_misread_is_not_even_made(
    make: Callable[[], object],
) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        make()


def test_a_page_is_as_long_as_the_venue_allows_and_no_longer(
    functions_ready: Functions, operation: Operation
) -> None:
    paged = {n: f for n, f in functions_ready.items() if "limit" in _said(f)}
    paged = {n: f for n, f in paged.items() if f().method == "GET"}
    assert len(paged) > 20
    for name, function in paged.items():
        schemas = {p["name"]: p["schema"] for p in operation(function())["parameters"]}
        most = schemas["limit" if "limit" in schemas else "page_size"]["maximum"]

        assert str(most) in dict(function(limit=most).params).values(), name
        for refused in (0, -1, most + 1):
            with pytest.raises(ValueError, match="the venue takes 1 to"):
                function(limit=refused)


def test_a_subaccount_or_a_shard_that_cannot_exist_is_refused(functions_ready: Functions) -> None:
    for word, values in (("subaccount", (-1, 64)), ("shard", (-2, 101))):
        for function in functions_ready.values():
            for refused in values if word in _said(function) else ():
                with pytest.raises(ValueError, match=word):
                    function(**{word: refused})


def test_a_strange_ticker_stays_one_segment_of_the_path() -> None:
    assert public.market("KX/../A?b").path == "/markets/KX%2F..%2FA%3Fb"
    assert public.market("KX{ticker}A").path == "/markets/KX%7Bticker%7DA"
    for empty in ("", ".", ".."):
        with pytest.raises(ValueError, match="is no ticker"):
            public.market(empty)
        with pytest.raises(ValueError, match="is no ticker"):
            orders.cancel(empty, ticker="KXA")


def test_a_key_that_the_venue_made_is_not_shown() -> None:
    made = ApiKeyGenerated(api_key_id="id", private_key="secret")
    assert "secret" not in f"{made} {made!r}"


def _said(function: partial[Call[Any]]) -> set[str]:
    return set(inspect.signature(function.func).parameters)
