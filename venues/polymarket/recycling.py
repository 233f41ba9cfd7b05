"""class PolymarketRecycling: split, merge, redeem. One at a time for a wallet; each leaves once."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final, Protocol

from venues.clock import Clock
from venues.errors import (
    NotFound,
    OrderRefused,
    Reason,
    Refused,
    Unavailable,
    VenueError,
    WireError,
)
from venues.market import Contract
from venues.money import Quantity
from venues.polymarket import transactions
from venues.polymarket.normalize import VENUE
from venues.polymarket.terms import Terms
from venues.polymarket.transactions import ContractCall
from venues.sides import Outcome
from venues.venue import Recycled, RecyclingState

LOOKS: Final = 100
WAIT_MS: Final = 2_000
_EVER_MS: Final = 10**15
"""Which contract a market is split at never changes."""


class Way(Protocol):
    """How a wallet's calls reach the chain: a Relayer, or a Node."""

    async def send(self, call: ContractCall, about: str) -> str:
        """An id that `outcome` knows."""
        ...

    async def outcome(self, id: str) -> Recycled: ...


class Markets(Protocol):
    async def terms(self, id: str, *, age_ms_max: int) -> Terms: ...


class Holdings(Protocol):
    async def held(self, contract: Contract) -> Quantity: ...


class PolymarketRecycling:
    """Of one wallet; there is to be no second one for it, here or elsewhere."""

    def __init__(self, way: Way, clock: Clock, markets: Markets, holdings: Holdings) -> None:
        self._way = way
        self._clock = clock
        self._markets = markets
        self._holdings = holdings
        self._turn = asyncio.Lock()
        self._used: set[str] = set()

    async def split(self, market: str, quantity: Quantity, about: str) -> Recycled:
        terms = await self._terms(market, about)
        return await self._do(transactions.split(terms, quantity), about)

    async def merge(self, market: str, quantity: Quantity, about: str) -> Recycled:
        terms = await self._terms(market, about)
        return await self._do(transactions.merge(terms, quantity), about)

    async def redeem(self, market: str, about: str) -> Recycled:
        """Raises OrderRefused also where nothing is held, and in a market of version v2 while both
        outcomes are: pairs are to be merged first."""
        terms = await self._terms(market, about)
        if terms.version == "v1":
            return await self._do(transactions.redeem_all(terms), about)
        outcome, quantity = await self._held(market, about)
        return await self._do(transactions.redeem_outcome(terms, outcome, quantity), about)

    async def outcome(self, id: str) -> Recycled:
        return await self._way.outcome(id)

    async def _do(self, call: ContractCall, about: str) -> Recycled:
        async with self._turn:
            if about in self._used:
                raise ValueError(f"{about} was sent before: ask for its outcome")
            self._used.add(about)
            try:
                id = await self._way.send(call, about)
            except (Unavailable, Refused, ValueError):  # surely nothing happened
                self._used.discard(about)
                raise
            return await self._ended(id)

    async def _ended(self, id: str) -> Recycled:
        """As it was seen last; a look that fails shows nothing."""
        found = Recycled(id, RecyclingState.PENDING)
        for _ in range(LOOKS):
            with suppress(VenueError):
                found = await self._way.outcome(id)
            if found.state in {RecyclingState.DONE, RecyclingState.FAILED}:
                break
            await self._clock.sleep_ms(WAIT_MS)
        return found

    async def _terms(self, market: str, about: str) -> Terms:
        try:
            return await self._markets.terms(market, age_ms_max=_EVER_MS)
        except NotFound as missing:
            raise OrderRefused(missing, Reason.MARKET, about) from missing
        except (Unavailable, WireError) as error:
            why = f"it does not tell the terms of {market} ({error})"
            raise Unavailable(VENUE, why, definite=True) from error

    async def _held(self, market: str, about: str) -> tuple[Outcome, Quantity]:
        try:
            held = [(each, await self._holding(market, each)) for each in Outcome]
        except (Unavailable, WireError) as error:
            why = f"it does not tell what we hold of {market} ({error})"
            raise Unavailable(VENUE, why, definite=True) from error
        there = [each for each in held if each[1]]
        if len(there) == 1:
            return there[0]
        words = "both outcomes are held: merge the pairs first" if there else "nothing is held"
        raise OrderRefused(Refused(VENUE, 400, words), Reason.SIZE, about)

    async def _holding(self, market: str, outcome: Outcome) -> Quantity:
        return await self._holdings.held(Contract(VENUE, market, outcome))
