"""What to say: an alert as plain lines, for Slack and for e-mail. Pure.

Titles, names and reasons come from venues and files, so all of them are hostile: nothing in a
message can format, link, mention, or end a header.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from html import escape
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
_LINK: Final = re.compile(r"https?://[\w.:\[\]-]+/[\w.~%/?=&-]*", re.ASCII)
"""Nothing that could end an attribute, a header or a line."""


OPEN: Final = "Look at it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A title and lines, cleaned and cut when it is made. `is_critical`: it waits for no digest.
    `link`: our own page about it, which shows and does nothing; "" for none.
    """

    title: str
    lines: tuple[str, ...]
    is_critical: bool = False
    link: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", clean(self.title, TITLE_MAX))
        lines = tuple(clean(line, LINE_MAX) for line in self.lines[:LINES_MAX])
        object.__setattr__(self, "lines", lines)
        if self.link and not _LINK.fullmatch(self.link):
            raise ValueError("a message links to our own page, written in plain characters")


def clean(words: str, length: int) -> str:
    """One line of harmless text: no control, no direction, no hidden character, and no address
    that a program would make a link of."""
    kept = (" " if unicodedata.category(c)[0] in "CZ" else c for c in words)
    line = " ".join("".join(kept).split()).replace("://", ": //")
    return line if len(line) <= length else f"{line[: length - 1]}…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a message says of a pair besides its episode. `titles` of both markets, in the order of
    the legs; `why_not`: why no order may be made from it, None where nobody judged."""

    titles: tuple[str, str]
    why_not: tuple[str, ...] | None
    simulated: bool
    link: str = ""


def of_episode(happened: Happened, episode: Episode, told: Told) -> Message:
    """An opportunity that appeared or grew."""
    found = episode.last
    mark = "SIM " if told.simulated else ""
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
    )


def late(message: Message, late_ms: int) -> Message:
    """The same, saying how long ago it was true."""
    mark = f" ({late_ms // 60_000} min late)"
    return replace(message, title=clean(message.title, TITLE_MAX - len(mark)) + mark)


def digest(messages: Sequence[Message]) -> Message:
    """Many messages as one: their titles, and how many more there are than it has room for."""
    titles = [message.title for message in messages]
    if len(titles) > LINES_MAX:
        left = len(titles) - LINES_MAX + 1
        titles[LINES_MAX - 1 :] = [f"and {left} more, which `dutchbook history` shows"]
    return Message(title=f"{len(messages)} more alerts", lines=tuple(titles))


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


def mail(message: Message, *, sender: str, recipients: Sequence[str]) -> EmailMessage:
    """The same as plain text and as HTML."""
    found = EmailMessage()
    found["Subject"] = f"dutchbook: {message.title}"
    found["From"] = sender
    found["To"] = ", ".join(recipients)
    found["Auto-Submitted"] = "auto-generated"
    linked = [f"{OPEN}: {message.link}"] if message.link else []
    found.set_content("\n".join((message.title, "", *message.lines, *linked, "")))
    rows = "".join(f"<p>{escape(line)}</p>" for line in message.lines)
    if message.link:
        rows += f'<p><a href="{escape(message.link)}">{OPEN}</a></p>'
    found.add_alternative(f"<h3>{escape(message.title)}</h3>{rows}", subtype="html")
    return found


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


def _executable(why_not: tuple[str, ...] | None) -> str:
    if why_not is None:
        return "Nobody has approved this pair: it comes from a file."
    return f"Not executable: {'; '.join(why_not)}." if why_not else "The pair is approved."


def _dollars(amount: int) -> str:
    return f"${text(amount, 2)}"


def _percent(bps: int) -> str:
    return f"{text(bps * 10_000, 2)} %"
