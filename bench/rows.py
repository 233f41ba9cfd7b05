"""docs/rows.md from the tests that it names: `make rows` runs them, with the ARGS given."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests/stages")]

import rows  # noqa: E402 — found by the line above


def main() -> int:
    named = sorted({each for row in rows.ROWS for each in rows.proofs(row)})
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *sys.argv[1:]]
        ran = subprocess.run(
            [*command, *(f"tests/{each}" for each in named)], cwd=ROOT, check=False
        )
        if not report.exists():
            return ran.returncode
        rows.PAGE.write_text(rows.render(rows.results([report])), encoding="utf-8")
    return ran.returncode


if __name__ == "__main__":
    sys.exit(main())
