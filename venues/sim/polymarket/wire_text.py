"""How the venue writes numbers, times and JSON."""

from __future__ import annotations

from typing import Any

from venues.money import text
from venues.sim.text import http_date, json_text, number, timestamp

__all__ = ["Object", "day", "http_date", "iso", "json_text", "number", "plain"]

Object = dict[str, Any]


def plain(amount: int) -> str:
    """A price or a size as text: no decimals beyond those it needs."""
    return text(amount, 0)


def iso(at_ms: int | None) -> str | None:
    """RFC 3339 in UTC, with milliseconds where there are any; None for None."""
    return None if at_ms is None else timestamp(at_ms)


def day(at_ms: int | None) -> str | None:
    """The date alone, in UTC."""
    found = iso(at_ms)
    return found[:10] if found else None
