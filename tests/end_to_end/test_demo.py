"""`dutchbook demo`: the report of contracts.md, by a hedge that somebody made over HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from serving import START


@pytest.fixture
def home() -> Iterator[Path]:
    """Of a short name: a socket's path is a hundred signs at most."""
    with tempfile.TemporaryDirectory(prefix="d") as folder:
        yield Path(folder)


def _demo(home: Path, *words: str) -> tuple[subprocess.CompletedProcess[str], dict[str, object]]:
    try:
        ran = subprocess.run(
            [sys.executable, "-c", START, "demo", *words, "--json"],
            capture_output=True,
            text=True,
            cwd=home,
            env=os.environ | {"HOME": str(home), "TMPDIR": str(home)},
            timeout=240,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        pytest.fail(f"it does not end: {late.stderr!r}")
    [line] = ran.stdout.splitlines()
    return ran, json.loads(line)


def test_a_demo_hedges_once_by_the_link_of_an_alert_and_all_ledgers_agree(home: Path) -> None:
    ran, report = _demo(home, "--seconds", "10")
    assert report["schema"] == "dutchbook.demo/1"
    assert report["mode"] == "sim"
    assert int(str(report["pairs_matched"])) > 150
    assert int(str(report["opportunities"])) > 5
    alerts, hedge = report["alerts"], report["hedge"]
    assert isinstance(alerts, dict)
    assert isinstance(hedge, dict)
    assert min(alerts["email"], alerts["slack"]) > 0
    assert (report["traps_matched"], report["outside_connections"]) == (0, 0)
    assert report["ledgers_agree"] is True, ran.stderr
    assert hedge["state"] == "HEDGED", ran.stderr
    assert hedge["unhedged_micros"] == 0
    one, two = hedge["legs"]
    assert {one["venue"], two["venue"]} == {"kalshi", "polymarket"}
    assert one["quantity_micros"] == two["quantity_micros"] > 0
    paid = sum(
        leg["price_micros"] * leg["quantity_micros"] // 1_000_000 + leg["fee_micros"]
        for leg in hedge["legs"]
    )
    assert hedge["profit_micros"] == one["quantity_micros"] - paid
    assert ran.returncode == 0, ran.stderr
    assert [each.name for each in home.iterdir()] == []  # nothing is left behind
