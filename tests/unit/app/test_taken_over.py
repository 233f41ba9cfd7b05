"""Two real executors at one journal: tests/stages/taken_over.py."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import yaml
from kills import LIMITS
from serving import Serving

from app.store.opening import Place

STAGES: Final = Path(__file__).parents[2] / "stages"
AT: Final = ("opened", "sending") if "DUTCHBOOK_SWEEP_ALL" in os.environ else ("sending",)
"""`make campaign` tries both."""


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    found = Serving(tmp_path_factory.mktemp("over") / "sim.yaml", "--seed", "4")
    yield found
    found.end(signal.SIGTERM)


@pytest.mark.parametrize("at", AT)
def test_who_was_stopped_and_taken_over_writes_and_sends_nothing_more(
    place: Place, serving: Serving, tmp_path: Path, at: str
) -> None:
    """Stopped after a hedge was written down, and between an order's record and the order."""
    settings = yaml.safe_load(serving.settings.read_text())
    settings |= {"data_dir": str(tmp_path / "data"), "limits": LIMITS}
    if not isinstance(place, Path):
        settings["database_url"] = place.get_secret_value()
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump(settings))
    ran = subprocess.run(
        [sys.executable, STAGES / "taken_over.py", config, serving.said["pairs_file"], at],
        env={**os.environ, "PYTHONPATH": f"{STAGES.parents[1]}:{STAGES}"},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr[-4_000:]
