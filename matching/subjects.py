"""Of whom or what a title claims something."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from matching.entities import names
from matching.lexicon import word_set
from matching.ranks import is_stage
from matching.terms import Said
from matching.verdict import Agreement

_SUBJECT_MAX: Final = 80  # characters; what is longer is a sentence

# Words at which a subject ends: "Will Jane Doe | win the …".
_VERB: Final = re.compile(
    r"\s+(?:(?:not|never|officially|formally|still|also|either|both|next)\s+)?"
    rf"(?:{'|'.join(sorted(word_set('verbs')))})\b"
)
_WILL: Final = re.compile(
    r"^(?:Will|Does|Do|Did|Is|Are|Has|Have|Can)\s+(?:the\s+|either\s+)?", re.IGNORECASE
)
_INNER_WILL: Final = re.compile(r"\b(?:will|would|does|did)\s+(?:the\s+)?", re.IGNORECASE)
_QUESTION: Final = re.compile(r"^(?:Who|Which|What|Where|When|How)\b", re.IGNORECASE)
_ASKED: Final = re.compile(r"^(?:Which|What) (?:\w+ ){1,2}?(?=will\b|has\b|have\b|is\b)")
_LEADING: Final = re.compile(
    r"^(?:the\s+)?(?P<who>[A-Z0-9][\w.'&-]*"
    r"(?:\s+(?:(?:de|da|del|van|von|der|of|the|and|x|bin|al)\s+)*[A-Z0-9][\w.'&-]*)*)"
    r"\s+(?P<verb>(?!vs\b|v\b)[a-z]\w*)\b"
)
_NAME: Final = re.compile(
    r"(?P<who>[A-Z][\w.&-]*"
    r"(?:\s+(?:(?:de|da|del|van|von|der|of|the|and|bin|al)\s+)*[A-Z][\w.&-]*)*)\s+[a-z]{3,}\b"
)
_NUMBER_OF: Final = re.compile(r"^Number of ")
_NOBODY: Final = re.compile(r"(?:there|it|this|any|anyone|either|be|next)\b", re.IGNORECASE)
_TEAM: Final = re.compile(
    r"^(?P<place>.+?) (?:pro|professional) (?P<sport>basketball|football|baseball|hockey) team$"
)
_SPORT_LEAGUES: Final = {"basketball": "nba", "football": "nfl", "baseball": "mlb", "hockey": "nhl"}
_PLACEHOLDER: Final = re.compile(
    r"^(?:(?:candidate|person|player|party|team|option|fighter|chef|driver|song|show|movie|company"
    r"|club|country|artist|individual|nominee|actor|golfer|horse|city|coach|model|other|another"
    r"|any|someone|nobody|none|no one|field|tie)\b(?:\s+[a-z0-9]{1,3})?"
    r"(?:\s+(?:party|person|candidate|team|player|chef|driver|company|pitcher|option|artist|song"
    r"|show|model))*"
    r"|[a-z]|a candidate not listed.*|the field|yes|no"
    r"|(?:another|any other|some other|other)\b.*|.* not listed.*)$",
    re.IGNORECASE,
)


class Subject(NamedTuple):
    """Of whom it is claimed, and the title with the subject cut out."""

    said: Said | None
    rest: str


def subject_of(title: str, answer: str) -> Subject:
    """The subject of a plain title; `answer` is what the venue calls the YES side, if anything."""
    title = _NUMBER_OF.sub("How many ", title)
    if not answer:
        return _of_title(title)
    head, colon, rest = title.partition(":")
    if colon and is_stage(answer):
        return Subject(Said(head, head), f"{rest} {answer}")
    return _of_answer(title, answer)


def team_of(name: str) -> tuple[str, str]:
    """("Cincinnati", "nfl") of "Cincinnati pro football team", as Kalshi writes a team."""
    found = _TEAM.match(name)
    return (found["place"], _SPORT_LEAGUES[found["sport"]]) if found else (name, "")


def is_placeholder(name: str) -> bool:
    """Whether a name stands for somebody yet to be named ("Person H", "another team")."""
    bare = name.strip().strip('"')
    return bool(_PLACEHOLDER.match(bare)) or (len(bare) == 2 and bare.isalpha() and bare.islower())


def _of_title(title: str) -> Subject:
    if found := _WILL.match(title):
        return _before_verb(title, found.end())
    if not _QUESTION.match(title) and (found := _LEADING.match(title)):
        return Subject(Said(found["who"], found["who"]), title[found.end("who") :])
    if found := _INNER_WILL.search(title):
        inner = _before_verb(title, found.end())
        if inner.said:
            return Subject(inner.said, title[: found.start()] + inner.rest)
    return Subject(None, title)


def _of_answer(title: str, answer: str) -> Subject:
    """Mostly the answer is the subject; else it is what is done to the title's own subject."""
    at = title.lower().find(answer.lower())
    if found := _WILL.match(title):
        told = _before_verb(title, found.end())
        if told.said and at > found.end() + len(told.said.value):
            return told  # "Will Peru tax the X?"
        if told.said and at < 0 and _are_one(answer, told.said.value):
            return Subject(Said(answer, answer), told.rest)
    if at < 0 and _QUESTION.match(title) and (found := _INNER_WILL.search(title)):
        told = _before_verb(title, found.end())
        if told.said:  # "Who will Trump sue?"
            return Subject(told.said, f"{told.rest} {answer}")
    if at < 0:
        rest = _WILL.sub("", _ASKED.sub("", title))
        return Subject(Said(answer, answer, source="subtitle"), rest)
    rest = f"{title[:at]} {title[at + len(answer) :]}"
    return Subject(Said(answer, answer), _WILL.sub("", rest))


def _are_one(one: str, two: str) -> bool:
    return names(one, two).agreement in (Agreement.AGREE, Agreement.BRIDGED)


def _before_verb(title: str, start: int) -> Subject:
    """What stands between `start` and the verb; the owner alone of "Jane Doe's party"."""
    verb = _VERB.search(title, start)
    if not verb or verb.start() <= start:
        name = _NAME.match(title, start)
        if not name:
            return Subject(None, title[start:])
        return Subject(Said(name["who"], name["who"]), title[name.end("who") :])
    who = title[start : verb.start()].strip(" ,:")
    if _NOBODY.match(who) or len(who) > _SUBJECT_MAX:
        return Subject(None, title[start:])
    owner, possessive, rest = who.partition("'s ")
    if possessive and owner and owner[0].isupper():
        return Subject(Said(owner, owner), f"{rest} {title[verb.start() :]}")
    return Subject(Said(who, who), title[verb.start() :])
