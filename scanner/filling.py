"""What an order of any quantity takes at one venue: filled level by level, billed as one order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from scanner.composite import Depth, effective
from venues import Cash, Contract, Price, Quantity, Side, Slice
from venues.fees import Bill
from venues.money import average_price, cost, proceeds, round_down, round_up


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The order for one venue. `amount` is paid, or received by who sells, before the `fee`.

    `average_price` is rounded against us.
    """

    contract: Contract
    quantity: Quantity
    average_price: Price
    worst_price: Price
    amount: Cash
    fee: Cash


class Filling:
    """One venue's Depth for orders of whole `lot`s.

    Orders from `least` to `most` may be sent; with `least` above `most` none may. Money is what an
    order takes from us in micro-dollars, so what a sale brings is below zero.
    """

    def __init__(self, side: Side, depth: Depth, lot: int) -> None:
        self._side, self._depth, self._lot = side, depth, lot
        sizes = [level.quantity for level in depth.levels]
        self.ends = list(accumulate(sizes))
        self._begins = [0, *self.ends]
        whole = [Slice(level.price, level.quantity) for level in depth.levels]
        self._whole = whole
        self._spent = [0, *accumulate(self._amount(fill.price, fill.quantity) for fill in whole)]
        self._slopes = [self._slope(fill.price) for fill in whole]
        lines = (size * slope for size, slope in zip(sizes, self._slopes, strict=True))
        self._lines = [0, *accumulate(lines)]
        self._bills: dict[int, tuple[Bill, int]] = {}
        self.most = round_down(self._begins[-1], lot)
        self.least = self._least()

    def allows(self, quantity: int) -> bool:
        return self.least <= quantity <= self.most

    def outlay(self, quantity: int) -> int:
        """Cost and billed fee of an order, one fill a level."""
        if not quantity:
            return 0
        at = bisect_left(self.ends, quantity)
        price, here = self._whole[at].price, Quantity(quantity - self._begins[at])
        bill, charged = self._bill(at)
        fee = charged + bill.peek(price, here)
        return self._spent[at] + self._amount(price, here) + fee

    def line(self, quantity: int) -> int:
        """The same without any rounding, in 1e-24 dollars: convex in the quantity."""
        if not quantity:
            return 0
        at = bisect_left(self.ends, quantity)
        return self._lines[at] + (quantity - self._begins[at]) * self._slopes[at]

    def gift(self, quantity: int) -> int:
        """The most that rounding can take off the line, for orders up to `quantity`."""
        fills = min(bisect_left(self.ends, quantity) + 1, len(self.ends))
        return fills * self._depth.fees.shortfall

    def part(self, quantity: int) -> Part:
        fills = tuple(self._fills(quantity))
        amount = Cash(sum(self._amount(fill.price, fill.quantity) for fill in fills))
        return Part(
            contract=self._depth.contract,
            quantity=Quantity(quantity),
            average_price=Price(abs(average_price(amount, Quantity(quantity)))),
            worst_price=fills[-1].price,
            amount=Cash(abs(amount)),
            fee=Cash(sum(self._depth.fees.billed(self._side, fills))),
        )

    def _amount(self, price: Price, quantity: Quantity) -> int:
        return cost(price, quantity) if self._side is Side.BUY else -proceeds(price, quantity)

    def _slope(self, price: Price) -> int:
        found = effective(self._side, self._depth.fees, price)
        return found if self._side is Side.BUY else -found

    def _least(self) -> int:
        """The smallest order of enough contracts that is also worth enough."""
        first = round_up(max(self._depth.minimum, self._lot), self._lot)
        sizes = range(first, self.most + 1, self._lot)
        return first + self._lot * bisect_left(
            sizes, int(self._depth.minimum_cost), key=self._worth
        )

    def _worth(self, quantity: int) -> int:
        at = bisect_left(self.ends, quantity)
        here = Quantity(quantity - self._begins[at])
        return abs(self._spent[at] + self._amount(self._whole[at].price, here))

    def _bill(self, levels: int) -> tuple[Bill, int]:
        """An order's bill once it has taken so many whole levels, and their fees."""
        if levels not in self._bills:
            bill = self._depth.fees.bill(self._side)
            charged = sum(bill.add(fill) for fill in self._whole[:levels])
            self._bills[levels] = bill, charged
        return self._bills[levels]

    def _fills(self, quantity: int) -> Iterator[Slice]:
        for begin, fill in zip(self._begins, self._whole, strict=False):
            if quantity <= begin:
                return
            yield Slice(fill.price, Quantity(min(fill.quantity, quantity - begin)))
