"""What the jobs do when something they need is not there, and what the day's message tells."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from changes import appeared

from app.config import Settings
from app.pair_source import Source
from app.problem import Problem
from app.works import Works, _digest
from scanner.engine import Engine
from scanner.episode import Proof
from scanner.scan import Policy


@dataclass
class Rows:
    """A room, a history and alerts that only count."""

    engine: Engine = field(default_factory=lambda: Engine({}, policy=Policy()))
    passes: int = 0

    async def full_pass(self) -> None:
        self.passes += 1

    def count_near_misses(self, counts: object, now_ms: int) -> None: ...

    def hear_standing(self, episodes: object) -> int:
        return 0


async def test_a_pair_book_that_cannot_be_read_stops_no_pass(tmp_path: Path) -> None:
    rows: Any = Rows()
    nothing: Any = None
    works = Works(
        room=rows,
        source=Source(name="the pair book", rows=(), booked={}),
        history=rows,
        runs=nothing,
        outbox=nothing,
        alerts=rows,
        settings=Settings(data_dir=tmp_path),
        config=None,
        clock=nothing,
        desk=nothing,
    )
    with pytest.raises(Problem, match="The pair book is empty"):
        await works.scan(0)
    assert rows.passes == 1


def test_the_day_s_message_praises_nothing_that_was_in_doubt_all_the_time() -> None:
    good, doubted = appeared("good").episode, appeared("doubted").episode
    doubt = Proof(ages_ms=(1, None), doubts=("old",))
    found = _digest([good, replace(doubted, proof=doubt, was_good=False)], "SIM ")
    assert found.title == "SIM 1 opportunities in the last day"
    assert [line.rpartition(": ")[2] for line in found.lines] == [
        "good",
        "1 more were in doubt all the time.",
    ]
