"""One pair of two short texts, as found, as new in the book and as approved."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from matching.listing import Listing
from matching.pair_book import Act, decide, proposed
from matching.pairs import MarketKey, Relation
from matching.verdict import Judgement, Verdict

K: Final = MarketKey("kalshi", "KXA-26-B")
P: Final = MarketKey("polymarket", "0x1")
ONE: Final = Listing(venue="kalshi", id=K.id, title="Will it?", rules=("If it does, Yes.",))
TWO: Final = Listing(venue="polymarket", id=P.id, title="Will it, in 2026?", rules=("It does.",))
FOUND: Final = Judgement(
    kalshi=K, polymarket=P, relation=Relation.SAME, verdict=Verdict.ACCEPT, score=0.99
)
NEW: Final = proposed(FOUND, ONE, TWO, at_ms=1)
APPROVED: Final = decide(NEW, Act.APPROVE, by="Ann", at_ms=2)
EDITED: Final = replace(TWO, rules=("It does, by noon.",))
