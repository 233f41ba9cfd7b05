"""The matcher on the labelled half that we may see: it stays as good as docs/matching.md says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.evaluating import evaluate


@pytest.fixture(scope="session")
def measured(shared: Path) -> dict[str, Any]:
    return evaluate(shared / "data/matching/pairs_dev.jsonl", None)


def test_what_is_accepted_is_the_same(measured: dict[str, Any]) -> None:
    assert measured["accept"]["precision"] >= 0.99
    assert measured["accept"]["recall"] >= 0.95
    assert measured["direction_errors"] == 0


def test_relations_scores_and_divergences(measured: dict[str, Any]) -> None:
    assert measured["macro_f1"] >= 0.95
    assert measured["ece"] <= 0.03
    assert measured["review_share"] <= 0.02
    assert measured["divergence"]["recall"] >= 0.90
    assert measured["divergence"]["precision"] >= 0.90


def test_every_family_is_served(measured: dict[str, Any]) -> None:
    for family, values in measured["families"].items():
        accept = values["accept"]
        if accept["n"] >= 10:
            assert accept["precision"] >= 0.95, family
            assert accept["recall"] >= 0.85, family
