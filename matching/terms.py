"""Terms: what a market really says, field by field, each with the words it was read from.

A field is known (a Said) or unknown (None). Nothing here guesses: what no text says stays unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from matching.listing import Listing
from matching.relation import INFINITE, IntSet
from matching.when import Day, Window


class Domain(StrEnum):
    """What a market is about."""

    SPORTS = "sports"
    POLITICS = "politics"
    CENTRAL_BANK = "central_bank"
    ECONOMY = "economy"
    PRICE = "price"
    WEATHER = "weather"
    AWARD = "award"
    COUNT = "count"
    APPROVAL = "approval"
    MENTION = "mention"
    DEADLINE = "deadline"
    GENERIC = "generic"


class Said(NamedTuple):
    """A value and the words it was read from.

    `source` names where it stands when that is not the text a person reads ("ticker", "subtitle").
    """

    value: str
    span: str = ""
    source: str = ""


class Form(StrEnum):
    """How a number over time becomes the one that counts."""

    AT = "at"  # at one instant, or one published number
    MAX = "max"  # the highest within the window: "reach", "hit (high)"
    MIN = "min"  # the lowest within the window: "dip to"
    TOTAL = "total"  # how many within the window
    UP = "up"  # higher at the end of a short window than at its start


class Pick(StrEnum):
    """Which side of a game is YES."""

    A = "a"
    B = "b"
    DRAW = "draw"
    NONE = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Game:
    """One game, a part of it, and the final scores that pay.

    `what`: result, spread, total, team_total, btts, exact, or the words of another question.
    `line` in nanos. `day`: where the game is played. `number`: of a double-header. A side may be
    unknown (one team named). `unread`: words or outcomes that no rule has read. `two_way`: the two
    outcomes are no Yes and No but sides, or Over and Under.
    """

    sides: tuple[Said | None, Said | None]
    codes: str = ""
    code: str = ""
    league: str = ""
    sport: str = ""
    day: Day | tuple[()] = ()
    day_is_utc: bool = False
    minute: int | None = None
    segment: str = "full"
    what: str = "result"
    pick: Pick = Pick.NONE
    line: int | None = None
    over: bool = True
    score: tuple[int, int] | None = None
    words: frozenset[str] = frozenset()
    named: str = ""
    women: bool = False
    negated: bool = False
    number: int = 0
    line_source: str = ""
    unread: str = ""
    two_way: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """The numbers that pay: whole steps of `grid` nanos.

    `grid` 0: a continuous number, in nanos, where an edge of measure zero ("above 130,000" against
    "130,000 or more") is a divergence and no other set. `edge` is how the words set the edge.
    """

    values: IntSet
    grid: int
    edge: str
    span: str
    source: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the numbers that pay have no end on one side."""
        parts = self.values.parts
        return bool(parts) and (parts[0][0] <= -INFINITE or parts[-1][1] >= INFINITE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Somebody or something, and what comes true of it.

    `topic` is a known question ("price", "cpi_yoy", "rate_change"), None where only its words say
    it. `code`: the ticker's last part, where that is no strike. `tokens` are the telling words
    without subject, times and numbers, `sequence` all of them in the title's order, `marks` those
    that a passive, a quotation or a time adds ("after", a second day), `context` those of the event
    and the series. `ranks` are the places that pay in a contest (1: the winner). `single`: no two
    subjects can both come true. `numeric`: a number is asked, even where none was read. `figures`
    are the numbers beside those that pay ("Category 5"). `game`: the two sides of a player's game.
    `placeholder`: the subject is somebody yet to be named. `text` is what was read.
    """

    subject: Said | None
    topic: Said | None = None
    code: str = ""
    tokens: frozenset[str] = frozenset()
    sequence: tuple[str, ...] = ()
    marks: frozenset[str] = frozenset()
    context: frozenset[str] = frozenset()
    ranks: IntSet | None = None
    rank_span: str = ""
    single: bool = False
    form: Form = Form.AT
    numbers: Numbers | None = None
    numeric: bool = False
    figures: frozenset[str] = frozenset()
    game: tuple[str, ...] = ()
    negated: bool = False
    placeholder: bool = False
    place: Said | None = None
    source: Said | None = None
    text: str = ""

    @property
    def asked(self) -> str:
        """What is asked, in the listing's words."""
        return self.topic.span if self.topic else " ".join(self.text.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """All that one listing says. `year`: of the contest or the window, 0 where nothing tells it."""

    listing: Listing = field(repr=False)
    domain: Domain
    window: Window | None
    body: Game | Claim
    year: int = 0
