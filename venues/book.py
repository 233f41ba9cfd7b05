"""The order book of one contract: levels best first, and the same liquidity from the other side."""

from __future__ import annotations

from dataclasses import dataclass
from operator import gt, lt
from typing import NamedTuple

from venues.market import Contract
from venues.money import ONE, Price, Quantity
from venues.sides import Outcome


class Level(NamedTuple):
    """Quantity resting at one price."""

    price: Price
    quantity: Quantity


class Top(NamedTuple):
    """The best bid and ask of a YES book in micros; 0 and ONE, where nobody trades, for an empty
    side."""

    bid: int
    ask: int


@dataclass(frozen=True, slots=True)
class Book:
    """Bids and asks of one contract, best first.

    `received_ms` is our clock when the payload arrived; `venue_ms` is the venue's own stamp, None
    where it sends none. Times are UTC epoch milliseconds.
    """

    contract: Contract
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    received_ms: int
    venue_ms: int | None = None

    @property
    def best_bid(self) -> Level | None:
        return self.bids[0] if self.bids else None

    @property
    def best_ask(self) -> Level | None:
        return self.asks[0] if self.asks else None

    @property
    def top(self) -> Top:
        bids, asks = self.bids, self.asks
        return Top(bids[0][0] if bids else 0, asks[0][0] if asks else ONE)

    def of(self, outcome: Outcome) -> Book:
        """The book of one of the market's two outcomes."""
        return self if self.contract.outcome is outcome else self.flip()

    def flip(self) -> Book:
        """The other outcome's book: selling YES at p is buying NO at ONE − p, so bids become asks.

        `book.flip().flip() == book`.
        """
        return Book(
            self.contract.other,
            mirror(self.asks),
            mirror(self.bids),
            self.received_ms,
            self.venue_ms,
        )

    def fault(self) -> str | None:
        """Why nobody should trade on this book, or None: a first reason in plain words.

        Checked: prices strictly inside 0 … 1, sizes above zero, best first without repeats,
        neither locked nor crossed. A one-sided or empty book has no fault.
        """
        for side, levels, better in (("a bid", self.bids, gt), ("an ask", self.asks, lt)):
            if not levels:
                continue
            prices, sizes = zip(*levels, strict=True)
            if min(prices) <= 0 or max(prices) >= ONE:
                return f"{side} with a price outside 0 … 1"
            if min(sizes) <= 0:
                return f"{side} without size"
            if not all(map(better, prices, prices[1:])):
                return f"{side} out of order"
        if self.bids and self.asks and self.bids[0].price >= self.asks[0].price:
            return "crossed: its best bid is not below its best ask"
        return None


def mirror(levels: tuple[Level, ...]) -> tuple[Level, ...]:
    """The same levels priced for the other outcome: p becomes ONE − p, best stays first."""
    return tuple([Level(Price(ONE - price), quantity) for price, quantity in levels])
