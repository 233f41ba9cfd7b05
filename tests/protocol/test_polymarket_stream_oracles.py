"""The official client follows the simulated Polymarket's streams: nothing of them is lost to it.

It lives in oracles/.venv (`make oracles`, Python 3.13) and runs as a process of its own.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from polymarket_outsiders import (
    CENT,
    NEG_RISK,
    ORACLES,
    SECOND,
    STANDARD,
    Run,
    ended,
    listed,
    runs,
    said,
    settings,
    venue,
)

from venues import ONE, Cash, Price, Quantity, Side, micros
from venues.sim.polymarket.house import House
from venues.sim.polymarket.notices import LevelsChanged, Notice, TradePrinted
from venues.sim.polymarket.records import ApiKey
from venues.sim.polymarket.server import Served
from venues.sim.polymarket.stream import Conversation
from venues.sim.polymarket.stream_user import UserChannel

KINDS: Final = {
    *("book", "price_change", "last_trade_price", "tick_size_change"),
    *("best_bid_ask", "new_market", "market_resolved"),
}
"""Of the market channel (facts §12.1)."""
NEW: Final = "0x" + "e5" * 32
MOVES: Final = 60

pytestmark = ORACLES


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with venue() as served:
        yield served


@pytest.fixture
async def run(tmp_path: Path) -> AsyncIterator[Run]:
    async with runs(tmp_path) as run:
        yield run


async def test_the_official_client_reads_every_frame_and_its_books_end_as_the_venues(
    served: Served, run: Run
) -> None:
    house = served.app.house
    asked = settings(served)
    tokens = [market[side] for market in asked["markets"] for side in ("yes", "no")]
    asked |= {"tokens": tokens, "maker": asked["wallets"][-1], "taker": asked["other"]}
    process = await run("polymarket_streams.py", asked)
    assert await said(process) == "subscribed"
    books = witness(
        served, {"type": "market", "assets_ids": tokens, "custom_feature_enabled": True}
    )
    accounts = await both_witnesses(served, asked)
    notices: list[Notice] = []
    house.listen(notices.append)
    assert process.stdin
    process.stdin.write(b"\n")
    assert await said(process) == "traded"
    happened(house)
    told = await ended(process)

    frames = events(books)
    assert told["counts"] == Counter(each["event_type"] for each in frames)
    assert told["counts"] == caused(notices, tokens) | {
        "best_bid_ask": told["counts"]["best_bid_ask"]
    }
    assert told["counts"].keys() == KINDS
    assert told["counts"]["price_change"] > MOVES
    assert told["books"].keys() == {*tokens}
    for token, book in told["books"].items():
        assert_book(house, token, book)
    assert told["ticks"] == dict.fromkeys(tokens_of(house, NEG_RISK), "0.01")
    assert told["new"] == {NEW: [*tokens_of(house, NEW)]}
    assert told["resolved"] == {SECOND: tokens_of(house, SECOND)[0]}
    for name, account in accounts.items():
        assert told["events"][name] == [row(each) for each in events(account)]
    assert_account(told["events"], told["orders"])


def caused(notices: list[Notice], tokens: list[str]) -> dict[str, int]:
    """How many events of which kind the venue owes for what happened, but for moved tops."""
    moves = [each for each in notices if isinstance(each, LevelsChanged)]
    return {
        "book": len(tokens) + 2 * sum(each.traded for each in moves),
        "price_change": sum(len(each.levels) for each in moves),
        "last_trade_price": sum(isinstance(each, TradePrinted) for each in notices),
        "tick_size_change": 2,
        "new_market": 1,
        "market_resolved": 1,
    }


def witness(served: Served, first: dict[str, Any]) -> Conversation:
    """A connection without a socket that is told all that the client is told from now on."""
    is_user = first["type"] == "user"
    found = served.streams.open_user() if is_user else served.streams.open_market()
    found.received(json.dumps(first))
    return found


async def both_witnesses(served: Served, asked: dict[str, Any]) -> dict[str, Conversation]:
    """Once the client's own connections are open, as neither of them has an answer."""
    house, names = served.app.house, ("maker", "taker")
    purses = [house.wallets.purse(asked[name]["address"]) for name in names]
    keys = [key for purse in purses for key in house.keys.of(purse.owner)]
    for _ in range(1_000):
        if are_heard(served, keys):
            break
        await asyncio.sleep(0.01)
    assert are_heard(served, keys)
    return {name: witness(served, signed_in(key)) for name, key in zip(names, keys, strict=True)}


def signed_in(key: ApiKey) -> dict[str, Any]:
    auth = {"apiKey": key.key, "secret": key.secret, "passphrase": key.passphrase}
    return {"type": "user", "auth": auth}


def are_heard(served: Served, keys: list[ApiKey]) -> bool:
    channels = [each.channel for each in served.streams.conversations]
    heard = [each.key for each in channels if isinstance(each, UserChannel)]
    return all(key in heard for key in keys)


def happened(house: House) -> None:
    """Everything else that the market channel tells of, and many moves."""
    house.lifecycle.change_tick(NEG_RISK, CENT)
    listed(house, NEW, 50_000)
    house.lifecycle.resolve(SECOND, 0)
    random, people = Random(4), [house.wallets.open(f"0x{n:040x}") for n in (1, 2)]
    conditions = (STANDARD, NEG_RISK)
    for each in people:
        house.wallets.deposit(each, Cash(1_000 * ONE))
        for token in (token for name in conditions for token in tokens_of(house, name)):
            house.wallets.give(each, token, Quantity(1_000 * ONE))
    resting: list[str] = []
    for _ in range(2 * MOVES):
        token = random.choice(tokens_of(house, random.choice(conditions)))
        side, price = random.choice([*Side]), Price(random.randint(30, 70) * CENT)
        shares = Quantity(random.randint(5, 30) * ONE)
        placed = house.orders.quote(random.choice(people), token, side, price=price, shares=shares)
        resting.append(placed.order_id)
        if random.random() < 0.3:
            house.orders.withdraw(resting.pop(random.randrange(len(resting))))


def events(conversation: Conversation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while (frame := conversation.next_frame()) is not None:
        told = json.loads(frame)
        found += told if isinstance(told, list) else [told]
    return found


def row(event: dict[str, Any]) -> list[str]:
    """As the script writes an event of an account."""
    if event["event_type"] == "order":
        return ["order", event["id"], event["type"], event["status"], event["size_matched"]]
    return ["trade", event["id"], event["status"], event["trader_side"], event["size"]]


def assert_book(house: House, token: str, told: dict[str, dict[str, str]]) -> None:
    view = house.book(token)
    for side, levels in (("BUY", view.bids), ("SELL", view.asks)):
        found = {micros(price): micros(size) for price, size in told[side].items()}
        assert found == dict(levels)


def assert_account(told: dict[str, list[list[str]]], orders: dict[str, str]) -> None:
    """Each sees its own orders, and both see the trade that they made with each other."""
    placed = {
        name: [id for what, id, kind, *_ in rows if (what, kind) == ("order", "PLACEMENT")]
        for name, rows in told.items()
    }
    assert placed == {
        "maker": [orders["rests"], orders["gone"]],
        "taker": [orders["takes"], orders["sells"]],
    }
    assert ["order", orders["rests"], "UPDATE", "LIVE", "6"] in told["maker"]
    for name, filled in (("rests", "6"), ("gone", "0")):
        assert ["order", orders[name], "CANCELLATION", "CANCELED", filled] in told["maker"]
    trades = {name: [each for each in rows if each[0] == "trade"] for name, rows in told.items()}
    steps = ["MATCHED", "MINED", "CONFIRMED"]
    assert [(each[2], *each[3:]) for each in trades["maker"]] == [(s, "MAKER", "6") for s in steps]
    assert Counter((each[2], *each[3:]) for each in trades["taker"]) == Counter(
        (status, "TAKER", size) for status in steps for size in ("8", "6")
    )
    assert {each[1] for each in trades["maker"]} < {each[1] for each in trades["taker"]}


def tokens_of(house: House, condition: str) -> tuple[str, str]:
    return house.catalogue.markets[condition].tokens
