"""How the venue writes money and counts (section 5); times and JSON as every venue does."""

from __future__ import annotations

from venues.money import CENT, text
from venues.sim.text import http_date, json_text, number, timestamp

__all__ = [
    "cents",
    "count",
    "dollars",
    "exact_dollars",
    "http_date",
    "json_text",
    "number",
    "timestamp",
]


def dollars(amount: int) -> str:
    """A price or a balance: four decimals, more only where needed."""
    return text(amount, 4)


def exact_dollars(amount: int) -> str:
    """A cost, a fee or a profit: six decimals."""
    return text(amount, 6)


def count(amount: int) -> str:
    """Contracts: two decimals."""
    return text(amount, 2)


def cents(amount: int) -> int:
    """Whole cents, cut off towards zero."""
    whole = abs(amount) // CENT
    return whole if amount >= 0 else -whole
