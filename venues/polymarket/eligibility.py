"""Whether the venue lets us trade: from where we are, and with our account."""

from __future__ import annotations

from dataclasses import dataclass

from venues.errors import AuthRefused, VenueError
from venues.http import Http
from venues.polymarket import calls_orders as calls


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """Whether the venue lets us open positions: where it sees us, and what it says of our account.

    It is asked and shown, never worked around. Who may not open may still sell and cancel. None:
    the venue did not say, and then nothing is opened.
    """

    blocked: bool | None
    country: str
    region: str
    closed_only: bool | None

    @property
    def may_open(self) -> bool:
        return self.blocked is False and self.closed_only is False

    @property
    def why_not(self) -> str:
        """Why nothing may be opened, a sentence of our own; "" where it may."""
        if self.may_open:
            return ""
        if self.blocked:
            return "Polymarket does not let anybody open positions from here."
        if self.closed_only:
            return "Polymarket lets this account close positions, not open any."
        return "Polymarket does not say whether this account may open positions."


async def eligibility(http: Http) -> Eligibility:
    """Where the venue sees us, and whether our account may open positions. Raises AuthRefused where
    it does not take our keys; sales and cancels do not wait for its web site."""
    blocked, country, region = await _place(http)
    return Eligibility(
        blocked=blocked, country=country, region=region, closed_only=await _closed_only(http)
    )


async def _place(http: Http) -> tuple[bool | None, str, str]:
    try:
        found = await http.send(calls.geoblock(), attempts=2)
    except VenueError:
        return None, "", ""
    return found.blocked, found.country, found.region


async def _closed_only(http: Http) -> bool | None:
    try:
        return (await http.send(calls.closed_only(), attempts=2)).closed_only
    except AuthRefused:
        raise
    except VenueError:
        return None
