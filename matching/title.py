"""A listing's title taken apart: the question, the name of its YES side, its times, its event."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final, NamedTuple

from matching.games import split_suffix
from matching.listing import Listing
from matching.text import plain, words
from matching.when import Mention, mentions

_HEADED: Final = re.compile(r"^(?P<head>.+?)\s+[-—|]\s+(?P<title>(?:Will|Who|Which|What|How) .+)$")
_MARGIN: Final = re.compile(r"^Will the margin of victory for (?:the )?(.+?) in the (.+?) be ")
_IN_PARENTHESES: Final = re.compile(r"\(([^()]*)\)")
_TWO_NAMES: Final = re.compile(r"[A-Z]\w+ [A-Z]\w+")
_NO_ANSWERS: Final = frozenset({"yes", "no", ""})


class Title(NamedTuple):
    """The parts of a title, as plain text.

    `timeless` is `text` with its times cut out. `answer` is the venue's name of the YES side, ""
    where that says nothing; `answer_is_time`: it names no more than a time. `head` is the event's
    title. `times` stand in `text`, else in the answer, else in a remark.
    """

    text: str
    timeless: str
    answer: str
    answer_is_time: bool
    head: str
    times: tuple[Mention, ...]


def without_head(listing: Listing) -> Listing:
    """Some lists put the event before the title: "Nominee 2028 - Will Jane Doe win …?"."""
    found = _HEADED.match(listing.title) if " Will " in listing.title else None
    if not found:
        return listing
    return replace(listing, title=found["title"], event_title=listing.event_title or found["head"])


def title_of(listing: Listing) -> Title:
    """The parts of a listing's title, its event's cut off (`without_head`)."""
    said, suffix = split_suffix(_MARGIN.sub(r"Will the \1 win the \2 by ", plain(listing.title)))
    answer = plain(listing.subtitle) or suffix
    if answer.lower() in _NO_ANSWERS or answer.lower() == said.lower():
        answer = ""
    text = _without_remarks(said)
    times, of_answer = mentions(text), mentions(answer)
    return Title(
        text=text,
        timeless=_without(text, times),
        answer=answer,
        answer_is_time=bool(of_answer) and not _TWO_NAMES.search(_without(answer, of_answer)),
        head=plain(listing.event_title),
        times=times or of_answer or mentions(" ".join(_IN_PARENTHESES.findall(said))),
    )


def _without_remarks(title: str) -> str:
    """A remark of time goes (it is read elsewhere), and one that only repeats the title.

    All else stays: "(German)" may be all that tells two questions apart.
    """

    def kept(found: re.Match[str]) -> str:
        outside = set(words(title[: found.start()]))
        repeats = set(words(found[1])) <= outside
        return " " if repeats or mentions(found[1]) or " vs " in found[1] else found[0]

    return _IN_PARENTHESES.sub(kept, title)


def _without(text: str, times: tuple[Mention, ...]) -> str:
    for mention in reversed(times):
        text = f"{text[: mention.start]} {text[mention.end :]}"
    return " ".join(text.split())
