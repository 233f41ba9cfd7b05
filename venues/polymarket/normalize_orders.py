"""OrderRequest → an order of Polymarket, and what it answers → the vocabulary, pure.

A BUY by quantity that is to trade at once is sent as one that rests, and what rests is canceled: a
FAK or FOK buy counts in dollars, in whole cents, and buys more contracts than asked for where it
meets better prices (facts §8.5, §8.6; docs/decisions/0008). With `spend` it is a true FAK or FOK.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Final

from venues.errors import Reason, Refused
from venues.market import Contract
from venues.money import CENT, LOT, ONE, Cash, Price, Quantity, micros, price, quantity
from venues.order import Order, OrderRequest, OrderState, TimeInForce, planned
from venues.polymarket import amounts
from venues.polymarket import wire_orders as wire
from venues.polymarket.terms import Terms
from venues.sides import Side

_MARGIN: Final = timedelta(seconds=60)
"""A GTD order dies so long before the time it names."""
_SALT_BITS: Final = 53  # it travels as a JSON number
_CANCELED: Final = "CANCELED"
_OPEN: Final = ("LIVE", "DELAYED")

# Parts of the venue's own sentences (facts §16).
_REASONS: Final = (
    ("not enough balance", Reason.FUNDS),
    ("insufficient", Reason.FUNDS),  # seen in January 2026
    ("no orderbook exists", Reason.MARKET),
    ("market not found", Reason.MARKET),
    ("invalid token id", Reason.MARKET),
    ("not yet ready to process", Reason.CLOSED),
    ("closed only mode", Reason.CLOSE_ONLY),
    ("minimum tick size", Reason.PRICE),
    ("lower than the minimum", Reason.SIZE),
    ("min size: $1", Reason.SIZE),
    ("invalid amounts", Reason.SIZE),
    ("post-only order", Reason.POST_ONLY),
    ("crosses the book", Reason.POST_ONLY),
    ("duplicated", Reason.DUPLICATE),
)
_NOTHING_THERE: Final = (
    "no orders found to match with fak order",
    "order couldn't be fully filled",
)


def salt(client_id: str) -> int:
    """From our own id, so that the same request is the same order."""
    digest = hashlib.sha256(client_id.encode()).digest()
    return int.from_bytes(digest[:8]) >> (64 - _SALT_BITS)


def order_type(request: OrderRequest) -> str:
    """Raises ValueError for what the venue cannot do."""
    if request.reduce_only and request.side is Side.BUY:
        raise ValueError("a BUY always opens: what is held is reduced by a SELL")
    if request.time_in_force is TimeInForce.RESTING:
        if request.spend is not None:
            raise ValueError("only a BUY at once can be told what to spend")
        return "GTD" if request.expires_at else "GTC"
    if request.post_only or request.expires_at:
        raise ValueError("an order at once neither rests nor expires")
    if request.side is Side.BUY and request.spend is None:
        return "GTC"
    if request.side is Side.SELL and request.spend is not None:
        raise ValueError("only a BUY at once can be told what to spend")
    return "FAK" if request.time_in_force is TimeInForce.FILL_AND_KILL else "FOK"


def is_cut_short(request: OrderRequest) -> bool:
    """It is sent as an order that rests, and must not."""
    return request.time_in_force is not TimeInForce.RESTING and order_type(request) == "GTC"


def signed_amounts(request: OrderRequest, terms: Terms) -> amounts.Amounts:
    """(maker, taker) in micros. Raises amounts.OffGrid, or ValueError for a size that is none."""
    if order_type(request) not in {"FAK", "FOK"}:
        return amounts.limit(request.side, request.limit, request.quantity, terms.tick)
    if request.spend is not None:
        return amounts.at_once_buy(request.spend, request.limit, terms.tick)
    return amounts.at_once_sell(request.quantity, request.limit, terms.tick)


def expiration_s(request: OrderRequest, ahead_ms: int = 0) -> int:
    """In the venue's time, which is `ahead_ms` ahead of ours; 0: none. The venue ends it a minute
    before the time it is told."""
    if request.expires_at is None:
        return 0
    ends = request.expires_at + _MARGIN + timedelta(milliseconds=ahead_ms)
    return -(-int(ends.timestamp() * 1_000) // 1_000)


def asked(request: OrderRequest, order_id: str, terms: Terms) -> Order:
    """The order before anything is known of it. `quantity` is whole: of a `spend` that is what it
    buys at the limit."""
    whole = request.quantity
    if request.spend is None:
        whole = Quantity(whole // LOT * LOT)
    else:
        whole = Quantity(signed_amounts(request, terms).taker)
    return replace(planned(request, order_id), quantity=whole)


def placed(request: OrderRequest, order: Order, answer: wire.Placed) -> Order | None:
    """`order`, which `request` asked for, as the answer proves it; None where that leaves open what
    was filled, or is of a kind that nobody documents."""
    is_whole = not any(map(_is_some, (answer.making, answer.taking)))
    match answer.status:
        case "live" | "delayed" if is_whole:  # open at its full size until the venue says more
            return replace(order, state=OrderState.ACKED, filled=Quantity(0))
        case "matched" | "live":  # one that rests may have traded first
            found = _filled(request, order, answer)
            return _with_fills(request, order, *found) if found else None
    return None


def row(order: Order, found: wire.Order) -> Order:
    """Our order as a row of the venue shows it. Raises ValueError where the row is of another."""
    if found.id != order.order_id or Side(found.side.lower()) is not order.side:
        raise ValueError("it is of another order")
    return replace(order, filled=quantity(found.size_matched), state=state(found))


def state(found: wire.Order) -> OrderState:
    """Raises ValueError for a word that nobody documents."""
    word = found.status.removeprefix("ORDER_STATUS_").upper()
    filled, whole = quantity(found.size_matched), quantity(found.original_size)
    if word in _OPEN:
        return OrderState.PARTIAL if filled else OrderState.ACKED
    if word == "MATCHED" and filled + LOT >= whole:  # it may differ by as much (facts §20)
        return OrderState.FILLED
    if word == "MATCHED":  # what is left of it may rest
        at_once = found.order_type in {"FAK", "FOK"}
        return OrderState.CANCELED if at_once else OrderState.PARTIAL
    if word.startswith(_CANCELED):
        return OrderState.EXPIRED if "EXPIRED" in word else OrderState.CANCELED
    if word in {"INVALID", "UNMATCHED"} and not filled:
        return OrderState.CANCELED
    raise ValueError(f"unknown status {found.status[:60]!r}")


def foreign(found: wire.Order, contract: Contract) -> Order:
    """An order that was not placed here: it has no id of ours. Raises ValueError as `state`."""
    return Order(
        client_id="",
        order_id=found.id,
        contract=contract,
        side=Side(found.side.lower()),
        limit=price(found.price),
        quantity=quantity(found.original_size),
        filled=quantity(found.size_matched),
        state=state(found),
    )


def reason(refused: Refused) -> Reason:
    said = refused.words.lower()
    return next((reason for part, reason in _REASONS if part in said), Reason.OTHER)


def found_nothing(refused: Refused) -> bool:
    """An order at once that met nobody: no error, an order without a fill (facts §20)."""
    return any(part in refused.words.lower() for part in _NOTHING_THERE)


def _with_fills(request: OrderRequest, order: Order, filled: int, average: int) -> Order:
    if filled >= order.quantity:
        state = OrderState.FILLED
    else:
        rests = order_type(request) in {"GTC", "GTD"}
        state = OrderState.PARTIAL if rests else OrderState.CANCELED
    return replace(order, filled=Quantity(filled), average_price=Price(average), state=state)


def _filled(request: OrderRequest, order: Order, answer: wire.Placed) -> tuple[int, int] | None:
    """(contracts, average price) from the amounts of an answer, whose unit is uncertain: dollars
    and contracts, or their millionths. None unless just one reading fits the order."""
    making, taking = answer.making or "", answer.taking or ""
    money, count = (making, taking) if order.side is Side.BUY else (taking, making)
    readings = (_read(money, count, unit) for unit in (ONE, 1))
    fits = [found for found in readings if found and _fits(request, order, *found)]
    if len(fits) != 1:
        return None
    paid, filled = fits[0]
    return filled, paid * ONE // filled


def _read(money: str, count: str, unit: int) -> tuple[int, int] | None:
    """(micro-dollars, micro-contracts), each written with at most six decimals; millionths have
    none."""
    try:
        paid, filled = micros(money), micros(count)
    except ValueError:
        return None
    if unit == ONE:
        return paid, filled
    return None if paid % ONE or filled % ONE else (paid // ONE, filled // ONE)


def _is_some(amount: str | None) -> bool:
    """Whether an amount is anything but nothing."""
    return bool((amount or "").strip("0."))


def _fits(request: OrderRequest, order: Order, paid: int, filled: int) -> bool:
    """Within the order's size and limit, to a cent: the venue rounds an order's money."""
    if filled < LOT or not 0 < paid < filled:
        return False
    at_limit = filled * order.limit // ONE
    if order.side is Side.SELL:
        return filled <= order.quantity and paid + CENT >= at_limit
    most = request.spend if request.spend is not None else at_limit + CENT
    return paid <= most and (request.spend is not None or filled <= order.quantity)


def spent(order: Order) -> Cash:
    """What an open BUY may still take from our cash, rounded up."""
    return Cash(-(-max(order.quantity - order.filled, 0) * order.limit // ONE))
