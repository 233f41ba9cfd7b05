"""Seeds: two venues, hedges, and up to six kinds of trouble at once (tests/stages/campaign.py).

DUTCHBOOK_CAMPAIGN_SEEDS says how many; `make campaign` runs 5,000.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from campaign import run

SEEDS: Final = int(os.environ.get("DUTCHBOOK_CAMPAIGN_SEEDS", "200"))
STAGES: Final = Path(__file__).parents[1] / "stages"


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_seed_breaks_no_invariant(seed: int) -> None:
    outcome = run(seed)
    assert outcome.seed == seed


@pytest.mark.parametrize("seed", [3, 11, 42])
def test_the_same_seed_is_the_same_run_in_any_process(seed: int) -> None:
    """I23: also where the hashes of strings are other ones."""
    here = run(seed).trace
    assert run(seed).trace == here
    script = f"from campaign import run; print(run({seed}).trace)"
    env = {**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": f"{STAGES}:{Path.cwd()}"}
    there = subprocess.run(
        [sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True
    )
    assert there.stdout.split()[-1] == here
