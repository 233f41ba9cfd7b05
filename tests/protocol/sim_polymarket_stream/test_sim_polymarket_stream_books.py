"""Books kept from the simulated market channel alone, while people trade at random (§9.6, §12)."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from venues import Clock
from venues.money import ONE, micros
from venues.sim.polymarket.house import House

MOVES = 300


@pytest.fixture
def tokens(house: House) -> tuple[str, ...]:
    return tuple(token for m in house.catalogue.markets.values() for token in m.tokens)


@pytest.fixture(params=[1, 2])
def rng(request: pytest.FixtureRequest) -> random.Random:
    return random.Random(request.param)


@pytest.mark.parametrize("with_books", [True, False])
@pytest.mark.parametrize("levels_together", [True, False])
async def test_a_copy_equals_the_house_at_every_step(
    another: Callable[..., Any],
    copy: Any,
    house: House,
    clock: Clock,
    tokens: tuple[str, ...],
    trade_at_random: Callable[..., None],
    rng: random.Random,
    with_books: bool,
    levels_together: bool,
) -> None:
    peer = another(book_after_trade=with_books, levels_together=levels_together)
    mine, trades = copy(), 0
    for event in peer.subscribe(*tokens):
        mine.take(event)
    for _ in range(MOVES):
        trade_at_random(rng)
        await clock.sleep_ms(rng.randrange(200))
        for event in peer.drain():
            mine.take(event)
            trades += event["event_type"] == "last_trade_price"
        assert all(mine.equals(house, token) for token in tokens)

    assert trades > 20
    assert len(peer.of("price_change")) > MOVES // 2


async def test_the_sibling_is_the_mirror_and_the_tops_are_true(
    peer: Any,
    copy: Any,
    clock: Clock,
    tokens: tuple[str, ...],
    trade_at_random: Callable[..., None],
    rng: random.Random,
) -> None:
    """Tops are those after all changes of one moment."""
    mine, checked = copy(), 0
    for event in peer.subscribe(*tokens):
        mine.take(event)
    for _ in range(MOVES):
        await clock.sleep_ms(1)
        trade_at_random(rng)
        events = peer.drain()
        for event in events:
            mine.take(event)
        for event in events:
            for yes, no in pairs(event):
                assert micros(yes["price"]) + micros(no["price"]) == ONE
                assert yes["size"] == no["size"]
                assert {yes["side"], no["side"]} == {"BUY", "SELL"}
                for each in (yes, no):
                    told = micros(each["best_bid"]), micros(each["best_ask"])
                    assert told == mine.top(each["asset_id"])
                    checked += 1

    assert checked > MOVES


async def test_best_prices_are_told_when_they_move_and_only_then(
    peer: Any,
    copy: Any,
    clock: Clock,
    tokens: tuple[str, ...],
    trade_at_random: Callable[..., None],
    rng: random.Random,
) -> None:
    mine = copy()
    for event in peer.subscribe(*tokens, custom_feature_enabled=True):
        mine.take(event)
    before, moves = {token: mine.top(token) for token in tokens}, 0
    for _ in range(MOVES):
        await clock.sleep_ms(1)
        trade_at_random(rng)
        events = peer.drain()
        for event in events:
            mine.take(event)
        told = {
            event["asset_id"]: (micros(event["best_bid"]), micros(event["best_ask"]))
            for event in events
            if event["event_type"] == "best_bid_ask"
        }
        now = {token: mine.top(token) for token in tokens}
        assert told == {token: now[token] for token in tokens if now[token] != before[token]}
        before, moves = now, moves + len(told)

    assert moves > 50


async def test_times_never_run_backwards_for_a_token(
    peer: Any,
    clock: Clock,
    tokens: tuple[str, ...],
    trade_at_random: Callable[..., None],
    rng: random.Random,
) -> None:
    peer.subscribe(*tokens)
    for _ in range(MOVES):
        await clock.sleep_ms(rng.randrange(50))
        trade_at_random(rng)
    peer.drain()

    times = [int(event["timestamp"]) for event in peer.of("price_change", "last_trade_price")]
    assert times == sorted(times)
    assert len(set(times)) > 20


async def test_a_market_that_is_over_is_told_empty(
    peer: Any, copy: Any, house: House, us: Any, clock: Clock
) -> None:
    mine = copy()
    (market, _) = house.catalogue.markets.values()
    us.order(market.tokens[0], "BUY", "0.400", "10")
    us.order(market.tokens[1], "BUY", "0.300", "10")
    events = peer.subscribe(*market.tokens)

    house.lifecycle.resolve(market.condition, 0)

    for event in events + peer.drain():
        mine.take(event)
    assert mine.books == {token: {"BUY": {}, "SELL": {}} for token in market.tokens}


def pairs(event: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    found = event.get("price_changes", [])
    return list(zip(found[::2], found[1::2], strict=True))
