"""The people of a simulated world: a maker who quotes, and a crowd that takes."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from venues.money import LOT, ONE, Cash, Price, Quantity
from venues.sim.exchange import Tif
from venues.sim.kalshi.catalogue import Market
from venues.sim.kalshi.house import House
from venues.sim.kalshi.records import AmendOrder, BookSide, CreateOrder
from venues.sim.kalshi.refusal import Refusal

CASH: Final = Cash(100_000 * ONE)
LEVELS: Final = 4
WANDERS_MAX: Final = 8
"""Steps of the grid that a fair price strays from where it began."""
BEHIND_MS: Final = 60_000
"""After a long jump of the clock nobody lives through more than this."""


class Maker:
    """Quotes `LEVELS` prices on each side of a fair price that wanders over the market's grid."""

    def __init__(self, house: House, market: Market, fair: Price, rng: random.Random) -> None:
        self._house = house
        self._ticker = market.ticker
        self._rng = rng
        self.user_id = f"maker {market.ticker}"
        self._prices = _grid(market)
        self._place = min(range(len(self._prices)), key=lambda i: abs(self._prices[i] - fair))
        self._home = self._place
        self._orders: dict[tuple[BookSide, int], str] = {}
        house.accounts.open(self.user_id, shards=(market.exchange_index,))
        house.accounts.deposit(self.user_id, CASH, exchange_index=market.exchange_index)
        self._opens_ms = market.open_ms

    def start(self) -> None:
        self._house.at(self._opens_ms, self._quote)

    def _quote(self) -> None:
        step = self._rng.choice((-2, -1, -1, 0, 0, 0, 1, 1, 2))
        if abs(self._place + step - self._home) > WANDERS_MAX:
            step = -step
        edge = LEVELS + 1
        self._place = min(max(self._place + step, edge), len(self._prices) - edge - 1)
        away = (BookSide.ASK, BookSide.BID) if step > 0 else (BookSide.BID, BookSide.ASK)
        for side in away:
            outward = range(LEVELS) if step == 0 else reversed(range(LEVELS))
            for level in outward:
                with suppress(Refusal):
                    self._set(side, level)
        _again(self._house, self._rng.randint(2_000, 6_000), self._quote)

    def _set(self, side: BookSide, level: int) -> None:
        price = self._prices[self._place - side.sign * (level + 1)]
        count = Quantity(self._rng.randint(500, 20_000) * (level + 1) * LOT // 10)
        count = Quantity(count // LOT * LOT)
        now = self._house.view(self.user_id, self._house.now_ms)
        order_id = self._orders.get((side, level))
        if order_id is None or not (order := now.order(order_id)).remaining:
            placed = self._house.orders.create(
                self.user_id,
                CreateOrder(
                    ticker=self._ticker, side=side, count=count, price=price, post_only=True
                ),
            )
            self._orders[side, level] = placed.order.order_id
        elif order.price != price or self._rng.randrange(4) == 0:
            body = AmendOrder(
                ticker=self._ticker,
                side=side,
                count=Quantity(order.filled + count),
                price=price,
            )
            self._house.orders.amend(self.user_id, order_id, body)


class Crowd:
    """Takes a little from either side now and then."""

    def __init__(self, house: House, market: Market, rng: random.Random) -> None:
        self._house = house
        self._ticker = market.ticker
        self._rng = rng
        self.user_id = f"crowd {market.ticker}"
        house.accounts.open(self.user_id, shards=(market.exchange_index,))
        house.accounts.deposit(self.user_id, CASH, exchange_index=market.exchange_index)
        self._opens_ms = market.open_ms

    def start(self) -> None:
        self._house.at(self._opens_ms + self._rng.randint(1_000, 20_000), self._take)

    def _take(self) -> None:
        side = self._rng.choice((BookSide.BID, BookSide.ASK))
        levels = self._house.asks(self._ticker) if side is BookSide.BID else None
        levels = self._house.bids(self._ticker) if levels is None else levels
        if levels:
            body = CreateOrder(
                ticker=self._ticker,
                side=side,
                count=Quantity(self._rng.randint(1, 3_000) * LOT),
                price=levels[0].price,
                time_in_force=Tif.IOC,
            )
            with suppress(Refusal):
                self._house.orders.create(self.user_id, body)
        _again(self._house, self._rng.randint(5_000, 30_000), self._take)


def _again(house: House, wait_ms: int, action: Callable[[], None]) -> None:
    house.at(max(house.now_ms + wait_ms, house.agenda.until_ms - BEHIND_MS), action)


def _grid(market: Market) -> tuple[Price, ...]:
    """Every price of the market, lowest first."""
    prices = {
        Price(price)
        for band in market.bands
        for price in range(band.start, band.end + 1, band.step)
        if 0 < price < ONE
    }
    return tuple(sorted(prices))
