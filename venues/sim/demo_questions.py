"""The questions of the demo's world: some two hundred, as people know them, on both venues.

Most books agree; a few are far enough apart to earn something, and makers move them all. The traps
are nearly the same question and far apart: whoever pairs them loses money.
"""

from __future__ import annotations

import random
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from venues.sim.polymarket.catalogue import Fee
from venues.sim.twin_questions import Twin

_NBA: Final = (
    *("Boston Celtics", "Oklahoma City Thunder", "Denver Nuggets", "New York Knicks"),
    *("Cleveland Cavaliers", "Minnesota Timberwolves", "Houston Rockets", "Orlando Magic"),
    *("San Antonio Spurs", "Los Angeles Lakers", "Golden State Warriors", "Miami Heat"),
    *("Dallas Mavericks", "Milwaukee Bucks", "Philadelphia 76ers", "Detroit Pistons"),
    *("Atlanta Hawks", "Toronto Raptors", "Phoenix Suns", "Indiana Pacers"),
)
_NFL: Final = (
    *("Kansas City Chiefs", "Philadelphia Eagles", "Buffalo Bills", "Baltimore Ravens"),
    *("Detroit Lions", "San Francisco 49ers", "Green Bay Packers", "Los Angeles Rams"),
    *("Denver Broncos", "Seattle Seahawks", "Houston Texans", "Cincinnati Bengals"),
    *("Dallas Cowboys", "New England Patriots", "Chicago Bears", "Minnesota Vikings"),
)
_NHL: Final = (
    *("Florida Panthers", "Edmonton Oilers", "Colorado Avalanche", "Dallas Stars"),
    *("Carolina Hurricanes", "Vegas Golden Knights", "Toronto Maple Leafs", "New York Rangers"),
    *("Tampa Bay Lightning", "Winnipeg Jets", "Boston Bruins", "Washington Capitals"),
)
_CLUBS: Final = (
    *("Real Madrid", "Manchester City", "Bayern Munich", "Arsenal", "Paris Saint-Germain"),
    *("Liverpool", "Barcelona", "Inter Milan", "Chelsea", "Atletico Madrid"),
)
_SINGERS: Final = (
    *("Sweden", "Ukraine", "Italy", "Switzerland", "Finland", "France", "Greece", "Norway"),
    *("Netherlands", "Spain", "United Kingdom", "Croatia", "Estonia", "Ireland"),
)
_CITIES: Final = (
    *("New York City", "Chicago", "Boston", "Denver", "Philadelphia", "Minneapolis"),
    *("Detroit", "Buffalo", "Salt Lake City", "Pittsburgh"),
)
_STATES: Final = ("Kentucky", "Mississippi", "Louisiana")
_MLB: Final = (
    *("Los Angeles Dodgers", "New York Yankees", "Philadelphia Phillies", "Atlanta Braves"),
    *("Houston Astros", "Baltimore Orioles", "San Diego Padres", "Seattle Mariners"),
    *("New York Mets", "Boston Red Sox", "Chicago Cubs", "Toronto Blue Jays"),
    *("Detroit Tigers", "Milwaukee Brewers", "Cleveland Guardians", "Texas Rangers"),
)
_COINS: Final = (
    ("Bitcoin", "btc", (80_000, 85_000, 90_000, 95_000, 100_000, 105_000, 110_000, 120_000)),
    ("Ethereum", "eth", (2_600, 2_800, 3_000, 3_200, 3_400, 3_600, 4_000)),
    ("Solana", "sol", (120, 140, 160, 180, 200)),
    ("XRP", "xrp", (1, 2, 3, 4)),
)
_FEES: Final = {
    "sports_fees_v2": Fee(rate=50_000),
    "economics_fees": Fee(rate=50_000),
    "crypto_fees": Fee(rate=70_000),
    "weather_fees": Fee(rate=50_000),
    "politics_fees": Fee(rate=40_000),
    "culture_fees": Fee(rate=50_000),
    "finance_fees": Fee(rate=40_000),
}
Rows = tuple[tuple[str, str, str, str], ...]
"""id, why, what Kalshi asks, what Polymarket asks"""
_PLANTED: Final = 12
_APART: Final = 7
"""Cents between the planted ones: more than all fees, and than makers move towards each other."""


def demo_questions(today: date, seed: int) -> tuple[Twin, ...]:
    """About 180 questions and 14 traps, dated from `today` on."""
    rng = random.Random(f"demo {seed}")
    asked = list(_asked(today))
    planted = set(rng.sample(range(len(asked)), _PLANTED))
    return (
        *(
            _priced(twin, fair, rng, apart=_APART * (at in planted))
            for at, (twin, fair) in enumerate(asked)
        ),
        *(_priced(twin, rng.randint(20, 60), rng, apart=_APART) for twin in _traps(today)),
    )


def _asked(today: date) -> Iterator[tuple[Twin, int]]:
    """With what YES is worth, in cents."""
    year = today.year + 1
    yield from _titles(year)
    yield from _prices(_month_end(today, 1))
    yield from _economy(today)
    yield from _weather(year)
    yield from _votes(year)


def _titles(year: int) -> Iterator[tuple[Twin, int]]:
    season = f"the {year - 1}-{year % 100}"
    for short, teams, kalshi, polymarket in (
        ("nba", _NBA, f"the {year} NBA Finals", f"the {year} NBA Finals"),
        ("nfl", _NFL, f"the {year} Super Bowl", f"Super Bowl {year}"),
        ("mlb", _MLB, f"the {year} World Series", f"the {year} World Series"),
        ("nhl", _NHL, f"the {year} Stanley Cup", f"the {year} NHL Stanley Cup"),
        ("ucl", _CLUBS, f"{season} UEFA Champions League", f"{season} Champions League"),
        ("song", _SINGERS, f"Eurovision {year}", f"Eurovision {year}"),
    ):
        the = "" if short in {"ucl", "song"} else "the "
        for at, team in enumerate(teams):
            yield (
                Twin(
                    why="one of many who may win",
                    id=f"{short}{_short(team)}",
                    question=f"Will {the}{team} win {kalshi}?",
                    polymarket_question=f"Will {the}{team} win {polymarket}?",
                    event=(f"KX{short.upper()}-{year % 100}", f"Who will win {kalshi}?"),
                    fee_type="culture_fees" if short == "song" else "sports_fees_v2",
                ),
                max(4, 22 - 2 * at),
            )


def _prices(day: date) -> Iterator[tuple[Twin, int]]:
    said = f"{_day(day)}, {day.year}"
    for name, short, strikes in _COINS:
        for at, strike in enumerate(strikes):
            yield (
                Twin(
                    why="a price at an instant",
                    id=f"{short}{strike}",
                    question=f"Will {name} be above ${strike:,} on {said} at 5 PM ET?",
                    polymarket_question=f"Will the price of {name} be above ${strike:,} on "
                    f"{said}, 5PM ET?",
                    event=(f"KX{short.upper()}D-{_stamp(day)}", f"{name} price on {said}"),
                    fee_type="crypto_fees",
                ),
                _falling(at, len(strikes)),
            )


def _economy(today: date) -> Iterator[tuple[Twin, int]]:
    for months in (1, 2, 3):
        day = _month_end(today, months)
        month = f"{day:%B} {day.year}"
        for short, title, tenths, kalshi, polymarket in (
            (
                "cpiyoy",
                "Inflation",
                (24, 26, 28, 30, 32),
                "Will the rate of CPI inflation be above {}% for the year ending in {}?",
                "Will annual inflation be above {}% in {}?",
            ),
            (
                "jobless",
                "Unemployment rate",
                (41, 43, 45, 47),
                "Will the unemployment rate (U-3) be above {}% in {}?",
                "Will the unemployment rate be above {}% in {}?",
            ),
        ):
            for at, each in enumerate(tenths):
                words = (f"{each / 10:.1f}", month)
                yield (
                    Twin(
                        why="a figure of a month",
                        id=f"{short}{day:%b}{each}".lower(),
                        question=kalshi.format(*words),
                        polymarket_question=polymarket.format(*words),
                        event=(f"KX{short.upper()}-{_stamp(day)}", f"{title} in {month}"),
                    ),
                    _falling(at, len(tenths)),
                )
        yield from _decisions(day)


def _decisions(day: date) -> Iterator[tuple[Twin, int]]:
    meeting = f"{day:%B} {day.year} meeting"
    for short, kalshi, polymarket in (
        ("fed", "the Federal Reserve", "the Fed"),
        ("boc", "the Bank of Canada", "the Bank of Canada"),
    ):
        for move, moved, fair in (("Cut", "decrease", 34), ("Hike", "increase", 12)):
            yield (
                Twin(
                    why="what a bank decides",
                    id=f"{short}{day:%b}{move}".lower(),
                    question=f"Will {kalshi} {move} rates by 25bps at their {meeting}?",
                    polymarket_question=f"Will {polymarket} {moved} interest rates by 25 bps after "
                    f"the {meeting}?",
                    event=(f"KX{short.upper()}-{_stamp(day)}", f"{polymarket}, {meeting}"),
                ),
                fair,
            )


def _weather(year: int) -> Iterator[tuple[Twin, int]]:
    for at, city in enumerate(_CITIES):
        question = f"Will it snow in {city} on January 15, {year}?"
        yield (
            Twin(
                why="a day of weather",
                id=f"snow{_short(city)}",
                question=question,
                polymarket_question=question,
                event=(f"KXSNOW-{year % 100}JAN15", f"Where will it snow on January 15, {year}?"),
                fee_type="weather_fees",
            ),
            25 + 5 * at,
        )


def _votes(year: int) -> Iterator[tuple[Twin, int]]:
    for state in _STATES:
        for party, people, fair in (
            ("Democratic", "Democrats", 32),
            ("Republican", "Republicans", 66),
        ):
            yield (
                Twin(
                    why="a vote",
                    id=f"gov{_short(state)}{party[0].lower()}",
                    question=f"Will the {party} party win the governorship in {state} in {year}?",
                    polymarket_question=f"Will the {people} win the {state} governor race in "
                    f"{year}?",
                    event=(f"KXGOV{state[:3].upper()}-{year % 100}", f"{state} governor {year}"),
                    fee_type="politics_fees",
                ),
                fair,
            )


def _falling(at: int, of: int) -> int:
    """What the steps of a ladder are worth: the higher, the less."""
    return 84 - 70 * at // (of - 1)


def _traps(today: date) -> Iterator[Twin]:
    for id, why, kalshi, polymarket in (*_of_figures(today), *_of_names(today.year + 1)):
        yield Twin(
            why=f"trap: {why}",
            id=f"trap{id}",
            question=kalshi,
            polymarket_question=polymarket,
            same=None,
            fee_type="politics_fees",
        )


def _of_figures(today: date) -> Rows:
    day, later = _month_end(today, 1), _month_end(today, 2)
    said, month = f"{_day(day)}, {day.year}", f"{day:%B} {day.year}"
    return (
        (
            "touch",
            "on a day, against at any time until then",
            f"Will Bitcoin be above $115,000 on {said} at 5 PM ET?",
            f"Will Bitcoin reach $115,000 by {said}?",
        ),
        (
            "thesame",
            "the same words of another month",
            f"Will the rate of CPI inflation be above 3.4% for the year ending in {month}?",
            f"Will annual inflation be above 3.4% in {later:%B} {later.year}?",
        ),
        (
            "nearly",
            "above, against at least a tenth less",
            f"Will the unemployment rate (U-3) be above 4.9% in {month}?",
            f"Will the {month} unemployment rate be above 4.8%?",
        ),
        (
            "hike",
            "exactly, against at least",
            f"Will the Bank of England Cut rates by 25bps at their {month} meeting?",
            f"Will the Bank of England cut interest rates by 25+ bps after the {month} meeting?",
        ),
        (
            "coin",
            "another coin",
            f"Will Bitcoin Cash be above $500 on {said} at 5 PM ET?",
            f"Will the price of Bitcoin be above $500,000 on {said}, 5PM ET?",
        ),
        (
            "hour",
            "another hour of the day",
            f"Will Ethereum be above $4,200 on {said} at 9 AM ET?",
            f"Will the price of Ethereum be above $4,200 on {said}, 5PM ET?",
        ),
    )


def _of_names(year: int) -> Rows:
    return (
        (
            "east",
            "a conference, against the whole",
            f"Will the Chicago Bulls win the {year} NBA Eastern Conference?",
            f"Will the Chicago Bulls win the {year} NBA Finals?",
        ),
        (
            "afc",
            "a conference, against the whole",
            f"Will the Miami Dolphins win the {year} AFC Championship?",
            f"Will the Miami Dolphins win Super Bowl {year}?",
        ),
        (
            "giants",
            "two teams of one name",
            f"Will the New York Giants win the {year} Super Bowl?",
            f"Will the San Francisco Giants win the {year} World Series?",
        ),
        (
            "eve",
            "the day before",
            f"Will it snow in Cleveland on January 14, {year}?",
            f"Will it snow in Cleveland on January 15, {year}?",
        ),
        (
            "state",
            "a city, against its state",
            f"Will it snow in Kansas City on January 15, {year}?",
            f"Will it snow in Kansas on January 15, {year}?",
        ),
        (
            "never",
            "one is the opposite, of another year",
            f"Will there be a recession in the US in {year}?",
            f"US recession in {year - 1}?",
        ),
        (
            "score",
            "a place on the way, against the end of it",
            f"Will Portugal reach the final of Eurovision {year}?",
            f"Will Portugal win Eurovision {year}?",
        ),
        (
            "senate",
            "another office of the same state",
            f"Will the Republican party win the governorship in Iowa in {year}?",
            f"Will the Republicans win the Iowa Senate race in {year}?",
        ),
    )


def _priced(twin: Twin, fair: int, rng: random.Random, *, apart: int) -> Twin:
    """Both books round one price, or `apart` cents apart."""
    other = fair + (apart if fair < 50 else -apart)
    kalshi, polymarket = (
        [_ladder(price, step, rng) for step in (-1, 1)] for price in (fair, other)
    )
    return replace(
        twin,
        kalshi_bids=kalshi[0],
        kalshi_asks=kalshi[1],
        polymarket_bids=polymarket[0],
        polymarket_asks=polymarket[1],
        fee=_FEES[twin.fee_type],
    )


def _ladder(fair: int, step: int, rng: random.Random) -> str:
    """Three levels on one side of a price in cents."""
    return " ".join(f"0.{fair + n * step:02} {rng.randint(15, 120)}" for n in (1, 2, 3))


def _short(words: str) -> str:
    return "".join(each for each in words.lower() if each.isalnum())


def _day(day: date) -> str:
    return f"{day:%B} {day.day}"


def _stamp(day: date) -> str:
    return f"{day:%y%b}".upper()


def _month_end(today: date, months: int) -> date:
    first = (today.replace(day=1) + timedelta(days=31 * months)).replace(day=1)
    return first.replace(day=monthrange(first.year, first.month)[1])
