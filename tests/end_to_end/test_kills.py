"""Real processes, real sockets, real SIGKILLs (F29): tests/stages/kills.py says how.

`make kills KILLS=200` does the same for longer.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

STAGES: Final = Path(__file__).parents[1] / "stages"
WORLDS: Final = 3


def test_who_is_killed_in_the_middle_loses_nothing_and_sends_nothing_twice() -> None:
    ran = subprocess.run(
        [sys.executable, str(STAGES / "kills.py"), "6", str(WORLDS), "4"],
        env={**os.environ, "PYTHONPATH": f"{STAGES.parents[1]}:{STAGES}"},
        check=False,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert ran.returncode == 0, ran.stderr[-4_000:]
    counts = dict(line.split(None, 1)[::-1] for line in ran.stdout.splitlines())
    killed = sum(int(n) for what, n in counts.items() if what.startswith("killed after"))
    assert killed == 6
    assert int(counts["audits"]) == WORLDS
    assert int(counts["orders"]) >= 1
