"""Reads games: who plays whom, when and which part; what is asked of them stands beside it.

Kalshi says it in ticker and event title, Polymarket in the title's template, the slug and the
outcomes. The questions are read by games_kalshi and games_polymarket.
"""

from __future__ import annotations

import re
from typing import Final
from zoneinfo import ZoneInfo

from matching import games_kalshi, games_polymarket
from matching.game_titles import is_denied, number_of, segment_of, sides_at, sides_of
from matching.leagues import league_of_series, league_of_slug, league_of_words, of_women, sport_of
from matching.listing import Listing
from matching.sides import TwoSides, league_of_pair
from matching.terms import Game, Said
from matching.text import plain
from matching.ticker import Ticker
from matching.when import Day, mentions

_EASTERN: Final = ZoneInfo("America/New_York")
_GAME_SERIES: Final = (
    *("GAME", "MATCH", "FIGHT", "MAP", "SERIES", "SETWINNER", "MONEYLINE"),
    *("TOTAL", "TEAMTOTAL", "SPREAD", "SCORE", "WINMARGIN", "BTTS", "FIRSTGOAL", "OVERTIME"),
    *("DISTANCE", "ROUNDS", "MOF", "F5", "1H", "2H", "1Q", "2Q", "3Q", "4Q"),
)
_SEGMENT_SERIES: Final = re.compile(
    r"(1H|2H|[1-4]Q|F5)(?=$|GAME|TOTAL|SPREAD|BTTS|SCORE|WINNER|ML)"
)
_GAME_SLUG: Final = re.compile(
    r"^(?P<league>[a-z0-9]+)-(?P<a>[a-z0-9]+)-(?P<b>[a-z0-9]+)-(?P<date>20\d\d-\d\d-\d\d)"
)
_NO_SIDES: Final = frozenset({"yes", "no", "over", "under", "up", "down", "odd", "even"})
_QUESTION_ENDS: Final = ("?", "Winner", "Champion", "Leader", "Elimination", ")")


def read_kalshi(listing: Listing, ticker: Ticker) -> Game | None:
    """The game of a Kalshi listing; None where its series and texts name no game."""
    title, suffix = split_suffix(plain(listing.title))
    head = plain(listing.event_title)
    of_games = ticker.series.endswith(_GAME_SERIES)
    pair = sides_of(title) or sides_of(head)
    if not pair and of_games:
        pair = sides_at(title) or sides_at(head)
    # Two of three must say that it is a game: the series, two names, two joined codes.
    if (of_games, bool(pair), bool(ticker.rest)).count(True) < 2:
        return None
    wording = games_kalshi.Wording(title, head, plain(listing.subtitle) or suffix)
    league = league_of_series(ticker.series)
    game = Game(
        sides=pair or (None, None),
        codes=ticker.rest,
        league=league,
        sport=sport_of(league, ticker.series),
        day=ticker.day,
        minute=ticker.minute,
        women=of_women(ticker.series, wording.told),
        number=number_of(f"{wording.told} {ticker.rest[-2:]}"),
        segment=_segment_of_series(ticker.series) or segment_of(wording.told, sport_of(league)),
    )
    return games_kalshi.asked(game, listing, ticker, wording)


def read_polymarket(listing: Listing) -> Game | None:
    """The game of a Polymarket listing; None where its title follows no game template."""
    title, head = plain(listing.title), plain(listing.event_title)
    slug = _GAME_SLUG.match(listing.slug)
    pair: TwoSides | None = sides_of(title) or sides_of(head) or _sides_of_outcomes(listing)
    beaten = games_polymarket.sides_beaten(title)
    if pair is None and beaten and (slug or league_of_pair(*beaten)):
        pair = beaten
    if not (pair or games_polymarket.names_one_side(title) or (slug and listing.outcomes)):
        return None
    a, b = pair or (None, None)
    day, day_is_utc = _polymarket_day(listing, title, slug)
    league = league_of_slug(slug["league"] if slug else league_of_words(f"{title} {head}"))
    league = league or league_of_pair(a, b)
    game = Game(
        sides=(a, b),
        codes=f"{slug['a']} {slug['b']}".upper() if slug else "",
        league=league,
        sport=sport_of(league),
        day=day,
        day_is_utc=day_is_utc,
        minute=_start(listing),
        women=of_women(title, head, f"({slug['league']})" if slug else ""),
        number=number_of(f"{title} {head} {listing.slug}"),
        segment=segment_of(title, sport_of(league)),
        negated=is_denied(title),
        two_way=len(listing.outcomes) == 2 and "yes" not in map(str.lower, listing.outcomes),
    )
    return games_polymarket.asked(game, listing, title, head)


def split_suffix(title: str) -> tuple[str, str]:
    """("CA-45 House winner?", "Republican party") of a plain title with its answer behind a dash.

    The second is "" where there is none.
    """
    head, found, tail = title.rpartition(" - ")
    if found and head.rstrip().endswith(_QUESTION_ENDS):
        return head.strip(), tail.strip()
    head, found, tail = title.rpartition("? - ")
    return (f"{head}?", tail.strip()) if found else (title, "")


def _segment_of_series(series: str) -> str:
    found = _SEGMENT_SERIES.search(series)
    if not found:
        return "series" if series.endswith("SERIES") else ""
    return {"1H": "1h", "2H": "2h", "F5": "f5"}.get(found[1], f"q{found[1][0]}")


def _sides_of_outcomes(listing: Listing) -> tuple[Said, Said] | None:
    if len(listing.outcomes) != 2 or _NO_SIDES & {each.lower() for each in listing.outcomes}:
        return None
    one, two = listing.outcomes
    return Said(one, one, source="outcomes"), Said(two, two, source="outcomes")


def _polymarket_day(
    listing: Listing, title: str, slug: re.Match[str] | None
) -> tuple[Day | tuple[()], bool]:
    """The day of the game, US Eastern, from slug, title or start; True where it may be UTC.

    A title that names another day than the slug is believed: it is what people read.
    """
    for mention in mentions(title):
        if mention.window.first and mention.window.first == mention.window.last:
            return mention.window.last, "20" in mention.window.text and not slug
    if slug:
        year, month, day = (int(part) for part in slug["date"].split("-"))
        return (year, month, day), False
    if listing.starts_at:
        local = listing.starts_at.astimezone(_EASTERN)
        return (local.year, local.month, local.day), False
    years = [m.window.year for m in mentions(f"{title} {listing.event_title}") if m.window.year > 1]
    return ((years[0], 0, 0), False) if years else ((), False)


def _start(listing: Listing) -> int | None:
    """The minute of the day, US Eastern, when the game starts."""
    if listing.starts_at is None:
        return None
    local = listing.starts_at.astimezone(_EASTERN)
    return local.hour * 60 + local.minute
