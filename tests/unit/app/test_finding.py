"""What `pairs find` leaves in the book where a run ends in the middle."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app import finding
from app.config import Settings
from app.store.opening import open_store, read_store
from matching.catalogue import Matched
from matching.listing import Listing
from matching.pair_book import Act, PairState, decide, proposed
from matching.pairs import MarketKey, Relation
from matching.verdict import Judgement, Verdict

ONE = Listing(venue="kalshi", id="KXA-26-B", title="Will it?", rules=("If it does, Yes.",))
TWO = Listing(venue="polymarket", id="0x1", title="Will it?", rules=("It does.",))
FOUND = Judgement(
    kalshi=MarketKey("kalshi", ONE.id),
    polymarket=MarketKey("polymarket", TWO.id),
    relation=Relation.SAME,
    verdict=Verdict.ACCEPT,
    score=0.99,
)
MATCHED = Matched(accepted=(FOUND,), review=(), near=(), looked_at=2, judged=1)


def test_no_edit_counts_as_seen_before_it_took_the_approval_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data_dir=tmp_path)
    approved = decide(proposed(FOUND, ONE, TWO, at_ms=1), Act.APPROVE, by="Ann", at_ms=2)
    with open_store(settings.folder) as store:
        store.see("kalshi", [ONE], 1)
        store.see("polymarket", [TWO], 1)
        store.put([approved], at_ms=2, texts=[ONE, TWO])
    edited = {"kalshi": [ONE], "polymarket": [replace(TWO, rules=("It does, by noon.",))]}

    def ends(*args: object, **named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(finding, "keep", ends)
        with pytest.raises(KeyboardInterrupt):
            finding._keep(settings, edited, MATCHED)
    with read_store(settings.folder) as store:
        assert store.listing(FOUND.polymarket) == TWO
    said = finding._keep(settings, edited, MATCHED)
    assert [row["id"] for row in said["revoked"]] == [approved.id]
    with read_store(settings.folder) as store:
        assert store.pairs()[0].state is PairState.REVOKED
        assert store.listing(FOUND.polymarket) == edited["polymarket"][0]
