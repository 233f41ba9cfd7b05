"""What a taker pays (§10): rate × shares × (p(1 − p))^e in pUSD, half up at five decimals."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from venues.money import ONE, Cash, Price, Quantity
from venues.sim.polymarket.catalogue import Fee

_UNIT: Final = 10


def taker_fee(fee: Fee | None, price: Price, shares: Quantity) -> Cash:
    """Of one match. `price` of either token gives the same."""
    if fee is None:
        return Cash(0)
    odds = Fraction(price * (ONE - price), ONE**2)
    exact = Fraction(fee.rate, ONE) * shares * odds**fee.exponent
    return Cash(int(exact / _UNIT + Fraction(1, 2)) * _UNIT)


def maker_fee(fee: Fee | None, price: Price, shares: Quantity) -> Cash:
    return Cash(0) if fee is None or fee.taker_only else taker_fee(fee, price, shares)
