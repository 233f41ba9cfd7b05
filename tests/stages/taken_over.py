"""A second executor takes over from one that the system has stopped, and the first goes on (F33).

    python tests/stages/taken_over.py SETTINGS PAIRS KIND

The first process stops itself (SIGSTOP) in the instant in which a row of KIND is on its disk and
nothing was done about it. Exits with 0 where it neither wrote nor sent anything after that.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from kills import Telling, agree, begin, forked, work

import app.desk
from app.config import Settings, load_settings
from app.journal_reading import read_rows
from app.store.opening import NAME
from execution.journal import Row, replayed


class Stopping(Telling):
    """Stops its own process when a row of this kind is on the disk."""

    at: str

    async def append(self, rows: Sequence[Row]) -> None:
        await super().append(rows)
        if any(row.kind == self.at for row in rows):
            os.kill(os.getpid(), signal.SIGSTOP)


def _executor(settings: Settings, pairs: Path, at: str, pipe: int) -> None:
    """`at`: where it stops; "" is the one that takes over, and ends when all is at rest."""
    Telling.pipe, Stopping.at = pipe, at
    vars(app.desk)["StoredJournal"] = Stopping if at else Telling
    asyncio.run(work(settings, pairs, 1, hedges=bool(at)))


def main(config: Path, pairs: Path, at: str) -> None:
    settings = load_settings(config)
    cash = asyncio.run(begin(settings))
    other = partial(_executor, settings, pairs, "")
    with forked(partial(_executor, settings, pairs, at)) as (one, _):
        _, status = os.waitpid(one, os.WUNTRACED)
        assert os.WIFSTOPPED(status), f"the first ended with {status}"
        if isinstance(settings.hedge_place, Path):
            assert _ended(other) != 0, "two processes have one SQLite file"
            (settings.hedge_place / f"{NAME}.lock").unlink()  # as somebody may who does not wait
        assert _ended(other) == 0, "the second did not take over"
        rows = read_rows(settings)
        assert any(row.kind == at for row in rows)
        os.kill(one, signal.SIGCONT)
        _, status = os.waitpid(one, 0)
        assert os.WIFEXITED(status), f"the first ended with {status}"
        assert os.WEXITSTATUS(status) == 1, "the first went on as if nothing had been"
    assert read_rows(settings) == rows, "the first wrote"
    asyncio.run(agree(settings, replayed(rows), cash))


def _ended(child: partial[None]) -> int:
    with forked(child) as (pid, _):
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
