"""Whether the venue lets us trade: from where we are, and with our account."""

from __future__ import annotations

from dataclasses import dataclass

from venues.http import Http
from venues.polymarket import calls_orders as calls


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """Whether the venue lets us open positions: where it sees us, and what it says of our account.

    It is asked and shown, never worked around. Who may not open may still sell and cancel.
    """

    blocked: bool
    country: str
    region: str
    closed_only: bool

    @property
    def may_open(self) -> bool:
        return not (self.blocked or self.closed_only)


async def eligibility(http: Http) -> Eligibility:
    """Where the venue sees us, and whether our account may open positions."""
    place = await http.send(calls.geoblock())
    account = await http.send(calls.closed_only())
    return Eligibility(
        blocked=place.blocked,
        country=place.country,
        region=place.region,
        closed_only=account.closed_only,
    )
