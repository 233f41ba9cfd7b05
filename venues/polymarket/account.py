"""class PolymarketAccount: what the venue says of our own account. Reads only."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any, Final, TypeAlias, TypeVar

from venues.clock import Clock
from venues.errors import NotFound, WireError
from venues.faults import Faults
from venues.http import Call, Http
from venues.market import Contract
from venues.money import Cash, Price, Quantity, cost
from venues.order import Balance, Fill, Order, OrderState, Position, Settlement
from venues.polymarket import calls_orders as calls
from venues.polymarket import normalize_holdings as holdings
from venues.polymarket import normalize_orders as normalize
from venues.polymarket import normalize_trades as trades
from venues.polymarket import wire_orders as wire
from venues.polymarket.normalize import VENUE
from venues.polymarket.terms import Known
from venues.polymarket.venue import Polymarket
from venues.polymarket.wire import label, read
from venues.polymarket.wire_trades import Trade
from venues.sides import Side

TRAILS_MS: Final = 2_000
"""The venue names no moment that its reads show: so much they may trail, we assume."""
TERMS_MS: Final = 600_000
"""Fees and tokens change seldom; what an order must keep to is read sooner (trading.py)."""
_SETTLES_MS: Final = 3_600_000
_EARLIER_S: Final = 60
_ON_CHAIN: Final = ("MINED", "CONFIRMED", "FAILED")
T = TypeVar("T")
Ask: TypeAlias = Callable[..., Call[wire.Page]]
Make: TypeAlias = Callable[[wire.Raw], Awaitable[T]]


class PolymarketAccount:
    """Orders, fills, positions, cash of one wallet. `http` signs.

    The venue knows our orders by their hash alone, so `known` must have been told of them: by
    whoever placed them, or from a journal.
    """

    def __init__(
        self,
        http: Http,
        clock: Clock,
        market: Polymarket,
        us: trades.Us,
        known: Known,
        *,
        signature_type: int,
    ) -> None:
        self.known = known
        self.us = us
        self._signature_type = signature_type
        self._http = http
        self._clock = clock
        self._market = market
        self._faults = Faults(label)

    @property
    def faults(self) -> tuple[str, ...]:
        return tuple(self._faults)

    async def order(self, client_id: str, contract: Contract, since_ms: int) -> Order | None:
        """None also for an id that `known` was not told of."""
        asked = self.known.by_client_id(client_id)
        if asked is None:
            return None
        if asked.contract != contract:
            raise ValueError(f"order {client_id} is of {asked.contract}")
        return await self.find(asked)

    def recall(self, order: Order) -> None:
        if order.order_id and self.known.get(order.order_id) is None:
            self.known.remember(order)

    async def find(self, order: Order) -> Order | None:
        """The order as the venue shows it; None where it shows nothing of it at all.

        Of one whose fills it lists, but not the order, nobody knows whether the rest still lives:
        UNKNOWN, unless they fill it.
        """
        row = await self._row(order.order_id)
        if row is None:
            fills = await self._fills_of(order, None)
            filled = Quantity(sum(each.quantity for each in fills))
            if not filled:
                return None
            state = OrderState.FILLED if filled >= order.quantity else OrderState.UNKNOWN
            found = replace(order, filled=filled, state=state)
        else:
            try:
                found = normalize.row(order, row)
            except ValueError as error:
                raise WireError(VENUE, f"order {order.order_id}", str(error)) from None
            fills = await self._fills_of(order, row.associate_trades or ()) if found.filled else []
        return self.known.remember(_with_money(found, fills))

    async def open_orders(self) -> tuple[Order, ...]:
        return tuple(await self._good(calls.orders, self._order))

    async def fills(self, since_ms: int) -> tuple[Fill, ...]:
        """Those that were taken back too, with `reversed`."""
        asked = partial(calls.trades, after_s=self._earlier_s(since_ms))
        found = {
            each.fill_id: each
            for _, fills in await self._good(asked, self._trade)
            for each in fills
        }
        return tuple(sorted(found.values(), key=lambda fill: (fill.filled_at, fill.fill_id)))

    async def positions(self) -> tuple[Position, ...]:
        """Which tokens: those that the indexer lists, which trails, and those of the last hour's
        trades. How many: the exchange's own word. What is worth nothing any more is left out."""
        rows = {row.token: row async for row in self._data(calls.holdings, holdings.held)}
        fills = await self.fills(self._clock.now_ms() - _SETTLES_MS)
        tokens = {id: None for id, row in rows.items() if not row.lost}
        for each in fills:
            terms = await self._market.terms(each.contract.market, age_ms_max=TERMS_MS)
            if (token := terms.token(each.contract.outcome)) not in rows:
                tokens[token] = None
        found = [await self._position(token, rows.get(token), fills) for token in tokens]
        return tuple(each for each in found if each)

    async def balances(self) -> tuple[Balance, ...]:
        """Cash less what open buys and trades on their way to the chain will take; no more than the
        exchanges were ever allowed to take."""
        orders = await self._all(calls.orders, self._order)
        since_s = self._earlier_s(self._clock.now_ms() - _SETTLES_MS)
        made = await self._all(partial(calls.trades, after_s=since_s), self._trade)
        pending = [fill for trade, fills in made if _is_pending(trade) for fill in fills]
        open_buys = sum(normalize.spent(each) for each in orders if each.side is Side.BUY)
        locked = open_buys + sum(map(_owed, pending))
        answer = await self._http.send(calls.cash(self._signature_type))
        try:
            allowed = [int(each) for each in (answer.allowances or {}).values()]
            cash = min(int(answer.balance), max(allowed, default=int(answer.balance)))
        except ValueError as error:
            raise WireError(VENUE, "GET /balance-allowance", str(error)) from None
        return (Balance(venue=VENUE, pocket="", available=Cash(max(cash - locked, 0))),)

    async def held(self, contract: Contract) -> Quantity:
        """What the exchange believes that we have of one contract now."""
        terms = await self._market.terms(contract.market, age_ms_max=TERMS_MS)
        call = calls.held(terms.token(contract.outcome), terms.version, self._signature_type)
        try:
            return Quantity(int((await self._http.send(call)).balance))
        except ValueError as error:
            raise WireError(VENUE, "GET /balance-allowance", str(error)) from None

    async def settlements(self, since_ms: int) -> tuple[Settlement, ...]:
        """Markets whose winners were redeemed since then, and those that left us losers."""
        since_s = self._earlier_s(since_ms)
        paid: dict[str, tuple[int, int]] = {}
        redeemed = partial(calls.redeemed, start_s=since_s)
        async for market, cash, at_s in self._data(redeemed, holdings.redeemed):
            before, last_s = paid.get(market, (0, 0))
            paid[market] = before + cash, max(last_s, at_s)
        lost = partial(calls.holdings, status="REDEEMABLE_LOST")
        async for held in self._data(lost, holdings.held):
            paid.setdefault(held.market, (0, 0))
        found = [await self._settlement(market, *what) for market, what in paid.items()]
        told = [each for each in found if each and each.settled_at.timestamp() >= since_s]
        return tuple(sorted(told, key=lambda each: (each.settled_at, each.market)))

    async def as_of_ms(self) -> int:
        return self._clock.now_ms() - TRAILS_MS

    async def _row(self, order_id: str) -> wire.Order | None:
        try:
            return await self._http.send(calls.order(order_id))
        except NotFound:
            return None

    async def _order(self, raw: wire.Raw) -> Order:
        """An open order in our words. Raises ValueError where it cannot be read."""
        row = read(raw, wire.Order)
        if known := self.known.get(row.id):
            return self.known.remember(normalize.row(known, row))
        await self._market.learn([holdings.market_of(row.market)])
        found = self._market.book.contract_of(row.asset_id)
        if found is None:
            raise ValueError("it is of an unknown token")
        return normalize.foreign(row, Contract(VENUE, *found))

    async def _trade(self, raw: wire.Raw) -> tuple[Trade, tuple[Fill, ...]]:
        """A trade and our fills in it. Raises ValueError where it cannot be read."""
        trade = read(raw, Trade)
        try:
            await self._market.terms(holdings.market_of(trade.market), age_ms_max=TERMS_MS)
        except NotFound as error:
            raise ValueError(str(error)) from None
        return trade, trades.fills(trade, self.us, self._market.book, self.known)

    async def _fills_of(self, order: Order, ids: Iterable[str] | None) -> list[Fill]:
        """Standing fills of one order: from the trades that it names, else from its market's."""
        asked = (
            [partial(calls.trades, market=order.contract.market)]
            if ids is None
            else [partial(calls.trades, id=id) for id in ids]
        )
        found = {
            each.fill_id: each
            for ask in asked
            for _, fills in await self._all(ask, self._trade)
            for each in fills
            if each.order_id == order.order_id and not each.reversed
        }
        return [*found.values()]

    async def _position(
        self, token: str, row: holdings.Held | None, fills: Iterable[Fill]
    ) -> Position | None:
        if row:
            await self._market.learn([row.market])
        found = self._market.book.contract_of(token)
        if found is None:
            self._faults.add(f"A position in token {token} is left out: its market is unknown.")
            return None
        contract = Contract(VENUE, *found)
        try:
            quantity = await self.held(contract)
        except NotFound as error:
            self._faults.add(f"A position in {contract.market} is left out: {error}")
            return None
        if not quantity:
            return None
        average = row.average if row else holdings.average_bought(contract, fills)
        return Position(contract=contract, quantity=quantity, cost=cost(average, quantity))

    async def _settlement(self, market: str, revenue: int, paid_s: int) -> Settlement | None:
        answer = await self._http.send(calls.resolutions([market]))
        rows = list(self._faults.each(answer.data, partial(read, kind=wire.Resolution)))
        if not rows or rows[0].payouts is None:
            return None
        made = await self._good(partial(calls.trades, market=market), self._trade)
        fills = [each for _, fills in made for each in fills]
        try:
            return holdings.settlement(market, rows[0], fills, Cash(revenue), paid_s)
        except ValueError as error:
            self._faults.add(f"The settlement of {market} is left out: {error}.")
            return None

    async def _data(
        self, ask: Callable[[str, str], Call[wire.DataPage]], make: Callable[[wire.Raw], T]
    ) -> AsyncIterator[T]:
        cursor, asked = "", {""}
        while True:
            call = ask(self.us.address, cursor)
            page = await self._http.send(call)
            for row in self._faults.each(page.data, make):
                yield row
            cursor = (page.pagination.next_cursor if page.pagination else None) or ""
            if not cursor:
                return
            _refuse_circle(call, cursor, asked)

    async def _good(self, ask: Ask, make: Make[T]) -> list[T]:
        """What can be read; the rest is told in `faults`."""
        found: list[T] = []
        async for raw in self._rows(ask):
            try:
                found.append(await make(raw))
            except ValueError as error:
                self._faults.add(f"{label(raw)} is left out: {error}.")
        return found

    async def _all(self, ask: Ask, make: Make[T]) -> list[T]:
        """Raises WireError where one cannot be read: without it the rest would mislead."""
        found: list[T] = []
        async for raw in self._rows(ask):
            try:
                found.append(await make(raw))
            except ValueError as error:
                where = str(ask(cursor=calls.FIRST))
                raise WireError(VENUE, where, f"{label(raw)}: {error}") from None
        return found

    async def _rows(self, ask: Ask) -> AsyncIterator[wire.Raw]:
        cursor, asked = calls.FIRST, {calls.FIRST}
        while True:
            call = ask(cursor=cursor)
            page = await self._http.send(call)
            for row in page.data:
                yield row
            cursor = page.next_cursor or calls.LAST
            if cursor == calls.LAST:
                return
            _refuse_circle(call, cursor, asked)

    def _earlier_s(self, since_ms: int) -> int:
        """`since_ms` is of our clock; the venue's may differ by what we know, and a little more."""
        return max(self._http.skew.corrected(since_ms) // 1_000 - _EARLIER_S, 0)


def _refuse_circle(call: Call[Any], cursor: str, asked: set[str]) -> None:
    if cursor in asked:
        raise WireError(VENUE, str(call), "a list that never ends")
    asked.add(cursor)


def _with_money(order: Order, fills: Iterable[Fill]) -> Order:
    """The average price and the fee, where the fills that are told are all there are."""
    told = [each for each in fills if not each.reversed]
    count = sum(each.quantity for each in told)
    if count != order.filled:
        return replace(order, average_price=None, fee=None)
    money = sum(each.price * each.quantity for each in told)
    return replace(
        order,
        average_price=Price(money // count) if count else None,
        fee=Cash(sum(each.fee for each in told)),
    )


def _is_pending(trade: Trade) -> bool:
    """It has not reached the chain, so that our cash there does not show it."""
    return trade.status.removeprefix("TRADE_STATUS_").upper() not in _ON_CHAIN


def _owed(fill: Fill) -> int:
    """What a buy on its way to the chain takes from our cash."""
    return (
        0 if fill.side is Side.SELL or fill.reversed else cost(fill.price, fill.quantity) + fill.fee
    )
