"""Pages and their cursors: opaque to the client, steady while rows come and go (section 5)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from venues.sim.kalshi.refusal import invalid_parameters
from venues.sim.kalshi.rest_ask import Query

T = TypeVar("T")


class Place(NamedTuple):
    """Where a row stands: `rank` never rises along the list, `name` is the row's own."""

    rank: int
    name: str


def page(
    rows: Sequence[T],
    query: Query,
    *,
    kind: str,
    place: Callable[[T], Place],
    most: int = 1_000,
    default: int = 100,
    zero: bool = False,
) -> tuple[Sequence[T], str]:
    """The rows of one page and the cursor of the next, "" for none.

    `kind` names the list: a cursor of another one is malformed. `zero`: limit 0 is the default.
    Where the row that the cursor names is gone, its equals in rank are shown again: rather a row
    twice than a row lost.
    """
    limit = query.whole("limit", low=0 if zero else 1, high=most) or default
    cursor = query.text("cursor")
    rest = _after(rows, _read(kind, cursor), place) if cursor else rows
    shown = rest[:limit]
    return shown, _write(kind, place(shown[-1])) if len(rest) > limit else ""


def _after(rows: Sequence[T], last: Place, place: Callable[[T], Place]) -> Sequence[T]:
    for number, row in enumerate(rows):
        if place(row) == last:
            return rows[number + 1 :]
    return [row for row in rows if place(row).rank <= last.rank]


def _write(kind: str, place: Place) -> str:
    text = json.dumps([kind, place.rank, place.name], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(kind: str, cursor: str) -> Place:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        found = json.loads(text)
    except (binascii.Error, ValueError, RecursionError):
        raise invalid_parameters("invalid cursor") from None
    match found:
        case [str(listed), int(rank), str(name)] if listed == kind:
            return Place(rank, name)
    raise invalid_parameters("invalid cursor")
