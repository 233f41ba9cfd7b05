"""Follows the books and two accounts with Polymarket's own package, and prints what it was told.

Runs in oracles/.venv (Python 3.13), started by tests/protocol/test_polymarket_stream_oracles.py:
    python oracles/polymarket_streams.py '{"rest", "ws", "maker", "taker", "tokens"}'
It subscribes and says "subscribed", lets the maker and the taker trade with the next line that it
reads, says "traded", follows until stdin ends, and lets the last frames come in. The package drops
what it cannot read without a word, so everything is counted.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import Counter
from decimal import Decimal
from typing import Any, NoReturn

from polymarket import AsyncPublicClient, AsyncSecureClient
from polymarket.streams import MarketSpec, UserSpec
from polymarket_loopback import identity, loopback, text

QUIET_S = 0.5


class Books:
    """Plain dicts, {token: {"BUY": {price: size}, "SELL": …}}, and how many events made them."""

    def __init__(self, tokens: list[str]) -> None:
        self.complete = asyncio.Event()
        self.counts: Counter[str] = Counter()
        self.books: dict[str, dict[str, dict[Decimal, Decimal]]] = {}
        self.ticks: dict[str, str] = {}
        self.lives: dict[str, Any] = {"new": {}, "resolved": {}}
        self._tokens = {*tokens}

    async def follow(self, events: Any) -> None:
        async for event in events:
            self.hear(event.type, event.payload)

    def hear(self, kind: str, payload: Any) -> None:
        self.counts[kind] += 1
        match kind:
            case "book":
                sides = {"BUY": payload.bids, "SELL": payload.asks}
                self.books[payload.asset_id] = {
                    side: {each.price: each.size for each in levels}
                    for side, levels in sides.items()
                }
                if self.books.keys() == self._tokens:
                    self.complete.set()
            case "price_change":
                for each in payload.price_changes:
                    self.change(each)
            case "tick_size_change":
                self.ticks[payload.asset_id] = text(payload.new_tick_size)
            case "new_market":
                self.lives["new"][payload.condition_id] = payload.asset_ids
            case "market_resolved":
                self.lives["resolved"][payload.condition_id] = payload.winning_asset_id

    def written(self) -> dict[str, dict[str, dict[str, str]]]:
        return {
            token: {
                side: {text(p): text(q) for p, q in levels.items()} for side, levels in book.items()
            }
            for token, book in self.books.items()
        }

    def change(self, each: Any) -> None:
        """Sizes are absolute; zero takes a level away."""
        side = self.books[each.asset_id][each.side]
        if each.size:
            side[each.price] = each.size
        else:
            side.pop(each.price, None)


class Account:
    """The events of one account, in order: (what, id, which kind or status, role, size)."""

    def __init__(self) -> None:
        self.events: list[list[str]] = []

    async def follow(self, events: Any) -> None:
        async for event in events:
            it = event.payload
            if event.type == "order":
                row = [it.id, it.order_event_type, str(it.status), text(it.size_matched)]
            else:
                row = [it.id, it.status, it.trader_side, text(it.size)]
            self.events.append([event.type, *row])


async def main(settings: dict[str, Any]) -> None:
    environment = loopback(settings)
    books = Books(settings["tokens"])
    accounts = {"maker": Account(), "taker": Account()}
    clients = {
        name: await AsyncSecureClient.create(environment=environment, **identity(settings[name]))
        for name in accounts
    }
    public = AsyncPublicClient(environment=environment)
    spec = MarketSpec(token_ids=settings["tokens"], custom_feature_enabled=True)
    followers = [asyncio.create_task(books.follow(await public.subscribe(spec)))]
    for name, account in accounts.items():
        events = await clients[name].subscribe(UserSpec())
        followers.append(asyncio.create_task(account.follow(events)))
    await books.complete.wait()
    say("subscribed")
    await heard(sys.stdin.readline)
    orders = await trade(clients["maker"], clients["taker"], settings["tokens"][0])
    say("traded")
    await heard(sys.stdin.read)
    await asyncio.sleep(QUIET_S)
    for task in followers:
        if task.done():
            task.result()
    show(books, accounts, orders)


async def trade(maker: AsyncSecureClient, taker: AsyncSecureClient, token: str) -> dict[str, str]:
    """One order takes; one is taken from, and its rest canceled with another. Their ids."""

    async def limit(client: AsyncSecureClient, side: Any, price: str, size: str) -> str:
        answer = await client.place_limit_order(asset_id=token, side=side, price=price, size=size)
        assert answer.ok, answer
        return answer.order_id

    rests = await limit(maker, "BUY", "0.50", "10")
    gone = await limit(maker, "BUY", "0.45", "20")
    takes = await limit(taker, "BUY", "0.60", "8")
    for _ in range(200):  # what was bought can be sold once it is on the chain
        held = await taker.get_balance_allowance(asset_type="CONDITIONAL", asset_id=token)
        if held.balance:
            break
        await asyncio.sleep(0.01)
    sells = await limit(taker, "SELL", "0.50", "6")
    assert {*(await maker.cancel_all()).canceled} == {rests, gone}
    return {"rests": rests, "gone": gone, "takes": takes, "sells": sells}


async def heard(listen: Any) -> None:
    await asyncio.get_running_loop().run_in_executor(None, listen)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def show(books: Books, accounts: dict[str, Account], orders: dict[str, str]) -> NoReturn:
    """Ends at once: the connections are of no further use."""
    told = {
        "counts": books.counts,
        "books": books.written(),
        "ticks": books.ticks,
        **books.lives,
        "events": {name: account.events for name, account in accounts.items()},
        "orders": orders,
    }
    say(json.dumps(told))
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
