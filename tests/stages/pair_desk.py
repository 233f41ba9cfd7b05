"""A person with a pair book of one pair, over a real file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from app.store.opening import open_store
from matching.keeping import Counts, keep
from matching.listing import Listing
from matching.pairs import MarketKey, Relation
from matching.read import listing_from_row
from matching.verdict import Agreement, Divergence, Evidence, Judgement, Severity, Verdict

TICKER: Final = "KXPRESNOMR-28-JDOE"
CONDITION: Final = "0x" + "cd" * 32
ONE: Final = listing_from_row(
    "kalshi",
    {
        "ticker": TICKER,
        "title": "Will Jane Doe be the Republican nominee for President in 2028?",
        "rules_primary": "If Jane Doe wins the 2028 Republican nomination, then Yes.",
        "rules_secondary": "A nominee is who the party names at its convention.",
        "strike_type": "custom",
    },
)
TWO: Final = listing_from_row(
    "polymarket",
    {
        "conditionId": CONDITION,
        "question": "Will Jane Doe win the 2028 Republican presidential nomination?",
        "slug": "jane-doe-2028",
        "outcomes": '["Yes", "No"]',
        "description": "Resolves to Yes if Jane Doe accepts the nomination\nof the Republicans.",
    },
)
FOUND: Final = Judgement(
    kalshi=MarketKey("kalshi", TICKER),
    polymarket=MarketKey("polymarket", CONDITION),
    relation=Relation.SAME,
    verdict=Verdict.ACCEPT,
    score=0.99,
    assumed=("year",),
    evidence=(Evidence("subject", Agreement.AGREE, "Jane Doe", "Jane Doe"),),
    divergences=(
        Divergence("announcement", Severity.CAUTION, "names at its convention", "accepts the"),
    ),
)


class Desk:
    """A person with a book of one pair."""

    def __init__(self, folder: Path, cli: Callable[..., Any]) -> None:
        self.folder = folder
        self.data = folder / "data"
        self._cli = cli

    def find(self, two: Listing = TWO, found: Judgement = FOUND) -> Counts:
        """What a run of the matcher does to the book."""
        listings = {found.kalshi: ONE, found.polymarket: two}
        with open_store(self.data) as store:
            store.see("kalshi", [ONE], 1)
            store.see("polymarket", [two], 1)
            return keep([found], listings, store, at_ms=1)

    def pairs(self, *args: str) -> Any:
        return self._cli("pairs", *args)

    def json(self, *args: str) -> Any:
        ran = self.pairs(*args, "--json")
        assert ran.exit_code == 0, ran.output
        return json.loads(ran.stdout)

    @property
    def id(self) -> str:
        found: str = self.json("list")["pairs"][0]["pair_id"]
        return found
