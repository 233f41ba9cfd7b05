"""class KalshiTrading: orders. What is sent leaves once; no definite answer is OrderUnknown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from venues.errors import (
    AuthRefused,
    NotFound,
    OrderRefused,
    OrderUnknown,
    Reason,
    Refused,
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
from venues.order import Order, OrderRequest

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

    async def place(self, request: OrderRequest, *, group: str | None = None) -> Order:
        """`group`: an order group of the same shard. Raises as venues/venue.py, Trading, says."""
        shard = await self._shard(request.contract.market)
        call = calls.create(normalize.new_order(request, shard, group), urgent=request.urgent)
        try:
            answer = await self._send(call, request.client_id)
        except OrderRefused as refused:
            if refused.reason is not Reason.DUPLICATE:
                raise
            return await self._adopt(request, refused)
        return self._placed(request, answer)

    async def place_batch(self, requests: Sequence[OrderRequest]) -> tuple[Outcome, ...]:
        """What became of each; one may fail while others stand, nothing is taken back."""
        shards = [await self._shard(request.contract.market) for request in requests]
        urgent = all(request.urgent for request in requests)
        outcomes: list[Outcome] = []
        new = [normalize.new_order(*each) for each in zip(requests, shards, strict=True)]
        one = calls.create_batch(new[:1], urgent=urgent) if new else None
        for some in self._batches(requests, one):
            these = new[len(outcomes) : len(outcomes) + len(some)]
            call = calls.create_batch(these, urgent=urgent)
            try:
                answer = await self._send(call, f"{some[0].client_id} and those sent with it")
            except VenueError as error:
                outcomes += [_of_one(error, request) for request in some]
            else:
                items = _readable(answer.orders, wire.CreatedItem)
                outcomes += [self._item(*each, items) for each in enumerate(some)]
        return tuple(outcomes)

    async def cancel(self, order: Order) -> Order:
        """Raises OrderUnknown also where the venue has no such order to cancel and its reads, which
        trail, still show it resting: it may just have been filled."""
        shard = await self._shard(order.contract.market)
        call = calls.cancel(order.order_id, ticker=order.contract.market, shard=shard)
        try:
            answer = await self._send(call, order.client_id)
        except NotFound as missing:
            return await self._ended(order, missing)
        return self._canceled(order, answer)

    async def cancel_batch(self, orders: Sequence[Order]) -> tuple[Outcome, ...]:
        """What became of each."""
        outcomes: list[Outcome] = []
        wanted = [
            calls.ToCancel(
                order_id=order.order_id,
                ticker=order.contract.market,
                shard=await self._shard(order.contract.market),
            )
            for order in orders
        ]
        one = calls.cancel_batch(wanted[:1]) if wanted else None
        for some in self._batches(orders, one):
            these = wanted[len(outcomes) : len(outcomes) + len(some)]
            try:
                answer = await self._send(
                    calls.cancel_batch(these), f"{some[0].client_id} and those canceled with it"
                )
            except VenueError as error:
                outcomes += [_of_one(error, order) for order in some]
            else:
                items = _readable(answer.orders, wire.CanceledItem)
                outcomes += [await self._canceled_item(each, items) for each in some]
        return tuple(outcomes)

    async def cancel_all(self) -> None:
        """On every shard; what is placed within the next minute may be canceled too.

        The venue takes this from direct members only; for others each order is canceled, and the
        first that may still live is raised.
        """
        try:
            await self._send(calls.cancel_all(), "the cancel of all orders")
        except AuthRefused as refused:
            if refused.status != 403:
                raise
            for each in await self.cancel_batch(await self._account.open_orders()):
                if isinstance(each, VenueError):
                    raise each from None

    async def amend(self, order: Order, *, limit: Price, quantity: Quantity) -> Order:
        """A new limit and a new whole size, what is filled included; it may fill at once. A better
        price or a larger size goes to the back of the queue."""
        changed = replace(order, limit=limit, quantity=quantity)
        call = calls.amend(
            order.order_id,
            ticker=order.contract.market,
            side=normalize.book_side(order.contract, order.side),
            price=normalize.yes_price(order.contract, limit),
            total=quantity,
            client_order_id=order.client_id or None,
            shard=await self._shard(order.contract.market),
        )
        answer = await self._send(call, order.client_id)
        try:
            return self._account.remember(normalize.amended(changed, answer), anew=True)
        except ValueError as error:
            raise OrderUnknown(VENUE, order.client_id) from error

    async def decrease(self, order: Order, *, to: Quantity) -> Order:
        """At most `to` shall rest from now on; the place in the queue is kept."""
        call = calls.decrease(
            order.order_id,
            ticker=order.contract.market,
            to=to,
            shard=await self._shard(order.contract.market),
        )
        answer = await self._send(call, order.client_id)
        try:
            return self._account.remember(normalize.decreased(order, answer), anew=True)
        except ValueError as error:
            raise OrderUnknown(VENUE, order.client_id) from error

    async def queue_position(self, order: Order) -> Quantity:
        """Contracts that come before ours; 0 = next."""
        answer = await self._http.send(calls.queue_position(order.order_id))
        return quantity(answer.queue_position_fp)

    async def _send(self, call: Call[T], about: str) -> T:
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
            return self._account.remember(normalize.placed(request, answer), anew=True)
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

    async def _ended(self, order: Order, missing: Refused) -> Order:
        """There was nothing to cancel: filled, canceled before, or never there."""
        try:
            found = await self._account.order_by_id(order.order_id, order.contract)
        except VenueError as error:
            raise OrderUnknown(VENUE, order.client_id) from error
        if not found.over:
            raise OrderUnknown(VENUE, order.client_id) from missing
        return found

    def _canceled(self, order: Order, answer: wire.Canceled | wire.CanceledItem) -> Order:
        try:
            return self._account.remember(normalize.canceled(order, answer), anew=True)
        except ValueError as error:
            raise OrderUnknown(VENUE, order.client_id) from error

    def _item(
        self, index: int, request: OrderRequest, items: Sequence[wire.CreatedItem | None]
    ) -> Outcome:
        """From the item that names our id, else from a nameless one in our place."""
        found = [each for each in items if each and each.client_order_id == request.client_id]
        if not found and index < len(items):
            here = items[index]
            found = [here] if here and here.client_order_id is None else []
        if len(found) != 1:
            return OrderUnknown(VENUE, request.client_id)
        if found[0].error:
            return _refused(found[0].error, request.client_id)
        try:
            return self._placed(request, found[0])
        except OrderUnknown as unknown:
            return unknown

    async def _canceled_item(
        self, order: Order, items: Sequence[wire.CanceledItem | None]
    ) -> Outcome:
        found = [each for each in items if each and each.order_id == order.order_id]
        if len(found) != 1:
            return OrderUnknown(VENUE, order.client_id)
        try:
            if found[0].error:
                return await self._ended(order, _refused(found[0].error, order.client_id))
            return self._canceled(order, found[0])
        except OrderUnknown as unknown:
            return unknown

    async def _shard(self, ticker: str) -> int:
        """Where a market trades; a live market is never moved. AUTO where the venue does not say.

        Raises NotFound for a market that the venue does not know: nothing was sent.
        """
        if ticker not in self._shards:
            answer = await self._http.send(public.market(ticker))
            try:
                shard = read(answer.market, public_wire.Market).exchange_index
            except ValueError as error:
                raise WireError(VENUE, f"market {ticker}", str(error)) from None
            self._shards[ticker] = calls.AUTO if shard is None else shard
        return self._shards[ticker]

    def _batches(self, items: Sequence[T], one: Call[Any] | None) -> Iterator[Sequence[T]]:
        """As many at once as the venue and our budget take; `one` is a batch of a single item."""
        if one is None:
            return
        size = min(calls.BATCH, self._limits.items_max(one))
        for start in range(0, len(items), size):
            yield items[start : start + size]


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
    return (found.side, found.limit) == (request.side, request.limit)
