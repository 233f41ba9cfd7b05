"""Key pairs for a simulated account, as Kalshi gives them out: one RSA-2048, one Ed25519."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from venues.sim.kalshi.rest_auth import ApiKeys

_EXPONENT: Final = 65_537


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """`key_type` is `rsa` or `ed25519`."""

    key_id: str
    key_type: str
    private_key_file: Path


def make_accounts(keys: ApiKeys, user_id: str, folder: Path) -> tuple[Account, ...]:
    """Registers two new keys of this user and writes them where only we can read."""
    rsa = generate_private_key(public_exponent=_EXPONENT, key_size=2048)
    return (
        _account(keys, user_id, folder, "rsa", rsa),
        _account(keys, user_id, folder, "ed25519", Ed25519PrivateKey.generate()),
    )


def _account(
    keys: ApiKeys,
    user_id: str,
    folder: Path,
    key_type: str,
    key: RSAPrivateKey | Ed25519PrivateKey,
) -> Account:
    key_id = str(uuid.uuid4())
    spki = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    keys.add(key_id, user_id, spki)
    is_rsa = isinstance(key, RSAPrivateKey)
    form = PrivateFormat.TraditionalOpenSSL if is_rsa else PrivateFormat.PKCS8
    file = folder / f"{key_type}-{key_id}.pem"
    file.touch(mode=0o600, exist_ok=False)
    file.write_bytes(key.private_bytes(Encoding.PEM, form, NoEncryption()))
    return Account(key_id=key_id, key_type=key_type, private_key_file=file)
