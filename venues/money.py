"""Price, Quantity and Cash: whole micros, exact in, exact out.

A micro is a millionth of a dollar or of a contract. A contract pays one dollar, so payout and
quantity are the same number. Only this file and the fee files divide money; every division here
says which way it rounds (docs/decisions/0001-micros.md).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, NewType

Price = NewType("Price", int)
"""Micro-dollars for one contract; strictly between 0 and ONE where it can be traded."""

Quantity = NewType("Quantity", int)
"""Micro-contracts."""

Cash = NewType("Cash", int)
"""Micro-dollars."""

ONE: Final = 1_000_000
CENT: Final = Cash(10_000)
LOT: Final = Quantity(10_000)
"""0.01 contract: the step of order sizes at every venue we speak to."""

_PLACES: Final = 6
_EXPONENT_MAX: Final = 30


def micros(value: str | Decimal) -> int:
    """Exact text or Decimal → whole micros; refuses a seventh decimal, exponents and signs but "-".

    >>> micros("0.4525")
    452500

    Raises ValueError for anything that is not a plain decimal number of at most six places.
    """
    if isinstance(value, Decimal):
        if abs(value.adjusted()) > _EXPONENT_MAX:  # written out, 1e999999999 would fill the memory
            raise ValueError(f"{value} is out of all proportion")
        text = format(value, "f")
    else:
        text = value
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
    whole, _, fraction = digits.partition(".")
    joined = whole + fraction
    if not (joined.isascii() and joined.isdigit()) or not whole or len(fraction) > _PLACES:
        raise ValueError(f"{text!r} is not a plain number with at most six decimals")
    return sign * int(whole + fraction.ljust(_PLACES, "0"))


def price(value: str | Decimal) -> Price:
    """Dollars as text → Price. Raises ValueError outside 0 … 1."""
    amount = micros(value)
    if not 0 <= amount <= ONE:
        raise ValueError(f"{value} is not a price between 0 and 1 dollar")
    return Price(amount)


def quantity(value: str | Decimal) -> Quantity:
    """Contracts as text → Quantity. Raises ValueError below zero."""
    amount = micros(value)
    if amount < 0:
        raise ValueError(f"{value} is not a quantity: it is below zero")
    return Quantity(amount)


def text(amount: int, places: int = 2) -> str:
    """Micros → plain decimal text with at least `places` decimals and no digit lost.

    >>> text(452_500), text(-1_000_000), text(1)
    ('0.4525', '-1.00', '0.000001')
    """
    whole, fraction = divmod(abs(amount), ONE)
    digits = f"{fraction:06d}".rstrip("0").ljust(places, "0")
    return f"{'-' if amount < 0 else ''}{whole}{'.' if digits else ''}{digits}"


def cost(at: Price, size: Quantity) -> Cash:
    """What buying `size` at `at` takes from us, rounded up to a micro-dollar."""
    return Cash(-(-at * size // ONE))


def proceeds(at: Price, size: Quantity) -> Cash:
    """What selling `size` at `at` brings us, rounded down to a micro-dollar."""
    return Cash(at * size // ONE)


def affordable(at: Price, cash: Cash) -> Quantity:
    """The quantity that `cash` buys at `at`, rounded down to a micro-contract."""
    return Quantity(cash * ONE // at)


def average_price(paid: Cash, size: Quantity) -> Price:
    """Cost per contract, rounded up: the average that we surely did not beat."""
    return Price(-(-paid * ONE // size))


def edge_bps(profit: Cash, outlay: Cash) -> int:
    """Profit over outlay in basis points, rounded down; 0 for no outlay."""
    return 10_000 * profit // outlay if outlay else 0


def annual_bps(profit: Cash, outlay: Cash, days: int) -> int:
    """Simple (not compounded) return of `profit` over `days` scaled to 365 days, rounded down."""
    return 10_000 * profit * 365 // (outlay * days) if outlay and days else 0


def round_up(amount: int, step: int) -> int:
    """The smallest multiple of `step` that is not below `amount`."""
    return -(-amount // step) * step


def round_down(amount: int, step: int) -> int:
    """The largest multiple of `step` that is not above `amount`."""
    return amount // step * step
