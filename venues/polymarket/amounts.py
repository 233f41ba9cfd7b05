"""What an order gives and takes, in base units: millionths of pUSD and of shares, our micros.

An order names no price, only two amounts, so their rounding is its price. Everything is exact but
the shares of a BUY that is counted in dollars; those are rounded down, which keeps an ask at the
limit within reach. Source: docs/venues/polymarket.md, "Amounts".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from venues.market import Grid
from venues.money import CENT, LOT, ONE, Cash, Price, Quantity, round_down, text
from venues.sides import Side

_FINEST: Final = Price(100)

# By tick: the step of the shares that an at-once BUY asks for. The venue counts 3 decimals at the
# coarsest tick and up to 6 at fine ones, but lets such orders ask for no more than 4.
_SHARE_STEPS: Final = {
    Price(100_000): 1_000,
    Price(10_000): 100,
    Price(5_000): 100,
    Price(2_500): 100,
    Price(1_000): 100,
    _FINEST: 100,
}


class OffGrid(ValueError):
    """A price that the market's tick does not allow; the tick may just have changed."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """What the maker of an order gives, and takes: pUSD for shares, or shares for pUSD."""

    maker: int
    taker: int


def limit(side: Side, price: Price, quantity: Quantity, tick: Price) -> Amounts:
    """An order for `quantity`, rounded down to 0.01 share, at exactly `price`.

    Raises OffGrid, and ValueError for less than 0.01 share or a tick that nobody knows.
    """
    _refuse_off_grid(price, tick)
    shares = round_down(quantity, LOT)
    if shares <= 0:
        raise ValueError(f"an order for {text(quantity)} shares is below 0.01")
    paid = price * shares // ONE  # a multiple of 0.0001 by a multiple of 0.01: nothing is lost
    return Amounts(paid, shares) if side is Side.BUY else Amounts(shares, paid)


def at_once_buy(spend: Cash, price: Price, tick: Price) -> Amounts:
    """A FILL_AND_KILL BUY: `spend`, rounded down to cents, for the shares it buys at `price`.

    Raises OffGrid, and ValueError for less than a cent, a tick that nobody knows, or so little that
    rounding the shares would lift the price to that of a dearer ask.
    """
    _refuse_off_grid(price, tick)
    paid = round_down(spend, CENT)
    shares = round_down(paid * ONE // price, _SHARE_STEPS[tick])
    if paid <= 0:
        raise ValueError(f"an order for {text(spend)} dollars is below a cent")
    if paid * ONE >= shares * (price + _FINEST):
        raise ValueError(f"{text(paid)} dollars are too few to keep to the price {text(price)}")
    return Amounts(paid, shares)


def at_once_sell(quantity: Quantity, price: Price, tick: Price) -> Amounts:
    """A FILL_AND_KILL SELL of `quantity`, rounded down to 0.01 share. Raises as `limit` does."""
    return limit(Side.SELL, price, quantity, tick)


def _refuse_off_grid(price: Price, tick: Price) -> None:
    if tick not in _SHARE_STEPS:
        raise ValueError(f"no market is known to have the tick {text(tick)}")
    if not Grid.even(tick).holds(price):
        raise OffGrid(f"{text(price)} is no price where the tick is {text(tick)}")
