"""Pieces of a request: pages, path segments."""

from __future__ import annotations

from urllib.parse import quote


def page(cursor: str, limit: int) -> tuple[tuple[str, str], ...]:
    return (("limit", str(limit)), *((("cursor", cursor),) if cursor else ()))


def segment(ticker: str) -> str:
    """A ticker as one path segment. Raises ValueError for those that would lead elsewhere."""
    if not ticker.strip("."):
        raise ValueError(f"{ticker!r} is no ticker")
    return quote(ticker, safe="")
