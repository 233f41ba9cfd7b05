"""Who is who among teams and players: one side of a game under the names of two venues.

A resemblance goes from 1 (surely one side) over 0.5 (unknown) and 0 (no word in common) to -1
(surely two).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Final, TypeAlias

from matching.leagues import ESPORTS, league_of_series
from matching.tables import clubs, countries, teams
from matching.terms import Pick, Said
from matching.text import name_key

TwoSides: TypeAlias = tuple[Said | None, Said | None]

# Words that make another school, squad or town of a name that is part of it.
APART: Final = frozenset(
    {
        *("state", "tech", "central", "north", "south", "east", "west", "northern", "southern"),
        *("eastern", "western", "atlantic", "coastal", "gulf", "upstate", "am", "am.", "a&m"),
        *("academy", "poly", "international", "christian", "wesleyan", "baptist", "methodist"),
        *("challengers", "ii", "iii", "b", "u17", "u18", "u19", "u20", "u21", "u23", "youth"),
        *("junior", "juniors", "reserves", "jong", "new", "dr", "democratic", "force"),
        *("women", "womens", "ladies", "frauen", "femeni", "femenino", "femenina", "feminino"),
        *("feminines", "marymount", "castilla"),
    }
)
# Words in club names that tell no club from another.
_CLUB_WORDS: Final = frozenset(
    {
        *("fc", "cf", "sc", "ac", "as", "ss", "sk", "afc", "cd", "ud", "rcd", "sd", "ca", "rc"),
        *("sv", "vfb", "vfl", "tsg", "fsv", "bsc", "us", "ssc", "og", "ogc", "losc", "acf", "bc"),
        *("cp", "bk", "if", "ff", "fk", "kv", "nk", "hnk", "mfk", "club", "clube", "futebol"),
        *("de", "do", "da", "del", "la", "le", "the"),
        *("esports", "gaming", "team", "basketball"),
    }
)
_CONTEXT: Final = {
    "worldcup": "world_cup",
    "ucl": "champions_league",
    "uel": "europa_league",
    "epl": "premier_league",
    "seriea": "serie_a",
    "ligue1": "ligue_1",
}
_CLUB_LEAGUES: Final = {
    "epl": "Premier League",
    "laliga": "La Liga",
    "seriea": "Serie A",
    "serieb": "Serie B",
    "bundesliga": "Bundesliga",
    "ligue1": "Ligue 1",
    "mls": "MLS",
    "brasileirao": "Brasileirão",
    "ligamx": "Liga MX",
    "primeira": "Primeira Liga",
    "eredivisie": "Eredivisie",
    "saudi": "Saudi Pro League",
    "championship": "Championship",
}
_PART: Final = 0.9  # all words of one name stand in the other, which has more
_UNNAMED: Final = 0.75  # how well a code fits a side that nobody names
_TURNED: Final = 0.98  # a ticker names the two sides in its title's order, mostly


def pick(named: str, code: str, pair: TwoSides) -> Pick:
    """Which of two sides a name means, else a code; NONE where both fit alike or they disagree."""
    a, b = pair
    if a is None or b is None:
        return Pick.NONE
    by_name = _surer(resemblance(named, a.value), resemblance(named, b.value), 0.8, named)
    by_code = _surer(code_fits(code, a.value), code_fits(code, b.value), 0.6, code)
    if Pick.NONE in (by_name, by_code):
        return by_name if by_code is Pick.NONE else by_code
    return by_name if by_name is by_code else Pick.NONE


def _surer(one: float, two: float, least: float, said: str) -> Pick:
    if not said or max(one, two) < least or one == two:
        return Pick.NONE
    return Pick.A if one > two else Pick.B


def context_of_series(series: str) -> frozenset[str]:
    """What a Kalshi series is about without its titles saying so."""
    league = league_of_series(series)
    return frozenset({_CONTEXT.get(league, league)}) if league else frozenset()


def league_of_pair(a: Said | None, b: Said | None) -> str:
    """The one American league in which both names are teams, "" for none or several."""
    if a is None or b is None:
        return ""
    both = {x for x, _ in team_ids(a.value)} & {x for x, _ in team_ids(b.value)}
    return both.pop() if len(both) == 1 else ""


def known(name: str) -> str:
    """The club or country that a name means, "" where no table has it."""
    return _club_names().get(name_key(name), "")


def team_ids(name: str) -> frozenset[tuple[str, str]]:
    """(league, id) of every American team that bears a name."""
    key = name_key(name)
    return _team_names().get(key) or _team_names().get(key.removeprefix("the "), frozenset())


@lru_cache(maxsize=1 << 15)
def tokens(name: str) -> tuple[str, ...]:
    """The words that tell one side from another; all words where every one is a club word."""
    every = name_key(name).split()
    if len(every) > 1 and "st" in every[1:]:  # "Ohio St." is Ohio State, "St. Louis" is a saint
        every = [word if word != "st" or not at else "state" for at, word in enumerate(every)]
    telling = [word for word in every if word not in _CLUB_WORDS and not word.isdigit()]
    return tuple(telling or every)


def alike(one: str, two: str) -> bool:
    """Whether two words are one: equal, a long beginning, an initial, or a slip of two letters."""
    if one == two:
        return True
    short, long = sorted((one, two), key=len)
    begins = len(short) == 1 or (len(short) >= 4 and len(long) - len(short) <= 9)
    if begins and long.startswith(short):
        return True
    return len(short) >= 6 and abs(len(long) - len(short)) <= 1 and slip(short, long)


def slip(one: str, two: str) -> bool:
    """One letter more in `two`, one other letter, or two that changed places."""
    if len(one) != len(two):
        return any(two[:i] + two[i + 1 :] == one for i in range(len(two)))
    other = [i for i, (a, b) in enumerate(zip(one, two, strict=True)) if a != b]
    if len(other) == 2 and other[1] == other[0] + 1:
        return one[other[0]] == two[other[1]] and one[other[1]] == two[other[0]]
    return len(other) <= 1


@lru_cache(maxsize=1 << 16)
def resemblance(one: str, two: str, league: str = "") -> float:
    """How surely two names are one side: by the tables where both stand there, else by words."""
    if not one or not two:
        return 0.5
    ids, other_ids = _ids_in(league, one), _ids_in(league, two)
    if ids and other_ids:
        if not ids & other_ids:
            return -1.0
        return 1.0 if len(ids) == len(other_ids) == 1 else 0.8
    club, other_club = _club(one, league), _club(two, league)
    if club and other_club:
        return 1.0 if club == other_club else -1.0
    if name_key(one).replace(" ", "") == name_key(two).replace(" ", ""):
        return 1.0  # "TheMongolz"
    found = _by_words(tokens(one), tokens(two))
    shorter_is_known = club if len(tokens(one)) < len(tokens(two)) else other_club
    if bool(club) != bool(other_club) and shorter_is_known and found == _PART:
        return 0.7  # a name in the tables, and one with a word more that is none of its own
    if league in ESPORTS and 0 < found < 0.95:
        return 0.5  # a club's other squads bear its name and a word more
    return found


@lru_cache(maxsize=1 << 15)
def code_fits(code: str, name: str) -> float:
    """How well a ticker's code abbreviates a name: 1 its own, less for a beginning or letters."""
    code = re.sub(r"\d+$", "", code.lower()) or code.lower()
    if not code or not name:
        return 0.0
    if _has_code(name, code.upper()):
        return 1.0
    every, telling = name_key(name).split(), tokens(name)
    if _begins(code, every, telling):
        return 0.9
    if len(code) >= 3 and _scattered(code, "".join(telling)):
        return 0.7
    if len(code) >= 3 and _scattered(code, "".join(every)):
        return 0.6
    return 0.0


@lru_cache(maxsize=1 << 15)
def codes_fit(codes: str, one: str, two: str) -> float:
    """How well the two joined codes of a ticker split into abbreviations of the two names."""
    best = 0.0
    for at in range(2, len(codes) - 1):
        first, second = codes[:at], codes[at:]
        straight = min(_fits(first, one), _fits(second, two))
        turned = min(_fits(second, one), _fits(first, two)) * _TURNED
        best = max(best, straight, turned)
    return best


def _ids_in(league: str, name: str) -> frozenset[tuple[str, str]]:
    """The teams of a name in one league; in every league where that one has none."""
    ids = team_ids(name)
    return frozenset(x for x in ids if x[0] == league) or ids


def _club(name: str, league: str) -> str:
    key = name_key(name)
    local = _local_names().get((_CLUB_LEAGUES.get(league, ""), key), "")
    return local or _club_names().get(key, "")


def _by_words(one: tuple[str, ...], two: tuple[str, ...]) -> float:
    """The share of the shorter name's words that the longer one has, 0 below all but one."""
    short, long = sorted((one, two), key=len)
    if not short:
        return 0.5
    hits = sum(any(alike(word, other) for other in long) for word in short)
    if hits == len(short) and _others(short, long) & APART:
        return -1.0
    if hits == len(short):
        return 0.95 if len(short) == len(long) else _PART
    if len(long) >= 2 and _initials(long) == "".join(short):
        return 0.85
    return -1.0 if hits and len(short) > 1 else 0.0  # a common word, and each its own besides


def _others(short: tuple[str, ...], long: tuple[str, ...]) -> set[str]:
    """The words of the longer name that the shorter one does not have."""
    return {word for word in long if not any(alike(word, other) for other in short)}


def _initials(words: Iterable[str]) -> str:
    return "".join(word[0] for word in words)


def _has_code(name: str, code: str) -> bool:
    """Whether the tables give a team, club or country of that name this very code."""
    if any(code in _team_codes()[team] for team in team_ids(name)):
        return True
    return code in _club_codes().get(known(name), ())


def _begins(code: str, every: list[str], telling: tuple[str, ...]) -> bool:
    """Whether a code begins the name or one of its words, or is their initials."""
    if len(code) >= 3 and any(word.startswith(code) for word in every):
        return True
    if len(code) >= 3 and code in (f"{_initials(every)}u", f"u{_initials(every)}"):
        return True  # a university's
    if "".join(telling).startswith(code) or any(word.startswith(code) for word in telling):
        return True
    return len(code) >= 2 and code in (_initials(every), _initials(telling))


def _scattered(code: str, text: str) -> bool:
    """Whether the letters stand in the text in this order, the first one first."""
    if not text.startswith(code[0]):
        return False
    at = 0
    for letter in code:
        at = text.find(letter, at) + 1
        if not at:
            return False
    return True


def _fits(code: str, name: str) -> float:
    return code_fits(code, name) if name else _UNNAMED


@cache
def _team_names() -> dict[str, frozenset[tuple[str, str]]]:
    """Every folded name of a team → (league, id); a name of several teams has them all."""
    found: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for team in teams():
        place, nick = name_key(team.place), name_key(team.nick)
        names = {place, nick, f"{place} {nick}", name_key(team.short), *map(name_key, team.aliases)}
        for name in names - {""}:
            found[name].add((team.league, team.id))
    return {name: frozenset(ids) for name, ids in found.items()}


@cache
def _team_codes() -> dict[tuple[str, str], frozenset[str]]:
    return {(team.league, team.id): frozenset((team.id, *team.codes)) for team in teams()}


@cache
def _club_names() -> dict[str, str]:
    """Every folded name of a club or country → its first one; a club goes before a country."""
    found = {}
    for club in clubs():
        for name in (club.name, *club.aliases):
            found[name_key(name)] = name_key(club.name)
    for country in countries():
        for name in (country.name, *country.aliases):
            found.setdefault(name_key(name), name_key(country.name))
    return found


@cache
def _local_names() -> dict[tuple[str, str], str]:
    """Names that mean a club only beside its league ("Los Angeles" in MLS)."""
    return {
        (club.league, name_key(name)): name_key(club.name)
        for club in clubs()
        for name in club.local
    }


@cache
def _club_codes() -> dict[str, frozenset[str]]:
    return {name_key(club.name): frozenset(club.codes) for club in clubs()}
