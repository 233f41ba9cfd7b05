"""A question of a made-up catalogue and its row at each venue, worded as that venue would."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Question:
    """What both venues may list: Kalshi's rows, Polymarket's one, and how each of the first
    relates to it. No relation: the rows look alike and are not about the same thing.
    """

    kalshi: tuple[Row, ...]
    polymarket: Row
    relations: tuple[str, ...] = ("same",)


def kalshi(
    event: str,
    side: str,
    title: str,
    *,
    yes: str,
    rules: str,
    closes: date,
    extra: Mapping[str, object] | None = None,
) -> Row:
    """A market as Kalshi's REST interface names its fields; `extra` holds its strikes."""
    return {
        "ticker": f"{event}-{side}",
        "event_ticker": event,
        "title": title,
        "yes_sub_title": yes,
        "no_sub_title": yes,
        **(extra or {}),
        "close_time": f"{closes + timedelta(days=1)}T03:59:00Z",
        "rules_primary": f"If {rules}, then the market resolves to Yes.",
    }


def above(floor: float | str) -> Row:
    return {"strike_type": "greater", "floor_strike": float(floor)}


def polymarket(
    rng: random.Random,
    question: str,
    *,
    rules: str,
    ends: date,
    outcomes: Sequence[str] = ("Yes", "No"),
    event: str = "",
    extra: Mapping[str, object] | None = None,
) -> Row:
    """A market as Gamma names its fields; its slug is made from its question unless given."""
    slug = re.sub(r"[^a-z0-9]+", "-", question.lower()).strip("-")
    number = rng.getrandbits(256)
    return {
        "id": f"0x{number:064x}",
        "question": question,
        "slug": slug,
        "outcomes": json.dumps(list(outcomes)),
        "description": f'This market will resolve to "{outcomes[0]}" if {rules}. '
        f'Otherwise, this market will resolve to "{outcomes[1]}".',
        "endDate": f"{ends}T23:59:00Z",
        **({"events": [{"id": str(number % 10**6), "title": event}]} if event else {}),
        **(extra or {}),
    }


@dataclass(slots=True)
class Fresh:
    """Says of a key whether it is new, so that no question is asked twice."""

    seen: set[object] = field(default_factory=set)

    def __call__(self, *key: object) -> bool:
        if key in self.seen:
            return False
        self.seen.add(key)
        return True


def day(rng: random.Random, year: int = 2026) -> date:
    return date(year, 1, 1) + timedelta(days=rng.randrange(365))


def stamp(when: date) -> str:
    """A date as Kalshi's tickers write it: 26JAN11."""
    return when.strftime("%y%b%d").upper()


def short(when: date) -> str:
    return f"{when:%b} {when.day}, {when.year}"


def plain(when: date) -> str:
    return f"{when:%B} {when.day}"


def initials(name: str) -> str:
    """The end of a ticker for a person: one letter of the first name, three of the last."""
    words = name.upper().replace("-", "").split()
    return words[0][0] + words[-1][:3]
