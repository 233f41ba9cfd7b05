"""The words of a claim: those that say which question is asked, and whether it is denied."""

from __future__ import annotations

import re
from typing import Final

from matching.lexicon import canonical, lexicon, word_set

LEAGUES: Final = word_set("leagues")
BY_WHOM: Final = "by_whom"  # stands for a passive, which turns the roles of its names

_NEGATIONS: Final = frozenset({"not", "fail", "never", "no"})
_NEGATION: Final = re.compile(
    r"\b(?:not|n't|fails? to|never|without|avoid|isn't|won't|miss the cut"
    r"|no(?! later| more than| less than| fewer|\.))\b",
    re.IGNORECASE,
)
_DENYING_NOTHING: Final = re.compile(r"\"[^\"]*\"|\bnot guilty\b", re.IGNORECASE)
_QUOTED: Final = re.compile(r"\"([^\"]+)\"")
_PASSIVE: Final = re.compile(
    r"\b(?:be|been|being|is|get|gets)\s+\w+(?:ed|en|n|t|ght|ung|old|eld)\s+by\s+[a-z]"
)


def tokens_of(text: str) -> frozenset[str]:
    """The telling words; a negation is kept apart (`negated`), but not one that is quoted."""
    found = frozenset(canonical(text)) - _NEGATIONS
    found |= {quoted.lower() for quoted in _QUOTED.findall(text) if _NEGATION.search(quoted)}
    return found | {BY_WHOM} if _PASSIVE.search(text.lower()) else found


def marks_of(tokens: frozenset[str]) -> frozenset[str]:
    """Those of the tokens that no order of words shows: a passive, a quotation."""
    return frozenset(word for word in tokens if word == BY_WHOM or " " in word)


def sequence_of(text: str) -> tuple[str, ...]:
    """All telling words of a title in order, the subject's too, the soft ones left out."""
    left_out = (lexicon().soft - LEAGUES) | _NEGATIONS
    return tuple(word for word in canonical(text) if word not in left_out)


def negated(text: str) -> bool:
    """Whether a plain title denies what it asks; two negations deny nothing."""
    return len(_NEGATION.findall(_DENYING_NOTHING.sub(" ", text))) % 2 == 1
