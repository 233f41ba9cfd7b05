"""Takes our own secrets out of what a venue answers: no echo reaches a sentence or a tape."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from typing import Final
from urllib.parse import quote

_HIDDEN: Final = b"(hidden)"
_SHORTEST: Final = 8
"""A shorter word would be cut out of what the venue really says."""


class Hiding:
    """Knows each secret as it is, and as JSON, an address, hex or base64 would carry it."""

    def __init__(self, *secrets: str) -> None:
        forms = {form for each in secrets if len(each) >= _SHORTEST for form in _forms(each)}
        self._forms = tuple(sorted(forms, key=len, reverse=True))  # the longest first

    def __repr__(self) -> str:
        return f"Hiding({len(self._forms)} forms)"

    def __call__(self, said: bytes) -> bytes:
        for form in self._forms:
            said = said.replace(form, _HIDDEN)
        return said


def _forms(secret: str) -> set[bytes]:
    raw = secret.encode()
    hexed = raw.hex()
    return {
        *(raw, raw.replace(b"/", rb"\/"), json.dumps(secret)[1:-1].encode()),
        *(hexed.encode(), hexed.upper().encode(), quote(secret, safe="").encode()),
        *(each.rstrip(b"=") for each in (b64encode(raw), urlsafe_b64encode(raw))),
    }
