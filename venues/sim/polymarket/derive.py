"""Where a key's wallets stand (§8.3): CREATE2 over the code that each factory deploys.

Bytecode as the official client 0.14 has it; the four addresses of the facts are its test.
"""

from __future__ import annotations

from typing import Final

from venues.sim.polymarket.eip712 import checksummed, keccak
from venues.sim.polymarket.records import Kind

_PROXY_FACTORY: Final = bytes.fromhex("aB45c5A4B0c941a2F231C04C3f49182e1A254052")
_PROXY_MODEL: Final = bytes.fromhex("44e999d5c2F66Ef0861317f9A4805AC2e90aEB4f")
_SAFE_FACTORY: Final = bytes.fromhex("aacFeEa03eb1561C4e67d661e40682Bd20E3541b")
_SAFE_CODE_HASH: Final = bytes.fromhex(
    "2bce2127ff07fb632d16c8347c4ebf501f4841168bed00d9e6ef715ddb6fcecf"
)
_DEPOSIT_FACTORY: Final = bytes.fromhex("00000000000Fb5C9ADea0298D729A0CB3823Cc07")
_DEPOSIT_BEACON: Final = bytes.fromhex("7A18EDfe055488A3128f01F563e5B479D92ffc3a")


def wallet_of(owner: str, kind: Kind) -> str:
    key = bytes.fromhex(owner[2:])
    if kind is Kind.PROXY:
        return _made_by(_PROXY_FACTORY, keccak(key), keccak(_proxy_code()))
    if kind is Kind.SAFE:
        return _made_by(_SAFE_FACTORY, keccak(key.rjust(32, b"\0")), _SAFE_CODE_HASH)
    if kind is Kind.DEPOSIT:
        args = _DEPOSIT_FACTORY.rjust(32, b"\0") + key.rjust(32, b"\0")
        return _made_by(_DEPOSIT_FACTORY, keccak(args), keccak(_deposit_code(args)))
    return checksummed(key)


def _made_by(factory: bytes, salt: bytes, code_hash: bytes) -> str:
    return checksummed(keccak(b"\xff" + factory + salt + code_hash)[12:])


def _proxy_code() -> bytes:
    head = "3d3d606380380380913d393d73"
    body = "5af4602a57600080fd5b602d8060366000396000f3363d3d373d3d3d363d73"
    tail = "5af43d82803e903d91602b57fd5bf352e831dd" + f"{32:064x}" + f"{0:064x}"
    return (
        bytes.fromhex(head)
        + _PROXY_FACTORY
        + bytes.fromhex(body)
        + _PROXY_MODEL
        + bytes.fromhex(tail)
    )


def _deposit_code(args: bytes) -> bytes:
    head = f"61{0x52 + len(args):04x}3d8160233d3973"
    body = (
        "60195155f3363d3d373d3d363d602036600436635c60da1b60e01b36527fa3f0ad74e5423aebfd80d3ef4346"
        "578335a9a72aeaee59ff6cb3582b35133d50545afa5036515af43d6000803e604d573d6000fd5b3d6000f3"
    )
    return bytes.fromhex(head) + _DEPOSIT_BEACON + bytes.fromhex(body) + args
