"""What open orders lock, and what netting gives back (section 10). Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from venues.money import ONE, Cash, Price, Quantity, cost
from venues.sim.kalshi.records import BookSide


class Working(NamedTuple):
    """An open order of one market: what it still may fill."""

    side: BookSide
    price: Price
    left: Quantity


def locked(position: int, orders: Iterable[Working]) -> Cash:
    """What the open orders of one market lock: the full price of whatever they may open.

    An order against the position closes it and locks nothing; where several do, those that trade
    first close first. `position` is signed micro-contracts. Rounded up.
    """
    asks = sorted((o for o in orders if o.side is BookSide.ASK), key=lambda o: o.price)
    bids = sorted((o for o in orders if o.side is BookSide.BID), key=lambda o: -o.price)
    return Cash(_opening(asks, max(position, 0)) + _opening(bids, max(-position, 0)))


def _opening(orders: list[Working], covered: int) -> int:
    total = 0
    for order in orders:
        closing = min(covered, order.left)
        covered -= closing
        total += cost(order.side.own(order.price), Quantity(order.left - closing))
    return total


def sure_payout(positions: Mapping[str, int], may_win: Collection[str]) -> Cash:
    """What the positions of one exclusive event pay at the least: at most one market of `may_win`
    resolves yes, all others no. A micro-contract pays a micro-dollar."""
    all_no = sum(-count for count in positions.values() if count < 0)
    # If a market wins, its YES pays and its NO does not: both is adding the signed position.
    return Cash(min([all_no, *(all_no + positions.get(ticker, 0) for ticker in may_win)]))


def payout(position: int, value: Price) -> tuple[Cash, Quantity]:
    """What a settled position is worth, rounded down to a micro, and how many contracts it is.

    `value` is what one YES pays; one NO pays the rest of the dollar.
    """
    each = value if position > 0 else ONE - value
    return Cash(abs(position) * each // ONE), Quantity(abs(position))
