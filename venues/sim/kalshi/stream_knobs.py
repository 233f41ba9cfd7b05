"""What a test may turn about the websocket; the conventions of UNSURE points are in `Knobs`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamKnobs:
    buffer_max: int = 10_000
    """Frames of one subscription that may wait for a slow reader; one more ends it (code 25)."""
    markets_max: int = 500_000
    """Markets of one subscription (code 26)."""
    commands_per_s: int = 10_000
    """Commands of one connection in any second (code 27)."""
    connections_max: int = 200
    """Connections of one user; the next handshake is refused."""
    unknown_markets_refused: bool = True
    """A command that names an unknown market is error 11; False: such names are passed over.
    Neither is documented (code 16 was retired)."""
    empty_side_shown: bool = False
    """Test only, never the wire: snapshots say [] for an empty side, as the third-party client
    `kalshi-sdk` wants it."""
    sending_ts_ms: bool = True
    """Frames say when they were queued: so in the document of October 2026, not in recordings."""
    taker_marked: bool = True
    """A delta names the incoming order that took the level, to its owner: he "caused this orderbook
    change" (AsyncAPI). Never seen in the wild."""
    cut_on_pause: bool = False
    """Connections break when a whole shard pauses (14)."""
