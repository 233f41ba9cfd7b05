"""Orders for Polymarket's stage, and a look at what rests there."""

from __future__ import annotations

from typing import Any, Final

from polymarket_stage import PolymarketStage

from venues import (
    Contract,
    OrderRequest,
    Outcome,
    Price,
    Quantity,
    Side,
    TimeInForce,
    micros,
)

REST: Final = TimeInForce.RESTING
NOW: Final = TimeInForce.FILL_AND_KILL
ALL: Final = TimeInForce.FILL_OR_KILL


def buy(
    stage: PolymarketStage, limit: str, size: str, time: TimeInForce = REST, **more: Any
) -> OrderRequest:
    outcome, market = more.pop("outcome", Outcome.YES), more.pop("market", stage.market)
    side = more.pop("side", Side.BUY)
    return OrderRequest(
        client_id=more.pop("id", f"{side} {outcome} {limit} {size} {time}"),
        contract=Contract("polymarket", market, outcome),
        side=side,
        limit=Price(micros(limit)),
        quantity=Quantity(micros(size)),
        time_in_force=time,
        **more,
    )


def open_orders(stage: PolymarketStage) -> int:
    """Of ours, as the exchange itself has them, those in a delay too."""
    return len(stage.house.view(stage.keys.api_key, stage.house.now_ms).orders())
