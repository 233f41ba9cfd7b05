"""By which answers the exchange says that it is up and takes no such orders (facts §15.3)."""

from __future__ import annotations

from typing import Final

from venues.errors import Paused, TradingMode
from venues.http import Exchange, words
from venues.polymarket.normalize import VENUE

_MODES: Final = (
    ("post-only mode", TradingMode.POST_ONLY),
    ("cancel-only", TradingMode.CANCEL_ONLY),
    ("trading is currently disabled", TradingMode.DISABLED),
)


def mode(answer: Exchange) -> Paused | None:
    """None for every other answer: a 503 in other words may be a proxy's, and proves nothing."""
    if answer.status == 425:
        return Paused(VENUE, TradingMode.RESTARTING, _wait_s(answer))
    if answer.status != 503:
        return None
    said = words(answer.body)[0].lower()
    found = next((mode for part, mode in _MODES if part in said), None)
    return Paused(VENUE, found, _wait_s(answer)) if found else None


def _wait_s(answer: Exchange) -> int | None:
    wait = answer.retry_after
    return int(wait) if wait.isdecimal() and len(wait) < 10 else None
