"""The tapes of a live day, by the settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from app.commands import note
from app.config import Settings
from app.problem import Exit, Problem
from venues import Clock
from venues.recorded import Recorder
from venues.tape import TapeError
from venues.tapes import TapeLimits, Tapes, tapes_in


@contextmanager
def recording(folder: Path | None, settings: Settings, clock: Clock) -> Iterator[Recorder | None]:
    """None where nothing is to be recorded. Raises Problem where nothing can be."""
    if folder is None:
        yield None
        return
    with ExitStack() as stack:
        try:
            limits = TapeLimits(**settings.record.model_dump())
            tapes = stack.enter_context(Tapes(folder, clock, limits))
            recorder = Recorder(tapes, clock)
            recorder.begin()
            tapes.wait()
        except (OSError, TapeError) as error:
            raise Problem(Exit.BAD_FILE, f"Nothing can be recorded in {folder}: {error}.") from None
        yield recorder
    if recorder.trouble:
        note(f"Not all of it is on tape: {recorder.trouble}.")
    found = tapes_in(folder)
    size = sum(path.stat().st_size for path in found)
    count = "1 tape" if len(found) == 1 else f"{len(found):,} tapes"
    note(f"{count} in {folder}, {size // 1_000:,} kB in all; try `dutchbook replay {folder}`.")
