"""The tapes of a live day, by the settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.config import Settings
from app.problem import Exit, Problem
from venues import Clock
from venues.recorded import Recorder
from venues.tape import TapeError
from venues.tapes import TapeLimits, Tapes


@contextmanager
def recording(folder: Path | None, settings: Settings, clock: Clock) -> Iterator[Recorder | None]:
    """None where nothing is to be recorded. Raises Problem where nothing can be."""
    if folder is None:
        yield None
        return
    tapes = Tapes(folder, clock, TapeLimits(**settings.record.model_dump()))
    try:
        tapes.__enter__()
        recorder = Recorder(tapes, clock)
        recorder.begin()
        tapes.wait()
    except (OSError, TapeError) as error:
        raise Problem(Exit.BAD_FILE, f"Nothing can be recorded in {folder}: {error}.") from None
    with tapes:
        yield recorder
