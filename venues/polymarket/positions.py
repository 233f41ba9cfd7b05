"""Which token is which outcome of a condition: the chain's own arithmetic, so that no answer has to
be believed. With a wrong token an order would buy the opposite, or something else altogether.

A token of Protocol V1 is keccak(collateral ‖ collection), a collection a point of the curve
alt_bn128 (y² = x³ + 3) found from the condition and the outcome. Source: Gnosis' ConditionalTokens
(CTHelpers.getCollectionId); all tokens of the recordings, docs/venues/polymarket.md.
"""

from __future__ import annotations

from typing import Final

from venues.polymarket.contracts import USDC_E, WRAPPED_COLLATERAL
from venues.polymarket.wallets import address_bytes, keccak
from venues.sides import Outcome

_FIELD: Final = 21888242871839275222246405745257275088696311157297823662689037894645226208583


def token(condition: str, outcome: Outcome, *, neg_risk: bool, version: str) -> str:
    """The token as decimal text. `condition` as the exchange writes it, 0x and 64 digits.

    One of Protocol V2 is the condition with the outcome in its last byte (facts §4.4). Raises
    ValueError for one whose last byte is taken: its YES would be another's NO.
    """
    index = 0 if outcome is Outcome.YES else 1
    if version == "v2":
        if not condition.endswith("00"):
            raise ValueError(f"{condition[:80]} is no condition of Protocol V2")
        return str(int(condition, 16) | index)
    collateral = address_bytes(WRAPPED_COLLATERAL if neg_risk else USDC_E)
    return str(int.from_bytes(keccak(collateral + _collection(condition, 1 << index))))


def _collection(condition: str, index_set: int) -> bytes:
    """The next point of the curve after a hash; the hash's highest bit says which of the two y."""
    start = int.from_bytes(keccak(bytes.fromhex(condition[2:]) + index_set.to_bytes(32)))
    is_odd, x = start >> 255, start
    while True:
        x = (x + 1) % _FIELD
        square = (pow(x, 3, _FIELD) + 3) % _FIELD
        y = pow(square, (_FIELD + 1) // 4, _FIELD)
        if y * y % _FIELD == square:
            break
    parity = y & 1 if is_odd == y & 1 else (_FIELD - y) & 1
    return (x ^ (parity << 254)).to_bytes(32)
