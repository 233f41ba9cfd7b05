"""What the matcher says of two listings, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from matching.pairs import MarketKey, Relation


class Verdict(StrEnum):
    """ACCEPT: both texts name one event. REVIEW: a person must read them. REJECT: they do not."""

    ACCEPT = "accept"
    REVIEW = "review"
    REJECT = "reject"


class Severity(StrEnum):
    """What a divergence of the rules can do to a pair of contracts that are one event in logic.

    NOTE: it changes nobody's payout. CAUTION: it can in a rare state (a postponed game, a tie).
    BAR: it can in a common one (another oracle, another hour): never for automatic use.
    """

    NOTE = "note"
    CAUTION = "caution"
    BAR = "bar"


class Divergence(NamedTuple):
    """One difference of the rules, with the words of both sides ("": that side is silent)."""

    code: str
    severity: Severity
    kalshi_span: str
    polymarket_span: str


class Agreement(StrEnum):
    """How one field of two listings compares. BRIDGED: one side is silent and a rule fills it."""

    AGREE = "agree"
    BRIDGED = "bridged"
    UNKNOWN = "unknown"
    CONFLICT = "conflict"


class Evidence(NamedTuple):
    """One field of both listings, with the words that it was read from."""

    field: str
    agreement: Agreement
    kalshi_span: str
    polymarket_span: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The relation of Kalshi's YES to Polymarket's YES, how sure, and from which words.

    `score` is the probability that the relation is SAME or INVERTED. `vetoes` are the reasons why
    it surely is not. `assumed` are the fields that one side leaves out, bridged by a rule.
    """

    kalshi: MarketKey
    polymarket: MarketKey
    relation: Relation
    verdict: Verdict
    score: float
    assumed: tuple[str, ...] = ()
    vetoes: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    divergences: tuple[Divergence, ...] = ()
