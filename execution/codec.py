"""Records as bytes and back. The bytes of a record are the same wherever they are made."""

from __future__ import annotations

import msgspec

from execution.records import KINDS, Record


def kind_of(record: Record) -> str:
    return type(record).__name__.lower()


def encode(record: Record) -> bytes:
    return msgspec.json.encode(record, order="deterministic")


def decode(kind: str, body: bytes) -> Record:
    """Raises ValueError for what no version of us wrote."""
    if kind not in KINDS:
        raise ValueError(f"a record of the unknown kind {kind!r}")
    found: Record = msgspec.json.decode(body, type=KINDS[kind])
    return found
