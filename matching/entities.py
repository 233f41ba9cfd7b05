"""Whether two names are one person, party, team, country or thing."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final, NamedTuple

from matching import sides
from matching.lexicon import canonical, rewritten, word_set
from matching.tables import nicknames, parties, people
from matching.terms import Said
from matching.text import name_key
from matching.verdict import Agreement

_SUFFIXES: Final = frozenset({"jr", "sr", "ii", "iii", "iv"})
_TITLES: Final = word_set("titles")
_NO_NAMES: Final = word_set("no_names")
_PARTY_LETTERS: Final = {"D": "democratic", "R": "republican"}
_ARTICLE: Final = re.compile(r"^(?:the|a) ")
_ANY_ARTICLE: Final = re.compile(r"^(?:the|a|an) ")
_JOINT: Final = re.compile(r" (?:and|x|&) ")
_LAST_DIGITS: Final = re.compile(r"\d+$")
_LONG: Final = 6  # letters from which on two names may differ by a slip of the pen
_PARTY_SERIES: Final = re.compile(r"HOUSE|SENATE|GOV|PARTY|STATELEG|CONTROL|PRESPARTY")


class Likeness(NamedTuple):
    """How two subjects compare; `how` names the bridge, if one was needed."""

    agreement: Agreement
    how: str = ""


_SAME: Final = Likeness(Agreement.AGREE)
_OTHER: Final = Likeness(Agreement.CONFLICT)
_UNKNOWN: Final = Likeness(Agreement.UNKNOWN)
_KIND: Final = Likeness(Agreement.CONFLICT, "another kind")
_SHORTER: Final = Likeness(Agreement.BRIDGED, "subject_short_name")
_FROM_TICKER: Final = Likeness(Agreement.BRIDGED, "subject_from_ticker")
_RANKS: Final = (Agreement.CONFLICT, Agreement.UNKNOWN, Agreement.BRIDGED, Agreement.AGREE)


def compare(
    k: Said | None,
    code: str,
    series: str,
    p: Said | None,
    leagues: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset()),
) -> Likeness:
    """Kalshi's subject (or its ticker's code, where no text names one) against Polymarket's.

    `leagues` of both markets, as far as they say: Boston is a team in many.
    """
    if p is None:
        return _UNKNOWN if k or code else _SAME
    party = _party_of_code(code, series)
    if party and (found := _by_party_code(party, k, p)):
        return found
    if k is None:
        return _by_code(code, p.value)
    if any(leagues) and sides.team_ids(p.value) and _apart_by_league(k, p, *leagues):
        return _OTHER
    return names(k.value, p.value)


@lru_cache(maxsize=1 << 16)
def names(one: str, two: str) -> Likeness:
    """Two names as texts give them."""
    a, b = name_key(one), name_key(two)
    if a == b or rewritten(a).split() == rewritten(b).split():
        return _SAME
    if _common(one) or _common(two):
        same = frozenset(canonical(one)) == frozenset(canonical(two))
        return _SAME if same and not party_of(one) else _by_party(one, two)
    joint, others = _several(one), _several(two)
    if (len(joint) > 1 or len(others) > 1) and not sides.known(one) and not sides.known(two):
        return _jointly(joint, others)
    if party_of(one) or party_of(two):
        return _by_party(one, two)
    if (x := _person(a)) and (y := _person(b)):
        return _SAME if x == y else _OTHER
    if (teams := sides.team_ids(one)) and (others_teams := sides.team_ids(two)):
        return _SAME if teams & others_teams else _OTHER
    known, other_known = sides.known(one), sides.known(two)
    if known and other_known:
        return _SAME if known == other_known else _OTHER
    return _words(_person(a) or a, _person(b) or b)


@lru_cache(maxsize=1 << 14)
def party_of(name: str) -> str:
    """The party that a name means, "" for none."""
    key = _ARTICLE.sub("", name_key(name))
    return _parties().get(key) or _parties().get(key.removesuffix(" party"), "")


@lru_cache(maxsize=1 << 14)
def _party_of_code(code: str, series: str) -> str:
    """The American party of a ticker's last letter, in series whose markets are parties."""
    if not _PARTY_SERIES.search(series) or "NOM" in series:
        return ""
    return party_of(_PARTY_LETTERS.get(code, ""))


def _by_party_code(party: str, k: Said | None, p: Said) -> Likeness | None:
    """The party of a ticker's letter against Polymarket's; None where no text names a party."""
    named = party_of(k.value) if k else ""
    if other := party_of(p.value):
        same = _SAME if named == party else _FROM_TICKER
        return same if party == other else _OTHER
    return _OTHER if named else None


@lru_cache(maxsize=1 << 15)
def _by_code(code: str, name: str) -> Likeness:
    """A subject that only the ticker's last part abbreviates: bridged where it fits well."""
    if not code or not name:
        return _UNKNOWN
    return _FROM_TICKER if _code_names(code, name) else _OTHER


def _code_names(code: str, name: str) -> bool:
    """Whether a ticker's code abbreviates a name: RDES of Ron DeSantis, MR of Marco Rubio."""
    code = _LAST_DIGITS.sub("", code.lower())
    key = name_key(name)
    words = _bare(key)
    if not code or not words:
        return False
    suffix = _suffix(key)
    if suffix and not any(word in code for word in suffix):
        return False
    surname, first = words[-1], words[0]
    joined = "".join(words[1:])
    if len(words) == 1:
        return surname.startswith(code) or (len(code) >= 3 and sides.code_fits(code, name) >= 0.7)
    if len(code) >= 2 and code == "".join(word[0] for word in words):
        return True
    if len(code) >= 3:
        after_initial = surname.startswith(code[1:]) or joined.startswith(code[1:])
        if code[0] == first[0] and after_initial:
            return True
        if first.startswith(code) or surname.startswith(code):
            return True
    return sides.code_fits(code, name) >= 0.9


def _apart_by_league(k: Said, p: Said, ours: frozenset[str], theirs: frozenset[str]) -> bool:
    """Whether two teams cannot be one in the leagues that the markets are about."""
    if ours and theirs and not ours & theirs:
        return True
    allowed = ours & theirs or ours or theirs
    both = sides.team_ids(k.value) & sides.team_ids(p.value)
    return bool(both) and not any(league in allowed for league, _ in both)


def _common(name: str) -> bool:
    """Whether a subject is told by common words ("a major hurricane"), not by a name."""
    bare = _ANY_ARTICLE.sub("", name)
    return bare[:1].islower() or name.startswith(("a ", "an "))


def _by_party(one: str, two: str) -> Likeness:
    party, other = party_of(one), party_of(two)
    if not party and not other:
        return _UNKNOWN
    if party == other:
        return _SAME
    return _OTHER if party and other else _KIND


def _several(name: str) -> tuple[str, ...]:
    """The names of a joint subject ("Iran and Israel", "Trump x Putin")."""
    return tuple(part for part in _JOINT.split(name) if part)


def _jointly(one: tuple[str, ...], two: tuple[str, ...]) -> Likeness:
    """Joint subjects are one where each has its like on the other side, in any order."""
    if len(one) != len(two):
        return _OTHER
    found = [max((names(a, b) for b in two), key=_rank) for a in one]
    return min(found, key=_rank)


def _rank(likeness: Likeness) -> int:
    return _RANKS.index(likeness.agreement)


def _person(key: str) -> str:
    return _people().get(key, "")


@cache
def _people() -> dict[str, str]:
    return {
        name_key(name): name_key(person.name)
        for person in people()
        for name in (person.name, *person.aliases)
    }


def _words(one: str, two: str) -> Likeness:
    """Names word by word: a person's surname must agree, and every word that both sides say."""
    a, b = _bare(one), _bare(two)
    if not a or not b or _suffix(one) != _suffix(two):
        return _OTHER
    if a == b:
        return _SAME
    short, long = sorted((a, b), key=len)
    numbers, others = ([word for word in words if word.isdigit()] for words in (a, b))
    if numbers or others:  # a model, an edition: no person with a middle name
        return _UNKNOWN if numbers == others else _OTHER
    if len(short) >= 2 and _one_person(short, long):
        return _SAME
    if len(short) >= 2 and long[:-1] == short and _is_name(long):
        return _OTHER if long[-1] in sides.APART else _SHORTER
    return _UNKNOWN if all(_in(word, long) for word in short) else _OTHER


@lru_cache(maxsize=1 << 15)
def _bare(name: str) -> tuple[str, ...]:
    """The words of a folded name without "Jr." and "Senator"."""
    every = [word for word in name.split() if word not in _SUFFIXES]
    every[1:] = ["state" if word == "st" else word for word in every[1:]]
    if "of" in every:  # "the Governor of Texas": the office is the name
        return tuple(every)
    telling = [word for word in every if word not in _TITLES]
    return tuple(telling or every)


def _suffix(name: str) -> frozenset[str]:
    return frozenset(name.split()) & _SUFFIXES


def _one_person(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """One surname, one given name, and no middle name that the longer name does not have."""
    if not _alike_names(short[-1], long[-1]):
        return False
    if short[0] != long[0] and not _given(short[0], long[0]):
        return False
    middle, others = short[1:-1], long[1:-1]
    return all(any(_middle(word, other) for other in others) for word in middle)


def _middle(one: str, two: str) -> bool:
    """Middle names that are one; a letter stands for any that begins with it."""
    if min(len(one), len(two)) == 1:
        return one[0] == two[0]
    return _alike_names(one, two)


def _alike_names(one: str, two: str) -> bool:
    """Equal, or a slip of the pen in a long word; a beginning is not enough for a name."""
    if one == two:
        return True
    if one[0] != two[0] or min(len(one), len(two)) < _LONG:
        return False
    return sides.alike(one, two) and abs(len(one) - len(two)) <= 1


def _given(one: str, two: str) -> bool:
    """Given names that are one: nicknames and initials ("J" of JD, "Mike" of Michael)."""
    if two in _nicknames().get(one, ()):
        return True
    short, long = sorted((one, two), key=len)
    return len(short) <= 2 and long.startswith(short)


@cache
def _nicknames() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for group in nicknames():
        for name in group:
            found.setdefault(name, set()).update(group)
    return {name: frozenset(others) for name, others in found.items()}


def _in(word: str, others: tuple[str, ...]) -> bool:
    return any(_alike_names(word, other) for other in others)


def _is_name(words: tuple[str, ...]) -> bool:
    return all(word.isalpha() and len(word) > 2 and word not in _NO_NAMES for word in words)


@cache
def _parties() -> dict[str, str]:
    return {name_key(name): party.id for party in parties() for name in party.names}
