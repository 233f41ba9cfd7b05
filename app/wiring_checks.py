"""What the doctor asks a venue that is in no vocabulary: scopes of a key, approvals of a wallet."""

from __future__ import annotations

from typing import Final, NamedTuple

from app.config import Settings
from app.wiring_kalshi import KalshiWire
from app.wiring_polymarket import PolymarketLine
from venues import Clock, VenueError
from venues.bucket import TokenBucket
from venues.http import Http
from venues.kalshi.calls import account as kalshi_account
from venues.polymarket import calls_orders
from venues.polymarket.approvals import missing_approvals
from venues.polymarket.calls_orders import SITE

FEES_READ: Final = "2026-11-22"
"""When a person last compared both schedules with the venues' own pages (venues/*/fees.py)."""


class Place(NamedTuple):
    """Where Polymarket sees us."""

    blocked: bool
    name: str


async def kalshi_scopes(wire: KalshiWire, key_id: str) -> tuple[str, ...] | None:
    """None where the venue does not say."""
    try:
        found = (await wire.http.send(kalshi_account.api_keys(), attempts=1)).api_keys
    except VenueError:
        return None
    return next((each.scopes for each in found if each.api_key_id == key_id), None)


async def approvals_missing(line: PolymarketLine) -> int | None:
    """How many approvals the paying wallet lacks; None where the venue does not say."""
    try:
        return len(await missing_approvals(line.http, line.wallet.maker))
    except VenueError:
        return None


async def place_of(settings: Settings, clock: Clock) -> Place | None:
    """Without a wallet. None where the venue does not say."""
    bucket = TokenBucket(clock, capacity=1, refill_per_s=1)
    hosts = {SITE: settings.polymarket_address("site")}
    async with Http(venue="polymarket", hosts=hosts, clock=clock, bucket=bucket) as http:
        try:
            found = await http.send(calls_orders.geoblock(), attempts=1)
        except VenueError:
            return None
    return Place(found.blocked, " ".join(filter(None, (found.country, found.region))))
