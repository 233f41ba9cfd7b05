"""class PolymarketTrading: orders. What is sent leaves once; no definite answer is OrderUnknown.

The venue knows an order by the hash of what was signed. The same request gives the same order, so
that its id is known before anything leaves and a repeat cannot become a second order.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from typing import Final, Protocol, TypeVar

from venues.clock import Clock
from venues.errors import (
    AuthRefused,
    NotFound,
    OrderRefused,
    OrderUnknown,
    Reason,
    Refused,
    Unavailable,
    VenueError,
)
from venues.http import Call, Http, printable
from venues.order import Order, OrderRequest, OrderState, Prepared, TimeInForce
from venues.polymarket import calls_orders as calls
from venues.polymarket import normalize_orders as normalize
from venues.polymarket import wire_orders as wire
from venues.polymarket.account import PolymarketAccount
from venues.polymarket.amounts import OffGrid
from venues.polymarket.contracts import exchange
from venues.polymarket.endings import Endings
from venues.polymarket.normalize import VENUE
from venues.polymarket.positions import token
from venues.polymarket.sent import Answer, Sending, Sent, each_in_place
from venues.polymarket.signing import Signed, Unsigned
from venues.polymarket.terms import Terms
from venues.polymarket.venue import Polymarket
from venues.sides import Side
from venues.venue import Recycling

TERMS_MS: Final = 60_000
"""Terms older than this are read anew before an order: a tick may have changed."""
LAST_WORD_MS: Final = 1_000
"""For the cancel of an order that its sender gave up: whoever gave up does not wait for more."""
_MADE_MAX: Final = 10_000

Outcomes = Order | VenueError
T = TypeVar("T")


class Signer(Protocol):
    """A wallet, as far as it concerns orders."""

    def sign_order(self, unsigned: Unsigned) -> Signed: ...


class PolymarketTrading:
    """`http` signs with the API key, `wallet` signs orders. `may_open`: see Eligibility."""

    def __init__(
        self,
        http: Http,
        clock: Clock,
        market: Polymarket,
        account: PolymarketAccount,
        wallet: Signer,
        *,
        may_open: bool,
        recycling: Recycling | None = None,
    ) -> None:
        self._http = http
        self._clock = clock
        self._market = market
        self._account = account
        self._wallet = wallet
        self._may_open = may_open
        self.recycling = recycling
        self._endings = Endings(clock, account)
        self._made: OrderedDict[str, Prepared] = OrderedDict()
        self._sent = Sent(market, account, self._endings)
        self._proven: set[tuple[object, ...]] = set()
        self._heartbeat = ""

    @property
    def account(self) -> PolymarketAccount:
        return self._account

    async def place(self, request: OrderRequest) -> Order:
        """Raises as venues/venue.py, Trading, says. An order at once that comes back open was
        delayed by the venue: it is to be canceled once it no longer waits."""
        return await self.send(await self.prepare(request))

    async def prepare(self, request: OrderRequest) -> Prepared:
        """Signs; nothing is sent but a read of the market's terms. The same request gives the same
        order again, also with other terms by then.

        Raises OrderRefused for what the venue would surely refuse, Unavailable where its terms are
        not known now, ValueError for what it cannot do at all.
        """
        if made := self._made_before(request):
            return made
        if refused := self._refuses_opening(request):
            raise refused
        found = await self._fresh(request)
        if made := self._made_before(request):  # meanwhile
            return made
        self._account.known.remember(found.order)
        self._made[request.client_id] = found
        if len(self._made) > _MADE_MAX:
            self._sent.forget(self._made.popitem(last=False)[0])
        return found

    async def send(self, prepared: Prepared) -> Order:
        """Once; whoever calls it again with the same gets the order that there is."""
        request = prepared.request
        if refused := self._refuses_opening(request):  # signed elsewhere: a copy may have left
            return await self._sent.adopted(prepared, refused)
        if _is_all_or_nothing(request) and not self._sending(prepared).again:
            is_all_there = await self._is_all_there(request)
            if not is_all_there and not self._sending(prepared).again:  # meanwhile
                return self._sent.over(prepared, OrderState.CANCELED)
        sending = self._sending(prepared)
        self._sent.leaves(sending)
        if not normalize.is_cut_short(request):
            return await self._posted(sending)
        try:
            return await self._at_once(sending)
        except asyncio.CancelledError:  # nobody will be there to cancel what rests
            with suppress(VenueError, TimeoutError):
                async with asyncio.timeout(LAST_WORD_MS / 1_000):
                    order = prepared.order
                    await self._act(calls.cancel(order.order_id), order.client_id)
            raise

    async def place_batch(self, requests: Sequence[OrderRequest]) -> tuple[Outcomes, ...]:
        """What became of each; one may fail while others stand, nothing is taken back.

        Raises only as long as nothing was sent, and ValueError for orders at once: they are placed
        one by one.
        """
        if any(each.time_in_force is not TimeInForce.RESTING for each in requests):
            raise ValueError("a batch is for orders that rest")
        if len({each.client_id for each in requests}) < len(requests):
            raise ValueError("a batch has each order once")
        made = [await self.prepare(each) for each in requests]
        urgent = all(each.urgent for each in requests)
        outcomes: list[Outcomes] = []
        for at in range(0, len(made), calls.BATCH):
            some = [self._sending(each) for each in made[at : at + calls.BATCH]]
            ids = [each.prepared.request.client_id for each in some]
            for each in some:
                self._sent.leaves(each)
            call = calls.place_batch([each.prepared.body for each in some], urgent=urgent)
            try:
                legs = await self._act(call, f"{ids[0]} and those sent with it")
                answers = each_in_place(some, legs)
            except VenueError as error:
                answers = [_of_one(error, id) for id in ids]
            outcomes += [await self._leg(*each) for each in zip(some, answers, strict=True)]
        return tuple(outcomes)

    async def cancel(self, order: Order) -> Order:
        """The answer tells nothing of fills, so the order is read until it is seen to have ended;
        OrderUnknown where that is not seen within two seconds."""
        answer = await self._act(calls.cancel(order.order_id), order.client_id)
        return await self._endings.after(order, answer, self._clock.monotonic_ns())

    async def cancel_batch(self, orders: Sequence[Order]) -> tuple[Outcomes, ...]:
        """What became of each; all are canceled before the first is looked at."""
        answers: list[tuple[wire.Canceled | VenueError, int]] = []
        for at in range(0, len(orders), calls.CANCELS):
            some = orders[at : at + calls.CANCELS]
            about = f"{some[0].client_id} and those canceled with it"
            answer: wire.Canceled | VenueError
            try:
                answer = await self._act(calls.cancel_batch([o.order_id for o in some]), about)
            except VenueError as error:
                answer = error
            answers += [(answer, self._clock.monotonic_ns())] * len(some)
        return tuple([await self._canceled(*each) for each in zip(orders, answers, strict=True)])

    async def cancel_all(self) -> None:
        """Everything of this API key; raises OrderUnknown where something may still rest."""
        self._refuse_leftovers(await self._act(calls.cancel_all(), "the cancel of all orders"))

    async def cancel_market(self, market: str) -> None:
        """As `cancel_all`, in one market."""
        about = f"the cancel of all orders of {market}"
        self._refuse_leftovers(await self._act(calls.cancel_market(market), about))

    async def heartbeat(self) -> None:
        """Optional. Once begun it is to be repeated every five seconds: after ten without, the
        venue cancels every open order of this API key."""
        said = ""
        for _ in range(2):
            id, self._heartbeat = self._heartbeat, ""  # an answer that fails begins anew
            answer = await self._http.act(calls.heartbeat(id), "the heartbeat")
            self._heartbeat, said = answer.heartbeat_id, answer.error_msg
            if not said:
                return
        raise Unavailable(VENUE, f"it takes no heartbeat: {printable(said)}")

    def _made_before(self, request: OrderRequest) -> Prepared | None:
        """Raises ValueError for an id that is another order's, or was signed by somebody who alone
        has the bytes: signed anew it would be a second order."""
        made, known = self._made.get(request.client_id), self._account.known
        if made and made.request != request:
            raise ValueError(f"{request.client_id} was another order")
        if made is None and known.by_client_id(request.client_id):
            raise ValueError(f"{request.client_id} was signed before: send what was prepared then")
        return made

    def _refuses_opening(self, request: OrderRequest) -> OrderRefused | None:
        if request.side is Side.SELL or self._may_open:
            return None
        return _refused("the venue lets this account open nothing", Reason.CLOSE_ONLY, request)

    async def _fresh(self, request: OrderRequest) -> Prepared:
        terms = await self._terms(request)
        try:
            return self._signed(request, terms)
        except OffGrid:
            self._market.book.forget_terms(terms.market)
        try:
            return self._signed(request, await self._terms(request))
        except OffGrid as error:
            raise _refused(str(error), Reason.PRICE, request) from None

    async def _terms(self, request: OrderRequest) -> Terms:
        try:
            terms = await self._market.terms(request.contract.market, age_ms_max=TERMS_MS)
        except NotFound as missing:
            raise OrderRefused(missing, Reason.MARKET, request.client_id) from missing
        except AuthRefused:
            raise
        except VenueError as error:
            why = f"it does not tell the terms of {request.contract.market} ({error})"
            raise Unavailable(VENUE, why, definite=True) from error
        if not terms.accepting:
            self._market.book.forget_terms(terms.market)
            raise _refused("the market takes no orders now", Reason.CLOSED, request)
        self._refuse_foreign_token(request, terms)
        return terms

    def _refuse_foreign_token(self, request: OrderRequest, terms: Terms) -> None:
        """What the venue calls this outcome must be it, or we would buy something else."""
        outcome = request.contract.outcome
        named = terms.token(outcome)
        key = (terms.market, outcome, named, terms.neg_risk, terms.version)
        if key in self._proven:
            return
        try:
            ours = token(terms.market, outcome, neg_risk=terms.neg_risk, version=terms.version)
        except ValueError as error:
            raise _refused(str(error), Reason.MARKET, request) from None
        if named != ours:
            self._market.book.forget_terms(terms.market)
            words = f"{named[:80]} is not the token of {outcome} in this market"
            raise _refused(words, Reason.MARKET, request)
        self._proven.add(key)

    def _signed(self, request: OrderRequest, terms: Terms) -> Prepared:
        kind = normalize.order_type(request)
        try:
            amounts = normalize.signed_amounts(request, terms)
            signed = self._wallet.sign_order(
                Unsigned(
                    exchange=exchange(neg_risk=terms.neg_risk, version=terms.version),
                    token=terms.token(request.contract.outcome),
                    side=request.side,
                    maker_amount=amounts.maker,
                    taker_amount=amounts.taker,
                    salt=normalize.salt(request.client_id),
                    timestamp_ms=self._http.skew.corrected(self._clock.now_ms()),
                )
            )
        except OffGrid:
            raise
        except ValueError as error:
            raise _refused(str(error), Reason.SIZE, request) from None
        body = calls.order_body(
            signed,
            owner=self._account.us.api_key,
            order_type=kind,
            expiration_s=normalize.expiration_s(request, self._http.skew.correction_ms),
            post_only=request.post_only,
        )
        return Prepared(request, normalize.asked(request, signed.order_id, terms), body)

    async def _is_all_there(self, request: OrderRequest) -> bool:
        """Whether the book holds it all within the limit, now. It may hold less a moment later,
        and the order then fills in part: the venue has no such buy by quantity."""
        try:
            books = await self._market.books([request.contract.market])
        except AuthRefused:
            raise
        except VenueError as error:
            why = f"it does not show the book of {request.contract.market} ({error})"
            raise Unavailable(VENUE, why, definite=True) from error
        book = books.get(request.contract.market)
        if book is None:
            return False
        asks = book.of(request.contract.outcome).asks
        return sum(x.quantity for x in asks if x.price <= request.limit) >= request.quantity

    async def _act(self, call: Call[T], about: str) -> T:
        """As Http.act, with a refusal in our words."""
        try:
            return await self._http.act(call, about)
        except AuthRefused:
            raise
        except Refused as refused:
            raise OrderRefused(refused, normalize.reason(refused), about) from refused

    def _sending(self, prepared: Prepared) -> Sending:
        return self._sent.sending(prepared, self._made.get(prepared.request.client_id))

    async def _at_once(self, sending: Sending) -> Order:
        """What rests of it is canceled, also where nobody knows whether it came to rest."""
        order = sending.prepared.order
        with suppress(OrderUnknown):
            order = await self._posted(sending)
        return order if order.over else await self._cut(order)

    async def _cut(self, order: Order) -> Order:
        """Cancels, and once more where that failed or the order had to wait: orders in a delay
        cannot be canceled. OrderUnknown where it may still live."""
        with suppress(VenueError):
            return await self.cancel(order)
        found = await self._endings.filled(order)
        if found and found.over:
            return found
        try:
            return await self.cancel(order)
        except VenueError as error:
            raise OrderUnknown(VENUE, order.client_id) from error

    async def _posted(self, sending: Sending) -> Order:
        request = sending.prepared.request
        call = calls.place(sending.prepared.body, urgent=request.urgent)
        try:
            answer: Answer = await self._act(call, request.client_id)
        except VenueError as error:
            answer = error
        return await self._sent.outcome(sending, answer)

    async def _leg(self, sending: Sending, answer: Answer) -> Outcomes:
        try:
            return await self._sent.outcome(sending, answer)
        except VenueError as error:
            return error

    async def _canceled(
        self, order: Order, answered: tuple[wire.Canceled | VenueError, int]
    ) -> Outcomes:
        answer, since_ns = answered
        if isinstance(answer, VenueError):
            return _of_one(answer, order.client_id)
        try:
            return await self._endings.after(order, answer, since_ns)
        except VenueError as error:
            return error

    def _refuse_leftovers(self, answer: wire.Canceled) -> None:
        for order_id in answer.not_canceled or {}:
            known = self._account.known.get(order_id)
            raise OrderUnknown(VENUE, (known and known.client_id) or order_id)


def _is_all_or_nothing(request: OrderRequest) -> bool:
    """A FOK that the venue cannot do for us: see normalize_orders."""
    return normalize.is_cut_short(request) and request.time_in_force is TimeInForce.FILL_OR_KILL


def _refused(words: str, reason: Reason, request: OrderRequest) -> OrderRefused:
    """Our own no, before anything is sent."""
    return OrderRefused(Refused(VENUE, 400, words), reason, request.client_id)


def _of_one(error: VenueError, client_id: str) -> VenueError:
    """An error about a whole batch as one about a single order in it."""
    if isinstance(error, OrderUnknown):
        return OrderUnknown(VENUE, client_id)
    if isinstance(error, OrderRefused):
        return OrderRefused(error, error.reason, client_id)
    return error
