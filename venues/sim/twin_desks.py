"""Who quotes in the world of twins: a desk for each market, and makers who move it."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from venues.market import Grid
from venues.money import ONE, Cash, Price, Quantity, micros
from venues.sides import Side
from venues.sim.kalshi.house import House as KalshiHouse
from venues.sim.kalshi.records import BookSide, CancelOrder, CreateOrder
from venues.sim.kalshi.refusal import Refusal as KalshiRefusal
from venues.sim.polymarket.catalogue import Market
from venues.sim.polymarket.house import House
from venues.sim.polymarket.refusal import Refusal
from venues.sim.twin_questions import Twin

MAKER_CASH: Final = Cash(1_000_000 * ONE)
_STEPS: Final = (-1, -1, 0, 0, 0, 1, 1)
_SHIFT_MAX: Final = 2


class KalshiDesk:
    """A maker's orders at Kalshi."""

    def __init__(self, house: KalshiHouse, twin: Twin) -> None:
        self.house = house
        self._twin = twin
        self._user = f"desk {twin.ticker}"
        self._ids: list[str] = []
        self._step = 1_000 if twin.structure == "deci_cent" else 10_000
        house.accounts.open(self._user)
        house.accounts.deposit(self._user, MAKER_CASH, exchange_index=0)

    def after(self, wait_ms: int, action: Callable[[], None]) -> None:
        self.house.at(self.house.now_ms + wait_ms, action)

    def quote(self, shift: int) -> None:
        """The whole ladder anew, moved by so many ticks."""
        for id in self._ids:
            with suppress(KalshiRefusal):
                self.house.orders.cancel(self._user, CancelOrder(order_id=id))
        self._ids.clear()
        for side, ladder in (
            (BookSide.BID, self._twin.kalshi_bids),
            (BookSide.ASK, self._twin.kalshi_asks),
        ):
            for price, size in _levels(ladder, shift * self._step):
                body = CreateOrder(ticker=self._twin.ticker, side=side, count=size, price=price)
                with suppress(KalshiRefusal):
                    self._ids.append(self.house.orders.create(self._user, body).order.order_id)


class PolymarketDesk:
    """A maker's orders at Polymarket, all of the YES token."""

    def __init__(self, house: House, twin: Twin, market: Market) -> None:
        self.house = house
        self._twin = twin
        self._token = market.tokens[0]
        self._grid = market.grid
        self._step = market.tick
        self._wallet = open_person(house, f"desk {twin.id}", market)
        self._ids: list[str] = []

    def after(self, wait_ms: int, action: Callable[[], None]) -> None:
        self.house.at(self.house.now_ms + wait_ms, action)

    def quote(self, shift: int) -> None:
        """The whole ladder anew, moved by so many ticks. Not below the market's minimum by itself:
        a level smaller than that is what others left of a larger one."""
        for id in self._ids:
            self.house.orders.withdraw(id)
        self._ids.clear()
        for side, ladder in (
            (Side.BUY, self._twin.polymarket_bids),
            (Side.SELL, self._twin.polymarket_asks),
        ):
            for price, size in _levels(ladder, shift * self._step):
                if self._grid.holds(price):
                    self._rest(side, price, size)

    def _rest(self, side: Side, price: Price, size: Quantity) -> None:
        with suppress(Refusal):
            placed = self.house.orders.quote(
                self._wallet, self._token, side, price=price, shares=size
            )
            self._ids.append(placed.order_id)


class Maker:
    """Moves its desk by a tick now and then, never far."""

    def __init__(self, desk: KalshiDesk | PolymarketDesk, rng: random.Random) -> None:
        self._desk = desk
        self._rng = rng
        self._shift = 0

    def start(self) -> None:
        self._desk.after(self._rng.randint(2_000, 8_000), self._move)

    def _move(self) -> None:
        step = self._rng.choice(_STEPS)
        if step and abs(self._shift + step) <= _SHIFT_MAX:
            self._shift += step
            self._desk.quote(self._shift)
        self.start()


def open_person(house: House, name: str, market: Market) -> str:
    """A wallet with money and with tokens of a market."""
    owner = f"0x{random.Random(name).getrandbits(160):040x}"
    wallet = house.wallets.open(owner)
    house.wallets.deposit(wallet, MAKER_CASH)
    for token in market.tokens:
        house.wallets.give(wallet, token, Quantity(1_000_000 * ONE))
    return wallet


def _levels(ladder: str, shift: int) -> list[tuple[Price, Quantity]]:
    words = ladder.split()
    pairs = zip(words[::2], words[1::2], strict=True)
    found = [(Price(micros(price) + shift), Quantity(micros(size))) for price, size in pairs]
    return [level for level in found if Grid.even(Price(1)).holds(level[0])]
