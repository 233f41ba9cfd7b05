"""Pages: the exchange's `MA==` … `LTE=`, and the opaque cursors of the other two hosts."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final, TypeVar

from venues.sim.polymarket.refusal import Refusal
from venues.sim.polymarket.rest_ask import Ask, Query
from venues.sim.polymarket.wire_text import Object

FIRST: Final = "MA=="
LAST: Final = "LTE="
T = TypeVar("T")


def page(rows: Sequence[T], query: Query, size: int) -> tuple[Sequence[T], str]:
    """A page of the exchange and the cursor of the next. `LTE=` asks for nothing (§20)."""
    cursor = query.text("next_cursor") or FIRST
    if cursor == LAST:
        return [], LAST
    try:
        start = int(base64.b64decode(cursor, validate=True))
    except (binascii.Error, ValueError):
        raise Refusal(400, "Invalid cursor") from None
    end = start + size
    following = base64.b64encode(str(end).encode()).decode() if end < len(rows) else LAST
    return rows[start:end], following


def enveloped(rows: Sequence[Any], following: str, size: int) -> Object:
    return {"limit": size, "count": len(rows), "next_cursor": following, "data": [*rows]}


def opaque(found: Any) -> str:
    text = json.dumps(found, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def opened(cursor: str) -> Any:
    """What was put into a cursor. Raises Refusal (400) for text that is none."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise Refusal(400, "invalid cursor") from None


def data_page(rows: Sequence[Object], ask: Ask, *, most: int = 1_000, default: int = 100) -> Object:
    """A page of the Data API: `limit` only with the first, later the same filters (§17)."""
    query = ask.query
    filters = sha256(repr(query.pairs("cursor", "limit")).encode()).hexdigest()[:12]
    cursor = query.text("cursor")
    if not cursor:
        start, limit = 0, min(query.whole("limit") or default, most)
    elif query.has("limit"):
        raise Refusal(400, "limit is only allowed on the first page")
    else:
        match opened(cursor):
            case [int(start), int(limit), str(of)] if of == filters and start >= 0 < limit:
                pass
            case _:
                raise Refusal(400, "invalid cursor")
    end = start + limit
    more = end < len(rows)
    pagination = {
        "limit": limit,
        "offset": start,
        "has_more": more,
        "next_cursor": opaque([end, limit, filters]) if more else None,
    }
    return {"data": [*rows[start:end]], "pagination": pagination}
