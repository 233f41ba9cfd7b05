"""How a proposal is done: written down, sent once, and its outcome written down.

What nobody knows the outcome of is asked for by our own id, at every look, until the venue tells;
a venue that does not list it LISTS_MS after it was written down never got it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from typing import Final

import structlog

from execution.journal import Journal
from execution.ledger import Act
from execution.orders import IllegalMove
from execution.proposals import Proposal
from execution.records import Acted, Acting, ActKind
from venues import (
    Clock,
    OrderUnknown,
    Quantity,
    Recycled,
    Recycling,
    RecyclingState,
    Refused,
    Treasury,
    Unavailable,
    VenueError,
)

LATE_MS: Final = 1_000
ASK_MS: Final = 10_000
LISTS_MS: Final = 900_000
"""Longer than the deadline that a merge is signed for (venues/polymarket/relayer.py)."""
_log = structlog.get_logger()


class NoWay(Exception):
    """Nothing is set up that could do it. str() says what."""


class Actor:
    """`recycling`, `treasuries` by venue; what is missing there cannot be done."""

    def __init__(
        self,
        journal: Journal,
        recycling: Mapping[str, Recycling],
        treasuries: Mapping[str, Treasury],
        clock: Clock,
    ) -> None:
        self._journal = journal
        self._recycling = recycling
        self._treasuries = treasuries
        self._clock = clock
        self._doing: set[str] = set()

    @property
    def merges_at(self) -> frozenset[str]:
        return frozenset(self._recycling)

    @property
    def treasuries(self) -> Mapping[str, Treasury]:
        return self._treasuries

    async def do(self, proposal: Proposal, by: str) -> Act:
        """Once, whoever asks again; `check` it first. Raises JournalError; what a venue raises is
        an outcome.

        It is not to be cancelled: run it as a task of whoever lives longer than the caller.
        """
        acts = self._journal.ledger.acts
        if proposal.id in acts:
            return acts[proposal.id]
        began_ns = self._clock.monotonic_ns()
        asked = Acting(
            id=proposal.id,
            kind=proposal.kind,
            venue=proposal.venue,
            market=proposal.market,
            amount=proposal.amount,
            of_hedges=proposal.of_hedges,
            source=proposal.source,
            destination=proposal.destination,
            about=_about(proposal.id, self._journal.epoch, self._clock.now_ms()),
            by=by,
            at_ms=self._clock.now_ms(),
        )
        self._doing.add(asked.id)
        try:
            try:
                await self._journal.append(asked)
            except IllegalMove:  # asked for twice in the same instant
                return acts[asked.id]
            late_ms = (self._clock.monotonic_ns() - began_ns) // 1_000_000
            if late_ms > LATE_MS:
                why = f"{late_ms} ms went by before it could leave"
                await self._write(asked, Recycled("", RecyclingState.FAILED), why)
            else:
                await self._write(asked, *await self._sent(asked))
        finally:
            self._doing.discard(asked.id)
        return acts[proposal.id]

    async def ask(self) -> None:
        """Once, of everything of which nobody knows the end. Raises JournalError."""
        for act in [*self._journal.ledger.acts.values()]:
            if act.is_over or act.asked.id in self._doing:
                continue
            try:
                async with asyncio.timeout(ASK_MS / 1_000):
                    found = await self._outcome(act)
            except (VenueError, NoWay, TimeoutError) as error:
                _log.warning("act.unasked", id=act.asked.id, why=str(error) or "it took too long")
                continue
            why = ""
            if found.state is RecyclingState.UNKNOWN:
                if self._clock.now_ms() < act.asked.at_ms + LISTS_MS:
                    continue
                found = Recycled(act.ref, RecyclingState.FAILED)
                why = f"{act.asked.venue} lists nothing of it: it never came to be"
            if (found.state, found.id) != (act.state, act.ref):
                await self._write(act.asked, found, why)

    def check(self, proposal: Proposal) -> None:
        """Raises NoWay."""
        ways: Mapping[str, object] = self._treasuries
        if proposal.kind is ActKind.MERGE:
            ways = self._recycling
        if proposal.venue not in ways:
            raise NoWay(f"No way to {proposal.kind} at {proposal.venue} is set up.")

    async def _sent(self, asked: Acting) -> tuple[Recycled, str]:
        """What became of it, and why it is not done where it is not."""
        try:
            return await self._send(asked), ""
        except OrderUnknown as error:
            return Recycled("", RecyclingState.UNKNOWN), str(error)
        except (Refused, Unavailable) as error:
            sure = isinstance(error, Refused) or error.definite
            state = RecyclingState.FAILED if sure else RecyclingState.UNKNOWN
            return Recycled("", state), str(error)
        except (VenueError, ValueError) as error:
            state = RecyclingState.UNKNOWN
            if isinstance(error, ValueError):  # it could not be signed
                state = RecyclingState.FAILED
            return Recycled("", state), str(error)

    async def _send(self, asked: Acting) -> Recycled:
        if asked.kind is ActKind.MERGE:
            way = self._recycling[asked.venue]
            return await way.merge(asked.market, Quantity(asked.amount), asked.about)
        treasury = self._treasuries[asked.venue]
        if asked.kind is ActKind.NET:
            return await treasury.net(asked.about)
        return await treasury.move(
            asked.amount,
            source=asked.source,
            destination=asked.destination,
            about=asked.about,
        )

    async def _outcome(self, act: Act) -> Recycled:
        asked, id = act.asked, act.ref or act.asked.about
        if asked.kind is ActKind.MERGE:
            if asked.venue not in self._recycling:
                raise NoWay("nobody can be asked")
            return await self._recycling[asked.venue].outcome(id)
        if asked.venue not in self._treasuries:
            raise NoWay("nobody can be asked")
        treasury = self._treasuries[asked.venue]
        if asked.kind is ActKind.MOVE:
            return await treasury.outcome(id)
        is_on = await treasury.is_netting()
        return Recycled(id, RecyclingState.DONE if is_on else RecyclingState.UNKNOWN)

    async def _write(self, asked: Acting, found: Recycled, why: str) -> None:
        ref = "" if found.id == asked.about else found.id
        acted = Acted(id=asked.id, state=found.state, ref=ref, why=why, at_ms=self._clock.now_ms())
        await self._journal.append(acted)


def _about(id: str, epoch: int, now_ms: int) -> str:
    """In the form of a UUID. Another journal may have had the same proposal: never the same id."""
    digits = hashlib.sha256(f"act/{id}/{epoch}/{now_ms}".encode()).hexdigest()
    return "-".join(
        (digits[:8], digits[8:12], f"4{digits[13:16]}", f"8{digits[17:20]}", digits[20:32])
    )
