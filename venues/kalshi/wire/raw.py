"""What every file of Kalshi's wire is built from: moments, and lists read element by element.

A list is Raw where one broken element must lose only itself: `read` parses it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct

Moment = Annotated[datetime, Meta(tz=True)]
Raw = msgspec.Raw
Raws = tuple[Raw, ...]
Rows = Raws | None
"""The rows of a private list: an empty one may be null, as Kalshi writes some empty lists."""
T = TypeVar("T")


def read(raw: Raw, kind: type[T]) -> T:
    """One element of a list. Raises ValueError for another shape than `kind`'s."""
    return msgspec.json.decode(raw, type=kind)


def label(raw: Raw) -> str:
    """The ticker of an element that cannot be read as what it should be."""
    try:
        names = read(raw, _Names)
    except ValueError:
        return "an entry without a ticker"
    named = names.ticker or names.event_ticker or names.series_ticker
    return named or "an entry without a ticker"


class _Names(Struct, frozen=True):
    ticker: str = ""
    event_ticker: str = ""
    series_ticker: str = ""
