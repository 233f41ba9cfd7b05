"""Kalshi's signatures: three headers over `timestamp_ms + METHOD + path`, for REST and websocket.

The path is that of the URL as sent, with its `/trade-api/v2` and without the query; the body is not
signed. RSA keys sign with RSASSA-PSS (SHA-256, MGF1 with SHA-256, salt of 32 bytes), Ed25519 keys
plainly; the parsed key decides, never the PEM's header. Source: docs/venues/kalshi.md, "Signing".
"""

from __future__ import annotations

import base64
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit

import httpx2
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from venues.clock import Clock
from venues.key_file import read_key_file
from venues.skew import Skew

_SALT_BYTES: Final = 32
_TO_BLAME_MS: Final = 5_000
"""The venue takes at least ±10 s."""


class Signer:
    """An account's key. Its `repr` names the key id alone."""

    def __init__(self, key_id: str, private_key: RSAPrivateKey | Ed25519PrivateKey) -> None:
        self.key_id = key_id
        self._key = private_key

    def __repr__(self) -> str:
        return f"Signer({self.key_id!r})"

    @classmethod
    def from_pem(cls, key_id: str, pem: bytes) -> Self:
        """PKCS#1 or PKCS#8, unencrypted. Raises ValueError for everything else."""
        try:
            found = load_pem_private_key(pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise ValueError(
                "That is no private key that can be used: Kalshi's are PEM files without a "
                "password, as the site gave them out."
            ) from None
        if isinstance(found, RSAPrivateKey | Ed25519PrivateKey):
            return cls(key_id, found)
        raise ValueError("Kalshi takes RSA and Ed25519 keys; this is another kind of key.")

    @classmethod
    def from_file(cls, key_id: str, path: Path) -> Self:
        """Raises ValueError also where other users could read the file."""
        return cls.from_pem(key_id, read_key_file(path))

    def headers(self, method: str, path: str, now_ms: int) -> dict[str, str]:
        """The headers of one request; `path` as sent, a query behind it is left out."""
        message = f"{now_ms}{method.upper()}{path.partition('?')[0]}".encode()
        return {
            "KALSHI-ACCESS-KEY": self.key_id,
            "KALSHI-ACCESS-TIMESTAMP": str(now_ms),
            "KALSHI-ACCESS-SIGNATURE": base64.b64encode(self._sign(message)).decode(),
        }

    def _sign(self, message: bytes) -> bytes:
        if isinstance(self._key, Ed25519PrivateKey):
            return self._key.sign(message)
        padding = PSS(mgf=MGF1(hashes.SHA256()), salt_length=_SALT_BYTES)
        return self._key.sign(message, padding, hashes.SHA256())


class KalshiAuth(httpx2.Auth):
    """Signs every request at the moment it leaves, in the venue's own time."""

    def __init__(self, signer: Signer, clock: Clock, skew: Skew) -> None:
        self._signer = signer
        self._clock = clock
        self._skew = skew

    def auth_flow(
        self, request: httpx2.Request
    ) -> Generator[httpx2.Request, httpx2.Response, None]:
        path = request.url.raw_path.decode("ascii")
        request.headers.update(self._signer.headers(request.method, path, self._now_ms()))
        yield request

    def websocket_headers(self, url: str) -> dict[str, str]:
        """For an upgrade request; made anew for every connection."""
        return self._signer.headers("GET", urlsplit(url).path, self._now_ms())

    def learn(self, sent: Mapping[str, str], answer: Mapping[str, str]) -> bool:
        """Takes in the time of a refusal; whether the time that we had signed was to blame."""
        now_ms = self._clock.now_ms()
        self._skew.learn(answer, now_ms)
        if self._skew.ahead_ms is None:
            return False
        signed_ms = int(sent["KALSHI-ACCESS-TIMESTAMP"])
        return abs(now_ms + self._skew.ahead_ms + 500 - signed_ms) > _TO_BLAME_MS

    def _now_ms(self) -> int:
        return self._skew.corrected(self._clock.now_ms())
