"""Runs inside bench/peers/.venv: the same ladders through uselayer's pair_size."""

import json
import sys
import time

from uselayer.calc import LegBook, kalshi_fee, pair_size, polymarket_fee

MICRO = 1_000_000


def levels(rows):
    return [{"price": p / MICRO, "size": q / MICRO} for p, q in rows]


def kalshi(rows):
    """As its own `_size_books` builds it."""
    return LegBook(
        "kalshi",
        levels(rows),
        lambda p: 0.07 * p * (1 - p),
        lambda c, p: kalshi_fee(contracts=c, price=p, rate=0.07, multiplier=1),
        {},
    )


def polymarket(rows):
    return LegBook(
        "polymarket",
        levels(rows),
        lambda p: 0.05 * p * (1 - p),
        lambda c, p: polymarket_fee(contracts=c, price=p, rate=0.05, exponent=1, role="taker"),
        {},
    )


cases = [(kalshi(one), polymarket(two)) for one, two in json.load(sys.stdin)]
spent = []
for _ in range(5):
    start = time.perf_counter()
    for one, two in cases:
        pair_size(one, two)
    spent.append(time.perf_counter() - start)
print(json.dumps({"seconds": min(spent)}))
