"""Tokens of links and of confirmations. Pure: keys, nonces and times are arguments.

A *view* token stands in an alert: it opens the page of one episode, until that ends or a day has
passed, and can do nothing. A *confirm* token is made when a preview is shown: it names what was
shown, to whom and until when, so that nothing else can be confirmed with it. That it is used once
is for the journal to say, by its nonce, in one transaction with the intent.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

VIEW_MS: Final = 24 * 3_600_000
KEY_BYTES: Final = 32
TOKEN_MAX: Final = 300
"""Characters; nothing longer is looked at."""


class Keys:
    """The key that signs and the one before it. After two rotations no older token holds."""

    def __init__(self, first: bytes) -> None:
        self._keys = (_key(first),)

    def rotate(self, new: bytes) -> None:
        self._keys = (_key(new), self._keys[0])  # type: ignore[assignment]

    @property
    def signing(self) -> bytes:
        return self._keys[0]

    @property
    def known(self) -> tuple[bytes, ...]:
        return self._keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """What a confirmation is of. `quote_version`: of the books that were shown; `limits`: those in
    force; `audience`: the session, the environment and the mode."""

    preview_id: str
    quote_version: str
    limits: str
    audience: str


class Held(StrEnum):
    """Whether a token holds. OVER: it did once. WRONG: it was never made here for this."""

    GOOD = "good"
    OVER = "over"
    WRONG = "wrong"


def view_token(keys: Keys, episode_id: str, now_ms: int) -> str:
    until_ms = now_ms + VIEW_MS
    return f"v1.{until_ms}.{_mac(keys.signing, 'view', episode_id, until_ms)}"


def views(keys: Keys, token: str, episode_id: str, now_ms: int, *, ended_ms: int | None) -> Held:
    """`ended_ms`: when the episode ended, None while it lasts."""
    kind, _, rest = token[:TOKEN_MAX].partition(".")
    written, _, mac = rest.partition(".")
    until_ms = _moment(written)
    if kind != "v1" or until_ms is None:
        return Held.WRONG
    if not _is_signed(keys, mac, "view", episode_id, until_ms):
        return Held.WRONG
    return Held.GOOD if now_ms < until_ms and ended_ms is None else Held.OVER


def confirm_token(keys: Keys, of: Confirmed, *, nonce: str, until_ms: int) -> str:
    """`nonce`: made once, of letters, digits, - and _."""
    return f"c1.{until_ms}.{nonce}.{_mac(keys.signing, *_parts(of, nonce, until_ms))}"


def confirms(keys: Keys, token: str, of: Confirmed, now_ms: int) -> Held:
    """Whether the token confirms just this: what is in force now must be what was shown then."""
    parts = token[:TOKEN_MAX].split(".")
    if len(parts) != 4 or parts[0] != "c1":
        return Held.WRONG
    _, written, nonce, mac = parts
    until_ms = _moment(written)
    if until_ms is None or not _is_signed(keys, mac, *_parts(of, nonce, until_ms)):
        return Held.WRONG
    return Held.GOOD if now_ms < until_ms else Held.OVER


def nonce_of(token: str) -> str:
    """Of a token that holds."""
    return token.split(".")[2]


def _parts(of: Confirmed, nonce: str, until_ms: int) -> tuple[str | int, ...]:
    shown = (of.preview_id, of.quote_version, of.limits, of.audience)
    return ("confirm", *shown, nonce, until_ms)


def _key(key: bytes) -> bytes:
    if len(key) < KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes or more")
    return key


def _moment(written: str) -> int | None:
    return int(written) if written.isascii() and written.isdigit() and len(written) < 16 else None


def _mac(key: bytes, *parts: str | int) -> str:
    """Over the parts with their lengths, so that no two lists of parts read the same."""
    said = b"".join(
        b"%d:%s" % (len(raw), raw)
        for raw in (str(part).encode("utf-8", "surrogatepass") for part in parts)
    )
    digest = hmac.new(key, said, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _is_signed(keys: Keys, mac: str, *parts: str | int) -> bool:
    """By any of the keys; takes as long whether it is or not."""
    given = mac.encode()
    return any(_equal(given, _mac(key, *parts).encode()) for key in keys.known)


def _equal(one: bytes, two: bytes) -> bool:
    return hmac.compare_digest(one, two)


def same_text(given: str, kept: Iterable[str]) -> bool:
    """Whether it is one of those kept; compared by digest, in a time that tells nothing."""
    digest = hashlib.sha256(given.encode("utf-8", "surrogatepass")).digest()
    found = False
    for each in kept:
        found |= _equal(digest, hashlib.sha256(each.encode("utf-8", "surrogatepass")).digest())
    return found
