"""What the Data API tells of a wallet → the vocabulary, pure. Its numbers are JSON doubles: good
for what something had cost, never for what can be sold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from venues.market import Contract
from venues.money import ONE, Cash, Price, Quantity, cost
from venues.order import Fill, Settlement
from venues.polymarket import wire_orders as wire
from venues.polymarket.normalize import VENUE, condition
from venues.polymarket.normalize_trades import moment
from venues.polymarket.wire import read
from venues.sides import Outcome, Side

_EXPONENT_MAX: Final = 30
_UNTOLD: Final = datetime(1970, 1, 1, tzinfo=UTC)


def market_of(condition_id: str) -> str:
    return condition(condition_id)


class Held(NamedTuple):
    """`average`: what one contract had cost. `lost`: its market paid, and nothing for this."""

    market: str
    token: str
    average: Price
    lost: bool


def held(raw: wire.Raw) -> Held:
    """Raises ValueError for what makes no sense."""
    row = read(raw, wire.Holding)
    average = Price(_whole(row.avg_price, ONE))
    is_lost = row.redeemable and not row.current_price
    return Held(market_of(row.condition_id), row.token_id, average, is_lost)


def redeemed(raw: wire.Raw) -> tuple[str, int, int]:
    """(market, cash, epoch seconds). Raises as `held`."""
    row = read(raw, wire.Activity)
    return market_of(row.condition_id), _whole(row.usdc_size, ONE), row.timestamp


def average_bought(contract: Contract, fills: Iterable[Fill]) -> Price:
    """As `average`, of what these fills bought; 0 where they bought nothing."""
    bought = [f for f in fills if f.contract == contract and f.side is Side.BUY and not f.reversed]
    count = sum(each.quantity for each in bought)
    money = sum(each.price * each.quantity for each in bought)
    return Price(money // count if count else 0)


def settlement(
    market: str, found: wire.Resolution, fills: Iterable[Fill], revenue: Cash, paid_s: int
) -> Settlement:
    """From a resolution, our fills there and what was redeemed. Raises ValueError without payouts
    that make a dollar.

    `settled_at` is when it was redeemed, of losers when the market resolved.
    """
    if found.payouts is None:
        raise ValueError(f"{market} has no payouts")
    ours = sorted((each for each in fills if not each.reversed), key=lambda each: each.filled_at)
    yes, no = (_bought(ours, outcome) for outcome in Outcome)
    yes_pays, no_pays = map(_whole, found.payouts)
    if yes_pays + no_pays != ONE or min(yes_pays, no_pays) < 0:
        raise ValueError(f"{market} pays {yes_pays} and {no_pays}")
    return Settlement(
        venue=VENUE,
        market=market,
        yes_pays=Price(yes_pays),
        yes=Quantity(yes[0]),
        no=Quantity(no[0]),
        cost=Cash(yes[1] + no[1]),
        revenue=revenue,
        fee=Cash(sum(each.fee for each in ours)),
        settled_at=moment(paid_s or found.resolved_at) or _UNTOLD,
    )


def _bought(fills: Iterable[Fill], outcome: Outcome) -> tuple[int, int]:
    """(contracts left, what they had cost); what is sold takes its share of the cost along."""
    count = money = 0
    for each in fills:
        if each.contract.outcome is not outcome:
            continue
        if each.side is Side.BUY:
            count += each.quantity
            money += cost(each.price, each.quantity)
        elif count:
            sold = min(each.quantity, count)
            money -= money * sold // count
            count -= sold
    return count, money


def _whole(number: Decimal, unit: int = 1) -> int:
    """Half to even. Raises ValueError for what is no number, or out of all proportion."""
    if not number.is_finite() or number.adjusted() > _EXPONENT_MAX:
        raise ValueError(f"a number of {number}")
    return round(number * unit)
