"""EIP-712 by its words: every field of a struct is 32 bytes, and what is signed is a digest."""

from __future__ import annotations

import re
from typing import Final

from venues.polymarket.contracts import CHAIN
from venues.polymarket.wallets import address_bytes, keccak

_BYTES32: Final = re.compile(r"0x[0-9a-fA-F]{64}")
_UINT256_END: Final = 2**256


def digest(separator: bytes, struct: bytes) -> bytes:
    """`struct` is the hash of one, `separator` that of its domain."""
    return keccak(b"\x19\x01" + separator + struct)


def domain(*, name: str = "", version: str = "", contract: str = "") -> bytes:
    """The domain separator; what is left out is no field of its type. The chain is Polygon."""
    fields = {"uint256 chainId": CHAIN.to_bytes(32)}
    if name:
        named = {"string name": keccak(name.encode()), "string version": keccak(version.encode())}
        fields = named | fields
    if contract:
        fields["address verifyingContract"] = address_word(contract)
    kind = keccak(f"EIP712Domain({','.join(fields)})".encode())
    return keccak(kind + b"".join(fields.values()))


def word(value: int, what: str) -> bytes:
    """A uint256; `what` names it where it is refused."""
    if not 0 <= value < _UINT256_END:
        raise ValueError(f"{what} is a whole number below 2²⁵⁶, not {value}")
    return value.to_bytes(32)


def address_word(address: str) -> bytes:
    return address_bytes(address).rjust(32, b"\x00")


def bytes32(digits: str) -> bytes:
    if not _BYTES32.fullmatch(digits):
        raise ValueError(f"{digits[:80]!r} is not 0x and 64 hex digits")
    return bytes.fromhex(digits[2:])
