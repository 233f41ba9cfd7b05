"""Terms → search keys: what two listings of one event are likely to have in common."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from matching import sides
from matching.entities import party_of
from matching.terms import Claim, Game, Pick, Terms
from matching.text import name_key

_GRAM: Final = 4


def keys(terms: Terms) -> frozenset[str]:
    """Every key of a listing; rare ones decide (index.py)."""
    body = terms.body
    found = _game(body) if isinstance(body, Game) else _claim(terms, body)
    return frozenset(found)


def grams(terms: Terms) -> frozenset[str]:
    """Character pieces of the telling words, for names that two venues spell otherwise."""
    return frozenset(gram for word in _words(terms) for gram in _pieces(word))


def _words(terms: Terms) -> Iterator[str]:
    body = terms.body
    if isinstance(body, Game):
        for side in body.sides:
            if side:
                yield from sides.tokens(side.value)
        return
    if body.subject:
        yield from name_key(body.subject.value).split()
    yield from body.tokens


@lru_cache(maxsize=1 << 15)
def _pieces(word: str) -> tuple[str, ...]:
    padded = f"^{word}$"
    return tuple(f"c|{padded[i : i + _GRAM]}" for i in range(len(padded) - _GRAM + 1))


def _game(game: Game) -> Iterator[str]:
    """Sides by word and by likely code, each with the day, and both with what is asked."""
    day = f"{game.day[1]:02d}{game.day[2]:02d}" if game.day else ""
    asked = _asked(game)
    marks = set[str]()
    for side in game.sides:
        if side:
            marks.update(_marks(side.value, game.league))
    if game.codes:
        marks.update(_code_marks(game.codes))
    for mark in marks:
        yield f"g|{mark}"
        yield f"g|{mark}|{asked}"
        if day:
            yield f"g|{mark}|{day}"
            yield f"g|{mark}|{day}|{asked}"
    if game.score:
        yield f"s|{sorted(game.score)}"
    for word in game.words:
        yield f"w|{word.lower()}"


def _asked(game: Game) -> str:
    pick = "draw" if game.pick is Pick.DRAW else ""
    line = "" if game.line is None else str(abs(game.line))
    return f"{game.segment}{game.what}{line}{pick}"


@lru_cache(maxsize=1 << 14)
def _marks(name: str, league: str) -> tuple[str, ...]:
    """Words and three-letter beginnings that a side may be known by, and its team's id."""
    found = {word for word in sides.tokens(name) if len(word) > 2}
    ids = sides.team_ids(name)
    if league:
        ids = frozenset(team for team in ids if team[0] == league) or ids
    found.update(f"{x}:{y}" for x, y in ids)
    every = name_key(name).split()
    found.update(word[:3] for word in every if len(word) >= 3)
    initials = "".join(word[0] for word in every)
    if len(initials) >= 2:
        found.add(initials[:3])
    return tuple(found)


@lru_cache(maxsize=1 << 14)
def _code_marks(codes: str) -> tuple[str, ...]:
    parts = codes.lower().split()
    if len(parts) == 2:
        return tuple(part[:3] for part in parts)
    joined = parts[0] if parts else ""
    if len(joined) < 4:
        return (joined,)
    return tuple({joined[:2], joined[:3], joined[-3:], joined[-2:]})


def _claim(terms: Terms, claim: Claim) -> Iterator[str]:
    day = _day(terms)
    if claim.topic:
        yield from _topic(claim, day)
    for word in claim.tokens:
        yield f"w|{word}"
    names = _name_marks(claim)
    for mark in names:
        yield f"n|{mark}"
        for word in claim.tokens:
            yield f"n|{mark}|{word}"
    if claim.numbers and not claim.topic:
        yield f"v|{claim.numbers.values.parts}"
        for word in claim.tokens:
            yield f"v|{claim.numbers.values.parts}|{word}"
    if claim.ranks:
        yield f"r|{claim.ranks.parts}"
    if day:
        yield f"d|{day}"
    if terms.year:
        yield f"y|{terms.year}"


def _topic(claim: Claim, day: str) -> Iterator[str]:
    assert claim.topic
    whom = claim.subject.value if claim.subject else claim.place.value if claim.place else ""
    base = f"t|{claim.topic.value}|{whom}"
    yield base
    yield f"{base}|{claim.form}"
    values = str(claim.numbers.values.parts) if claim.numbers else claim.code
    yield f"{base}|{claim.form}|{values}"
    if day:
        yield f"{base}|{day}"
        yield f"{base}|{claim.form}|{day}"
        yield f"{base}|{claim.form}|{day}|{values}"


def _day(terms: Terms) -> str:
    """The day of a deadline or an instant, the month of a longer window; the year is apart."""
    window = terms.window
    if window is None:
        return ""
    month, number = window.last[1:]
    is_day = not window.first or window.first == window.last
    return f"{month:02d}{number:02d}" if is_day else f"{month:02d}"


def _name_marks(claim: Claim) -> frozenset[str]:
    found: set[str] = set()
    if claim.subject:
        found.update(_marks_of_name(claim.subject.value))
    if claim.code and claim.subject is None:
        found.add(f"@{claim.code.lower()}")
        if len(claim.code) >= 4:
            found.add(f"@{claim.code.lower()[:4]}")
    return frozenset(found)


@lru_cache(maxsize=1 << 15)
def _marks_of_name(name: str) -> tuple[str, ...]:
    """The words of a name, its party, its team, and the codes that Kalshi may make of it."""
    if party := party_of(name):
        return (f"party:{party}", f"@{party[-1].lower()}", f"@{name_key(name)[:1]}")
    words = name_key(name).split()
    if not words:
        return ()
    first, last = words[0], words[-1]
    codes = {
        *(first[0] + last[0], first[0] + last[:3], first[0] + last[:4]),
        *(first[:3], first[:4], last[:3], last[:4]),
        "".join(word[0] for word in words),
        (first[0] + "".join(words[1:]))[:4],
    }
    teams = (f"{x}:{y}" for x, y in sides.team_ids(name))
    return (*(word for word in words if len(word) > 1), *(f"@{code}" for code in codes), *teams)
