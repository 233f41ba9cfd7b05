"""What a fill costs (section 11), written from the fact sheet and from nothing else.

Amounts are whole micro-dollars; what is exact stays a Fraction until the rule says to round.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final, NamedTuple

from venues.money import ONE, Cash, Price, Quantity

RATE: Final = Fraction(7, 100)
_SHARES: Final = {
    "quadratic": (Fraction(1), Fraction(0)),
    "quadratic_with_maker_fees": (Fraction(1), Fraction(1, 4)),
    "quadratic_with_combo_maker_fees": (Fraction(1), Fraction(1, 2)),
}
"""Taker's and maker's k (11.1). `flat` and unknown words are priced like maker fees: nobody has
seen what they mean (UNSURE #6)."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What a market charges now: M·k for the taker and for the maker."""

    taker: Fraction
    maker: Fraction

    def of(self, *, maker: bool) -> Fraction:
        return self.maker if maker else self.taker


FREE: Final = Rates(Fraction(0), Fraction(0))


def rates(fee_type: str, multiplier: int, *, multiplier_on_maker: bool = True) -> Rates:
    """`multiplier` in millionths."""
    taker, maker = _SHARES.get(fee_type, _SHARES["quadratic_with_maker_fees"])
    scale = Fraction(multiplier, ONE)
    return Rates(taker * scale, maker * scale if multiplier_on_maker else maker)


class Charge(NamedTuple):
    """One fill's part. `change` is what the balance moves by; `carried` the order's accumulator
    afterwards."""

    trade_fee: Cash
    rounding_fee: Cash
    rebate: Cash
    net: Cash
    change: Cash
    carried: Cash


def model_fee(k: Fraction, price: Price, count: Quantity) -> Fraction:
    """M·k·0.07·C·P·(1 − P) in micro-dollars, exact."""
    return k * RATE * count * Fraction(price * (ONE - price), ONE**2)


def charge(
    k: Fraction, price: Price, count: Quantity, *, precision: Cash, carried: Cash, buys: bool = True
) -> Charge:
    """The rule of 11.3 for one fill at `price`, in the dollars of the side that is traded.

    `precision` is the balance grid; `carried` the accumulator of the order before this fill. In
    this house every fill buys (selling YES is buying NO); `buys=False` is the rule's other case.
    """
    trade_fee = _ceil(model_fee(k, price, count))
    paid = Fraction(price * count, ONE)
    exact = (-paid if buys else paid) - trade_fee
    aligned = (exact // precision) * precision
    rounding_fee = exact - aligned
    gathered = carried + rounding_fee
    rebate = (min(gathered, trade_fee + rounding_fee) // precision) * precision
    return Charge(
        trade_fee=Cash(trade_fee),
        rounding_fee=_whole(rounding_fee),
        rebate=Cash(rebate),
        net=_whole(trade_fee + rounding_fee - rebate),
        change=Cash(aligned + rebate),
        carried=_whole(gathered - rebate),
    )


def _ceil(exact: Fraction) -> int:
    return -(-exact.numerator // exact.denominator)


def _whole(exact: Fraction) -> Cash:
    """Prices on 0.0001 and counts on 0.01 leave no part of a micro-dollar (5)."""
    assert exact.denominator == 1
    return Cash(exact.numerator)
