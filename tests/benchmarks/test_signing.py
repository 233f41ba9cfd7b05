"""What a signature costs, beside the bare operation of the cryptography library."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from venues.kalshi.auth import Signer

PATH = "/trade-api/v2/portfolio/events/orders"
MESSAGE = f"1795564800000POST{PATH}".encode()
RSA = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
ED = Ed25519PrivateKey.generate()


def _rsa() -> bytes:
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
    return RSA.sign(MESSAGE, pss, hashes.SHA256())


def _micros(action: Callable[[], object]) -> float:
    """The best of five rounds, per call."""
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(300):
            action()
        best = min(best, time.perf_counter() - start)
    return best / 300 * 1e6


@pytest.mark.parametrize(
    ("name", "key", "bare"), [("RSA-2048", RSA, _rsa), ("Ed25519", ED, lambda: ED.sign(MESSAGE))]
)
def test_signing_costs_little_more_than_the_bare_operation(
    name: str, key: rsa.RSAPrivateKey | Ed25519PrivateKey, bare: Callable[[], bytes]
) -> None:
    signer = Signer("id", key)
    ours = _micros(lambda: signer.headers("POST", PATH, 1795564800000))
    floor = _micros(bare)
    print(f"\n{name}: headers of a request {ours:.0f} µs, {ours / floor:.2f} × the bare signature")
    assert ours < 2 * floor
