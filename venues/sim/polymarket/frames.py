"""One event, or several, as a frame. Knows no channel."""

from __future__ import annotations

from collections.abc import Callable

from venues.sim.polymarket.stream_knobs import StreamKnobs
from venues.sim.polymarket.wire_text import Object, json_text


def frame(events: Object | list[Object], knobs: StreamKnobs) -> str:
    """An array for several, also for one by a knob."""
    body = [events] if knobs.arrays and isinstance(events, dict) else events
    return json_text(body) + ("\n" if knobs.newline else "")


def of_type(*types: str) -> Callable[[str], bool]:
    """Whether a frame has an event of one of these: for `StreamFaults.hits`."""
    marks = tuple(f'"event_type":"{each}"' for each in types)
    return lambda text: any(mark in text for mark in marks)
