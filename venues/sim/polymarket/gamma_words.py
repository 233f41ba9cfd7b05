"""How the catalogue finds events by words, and numbers its tags and series."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from venues.sim.polymarket.catalogue import Catalogue, Event

TAG_FIRST: Final = 100_001
SERIES_FIRST: Final = 10_001


def found_by(words: str, catalogue: Catalogue) -> list[Event]:
    """Events in whose texts a word of these occurs; those with most of them first."""
    asked = _words(words)
    scored = [(len(asked & _texts(each, catalogue)), each) for each in catalogue.events.values()]
    scored.sort(key=lambda pair: -pair[0])
    return [each for score, each in scored if score]


def tag_id(catalogue: Catalogue, slug: str) -> str:
    """Counted as they first occur."""
    return _number((t for e in catalogue.events.values() for t in e.tags), slug, TAG_FIRST)


def series_id(catalogue: Catalogue, slug: str) -> str:
    return _number((e.series for e in catalogue.events.values() if e.series), slug, SERIES_FIRST)


def label(slug: str) -> str:
    """What people read."""
    return slug.replace("-", " ").title()


def _number(names: Iterable[str], name: str, first: int) -> str:
    listed = list(dict.fromkeys(names))
    return str(first + listed.index(name)) if name in listed else ""


def _texts(event: Event, catalogue: Catalogue) -> set[str]:
    markets = catalogue.of_event(event.id)
    texts = [event.title, event.slug, *(f"{each.question} {each.title}" for each in markets)]
    return _words(" ".join(texts))


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", text.lower()))
