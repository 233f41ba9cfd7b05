"""The hash that binds a decision to what a market means."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from datetime import UTC, datetime
from typing import Final

from matching.listing import Listing

_VERSION: Final = "t2"
_NUMBER: Final = re.compile(r"-?\d+\.\d+")


def text_hash(listing: Listing) -> str:
    """A hash of all that says what a market means; white space and the split of rules don't count.

    Left out is what changes while the question stays: the closing time, the series, the names of
    the event. The prefix tells how it was made: made in another way, equal texts get another hash.
    """
    parts = [
        " ".join(listing.rules),
        listing.title,
        listing.subtitle,
        listing.event_title,
        listing.slug,
        *(listing.strike_type, _shortest(listing.floor), _shortest(listing.cap)),
        _shortest(listing.line),
        _moment(listing.starts_at),
        *listing.outcomes,
    ]
    said = json.dumps([" ".join(_composed(part).split()) for part in parts])
    return f"{_VERSION}:{hashlib.sha256(said.encode()).hexdigest()}"


def is_current(digest: str) -> bool:
    """Whether a hash was made in today's way, so that it can be compared."""
    return digest.startswith(f"{_VERSION}:")


def _composed(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _shortest(number: str) -> str:
    """2.50 is 2.5, whichever file wrote it."""
    return number.rstrip("0").rstrip(".") if _NUMBER.fullmatch(number) else number


def _moment(found: datetime | None) -> str:
    return found.astimezone(UTC).isoformat() if found else ""
