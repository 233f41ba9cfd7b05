"""Times and JSON as every venue writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from json.encoder import encode_basestring_ascii
from typing import Any

from venues.money import text


def number(millionths: int) -> Decimal:
    """A plain JSON number."""
    return Decimal(text(millionths, 0))


def timestamp(at_ms: int) -> str:
    """RFC 3339 in UTC, with milliseconds where there are any."""
    seconds, ms = divmod(at_ms, 1_000)
    whole = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{ms:03d}Z" if ms else f"{whole}Z"


def http_date(at_ms: int) -> str:
    """For the `Date` header."""
    days, months = "Mon Tue Wed Thu Fri Sat Sun", "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
    at = datetime.fromtimestamp(at_ms // 1_000, UTC)
    day, month = days.split()[at.weekday()], months.split()[at.month - 1]
    return f"{day}, {at.day:02d} {month} {at.year:04d} {at:%H:%M:%S} GMT"


def json_text(value: Any) -> str:
    """Compact JSON. A Decimal becomes a number with its own digits: no float comes near it."""
    if isinstance(value, str):
        return encode_basestring_ascii(value)
    if isinstance(value, dict):
        items = (f"{encode_basestring_ascii(key)}:{json_text(each)}" for key, each in value.items())
        return f"{{{','.join(items)}}}"
    if isinstance(value, list | tuple):
        return f"[{','.join(json_text(each) for each in value)}]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{value!r} is not JSON")
