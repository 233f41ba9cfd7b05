"""One REST request as a handler sees it: who asks, the path's values, the query, the body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl

from venues.sim.kalshi.house import House
from venues.sim.kalshi.refusal import Refusal
from venues.sim.kalshi.rest_auth import ApiKey, missing_headers, permission_denied
from venues.sim.kalshi.rest_routes import Operation

Json = Any
"""What `json_text` writes: dicts, lists, strings, ints, bools, None, and Decimal as a number."""

SUBACCOUNT_MAX: Final = 63
_DIGITS_MAX: Final = 18


class BadQuery(Exception):
    """A query parameter that cannot be read: 400 with the body `{"msg": …}` (section 4)."""


class Said(NamedTuple):
    """A handler's answer; no body at all for 204."""

    body: Json
    status: int = 200


class Query:
    """Query parameters. A repeated name is read by `repeated` alone; elsewhere its first wins."""

    def __init__(self, raw: str) -> None:
        self._pairs = parse_qsl(raw, keep_blank_values=True)

    def text(self, name: str) -> str | None:
        """None when it is absent or empty."""
        return next((value for key, value in self._pairs if key == name), None) or None

    def repeated(self, name: str) -> tuple[str, ...]:
        """`?name=A&name=B`. A comma is just a character here (section 5)."""
        return tuple(value for key, value in self._pairs if key == name)

    def listed(self, name: str, most: int = 1_000) -> tuple[str, ...]:
        """`?name=A,B`; nothing for an absent name."""
        text = self.text(name)
        items = tuple(text.split(",")) if text else ()
        if len(items) > most:
            raise BadQuery(f"{name}: at most {most} values")
        return items

    def whole(self, name: str, *, low: int | None = None, high: int | None = None) -> int | None:
        text = self.text(name)
        if text is None:
            return None
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS_MAX):
            raise BadQuery(f"{name}: {text!r} is not an integer")
        value = int(text)
        if (low is not None and value < low) or (high is not None and value > high):
            raise BadQuery(f"{name}: {value} is out of range")
        return value

    def flag(self, name: str) -> bool | None:
        text = self.text(name)
        if text is None:
            return None
        if text not in {"true", "false"}:
            raise BadQuery(f"{name}: {text!r} is not a boolean")
        return text == "true"

    def word(self, name: str, allowed: tuple[str, ...]) -> str | None:
        text = self.text(name)
        if text is not None and text not in allowed:
            raise BadQuery(f"{name}: {text!r} is none of {', '.join(allowed)}")
        return text

    def between(self, low: str, high: str) -> Callable[[int], bool]:
        """Whether a time in ms lies in the whole seconds `?low=…&high=…`, both included."""
        first, last = self.whole(low), self.whole(high)

        def inside(at_ms: int) -> bool:
            at_s = at_ms // 1_000
            return (first is None or at_s >= first) and (last is None or at_s <= last)

        return inside


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A request that was let in. `key` is None for an unsigned (or wrongly signed) public call."""

    house: House
    operation: Operation
    values: Mapping[str, str]
    query: Query
    body: bytes
    content_type: str
    key: ApiKey | None

    @property
    def user_id(self) -> str:
        if self.key is None:
            raise missing_headers()
        return self.key.user_id

    def subaccount(self, given: int | None, default: int | None) -> int | None:
        """Which subaccount is meant. A locked key means its own and may name no other (403)."""
        locked = self.key.subaccount if self.key else None
        if locked is None:
            return default if given is None else given
        if given not in {None, locked}:
            raise permission_denied()
        return locked

    def asked_subaccount(self, default: int | None) -> int | None:
        """The same for the query parameter; `default` None: all of them."""
        given = self.query.whole("subaccount", low=0, high=SUBACCOUNT_MAX)
        return self.subaccount(given, default)

    def own_subaccount(self, given: int | None) -> int:
        """The same for a write, where it is always one: 0 unless told."""
        return self.subaccount(given, 0) or 0

    def asked_shard(self, low: int = 0) -> int | None:
        return self.query.whole("exchange_index", low=low, high=100)


Handler = Callable[[Ask], Said]


def not_simulated(ask: Ask) -> Said:
    what = f"{ask.operation.method} {ask.operation.route}"
    raise Refusal(501, "not_implemented", f"this exchange does not simulate {what}")
