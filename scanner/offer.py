"""One leg to be sized: what can be bought, at which fee, by which kind of order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from venues import LOT, Cash, Contract, FeeModel, Level, Quantity


class OrderKind(StrEnum):
    """QUANTITY asks for contracts. AMOUNT spends dollars in whole cents (a Polymarket market-type
    buy): it takes the least amount that reaches the quantity, and may buy a crumb more."""

    QUANTITY = "quantity"
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One leg to be sized: what can be bought, at which fee, sent as which kind of order.

    `asks` best first. `minimum` quantity and `minimum_cost` of an order; `cash` is the most that
    cost and fee may take together, None without limit.
    """

    contract: Contract
    asks: tuple[Level, ...]
    fees: FeeModel
    minimum: Quantity = LOT
    minimum_cost: Cash = Cash(0)
    cash: Cash | None = None
    kind: OrderKind = OrderKind.QUANTITY
