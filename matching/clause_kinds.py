"""The vocabulary of rules texts: what a clause is about, and how one can settle."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Final, NamedTuple


class Kind(StrEnum):
    """What a clause is about; behind it, the values."""

    SOURCE = "source"  # field:name, as "price:binance", "station:KNYC"
    INSTANT = "instant"  # "21:00 ET": the hour at which something is measured
    DEADLINE = "deadline"  # the first moment too late for YES
    WINDOW = "window"  # "listing", or the first day
    BOUNDARY = "boundary"  # number:below / number:above, the side an exact hit belongs to
    TOUCH = "touch"  # "touch": reaching a price at any moment counts
    EDGE = "edge"  # higher / lower: the bracket that an exact hit between two belongs to
    POSTPONEMENT = "postponement"  # within:hours, until:day, open, or an outcome
    CANCELLATION = "cancellation"  # an outcome
    TIE = "tie"  # an outcome, tie_market, alphabetical or scalar
    OVERTIME = "overtime"  # included / excluded
    EARLY_CLOSE = "early_close"  # early / not_early
    ENTITY = "entity"  # acting_counts / acting_excluded / successor
    METRIC = "metric"  # key:value, as "basket:core", "print:first", "sampling:trimmed_mean"
    STAGE = "stage"  # announced / effective / announcement_excluded / announcement_suffices
    DEAD_HEAT = "dead_heat"  # an outcome, or "shared"
    DEATH = "death"  # an outcome
    WITHDRAWAL = "withdrawal"  # an outcome, advances or as_played
    SCALAR = "scalar"  # "scalar": a fraction of a dollar
    DISPUTE = "dispute"  # "dispute"


class Outcome(StrEnum):
    """How a clause settles a contract where the question itself does not."""

    FIFTY = "fifty"
    LAST_PRICE = "last_price"
    REFUND = "refund"
    NO = "no"
    YES = "yes"
    OTHER = "other"
    NAMED = "named"


class Clause(NamedTuple):
    """One thing that a text says; `span` is the sentence of the text, verbatim."""

    kind: Kind
    value: str
    span: str


Found = Iterator[tuple[Kind, str]]
Reader = Callable[[str], Found]
"""What one reader finds in one folded sentence."""


def fold(text: str) -> str:
    """Lower case, with one kind of quote and dash."""
    return (text if text.isascii() else text.translate(_FOLD)).lower()


_FOLD: Final = str.maketrans("‘’“”‐‑‒–—−\u00a0", "''\"\"------ ")
