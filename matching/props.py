"""Reads player markets: how many points, rebounds or home runs one player makes in one game."""

from __future__ import annotations

import re
from typing import Final

from matching.amounts import NANO, nanos
from matching.listing import Listing
from matching.relation import IntSet
from matching.terms import Claim, Domain, Form, Numbers, Said, Terms
from matching.text import plain
from matching.ticker import Ticker
from matching.when import Day, Kind, Window

_AT_LEAST: Final = re.compile(
    r"^(?P<who>[^:?]+): (?P<n>\d+)\+ (?P<stat>[a-z][a-z -]+?)\??$", re.IGNORECASE
)
_LINE: Final = re.compile(
    r"^(?P<who>[^:?]+): (?P<stat>[A-Za-z][A-Za-z -]+?) (?P<side>O/U|Over|Under)"
    r" (?P<line>\d+(?:\.\d+)?)\??$"
)
_ANYTIME: Final = re.compile(
    r": Anytime (Goal ?scorer|Goal|Touchdown(?: Scorer)?)\??$", re.IGNORECASE
)
_SCORED: Final = {
    "goalscorer": "goals",
    "goal scorer": "goals",
    "goal": "goals",
    "touchdown": "touchdowns",
    "touchdown scorer": "touchdowns",
}
_KNOWN: Final = (
    *("points", "rebounds", "assists", "threes", "steals", "blocks", "turnovers"),
    *("home runs", "hits", "total bases", "rbis", "runs", "strikeouts", "stolen bases"),
    *("goals", "shots", "shots on target", "saves", "aces"),
    *("passing yards", "rushing yards", "receiving yards", "receptions", "passing touchdowns"),
    *("touchdowns", "sacks"),
)
_STATS: Final = {
    **{name: name for name in _KNOWN},
    "point": "points",
    "total rebounds": "rebounds",
    **dict.fromkeys(("three pointers", "3-pointers", "three pointers made"), "threes"),
}
_SLUG_DAY: Final = re.compile(r"(20\d\d)-(\d\d)-(\d\d)")


def read(listing: Listing, ticker: Ticker | None) -> Terms | None:
    """The terms of a player market, None for any other title. `ticker`: Kalshi's, else None."""
    title = _ANYTIME.sub(lambda found: f": 1+ {_SCORED[found[1].lower()]}", plain(listing.title))
    found = _AT_LEAST.match(title) or _LINE.match(title)
    stat = _STATS.get(found["stat"].lower()) if found else None
    if not found or not stat or " vs" in found["who"]:
        return None
    day = _day(listing, ticker)
    return Terms(
        listing=listing,
        domain=Domain.SPORTS,
        window=Window(Kind.AT, day, day, None, listing.slug or listing.id) if day else None,
        body=_claim(found, stat, listing, ticker),
        year=day[0] if day else 0,
    )


def _claim(found: re.Match[str], stat: str, listing: Listing, ticker: Ticker | None) -> Claim:
    span = found.string[found.end("who") + 1 :].strip()
    return Claim(
        subject=Said(found["who"], found["who"]),
        topic=Said(f"player {stat}", span),
        form=Form.AT,
        numbers=Numbers(values=_values(found, listing), grid=NANO, edge="at_least", span=span),
        numeric=True,
        game=_game(listing, ticker),
        text=found.string,
    )


def _values(found: re.Match[str], listing: Listing) -> IntSet:
    """The whole numbers that pay: from one on, or those beyond a line; the others for an under."""
    said = found.groupdict()
    low = int(said["n"]) if "n" in said else nanos(said["line"]) // NANO + 1
    values = IntSet.between(low, None)
    under = said.get("side") == "Under"
    if under or (listing.outcomes and listing.outcomes[0].lower() in ("under", "no")):
        return values.outside()
    return values


def _game(listing: Listing, ticker: Ticker | None) -> tuple[str, ...]:
    """Kalshi's two joined codes, or the two sides that Polymarket's event names."""
    if ticker:
        return (ticker.rest,) if ticker.rest else ()
    found = re.match(r"(.+?) vs\.? (.+?)(?: - .*)?$", plain(listing.event_title))
    return (found[1], found[2]) if found else ()


def _day(listing: Listing, ticker: Ticker | None) -> Day | None:
    if ticker:
        return ticker.day if ticker.day and ticker.day[2] else None
    found = _SLUG_DAY.search(listing.slug)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None
