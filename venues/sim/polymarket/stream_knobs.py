"""What a test may turn about the websockets; the house's own conventions are in `Knobs`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Times(StrEnum):
    """Units of the user channel (§13). `MIXED`: `timestamp` in milliseconds, all else in seconds.
    `RECORDED`: `created_at` in milliseconds too."""

    MIXED = "mixed"
    SECONDS = "seconds"
    RECORDED = "recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamKnobs:
    newline: bool = False
    """Every frame of data ends in one."""
    arrays: bool = False
    """Every frame of data is an array, even of one event."""
    empty_arrays: bool = False
    """A frame `[]` goes out ahead of every frame of data."""
    levels_together: bool = False
    """One price_change for all levels that a command moved; else one for each level, all with the
    same timestamp and hash, as recorded."""
    empty_side: tuple[str, str] = ("0", "1")
    """What stands for the best bid and the best ask of an empty side; ("", "") was seen too."""
    book_after_trade: bool = True
    resolved_told: bool = True
    """False: `market_resolved` is omitted (§12.1)."""
    tokens_max: int = 500
    """Tokens of one connection; those beyond are passed over (UNSURE 6)."""
    unknown_tokens_close: bool = False
    """A connection that names an unknown token is closed; else the name is passed over."""
    early_ping_closes: bool = True
    """A PING before the first subscription ends the connection, as of August 2026; else it is
    answered."""
    buffer_max: int = 10_000
    """Frames that may wait for a slow reader; one more and the connection is cut (our choice)."""
    cut_on_restart: bool = False
    """Connections break when the engine restarts."""
    times: Times = Times.MIXED
    match_time: str = "match_time"
    """The name of that field; `matchtime` was seen too."""
    maker_sides: bool = True
    """`maker_orders` say their side: so in the client's model, not in recordings."""
