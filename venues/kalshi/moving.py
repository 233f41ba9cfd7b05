"""class KalshiMoving: cash between our own shards, and netting by event. Each leaves once."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from venues.clock import Clock
from venues.errors import Refused, VenueError
from venues.http import Http
from venues.kalshi.account import PRIMARY
from venues.kalshi.calls import portfolio as calls
from venues.kalshi.calls import subaccounts
from venues.kalshi.treasury import KalshiTreasury
from venues.kalshi.wire import portfolio as wire
from venues.kalshi.wire.raw import read
from venues.money import Cash
from venues.venue import Recycled, RecyclingState

LOOKS: Final = 20
WAIT_MS: Final = 500
_PAGES: Final = 10
"""A move is looked for among so many pages of the newest."""
_STATES: Final = {"pending": RecyclingState.PENDING, "complete": RecyclingState.DONE}
_USED: Final = 409


class KalshiMoving:
    """`http` signs. A Treasury of the primary account."""

    def __init__(self, http: Http, clock: Clock) -> None:
        self._http = http
        self._clock = clock
        self._treasury = KalshiTreasury(http)

    async def move(self, amount: Cash, *, source: str, destination: str, about: str) -> Recycled:
        try:
            id = await self._treasury.move(
                amount, source=int(source), destination=int(destination), client_id=about
            )
        except Refused as refused:
            if refused.status != _USED:
                raise
            return await self.outcome(about)  # it was there before
        found = Recycled(id, RecyclingState.PENDING)
        for _ in range(LOOKS):
            with suppress(VenueError):
                found = await self.outcome(id)
            if found.state is RecyclingState.DONE:
                break
            await self._clock.sleep_ms(WAIT_MS)
        return found

    async def is_netting(self) -> bool:
        """On any shard: the venue tells a switch for each, and we set the one without a name."""
        found = (await self._http.send(subaccounts.netting())).netting_configs
        ours = [each.enabled for each in found if each.subaccount_number == PRIMARY]
        return any(ours)

    async def net(self, about: str) -> Recycled:
        await self._http.act(subaccounts.set_netting(PRIMARY, enabled=True), about)
        return Recycled(about, RecyclingState.DONE)

    async def outcome(self, id: str) -> Recycled:
        cursor = ""
        for _ in range(_PAGES):
            page = await self._http.send(calls.transfers(cursor=cursor))
            for raw in page.transfers:
                found = read(raw, wire.Transfer)
                if id in {found.transfer_id, found.client_transfer_id}:
                    state = _STATES.get(found.status, RecyclingState.UNKNOWN)
                    return Recycled(found.transfer_id, state)
            cursor = page.cursor or ""
            if not cursor:
                break
        return Recycled(id, RecyclingState.UNKNOWN)
