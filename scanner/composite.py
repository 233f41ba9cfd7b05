"""One book of two venues: where each next contract is cheapest, its fee counted in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from matching.pairs import Relation
from venues import LOT, ONE, Cash, Contract, FeeModel, Level, Outcome, Price, Quantity, Side
from venues.money import round_up


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """What one venue would take of an order at once.

    `levels` best first: asks for who buys, bids for who sells. `minimum` quantity and
    `minimum_cost` of an order; quantities are whole numbers of `lot`.
    """

    contract: Contract
    levels: tuple[Level, ...]
    fees: FeeModel
    minimum: Quantity = LOT
    minimum_cost: Cash = Cash(0)
    lot: Quantity = LOT


class Priced(NamedTuple):
    """A level of the composite book. `exact`: price with the unrounded fee of the next contract
    there, in 1e-18 dollars; `fee` and `effective` are the same, rounded against us."""

    contract: Contract
    price: Price
    quantity: Quantity
    exact: int

    @property
    def fee(self) -> Cash:
        return Cash(round_up(abs(self.exact - self.price * ONE**2), ONE**2) // ONE**2)

    @property
    def effective(self) -> Cash:
        added = self.exact >= self.price * ONE**2
        return Cash(self.price + self.fee if added else self.price - self.fee)


def composite(side: Side, depths: Iterable[Depth]) -> tuple[Priced, ...]:
    """All levels of all venues, best effective price first; of equal ones in the order given.

    Levels say where the next contract is best; what an order is billed, rounding and all, says
    `scanner.route`.
    """
    levels = [
        Priced(depth.contract, price, quantity, effective(side, depth.fees, price))
        for depth in depths
        for price, quantity in depth.levels
    ]
    return tuple(sorted(levels, key=lambda level: level.exact, reverse=side is Side.SELL))


def effective(side: Side, fees: FeeModel, price: Price) -> int:
    """What one contract takes (a sale: brings) at `price`, unrounded, in 1e-18 dollars."""
    fee = fees.marginal(price)
    return price * ONE**2 + (fee if side is Side.BUY else -fee)


def twin(outcome: Outcome, relation: Relation) -> Outcome:
    """The outcome of the second market that pays where `outcome` of the first does."""
    return outcome if relation is Relation.SAME else outcome.other
