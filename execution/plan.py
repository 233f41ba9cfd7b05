"""Two legs, their limits and what can come of them, before anything is sent. Pure.

A plan is made so that both orders filled whole, each at its own limit and at the dearest slicing of
its fee, still leave a profit: what goes wrong after that can only be a leg that does not fill.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from matching.pairs import MarketKey
from scanner.opportunity import Leg
from scanner.scan import Listed, Policy, look
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
    Slice,
    UnknownFee,
)
from venues.money import cost, edge_bps, proceeds, round_down

BUDGET_TRIES: Final = 8
PAST_MS: Final = 600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLeg:
    """One purchase. `limit` is the worst price that it may pay, `depth` what stands within it.

    `cost` and `fee` are those of the books that were looked at; `reserve` is the most the leg can
    take: all of it at the limit, the fee at its bound. `exit` is what selling it all at once into
    the bids of the same moment would bring, fees off; what those bids do not hold brings nothing.
    `pocket` is the part of the venue whose cash pays. `wording` is a hash of what the market says
    of itself, "" in plans of before it was kept; `closes_ms` when its venue means to close it.
    """

    contract: Contract
    pocket: str
    limit: Price
    cost: Cash
    fee: Cash
    reserve: Cash
    exit: Cash
    depth: Quantity
    minimum: Quantity
    wording: str = ""
    closes_ms: int | None = None

    @property
    def outlay(self) -> Cash:
        return Cash(self.cost + self.fee)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """One way in which a plan can end, and what it then leaves (below zero: a loss)."""

    says: str
    profit: Cash


@dataclass(frozen=True, slots=True, kw_only=True)
class HedgePlan:
    """`legs` in the order in which they go, `together`: both at once. `loss_max` is what repairing
    a leg that did not fill may cost in all; `substitutes` pay exactly when the second leg does,
    each known by the pairs that `links` names in the same place.
    """

    id: str
    pair_id: str
    legs: tuple[PlannedLeg, PlannedLeg]
    together: bool
    quantity: Quantity
    made_ms: int
    expires_ms: int
    loss_max: Cash
    days: int | None = None
    substitutes: tuple[Contract, ...] = ()
    links: tuple[tuple[str, ...], ...] = ()

    @property
    def venues(self) -> tuple[str, str]:
        return self.legs[0].contract.venue, self.legs[1].contract.venue

    @property
    def outlay(self) -> Cash:
        return Cash(self.legs[0].outlay + self.legs[1].outlay)

    @property
    def profit(self) -> Cash:
        """Both filled at the books that were looked at."""
        return Cash(self.quantity - self.outlay)

    @property
    def least_profit(self) -> Cash:
        """Both filled whole, as dear as their orders allow."""
        return Cash(self.quantity - self.legs[0].reserve - self.legs[1].reserve)

    @property
    def edge_bps(self) -> int:
        return edge_bps(self.profit, self.outlay)

    @property
    def naked_max(self) -> Cash:
        """The most that can be paid for a leg while its twin is not there. The second may be alone
        too: its order was held up, the first was sold again meanwhile, and then it arrived."""
        return Cash(max(leg.reserve for leg in self.legs) + self.loss_max)

    @property
    def endings(self) -> tuple[Ending, ...]:
        """Every kind of end, from the best to the worst."""
        lone = self.legs if self.together else self.legs[:1]
        found = [
            Ending(says="both fill at the prices of now", profit=self.profit),
            Ending(says="both fill, each at its limit", profit=self.least_profit),
            Ending(says="nothing fills", profit=Cash(0)),
        ]
        for leg in lone:
            name = f"only {leg.contract.venue} fills"
            back = Cash(leg.exit - leg.reserve)
            found += [
                Ending(says=f"{name}, sold again at the bids of now", profit=back),
                Ending(says=f"{name}, kept, and it pays nothing", profit=Cash(-leg.reserve)),
            ]
        return tuple(sorted(found, key=lambda each: -each.profit))

    @property
    def worst(self) -> Cash:
        return self.endings[-1].profit


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be planned. `quantity`, `budget`: at most so many contracts, so much money for
    both legs; None: as much as pays. `unsettled`: venues whose fills may be taken back.
    `needs_ms`: how long both markets must stay open."""

    id: str
    now_ms: int
    life_ms: int
    loss_max: Cash
    quantity: Quantity | None = None
    budget: Cash | None = None
    together: bool = False
    unsettled: frozenset[str] = frozenset()
    needs_ms: int = 0


def plan(
    item: Listed, books: Mapping[MarketKey, Book], *, policy: Policy, asked: Asked
) -> HedgePlan | str:
    """The best plan that keeps its promise, or why there is none: a gate of scanner.scan.Reason,
    "closes_soon", or "not_at_limits" where only the prices of now, and not the limits, leave a
    profit."""
    both = [market for market in (item.one, item.two) if market]
    if any(closes_soon(each, asked.now_ms, asked.needs_ms) for each in both):
        return "closes_soon"
    cap = asked.quantity
    for _ in range(BUDGET_TRIES):
        found = _within(item, books, cap, policy, asked)
        if isinstance(found, str) or asked.budget is None or found.outlay <= asked.budget:
            return found
        cap = Quantity(round_down(found.quantity * asked.budget // found.outlay, LOT))
        if cap <= 0:
            break
    return "below_minimum_or_cash"


def _within(
    item: Listed,
    books: Mapping[MarketKey, Book],
    cap: Quantity | None,
    policy: Policy,
    asked: Asked,
) -> HedgePlan | str:
    while True:
        shown = {
            key: capped(books[key], cap) for key in (item.pair.one, item.pair.two) if key in books
        }
        finding = look(item, shown, ts_ms=asked.now_ms, policy=policy)
        if finding.opportunity is None:
            return str(finding.reason)
        found = finding.opportunity
        markets = {m.venue: m for m in (item.one, item.two) if m}
        legs = [_leg(leg, found.quantity, markets, books, asked.now_ms) for leg in found.legs]
        first, second = sorted(legs, key=lambda leg: _scarcity(leg, found.quantity, asked))
        made = HedgePlan(
            id=asked.id,
            pair_id=item.pair.id,
            legs=(first, second),
            together=asked.together,
            quantity=found.quantity,
            made_ms=asked.now_ms,
            expires_ms=asked.now_ms + asked.life_ms,
            loss_max=asked.loss_max,
            days=finding.days,
        )
        if made.least_profit > 0:
            return made
        cap = max(_better_than(leg, books) for leg in legs)
        if cap <= 0:
            return "not_at_limits"


def _leg(
    leg: Leg,
    quantity: Quantity,
    markets: Mapping[str, Market],
    books: Mapping[MarketKey, Book],
    now_ms: int,
) -> PlannedLeg:
    if leg.bought != quantity:
        raise ValueError("a hedge counts contracts: its policy has orders by quantity alone")
    market = markets[leg.contract.venue]
    fees, book = market.fees.at(now_ms), _book_of(leg.contract, books)
    assert not isinstance(fees, UnknownFee)  # a gate of the scan
    bound = fees.bound(Side.BUY, leg.worst_price, quantity)
    return PlannedLeg(
        contract=leg.contract,
        pocket=market.pocket,
        limit=leg.worst_price,
        cost=leg.cost,
        fee=leg.fee,
        reserve=Cash(cost(leg.worst_price, quantity) + bound),
        exit=sold(book.bids, quantity, fees),
        depth=Quantity(sum(size for price, size in book.asks if price <= leg.worst_price)),
        minimum=max(market.minimum, market.lot),
        wording=wording(market),
        closes_ms=closes_ms(market),
    )


def wording(market: Market) -> str:
    """Another one: it may ask something else now."""
    words = (
        *(market.title, market.yes_means, market.rules, market.group_title, market.line),
        *(market.strike_type, market.floor, market.cap, *market.outcomes),
    )
    return hashlib.sha256("\0".join(words).encode("utf-8", "surrogatepass")).hexdigest()


def closes_ms(market: Market) -> int | None:
    at = market.closes_at
    return None if at is None else int(at.timestamp()) * 1_000


def closes_soon(market: Market, now_ms: int, needs_ms: int) -> bool:
    """Whether it may close before a hedge is through. A date that is long past is one that its
    venue does not close by: at Polymarket markets trade on for weeks after theirs."""
    at_ms = closes_ms(market) if market.status is MarketStatus.OPEN else None
    return at_ms is not None and now_ms - PAST_MS <= at_ms < now_ms + needs_ms


def sold(bids: Iterable[Level], quantity: Quantity, fees: FeeModel) -> Cash:
    """What selling at once brings, fees off; never below zero, for nobody has to sell."""
    left, fills = int(quantity), []
    for price, size in bids:
        if left <= 0:
            break
        fills.append(Slice(price, Quantity(min(left, size))))
        left -= size
    brought = sum(proceeds(fill.price, fill.quantity) for fill in fills)
    return Cash(max(brought - sum(fees.billed(Side.SELL, fills)), 0))


def _scarcity(leg: PlannedLeg, quantity: Quantity, asked: Asked) -> tuple[int, bool, str]:
    """Scarcer goes first: what stands within its limit, in tenths of what is wanted; of two alike
    the one that may be taken back."""
    venue = leg.contract.venue
    return 10 * leg.depth // quantity, venue not in asked.unsettled, venue


def _better_than(leg: PlannedLeg, books: Mapping[MarketKey, Book]) -> Quantity:
    asks = _book_of(leg.contract, books).asks
    return Quantity(sum(size for price, size in asks if price < leg.limit))


def _book_of(contract: Contract, books: Mapping[MarketKey, Book]) -> Book:
    return books[MarketKey(contract.venue, contract.market)].of(contract.outcome)


def capped(book: Book, quantity: Quantity | None) -> Book:
    """The best `quantity` of each side."""
    if quantity is None:
        return book
    bids, asks = (tuple(_first(side, quantity)) for side in (book.bids, book.asks))
    return replace(book, bids=bids, asks=asks)


def _first(levels: Iterable[Level], quantity: int) -> Iterable[Level]:
    for price, size in levels:
        if quantity <= 0:
            return
        yield Level(price, Quantity(min(size, quantity)))
        quantity -= size
