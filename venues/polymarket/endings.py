"""How an order ended. Reads trail, so it is looked at until it is seen to be over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final

from venues.clock import Clock
from venues.errors import OrderUnknown, VenueError
from venues.order import Order, OrderState
from venues.polymarket import wire_orders as wire
from venues.polymarket.account import TRAILS_MS, PolymarketAccount
from venues.polymarket.normalize import VENUE

_LOOKS_MS: Final = (0, 250, 750, TRAILS_MS)
"""When to look; the last time as late as reads may trail."""
_MS: Final = 1_000_000


class Endings:
    def __init__(self, clock: Clock, account: PolymarketAccount) -> None:
        self._clock = clock
        self._account = account

    async def filled(self, order: Order, *, exactly: bool = True) -> Order | None:
        """The order as reads show it, once they show a fill; where its quantity is not `exactly`
        what it may fill, once they no longer trail."""
        async for is_last, found in self._looks(order, self._clock.monotonic_ns()):
            if found and found.filled and (exactly or is_last):
                return found
        return None

    async def after(self, order: Order, answer: wire.Canceled, since_ns: int) -> Order:
        """What the cancel left, that was answered at `since_ns`. Raises OrderUnknown."""
        is_canceled = order.order_id in answer.canceled
        if not is_canceled and order.order_id not in (answer.not_canceled or {}):
            raise OrderUnknown(VENUE, order.client_id)
        async for is_last, found in self._looks(order, since_ns):
            if found and found.over:
                return found
            is_shown = found is not None and found.state is not OrderState.UNKNOWN
            if is_canceled and not is_shown and is_last:  # it shows no dead ones
                return self._account.known.remember(_ended(order, found))
        raise OrderUnknown(VENUE, order.client_id)

    async def _looks(self, order: Order, since_ns: int) -> AsyncIterator[tuple[bool, Order | None]]:
        """(Whether reads show everything by now, what they show.) A look whose successor is due too
        is left out, and one that fails shows nothing."""
        for due_ms, next_ms in zip(_LOOKS_MS, (*_LOOKS_MS[1:], None), strict=True):
            gone_ms = (self._clock.monotonic_ns() - since_ns) // _MS
            if next_ms is not None and gone_ms >= next_ms:
                continue
            if gone_ms < due_ms:
                await self._clock.sleep_ms(due_ms - gone_ms)
            try:
                yield due_ms >= TRAILS_MS, await self._account.find(order)
            except VenueError:
                continue


def _ended(order: Order, found: Order | None) -> Order:
    """What was proved to be filled stays so, even where reads no longer show it: its fills tell
    whether it was taken back."""
    if found is None or found.filled < order.filled:
        return replace(order, state=OrderState.CANCELED)
    return replace(found, state=OrderState.CANCELED)
