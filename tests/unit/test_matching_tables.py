"""The alias tables: every file loads, and no name that should name one thing names two."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

import pytest

from matching import tables
from matching.text import name_key

TEAMS: Final = {"nba": 30, "nfl": 32, "mlb": 30, "nhl": 32, "wnba": 15}
KINDS: Final = {"crypto", "index", "stock", "commodity", "fx", "rate"}


def shared(named: Iterable[tuple[str, Iterable[str]]]) -> dict[str, set[str]]:
    """The folded names that belong to more than one owner, with their owners."""
    owners: dict[str, set[str]] = defaultdict(set)
    for owner, names in named:
        for name in names:
            owners[name_key(name).replace(" ", "")].add(owner)
    return {name: who for name, who in owners.items() if len(who) > 1}


def repeated(values: Iterable[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


def every_name() -> list[str]:
    """All names of all tables that carry names."""
    found: list[str] = []
    for team in tables.teams():
        found += [team.nick, team.short, *team.codes, *team.aliases]
    for club in tables.clubs():
        found += [club.name, club.league, *club.aliases, *club.local, *club.codes]
    for country in tables.countries():
        found += [country.name, *country.aliases, *country.codes, *country.demonyms]
    for rows in (tables.assets(), tables.banks(), tables.parties()):
        found += [name for row in rows for name in (row.id, *row.names)]
    for person in tables.people():
        found += [person.name, *person.aliases, *person.excludes]
    return found


def test_every_league_has_all_its_teams() -> None:
    assert Counter(team.league for team in tables.teams()) == TEAMS
    assert {league.id for league in tables.leagues()} == set(TEAMS)
    assert all(league.name and league.sport and league.aliases for league in tables.leagues())


def test_the_two_groups_of_a_league_are_equally_large() -> None:
    sizes = Counter((t.league, t.group) for t in tables.teams() if t.league != "wnba")
    assert sorted((league, size) for (league, _), size in sizes.items()) == sorted(
        2 * [("nba", 15), ("nfl", 16), ("mlb", 15), ("nhl", 16)]
    )


@pytest.mark.parametrize("league", TEAMS)
def test_a_name_means_one_team_of_its_league(league: str) -> None:
    teams = [team for team in tables.teams() if team.league == league]
    assert not repeated(team.id for team in teams)
    assert not repeated(code for team in teams for code in team.codes)
    assert all(team.id in team.codes for team in teams)
    assert not shared(
        (team.id, [team.nick, team.short, f"{team.place} {team.nick}", *team.aliases])
        for team in teams
    )


@pytest.mark.parametrize("league", TEAMS)
def test_a_place_of_two_teams_is_nobodys_name(league: str) -> None:
    teams = [team for team in tables.teams() if team.league == league]
    places = repeated(team.place for team in teams)
    for team in teams:
        assert not {team.short, *team.aliases} & set(places)


def test_the_big_tables_are_complete() -> None:
    assert len(tables.states()) == 51
    assert len(tables.countries()) >= 200
    assert len(tables.clubs()) >= 300


def test_a_name_means_one_club() -> None:
    assert not shared((club.name, [club.name, *club.aliases]) for club in tables.clubs())
    assert not repeated(club.name for club in tables.clubs())


def test_a_local_name_or_code_means_one_club_of_its_league() -> None:
    by_league: dict[str, list[tables.Club]] = defaultdict(list)
    for club in tables.clubs():
        by_league[club.league].append(club)
    for clubs in by_league.values():
        assert not repeated(code for club in clubs for code in club.codes)
        assert not shared((c.name, [c.name, *c.aliases, *c.local]) for c in clubs)


def test_a_name_or_code_means_one_country() -> None:
    countries = tables.countries()
    assert not shared((c.name, [c.name, *c.aliases, *c.demonyms]) for c in countries)
    assert not repeated(code for country in countries for code in country.codes)


@pytest.mark.parametrize("word", ["Congo", "Congolese", "Korea", "Korean", "Dominican"])
def test_a_word_of_two_countries_is_nobodys_name(word: str) -> None:
    for country in tables.countries():
        assert word not in {country.name, *country.aliases, *country.demonyms}


def test_a_name_or_code_means_one_state() -> None:
    assert not repeated(state.name for state in tables.states())
    assert not repeated(state.code for state in tables.states())


def test_a_name_means_one_asset_one_bank_one_party() -> None:
    for rows in (tables.assets(), tables.banks(), tables.parties()):
        assert not repeated(row.id for row in rows)
        assert not shared((row.id, row.names) for row in rows)
    assert {asset.kind for asset in tables.assets()} == KINDS


def test_a_series_belongs_to_one_asset_one_bank_one_statistic() -> None:
    for rows in (tables.assets(), tables.banks(), tables.statistics()):
        assert not repeated(name for row in rows for name in row.series)


def test_a_country_named_elsewhere_is_in_the_table_of_countries() -> None:
    known = {country.name for country in tables.countries()} | {""}
    for rows in (tables.banks(), tables.parties(), tables.statistics(), tables.series()):
        assert not {row.country for row in rows} - known


def test_statistics_are_written_in_lower_case_words_and_a_step() -> None:
    for statistic in tables.statistics():
        words = [*statistic.excludes, *(word for phrase in statistic.phrases for word in phrase)]
        assert all(word == word.lower() and " " not in word for word in words)
        assert not any(set(phrase) & set(statistic.excludes) for phrase in statistic.phrases)
        assert not statistic.grid or Decimal(statistic.grid) > 0
    assert not repeated(statistic.id for statistic in tables.statistics())


def test_what_a_series_fixes_agrees_with_its_statistic() -> None:
    known = {statistic.id: statistic for statistic in tables.statistics()}
    assert not repeated(row.name for row in tables.series())
    for row in tables.series():
        assert row.name in known[row.statistic].series


def test_a_name_means_one_person_and_never_one_of_the_others() -> None:
    people = tables.people()
    assert not shared((p.name, [p.name, *p.aliases]) for p in people)
    for person in people:
        assert not {person.name, *person.aliases} & set(person.excludes)
    trump = next(person for person in people if "Trump" in person.aliases)
    assert trump.name == "Donald Trump"
    assert {"Donald Trump Jr.", "Eric Trump"} <= set(trump.excludes)


def test_nicknames_are_lists_of_single_lower_case_words() -> None:
    groups = tables.nicknames()
    assert len({frozenset(group) for group in groups}) == len(groups)
    assert all(len(set(group)) == len(group) > 1 for group in groups)
    assert all(name.isalpha() and name == name.lower() for group in groups for name in group)


def test_no_name_is_empty_or_padded() -> None:
    assert all(name and name == name.strip() for name in every_name())
