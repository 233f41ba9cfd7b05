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
from matching.sides import APART, pick, team_ids
from matching.tables import teams
from matching.terms import Game, Pick
from matching.text import name_key, plain

_WORD: Final = re.compile(r"[\w+][\w+%'-]*")
_NUMBER: Final = re.compile(r"(?<![\w.])[-+]?((?!0\d)\d+(?:\.\d+)?)(?![\w.]*\w)")
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
_PARTICLES: Final = frozenset(
    {
        *("al", "da", "das", "de", "del", "der", "di", "do", "dos", "du", "el", "la", "las", "le"),
        *("los", "of", "st", "the", "van", "von", "y"),
    }
)


def unread(title: str, game: Game) -> str:
    """The words of a game's title that tell something beyond what the game holds, "" for none."""
    if game.what == "other":
        return ""
    if game.line is not None and game.line % (NANO // 2):
        return f"a line of quarters in {title}"
    text = _without_numbers(plain(title), game)
    notes = []
    while found := _NOTE.search(text):
        notes.append(found[1])
        text = _NOTE.sub(" ", text, count=1)
    left = [note for note in notes if not _NOTES_READ.fullmatch(note)]
    left += [part for part in re.split(r": | - |\? (?:- )?", text) if _says_more(part, game)]
    return " ".join(left).strip()


def more_than_a_name(said: str, game: Game) -> str:
    """A YES side's name that says more than who ("Not Lakers", "Arsenal draws", "Lakers -5.5")."""
    if game.what == "other":
        return ""
    text = _without_segment(_INSIDE.sub("", _without_numbers(plain(said), game)), game)
    of_one = game.what not in ("total", "btts")
    known = _PARTICLES | (_own_names(game) if of_one else frozenset())
    if game.what != "result":
        known |= word_set("game_words") | word_set(f"game_{game.what}")
    elif game.pick is Pick.DRAW:
        known |= word_set("game_draw")
    for word in _WORD.findall(text):
        told = name_key(word).split()
        if not known.issuperset(told) and not _may_be_a_name(word, told, game):
            return said
    return ""


def _may_be_a_name(word: str, told: list[str], game: Game) -> bool:
    """A capital and letters, as a first name has, that no word of play and no other squad has."""
    names_one = game.what in ("result", "spread", "team_total")
    if not names_one or not word[0].isupper() or not "".join(told).isalpha():
        return False
    alone = len(word) == 1 and any(game.sides)
    return not alone and not word_set("play").intersection(told) and not APART.intersection(told)


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


def _without_segment(text: str, game: Game) -> str:
    if game.segment != "full":
        for pattern, _ in SEGMENTS:
            text = pattern.sub(" ", text)
    return text


def _says_more(part: str, game: Game) -> bool:
    """Whether a part of a title holds words beyond the sides, the frame and the question."""
    text = _INSIDE.sub("", part)
    words = _WORD.findall(text)
    if _is_tournament(words) or _is_the_answer(part, words, game):
        return False
    if game.what == "spread":
        text = OR_DRAW.sub(" ", text)
    text = _without_segment(text, game)
    known = word_set("game_words") | word_set(f"game_{_question(game)}") | _names(game)
    if game.negated:
        known |= {"not", "fail", "fails", "to"}
    if game.segment == "1h":
        known |= {"lead", "leading"}
    told = {each for word in _WORD.findall(FRAME.sub(" ", text)) for each in name_key(word).split()}
    return bool(told - known) or _names_the_other(part, game)


def _is_tournament(words: list[str]) -> bool:
    """ "PGL Astana Group Stage"."""
    told = {word.lower() for word in words}
    return _is_name(words) and bool(told & word_set("tournaments"))


def _is_the_answer(part: str, words: list[str], game: Game) -> bool:
    """The whole name of the player that YES is, behind a title of surnames."""
    asked = game.pick if game.what == "result" else Pick.NONE
    both = all(side and side.span in part for side in game.sides)
    return _is_name(words) and asked is not Pick.NONE and not both and _named(part, game) is asked


def _named(part: str, game: Game) -> Pick:
    return pick(part, "", game.sides)


def _is_name(words: list[str]) -> bool:
    """Capitals, and no word of play."""
    small = {word for word in words if word[0].islower()}
    told = {word.lower() for word in words}
    return not small - word_set("game_words") and not told & word_set("play")


def _names_the_other(part: str, game: Game) -> bool:
    """Whether a part names one side alone, and the question is of both or of the other side."""
    a, b = game.sides
    if a is None or b is None or game.what in ("team_total", "spread", "exact"):
        return False
    told = _named(part, game)
    named = {side for side, said in ((Pick.A, a), (Pick.B, b)) if said.span in part}
    if len(named) == 2 or (not named and told is Pick.NONE):
        return False
    asked = game.pick if game.what == "result" else Pick.NONE
    return named != {asked} if named else told is not asked


def _question(game: Game) -> str:
    return "draw" if game.pick is Pick.DRAW else game.what


def _names(game: Game) -> frozenset[str]:
    """Every word by which a text may call the two sides."""
    return _own_names(game).union(name_key(game.named).split())


def _own_names(game: Game) -> frozenset[str]:
    """The same without the name of the YES side."""
    found: set[str] = set()
    for side in game.sides:
        if side is not None:
            found.update(name_key(side.value).split(), _table_words(side.value))
    return frozenset(found)


def _table_words(name: str) -> set[str]:
    ids = team_ids(name)
    if len(ids) != 1:
        return set()
    ((league, team_id),) = ids
    team = next(each for each in teams() if (each.league, each.id) == (league, team_id))
    return {word for text in (team.place, team.nick) for word in name_key(text).split()}
