"""Polymarket's two proofs: the wallet's own, with which a client gets keys, and the keys' HMAC.

L1 is the EIP-712 message ClobAuth, signed by the wallet (signing.py). L2 goes over
`timestamp_s + METHOD + path + body`: the path of the URL as sent, without the query, and the exact
bytes of the body. Source: docs/venues/polymarket.md, "Signing".
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Generator
from typing import Final, Protocol

import httpx2

from venues.clock import Clock
from venues.hiding import Hiding
from venues.skew import Skew

_WORD: Final = re.compile(r"[ -~]{1,200}")
"""What a header can carry."""
_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]+={0,2}")


class L1Signer(Protocol):
    """A wallet, as far as it concerns a log-in."""

    owner: str

    def sign_l1(self, timestamp_s: int, nonce: int = 0) -> str: ...


def l1_headers(wallet: L1Signer, now_ms: int, nonce: int = 0) -> dict[str, str]:
    """For the two calls that create or derive API keys; one `nonce`, one set of keys. `now_ms` in
    the venue's time."""
    now_s = now_ms // 1_000
    return {
        "POLY_ADDRESS": wallet.owner,
        "POLY_SIGNATURE": wallet.sign_l1(now_s, nonce),
        "POLY_TIMESTAMP": str(now_s),
        "POLY_NONCE": str(nonce),
    }


class Credentials:
    """A set of API keys. Its `repr` shows `api_key` alone, which orders name as their owner."""

    def __init__(self, api_key: str, secret: str, passphrase: str) -> None:
        """Raises ValueError for a secret that is not base64url, and for what no header carries."""
        self.api_key = api_key
        self.secret = secret
        self.passphrase = passphrase
        self.hide = Hiding(secret, passphrase)
        self._key = _decoded(secret)
        is_sendable = all(map(_WORD.fullmatch, (api_key, passphrase)))
        del secret, passphrase  # a traceback from here on has nothing to show
        if not self._key:
            raise ValueError(f"The secret of the API key {api_key} is damaged: not base64url.")
        if not is_sendable:
            raise ValueError(f"The API key {api_key!r} or its passphrase is damaged: not ASCII.")

    def __repr__(self) -> str:
        return f"Credentials({self.api_key!r})"

    def signature(self, timestamp_s: int, method: str, path: str, body: bytes = b"") -> str:
        message = f"{timestamp_s}{method}{path}".encode() + body
        return base64.urlsafe_b64encode(hmac.digest(self._key, message, "sha256")).decode()


class PolymarketAuth(httpx2.Auth):
    """Signs every request to the CLOB at the moment it leaves, in the venue's own time.

    `clob` is the CLOB's base URL: requests to anywhere else (the catalogue) pass as they are.
    `owner` is the address of the key, also where a contract wallet pays.
    """

    requires_request_body = True

    def __init__(
        self, credentials: Credentials, owner: str, *, clob: str, clock: Clock, skew: Skew
    ) -> None:
        self._credentials = credentials
        self._owner = owner
        self._clob = _origin(httpx2.URL(clob))
        self._clock = clock
        self._skew = skew

    def auth_flow(
        self, request: httpx2.Request
    ) -> Generator[httpx2.Request, httpx2.Response, None]:
        if _origin(request.url) == self._clob:
            request.headers.update(self._headers(request))
        yield request

    def _headers(self, request: httpx2.Request) -> dict[str, str]:
        now_s = self._skew.corrected(self._clock.now_ms()) // 1_000
        path = request.url.raw_path.partition(b"?")[0].decode("ascii")
        signed = self._credentials.signature(now_s, request.method, path, request.content)
        return {
            "POLY_ADDRESS": self._owner,
            "POLY_API_KEY": self._credentials.api_key,
            "POLY_PASSPHRASE": self._credentials.passphrase,
            "POLY_SIGNATURE": signed,
            "POLY_TIMESTAMP": str(now_s),
        }


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _decoded(secret: str) -> bytes:
    """Nothing for what is not base64url: an error raised in here would show it to whoever prints
    locals."""
    if not _BASE64URL.fullmatch(secret):
        return b""
    try:
        return base64.urlsafe_b64decode(secret.rstrip("=") + "=" * (-len(secret.rstrip("=")) % 4))
    except binascii.Error:
        return b""
