"""Addresses: how they are written, and which wallet at Polymarket belongs to whose key.

A wallet's contract is made by CREATE2, so its address follows from the owner's and is known before
the wallet exists. Source: docs/venues/polymarket.md, "Wallets".
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Final

from Crypto.Hash import keccak as _keccak

from venues.polymarket.contracts import (
    DEPOSIT_BEACON,
    DEPOSIT_FACTORY,
    DEPOSIT_IMPLEMENTATION,
    PROXY_FACTORY,
    PROXY_IMPLEMENTATION,
    SAFE_FACTORY,
)

_ADDRESS_LENGTH: Final = 42
_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")
_SAFE_CODE_HASH: Final = "2bce2127ff07fb632d16c8347c4ebf501f4841168bed00d9e6ef715ddb6fcecf"


class Kind(IntEnum):
    """Who pays for an order, by the venue's signature type."""

    EOA = 0
    """The key's own address."""
    PROXY = 1
    """The wallet behind a log-in by email."""
    SAFE = 2
    """The wallet behind a log-in by a browser wallet."""
    DEPOSIT = 3
    """The wallet that new accounts must have; it signs in its own name (ERC-1271)."""


def keccak(data: bytes) -> bytes:
    """Ethereum's hash, 32 bytes."""
    return _keccak.new(data=data, digest_bits=256).digest()


def address_bytes(address: str) -> bytes:
    """The 20 bytes of an address.

    Raises ValueError unless it is 0x and 40 hex digits, all small, all large, or mixed as their
    checksum asks (EIP-55): a wrong mixture is a slip of the pen.
    """
    if not _ADDRESS.fullmatch(address):
        is_short = len(address) <= _ADDRESS_LENGTH  # a longer one may be a key in the wrong place
        shown = repr(address) if is_short else f"a text of {len(address)} characters"
        raise ValueError(f"{shown} is no address: that is 0x and 40 hex digits")
    found = bytes.fromhex(address[2:])
    digits = address[2:]
    if digits not in {digits.lower(), digits.upper()} and checksummed(found) != address:
        raise ValueError(f"{address} is mistyped: its capitals do not fit its digits")
    return found


def checksummed(address: bytes) -> str:
    """The 20 bytes as text, with the capitals of EIP-55."""
    digits = address.hex()
    marks = keccak(digits.encode()).hex()
    pairs = zip(digits, marks, strict=False)
    return "0x" + "".join(d.upper() if int(mark, 16) > 7 else d for d, mark in pairs)


def derived(owner: str, kind: Kind) -> str:
    """The wallet that the venue makes today for the key whose address is `owner`, checksummed.

    Raises ValueError for what is no address.
    """
    key = address_bytes(owner)
    match kind:
        case Kind.EOA:
            return checksummed(key)
        case Kind.PROXY:
            return _create2(PROXY_FACTORY, keccak(key), keccak(_PROXY_CODE))
        case Kind.SAFE:
            return _create2(SAFE_FACTORY, keccak(_word(key)), bytes.fromhex(_SAFE_CODE_HASH))
        case Kind.DEPOSIT:
            args = _deposit_args(key)
            return _create2(DEPOSIT_FACTORY, keccak(args), keccak(_beacon_code(args)))


def derived_uups(owner: str) -> str:
    """The deposit wallet of a key that the venue made before there was a beacon, checksummed."""
    args = _deposit_args(address_bytes(owner))
    return _create2(DEPOSIT_FACTORY, keccak(args), keccak(_uups_code(args)))


def _create2(factory: str, salt: bytes, code_hash: bytes) -> str:
    made = keccak(b"\xff" + address_bytes(factory) + salt + code_hash)
    return checksummed(made[12:])


def _word(value: bytes) -> bytes:
    return value.rjust(32, b"\x00")


def _deposit_args(owner: bytes) -> bytes:
    """Factory and wallet id, which is the owner's address as a word."""
    return _word(address_bytes(DEPOSIT_FACTORY)) + _word(owner)


# The code with which a factory makes a wallet. Proxy wallets: a constructor that asks the factory,
# then a minimal proxy (EIP-1167), then an empty `cloneConstructor(bytes)` call.
_PROXY_CODE: Final = b"".join(
    (
        bytes.fromhex("3d3d606380380380913d393d73"),
        address_bytes(PROXY_FACTORY),
        bytes.fromhex("5af4602a57600080fd5b602d8060366000396000f3363d3d373d3d3d363d73"),
        address_bytes(PROXY_IMPLEMENTATION),
        bytes.fromhex("5af43d82803e903d91602b57fd5bf3"),
        bytes.fromhex("52e831dd"),
        _word(b"\x20"),
        _word(b""),
    )
)


def _beacon_code(args: bytes) -> bytes:
    """Solady's ERC-1967 beacon proxy with arguments; its length stands in the first push."""
    return b"".join(
        (
            b"\x61" + (0x52 + len(args)).to_bytes(2, "big"),
            bytes.fromhex("3d8160233d3973"),
            address_bytes(DEPOSIT_BEACON),
            bytes.fromhex("60195155f3363d3d373d3d363d602036600436635c60da"),
            bytes.fromhex("1b60e01b36527fa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6c"),
            bytes.fromhex("b3582b35133d50545afa5036515af43d6000803e604d573d6000fd5b3d6000f3"),
            args,
        )
    )


def _uups_code(args: bytes) -> bytes:
    """Solady's ERC-1967 proxy with arguments; its length stands in the first push."""
    return b"".join(
        (
            b"\x61" + (0x3D + len(args)).to_bytes(2, "big"),
            bytes.fromhex("3d8160233d3973"),
            address_bytes(DEPOSIT_IMPLEMENTATION),
            bytes.fromhex("6009"),
            bytes.fromhex("5155f3363d3d373d3d363d7f360894a13ba1a3210667c828492db98dca3e2076"),
            bytes.fromhex("cc3735a920a3ca505d382bbc545af43d6000803e6038573d6000fd5b3d6000f3"),
            args,
        )
    )
