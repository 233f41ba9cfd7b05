"""A trade of ours → its fills, pure; REST and the user channel tell the same trade alike.

A taker has a fill for every maker it met, a maker one for its order. What a maker traded in the
other token is here told in the dollars of our contract: it sold us at p what it bought at 1 − p.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from venues.fees import Slice, UnknownFee
from venues.market import Contract
from venues.money import ONE, Cash, Price, Quantity, price, quantity
from venues.order import Fill
from venues.polymarket import wire_trades as wire
from venues.polymarket.normalize import VENUE
from venues.polymarket.terms import Known, TermsBook
from venues.sides import Side

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS_FROM: Final = 10**11
"""A stamp of at least so much counts milliseconds, a smaller one seconds."""
_STANDING: Final = {
    "MATCHED": (True, False),
    "MATCHED_NOT_BROADCASTED": (True, False),
    "MINED": (True, False),
    "RETRYING": (True, False),
    "CONFIRMED": (False, False),
    "FAILED": (False, True),
}


@dataclass(frozen=True, slots=True)
class Us:
    """Our API key, and the address of the wallet that pays."""

    api_key: str
    address: str

    def is_ours(self, owner: str | None, address: str | None) -> bool:
        return owner == self.api_key or (address or "-").lower() == self.address.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Our part in one trade: one fill without its status."""

    fill_id: str
    order_id: str
    contract: Contract
    side: Side
    slice: Slice


def fills(found: wire.Trade, us: Us, book: TermsBook, known: Known) -> tuple[Fill, ...]:
    """Every fill of ours in one trade.

    Raises ValueError where terms are not known, or where it makes no sense or is not ours: then
    nobody knows what happened until it is read again.
    """
    parts = [*_taker(found, book)] if _we_took(found, us, known) else []
    parts += [
        _maker(found, entry, book)
        for entry in found.maker_orders or ()
        if _is_ours(entry, us, known)
    ]
    made: dict[str, Fill] = {}
    for part in parts:
        fill = _fill(found, part, book, known)
        before = made.get(fill.fill_id)
        made[fill.fill_id] = _joined(before, fill) if before else fill
    if not made:
        raise ValueError(f"trade {found.id[:80]} has no part of ours")
    return tuple(made.values())


def standing(status: str) -> tuple[bool, bool]:
    """(provisional, reversed). Raises ValueError for a word that nobody documents."""
    word = status.removeprefix("TRADE_STATUS_").upper()
    if word not in _STANDING:
        raise ValueError(f"a trade of unknown status {status[:60]!r}")
    return _STANDING[word]


def moment(stamp: str | int | None) -> datetime | None:
    """Epoch seconds or milliseconds, or ISO 8601; None for none. Raises ValueError for others."""
    if stamp is None or stamp == "":
        return None
    text = str(stamp)
    try:
        if text.isascii() and text.isdigit():
            number = int(text)
            return EPOCH + timedelta(milliseconds=number if number >= _MS_FROM else number * 1_000)
        told = datetime.fromisoformat(text)
    except OverflowError:
        raise ValueError(f"{text[:40]} is past the end of the calendar") from None
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def side(word: str) -> Side:
    """Raises ValueError for anything but BUY and SELL."""
    return Side(word.lower())


def contract_of(token: str, book: TermsBook) -> Contract:
    """Raises ValueError for a token that was not learned."""
    named = book.contract_of(token)
    if named is None:
        raise ValueError(f"the market of token {token[:80]} is not known")
    return Contract(VENUE, *named)


def _we_took(found: wire.Trade, us: Us, known: Known) -> bool:
    """`trader_side` is the venue's word; of a maker's trade its head describes the taker, who may
    be us too."""
    is_known = known.get(found.taker_order_id) is not None
    made = any(_is_ours(entry, us, known) for entry in found.maker_orders or ())
    if found.trader_side:
        return found.trader_side.upper() == "TAKER" or (is_known and made)
    if is_known or made:
        return is_known
    return us.is_ours(found.trade_owner or found.owner, found.maker_address)


def _is_ours(entry: wire.MakerOrder, us: Us, known: Known) -> bool:
    return bool(known.get(entry.order_id)) or us.is_ours(entry.owner, entry.maker_address)


def _taker(found: wire.Trade, book: TermsBook) -> Iterator[_Part]:
    ours = contract_of(found.asset_id, book)
    makers = sorted(found.maker_orders or (), key=lambda e: (e.order_id, e.price, e.matched_amount))
    parts: list[tuple[Price, Quantity]] = []
    for entry in makers:
        theirs = contract_of(entry.asset_id, book)
        if theirs.market != ours.market:
            raise ValueError(f"trade {found.id[:80]} spans two markets")
        at = price(entry.price)
        same = theirs.outcome is ours.outcome
        parts.append((at if same else Price(ONE - at), quantity(entry.matched_amount)))
    whole = quantity(found.size)
    if sum(size for _, size in parts) != whole:
        parts = [(price(found.price), whole)]
    for n, (at, size) in enumerate(parts):
        yield _Part(
            fill_id=f"{found.id}:{n}",
            order_id=found.taker_order_id,
            contract=ours,
            side=side(found.side),
            slice=Slice(at, size, maker=False),
        )


def _maker(found: wire.Trade, entry: wire.MakerOrder, book: TermsBook) -> _Part:
    """Of the same token a maker is on the other side than the taker, of the other on the same."""
    ours = contract_of(entry.asset_id, book)
    theirs, took = contract_of(found.asset_id, book), side(found.side)
    own = took.other if ours == theirs else took
    if ours.market != theirs.market or (entry.side and side(entry.side) is not own):
        raise ValueError(f"trade {found.id[:80]} contradicts itself")
    return _Part(
        fill_id=f"{found.id}:{entry.order_id}",
        order_id=entry.order_id,
        contract=ours,
        side=own,
        slice=Slice(price(entry.price), quantity(entry.matched_amount), maker=True),
    )


def _fill(found: wire.Trade, part: _Part, book: TermsBook, known: Known) -> Fill:
    order, (at, size, is_maker) = known.get(part.order_id), part.slice
    if order and (order.contract, order.side) != (part.contract, part.side):
        raise ValueError(f"trade {found.id[:80]} is of another contract than our order in it")
    if size <= 0 or not 0 < at < ONE:
        raise ValueError(f"trade {found.id[:80]} of {size} at {at}")
    filled_at = moment(found.match_time) or moment(found.matchtime) or moment(found.timestamp)
    if filled_at is None:
        raise ValueError(f"trade {found.id[:80]} has no time")
    is_provisional, is_reversed = standing(found.status)
    return Fill(
        client_id=order.client_id if order else "",
        order_id=part.order_id,
        fill_id=part.fill_id,
        contract=part.contract,
        side=part.side,
        price=at,
        quantity=size,
        fee=_fee(part, book),
        maker=is_maker,
        filled_at=filled_at,
        provisional=is_provisional,
        reversed=is_reversed,
        fee_told=False,
    )


def _fee(part: _Part, book: TermsBook) -> Cash:
    fees = book.fees(part.contract.market)
    if fees is None or isinstance(fees, UnknownFee):
        raise ValueError(f"the fees of {part.contract.market} are not known")
    return fees.billed(part.side, (part.slice,))[0]


def _joined(one: Fill, two: Fill) -> Fill:
    """A maker's order that is named twice in one trade, always at its own price."""
    if one.price != two.price:
        raise ValueError(f"order {one.order_id[:80]} made one trade at two prices")
    both, fee = Quantity(one.quantity + two.quantity), Cash(one.fee + two.fee)
    return replace(one, quantity=both, fee=fee)
