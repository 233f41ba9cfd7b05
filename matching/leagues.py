"""Leagues and sports: which one a series, a slug or a title names, and whether women play."""

from __future__ import annotations

import re
from typing import Final

# How a Kalshi series begins; the first that fits counts, so that WNBA stands before NBA.
_SERIES_LEAGUES: Final = (
    ("WNBA", "wnba"), ("NBA", "nba"), ("NFL", "nfl"), ("MLB", "mlb"), ("NHL", "nhl"),
    ("NCAAMB", "ncaamb"), ("NCAAWB", "ncaawb"), ("NCAAF", "ncaaf"), ("NCAAB", "ncaab"),
    ("EPL", "epl"), ("LALIGA", "laliga"), ("SERIEA", "seriea"), ("SERIEB", "serieb"),
    ("BUNDESLIGA", "bundesliga"), ("LIGUE", "ligue1"), ("MLS", "mls"), ("UCL", "ucl"),
    ("UEL", "uel"), ("UECL", "uecl"), ("WC", "worldcup"), ("COPADELREY", "copadelrey"),
    ("COPPAITALIA", "coppaitalia"), ("COPADOBRASIL", "copadobrasil"),
    ("BRASILEIRO", "brasileirao"), ("LIGAMX", "ligamx"), ("LIGAPORTUGAL", "primeira"),
    ("EREDIVISIE", "eredivisie"), ("SAUDIPL", "saudi"), ("FACUP", "facup"),
    ("EFL", "championship"), ("ATP", "atp"), ("WTA", "wta"), ("ITF", "itf"), ("UFC", "ufc"),
    ("IPL", "ipl"), ("CS2", "cs2"), ("LOL", "lol"), ("VALORANT", "valorant"), ("DOTA", "dota"),
    ("F1", "f1"), ("AFL", "afl"),
)  # fmt: skip
# How a Polymarket slug begins, where that is not the league's own name.
_SLUG_LEAGUES: Final = {
    "lal": "laliga", "bun": "bundesliga", "fl1": "ligue1", "sea": "seriea", "ere": "eredivisie",
    "bra": "brasileirao", "mex": "ligamx", "por": "primeira", "fif": "worldcup",
    "dota2": "dota", "val": "valorant", "cbb": "ncaamb", "cfb": "ncaaf",
}  # fmt: skip
_LEAGUE_WORDS: Final = (
    (re.compile(r"\bWTA\b"), "wta"),
    (re.compile(r"\bATP\b"), "atp"),
    (re.compile(r"\bITF\b"), "itf"),
    (re.compile(r"\bUFC\b|\bMMA\b"), "ufc"),
    (re.compile(r"\bLoL\b|League of Legends"), "lol"),
    (re.compile(r"Counter-Strike|\bCS2\b"), "cs2"),
    (re.compile(r"\bDota"), "dota"),
    (re.compile(r"\bValorant\b"), "valorant"),
    (re.compile(r"Indian Premier League|\bIPL\b"), "ipl"),
    (re.compile(r"\bWNBA\b"), "wnba"),
    (re.compile(r"\bNBA\b"), "nba"),
    (re.compile(r"\bNFL\b"), "nfl"),
    (re.compile(r"\bMLB\b"), "mlb"),
    (re.compile(r"\bNHL\b"), "nhl"),
    (
        re.compile(
            r"(?:^|[ .])(?:FC|CF|SC|AFC|SV|UD|CD)\b|Exact Score|Both Teams to Score|half-?time"
        ),
        "soccer",
    ),
)
ESPORTS: Final = frozenset({"cs2", "lol", "valorant", "dota"})
_SOCCER: Final = (
    *("epl", "laliga", "seriea", "serieb", "bundesliga", "ligue1", "mls", "ucl", "uel", "uecl"),
    *("worldcup", "copadelrey", "coppaitalia", "copadobrasil", "brasileirao", "ligamx"),
    *("primeira", "eredivisie", "saudi", "facup", "championship"),
    "soccer",  # some league: only its words are known
)
_SPORTS: Final = {
    **dict.fromkeys(("nba", "wnba", "ncaamb", "ncaawb", "ncaab"), "basketball"),
    **dict.fromkeys(("nfl", "ncaaf"), "football"),
    "mlb": "baseball",
    "nhl": "hockey",
    **dict.fromkeys(("atp", "wta", "itf"), "tennis"),
    "ufc": "mma",
    "ipl": "cricket",
    **dict.fromkeys(sorted(ESPORTS), "esports"),
    **dict.fromkeys(_SOCCER, "soccer"),
}
_PLAYED_OUT: Final = frozenset({"basketball", "baseball", "hockey", "tennis"})
_LEAGUES_PLAYED_OUT: Final = frozenset({"ncaaf"})  # overtime without end; the NFL's has one
_WOMEN: Final = re.compile(
    r"\bwomen|\bfemen[ií]n?[oa]?\b|\bfeminin|\bfrauen\b|\bladies\b|\bfemale\b|\(W\)"
    r"|\bWTA\b|\bWNBA\b|\bNWSL\b|\bWSL\b|UWCL|KXWC?WOM|WOMEN|KXWNBA|KXWTA",
    re.IGNORECASE,
)


def league_of_series(series: str) -> str:
    """The league a Kalshi series is about, "" where its name does not say."""
    bare = series.removeprefix("KX")
    return next((league for start, league in _SERIES_LEAGUES if bare.startswith(start)), "")


def league_of_slug(word: str) -> str:
    """The league that the first word of a Polymarket slug means, or a league's own name.

    "" where it is none that has a sport here.
    """
    word = word.lower()
    return _SLUG_LEAGUES.get(word, word if word in _SPORTS else "")


def league_of_words(text: str) -> str:
    """The league that a title names, "soccer" where only the sport shows, "" for none."""
    return next((league for pattern, league in _LEAGUE_WORDS if pattern.search(text)), "")


def sport_of(league: str, series: str = "") -> str:
    """The sport of a league, "" where unknown. Without a league, only soccer shows in a series."""
    if not league and series.endswith(("BTTS", "1H")):
        return "soccer"
    return _SPORTS.get(league, "")


def may_end_level(league: str, sport: str) -> bool:
    """Whether a whole game can end without a winner; of a sport that nobody knows it can."""
    return sport not in _PLAYED_OUT and league not in _LEAGUES_PLAYED_OUT


def of_women(*texts: str) -> bool:
    """Whether any text says that women play."""
    return any(_WOMEN.search(text) for text in texts)
