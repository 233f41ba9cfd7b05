"""What each rung of the ladder would send now, on fresh books. Pure.

Whatever is bought or sold, the hedge as a whole may not lose more than its plan allows; what no
limit within that budget would get is left to the next rung.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from execution.hedge import Hedge
from execution.orders import Rung
from venues import (
    LOT,
    Book,
    Cash,
    Contract,
    FeeModel,
    Level,
    Market,
    MarketStatus,
    Price,
    Quantity,
    Side,
    UnknownFee,
)
from venues.money import cost, proceeds, round_down


class View(NamedTuple):
    """A market and its YES book as its venue shows them now."""

    market: Market
    book: Book

    def of(self, contract: Contract) -> Book:
        return self.book.of(contract.outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """An order to be sent: `fee_bound` is the most that its fee can be. `asked_ns`: when the
    books that it rests on were asked for, None where that does not matter."""

    leg: int
    rung: Rung
    contract: Contract
    side: Side
    limit: Price
    quantity: Quantity
    fee_bound: Cash
    asked_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoTicket:
    """Why nothing can be sent. `for_good`: waiting does not help."""

    why: str
    for_good: bool = False


Views = Mapping[tuple[str, str], View]
"""By (venue, market)."""


def ticket(
    hedge: Hedge,
    rung: Rung,
    views: Views,
    *,
    now_ms: int,
    minimum_cost: Mapping[str, Cash],
    barred: Collection[Contract] = (),
) -> Ticket | NoTicket:
    """`minimum_cost`: the least that an order may cost, by venue. `barred`: substitutes that may
    not be bought now."""
    long_leg = hedge.long_leg
    naked = Quantity(abs(hedge.naked))
    if rung is Rung.UNWIND:
        found = _held_of(hedge, long_leg)
        leg, side = long_leg, Side.SELL
    else:
        leg, side = 1 - long_leg, Side.BUY
        found = [each for each in _twins(hedge, rung, leg) if each[0] not in barred]
    ends: list[NoTicket] = []
    for contract, most in found:
        view = views.get((contract.venue, contract.market))
        wanted = Quantity(min(naked, most) if most else naked)
        one = _Try(hedge, leg, rung, contract, side, wanted, now_ms)
        made = one.on(view, minimum_cost.get(contract.venue, Cash(0)))
        if isinstance(made, Ticket):
            return made
        ends.append(made)
    if not ends:
        return NoTicket(why="no equivalent contract is known", for_good=True)
    return NoTicket(why=ends[0].why, for_good=all(each.for_good for each in ends))


def _twins(hedge: Hedge, rung: Rung, leg: int) -> list[tuple[Contract, int]]:
    if rung is Rung.SUBSTITUTE:  # they stand for the second leg alone
        return [(each, 0) for each in hedge.plan.substitutes if leg == 1]
    return [(hedge.plan.legs[leg].contract, 0)]


def _held_of(hedge: Hedge, leg: int) -> list[tuple[Contract, int]]:
    """What is held of this leg, each contract with how much, most first."""
    contracts = {each.request.contract for each in hedge.attempts if each.leg == leg}
    held = [(contract, hedge.holds(contract)) for contract in contracts]
    return sorted(((c, n) for c, n in held if n > 0), key=lambda each: (-each[1], str(each[0])))


@dataclass(frozen=True, slots=True)
class _Try:
    hedge: Hedge
    leg: int
    rung: Rung
    contract: Contract
    side: Side
    wanted: Quantity
    now_ms: int

    def on(self, view: View | None, minimum_cost: Cash) -> Ticket | NoTicket:
        if view is None:
            return NoTicket(why=f"{self.contract.venue} does not show {self.contract.market}")
        market = view.market
        if market.status in {MarketStatus.CLOSED, MarketStatus.RESOLVED, MarketStatus.SETTLED}:
            return NoTicket(why=f"{market.id} is {market.status}", for_good=True)
        if market.status is not MarketStatus.OPEN:
            return NoTicket(why=f"{market.id} is {market.status}")
        fees = market.fees.at(self.now_ms)
        if isinstance(fees, UnknownFee):
            return NoTicket(why=f"nobody knows the fee of {market.id}")
        if fault := view.book.fault():
            return NoTicket(why=f"the book of {market.id} is {fault}")
        lot = max(market.lot, LOT)
        if self.wanted < max(market.minimum, lot):
            return NoTicket(why="it is less than the venue takes", for_good=True)
        return self._best(view, fees, lot, minimum_cost)

    def _best(
        self, view: View, fees: FeeModel, lot: Quantity, minimum_cost: Cash
    ) -> Ticket | NoTicket:
        """The deepest limit that the budget allows, for as much as stands within it."""
        book = view.of(self.contract)
        levels = book.asks if self.side is Side.BUY else book.bids
        best: Ticket | None = None
        reached = False
        for limit, within in _depths(levels):
            if not view.market.grid.holds(limit):
                continue
            size = Quantity(round_down(min(within, self.wanted), lot))
            if size < view.market.minimum or cost(limit, size) < minimum_cost:
                continue
            reached = True
            made = self._ticket(limit, size, fees)
            if self._result(made) < -self.hedge.plan.loss_max or self._is_too_dear(made):
                break
            best = made
            if size >= round_down(self.wanted, lot):
                break
        if best:
            return best
        if not reached:
            return NoTicket(why="too little stands in the book")
        return NoTicket(why="every price is beyond the loss that is allowed")

    def _ticket(self, limit: Price, size: Quantity, fees: FeeModel) -> Ticket:
        return Ticket(
            leg=self.leg,
            rung=self.rung,
            contract=self.contract,
            side=self.side,
            limit=limit,
            quantity=size,
            fee_bound=fees.bound(self.side, limit, size),
        )

    def _is_too_dear(self, made: Ticket) -> bool:
        """No leg costs more than was reserved for it and the loss that is allowed: that is what
        limits count on (HedgePlan.naked_max)."""
        if self.side is Side.SELL:
            return False
        plan = self.hedge.plan
        before = sum(
            cost(each.request.limit, each.filled) + each.fee_bound
            for each in self.hedge.attempts
            if each.leg == self.leg and each.request.side is Side.BUY and each.filled
        )
        most = cost(made.limit, made.quantity) + made.fee_bound
        return before + most > plan.legs[self.leg].reserve + plan.loss_max

    def _result(self, made: Ticket) -> int:
        """What the hedge leaves if all of it fills at the limit, what is still naked counted at
        what the filled part of it was got for."""
        hedge, size = self.hedge, made.quantity
        if self.side is Side.BUY:
            money = size - cost(made.limit, size) - made.fee_bound
        else:
            money = proceeds(made.limit, size) - made.fee_bound
        left = abs(hedge.naked) - size
        spent = sum(each.outlay for each in hedge.attempts if each.leg == hedge.long_leg)
        held = max(hedge.held(hedge.long_leg), 1)
        return hedge.result + money + spent * left // held


def _depths(levels: Iterable[Level]) -> Iterable[tuple[Price, Quantity]]:
    """Each limit with what stands within it, the best first."""
    within = 0
    for price, size in levels:
        within += size
        yield price, Quantity(within)
