"""The life of one order as far as we know it, and the moves that it may make.

Fills have a life of their own: a late one on an order that ended is legal and counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from venues import Cash, Fill, Order, OrderRequest, OrderState, Quantity, Side
from venues.money import cost, proceeds

_ENDS: Final = frozenset(
    {OrderState.FILLED, OrderState.CANCELED, OrderState.EXPIRED, OrderState.REJECTED}
)
_ANSWERS: Final = _ENDS | {OrderState.ACKED, OrderState.PARTIAL, OrderState.UNKNOWN}
_LIVES: Final = _ANSWERS - {OrderState.REJECTED}
MOVES: Final[Mapping[OrderState, frozenset[OrderState]]] = {
    OrderState.JOURNALED: _ANSWERS,
    OrderState.UNKNOWN: _ANSWERS,
    OrderState.ACKED: _LIVES,
    OrderState.PARTIAL: _LIVES - {OrderState.ACKED},
    # What ended stays ended; only how much of it filled may turn out to be more.
    OrderState.CANCELED: frozenset({OrderState.CANCELED, OrderState.FILLED}),
    OrderState.EXPIRED: frozenset({OrderState.EXPIRED, OrderState.CANCELED, OrderState.FILLED}),
    OrderState.REJECTED: frozenset({OrderState.FILLED, OrderState.CANCELED}),
    OrderState.FILLED: frozenset({OrderState.FILLED}),
}
"""From JOURNALED on: what was never written down never left. REJECTED may turn out to have filled:
then the venue's word was wrong, and its fills count."""


class IllegalMove(ValueError):
    """A record that cannot follow what is there: our bug, or a journal that was tampered with."""


class Rung(StrEnum):
    """What an order is for: to enter, or one of the rungs of the ladder for a remainder."""

    ENTER = "enter"
    CROSS = "cross"
    SUBSTITUTE = "substitute"
    UNWIND = "unwind"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One order of a hedge. `leg` is 0 or 1; `order` is the venue's newest word. `absent_ms`: when
    it was presumed never to have come to be. `fee_bound` is the most that its fee can be. `closes`:
    the venue refused it in words that fit every order."""

    hedge: str
    number: int
    leg: int
    rung: Rung
    request: OrderRequest
    order: Order
    sent_ms: int
    fee_bound: Cash
    absent_ms: int | None = None
    why: str = ""
    closes: bool = False
    fills: tuple[Fill, ...] = ()

    @property
    def client_id(self) -> str:
        return self.request.client_id

    @property
    def is_open(self) -> bool:
        """Whether something of it may still fill, as far as anybody knows."""
        return not self.order.over and self.absent_ms is None

    @property
    def is_unknown(self) -> bool:
        return self.order.state in {OrderState.JOURNALED, OrderState.UNKNOWN}

    @property
    def filled(self) -> Quantity:
        """What it filled and was not taken back; the venue's answer may be ahead of the fills."""
        told = Quantity(sum(each.quantity for each in self.fills))
        back = sum(each.quantity for each in self.fills if each.reversed)
        return Quantity(max(told, self.order.filled) - back)

    @property
    def signed(self) -> int:
        """What it added to what we hold; a sale is below zero."""
        return self.filled if self.request.side is Side.BUY else -self.filled

    @property
    def is_told(self) -> bool:
        """Whether the fills say all that the order says: then money is exact."""
        return sum(each.quantity for each in self.fills) >= self.order.filled

    @property
    def is_provisional(self) -> bool:
        return any(each.provisional and not each.reversed for each in self.fills)

    @property
    def outlay(self) -> Cash:
        """What it took from us, fees in; a sale's is below zero. Exact where `is_told`, else as
        dear as its limit and its fee allow."""
        buying = self.request.side is Side.BUY
        if self.is_told:
            fills = [each for each in self.fills if not each.reversed]
            paid = sum(
                cost(f.price, f.quantity) if buying else -proceeds(f.price, f.quantity)
                for f in fills
            )
            return Cash(paid + sum(each.fee for each in fills))
        whole = cost if buying else proceeds
        at = self.order.average_price if buying else None
        price = self.request.limit if at is None else min(at, self.request.limit)
        paid = whole(price, self.filled)
        fee = self.fee_bound if self.order.fee is None else self.order.fee
        return Cash((paid if buying else -paid) + fee)

    @property
    def fees(self) -> Cash:
        return Cash(sum(each.fee for each in self.fills if not each.reversed))

    def told(self, order: Order, why: str = "") -> Attempt:
        """With the venue's newer word. Raises IllegalMove."""
        now = order.state
        if now not in MOVES[self.order.state]:
            raise IllegalMove(f"order {self.client_id} cannot go from {self.order.state} to {now}")
        filled = max(order.filled, self.order.filled)  # words overtake each other; fills stay
        order_id = order.order_id or self.order.order_id
        order = replace(order, filled=Quantity(filled), order_id=order_id)
        return replace(self, order=order, why=why or self.why, absent_ms=None)

    def filled_by(self, fill: Fill) -> Attempt:
        """With a fill, or with a newer word about one; the same one twice changes nothing.

        A fill that was taken back, or that is final, does not become open again.
        """
        before = {each.fill_id: each for each in self.fills}
        known = before.get(fill.fill_id)
        is_older = known and (known.reversed or (fill.provisional and not known.provisional))
        if is_older and not fill.reversed:
            return self
        if known and not fill.fee_told:  # terms that changed since then change no fill
            fill = replace(fill, fee=known.fee)
        order = self.order
        if not order.order_id:
            order = replace(order, order_id=fill.order_id)
        fills = {**before, fill.fill_id: fill}
        return replace(self, fills=tuple(fills[id] for id in sorted(fills)), order=order)
