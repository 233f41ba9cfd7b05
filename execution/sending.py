"""How an order leaves: prepared, written down, sent once, and its outcome written down.

Nothing leaves before its record is on the disk, and nothing leaves late: between the two there may
be a second at most, so that whoever took over in between does not meet an order of ours.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import structlog

from execution.hedge import Hedge
from execution.journal import Journal, JournalError, Overtaken
from execution.orders import Rung
from execution.records import Answered, Closed, Lost, NotDone, Sending
from execution.rungs import Ticket
from venues import (
    AuthRefused,
    Clock,
    OrderRequest,
    OrderUnknown,
    Paused,
    Prepared,
    Refused,
    Side,
    TimeInForce,
    Trading,
    Unavailable,
    VenueError,
)

PREPARE_MS: Final = 3_000
SEND_MS: Final = 8_000
"""For the whole conversation about one order: a venue's own deadlines are shorter."""
LATE_MS: Final = 1_000
FRESH_MS: Final = 4_000
"""So long after its books were asked for an entry may leave: when an answer came in is no proof of
its age. What repairs is bounded by its budget alone."""
_Outcome: TypeAlias = Answered | NotDone | Lost | Closed
"""Its time is when it is written down."""
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Ready:
    number: int
    ticket: Ticket
    prepared: Prepared


class Sender:
    """`stops`: why no entry may leave now, "" where one may. Repairs do not ask it."""

    def __init__(
        self,
        journal: Journal,
        venues: Mapping[str, Trading],
        clock: Clock,
        stops: Callable[[], str],
    ) -> None:
        self._journal = journal
        self._venues = venues
        self._clock = clock
        self._stops = stops

    async def send(self, hedge: Hedge, tickets: Sequence[Ticket]) -> str:
        """All of them, or none where one cannot be prepared. Why nothing left, "" where something
        may have. Raises JournalError."""
        try:
            async with asyncio.timeout(PREPARE_MS / 1_000):
                ready = [
                    await self._prepared(hedge, number, each)
                    for number, each in enumerate(tickets, len(hedge.attempts) + 1)
                ]
        except (VenueError, ValueError) as error:
            return str(error)
        except TimeoutError:
            return "a venue took too long before anything was sent"
        began_ns = self._clock.monotonic_ns()
        try:
            await self._journal.append(*(self._sending(hedge, e) for e in ready), since=hedge)
        except Overtaken:
            return "something new was heard"
        async with asyncio.TaskGroup() as group:
            for each in ready:
                group.create_task(self._leave(hedge, each, began_ns))
        if self._journal.broken:
            raise self._journal.broken
        return ""

    async def _prepared(self, hedge: Hedge, number: int, ticket: Ticket) -> _Ready:
        request = OrderRequest(
            client_id=client_id(hedge.id, number),
            contract=ticket.contract,
            side=ticket.side,
            limit=ticket.limit,
            quantity=ticket.quantity,
            time_in_force=TimeInForce.FILL_AND_KILL,
            reduce_only=ticket.side is Side.SELL,
            urgent=ticket.rung is not Rung.ENTER,
        )
        prepared = await self._venues[ticket.contract.venue].prepare(request)
        return _Ready(number, ticket, prepared)

    def _sending(self, hedge: Hedge, ready: _Ready) -> Sending:
        prepared, ticket = ready.prepared, ready.ticket
        return Sending(
            hedge=hedge.id,
            number=ready.number,
            leg=ticket.leg,
            rung=ticket.rung,
            request=prepared.request,
            order_id=prepared.order.order_id,
            body=hashlib.sha256(prepared.body).hexdigest(),
            fee_bound=ticket.fee_bound,
            at_ms=self._clock.now_ms(),
        )

    async def _leave(self, hedge: Hedge, ready: _Ready, began_ns: int) -> None:
        records = await self._outcome(hedge, ready, began_ns)
        now_ms = self._clock.now_ms()
        with suppress(JournalError):  # the journal keeps it; `send` raises it
            await self._journal.append(*(replace(each, at_ms=now_ms) for each in records))

    async def _outcome(self, hedge: Hedge, ready: _Ready, began_ns: int) -> tuple[_Outcome, ...]:
        request = ready.prepared.request
        id, venue = request.client_id, request.contract.venue
        why = self._too_late(ready.ticket, began_ns)
        if not request.urgent:
            why = why or self._stops() or self._closed(hedge)
        if why or self._journal.broken:
            return (NotDone(hedge=hedge.id, client_id=id, why=why),)
        try:
            async with asyncio.timeout(SEND_MS / 1_000):
                order = await self._venues[venue].send(ready.prepared)
        except OrderUnknown as error:
            return (Lost(hedge=hedge.id, client_id=id, why=str(error)),)
        except AuthRefused as error:
            closed = Closed(venue=venue, on=True, why=str(error), at_ms=0)
            return NotDone(hedge=hedge.id, client_id=id, why=str(error), closes=True), closed
        except Paused as error:
            return (NotDone(hedge=hedge.id, client_id=id, why=str(error), closes=True),)
        except (Refused, Unavailable) as error:
            if isinstance(error, Unavailable) and not error.definite:
                return (Lost(hedge=hedge.id, client_id=id, why=str(error)),)
            return (NotDone(hedge=hedge.id, client_id=id, why=str(error)),)
        except (VenueError, TimeoutError) as error:
            why = str(error) or f"no answer within {SEND_MS} ms"
            return (Lost(hedge=hedge.id, client_id=id, why=why),)
        return (Answered(hedge=hedge.id, order=order),)

    def _closed(self, hedge: Hedge) -> str:
        """One of its venues may have been closed since it was approved."""
        closed = self._journal.ledger.closed
        names = (leg.contract.venue for leg in hedge.plan.legs)
        return next(
            (f"{name} is closed: {closed[name].why}" for name in names if name in closed), ""
        )

    def _too_late(self, ticket: Ticket, began_ns: int) -> str:
        """Before anything was written somebody else may have taken over, and books get old."""
        late_ms = (self._clock.monotonic_ns() - began_ns) // 1_000_000
        if late_ms > LATE_MS:
            return f"{late_ms} ms went by before it could leave"
        if ticket.asked_ns is None:
            return ""
        age_ms = (self._clock.monotonic_ns() - ticket.asked_ns) // 1_000_000
        return f"its books were asked for {age_ms} ms ago" if age_ms > FRESH_MS else ""


def client_id(hedge: str, number: int) -> str:
    """The same for the same attempt, whoever asks, and never another's: in the form of a UUID."""
    digits = hashlib.sha256(f"{hedge}/{number}".encode()).hexdigest()
    return "-".join(
        (digits[:8], digits[8:12], f"4{digits[13:16]}", f"8{digits[17:20]}", digits[20:32])
    )
