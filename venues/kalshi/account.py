"""class KalshiAccount: what the venue says of our own account. Reads only, all signed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Final, Protocol, TypeVar

from venues.clock import Clock
from venues.errors import NotFound, WireError
from venues.faults import Faults
from venues.http import Call, Http
from venues.kalshi import normalize_orders as normalize
from venues.kalshi.calls import account as account_calls
from venues.kalshi.calls import orders as order_calls
from venues.kalshi.calls import portfolio, public
from venues.kalshi.limits import Limits, Pace
from venues.kalshi.normalize import VENUE, ms
from venues.kalshi.wire import orders as wire
from venues.kalshi.wire import portfolio as portfolio_wire
from venues.kalshi.wire.raw import Raw, label, read
from venues.market import Contract
from venues.order import Balance, Fill, Order, Position, Settlement

_EARLIER_S: Final = 60  # the venue's clock is not ours
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
    """Orders, fills, positions, cash. `http` signs.

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
            order_calls.orders,
            ticker=contract.market,
            after_s=_earlier_s(since_ms),
            limit=order_calls.PAGE,
            urgent=True,
        )
        broken = 0
        async for page in self._pages(asked):
            found = list(self._faults.each(page.orders or (), _read_order))
            broken += len(page.orders or ()) - len(found)
            for each in found:
                if each.client_order_id == client_id:
                    return self.remember(self._checked(each, contract))
        if broken:
            raise WireError(VENUE, "GET /portfolio/orders", f"{broken} orders that cannot be read")
        return None

    async def order_by_id(self, order_id: str, contract: Contract | None = None) -> Order:
        """Raises NotFound also for an order that ended some weeks ago."""
        answer = await self._http.send(order_calls.order(order_id, urgent=True))
        return self.remember(self._checked(answer.order, contract))

    async def open_orders(self) -> tuple[Order, ...]:
        asked = partial(order_calls.orders, status="resting", limit=order_calls.PAGE)
        found: dict[str, Order] = {}
        async for page in self._pages(asked):
            for each in self._faults.each(page.orders or (), self._order):
                found[each.order_id] = self.remember(each)
        return tuple(found.values())

    async def fills(self, since_ms: int) -> tuple[Fill, ...]:
        asked = partial(portfolio.fills, after_s=_earlier_s(since_ms), limit=portfolio.PAGE)
        found: dict[str, portfolio_wire.Fill] = {}
        async for page in self._pages(asked):
            found |= {
                each.fill_id: each for each in self._faults.each(page.fills or (), _read_fill)
            }
        fills = []
        for each in found.values():
            try:
                fills.append(normalize.fill(each, await self._order_of(each)))
            except ValueError as error:
                self._faults.add(f"Fill {each.fill_id} is left out: {error}.")
        recent = (fill for fill in fills if ms(fill.filled_at) >= since_ms)
        return tuple(sorted(recent, key=lambda fill: (fill.filled_at, fill.fill_id)))

    async def positions(self) -> tuple[Position, ...]:
        asked = partial(portfolio.positions, counted=("position",), limit=portfolio.PAGE)
        found: dict[str, Position] = {}
        async for page in self._pages(asked):
            for each in self._faults.each(page.market_positions or (), _position):
                if each:
                    found[each.contract.market] = each
        return tuple(found.values())

    async def balances(self) -> tuple[Balance, ...]:
        answer = await self._http.send(portfolio.balance(urgent=True))
        try:
            return normalize.balances(answer)
        except ValueError as error:
            raise WireError(VENUE, "GET /portfolio/balance", str(error)) from None

    async def settlements(self, since_ms: int) -> tuple[Settlement, ...]:
        asked = partial(portfolio.settlements, after_s=_earlier_s(since_ms), limit=portfolio.PAGE)
        found: dict[str, Settlement] = {}
        async for page in self._pages(asked):
            for each in self._faults.each(page.settlements or (), _settlement):
                if ms(each.settled_at) >= since_ms:
                    found[each.market] = each
        return tuple(sorted(found.values(), key=lambda each: (each.settled_at, each.market)))

    async def as_of_ms(self) -> int:
        answer = await self._http.send(public.user_data_timestamp())
        return ms(answer.as_of_time)

    def remember(self, order: Order, *, anew: bool = False) -> Order:
        """Keeps an order for its fills, in the words of who told of it first, or `anew`."""
        before = self._known.pop(order.order_id, order)
        self._known[order.order_id] = order if anew else before
        if len(self._known) > _KNOWN_MAX:
            del self._known[next(iter(self._known))]
        return order

    async def _order_of(self, fill: portfolio_wire.Fill) -> Order:
        if known := self._known.get(fill.order_id):
            return known
        try:
            return await self.order_by_id(fill.order_id)
        except NotFound:
            return normalize.order_behind(fill)

    def _order(self, raw: Raw) -> Order:
        found = _read_order(raw)
        known = self._known.get(found.order_id)
        return normalize.order(found, known.contract if known else None)

    def _checked(self, found: wire.Order, contract: Contract | None) -> Order:
        try:
            return normalize.order(found, contract)
        except ValueError as error:
            raise WireError(VENUE, f"order {found.order_id}", str(error)) from None

    async def _pages(self, ask: Callable[..., Call[P]]) -> AsyncIterator[P]:
        cursor, asked = "", {""}
        while True:
            page = await self._http.send(ask(cursor=cursor))
            yield page
            cursor = self._faults.following(page.cursor, asked)
            if not cursor:
                return


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


def _earlier_s(since_ms: int) -> int:
    return max(since_ms // 1_000 - _EARLIER_S, 0)
