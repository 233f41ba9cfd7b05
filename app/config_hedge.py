"""The settings `limits` and `hedge`: what execution may do, and how it goes about it."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from app.dollars import Dollars
from execution.hedge import Deadlines
from execution.risk import Limits
from venues import ONE, Cash

_LIMITS: Final = Limits()
_DEADLINES: Final = Deadlines()


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LimitSettings(_Section):
    """Dollars, but for what ends in a unit."""

    order: Dollars = _LIMITS.order_max
    pair: Dollars = _LIMITS.pair_max
    group: Dollars = _LIMITS.group_max
    venue: Dollars = _LIMITS.venue_max
    day: Dollars = _LIMITS.day_max
    unhedged: Dollars = _LIMITS.unhedged_max
    hedge_loss: Dollars = _LIMITS.hedge_loss_max
    day_loss: Dollars = _LIMITS.day_loss_max
    open_hedges: int = Field(default=_LIMITS.open_max, ge=0)
    cooldown_s: int = Field(default=_LIMITS.cooldown_ms // 1_000, ge=0)
    edge_bps: int = Field(default=_LIMITS.edge_bps_min, ge=0)
    profit: Dollars = _LIMITS.profit_min

    @property
    def limits(self) -> Limits:
        return Limits(
            order_max=Cash(self.order),
            pair_max=Cash(self.pair),
            group_max=Cash(self.group),
            venue_max=Cash(self.venue),
            day_max=Cash(self.day),
            unhedged_max=Cash(self.unhedged),
            hedge_loss_max=Cash(self.hedge_loss),
            day_loss_max=Cash(self.day_loss),
            open_max=self.open_hedges,
            cooldown_ms=self.cooldown_s * 1_000,
            edge_bps_min=self.edge_bps,
            profit_min=Cash(self.profit),
        )


class HedgeSettings(_Section):
    together: bool = False
    preview_s: int = Field(default=60, ge=5, le=600)
    cross_ms: int = Field(default=_DEADLINES.cross_ms, ge=0, le=60_000)
    substitute_ms: int = Field(default=_DEADLINES.substitute_ms, ge=0, le=60_000)
    unwind_ms: int = Field(default=_DEADLINES.unwind_ms, ge=0, le=600_000)
    paper_cash: Dollars = 1_000 * ONE
    paper_latency_ms: int = Field(default=250, ge=0, le=10_000)
    paper_share_percent: int = Field(default=100, ge=1, le=100)

    @property
    def deadlines(self) -> Deadlines:
        return Deadlines(
            cross_ms=self.cross_ms,
            substitute_ms=self.substitute_ms,
            unwind_ms=self.unwind_ms,
        )
