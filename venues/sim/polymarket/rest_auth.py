"""Who asks: a wallet's signature to manage keys, an HMAC for everything of an account (§7)."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from venues.sim.polymarket.eip712 import l1_signer
from venues.sim.polymarket.house import House
from venues.sim.polymarket.records import ApiKey
from venues.sim.polymarket.refusal import Refusal

Headers = Mapping[str, str]
"""By lower-case name."""

_NONCE_DIGITS_MAX: Final = 18


def wallet_of(house: House, headers: Headers, now_ms: int) -> tuple[str, int]:
    """The EOA that signed, and its nonce. Raises Refusal (401)."""
    address, stamp, signature = (
        headers.get(f"poly_{name}", "") for name in ("address", "timestamp", "signature")
    )
    nonce = headers.get("poly_nonce", "0")
    known = nonce.isascii() and nonce.isdigit() and len(nonce) <= _NONCE_DIGITS_MAX
    if not (known and _in_time(stamp, now_ms, house.knobs.skew_s)):
        raise _invalid_l1()
    try:
        signer = l1_signer(address, stamp, int(nonce), signature, house.knobs.chain_id)
    except ValueError:
        raise _invalid_l1() from None
    if signer.lower() != address.lower():
        raise _invalid_l1()
    return signer, int(nonce)


def key_of(
    house: House, headers: Headers, *, method: str, path: str, body: bytes, now_ms: int
) -> ApiKey:
    """The API key that signed these bytes. `path` is the raw one. Raises Refusal (401)."""
    key = house.keys.find(headers.get("poly_api_key", ""))
    stamp = headers.get("poly_timestamp", "")
    if key is None or not _in_time(stamp, now_ms, house.knobs.skew_s):
        raise unauthorized()
    same = (
        headers.get("poly_address", "").lower() == key.address.lower(),
        hmac.compare_digest(headers.get("poly_passphrase", "").encode(), key.passphrase.encode()),
        hmac.compare_digest(
            headers.get("poly_signature", "").encode(),
            signature(key.secret, f"{stamp}{method}{path}".encode() + body).encode(),
        ),
    )
    if not all(same):
        raise unauthorized()
    return key


def signature(secret: str, message: bytes) -> str:
    """Base64 for URLs, with its padding; the secret is written so too."""
    try:
        raw = base64.urlsafe_b64decode(secret)
    except binascii.Error as error:
        raise ValueError("a secret is base64") from error
    return base64.urlsafe_b64encode(hmac.new(raw, message, sha256).digest()).decode()


def unauthorized() -> Refusal:
    return Refusal(401, "Unauthorized/Invalid api key")


def _invalid_l1() -> Refusal:
    return Refusal(401, "Invalid L1 Request headers")


def _in_time(stamp: str, now_ms: int, skew_s: int) -> bool:
    known = stamp.isascii() and stamp.isdigit() and len(stamp) <= _NONCE_DIGITS_MAX
    return known and abs(int(stamp) - now_ms // 1_000) <= skew_s
