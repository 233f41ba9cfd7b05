"""The world's user as a client meets it: a wallet of each kind, and the key that signs for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from coincurve import PublicKey

from venues.sim.polymarket.eip712 import checksummed, keccak
from venues.sim.polymarket.house import House
from venues.sim.polymarket.records import Kind

OwnerKey = tuple[Kind, bytes]
"""A kind of wallet, and the 32 bytes of its owner's private key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """`address` is the wallet that makes orders; the file holds the owner's key, as hex with 0x."""

    address: str
    private_key_file: Path
    signature_type: int


def make_accounts(house: House, keys: Iterable[OwnerKey], folder: Path) -> tuple[Account, ...]:
    """Opens the wallets that are missing, empty, and writes keys where only we can read."""
    return tuple(_account(house, kind, key, folder) for kind, key in keys)


def owner_of(private_key: bytes) -> str:
    """The address of an EOA. ValueError for bytes that are no key."""
    point = PublicKey.from_valid_secret(private_key).format(compressed=False)
    return checksummed(keccak(point[1:])[12:])


def _account(house: House, kind: Kind, key: bytes, folder: Path) -> Account:
    owner = owner_of(key)
    wallet = house.wallets.of(owner, kind) or house.wallets.open(owner, kind)
    file = folder / f"{kind.name.lower()}-{wallet.lower()}.key"
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_text(f"0x{key.hex()}\n")
    return Account(address=wallet, private_key_file=file, signature_type=kind.value)
