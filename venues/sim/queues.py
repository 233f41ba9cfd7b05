"""The two sides of one market's book: queues of orders by price."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, takewhile

from venues.market import Grid
from venues.money import Price, Quantity
from venues.sides import Side
from venues.sim.happenings import Order


class Queues:
    """Orders by side and price; at one price the oldest first. Prices are dollars of YES."""

    def __init__(self, grid: Grid, lot: Quantity) -> None:
        self.grid = grid
        self.lot = lot
        self.tradable = True
        self.clock = 0
        self._sides: dict[Side, dict[Price, dict[str, Order]]] = {Side.BUY: {}, Side.SELL: {}}

    def prices(self, side: Side) -> list[Price]:
        """Best first: the highest bid, the lowest ask."""
        return sorted(self._sides[side], reverse=side is Side.BUY)

    def at(self, side: Side, price: Price) -> Iterator[Order]:
        return iter(self._sides[side][price].values())

    def against(self, side: Side, limit: Price) -> Iterator[Order]:
        """What an order of `side` with this limit would meet, in the order it would."""
        other = Side.SELL if side is Side.BUY else Side.BUY
        met = takewhile(lambda price: crosses(side, limit, price), self.prices(other))
        return chain.from_iterable(self.at(other, price) for price in met)

    def ahead(self, order: Order) -> Iterator[Order]:
        """What trades before this resting order does."""
        before = chain.from_iterable(
            self.at(order.side, price)
            for price in self.prices(order.side)
            if price == order.price or crosses(order.side, price, order.price)
        )
        return takewhile(lambda other: other.id != order.id, before)

    def put(self, order: Order) -> None:
        """At the back of its price; in its own place if it already stands there."""
        self._sides[order.side].setdefault(order.price, {})[order.id] = order

    def drop(self, order: Order) -> None:
        level = self._sides[order.side][order.price]
        del level[order.id]
        if not level:
            del self._sides[order.side][order.price]

    def orders(self) -> Iterator[Order]:
        for side in self._sides.values():
            for level in side.values():
                yield from level.values()


def crosses(side: Side, limit: Price, price: Price) -> bool:
    """Whether an order of `side` at `limit` trades with one of the other side at `price`."""
    return limit >= price if side is Side.BUY else limit <= price
