"""What the kernel sees: an order leaves after the journal's sync returned, and not before."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
import yaml
from kills import LIMITS
from serving import Serving

STAGES: Final = Path(__file__).parents[1] / "stages"
HEDGING: Final = """
import asyncio, os, sys
from pathlib import Path
import app.desk
from app.config import load_settings
from kills import Telling, work
Telling.pipe = os.open(os.devnull, os.O_WRONLY)
vars(app.desk)["StoredJournal"] = Telling
running = work(load_settings(Path(sys.argv[1])), Path(sys.argv[2]), 1, hedges=True)
asyncio.run(asyncio.wait_for(running, 10))
"""
ORDER: Final = re.compile(r'sendto\(.*"POST (/trade-api/v2/portfolio/events/orders|/order) HTTP')
WRITES: Final = "trace=fsync,fdatasync,sendto,pwrite64"


def test_the_journal_is_synced_before_the_first_byte_of_an_order(tmp_path: Path) -> None:
    """Between the last write to the log and an order's first bytes lies a sync that returned."""
    if shutil.which("strace") is None:
        pytest.skip("NO STRACE: system calls are not looked at")
    serving = Serving(tmp_path / "sim.yaml", "--seed", "4")
    settings = yaml.safe_load((tmp_path / "sim.yaml").read_text())
    settings |= {"data_dir": str(tmp_path / "data"), "limits": LIMITS}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(settings))
    words = [sys.executable, "-c", HEDGING, tmp_path / "config.yaml", serving.said["pairs_file"]]
    subprocess.run(
        ["strace", "-f", "-y", "-s", "5000", "-o", tmp_path / "calls", "-e", WRITES, *words],
        env={**os.environ, "PYTHONPATH": f"{STAGES.parents[1]}:{STAGES}"},
        check=False,
        capture_output=True,
        timeout=120,
    )
    serving.end(signal.SIGTERM)
    calls = (tmp_path / "calls").read_text(errors="replace").splitlines()
    orders = [number for number, call in enumerate(calls) if ORDER.search(call)]
    assert orders, "no order left"
    for number in orders:
        assert synced(calls[:number]), calls[number][:200]
    assert not synced([each for each in calls[: orders[0]] if "fdatasync" not in each])


def synced(calls: list[str]) -> bool:
    """Whether the log was written, and a sync of it both began and returned after that."""
    writes = [n for n, call in enumerate(calls) if "pwrite64(" in call and ".db-wal" in call]
    if not writes or not any("sending" in each for each in calls[: writes[-1] + 1]):
        return False
    after = calls[writes[-1] + 1 :]
    begun = [call for call in after if "fdatasync(" in call and ".db-wal" in call]
    if not begun:
        return False
    thread = begun[0].split()[0]
    return any(
        call.split()[0] == thread and "fdatasync" in call and call.rstrip().endswith("= 0")
        for call in after
    )
