"""Orders and what they lead to: our words → Kalshi's V2, and its answers → our words. Pure.

There is one book per market, of YES. Buying YES and selling NO are bids; selling YES and buying NO
are asks; NO at q is YES at ONE − q. An answer that does not fit what was asked raises ValueError.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from venues.errors import Reason, Refused
from venues.kalshi.calls.orders import BookSide, NewOrder
from venues.kalshi.calls.orders import TimeInForce as WireTimeInForce
from venues.kalshi.normalize import VENUE, ms
from venues.kalshi.wire import orders as wire
from venues.kalshi.wire import portfolio
from venues.market import Contract
from venues.money import ONE, Cash, Price, Quantity, micros, price, quantity
from venues.order import (
    Balance,
    Fill,
    Order,
    OrderRequest,
    OrderState,
    Position,
    Settlement,
    TimeInForce,
)
from venues.sides import Outcome, Side

_CENT: Final = 10_000
_TIMES: Final[dict[TimeInForce, WireTimeInForce]] = {
    TimeInForce.RESTING: "good_till_canceled",
    TimeInForce.FILL_AND_KILL: "immediate_or_cancel",
    TimeInForce.FILL_OR_KILL: "fill_or_kill",
}
STATUSES: Final = ("resting", "executed", "canceled")
_REASONS: Final = (
    (Reason.DUPLICATE, "order_already_exists"),
    (Reason.FUNDS, "insufficient_balance|user_not_found"),
    (Reason.CLOSED, "market_inactive|market_closed|trading_paused|exchange_paused"),
    (Reason.POST_ONLY, "post.?only"),
    (Reason.PRICE, r"(\b|_)price"),
    (Reason.SIZE, r"(\b|_)(count|size)\b"),
)


def new_order(request: OrderRequest, shard: int, group: str | None = None) -> NewOrder:
    """What we send. Raises ValueError for a request that is not one of Kalshi's."""
    if request.contract.venue != VENUE:
        raise ValueError(f"{request.contract} is not a contract of {VENUE}")
    expires = request.expires_at
    return NewOrder(
        ticker=request.contract.market,
        side=book_side(request.contract, request.side),
        count=request.quantity,
        price=yes_price(request.contract, request.limit),
        time_in_force=_TIMES[request.time_in_force],
        client_order_id=request.client_id,
        expires_s=None if expires is None else seconds(expires),
        post_only=request.post_only or None,
        reduce_only=request.reduce_only or None,
        order_group_id=group,
        shard=shard,
    )


def book_side(contract: Contract, side: Side) -> BookSide:
    return "bid" if (contract.outcome is Outcome.YES) == (side is Side.BUY) else "ask"


def seconds(moment: datetime) -> int:
    """UTC epoch seconds, rounded down: an expiry is never later than asked."""
    return ms(moment) // 1_000


def placed(request: OrderRequest, found: wire.Created | wire.CreatedItem) -> Order:
    """The order as it stands after its create.

    Raises ValueError unless the answer can be about this request and nothing else.
    """
    if not found.order_id or found.client_order_id not in {None, request.client_id}:
        raise ValueError("the answer is about another order")
    if found.fill_count is None or found.remaining_count is None:
        raise ValueError("the answer does not say what was filled")
    filled, resting = quantity(found.fill_count), quantity(found.remaining_count)
    state = _state_after(request, filled, resting)
    average = None
    if found.average_fill_price is not None:
        average = _own_price(request.contract, price(found.average_fill_price))
    if (average is None) != (filled == 0) or not _no_worse(request, average):
        raise ValueError("its fills have no price, or one that was not asked for")
    return Order(
        client_id=request.client_id,
        order_id=found.order_id,
        contract=request.contract,
        side=request.side,
        limit=request.limit,
        quantity=request.quantity,
        filled=filled,
        state=state,
        average_price=average,
        venue_ms=found.ts_ms,
    )


def canceled(of: Order, found: wire.Canceled | wire.CanceledItem) -> Order | None:
    """The order after its cancel, or None where the answer does not prove what was filled.

    The venue tells what it took away. If that is all that we knew to be left, nothing else happened
    to the order; if it is less, somebody filled or decreased it, and a read must tell which. Raises
    ValueError for an answer about another order, which the venue admits to happen.
    """
    _refuse_other(of, found.order_id, found.client_order_id)
    if of.filled + quantity(found.reduced_by) != of.quantity or of.filled == of.quantity:
        return None
    return replace(of, state=OrderState.CANCELED, venue_ms=found.ts_ms)


def amended(of: Order, found: wire.Amended, *, limit: Price, total: Quantity) -> Order | None:
    """The order after its amend to `limit` and `total`, or None where the answer does not prove
    what was filled: nothing rests, so it was filled, or stopped before our own order.

    The counts are told only if something was filled or rests in another size.
    """
    _refuse_other(of, found.order_id, found.client_order_id)
    filled = of.filled
    if found.remaining_count is not None:
        resting = quantity(found.remaining_count)
        if resting == 0:
            return None
        filled = Quantity(total - resting)
    if not of.filled <= filled < total:
        raise ValueError("its counts do not follow from what was filled before")
    return replace(
        of,
        limit=limit,
        quantity=total,
        filled=filled,
        state=OrderState.PARTIAL if filled else OrderState.ACKED,
        venue_ms=found.ts_ms,
    )


def decreased(of: Order, found: wire.Decreased) -> Quantity:
    """What still rests. What was filled meanwhile the answer does not tell."""
    _refuse_other(of, found.order_id, found.client_order_id)
    return quantity(found.remaining_count)


def order(found: wire.Order, contract: Contract | None = None) -> Order:
    """An order as it is read; told about `contract` where the caller knows what it asked for, else
    as the purchase that it amounts to (a bid buys YES, an ask buys NO)."""
    bid = _is_bid(found.book_side, found.outcome_side)
    contract = contract or Contract(VENUE, found.ticker, Outcome.YES if bid else Outcome.NO)
    if contract.market != found.ticker:
        raise ValueError(f"order {found.order_id} is for {found.ticker}, not {contract.market}")
    filled = quantity(found.fill_count_fp)
    state, total = standing(
        found.status,
        quantity(found.initial_count_fp),
        filled,
        quantity(found.remaining_count_fp),
    )
    yes = price(found.yes_price_dollars)
    if yes + price(found.no_price_dollars) != ONE:
        raise ValueError(f"order {found.order_id} has prices of YES and NO that make no dollar")
    return Order(
        client_id=found.client_order_id,
        order_id=found.order_id,
        contract=contract,
        side=Side.BUY if (contract.outcome is Outcome.YES) == bid else Side.SELL,
        limit=_own_price(contract, yes),
        quantity=total,
        filled=filled,
        state=state,
        fee=Cash(micros(found.taker_fees_dollars) + micros(found.maker_fees_dollars)),
        venue_ms=None if found.last_update_time is None else ms(found.last_update_time),
    )


def fill(found: portfolio.Fill, of: Order) -> Fill:
    """A fill in the words of its order: the REST fill has neither our id nor our contract."""
    bid = _is_bid(found.book_side, found.outcome_side)
    if found.order_id != of.order_id or found.ticker != of.contract.market:
        raise ValueError(f"fill {found.fill_id} belongs to another order")
    if book_side(of.contract, of.side) != ("bid" if bid else "ask"):
        raise ValueError(f"fill {found.fill_id} is on the other side of its order")
    at = found.created_time
    if at is None and found.ts is not None:
        at = datetime.fromtimestamp(found.ts, UTC)
    if at is None:
        raise ValueError(f"fill {found.fill_id} has no time")
    size, fee = quantity(found.count_fp), Cash(micros(found.fee_cost))
    return Fill(
        client_id=of.client_id,
        order_id=of.order_id,
        fill_id=found.fill_id,
        contract=of.contract,
        side=of.side,
        price=bought(of.contract, price(found.yes_price_dollars), size, fee),
        quantity=size,
        fee=fee,
        maker=not found.is_taker,
        filled_at=at,
        provisional=False,
    )


def order_behind(found: portfolio.Fill, client_id: str = "") -> Order:
    """What one of its fills tells of an order that cannot be read itself."""
    bid = _is_bid(found.book_side, found.outcome_side)
    contract = Contract(VENUE, found.ticker, Outcome.YES if bid else Outcome.NO)
    size = quantity(found.count_fp)
    return Order(
        client_id=client_id,
        order_id=found.order_id,
        contract=contract,
        side=Side.BUY,
        limit=_own_price(contract, price(found.yes_price_dollars)),
        quantity=size,
        filled=size,
        state=OrderState.UNKNOWN,
    )


def position(found: portfolio.MarketPosition) -> Position | None:
    """None where nothing is held: + is YES, − is NO."""
    held = micros(found.position_fp)
    if held == 0:
        return None
    return Position(
        contract=Contract(VENUE, found.ticker, Outcome.YES if held > 0 else Outcome.NO),
        quantity=Quantity(abs(held)),
        cost=Cash(micros(found.market_exposure_dollars)),
    )


def balances(found: portfolio.Balance) -> tuple[Balance, ...]:
    """Cash by shard; one nameless pocket where the key may not see the shards."""
    if not found.balance_breakdown:
        return (Balance(venue=VENUE, pocket="", available=Cash(micros(found.balance_dollars))),)
    return tuple(
        Balance(venue=VENUE, pocket=str(each.exchange_index), available=Cash(micros(each.balance)))
        for each in found.balance_breakdown
    )


def settlement(found: portfolio.Settlement) -> Settlement:
    """`revenue` is whole cents, as the venue tells it; `value` likewise, so it is not read."""
    pays = {"yes": Price(ONE), "no": Price(0)}.get(found.market_result)
    cost = micros(found.yes_total_cost_dollars) + micros(found.no_total_cost_dollars)
    return Settlement(
        venue=VENUE,
        market=found.ticker,
        yes_pays=pays,
        yes=quantity(found.yes_count_fp),
        no=quantity(found.no_count_fp),
        cost=Cash(cost),
        revenue=Cash(found.revenue * _CENT),
        fee=Cash(micros(found.fee_cost)),
        settled_at=found.settled_time,
    )


def reason(refused: Refused) -> Reason:
    """What the venue's code, or else its words, mean to us. Codes may carry a suffix."""
    if refused.status == 409:
        return Reason.DUPLICATE
    said = f"{refused.code} {refused.words}".lower()
    for meaning, words in _REASONS:
        if re.search(words, said):
            return meaning
    return Reason.OTHER


def _state_after(request: OrderRequest, filled: Quantity, resting: Quantity) -> OrderState:
    """Raises ValueError where the counts cannot follow from the request."""
    immediate = request.time_in_force is not TimeInForce.RESTING
    if filled + resting > request.quantity or (immediate and resting):
        raise ValueError("the answer counts more contracts than were asked for")
    if request.time_in_force is TimeInForce.FILL_OR_KILL and filled not in {0, request.quantity}:
        raise ValueError("an all-or-nothing order was filled in part")
    if request.post_only and filled:
        raise ValueError("an order that may only rest was filled at once")
    if resting:
        return OrderState.PARTIAL if filled else OrderState.ACKED
    return OrderState.FILLED if filled == request.quantity else OrderState.CANCELED


def _refuse_other(of: Order, order_id: str, client_id: str | None) -> None:
    if order_id != of.order_id or client_id not in {None, of.client_id}:
        raise ValueError("the answer is about another order")


def standing(
    status: str, first: Quantity, filled: Quantity, resting: Quantity
) -> tuple[OrderState, Quantity]:
    """State and whole size. An amended or decreased order is no longer for its first size.

    Raises ValueError for a status nobody documents, or one that the counts contradict. An expiry
    too is `canceled`.
    """
    match status:
        case "resting" if resting:
            state = OrderState.PARTIAL if filled else OrderState.ACKED
            return state, Quantity(filled + resting)
        case "executed" if filled and not resting:
            return OrderState.FILLED, filled
        case "canceled" if not resting:
            state = OrderState.FILLED if filled >= first else OrderState.CANCELED
            return state, max(first, filled)
        case _:
            raise ValueError(f"{status!r} with {filled} filled and {resting} resting")


def bought(contract: Contract, yes: Price, size: Quantity, fee: Cash) -> Price:
    """The price of a fill in the contract's own dollars. Raises ValueError where none can be."""
    if not (0 < yes < ONE and size > 0 and fee >= 0):
        raise ValueError(f"a fill of {size} at {yes} for a fee of {fee}, in millionths")
    return _own_price(contract, yes)


def _no_worse(request: OrderRequest, average: Price | None) -> bool:
    if average is None:
        return True
    better = average <= request.limit if request.side is Side.BUY else average >= request.limit
    return better and 0 < average < ONE


def _is_bid(book: str, outcome: str) -> bool:
    """Both fields say the same; where they differ nobody knows what was meant."""
    if (book, outcome) not in {("bid", "yes"), ("ask", "no")}:
        raise ValueError(f"a {book} with outcome {outcome}")
    return book == "bid"


def yes_price(contract: Contract, limit: Price) -> Price:
    return limit if contract.outcome is Outcome.YES else Price(ONE - limit)


def _own_price(contract: Contract, yes: Price) -> Price:
    return yes if contract.outcome is Outcome.YES else Price(ONE - yes)
