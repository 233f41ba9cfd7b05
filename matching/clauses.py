"""What the rules text of one listing says, clause by clause, each with its own verbatim sentence.

A clause is a kind and a value in a small vocabulary of ours, so that the same rule in two wordings
is one value. What no pattern recognises is no clause; nothing is guessed. Which words make
which clause stands in matching/clause_readers.py and the tables beside it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from matching.clause_kinds import Clause, Kind, Outcome, Reader, fold
from matching.clause_readers import READERS, TITLE_READERS, Triggers, outcomes
from matching.listing import Listing

__all__ = ["Clause", "Kind", "Outcome", "Sentence", "clauses", "outcomes", "sentences"]


class Sentence(NamedTuple):
    """A sentence as it stands, and folded: lower case, one kind of quote and dash."""

    span: str
    low: str


def clauses(listing: Listing) -> tuple[Clause, ...]:
    """The clauses of every rules text, by kind, then the edge words of title and subtitle."""
    found = [
        Clause(kind, value, span)
        for text in listing.rules
        for span, low in sentences(text)
        for kind, value in _read(low)
    ]
    for text in (listing.title, listing.subtitle):
        if _DIGIT.search(text):
            found.extend(Clause(*each, text) for each in _called(fold(text), TITLE_READERS))
    return tuple(sorted(dict.fromkeys(found), key=_place))


def sentences(text: str) -> list[Sentence]:
    """The sentences of a text, verbatim; a line break ends one, "U.S." and "vs." do not."""
    low = fold(text)
    if len(low) != len(text):  # a letter whose small form is longer: fold each sentence by itself
        low = ""
    found: list[Sentence] = []
    start = 0
    for match in _BREAK.finditer(text):
        end = match.end()
        if match[0][0] == "." and _goes_on(text, match.start(), end):
            continue
        _keep(found, text[start:end], low[start:end])
        start = end
    _keep(found, text[start:], low[start:])
    return found


_DIGIT: Final = re.compile(r"\d")
_BREAK: Final = re.compile(r"[.!?;][\"'”’)\]]*\s+|\n")
_SHORT: Final = re.compile(
    r"(?:\b[A-Za-z]|\b(?:[Vv]s?|St|Jr|Sr|Dr|Mr|Mrs|Ms|No|Inc|Co|Corp|Ltd|Gov|Sen|Rep|Gen|Ind|approx"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec))$"
)


def _goes_on(text: str, start: int, end: int) -> bool:
    """Whether this full stop ends an abbreviation, no sentence."""
    if "\n" in text[start:end]:
        return False
    return text[end : end + 1].islower() or bool(_SHORT.search(text[max(0, start - 8) : start]))


def _keep(found: list[Sentence], raw: str, low: str) -> None:
    span = raw.strip("- \n\t\r\u00a0")
    if span:
        found.append(Sentence(span, low.strip("- \n\t\r") or fold(span)))


@lru_cache(maxsize=1 << 14)
def _read(low: str) -> tuple[tuple[Kind, str], ...]:
    """What one sentence says. Kept: venues repeat their sentences, market after market."""
    return tuple(sorted(_called(low, READERS)))


def _called(low: str, readers: Triggers) -> list[tuple[Kind, str]]:
    """A sentence goes only to the readers that one of its words calls."""
    called: dict[Reader, None] = {}
    for key in readers.keys() & set(_STEM.findall(low)):
        for stem, reader in readers[key]:
            if stem in low:
                called[reader] = None
    return [each for reader in called for each in reader(low)]


_STEM: Final = re.compile(r"\b[a-z]{1,4}")
_ORDER: Final = {kind: place for place, kind in enumerate(Kind)}


def _place(clause: Clause) -> int:
    return _ORDER[clause.kind]
