"""A small simulated exchange to test with: two shards, one market on each, three people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from venues.clock import Clock
from venues.money import Cash, micros, price, quantity
from venues.sim.kalshi.catalogue import Event, Market, Series
from venues.sim.kalshi.house import House
from venues.sim.kalshi.knobs import Knobs
from venues.sim.kalshi.notices import Notice
from venues.sim.kalshi.orders import Placed
from venues.sim.kalshi.records import BookSide, CreateOrder

HOUR_MS = 3_600_000


class Desk:
    """A house whose words are short: `desk.bid("ann", "0.40", "10")`. Keeps every notice."""

    def __init__(self, clock: Clock, **knobs: Any) -> None:
        self.clock = clock
        self.house = House(clock, seed=1, knobs=replace(Knobs(), **knobs))
        self.seen: list[Notice] = []
        self.house.listen(self.seen.append)
        for shard in (0, 2):
            self._list(shard)
        for user_id in ("ann", "bob", "cat"):
            self.house.accounts.open(user_id, shards=(0, 2))
            self.house.accounts.deposit(user_id, Cash(micros("100")))
        self.house.advance()

    def _list(self, shard: int) -> None:
        now, name = self.house.now_ms, f"KX{shard}"
        self.house.lifecycle.add_series(Series(ticker=name, title=name, exchange_index=shard))
        self.house.lifecycle.add_event(
            Event(ticker=f"{name}-E", series_ticker=name, title=name, exchange_index=shard)
        )
        self.house.lifecycle.add_market(
            Market(
                ticker=f"{name}-E-M",
                event_ticker=f"{name}-E",
                open_ms=now,
                close_ms=now + HOUR_MS,
            )
        )

    def bid(self, user: str, at: str, count: str, **more: Any) -> Placed:
        return self.order(user, BookSide.BID, at, count, **more)

    def ask(self, user: str, at: str, count: str, **more: Any) -> Placed:
        return self.order(user, BookSide.ASK, at, count, **more)

    def order(self, user: str, side: BookSide, at: str, count: str, **more: Any) -> Placed:
        body = CreateOrder(ticker="KX0-E-M", side=side, count=quantity(count), price=price(at))
        return self.house.orders.create(user, replace(body, **more))

    def free(self, user: str) -> int:
        return self.house.accounts.free(user)

    def kinds(self, kind: type[Any]) -> list[Any]:
        return [notice for notice in self.seen if isinstance(notice, kind)]


@pytest.fixture
def open_desk(clock: Clock) -> Callable[..., Desk]:
    """`open_desk(member=…)`: a desk with knobs."""
    return lambda **knobs: Desk(clock, **knobs)


@pytest.fixture
def desk(clock: Clock) -> Desk:
    return Desk(clock)
