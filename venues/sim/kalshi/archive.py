"""What has left the live paths (8.8)."""

from __future__ import annotations

from dataclasses import dataclass

from venues.sim.kalshi.catalogue import Market
from venues.sim.kalshi.knobs import Knobs


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutoff:
    """Older than this is only on the historical paths (8.8)."""

    market_settled_ms: int
    trades_created_ms: int
    orders_updated_ms: int
    positions_updated_ms: int


def cutoff(now_ms: int, knobs: Knobs) -> Cutoff:
    return Cutoff(
        market_settled_ms=now_ms - knobs.market_window_ms,
        trades_created_ms=now_ms - knobs.market_window_ms,
        orders_updated_ms=now_ms - knobs.order_window_ms,
        positions_updated_ms=now_ms - knobs.market_window_ms,
    )


def archived(market: Market, at: Cutoff) -> bool:
    return market.settled_ms is not None and market.settled_ms < at.market_settled_ms
