"""The price and size that an order's two amounts mean, and whether they are well formed (§8.5)."""

from __future__ import annotations

from typing import Final, NamedTuple

from venues.money import CENT, LOT, ONE, Cash, Price, Quantity, text
from venues.sides import Side
from venues.sim.polymarket.catalogue import Market
from venues.sim.polymarket.knobs import Knobs
from venues.sim.polymarket.records import OrderType, SignedOrder
from venues.sim.polymarket.refusal import Refusal

_SHARE_UNIT: Final = 100
_COARSE_UNIT: Final = {Price(100_000): 1_000}
"""To what a buy that counts dollars rounds its shares; by tick, else `_SHARE_UNIT`."""
ACCURACY: Final = (
    "invalid amounts, the market buy orders maker amount supports a max accuracy of 2 decimals, "
    "taker amount a max of 4 decimals"
)


class Meant(NamedTuple):
    """`spend`: what a buy at once is to spend; None for everything that counts shares."""

    price: Price
    shares: Quantity
    spend: Cash | None


def meant(
    order: SignedOrder, kind: OrderType, market: Market, knobs: Knobs, order_id: str
) -> Meant:
    """400 for amounts off the tick, too fine, or too small."""
    if order.maker_amount <= 0 or order.taker_amount <= 0:
        raise Refusal(400, "Invalid order payload")
    is_buy = order.side is Side.BUY
    money, shares = order.maker_amount, order.taker_amount
    if not is_buy:
        money, shares = shares, money
    at_once = kind in {OrderType.FAK, OrderType.FOK}
    spend = Cash(money) if at_once and is_buy else None
    price = _on_grid(market, money, shares, order_id, rounded=spend is not None)
    if spend is not None:
        if knobs.capped_accuracy and (money % CENT or shares % _SHARE_UNIT):
            raise Refusal(400, ACCURACY)
    elif shares % LOT:
        raise Refusal(400, "Invalid order payload")
    _refuse_small(market, knobs, price, shares, order_id, at_once=at_once)
    return Meant(price, Quantity(shares), spend)


def _on_grid(market: Market, money: int, shares: int, order_id: str, *, rounded: bool) -> Price:
    """The tick multiple that the amounts stand for. Where shares were `rounded`, money / shares is
    a hair beside it: down, and an ask at the limit is in reach; up, and it is not."""
    tick = market.tick
    unit = _COARSE_UNIT.get(tick, _SHARE_UNIT)
    price = money * ONE // (shares * tick) * tick
    for each in (price, price + tick):
        off = abs(money * ONE - each * shares)
        if off < (each * unit if rounded else 1) and tick <= price <= ONE - tick:
            return Price(price)
    told = text(money * ONE // shares)
    raise Refusal(
        400,
        f"order {order_id} is invalid. Price ({told}) breaks minimum tick size rule: "
        f"{text(tick, 1)}",
    )


def _refuse_small(
    market: Market, knobs: Knobs, price: Price, shares: int, order_id: str, *, at_once: bool
) -> None:
    size = shares * price // ONE if knobs.minimum_in_dollars else shares
    if not at_once and size < market.minimum:
        raise Refusal(
            400,
            f"order {order_id} is invalid. Size ({text(size, 0)}) lower than the minimum: "
            f"{text(market.minimum, 0)}",
        )
