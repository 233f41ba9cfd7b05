"""docs/tutorial.md, typed line by line by somebody who knows nothing else."""

from __future__ import annotations

import re
import shlex
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from serving import Serving

PAGE: Final = Path(__file__).resolve().parents[2] / "docs/tutorial.md"
ENDLESS: Final = ("demo", "run", "sim")
"""What serves until Ctrl-C; other tests do."""
TYPED: Final = {
    ("hedge", "execute"): ("--confirm", "live"),
    ("kill", "off"): ("--confirm", "off"),
}
"""What a person types when asked."""


def _lines() -> list[list[str]]:
    blocks = re.findall(r"^```\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    typed = [shlex.split(line, comments=True) for line in lines if line.startswith("dutchbook ")]
    return [words[1:] for words in typed if words[1] not in ENDLESS]


def test_the_first_hour_goes_as_the_tutorial_says(
    tmp_path: Path, cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    serving = Serving(tmp_path / "sim.yaml", "--seed", "4")
    preview = ""
    try:
        for words in _lines():
            typed = [preview if word == "PREVIEW_ID" else word for word in words]
            ran = _typed(cli, typed)
            moved = words[:2] == ["hedge", "execute"] and ran.exit_code == 5
            assert ran.exit_code == 0 or moved, f"{' '.join(typed)}\n{ran.output}"
            if found := re.search(r"hedge execute (\S+)", ran.output):
                preview = found[1]
        assert preview
    finally:
        serving.end(signal.SIGTERM)


def _typed(cli: Callable[..., Any], words: list[str]) -> Any:
    """Makers move: a preview may find nothing for a moment."""
    for _ in range(20):
        ran = cli(*words, *TYPED.get((words[0], words[1]), ()))
        if ran.exit_code != 5 or words[1] != "preview":
            return ran
    raise AssertionError(f"nothing was left twenty times: {words}")
