"""What a tape holds of a live day: every call of every stream's session, and what was made of it.

Sessions are pure, so the same calls in the same order give the same books.
"""

from __future__ import annotations

from dataclasses import MISSING, asdict, fields
from enum import StrEnum
from typing import Any, Final, get_type_hints

import msgspec

from venues.fees import CarriedFee, FeeModel, FeeSchedule, RoundedFee, UnknownFee, WorseFee
from venues.market import Market

Levels = tuple[tuple[int, int], ...]


class Op(StrEnum):
    """The calls of a venues.stream.Session that change anything."""

    OPEN = "open"
    ADD = "add"
    REMOVE = "remove"
    RECEIVE = "receive"
    HEARTBEAT = "heartbeat"
    TICK = "tick"
    DOUBT = "doubt"


class Call(msgspec.Struct, tag="call", frozen=True, omit_defaults=True, gc=False):
    """One call of the session of connection `line`, which is a number of its own on all tapes of
    one recording. `text` is the frame as it came, or why there is doubt; `raw` where it is not
    UTF-8."""

    venue: str
    line: int
    op: Op
    now_ms: int
    now_ns: int
    markets: tuple[str, ...] = ()
    text: str = ""
    raw: bytes = b""

    @property
    def frame(self) -> bytes:
        return self.raw or self.text.encode()


class Break(msgspec.Struct, tag="break", frozen=True):
    """A recording begins, or something before this was not written: no connection goes on here."""

    now_ms: int


class Names(msgspec.Struct, tag="names", frozen=True):
    """From now on the venue's own names of a market's YES and NO are known."""

    venue: str
    market: str
    yes: str
    no: str


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """A YES book as an answer told it."""

    market: str
    bids: Levels
    asks: Levels
    received_ms: int
    venue_ms: int | None = None


class Polled(msgspec.Struct, tag="polled", frozen=True, omit_defaults=True):
    """Books that were read in turn: those that are new or other than before, those that are the
    `same`, and those of which the answer did not tell. The venue does not stream from here on."""

    venue: str
    now_ms: int
    now_ns: int
    books: tuple[Told, ...] = ()
    same: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()


class Watch(msgspec.Struct, tag="watch", frozen=True, omit_defaults=True):
    """The engine watches these pairs, too, and those no longer; markets are as told last. `anew`:
    exactly these."""

    now_ms: int
    pairs: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    anew: bool = False


class Priced(msgspec.Struct, tag="priced", frozen=True, omit_defaults=True, gc=False):
    """The engine looked at a pair's whole books, so old and doubted so. Where it did not look,
    there was nothing to find."""

    pair: str
    now_ms: int
    ages_ms: tuple[int | None, int | None]
    doubts: tuple[str, ...] = ()


class Terms(msgspec.Struct, tag="market", frozen=True):
    """A market as its venue told it; `market_of` makes it one again."""

    facts: dict[str, Any]
    fees: list[tuple[int, dict[str, Any]]]


StreamRecord = Call | Break | Names | Polled | Watch | Priced | Terms
_HINTS: Final = get_type_hints(Market)
_Facts: Final = msgspec.defstruct(
    "_Facts",
    [
        (each.name, _HINTS[each.name])
        if each.default is MISSING
        else (each.name, _HINTS[each.name], each.default)
        for each in fields(Market)
        if each.name != "fees"
    ],
)
_FEES: Final[dict[str, type]] = {
    each.__name__: each for each in (CarriedFee, RoundedFee, WorseFee, UnknownFee)
}


def terms_of(market: Market) -> Terms:
    facts = {name: getattr(market, name) for name in _Facts.__struct_fields__}
    fees = [(since_ms, _plain(fee)) for since_ms, fee in market.fees.entries]
    return Terms(facts=msgspec.to_builtins(facts), fees=fees)


def market_of(terms: Terms) -> Market:
    """Raises ValueError for what is no market."""
    found = msgspec.convert(terms.facts, _Facts)
    facts = {name: getattr(found, name) for name in _Facts.__struct_fields__}
    entries = tuple([(since_ms, _fee(fee)) for since_ms, fee in terms.fees])
    return Market(fees=FeeSchedule(entries), **facts)


def _plain(fee: FeeModel | UnknownFee) -> dict[str, Any]:
    if isinstance(fee, WorseFee):
        return {"kind": "WorseFee", "one": _plain(fee.one), "two": _plain(fee.two)}
    assert isinstance(fee, CarriedFee | RoundedFee | UnknownFee)
    return {"kind": type(fee).__name__, **asdict(fee)}


def _fee(plain: dict[str, Any]) -> Any:
    kind, rest = _FEES.get(str(plain.get("kind"))), {k: v for k, v in plain.items() if k != "kind"}
    if kind is None:
        raise ValueError(f"a tape's fee of an unknown kind: {str(plain)[:200]}")
    if kind is WorseFee and rest.keys() == {"one", "two"}:
        return WorseFee(_fee(rest["one"]), _fee(rest["two"]))
    return msgspec.convert(rest, kind)
