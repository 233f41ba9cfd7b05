"""`dutchbook sim serve` as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

START: Final = (
    "import sys; from app.cli import main; sys.argv = ['dutchbook', *sys.argv[1:]]; main()"
)


class Serving:
    """A `sim serve` of its own process: its first line, its settings, its end."""

    def __init__(self, settings: Path, *more: str) -> None:
        self.settings = settings
        words = ["sim", "serve", "--settings", str(settings), "--json", *more]
        self.process = subprocess.Popen(
            [sys.executable, "-c", START, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"},
        )
        assert self.process.stdout
        self.said: dict[str, Any] = json.loads(self.process.stdout.readline())

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        out, errors = self.process.communicate(timeout=20)
        assert out == errors == ""
        return self.process.returncode
