"""One REST request as a handler sees it, and what a handler answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import parse_qsl

from venues.sim.polymarket.house import House
from venues.sim.polymarket.records import ApiKey
from venues.sim.polymarket.refusal import Refusal

if TYPE_CHECKING:
    from venues.sim.polymarket.rest_shelf import Shelf

Json = Any
"""What `json_text` writes."""

REPEATS_MAX: Final = 100
_DIGITS_MAX: Final = 18


class Said(NamedTuple):
    """An answer. Where `later` is set it is held back until `due_ms` and is then `later()`."""

    body: Json
    status: int = 200
    headers: tuple[tuple[bytes, bytes], ...] = ()
    due_ms: int = 0
    later: Callable[[], Said] | None = None


class Query:
    """Query parameters. A repeated name is read by `repeated` alone; elsewhere its first wins."""

    def __init__(self, raw: str) -> None:
        self._pairs = parse_qsl(raw, keep_blank_values=True)

    def text(self, name: str) -> str:
        """ "" when it is absent."""
        return next((value for key, value in self._pairs if key == name), "")

    def has(self, name: str) -> bool:
        return any(key == name for key, _ in self._pairs)

    def pairs(self, *without: str) -> tuple[tuple[str, str], ...]:
        """All of them, in a steady order, but these."""
        return tuple(sorted(pair for pair in self._pairs if pair[0] not in without))

    def repeated(self, name: str) -> tuple[str, ...]:
        """`?name=A&name=B`, at most REPEATS_MAX (§5)."""
        found = tuple(value for key, value in self._pairs if key == name and value)
        if len(found) > REPEATS_MAX:
            raise Refusal(422, f"expected array length <= {REPEATS_MAX}")
        return found

    def listed(self, name: str, most: int) -> tuple[str, ...]:
        """`?name=A,B`, or the name repeated; at most so many different ones."""
        joined = ",".join(value for key, value in self._pairs if key == name)
        found = tuple(dict.fromkeys(each for each in joined.split(",") if each))
        if len(found) > most:
            raise Refusal(400, f"{name}: at most {most} values")
        return found

    def whole(self, name: str) -> int | None:
        text = self.text(name)
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX):
            raise Refusal(400, f"invalid {name}")
        return int(text)

    def flag(self, name: str) -> bool | None:
        text = self.text(name)
        if text not in {"", "true", "false"}:
            raise Refusal(400, f"invalid {name}")
        return text == "true" if text else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A request that was let in. `key` is who signed with HMAC, `headers` are by lower-case name.

    `path` is the raw one; the venue's clock is `clock_offset_ms` ahead of the house's.
    """

    house: House
    shelf: Shelf
    method: str
    path: str
    values: Mapping[str, str]
    query: Query
    headers: Mapping[str, str]
    body: bytes
    clock_offset_ms: int = 0
    key: ApiKey | None = None

    @property
    def account(self) -> ApiKey:
        assert self.key is not None, "only a signed route asks for it"
        return self.key

    def parsed(self, words: str = "Invalid payload") -> Json:
        """The JSON body; Refusal 400 with `words` for none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise Refusal(400, words) from None

    def objects(self, most: int, words: str = "Invalid payload") -> list[dict[str, Any]]:
        """A body that is an array of at most `most` objects."""
        found = self.parsed(words)
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise Refusal(400, words)
        if len(found) > most:
            raise Refusal(400, "Payload exceeds the limit")
        return found


Handler = Callable[[Ask], Said]
Handlers = dict[tuple[str, str], Handler]
