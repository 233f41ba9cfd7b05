"""The unknown-outcome procedure: what became of an order that left us without a definite answer.

It is asked for by our own id. Found and over: adopted. Found and alive: it is not supposed to be,
so it is canceled. Not found after ASKS questions over at least ASKED_MS, past the moment that the
venue says its reads show: presumed absent. An order is never sent again; a new attempt needs the
old one ended or presumed absent, and its worst case stays counted (execution.exposure).
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from execution.journal import Journal, Overtaken
from execution.orders import Attempt
from execution.records import Absent, Answered, Lost
from venues import Clock, Order, Trading, VenueError

ASKS: Final = 5
ASKED_MS: Final = 10_000
PAUSE_MS: Final = 300
RESTS_MS: Final = 1_500
"""So long an order may be open before it is canceled: a venue may delay a match on purpose."""
CALL_MS: Final = 10_000
WRONG_MS: Final = 3_600_000
"""So wrong our clock may have been when it was sent: it is looked for as much further back."""
_LATER_MS: Final = 3_000
"""How far past the sending the venue's reads must be: it may have been on its way so long."""


_Learned: TypeAlias = Absent | Answered | Lost
"""Its time is when it is written down."""


@dataclass(slots=True)
class _Asked:
    since_ns: int
    times: int = 0


class Asking:
    """Of one venue's orders."""

    def __init__(self, trading: Trading, journal: Journal, clock: Clock) -> None:
        self._trading = trading
        self._journal = journal
        self._clock = clock
        self._asked: dict[str, _Asked] = {}

    async def ask(self, attempt: Attempt) -> bool:
        """Asks once, and writes down what it learned. False: nothing new yet. Raises JournalError;
        what a venue raises counts as no answer, and what the hedge heard meanwhile comes first."""
        hedge = self._journal.ledger.hedges[attempt.hedge]
        if attempt not in hedge.attempts:
            return True
        asked = self._asked.setdefault(attempt.client_id, _Asked(self._clock.monotonic_ns()))
        try:
            async with asyncio.timeout(CALL_MS / 1_000):
                record = await self._learned(attempt, asked)
        except (VenueError, TimeoutError):
            return False
        if record is None:
            return False
        with suppress(Overtaken):
            record = replace(record, at_ms=self._clock.now_ms())
            await self._journal.append(record, since=hedge)
        return True

    async def _learned(self, attempt: Attempt, asked: _Asked) -> _Learned | None:
        account = self._trading.account
        known = attempt.order
        account.recall(known)
        found = await account.order(
            attempt.client_id,
            attempt.request.contract,
            since_ms=min(attempt.sent_ms, self._clock.now_ms()) - WRONG_MS,
        )
        asked.times += 1
        if found is None:
            return await self._absent(attempt, asked)
        if found.over:
            return Answered(hedge=attempt.hedge, order=found)
        if self._clock.now_ms() - attempt.sent_ms >= RESTS_MS:
            return await self._cancel(attempt, found)
        return Answered(hedge=attempt.hedge, order=found) if _is_news(known, found) else None

    async def _cancel(self, attempt: Attempt, found: Order) -> _Learned | None:
        try:
            ended = await self._trading.cancel(found)
        except VenueError as error:
            if attempt.is_unknown:
                return None
            return Lost(hedge=attempt.hedge, client_id=attempt.client_id, why=str(error))
        return Answered(hedge=attempt.hedge, order=ended)

    async def _absent(self, attempt: Attempt, asked: _Asked) -> _Learned | None:
        if attempt.filled or not attempt.is_unknown:
            return None  # it was there: its end will be
        waited_ms = (self._clock.monotonic_ns() - asked.since_ns) // 1_000_000
        if asked.times < ASKS or waited_ms < ASKED_MS:
            return None
        asked_ms = self._clock.now_ms() - waited_ms  # a clock may have been set since it was sent
        as_of_ms = await self._trading.account.as_of_ms()
        if as_of_ms < min(attempt.sent_ms, asked_ms) + _LATER_MS:
            return None
        return Absent(
            hedge=attempt.hedge,
            client_id=attempt.client_id,
            asked=asked.times,
            at_ms=0,
        )


def _is_news(known: Order, found: Order) -> bool:
    return (known.state, known.filled, known.order_id) != (
        found.state,
        found.filled,
        found.order_id,
    )
