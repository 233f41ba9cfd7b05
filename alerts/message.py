"""What to say: an alert as plain lines, for Slack and for e-mail. Pure.

Titles, names and reasons come from venues and files, so all of them are hostile: nothing in a
message can format, link, mention, or end a header.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from scanner.episode import Episode, Happened, Proof
from scanner.opportunity import Leg, Opportunity
from venues.money import text

TITLE_MAX: Final = 150
"""Characters of a header in Block Kit."""
LINE_MAX: Final = 300
BLOCK_MAX: Final = 2_900
"""Characters of one section; Slack takes 3,000."""
LINES_MAX: Final = 60
FACTS_MAX: Final = 30
SIM: Final = "SIM "
"""Before the title of what is simulated."""
LEG_COLUMNS: Final = ("Buy", "at", "price", "to", "cost", "fee", "market")
_LINK: Final = re.compile(r"https?://[\w.:\[\]-]+/[\w.~%/?=&-]*", re.ASCII)
"""Nothing that could end an attribute, a header or a line."""


OPEN: Final = "Look at it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A title and lines, cleaned and cut when it is made. `is_critical`: it waits for no digest.
    `link` and `mute`: our own pages about it, and where a person who was let in can have less
    of it; they show and do nothing; "" for none.

    Where a channel has room for more than lines: `legs`, rows of LEG_COLUMNS, and `facts`, names
    and values. `rule`, `pair` and `episode` say why it is told and of what; `bundle` with which
    others it is told.
    """

    title: str
    lines: tuple[str, ...]
    is_critical: bool = False
    link: str = ""
    mute: str = ""
    legs: tuple[tuple[str, ...], ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    rule: str = ""
    pair: str = ""
    episode: str = ""
    bundle: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", clean(self.title, TITLE_MAX))
        lines = tuple(clean(line, LINE_MAX) for line in self.lines[:LINES_MAX])
        object.__setattr__(self, "lines", lines)
        legs = tuple(tuple(clean(each, LINE_MAX) for each in row) for row in self.legs)
        object.__setattr__(self, "legs", legs)
        facts = tuple((clean(a, 40), clean(b, LINE_MAX)) for a, b in self.facts[:FACTS_MAX])
        object.__setattr__(self, "facts", facts)
        if any(each and not _LINK.fullmatch(each) for each in (self.link, self.mute)):
            raise ValueError("a message links to our own page, written in plain characters")


def clean(words: str, length: int) -> str:
    """One line of harmless text: no control, no direction, no hidden character, and no address
    that a program would make a link of."""
    kept = words
    if not words.isprintable():
        kept = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in words)
    line = " ".join(kept.split()).replace("://", ": //")
    return line if len(line) <= length else f"{line[: length - 1]}…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a message says of a pair besides its episode. `titles` of both markets, in the order of
    the legs; `why_not`: why no order may be made from it, None where nobody judged. `worst`: what
    the whole brings in its worst state, as far as the rules are known; `divergences` of the rules.
    """

    titles: tuple[str, str]
    why_not: tuple[str, ...] | None
    simulated: bool
    link: str = ""
    mute: str = ""
    worst: str = ""
    divergences: tuple[str, ...] = ()


def of_episode(happened: Happened, episode: Episode, told: Told) -> Message:
    """An opportunity that appeared or grew."""
    found = episode.last
    mark = SIM if told.simulated else ""
    grew = ", better" if happened is Happened.CHANGED else ""
    sums = f"{_dollars(found.profit)} ({_percent(found.edge_bps)}{grew})"
    return Message(
        title=f"{mark}{sums}: {told.titles[0]}",
        lines=(
            *(_leg(leg, title) for leg, title in zip(found.legs, told.titles, strict=True)),
            _sums(found),
            f"{_seen(found)} Books: {_ages(episode.proof)}. Episode {episode.id}.",
            _executable(told.why_not),
        ),
        link=told.link,
        mute=told.mute,
        legs=tuple(_row(leg, title) for leg, title in zip(found.legs, told.titles, strict=True)),
        facts=tuple(_facts(found, episode.proof, told)),
        pair=episode.pair_id,
        episode=episode.id,
    )


def late(message: Message, late_ms: int) -> Message:
    """The same, saying how long ago it was true."""
    mark = f" ({late_ms // 60_000} min late)"
    return replace(message, title=clean(message.title, TITLE_MAX - len(mark)) + mark)


def digest(messages: Sequence[Message]) -> Message:
    """Many messages as one: their titles by rule, of each episode the last, and how many more there
    are than it has room for."""
    last = {each.episode or str(n): each for n, each in enumerate(messages)}
    messages = list(last.values())
    titles = list(_titles(messages))
    if len(titles) > LINES_MAX:
        left = len(titles) - LINES_MAX + 1
        titles[LINES_MAX - 1 :] = [f"and {left} more, which `dutchbook history` shows"]
    mark = SIM if any(each.title.startswith(SIM) for each in messages) else ""
    bundle = messages[0].bundle
    alerts = "alert" if len(messages) == 1 else "alerts"
    what = f"{len(messages)} {alerts} {bundle}" if bundle else f"{len(messages)} more {alerts}"
    return Message(title=f"{mark}{what}", lines=tuple(titles), rule=messages[0].rule)


def _titles(messages: Sequence[Message]) -> Iterator[str]:
    """With the rule's name over those of each where there are several."""
    rules = list(dict.fromkeys(each.rule for each in messages))
    for rule in rules:
        if len(rules) > 1:
            yield f"By {rule or 'the settings'}:"
        yield from (each.title.removeprefix(SIM) for each in messages if each.rule == rule)


def slack_blocks(message: Message) -> dict[str, Any]:
    """A webhook's body. The blocks are plain text, which Slack formats in no way; `text`, which
    shows in notifications, is escaped."""
    fallback = message.title.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    sections = [
        {"type": "section", "text": {"type": "plain_text", "text": part, "emoji": False}}
        for part in _parts(message.lines)
    ]
    header = {"type": "plain_text", "text": message.title or "alert", "emoji": False}
    blocks = [{"type": "header", "text": header}, *sections, *_button(message.link)]
    return {"text": fallback, "blocks": blocks}


def _button(link: str) -> list[dict[str, Any]]:
    if not link:
        return []
    words = {"type": "plain_text", "text": OPEN, "emoji": False}
    return [{"type": "actions", "elements": [{"type": "button", "text": words, "url": link}]}]


def _parts(lines: Sequence[str]) -> list[str]:
    """Lines joined into as few sections as Slack takes."""
    parts = [""]
    for line in lines:
        if len(parts[-1]) + len(line) + 1 > BLOCK_MAX:
            parts.append("")
        parts[-1] = f"{parts[-1]}\n{line}".lstrip("\n")
    return [part for part in parts if part]


def _leg(leg: Leg, title: str) -> str:
    side = leg.contract.outcome.value.upper()
    return (
        f"Buy {text(leg.bought)} {side} at {leg.contract.venue} for {text(leg.average_price)} "
        f"(to {text(leg.worst_price)}), cost {_dollars(leg.cost)}, fee {_dollars(leg.fee)}: {title}"
    )


def _sums(found: Opportunity) -> str:
    annual = "" if found.annual_bps is None else f", {_percent(found.annual_bps)} a year"
    days = "unknown" if found.days is None else f"{found.days} days"
    return (
        f"{_dollars(found.outlay)} in, {_dollars(found.payout)} back, "
        f"profit {_dollars(found.profit)}; payout in {days}{annual}."
    )


def _seen(found: Opportunity) -> str:
    return f"Seen {datetime.fromtimestamp(found.seen_ms / 1_000, UTC):%Y-%m-%d %H:%M:%S} UTC."


def _ages(proof: Proof) -> str:
    ages = ("of unknown age" if age is None else f"{age} ms old" for age in proof.ages_ms)
    return " and ".join(ages)


def _row(leg: Leg, title: str) -> tuple[str, ...]:
    return (
        f"{text(leg.bought)} {leg.contract.outcome.value.upper()}",
        leg.contract.venue.capitalize(),
        text(leg.average_price),
        text(leg.worst_price),
        _dollars(leg.cost),
        _dollars(leg.fee),
        title,
    )


def _facts(found: Opportunity, proof: Proof, told: Told) -> Iterator[tuple[str, str]]:
    days = "unknown"
    if found.days is not None:
        at = datetime.fromtimestamp(found.seen_ms / 1_000, UTC) + timedelta(days=found.days)
        days = f"{at:%Y-%m-%d}, in {found.days} days"
    yield "Profit", f"{_dollars(found.profit)} ({_percent(found.edge_bps)})"
    yield "Capital", _dollars(found.outlay)
    yield "Fees", _dollars(found.legs[0].fee + found.legs[1].fee)
    yield "Pays back", f"{_dollars(found.payout)} ({days})"
    if found.annual_bps is not None:
        yield "A year", _percent(found.annual_bps)
    if told.worst:
        yield "At worst", told.worst
    if told.divergences:
        yield "Rules differ", ", ".join(told.divergences)
    yield "Books", _ages(proof)
    yield "Seen", _seen(found).removeprefix("Seen ").rstrip(".")
    yield "The pair", _executable(told.why_not)


def _executable(why_not: tuple[str, ...] | None) -> str:
    if why_not is None:
        return "Nobody has approved this pair: it comes from a file."
    return f"Not executable: {'; '.join(why_not)}." if why_not else "The pair is approved."


def _dollars(amount: int) -> str:
    return f"${text(amount, 2)}"


def _percent(bps: int) -> str:
    return f"{text(bps * 10_000, 2)} %"
