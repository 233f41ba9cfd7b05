"""Orders as the venue takes them: create, amend, decrease, cancel (section 9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from venues.money import Cash, Price, Quantity
from venues.sim.exchange import Fault, NewOrder, Reason, Rejected, State, Tif
from venues.sim.kalshi.accounts import Accounts
from venues.sim.kalshi.catalogue import Market, Status
from venues.sim.kalshi.core import Core
from venues.sim.kalshi.floor import Floor
from venues.sim.kalshi.groups import Groups
from venues.sim.kalshi.knobs import Freed, Member
from venues.sim.kalshi.records import AmendOrder, CancelOrder, CreateOrder, FillRecord, OrderRecord
from venues.sim.kalshi.refusal import (
    Refusal,
    forbidden,
    invalid_order,
    invalid_parameters,
    market_inactive,
    not_found,
    order_already_exists,
)

FAULTS: Final = {
    Fault.BAD_PRICE: "price is not on the market's grid",
    Fault.BAD_SIZE: "count must be above zero in steps of 0.01",
    Fault.BAD_EXPIRY: "expiration_time needs good_till_canceled",
    Fault.BAD_FLAGS: "post_only needs good_till_canceled, reduce_only immediate_or_cancel",
}
CANCELLABLE: Final = {Status.ACTIVE, Status.INACTIVE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """The answer to a create or an amend: the order afterwards and the fills of this call alone."""

    order: OrderRecord
    fills: tuple[FillRecord, ...]
    ts_ms: int

    @property
    def average_fill_price(self) -> Price | None:
        """Of YES, over this call's fills, to the nearest micro; None without a fill."""
        count = sum(fill.count for fill in self.fills)
        paid = sum(fill.price * fill.count for fill in self.fills)
        return Price((2 * paid + count) // (2 * count)) if count else None

    @property
    def average_fee_paid(self) -> Cash | None:
        """Per contract, over this call's fills, to the nearest micro; None without a fill."""
        count = sum(fill.count for fill in self.fills)
        fees = sum(fill.fee for fill in self.fills) * 1_000_000
        return Cash((2 * fees + count) // (2 * count)) if count else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduced:
    """The answer to a cancel or a decrease: `reduced_by` contracts no longer rest."""

    order: OrderRecord
    reduced_by: Quantity
    ts_ms: int


class Orders:
    """Every call advances the house first, and raises `Refusal` having done nothing."""

    def __init__(self, core: Core, accounts: Accounts, floor: Floor, groups: Groups) -> None:
        self._core = core
        self._accounts = accounts
        self._floor = floor
        self._groups = groups
        self._names: dict[tuple[str, str], str] = {}
        self._tails: dict[tuple[str, int], int] = {}

    def create(self, user_id: str, body: CreateOrder) -> Placed:
        with self._core.operation():
            market = self._open_market(user_id, body.ticker, body.exchange_index, body.subaccount)
            self._free_name(user_id, body.client_order_id)
            if self._accounts.count_open(user_id) >= self._core.knobs.open_orders_max:
                raise invalid_order("too many open orders")
            if body.order_group_id is not None:
                self._groups.admit(user_id, body.order_group_id, market.exchange_index)
            if body.reduce_only and body.time_in_force is not Tif.IOC:
                raise invalid_order(FAULTS[Fault.BAD_FLAGS])
            expires_ms = self._expiry(body.expiration_time_s)
            record = self._record(user_id, body, market, expires_ms)
            placed = self._place(record, body)
            if body.client_order_id:
                self._names[user_id, body.client_order_id] = record.order_id
            if body.order_group_id is not None:
                self._groups.join(body.order_group_id, record.order_id)
            self._book_end(placed.order)
            return placed

    def create_batch(self, user_id: str, bodies: tuple[CreateOrder, ...]) -> list[Placed | Refusal]:
        """One after the other, not atomic. Raises only for too long a batch."""
        self._check_batch(len(bodies))
        answers: list[Placed | Refusal] = []
        for body in bodies:
            try:
                answers.append(self.create(user_id, body))
            except Refusal as refusal:
                answers.append(refusal)
        return answers

    def amend(self, user_id: str, order_id: str, body: AmendOrder) -> Placed:
        with self._core.operation():
            order = self._mine(user_id, order_id, body.subaccount)
            if body.exchange_index not in {None, -1, order.exchange_index}:
                raise not_found("order")
            self._open_market(user_id, order.ticker, None, order.subaccount)
            self._check_amend(user_id, order, body)
            if not order.remaining:
                raise not_found("order")
            expires_ms = order.expires_ms
            if body.expiration_time_s is not None:
                expires_ms = self._expiry(body.expiration_time_s or None)
            name = body.updated_client_order_id or order.client_order_id
            seen = len(self._floor.fills_of.get(user_id, ()))
            try:
                new = self._floor.amend(
                    order, price=body.price, size=body.count, expires_ms=expires_ms, name=name
                )
            except Rejected as no:
                raise self._refusal(no, order.ticker) from None
            if name:
                self._names[user_id, name] = order_id
            self._book_end(new)
            return self._placed(new, seen)

    def decrease(
        self,
        user_id: str,
        order_id: str,
        *,
        by: Quantity | None = None,
        to: Quantity | None = None,
        market_ticker: str | None = None,
        exchange_index: int | None = None,
        subaccount: int = 0,
    ) -> Reduced:
        """Exactly one of `by` and `to`; the order keeps its queue place (UNSURE #13)."""
        with self._core.operation():
            if (by is None) == (to is None):
                raise invalid_parameters("exactly one of reduce_by and reduce_to")
            order = self._routed(
                user_id,
                CancelOrder(
                    order_id=order_id,
                    market_ticker=market_ticker,
                    exchange_index=exchange_index,
                    subaccount=subaccount,
                ),
            )
            left = to if to is not None else Quantity(order.remaining - (by or 0))
            if left == 0 and to is not None and not self._core.knobs.zero_decrease_cancels:
                raise invalid_parameters("reduce_to must be above zero")
            try:
                new = self._floor.decrease(order, left)
            except Rejected as no:
                raise self._refusal(no, order.ticker) from None
            return self._reduced(order, new)

    def cancel(self, user_id: str, body: CancelOrder) -> Reduced:
        with self._core.operation():
            order = self._routed(user_id, body)
            self._floor.cancel(order.order_id)
            return self._reduced(order, self._floor.records[order.order_id])

    def cancel_batch(
        self, user_id: str, bodies: tuple[CancelOrder, ...]
    ) -> list[Reduced | Refusal]:
        """One after the other, not atomic. Raises only for too long a batch."""
        self._check_batch(len(bodies))
        answers: list[Reduced | Refusal] = []
        for body in bodies:
            try:
                answers.append(self.cancel(user_id, body))
            except Refusal as refusal:
                answers.append(refusal)
        return answers

    def cancel_all(self, user_id: str, subaccount: int | None = None) -> int:
        """Every shard; None: all subaccounts. Returns how many. Direct members only (else 403)."""
        with self._core.operation():
            if self._accounts.member(user_id) is not Member.DIRECT:
                raise forbidden("cancel-all is for direct members")
            until = self._core.now_ms + self._core.knobs.cancel_all_tail_ms
            numbers = self._accounts.subaccounts(user_id) if subaccount is None else (subaccount,)
            for number in numbers:
                self._tails[user_id, number] = until
            mine = [
                order
                for order in self._floor.open_orders()
                if order.user_id == user_id
                and order.subaccount in numbers
                and self._core.statuses[order.exchange_index].exchange_active
                and self._core.catalogue.markets[order.ticker].status in CANCELLABLE
            ]
            return sum(self._floor.cancel(order.order_id) for order in mine)

    def queue_ahead(self, user_id: str, order_id: str) -> Quantity:
        """Contracts ahead of a resting order, 0 = next. 404 once it does not rest."""
        with self._core.operation():
            order = self._mine(user_id, order_id, None)
            if not order.remaining:
                raise not_found("order")
            return self._floor.engine(order.ticker).queue_ahead(order_id)

    def _open_market(
        self, user_id: str, ticker: str, exchange_index: int | None, subaccount: int
    ) -> Market:
        """The market, if this user may place or change an order there now."""
        market = self._core.market(ticker)
        if exchange_index not in {None, -1, market.exchange_index}:
            raise invalid_order("exchange_index is not that of the market")
        self._accounts.need(user_id, subaccount, market.exchange_index)
        self._core.need_trading(market.exchange_index)
        if market.status is not Status.ACTIVE:
            raise market_inactive(ticker)
        return market

    def _mine(self, user_id: str, order_id: str, subaccount: int | None) -> OrderRecord:
        order = self._floor.records.get(order_id)
        if order is None or order.user_id != user_id or subaccount not in {None, order.subaccount}:
            raise not_found("order")
        return order

    def _routed(self, user_id: str, body: CancelOrder) -> OrderRecord:
        """The resting order, if the request reaches its shard (9.5)."""
        shard = 0
        if body.exchange_index is not None and body.exchange_index >= 0:
            shard = body.exchange_index
        elif body.market_ticker is not None:
            shard = self._core.market(body.market_ticker).exchange_index
        self._core.need_shard(shard)
        self._core.need_exchange(shard)
        order = self._mine(user_id, body.order_id, body.subaccount)
        if order.exchange_index != shard or body.market_ticker not in {None, order.ticker}:
            raise not_found("order")
        if self._core.catalogue.markets[order.ticker].status not in CANCELLABLE:
            raise market_inactive(order.ticker)
        if not order.remaining:
            raise not_found("order")
        return order

    def _free_name(self, user_id: str, name: str | None) -> None:
        """Refuses a used client_order_id (9.3, UNSURE #4)."""
        taken = self._names.get((user_id, name or ""))
        if taken is None:
            return
        status = self._floor.records[taken].status
        freed = {
            Freed.NEVER: (),
            Freed.WHEN_CANCELED: (State.CANCELED,),
            Freed.WHEN_FINISHED: (State.CANCELED, State.EXECUTED),
        }
        if status not in freed[self._core.knobs.client_ids_freed]:
            raise order_already_exists()

    def _expiry(self, seconds: int | None) -> int | None:
        if seconds is not None and seconds * 1_000 <= self._core.now_ms:
            raise invalid_order("expiration_time is in the past")
        return None if seconds is None else seconds * 1_000

    def _record(
        self, user_id: str, body: CreateOrder, market: Market, expires_ms: int | None
    ) -> OrderRecord:
        now = self._core.now_ms
        return OrderRecord(
            order_id=self._core.new_id(),
            user_id=user_id,
            subaccount=body.subaccount,
            client_order_id=body.client_order_id or "",
            ticker=body.ticker,
            exchange_index=market.exchange_index,
            side=body.side,
            price=body.price,
            initial=body.count,
            filled=Quantity(0),
            remaining=body.count,
            status=State.RESTING,
            time_in_force=body.time_in_force,
            self_trade_prevention_type=body.self_trade_prevention_type,
            order_group_id=body.order_group_id,
            cancel_order_on_pause=body.cancel_order_on_pause,
            expires_ms=expires_ms,
            created_ms=now,
            updated_ms=now,
        )

    def _place(self, record: OrderRecord, body: CreateOrder) -> Placed:
        seen = len(self._floor.fills_of.get(record.user_id, ()))
        new = NewOrder(
            id=record.order_id,
            owner=record.user_id,
            market=record.ticker,
            side=record.side.engine,
            price=record.price,
            size=record.initial,
            tif=record.time_in_force,
            self_trade=record.self_trade_prevention_type.engine,
            post_only=body.post_only,
            reduce_cap=self._reducible(record) if body.reduce_only else None,
            expires_ms=record.expires_ms,
        )
        try:
            return self._placed(self._floor.place(record, new), seen)
        except Rejected as no:
            raise self._refusal(no, record.ticker) from None

    def _reducible(self, record: OrderRecord) -> Quantity:
        held = self._accounts.position(record.user_id, record.ticker, subaccount=record.subaccount)
        return Quantity(max(0, -held.count * record.side.sign))

    def _placed(self, order: OrderRecord, seen: int) -> Placed:
        fills = self._floor.fills_of.get(order.user_id, [])[seen:]
        mine = tuple(fill for fill in fills if fill.order_id == order.order_id)
        return Placed(order=order, fills=mine, ts_ms=self._core.now_ms)

    def _reduced(self, old: OrderRecord, new: OrderRecord) -> Reduced:
        gone = Quantity(old.remaining - new.remaining)
        return Reduced(order=new, reduced_by=gone, ts_ms=self._core.now_ms)

    def _book_end(self, order: OrderRecord) -> None:
        """Its expiry, and its end where a cancel-all still catches new orders (8.4)."""
        if not order.remaining:
            return
        if (due_ms := order.expires_ms) is not None:
            self._core.at(due_ms, lambda: self._expires(order.order_id, due_ms))
        if self._core.now_ms < self._tails.get((order.user_id, order.subaccount), 0):
            caught_ms = self._core.now_ms + self._core.knobs.cancel_all_catch_ms
            self._core.at(caught_ms, lambda: self._caught(order.order_id))

    def _expires(self, order_id: str, due_ms: int) -> None:
        if self._floor.records[order_id].expires_ms == due_ms:
            self._floor.cancel(order_id, Reason.EXPIRED)

    def _caught(self, order_id: str) -> None:
        self._floor.cancel(order_id)

    def _check_amend(self, user_id: str, order: OrderRecord, body: AmendOrder) -> None:
        if (body.ticker, body.side) != (order.ticker, order.side):
            raise invalid_order("ticker and side cannot be amended")
        if body.client_order_id not in {None, order.client_order_id}:
            raise invalid_order("client_order_id is not that of the order")
        if body.updated_client_order_id not in {None, order.client_order_id}:
            self._free_name(user_id, body.updated_client_order_id)

    def _check_batch(self, length: int) -> None:
        if not 0 < length <= self._core.knobs.batch_max:
            raise invalid_parameters(f"a batch holds 1 to {self._core.knobs.batch_max} orders")

    def _refusal(self, no: Rejected, ticker: str) -> Refusal:
        if no.fault is Fault.NOT_TRADABLE:
            return market_inactive(ticker)
        return invalid_order(FAULTS.get(no.fault, no.fault.value))
