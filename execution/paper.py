"""Trading on paper: orders meet the live books of a venue, and nobody else ever sees them.

An order waits `latency_ms`, then takes what stands within its limit in the book as it is read then,
`share_percent` of each level: others are as quick as we. What we took stays taken until the level
shows another size. What paper cannot know: whether our own order would have moved the market,
whether resting orders were real, and what the venue would have refused. It knows only orders that
take at once, as a hedge sends them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from execution.orders import Attempt
from venues import (
    LOT,
    Balance,
    Cash,
    Clock,
    Contract,
    Fill,
    Level,
    MarketData,
    MarketStatus,
    Order,
    OrderRefused,
    OrderRequest,
    OrderState,
    Position,
    Prepared,
    Price,
    Quantity,
    Reason,
    Refused,
    Settlement,
    Side,
    Slice,
    TimeInForce,
    UnknownFee,
    planned,
)
from venues.money import cost, proceeds, round_down

_TakenKey: TypeAlias = tuple[Contract, Side, Price]


@dataclass(slots=True)
class PaperAccount:
    """What happened on paper. `cash` is one sum, spent anywhere at the venue."""

    venue: str
    cash: int
    clock: Clock
    orders: dict[str, Order] = field(default_factory=dict)
    filled: list[Fill] = field(default_factory=list)

    def restore(self, attempts: Iterable[Attempt]) -> None:
        """From the journal: paper has no other memory."""
        for each in attempts:
            if each.request.contract.venue == self.venue and each.order.over:
                self.orders[each.client_id] = each.order
                self.filled += each.fills
                self.cash -= each.outlay

    def recall(self, order: Order) -> None:
        """It forgets nothing."""

    async def order(self, client_id: str, contract: Contract, since_ms: int) -> Order | None:
        return self.orders.get(client_id)

    async def open_orders(self) -> tuple[Order, ...]:
        return ()

    async def fills(self, since_ms: int) -> tuple[Fill, ...]:
        return tuple(self.filled)

    def held(self, contract: Contract) -> int:
        mine = [each for each in self.filled if each.contract == contract]
        return sum(e.quantity if e.side is Side.BUY else -e.quantity for e in mine)

    async def positions(self) -> tuple[Position, ...]:
        held: dict[Contract, tuple[int, int]] = {}
        for each in self.filled:
            buying = each.side is Side.BUY
            quantity, paid = held.get(each.contract, (0, 0))
            sign = 1 if buying else -1
            held[each.contract] = (
                quantity + sign * each.quantity,
                paid + sign * cost(each.price, each.quantity),
            )
        return tuple(
            Position(contract=contract, quantity=Quantity(quantity), cost=Cash(max(paid, 0)))
            for contract, (quantity, paid) in held.items()
            if quantity > 0
        )

    async def balances(self) -> tuple[Balance, ...]:
        available = Cash(max(self.cash, 0))
        return (Balance(venue=self.venue, pocket="", available=available),)

    async def settlements(self, since_ms: int) -> tuple[Settlement, ...]:
        return ()

    async def as_of_ms(self) -> int:
        return self.clock.now_ms()


class PaperTrading:
    recycling = None

    def __init__(
        self, data: MarketData, account: PaperAccount, *, latency_ms: int, share_percent: int
    ) -> None:
        self.account = account
        self._data = data
        self._latency_ms = latency_ms
        self._share_percent = share_percent
        self._taken: dict[_TakenKey, tuple[int, int]] = {}

    async def prepare(self, request: OrderRequest) -> Prepared:
        if request.time_in_force is not TimeInForce.FILL_AND_KILL:
            raise ValueError("on paper an order takes at once what is there")
        return Prepared(
            request, planned(request, f"paper-{request.client_id}"), request.client_id.encode()
        )

    async def send(self, prepared: Prepared) -> Order:
        request = prepared.request
        if known := self.account.orders.get(request.client_id):
            return known
        await self.account.clock.sleep_ms(self._latency_ms)
        contract = request.contract
        markets = await self._data.markets([contract.market])
        books = await self._data.books([contract.market])
        if contract.market not in markets or contract.market not in books:
            raise self._refused(request, Reason.MARKET, "there is no such market")
        market, book = markets[contract.market], books[contract.market]
        fees = market.fees.at(self.account.clock.now_ms())
        if market.status is not MarketStatus.OPEN or isinstance(fees, UnknownFee):
            raise self._refused(request, Reason.CLOSED, f"it is {market.status}")
        its = book.of(contract.outcome)
        levels = its.asks if request.side is Side.BUY else its.bids
        slices, taken = self._there_for(request, levels)
        charged = fees.billed(request.side, slices)
        self._check_cash(request, slices, charged)
        self._taken |= taken
        return self._book(prepared.order, slices, charged)

    async def place(self, request: OrderRequest) -> Order:
        return await self.send(await self.prepare(request))

    async def cancel(self, order: Order) -> Order:
        return self.account.orders.get(order.client_id, order)

    async def cancel_all(self) -> None:
        """Nothing ever rests."""

    def _there_for(
        self, request: OrderRequest, levels: Iterable[Level]
    ) -> tuple[list[Slice], dict[_TakenKey, tuple[int, int]]]:
        """What the order gets, and what is then gone of each level."""
        left, found = int(request.quantity), []
        taken: dict[_TakenKey, tuple[int, int]] = {}
        if request.reduce_only:
            left = min(left, self.account.held(request.contract))
        buying = request.side is Side.BUY
        for price, shown in levels:
            if left <= 0 or (price > request.limit if buying else price < request.limit):
                break
            key = request.contract, request.side, price
            size_then, gone = self._taken.get(key, (shown, 0))
            gone = gone if size_then == shown else 0
            there = round_down(max(shown * self._share_percent // 100 - gone, 0), LOT)
            take = min(left, there)
            if take > 0:
                found.append(Slice(price, Quantity(take)))
                taken[key] = shown, gone + take
                left -= take
        return found, taken

    def _check_cash(
        self, request: OrderRequest, slices: Iterable[Slice], charged: Iterable[Cash]
    ) -> None:
        if request.side is Side.SELL:
            return
        needed = sum(cost(s.price, s.quantity) for s in slices) + sum(charged)
        if needed > self.account.cash:
            raise self._refused(request, Reason.FUNDS, "not enough money on paper")

    def _book(self, order: Order, slices: list[Slice], charged: tuple[Cash, ...]) -> Order:
        buying = order.side is Side.BUY
        at_ms = self.account.clock.now_ms()
        for number, (each, fee) in enumerate(zip(slices, charged, strict=True), 1):
            paid = cost(each.price, each.quantity)
            got = proceeds(each.price, each.quantity)
            self.account.cash += -(paid + fee) if buying else got - fee
            fill = Fill(
                client_id=order.client_id,
                order_id=order.order_id,
                fill_id=f"{order.order_id}-{number}",
                contract=order.contract,
                side=order.side,
                price=each.price,
                quantity=each.quantity,
                fee=fee,
                maker=False,
                filled_at=datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=at_ms),
                provisional=False,
            )
            self.account.filled.append(fill)
        filled = Quantity(sum(each.quantity for each in slices))
        whole = filled == order.quantity
        state = OrderState.FILLED if whole else OrderState.CANCELED
        ended = replace(order, filled=filled, state=state, fee=Cash(sum(charged)))
        self.account.orders[order.client_id] = ended
        return ended

    def _refused(self, request: OrderRequest, reason: Reason, words: str) -> OrderRefused:
        refused = Refused(request.contract.venue, 400, words)
        return OrderRefused(refused, reason, request.client_id)
