"""The countries and states that a text names."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from matching.lexicon import any_of
from matching.tables import countries, states
from matching.terms import Said


def country_in(low: str) -> Said | None:
    """The first country that a text in lower case names (a demonym counts)."""
    pattern, names = _countries()
    found = pattern.search(low)
    return Said(names[found[0]], found[0]) if found else None


def state_in(low: str) -> Said | None:
    """The code of the first American state that a text in lower case names."""
    pattern, names = _states()
    found = pattern.search(low)
    return Said(names[found[0]], found[0]) if found else None


@lru_cache(maxsize=1 << 9)
def country_words(place: Said | None) -> frozenset[str]:
    """Every word of a country's names, demonyms included; another country's are not explained."""
    names = [name for name, country in _countries()[1].items() if place and country == place.value]
    return frozenset(word for name in names for word in name.split())


@cache
def _countries() -> tuple[re.Pattern[str], dict[str, str]]:
    found = {
        name.lower(): country.name
        for country in countries()
        for name in (country.name, *country.aliases, *country.demonyms)
    }
    found |= {"euro area": "Euro area", "eurozone": "Euro area"}
    return any_of((name for name in found if len(name) > 1), not_after=r"\w."), found


@cache
def _states() -> tuple[re.Pattern[str], dict[str, str]]:
    names = {state.name.lower(): state.code for state in states()}
    return any_of(names), names
