"""Text as the matcher reads it: folded for comparing, verbatim for quoting."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

_PLAIN: Final = str.maketrans(
    {
        **dict.fromkeys("‘’ʼ`´", "'"),
        **dict.fromkeys("“”", '"'),
        **dict.fromkeys("‐‑‒–—−", "-"),
        **dict.fromkeys("·‧・", " "),
        "≥": ">=",
        "≤": "<=",
        "ø": "o",
        "Ø": "O",
        "ß": "ss",
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "ı": "i",
        "æ": "ae",
        "\u200e": "",
        "\u200b": "",
        "\u00a0": " ",
        "\u202f": " ",
        **dict.fromkeys("*®™©", ""),
    }
)
_WORD: Final = re.compile(r"[a-z0-9]+(?:['.&/-][a-z0-9]+)*\.?|[<>]=?|[%$+]")
_NAME_WORD: Final = re.compile(r"[a-z0-9]+")
_ENDINGS: Final = (
    ("ies", "y"),
    ("sses", "ss"),
    ("xes", "x"),
    ("ches", "ch"),
    ("shes", "sh"),
    ("ss", "ss"),
    ("us", "us"),
    ("is", "is"),
    ("s", ""),
)


@lru_cache(maxsize=1 << 16)
def plain(text: str) -> str:
    """The text with one kind of quote, dash and blank, and no accents; case is kept."""
    text = text.translate(_PLAIN)
    if text.isascii():
        return " ".join(text.split())
    parts = unicodedata.normalize("NFKD", text)
    return " ".join("".join(c for c in parts if not unicodedata.combining(c)).split())


@lru_cache(maxsize=1 << 16)
def name_key(text: str) -> str:
    """A name without case, accents, dots and hyphens: "J.D. Vance" and "JD Vance" are one."""
    text = plain(text).lower().replace(".", "").replace("'", "").replace("a&m", "am")
    return " ".join(_NAME_WORD.findall(text))


@lru_cache(maxsize=1 << 15)
def words(text: str) -> tuple[str, ...]:
    """The words of a plain text in lower case, in order, a possessive s cut off."""
    return tuple(_bare(word) for word in _WORD.findall(plain(text).lower()))


@lru_cache(maxsize=1 << 14)
def stem(word: str) -> str:
    """A word without its commonest endings: enough to let "wins" meet "win"."""
    if word.isalpha() and len(word) > 3:
        for ending, to in _ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) + len(to) >= 3:
                return word[: -len(ending)] + to
    return word


def _bare(word: str) -> str:
    """A word without its possessive s or its sentence's full stop; "U.S." keeps its own."""
    if word.endswith("'s"):
        return word[:-2]
    return word.rstrip(".") if word.count(".") == 1 and len(word) > 2 else word
