"""class KalshiTrading: orders. What is sent leaves once; no definite answer is OrderUnknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from venues.errors import (
    AuthRefused,
    NotFound,
    OrderRefused,
    OrderUnknown,
    Reason,
    Refused,
    Unavailable,
    VenueError,
    WireError,
)
from venues.http import Call, Http
from venues.kalshi import normalize_orders as normalize
from venues.kalshi.account import KalshiAccount
from venues.kalshi.calls import orders as calls
from venues.kalshi.calls import public
from venues.kalshi.limits import Limits
from venues.kalshi.normalize import VENUE
from venues.kalshi.wire import orders as wire
from venues.kalshi.wire import public as public_wire
from venues.kalshi.wire.raw import Raw, read
from venues.money import Price, Quantity, quantity
from venues.order import Order, OrderRequest, OrderState, Prepared, TimeInForce, planned

T = TypeVar("T")
Outcome = Order | VenueError


class KalshiTrading:
    """`http` signs and waits at `limits`. Orders say on which shard they go: its cash pays."""

    def __init__(self, http: Http, account: KalshiAccount, limits: Limits) -> None:
        self._http = http
        self._account = account
        self._limits = limits
        self._shards: dict[str, int] = {}

    @property
    def account(self) -> KalshiAccount:
        return self._account

    @property
    def recycling(self) -> None:
        """The exchange nets a YES and a NO by itself."""

    async def place(self, request: OrderRequest, *, group: str | None = None) -> Order:
        """`group`: an order group of the same shard. Raises as venues/venue.py, Trading, says."""
        return await self.send(await self.prepare(request, group=group))

    async def prepare(self, request: OrderRequest, *, group: str | None = None) -> Prepared:
        """Nothing is sent but a read of where the market trades. Raises as `place`, and ValueError
        for what is no order of Kalshi's."""
        new = normalize.new_order(request, await self._shard_of(request), group)
        body = calls.create(new).body
        assert body is not None
        return Prepared(request, planned(request), body)

    async def send(self, prepared: Prepared) -> Order:
        request = prepared.request
        call = calls.create(normalize.new_order(request, calls.AUTO), urgent=request.urgent)
        call = replace(call, body=prepared.body)
        try:
            answer = await self._act(call, request.client_id)
        except OrderRefused as refused:
            if refused.reason is not Reason.DUPLICATE:
                raise
            return await self._adopt(request, refused)
        return self._placed(request, answer)

    async def place_batch(self, requests: Sequence[OrderRequest]) -> tuple[Outcome, ...]:
        """What became of each; one may fail while others stand, nothing is taken back.

        Raises only as long as nothing was sent.
        """
        new = [normalize.new_order(each, await self._shard_of(each)) for each in requests]
        urgent = all(each.urgent for each in requests)
        size = self._most(calls.create_batch(new[:1], urgent=urgent)) if new else 1
        batches = [
            (requests[at : at + size], calls.create_batch(new[at : at + size], urgent=urgent))
            for at in range(0, len(new), size)
        ]
        outcomes: list[Outcome] = []
        for some, call in batches:
            try:
                answer = await self._act(call, f"{some[0].client_id} and those sent with it")
            except VenueError as error:
                outcomes += [_of_one(error, request) for request in some]
                continue
            items = _readable(answer.orders, wire.CreatedItem)
            outcomes += [await self._item(at, request, items) for at, request in enumerate(some)]
        return tuple(outcomes)

    async def cancel(self, order: Order) -> Order:
        """Raises OrderUnknown where the answer does not prove what was filled, and the venue's
        reads, which trail, do not show it yet."""
        call = calls.cancel(
            order.order_id, ticker=order.contract.market, shard=self._known_shard(order)
        )
        try:
            answer = await self._act(call, order.client_id)
        except NotFound:
            return await self._ended(order)
        return await self._canceled(order, answer)

    async def cancel_batch(self, orders: Sequence[Order]) -> tuple[Outcome, ...]:
        """What became of each."""
        wanted = [
            calls.ToCancel(
                order_id=order.order_id,
                ticker=order.contract.market,
                shard=self._known_shard(order),
            )
            for order in orders
        ]
        size = self._most(calls.cancel_batch(wanted[:1])) if wanted else 1
        outcomes: list[Outcome] = []
        for at in range(0, len(wanted), size):
            some = orders[at : at + size]
            about = f"{some[0].client_id} and those canceled with it"
            try:
                answer = await self._act(calls.cancel_batch(wanted[at : at + size]), about)
            except VenueError as error:
                outcomes += [_of_one(error, order) for order in some]
                continue
            items = _readable(answer.orders, wire.CanceledItem)
            outcomes += [await self._canceled_item(order, items) for order in some]
        return tuple(outcomes)

    async def cancel_all(self) -> None:
        """On every shard; what is placed within the next minute may be canceled too.

        The venue takes this from direct members only; for others each order is canceled, and the
        first that may still live is raised.
        """
        try:
            await self._act(calls.cancel_all(), "the cancel of all orders")
        except AuthRefused as refused:
            if refused.status != 403:
                raise
            await self._cancel_each()

    async def amend(self, order: Order, *, limit: Price, quantity: Quantity) -> Order:
        """A new limit and a new whole size, what is filled included; it may fill at once. A new
        limit or a larger size goes to the back of the queue."""
        call = calls.amend(
            order.order_id,
            ticker=order.contract.market,
            side=normalize.book_side(order.contract, order.side),
            price=normalize.yes_price(order.contract, limit),
            total=quantity,
            client_order_id=order.client_id or None,
            shard=self._known_shard(order),
        )
        answer = await self._act(call, order.client_id)
        try:
            found = normalize.amended(order, answer, limit=limit, total=quantity)
        except ValueError as error:
            raise OrderUnknown(VENUE, order.client_id) from error
        return self._account.remember(found) if found else await self._ended(order)

    async def decrease(self, order: Order, *, to: Quantity) -> Quantity:
        """At most `to` shall rest from now on; the place in the queue is kept. What then rests."""
        call = calls.decrease(
            order.order_id,
            ticker=order.contract.market,
            to=to,
            shard=self._known_shard(order),
        )
        answer = await self._act(call, order.client_id)
        try:
            return normalize.decreased(order, answer)
        except ValueError as error:
            raise OrderUnknown(VENUE, order.client_id) from error

    async def queue_position(self, order: Order) -> Quantity:
        """Contracts that come before ours; 0 = next."""
        answer = await self._http.send(calls.queue_position(order.order_id))
        try:
            return quantity(answer.queue_position_fp)
        except ValueError as error:
            raise WireError(VENUE, f"the place of {order.order_id}", str(error)) from None

    async def _act(self, call: Call[T], about: str) -> T:
        """As Http.act, with a refusal in our words; a cancel's 404 stays a NotFound."""
        try:
            return await self._http.act(call, about)
        except AuthRefused:
            raise
        except Refused as refused:
            if isinstance(refused, NotFound) and call.method == "DELETE":
                raise
            raise OrderRefused(refused, normalize.reason(refused), about) from refused

    def _placed(self, request: OrderRequest, answer: wire.Created | wire.CreatedItem) -> Order:
        try:
            return self._account.remember(normalize.placed(request, answer))
        except ValueError as error:
            raise OrderUnknown(VENUE, request.client_id) from error

    async def _adopt(self, request: OrderRequest, refused: OrderRefused) -> Order:
        """Our id is taken: the order exists, and reads may not show it yet."""
        try:
            found = await self._account.order(request.client_id, request.contract, since_ms=0)
        except VenueError as error:
            raise OrderUnknown(VENUE, request.client_id) from error
        if found is None or not _same(found, request):
            raise OrderUnknown(VENUE, request.client_id) from refused
        return found

    async def _ended(self, order: Order) -> Order:
        """How an order ended that does not rest any more: filled, canceled, or both."""
        try:
            found = await self._account.order_by_id(order.order_id, order.contract)
        except VenueError as error:
            raise OrderUnknown(VENUE, order.client_id) from error
        if not found.over:
            raise OrderUnknown(VENUE, order.client_id)
        return found

    async def _canceled(self, order: Order, answer: wire.Canceled | wire.CanceledItem) -> Order:
        try:
            found = normalize.canceled(order, answer)
        except ValueError as error:
            raise OrderUnknown(VENUE, order.client_id) from error
        return self._account.remember(found) if found else await self._ended(order)

    async def _cancel_each(self) -> None:
        orders, unreadable = await self._account.resting()
        for each in await self.cancel_batch(orders):
            if isinstance(each, VenueError):
                raise each
        if unreadable:
            raise WireError(VENUE, "GET /portfolio/orders", f"{unreadable} orders rest unread")

    async def _item(
        self, index: int, request: OrderRequest, items: Sequence[wire.CreatedItem | None]
    ) -> Outcome:
        """From the item that names our id, else from a nameless one in our place. An error that we
        do not know may be the venue's own trouble: the order may live."""
        found = [each for each in items if each and each.client_order_id == request.client_id]
        if not found and index < len(items):
            here = items[index]
            found = [here] if here and here.client_order_id is None else []
        if len(found) != 1:
            return OrderUnknown(VENUE, request.client_id)
        try:
            if not found[0].error:
                return self._placed(request, found[0])
            refused = _refused(found[0].error, request.client_id)
            if refused.reason is Reason.DUPLICATE:
                return await self._adopt(request, refused)
        except OrderUnknown as unknown:
            return unknown
        known = refused.reason is not Reason.OTHER
        return refused if known else OrderUnknown(VENUE, request.client_id)

    async def _canceled_item(
        self, order: Order, items: Sequence[wire.CanceledItem | None]
    ) -> Outcome:
        found = [each for each in items if each and each.order_id == order.order_id]
        if len(found) != 1:
            return OrderUnknown(VENUE, order.client_id)
        try:
            if found[0].error:
                return await self._ended(order)
            return await self._canceled(order, found[0])
        except OrderUnknown as unknown:
            return unknown

    async def _shard_of(self, request: OrderRequest) -> int:
        """Where the market trades; a live market is never moved. AUTO where the venue does not say.

        Raises OrderRefused for an unknown market, Unavailable where that cannot be known now.
        """
        ticker = request.contract.market
        if ticker not in self._shards:
            call = replace(public.market(ticker), urgent=True)
            try:
                answer = await self._http.send(call, attempts=1)
                shard = read(answer.market, public_wire.Market).exchange_index
            except NotFound as missing:
                raise OrderRefused(missing, Reason.MARKET, request.client_id) from missing
            except (Unavailable, WireError, ValueError) as error:
                why = f"it does not say where {ticker} trades ({error})"
                raise Unavailable(VENUE, why, definite=True) from error
            self._shards[ticker] = calls.AUTO if shard is None else shard
        return self._shards[ticker]

    def _known_shard(self, order: Order) -> int:
        """A cancel waits for nothing: without a known shard the venue routes it by the ticker."""
        return self._shards.get(order.contract.market, calls.AUTO)

    def _most(self, one: Call[T]) -> int:
        """How many the venue and our budget take at once; `one` is a batch of a single item."""
        return min(calls.BATCH, self._limits.items_max(one))


def _readable(raws: Sequence[Raw], kind: type[T]) -> list[T | None]:
    """The items in their places; None for one that cannot be read, whose order is then unknown."""
    items: list[T | None] = []
    for raw in raws:
        try:
            items.append(read(raw, kind))
        except ValueError:
            items.append(None)
    return items


def _refused(error: wire.ItemError, client_id: str) -> OrderRefused:
    words = error.message or error.details or error.code or ""
    refused = Refused(VENUE, 400, words, error.code or "")
    return OrderRefused(refused, normalize.reason(refused), client_id)


def _of_one(error: VenueError, item: OrderRequest | Order) -> VenueError:
    """An error about a whole batch as one about a single order in it."""
    if isinstance(error, OrderUnknown):
        return OrderUnknown(VENUE, item.client_id)
    if isinstance(error, OrderRefused):
        return OrderRefused(error, error.reason, item.client_id)
    return error


def _same(found: Order, request: OrderRequest) -> bool:
    """Whether an order under our id is the one that we asked for."""
    if (found.side, found.limit, found.quantity) != (request.side, request.limit, request.quantity):
        return False
    rests = found.state in {OrderState.ACKED, OrderState.PARTIAL}
    return request.time_in_force is TimeInForce.RESTING or not rests
