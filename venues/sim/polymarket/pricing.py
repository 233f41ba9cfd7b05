"""The price and size that an order's two amounts mean, and whether they are well formed (§8.5)."""

from __future__ import annotations

from typing import Final, NamedTuple

from venues.money import CENT, LOT, ONE, Cash, Price, Quantity, text
from venues.sides import Side
from venues.sim.polymarket.catalogue import Market
from venues.sim.polymarket.knobs import Knobs
from venues.sim.polymarket.records import OrderType, SignedOrder
from venues.sim.polymarket.refusal import Refusal

_SLACK: Final = {100_000: 1_000}
"""How far amounts may be from price × shares, in micro-dollars, by tick; 100 elsewhere: shares of a
buy that counts dollars are rounded down to that many places."""
_SHARE_UNIT: Final = 100
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
    price = _on_grid(market, money, shares, order_id, is_buy=is_buy)
    at_once = kind in {OrderType.FAK, OrderType.FOK}
    spend = Cash(money) if at_once and is_buy else None
    if spend is not None:
        if knobs.capped_accuracy and (money % CENT or shares % _SHARE_UNIT):
            raise Refusal(400, ACCURACY)
    elif shares % LOT:
        raise Refusal(400, "Invalid order payload")
    _refuse_small(market, knobs, price, shares, order_id, at_once=at_once)
    return Meant(price, Quantity(shares), spend)


def _on_grid(market: Market, money: int, shares: int, order_id: str, *, is_buy: bool) -> Price:
    """The tick multiple that the amounts stand for: rounding leaves a buy a hair above it and a
    sale a hair below."""
    tick = market.tick
    steps = money * ONE // (shares * tick) if is_buy else -(-money * ONE // (shares * tick))
    slack = _SLACK.get(tick, 100)
    for each in (steps, steps + 1 if is_buy else steps - 1):
        price = each * tick
        off = money * ONE - price * shares
        if abs(off) <= slack * ONE and 0 < price < ONE:
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
