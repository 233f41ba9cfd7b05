"""The names under which both venues speak of one thing: the tables of data/*.toml as values.

Each file says at its top what its names are safe for. Names stand as people write them; who
compares them folds both sides with `text.name_key`. Every table is read once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from typing import Any, Final, TypeVar

Names = tuple[str, ...]
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class League:
    id: str  # as Team.league names it
    name: str
    sport: str
    aliases: Names


@dataclass(frozen=True, slots=True)
class Team:
    """Nick, short, aliases and codes are unique inside its league and only there."""

    league: str
    id: str
    place: str  # "" for the Athletics
    nick: str
    short: str  # how Kalshi writes it: "Los Angeles L"
    codes: Names
    group: str
    aliases: Names


@dataclass(frozen=True, slots=True)
class Club:
    """A soccer club; its local names and its codes are safe only beside its league."""

    name: str
    league: str
    aliases: Names
    local: Names
    codes: Names


@dataclass(frozen=True, slots=True)
class Country:
    name: str
    aliases: Names
    codes: Names  # for tickers, never for prose
    demonyms: Names


@dataclass(frozen=True, slots=True)
class State:
    name: str
    code: str


@dataclass(frozen=True, slots=True)
class Asset:
    id: str
    names: Names
    kind: str  # crypto, index, stock, commodity, fx or rate
    series: Names  # beginnings of Kalshi series


@dataclass(frozen=True, slots=True)
class Bank:
    """A central bank; others may share its rates, nobody its names."""

    id: str
    names: Names
    country: str
    rates: Names
    series: Names


@dataclass(frozen=True, slots=True)
class Statistic:
    """A title speaks of it if all words of one phrase occur in it and none of the excludes."""

    id: str
    country: str  # what the words imply; "" if the title must say it
    grid: str  # the step in which it is published, as text; "" if unknown
    unit: str
    series: Names
    phrases: tuple[Names, ...]
    excludes: Names


@dataclass(frozen=True, slots=True)
class Series:
    """What the name of a Kalshi series fixes beside the statistic."""

    name: str
    statistic: str
    country: str
    release: str  # "flash", "advance", "preliminary"; "" if there is one only


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    aliases: Names
    excludes: Names  # others who could be taken for this one


@dataclass(frozen=True, slots=True)
class Party:
    id: str
    country: str
    names: Names
    codes: Names


def _rows(kind: type[Row], file: str, table: str) -> tuple[Row, ...]:
    return tuple(kind(**_fields(row)) for row in document(file)[table])


def _leagues() -> tuple[League, ...]:
    found = document("teams").items()
    return tuple(League(id=id, **_fields(row, but="teams")) for id, row in found)


def _teams() -> tuple[Team, ...]:
    found = document("teams").items()
    return tuple(Team(league=id, **_fields(row)) for id, table in found for row in table["teams"])


def _nicknames() -> tuple[Names, ...]:
    return tuple(tuple(row["names"]) for row in document("people")["nicknames"])


def _fields(row: Mapping[str, Any], but: str = "") -> dict[str, Any]:
    """Lists become tuples; the key `not`, which Python has for itself, becomes `excludes`."""
    return {("excludes" if k == "not" else k): _frozen(v) for k, v in row.items() if k != but}


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


@cache
def document(name: str) -> dict[str, Any]:
    """data/`name`.toml as it stands there; nobody changes what is returned."""
    return tomllib.loads(files("matching").joinpath(f"data/{name}.toml").read_text("utf-8"))


leagues: Final = cache(_leagues)
teams: Final = cache(_teams)
clubs: Final = cache(partial(_rows, Club, "clubs", "clubs"))
countries: Final = cache(partial(_rows, Country, "countries", "countries"))
states: Final = cache(partial(_rows, State, "states", "states"))
assets: Final = cache(partial(_rows, Asset, "assets", "assets"))
banks: Final = cache(partial(_rows, Bank, "banks", "banks"))
statistics: Final = cache(partial(_rows, Statistic, "statistics", "statistics"))
series: Final = cache(partial(_rows, Series, "statistics", "series"))
people: Final = cache(partial(_rows, Person, "people", "people"))
nicknames: Final = cache(_nicknames)
parties: Final = cache(partial(_rows, Party, "parties", "parties"))
