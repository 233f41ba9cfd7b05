"""What left us, and what the answers to it prove.

A refusal is definite for the first copy of an order alone: of a second one it says nothing about
the first, which may live.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from venues.errors import AuthRefused, OrderRefused, OrderUnknown, Reason, Refused, VenueError
from venues.http import printable
from venues.order import Order, OrderRequest, OrderState, Prepared
from venues.polymarket import normalize_orders as normalize
from venues.polymarket import wire_orders as wire
from venues.polymarket.account import PolymarketAccount
from venues.polymarket.endings import Endings
from venues.polymarket.normalize import VENUE
from venues.polymarket.venue import Polymarket
from venues.polymarket.wire import read

Answer: TypeAlias = wire.Placed | VenueError


@dataclass(frozen=True, slots=True)
class Sending:
    """`again`: a copy of it may have left before."""

    prepared: Prepared
    again: bool


class Sent:
    def __init__(self, market: Polymarket, account: PolymarketAccount, endings: Endings) -> None:
        self._market = market
        self._account = account
        self._endings = endings
        self._ids: set[str] = set()

    def sending(self, prepared: Prepared, made: Prepared | None) -> Sending:
        """`made` is what this session signed under its id: what another one signed may have left
        then."""
        return Sending(prepared, prepared.request.client_id in self._ids or made != prepared)

    def leaves(self, sending: Sending) -> None:
        order = sending.prepared.order
        self._ids.add(order.client_id)
        if self._account.known.get(order.order_id) is None:
            self._account.known.remember(order)

    def forget(self, client_id: str) -> None:
        self._ids.discard(client_id)

    async def outcome(self, sending: Sending, answer: Answer) -> Order:
        """What an answer means. Raises OrderUnknown where that is not certain: a refusal in words
        that we do not know may be the venue's own trouble, and the order may live."""
        request, order = sending.prepared.request, sending.prepared.order
        if isinstance(answer, VenueError):
            return await self._unless_there(sending, answer)
        if answer.error and not answer.order_id:
            return await self._unless_there(sending, _refused(request, answer.error))
        is_ours = answer.order_id == order.order_id and answer.success
        if not is_ours or (answer.error and answer.status != "delayed"):
            raise OrderUnknown(VENUE, request.client_id)
        found = normalize.placed(request, order, answer)
        if found is None and answer.status in {"matched", "live"}:
            found = await self._endings.filled(order, exactly=request.spend is None)
        if found is None:
            raise OrderUnknown(VENUE, request.client_id)
        return self._account.known.remember(found)

    def over(self, prepared: Prepared, state: OrderState) -> Order:
        """It never came to be, or met nobody."""
        return self._account.known.remember(replace(prepared.order, state=state))

    async def _unless_there(self, sending: Sending, error: VenueError) -> Order:
        """Raises `error`, unless the order is there already or just met nobody."""
        prepared, refused = sending.prepared, isinstance(error, OrderRefused)
        keys_refused = isinstance(error, AuthRefused) and not sending.again
        if keys_refused or isinstance(error, OrderUnknown):
            raise error
        is_there = isinstance(error, OrderRefused) and error.reason is Reason.DUPLICATE
        if is_there or sending.again:
            return await self.adopted(prepared, error)
        self.forget(prepared.request.client_id)
        if isinstance(error, OrderRefused) and normalize.found_nothing(error):
            return self.over(prepared, OrderState.CANCELED)
        if refused:
            self._market.book.forget_terms(prepared.request.contract.market)
            self.over(prepared, OrderState.REJECTED)
        raise error

    async def adopted(self, prepared: Prepared, error: VenueError) -> Order:
        """The order that is there, after a refusal that says nothing of an earlier copy. Raises
        OrderUnknown where reads do not show it."""
        try:
            found = await self._account.find(prepared.order)
        except VenueError as trouble:
            raise OrderUnknown(VENUE, prepared.request.client_id) from trouble
        if found is None:
            raise OrderUnknown(VENUE, prepared.request.client_id) from error
        return found


def each_in_place(some: Sequence[Sending], legs: Sequence[wire.Raw]) -> list[Answer]:
    """The answers to a batch. Where one is missing, or stands in another's place, nobody knows
    whose the refusals are: all are OrderUnknown."""
    unknown = [OrderUnknown(VENUE, each.prepared.request.client_id) for each in some]
    if len(legs) != len(some):
        return [*unknown]
    found = [_leg(leg, no) for leg, no in zip(legs, unknown, strict=True)]
    ids = [each.prepared.order.order_id for each in some]
    for answer, id in zip(found, ids, strict=True):
        told = answer.order_id if isinstance(answer, wire.Placed) else None
        if told and told != id and told in ids:
            return [*unknown]
    return found


def _leg(raw: wire.Raw, otherwise: OrderUnknown) -> Answer:
    try:
        return read(raw, wire.Placed)
    except ValueError:
        return otherwise


def _refused(request: OrderRequest, words: str) -> VenueError:
    """A refusal that came as a success."""
    refused = Refused(VENUE, 200, printable(words))
    reason = normalize.reason(refused)
    if reason is Reason.OTHER and not normalize.found_nothing(refused):
        return OrderUnknown(VENUE, request.client_id)
    return OrderRefused(refused, reason, request.client_id)
