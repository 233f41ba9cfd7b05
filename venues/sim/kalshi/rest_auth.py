"""Who signed: the three headers of a REST call or of a websocket upgrade (section 3)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from venues.sim.kalshi.refusal import Refusal

KEY: Final = "kalshi-access-key"
TIMESTAMP: Final = "kalshi-access-timestamp"
SIGNATURE: Final = "kalshi-access-signature"
PREFIX: Final = "/trade-api/v2"
STREAM: Final = "/trade-api/ws/v2"
"""The path that a websocket upgrade signs, with the method GET."""

_SALT: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A registered public key. `subaccount`: the only one it may see and use."""

    key_id: str
    user_id: str
    public_key: RSAPublicKey | Ed25519PublicKey
    scopes: frozenset[str]
    subaccount: int | None = None

    def may(self, *scopes: str) -> bool:
        """Whether it has one of these."""
        return bool(self.scopes.intersection(scopes))


class ApiKeys:
    """Registered keys by id."""

    def __init__(self) -> None:
        self._keys: dict[str, ApiKey] = {}

    def add(
        self,
        key_id: str,
        user_id: str,
        public_pem: str | bytes,
        *,
        scopes: Collection[str] = ("read", "write"),
        subaccount: int | None = None,
    ) -> ApiKey:
        """`public_pem` is an SPKI PEM of an RSA or Ed25519 key; ValueError for others."""
        pem = public_pem.encode() if isinstance(public_pem, str) else public_pem
        public_key = load_pem_public_key(pem)
        if not isinstance(public_key, RSAPublicKey | Ed25519PublicKey):
            raise ValueError("an API key is RSA or Ed25519")  # noqa: TRY004 # the text is wrong
        self._keys[key_id] = ApiKey(
            key_id=key_id,
            user_id=user_id,
            public_key=public_key,
            scopes=frozenset(scopes),
            subaccount=subaccount,
        )
        return self._keys[key_id]

    def remove(self, key_id: str) -> None:
        self._keys.pop(key_id, None)

    def verify(
        self, headers: Mapping[str, str], *, method: str, path: str, now_ms: int, skew_ms: int
    ) -> ApiKey:
        """The key that signed timestamp + method + `path`. Raises Refusal (401).

        `headers` by lower-case name; `path` as it came, percent-encoding untouched, with the prefix
        and without the query. Which check comes first is our choice: presence, key, clock, maths.
        """
        key_id, stamp, signature = (headers.get(name, "") for name in (KEY, TIMESTAMP, SIGNATURE))
        if not (key_id and stamp and signature):
            raise missing_headers()
        key = self._keys.get(key_id)
        if key is None:
            raise _authentication_error("NOT_FOUND")
        in_time = stamp.isascii() and stamp.isdigit() and abs(int(stamp[:20]) - now_ms) <= skew_ms
        if not in_time:
            raise Refusal(401, "header_timestamp_expired", "header timestamp expired")
        if not _signed(key.public_key, signature, f"{stamp}{method}{path}".encode()):
            raise _authentication_error("INCORRECT_API_KEY_SIGNATURE")
        return key


def scopes(method: str, route: str) -> tuple[str, ...]:
    """The scopes of which a key needs one for a signed operation."""
    if method == "GET":
        narrow = "read::portfolio_balance" if route == "/portfolio/balance" else ""
        return ("read", narrow)
    trades = route.startswith(("/portfolio/events/orders", "/portfolio/order_groups"))
    return ("write", "write::trade" if trades else "write::transfer" if _moves(route) else "")


def _moves(route: str) -> bool:
    return "transfer" in route or route == "/portfolio/target_balance_allocation"


def missing_headers() -> Refusal:
    what = "signature_is_missing_from_headers"
    return Refusal(401, what, what.replace("_", " "))


def permission_denied() -> Refusal:
    return Refusal(403, "permission_denied", "permission denied")


def _authentication_error(details: str) -> Refusal:
    return Refusal(401, "authentication_error", "authentication_error", details)


def _signed(key: RSAPublicKey | Ed25519PublicKey, signature: str, message: bytes) -> bool:
    """A signature of the other key type is simply wrong."""
    try:
        raw = base64.b64decode(signature, validate=True)
        if isinstance(key, RSAPublicKey):
            key.verify(raw, message, PSS(MGF1(SHA256()), _SALT), SHA256())
        else:
            key.verify(raw, message)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
