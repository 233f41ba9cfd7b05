"""Which token is which outcome, worked out instead of believed."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from venues import Outcome
from venues.polymarket.positions import token
from venues.sim.polymarket.positions import tokens_of

CANARY = "0x017791f201d5a788e0039e511fc1900e5f000000000000000000000000000000"
OUTCOMES = tuple(Outcome)


def worked_out(condition: str, *, neg_risk: bool, version: str = "v1") -> tuple[str, ...]:
    return tuple(token(condition, o, neg_risk=neg_risk, version=version) for o in OUTCOMES)


def test_a_market_of_protocol_v2_has_its_outcome_in_the_last_byte() -> None:
    yes, no = worked_out(CANARY, neg_risk=False, version="v2")
    assert yes == "663574927012476832975694178961957910328055987427402067619466963999000625152"
    assert int(no) == int(yes) + 1


def test_a_condition_whose_yes_would_be_the_no_of_another_has_no_tokens() -> None:
    with pytest.raises(ValueError, match="no condition of Protocol V2"):
        worked_out(CANARY[:-1] + "1", neg_risk=False, version="v2")


@pytest.mark.parametrize("neg_risk", [False, True])
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_two_witnesses_number_tokens_alike(neg_risk: bool, version: str) -> None:
    for number in range(20):
        condition = f"0x{(number * 7919 + 1) * 0x1F3D5B79 << 128:064x}"
        theirs = tokens_of(condition, version=version, neg_risk=neg_risk)
        assert worked_out(condition, neg_risk=neg_risk, version=version) == theirs


def test_every_recorded_market_has_the_tokens_that_follow_from_its_condition(shared: Path) -> None:
    """Standard and neg-risk, catalogue and exchange, up to July 2026."""
    folder = shared / "data/recorded/polymarket"
    files = [path for path in sorted(folder.rglob("*.json*")) if "legacy" not in path.name]
    markets = {found for path in files for found in _markets(_loaded(path))}
    kinds = {neg_risk for _, _, neg_risk in markets}
    assert len(markets) > 900
    assert kinds == {True, False}
    wrong = [each for each in markets if worked_out(each[0], neg_risk=each[2]) != each[1]]
    assert wrong == []


def _loaded(path: Path) -> Any:
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if ".jsonl" in path.name:
        return [json.loads(line) for line in raw.splitlines()]
    return json.loads(raw)


def _markets(found: Any) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    """(condition, tokens, neg-risk) wherever a payload has all three in full length."""
    if isinstance(found, list):
        for each in found:
            yield from _markets(each)
    elif isinstance(found, dict):
        tokens: Any = found.get("clobTokenIds") or ()
        condition, neg_risk = found.get("conditionId"), found.get("negRisk")
        if {"c", "t", "mts"} <= found.keys():
            condition, neg_risk = found["c"], found.get("nr")
            tokens = [each["t"] for each in found["t"]]
        if isinstance(tokens, str):
            tokens = json.loads(tokens)
        if condition and len(condition) == 66 and len(tokens) == 2 and len(tokens[0]) > 70:
            yield condition, tuple(tokens), bool(neg_risk)
        for each in found.values():
            yield from _markets(each)
