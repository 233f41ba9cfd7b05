"""The mutable book that a stream keeps current, and the frozen Book it makes on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from venues.book import Book, Level, Top
from venues.market import Contract
from venues.money import ONE, Price, Quantity
from venues.sides import Side

_BUY: Final = Side.BUY
CROSSED: Final = "crossed: its best bid is not below its best ask"
_KEPT_MAX: Final = 100_000


class Micros(dict[str, int]):
    """Text → micros, kept: a stream says the same few thousand numbers all day."""

    def __init__(self, read: Callable[[str], int]) -> None:
        self._read = read

    def __missing__(self, text: str) -> int:
        if len(self) >= _KEPT_MAX:
            self.clear()
        found = self[text] = self._read(text)
        return found


class Ladder:
    """Resting orders of one YES contract by price. It has one owner, who alone may change it.

    `fault` says in plain words why nobody may trade on it, None while it is good. What cannot be
    true (a size below zero, a price outside 0 … 1) is poison: it sets the fault, which only
    `replace` takes away again; until then it is not to be changed. The owner writes the two
    stamps, which go into the next Book, and `step`: a price off its multiples is poison, too.
    One ladder is changed either by `apply` or by `put`; `best_bid` and `best_ask`, 0 and ONE where
    a side is empty, are kept by `replace` and `put` alone.
    """

    __slots__ = (
        "_asks",
        "_bids",
        "_book",
        "best_ask",
        "best_bid",
        "contract",
        "fault",
        "received_ms",
        "step",
        "venue_ms",
    )

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.fault: str | None = "no snapshot yet"
        self.received_ms = 0
        self.step = 1
        self.best_bid, self.best_ask = 0, ONE
        self.venue_ms: int | None = None
        self._bids: dict[int, int] = {}
        self._asks: dict[int, int] = {}
        self._book: Book | None = None

    def replace(self, bids: Iterable[tuple[int, int]], asks: Iterable[tuple[int, int]]) -> None:
        """The whole book anew, as (price, size) in any order: good again, unless it is poison."""
        self._book = self.fault = None
        self._bids = self._side(bids)
        self._asks = self._side(asks)
        self.best_bid, self.best_ask = max(self._bids, default=0), min(self._asks, default=ONE)

    def apply(self, side: Side, price: int, delta: int) -> None:
        """Adds `delta` to what rests at `price`; a level of nothing is gone."""
        levels = self._bids if side is _BUY else self._asks
        self._book = None
        before = levels.get(price)
        if before is None and delta > 0 and 0 < price < ONE:
            levels[price] = delta
        elif before is not None and (size := before + delta) > 0:
            levels[price] = size
        else:
            self._take_away(levels, price, (before or 0) + delta)

    def put(self, side: Side, price: int, size: int) -> None:
        """What rests at `price` from now on; nothing may be taken away twice."""
        self._book = None
        if size < 0 or not 0 < price < ONE or price % self.step:
            self.fault = _poison(price, size)
        elif side is _BUY:
            if size:
                self._bids[price] = size
                self.best_bid = max(self.best_bid, price)
            elif self._bids.pop(price, None) and price == self.best_bid:
                self.best_bid = max(self._bids, default=0)
        elif size:
            self._asks[price] = size
            self.best_ask = min(self.best_ask, price)
        elif self._asks.pop(price, None) and price == self.best_ask:
            self.best_ask = min(self._asks, default=ONE)

    def book(self) -> Book:
        """Best first; the same object until something changes."""
        if self._book is None:
            self._book = Book(
                self.contract,
                _levels(sorted(self._bids.items(), reverse=True)),
                _levels(sorted(self._asks.items())),
                self.received_ms,
                self.venue_ms,
            )
        return self._book

    @property
    def top(self) -> Top:
        """The best prices now, without making a Book."""
        return Top(max(self._bids, default=0), min(self._asks, default=ONE))

    @property
    def crossed(self) -> bool:
        """Passes within milliseconds while a venue matches; where it stays, something broke."""
        if not (self._bids and self._asks):
            return False
        if self._book is not None:
            return self._book.bids[0].price >= self._book.asks[0].price
        return max(self._bids) >= min(self._asks)

    def _take_away(self, levels: dict[int, int], price: int, left: int) -> None:
        levels.pop(price, None)
        if left:
            self.fault = _poison(price, left)

    def _side(self, levels: Iterable[tuple[int, int]]) -> dict[int, int]:
        side: dict[int, int] = {}
        for price, size in levels:
            if size <= 0 or not 0 < price < ONE or price % self.step:
                self.fault = _poison(price, size)
            elif price in side:
                self.fault = "poisoned: a price twice"
            side[price] = size
        return side


def _poison(price: int, size: int) -> str:
    return f"poisoned: {size} micro-contracts at {price} micro-dollars"


def _levels(found: Iterable[tuple[int, int]]) -> tuple[Level, ...]:
    return tuple([Level(Price(price), Quantity(size)) for price, size in found])
