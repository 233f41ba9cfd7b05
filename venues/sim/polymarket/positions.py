"""The tokens of a condition, as the chain numbers them; written anew, for no client to agree with
itself. Source: ConditionalTokens' CTHelpers; facts §4.4 for Protocol V2.
"""

from __future__ import annotations

from venues.sim.polymarket.eip712 import keccak

_P = 0x30644E72E131A029B85045B68181585D97816A916871CA8D3C208C16D87CFD47
_STANDARD = bytes.fromhex("2791Bca1f2de4661ED88A30C99A7a9449Aa84174")
_NEG_RISK = bytes.fromhex("3A3BD7bb9528E159577F7C2e685CC81A765002E2")


def tokens_of(condition: str, *, version: str = "v1", neg_risk: bool = False) -> tuple[str, str]:
    """(first outcome, second outcome)"""
    if version == "v2":
        base = int(condition, 16)
        return str(base), str(base + 1)
    collateral = _NEG_RISK if neg_risk else _STANDARD
    first, second = (keccak(collateral + _point(condition, part)) for part in (1, 2))
    return str(int(first.hex(), 16)), str(int(second.hex(), 16))


def _point(condition: str, part: int) -> bytes:
    """A point of y² = x³ + 3 in 32 bytes: x, with the oddness of y in the last bit but one."""
    seed = int(keccak(bytes.fromhex(condition[2:]) + bytes(31) + bytes((part,))).hex(), 16)
    wanted = seed >= 1 << 255
    x = seed % _P
    y = None
    while y is None:
        x = (x + 1) % _P
        y = _root((x * x * x + 3) % _P)
    if (y % 2 == 1) is not wanted:
        y = _P - y
    return (x ^ ((y % 2) << 254)).to_bytes(32, "big")


def _root(square: int) -> int | None:
    """A square root modulo the field's prime, which is 3 modulo 4; None where there is none."""
    root = pow(square, (_P + 1) // 4, _P)
    return root if root * root % _P == square else None
