"""docs/how-to/add-a-venue.md, followed to the letter."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = ROOT / "docs/how-to/add-a-venue.md"
LINES_MAX: Final = 300
CONFTEST: Final = """
import sys
from pathlib import Path

import pytest

import venues

HERE = Path(__file__).parent
venues.__path__.append(str(HERE / "venues"))
sys.path[:0] = [str(HERE / "tests/stages"), {stages!r}]

from toy_stage import ToyStage  # noqa: E402
from venues import SystemClock  # noqa: E402


class Still(SystemClock):
    def now_ms(self) -> int:
        return 1_800_000_000_000


@pytest.fixture
async def stage():
    async with ToyStage(Still()).open() as found:
        yield found
"""


def test_the_venue_of_the_how_to_keeps_what_every_venue_must(tmp_path: Path) -> None:
    files = re.findall(
        r"^```python\n# (\S+)\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL
    )
    assert sum(text.count("\n") for _, text in files) < LINES_MAX
    for name, text in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "venues/toy/__init__.py").touch()
    (tmp_path / "conftest.py").write_text(CONFTEST.format(stages=str(ROOT / "tests/stages")))
    shutil.copy(ROOT / "tests/conformance/test_data.py", tmp_path / "test_data.py")
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path), str(tmp_path)),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "5 passed" in ran.stdout
