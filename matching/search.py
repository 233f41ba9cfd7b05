"""Searching listings by the words a person types: which hold them all, and in what order."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple, Self

from matching.listing import Listing

_ACCENTS: Final = re.compile("[\u0300-\u036f]+")
_LETTERS: Final = str.maketrans("łøđı‘’“”–—\u00a0", "lodi''\"\"-- ")
_QUOTED: Final = re.compile(r'["\\\s]+')  # in stored JSON a quote has a backslash before it
_WORD: Final = re.compile(r"\w+")
_NEVER: Final = 1 << 62


class Rank(NamedTuple):
    """Less is better: the exact phrase, then words of the title itself, open before others, and
    what closes sooner."""

    without_phrase: bool
    words_elsewhere: int
    closed: bool
    closes_s: int


@dataclass(frozen=True, slots=True)
class Query:
    """What a person looks for, folded."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Self:
        """Raises ValueError for a text without a word."""
        words = tuple(dict.fromkeys(_QUOTED.sub(" ", fold(text)).split()))
        if not words:
            raise ValueError("there is no word to look for")
        return cls(words)

    def may_be_in(self, text: str) -> bool:
        """Whether a listing, stored as text, may hold all words."""
        folded = fold(text)
        return all(word in folded for word in self.words)

    def rank(self, listing: Listing, now: datetime) -> Rank | None:
        """None where a word stands in neither titles, YES side nor id."""
        title = fold(f"{listing.title} {listing.subtitle}")
        outcomes = " ".join(listing.outcomes[:1])
        whole = f"{title} {fold(f'{listing.event_title} {outcomes} {listing.id} {listing.slug}')}"
        if not all(word in whole for word in self.words):
            return None
        there = set(_WORD.findall(title)) | set(title.split())
        closes = listing.closes_at
        return Rank(
            " ".join(self.words) not in title,
            sum(word not in there for word in self.words),
            closes is not None and closes <= now,
            int(closes.timestamp()) if closes else _NEVER,
        )


def fold(text: str) -> str:
    """Without case and accents, and with one kind of quote and dash.

    >>> fold("Łódź — São Paulo")
    'lodz - sao paulo'
    """
    text = text.casefold()
    if text.isascii():
        return text
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", text.translate(_LETTERS)))
