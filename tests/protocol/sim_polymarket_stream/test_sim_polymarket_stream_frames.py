"""Simulated frames beside recorded ones: the same keys, the same types."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from venues import Clock
from venues.sim.polymarket.house import House
from venues.sim.polymarket.records import OrderType

Frame = dict[str, Any]
RAIN: Final = "0x" + "22" * 32
FILES: Final = {
    "book": ("predxt_20260228/polymarket_order_books",),
    "price_change": ("predxt_20260228/polymarket_trade_updates",),
    "last_trade_price": ("predxt_20260228/polymarket_other",),
    "tick_size_change": ("nautilus_rs_2026/ws_market_tick_size_msg",),
    "best_bid_ask": ("nautilus_rs_2026/ws_market_best_bid_ask_msg",),
    "new_market": ("nautilus_rs_2026/ws_market_new_market_msg",),
    "market_resolved": ("nautilus_rs_2026/ws_market_resolved_msg",),
    "order": tuple(
        f"nautilus_rs_2026/ws_user_order_{name}"
        for name in ("msg", "update", "matched", "cancellation", "venue_cancel", "fok_killed")
    ),
    "trade": ("nautilus_rs_2026/ws_user_trade_msg",),
}
DOCUMENTED: Final = {
    "new_market": {"taker_base_fee", "fees_enabled", "fee_schedule"},
    "market_resolved": {"event_message"},
    "trade": {"transaction_hash"},
}
"""Keys that the documents name and the recordings lack."""


@pytest.fixture
def recorded(shared: Path) -> dict[str, list[Frame]]:
    folder = shared / "data/recorded/polymarket/ws"
    found: dict[str, list[Frame]] = {}
    for kind, files in FILES.items():
        events = [json.loads((folder / f"{file}.json").read_bytes()) for file in files]
        flat = [e for each in events for e in (each if isinstance(each, list) else [each])]
        found[kind] = [{"event_type": kind} | each for each in flat]
    return found


@pytest.fixture
async def simulated(
    peer: Any, user: Callable[..., Any], us: Any, them: Any, house: House, clock: Clock
) -> dict[str, list[Frame]]:
    """Some of everything."""
    (fed, rain) = house.catalogue.markets.values()
    mine = user()
    mine.log_in(us.key)
    peer.subscribe(*rain.tokens, custom_feature_enabled=True)
    ours = us.order(rain.tokens[0], "BUY", "0.40", "25").order_id
    them.order(rain.tokens[1], "BUY", "0.60", "10", OrderType.FAK)
    await clock.sleep_ms(1_000)
    us.cancel(ours)
    them.order(rain.tokens[0], "SELL", "0.45", "5")
    us.order(rain.tokens[0], "BUY", "0.50", "5")
    house.lifecycle.change_tick(RAIN, fed.tick)
    new = replace(fed, id="903", condition="0x" + "33" * 32, tokens=("77", "78"))
    house.lifecycle.add_market(new)
    house.lifecycle.resolve(RAIN, 0)
    found: dict[str, list[Frame]] = defaultdict(list)
    for event in peer.drain() + peer.seen + mine.drain():
        found[event["event_type"]].append(event)
    return found


@pytest.mark.parametrize("kind", FILES)
def test_frames_have_the_keys_and_types_of_recorded_ones(
    recorded: dict[str, list[Frame]], simulated: dict[str, list[Frame]], kind: str
) -> None:
    theirs, ours = types_of(recorded[kind]), types_of(simulated[kind])
    extra = DOCUMENTED.get(kind, set())

    assert set(theirs) <= set(ours) <= set(theirs) | extra
    for name in theirs:
        assert ours[name] <= theirs[name], name


def test_snapshots_after_trades_tell_less(
    recorded: dict[str, list[Frame]], simulated: dict[str, list[Frame]]
) -> None:
    theirs, ours = ({frozenset(each) for each in found["book"]} for found in (recorded, simulated))

    assert ours == theirs
    assert len(ours) == 2


def test_items_have_the_keys_of_recorded_ones(
    recorded: dict[str, list[Frame]], simulated: dict[str, list[Frame]]
) -> None:
    for kind, field in (("price_change", "price_changes"), ("book", "bids"), ("book", "asks")):
        theirs, ours = (types_of(items(each[kind], field)) for each in (recorded, simulated))
        assert ours == theirs, kind


def test_new_markets_name_their_event(
    recorded: dict[str, list[Frame]], simulated: dict[str, list[Frame]]
) -> None:
    theirs, ours = (each["new_market"][0]["event_message"] for each in (recorded, simulated))

    assert types_of([ours]) == types_of([theirs])


def test_makers_of_a_trade_have_the_keys_of_recorded_ones(
    shared: Path, simulated: dict[str, list[Frame]], user: Callable[..., Any]
) -> None:
    file = shared / "data/recorded/polymarket/ws/nautilus_rs_2026/ws_user_trade.json"
    theirs = types_of(json.loads(file.read_bytes())["maker_orders"])

    ours = types_of(items(simulated["trade"], "maker_orders"))

    assert ours == theirs | {"side": {str}}


def items(events: Iterable[Frame], field: str) -> list[Frame]:
    return [item for event in events for item in event[field]]


def types_of(events: Iterable[Frame]) -> dict[str, set[type]]:
    """None counts as a type of its own."""
    found: dict[str, set[type]] = defaultdict(set)
    for event in events:
        for name, value in event.items():
            found[name].add(type(value))
    return dict(found)
