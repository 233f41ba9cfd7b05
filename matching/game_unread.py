"""What a game's texts say that no rule has read: a condition more, a denial, another part.

Every word of a title must belong to the two sides, to the game's frame or to the question that was
read. What is left over may change the question, so such a pair is never accepted unseen.
"""

from __future__ import annotations

import re
from typing import Final

from matching.amounts import NANO, nanos
from matching.game_titles import FRAME, OR_DRAW, SEGMENTS
from matching.lexicon import word_set
from matching.sides import team_ids
from matching.tables import teams
from matching.terms import Game, Pick
from matching.text import name_key, plain

_WORD: Final = re.compile(r"[\w+][\w+%'-]*")
_NUMBER: Final = re.compile(r"(?<![\w.])[-+]?(\d+(?:\.\d+)?)(?![\w.]*\w)")
_INSIDE: Final = re.compile(r"(?<=\w)\.(?=\w)")
_SCORE: Final = re.compile(r"\b\d+\s?-\s?\d+\b")
_DATE: Final = re.compile(
    r"\b(?:20\d\d(?:-\d\d-\d\d)?"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* \d{1,2}(?:st|nd|rd|th)?)\b",
    re.IGNORECASE,
)
_NOTE: Final = re.compile(r"\(([^()]*)\)")
_NOTES_READ: Final = re.compile(
    r"(?:bo\d|game [12]|(?:wo)?men'?s?|[wm]|early prelims|prelims|main card|main event"
    r"|[a-z]{2,4} vs [a-z]{2,4}|\w+weight|,|\s)*",
    re.IGNORECASE,
)
_TURNS: Final = re.compile(
    r"\b(?:not|no|nor|neither|never|or|lose|loses|lost|losing|fails?|without|beaten)\b",
    re.IGNORECASE,
)


def unread(title: str, game: Game) -> str:
    """The words of a game's title that tell something beyond what the game holds, "" for none."""
    if game.what == "other":
        return ""
    text = _without_numbers(plain(title), game)
    notes = []
    while found := _NOTE.search(text):
        notes.append(found[1])
        text = _NOTE.sub(" ", text, count=1)
    left = [note for note in notes if not _NOTES_READ.fullmatch(note)]
    left += [part for part in re.split(r": | - |\? ", text) if _says_more(part, game)]
    return " ".join(left).strip()


def turned(subtitle: str, game: Game) -> str:
    """A YES side's name that denies or joins ("Not Lakers", "Arsenal or Tie"), "" for a name."""
    text = plain(subtitle)
    for word in _names(game):
        text = re.sub(rf"\b{re.escape(word)}\b", " ", text, flags=re.IGNORECASE)
    return subtitle if _TURNS.search(text) else ""


def _without_numbers(text: str, game: Game) -> str:
    """A text without its date, and without the line or the score that the game holds."""
    text = _DATE.sub(" ", text)
    if game.score is not None:
        text = _SCORE.sub(" ", text, count=1)
    if game.line is None:
        return text
    line = abs(game.line)
    own = {line, line + NANO // 2}  # "at least 3" is a line of 2.5
    return _NUMBER.sub(lambda found: " " if nanos(found[1]) in own else found[0], text)


def _says_more(part: str, game: Game) -> bool:
    """Whether a part of a title holds words beyond the sides, the frame and the question.

    A name without a word of play ("PGL Astana Group Stage") tells only which tournament it is.
    """
    words = _WORD.findall(_INSIDE.sub("", part))
    small = {word for word in words if word[0].islower()}
    if not small - word_set("game_words") and not set(map(str.lower, words)) & word_set("play"):
        return False
    text = _INSIDE.sub("", part)
    if game.what == "spread":
        text = OR_DRAW.sub(" ", text)
    if game.segment != "full":
        for pattern, _ in SEGMENTS:
            text = pattern.sub(" ", text)
    known = word_set("game_words") | word_set(f"game_{_question(game)}") | _names(game)
    if game.negated:
        known |= {"not", "fail", "fails", "to"}
    told = {
        word for found in _WORD.findall(FRAME.sub(" ", text)) for word in name_key(found).split()
    }
    return bool(told - known)


def _question(game: Game) -> str:
    return "draw" if game.pick is Pick.DRAW else game.what


def _names(game: Game) -> frozenset[str]:
    """Every word by which a text may call the two sides."""
    found: set[str] = set()
    for side in game.sides:
        if side is not None:
            found.update(name_key(side.value).split(), _table_words(side.value))
    found.update(name_key(game.named).split())
    return frozenset(word for word in found if not _TURNS.fullmatch(word))


def _table_words(name: str) -> set[str]:
    ids = team_ids(name)
    if len(ids) != 1:
        return set()
    ((league, team_id),) = ids
    team = next(each for each in teams() if (each.league, each.id) == (league, team_id))
    return {word for text in (team.place, team.nick) for word in name_key(text).split()}
