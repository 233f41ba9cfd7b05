"""The words of data/lexicon.toml and data/words.toml, ready for use."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Final, NamedTuple

from matching.tables import document
from matching.text import stem

_NUMBERED: Final = re.compile(r"super bowl ([lxvi]+)\b")
_NEXT_ELECTION: Final = re.compile(r"\bnext (?=(?:\w+ ){0,3}election\b)")  # the year tells which
_NUMERALS: Final = {"i": 1, "v": 5, "x": 10, "l": 50}
_DISTRICT: Final = re.compile(r"^([a-z]{2})-(\d)$")
_TOKEN: Final = re.compile(r"[a-z0-9_#$]+(?:[.'&/-][a-z0-9_]+)*")


class Lexicon(NamedTuple):
    """How both venues word one thing; data/lexicon.toml says of each field what it is for.

    `phrases` are settled: what a phrase becomes needs no second reading. `pattern` finds them.
    """

    fillers: frozenset[str]
    soft: frozenset[str]
    synonyms: dict[str, str]
    phrases: dict[str, str]
    pattern: re.Pattern[str]
    editions: dict[str, int]
    explained: dict[str, frozenset[str]]


@cache
def lexicon() -> Lexicon:
    """The lexicon, read once."""
    raw = document("lexicon")
    phrases: dict[str, str] = raw["phrases"]
    pattern = any_of(phrases, not_after=r"\w#")
    phrases = {said: _settled(phrases, pattern, to) for said, to in phrases.items()}
    return Lexicon(
        frozenset(raw["fillers"].split()),
        frozenset(raw["soft"].split()),
        raw["synonyms"],
        phrases,
        pattern,
        raw["editions"],
        {domain: frozenset(words.split()) for domain, words in raw["explained"].items()},
    )


@cache
def word_set(name: str) -> frozenset[str]:
    """One set of data/words.toml."""
    words: str = document("words")[name]
    return frozenset(words.split())


def any_of(names: Iterable[str], *, not_after: str = r"\w") -> re.Pattern[str]:
    """Finds any of the names as whole words, the longest first."""
    longest = sorted(set(names), key=lambda name: (-len(name), name))
    return re.compile(rf"(?<![{not_after}])(?:" + "|".join(map(re.escape, longest)) + r")(?!\w)")


@lru_cache(maxsize=1 << 14)
def rewritten(text: str) -> str:
    """A plain text in lower case with its phrases made one word each."""
    known = lexicon()
    text = _NUMBERED.sub(_edition, _NEXT_ELECTION.sub("", text.lower().replace("s' ", "s ")))
    return " ".join(known.pattern.sub(lambda found: f" {known.phrases[found[0]]} ", text).split())


@lru_cache(maxsize=1 << 14)
def canonical(text: str) -> tuple[str, ...]:
    """The words of a plain text that say which question is asked, in order, in common wording."""
    known = lexicon()
    found = []
    for raw in _TOKEN.findall(rewritten(text)):
        word = raw[:-2] if raw.endswith("'s") else raw.rstrip("'")
        word = known.synonyms.get(word, word)
        if district := _DISTRICT.match(word):
            word = f"{district[1]}-{int(district[2]):02d}"
        if word in known.fillers:
            continue
        word = stem(word)
        found.append(known.synonyms.get(word, word))
    return tuple(found)


def edition_year(tokens: frozenset[str]) -> int:
    """The year of a counted ceremony ("99th oscar"), 0 where none is named."""
    for word in filter(is_edition, tokens):
        for name, start in lexicon().editions.items():
            if set(name.split()) <= tokens:
                return start + int(word[:-2])
    return 0


def is_edition(word: str) -> bool:
    """Whether a word is an ordinal too high for a place in a contest: "99th", and not "9th"."""
    return len(word) >= 4 and word[:-2].isdigit() and word[-2:] in ("th", "st", "nd", "rd")


def _settled(phrases: dict[str, str], pattern: re.Pattern[str], text: str) -> str:
    """What a phrase becomes once its own result is read again ("moty" in two steps)."""
    for _ in range(3):
        text = pattern.sub(lambda found: phrases[found[0]], text)
    return text


def _edition(found: re.Match[str]) -> str:
    """ "super bowl lxi" as the 61st."""
    values = [_NUMERALS[letter] for letter in found[1]]
    number = sum(-v if v < w else v for v, w in zip(values, [*values[1:], 0], strict=True))
    return f"super bowl {number}th"
