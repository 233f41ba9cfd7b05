"""class KalshiAccount: what the venue says of our own account. Reads only, all signed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Final, Protocol, TypeVar

from venues.clock import Clock
from venues.errors import NotFound, Unavailable, WireError
from venues.faults import Faults
from venues.http import Call, Http
from venues.kalshi import normalize_orders as normalize
from venues.kalshi.calls import account as account_calls
from venues.kalshi.calls import orders as calls
from venues.kalshi.calls import portfolio, public
from venues.kalshi.limits import Limits, Pace
from venues.kalshi.normalize import VENUE, ms
from venues.kalshi.wire import orders as wire
from venues.kalshi.wire import portfolio as portfolio_wire
from venues.kalshi.wire.raw import Raw, label, read
from venues.market import Contract
from venues.order import Balance, Fill, Order, Position, Settlement

PRIMARY: Final = 0
"""The subaccount that orders go to; reads that leave it open mean now this one, now all."""
PAGE: Final = 1_000
_EARLIER_S: Final = 60
_ARCHIVED_MS: Final = 86_400_000
"""A missing order whose fill is older than this is archived, not on its way."""
_KNOWN_MAX: Final = 20_000


class _Page(Protocol):
    @property
    def cursor(self) -> str | None: ...


P = TypeVar("P", bound=_Page)
_read_order = partial(read, kind=wire.Order)
_read_fill = partial(read, kind=portfolio_wire.Fill)
_read_position = partial(read, kind=portfolio_wire.MarketPosition)
_read_settlement = partial(read, kind=portfolio_wire.Settlement)


class KalshiAccount:
    """Orders, fills, positions, cash of the primary account. `http` signs.

    It remembers the orders it has seen, because a fill over REST names neither our own id nor
    the contract that we asked for.
    """

    def __init__(self, http: Http, clock: Clock) -> None:
        self._http = http
        self._clock = clock
        self._faults = Faults(label)
        self._known: dict[str, Order] = {}

    @property
    def faults(self) -> tuple[str, ...]:
        return tuple(self._faults)

    async def order(self, client_id: str, contract: Contract, since_ms: int) -> Order | None:
        """Raises WireError where the one that we look for may be among those that are broken."""
        asked = partial(
            calls.orders, ticker=contract.market, after_s=self._earlier_s(since_ms), urgent=True
        )
        broken = 0
        async for page in self._pages(asked):
            rows = page.orders or ()
            found = list(self._faults.each(rows, _read_order))
            broken += len(rows) - len(found)
            for each in found:
                if each.client_order_id == client_id:
                    return self.remember(self._checked(each, contract))
        if broken:
            raise WireError(VENUE, "GET /portfolio/orders", f"{broken} orders that cannot be read")
        return None

    async def order_by_id(self, order_id: str, contract: Contract) -> Order:
        """In the words of `contract`. Raises NotFound also for one that ended some weeks ago."""
        answer = await self._http.send(calls.order(order_id, urgent=True))
        return self.remember(self._checked(answer.order, contract))

    async def open_orders(self) -> tuple[Order, ...]:
        return tuple((await self.resting())[0])

    async def resting(self) -> tuple[list[Order], int]:
        """Open orders, and how many more there are that cannot be read."""
        found: dict[str, Order] = {}
        broken = 0
        async for page in self._pages(partial(calls.orders, status="resting", urgent=True)):
            rows = page.orders or ()
            orders = list(self._faults.each(rows, self._order))
            broken += len(rows) - len(orders)
            found |= {each.order_id: each for each in orders}
        return list(found.values()), broken

    async def fills(self, since_ms: int) -> tuple[Fill, ...]:
        """Raises Unavailable for a fill whose order the venue does not show yet."""
        asked = partial(portfolio.fills, after_s=self._earlier_s(since_ms))
        found: dict[str, portfolio_wire.Fill] = {}
        async for page in self._pages(asked):
            rows = self._faults.each(page.fills or (), _read_fill)
            found |= {each.fill_id: each for each in rows}
        fills = []
        for each in found.values():
            try:
                fills.append(normalize.fill(each, await self._order_of(each)))
            except ValueError as error:
                self._faults.add(f"Fill {each.fill_id} is left out: {error}.")
        return tuple(sorted(fills, key=lambda fill: (fill.filled_at, fill.fill_id)))

    async def positions(self) -> tuple[Position, ...]:
        found: dict[str, Position] = {}
        async for page in self._pages(partial(portfolio.positions, counted=("position",))):
            for each in self._faults.each(page.market_positions or (), _position):
                if each:
                    found[each.contract.market] = each
        return tuple(found.values())

    async def balances(self) -> tuple[Balance, ...]:
        answer = await self._http.send(portfolio.balance(subaccount=PRIMARY, urgent=True))
        try:
            return normalize.balances(answer)
        except ValueError as error:
            raise WireError(VENUE, "GET /portfolio/balance", str(error)) from None

    async def settlements(self, since_ms: int) -> tuple[Settlement, ...]:
        asked = partial(portfolio.settlements, after_s=self._earlier_s(since_ms))
        found: dict[str, Settlement] = {}
        async for page in self._pages(asked):
            for each in self._faults.each(page.settlements or (), _settlement):
                found[each.market] = each
        return tuple(sorted(found.values(), key=lambda each: (each.settled_at, each.market)))

    async def as_of_ms(self) -> int:
        answer = await self._http.send(public.user_data_timestamp())
        return ms(answer.as_of_time)

    def recall(self, order: Order) -> None:
        if order.order_id and order.order_id not in self._known:
            self.remember(order)

    def remember(self, order: Order) -> Order:
        """Keeps an order, in these words, for the fills that will come."""
        self._known.pop(order.order_id, None)
        self._known[order.order_id] = order
        if len(self._known) > _KNOWN_MAX:
            del self._known[next(iter(self._known))]
        return order

    async def _order_of(self, fill: portfolio_wire.Fill) -> Order:
        if known := self._known.get(fill.order_id):
            return known
        try:
            found = (await self._http.send(calls.order(fill.order_id))).order
        except NotFound:
            age_ms = self._clock.now_ms() - ms(fill.created_time) if fill.created_time else 0
            if age_ms < _ARCHIVED_MS:
                raise Unavailable(VENUE, f"it does not show order {fill.order_id} yet") from None
            return normalize.order_behind(fill)
        try:
            return self.remember(normalize.order(found))
        except ValueError as error:
            self._faults.add(f"Order {fill.order_id} is told by its fills alone: {error}.")
            return normalize.order_behind(fill, found.client_order_id)

    def _order(self, raw: Raw) -> Order:
        found = _read_order(raw)
        known = self._known.get(found.order_id)
        return self.remember(normalize.order(found, known.contract if known else None))

    def _checked(self, found: wire.Order, contract: Contract) -> Order:
        try:
            return normalize.order(found, contract)
        except ValueError as error:
            raise WireError(VENUE, f"order {found.order_id}", str(error)) from None

    def _earlier_s(self, since_ms: int) -> int:
        """`since_ms` is of our clock; the venue's may differ by what we know, and a little more."""
        return max(self._http.skew.corrected(since_ms) // 1_000 - _EARLIER_S, 0)

    async def _pages(self, ask: Callable[..., Call[P]]) -> AsyncIterator[P]:
        """Every page of the primary account. A list that goes in a circle is no whole list."""
        cursor, asked = "", {""}
        while True:
            call = ask(cursor=cursor, limit=PAGE, subaccount=PRIMARY)
            page = await self._http.send(call)
            yield page
            cursor = page.cursor or ""
            if not cursor:
                return
            if cursor in asked:
                raise WireError(VENUE, str(call), "a list that never ends")
            asked.add(cursor)


async def learn_limits(http: Http, limits: Limits) -> str:
    """Takes over the venue's prices and this account's pace; the name of its tier."""
    costs = await http.send(account_calls.endpoint_costs())
    limits.prices(costs.default_cost, account_calls.prices(costs))
    found = await http.send(account_calls.limits())
    read, write = (Pace(x.bucket_capacity, x.refill_rate) for x in (found.read, found.write))
    limits.pace(read, write, found.usage_tier)
    return found.usage_tier


def _position(raw: Raw) -> Position | None:
    return normalize.position(_read_position(raw))


def _settlement(raw: Raw) -> Settlement:
    return normalize.settlement(_read_settlement(raw))
