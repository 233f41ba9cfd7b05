"""What a signed order costs, beside the bare operation of the cryptography library."""

from __future__ import annotations

import time
from collections.abc import Callable

import coincurve
import pytest

from venues.polymarket.contracts import STANDARD
from venues.polymarket.signing import Unsigned, Wallet
from venues.polymarket.wallets import Kind
from venues.sides import Side

KEY = bytes(range(1, 33))
DIGEST = bytes(range(32))
ORDER = Unsigned(
    exchange=STANDARD,
    token="102936224134271070189104847090829839924697394514566827387181305960175107677216",
    side=Side.BUY,
    maker_amount=50_000_000,
    taker_amount=100_000_000,
    salt=479249096354,
    timestamp_ms=1795564800000,
)


def _micros(action: Callable[[], object]) -> float:
    """The best of five rounds, per call."""
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(1_000):
            action()
        best = min(best, time.perf_counter() - start)
    return best / 1_000 * 1e6


@pytest.mark.parametrize("kind", [Kind.EOA, Kind.DEPOSIT])
def test_a_signed_order_costs_little_more_than_the_bare_signature(kind: Kind) -> None:
    wallet, bare = Wallet.from_key(KEY, kind), coincurve.PrivateKey(KEY)
    ours = _micros(lambda: wallet.sign_order(ORDER))
    floor = _micros(lambda: bare.sign_recoverable(DIGEST, hasher=None))
    print(f"\n{kind.name}: an order {ours:.0f} µs, {ours / floor:.2f} × the bare {floor:.0f} µs")
    assert ours < 3 * floor
