"""Pieces of a request: paths from routes, parameters, pages, bodies, and money as the venue's text.

Words that return in every file: `shard` is the venue's `exchange_index`, `subaccount` is 0 for the
primary and 1 … 63 for the others; `after_s` and `before_s` are moments in UTC epoch seconds.
What is left at None is not sent at all; an empty text is a mistake, because a filter that gets
lost would answer for everything.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final, TypeVar
from urllib.parse import quote

import msgspec

from venues.http import MIB, Call
from venues.money import LOT, ONE, Cash, Price, Quantity, text

T = TypeVar("T")
Params = tuple[tuple[str, str], ...]

CREATED: Final = (201, 200)
"""The document says 201; one public log shows 200 for a new order (facts, section 9.1)."""

NO_CONTENT: Final = (204,)
EMPTY_BODY: Final = b"{}"
"""The body of a write that says nothing: without one, its JSON content type is refused."""

SUBACCOUNT_MAX: Final = 63
_MICROS_A_CENT: Final = 10_000
_MICROS_A_CENTICENT: Final = 100


def call(
    method: str,
    route: str,
    *segments: str,
    answer: type[T],
    params: Params = (),
    body: bytes | None = None,
    accepted: tuple[int, ...] = (200,),
    signed: bool = False,
    urgent: bool = False,
    items: int = 1,
    bytes_max: int = 8 * MIB,
    deadline_s: int = 10,
) -> Call[T]:
    """A call to `route`, whose {names} become `segments` in order."""
    names = re.findall(r"\{\w+\}", route)
    assert len(names) == len(segments), f"{route} has {len(names)} names"
    path = route
    for name, value in zip(names, segments, strict=True):
        path = path.replace(name, segment(value))
    return Call(
        method=method,
        path=path,
        answer=answer,
        params=params,
        body=body,
        bytes_max=bytes_max,
        deadline_s=deadline_s,
        accepted=accepted,
        route=route,
        items=items,
        urgent=urgent,
        signed=signed,
    )


def segment(value: str) -> str:
    """A ticker or an id as one path segment. Raises ValueError for those that lead elsewhere."""
    if not value.strip("."):
        raise ValueError(f"{value!r} is no ticker and no id")
    return quote(value, safe="")


def query(**values: str | int | datetime | None) -> Params:
    """Parameters in the order given; None is left out, an empty text is refused."""
    return tuple((name, _plain(name, each)) for name, each in values.items() if each is not None)


def page(cursor: str, limit: int | None, most: int | None = None) -> Params:
    """The place in a list: at most `limit` rows (None = the venue's default), from `cursor` on."""
    if most is not None:
        between("limit", limit, 1, most)
    return (*query(limit=limit), *((("cursor", cursor),) if cursor else ()))


def joined(name: str, values: Sequence[str] | None, most: int) -> str | None:
    """A list as the venue's comma-separated text; None stays None."""
    if values is None:
        return None
    _counted(name, values, most)
    for each in values:
        if not each or "," in each:
            raise ValueError(f"{each!r} cannot stand in the list {name}")
    return ",".join(values)


def repeated(name: str, values: Sequence[str | int] | None, most: int) -> Params:
    """A list as a parameter that repeats; None is left out."""
    if values is None:
        return ()
    _counted(name, values, most)
    return tuple((name, _plain(name, each)) for each in values)


def body(**values: object) -> bytes:
    """A JSON object; what is None is left out."""
    return msgspec.json.encode(filled(**values))


def filled(**values: object) -> dict[str, object]:
    """What is not None; an empty text is refused, as in a query."""
    for name, value in values.items():
        if isinstance(value, str) and not value:
            raise ValueError(f"{name} is empty")
    return {name: value for name, value in values.items() if value is not None}


def between(name: str, value: int | None, low: int, high: int) -> int | None:
    """The value itself. Raises ValueError outside low … high; None is always well."""
    if value is not None and not low <= value <= high:
        raise ValueError(f"{name} is {value}; the venue takes {low} to {high}")
    return value


def subaccount_of(value: int | None) -> int | None:
    return between("subaccount", value, 0, SUBACCOUNT_MAX)


def shard_of(value: int | None) -> int | None:
    return between("shard", value, 0, 100)


def contracts(size: Quantity) -> str:
    """`10.00`. Raises ValueError for a size of nothing, or with a part below 0.01 contract."""
    if size <= 0 or size % LOT:
        raise ValueError(f"{text(size)} contracts: not a positive multiple of 0.01")
    return text(size)


def dollars(at: Price) -> str:
    """`0.5600`. Raises ValueError outside 0 … 1, and below the venue's finest step of $0.0001."""
    if not 0 < at < ONE or at % _MICROS_A_CENTICENT:
        raise ValueError(f"${text(at)} is no price: 0.0001 to 0.9999 in steps of 0.0001")
    return text(at, 4)


def amount_dollars(amount: Cash) -> str:
    """Raises ValueError below zero, and for a part of $0.0001."""
    if amount < 0 or amount % _MICROS_A_CENTICENT:
        raise ValueError(f"${text(amount)} is no amount in steps of $0.0001")
    return text(amount, 4)


def cents(amount: Cash) -> int:
    """Raises ValueError for nothing, and for a part of a cent."""
    return _whole("cents", amount, _MICROS_A_CENT)


def centicents(amount: Cash) -> int:
    """Hundredths of a cent. Raises ValueError for nothing, and for a part of one."""
    return _whole("hundredths of a cent", amount, _MICROS_A_CENTICENT)


def centicount(size: Quantity) -> int:
    """Hundredths of a contract. Raises ValueError for nothing, and for a part of one."""
    return _whole("hundredths of a contract", Cash(size), LOT)


def _whole(unit: str, amount: Cash, micros: int) -> int:
    if amount <= 0 or amount % micros:
        raise ValueError(f"{text(amount)} is not a positive number of whole {unit}")
    return amount // micros


def _counted(name: str, values: Sequence[object], most: int) -> None:
    if isinstance(values, str) or not 1 <= len(values) <= most:
        raise ValueError(f"{name}: a list of 1 to {most}")


def _plain(name: str, value: str | int | datetime) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return moment(name, value)
    if value == "":
        raise ValueError(f"{name} is empty")
    return str(value)


def moment(name: str, value: datetime) -> str:
    """RFC 3339, to the second or finer. Raises ValueError for a time without a zone."""
    if value.tzinfo is None:
        raise ValueError(f"{name} has no time zone")
    return value.isoformat().replace("+00:00", "Z")
