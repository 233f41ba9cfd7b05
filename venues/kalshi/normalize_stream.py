"""Kalshi's websocket → the house's words, pure. Raises ValueError for what makes no sense.

There is one book per market, of YES. A bid is told as buying YES, an ask as buying NO: it never
matters which of the two ways there was taken, because holdings of YES and NO cancel.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from venues.kalshi.fees import Change, Terms
from venues.kalshi.normalize import VENUE, Trade
from venues.kalshi.normalize_orders import STATUSES, bought, standing
from venues.kalshi.wire import stream as wire
from venues.market import Contract, MarketStatus
from venues.money import ONE, Cash, Price, Quantity, micros, price, quantity
from venues.order import Fill, Order, OrderState, Position
from venues.sides import Outcome, Side

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_STATUS: Final = {
    "created": MarketStatus.UPCOMING,
    "activated": MarketStatus.OPEN,
    "deactivated": MarketStatus.PAUSED,
    "determined": MarketStatus.RESOLVED,
    "settled": MarketStatus.SETTLED,
}
_BIDS: Final = {("bid", "yes"): True, ("ask", "no"): False}


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketNews:
    """A market changed and should be read again. `says` is the venue's word; `status` is what that
    word means, None where it does not end in a new one; `closes_at` where it told."""

    market: str
    says: str
    status: MarketStatus | None
    closes_at: datetime | None


@dataclass(frozen=True, slots=True)
class FeeNews:
    """The fees of an event from now on."""

    event: str
    change: Change


@dataclass(frozen=True, slots=True)
class Missed:
    """Frames of a sequenced channel did not come; what they told can be read by REST alone."""

    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """The venue refused something we sent, or ended a subscription. `code` and `words` are its own;
    `markets` are those that it names."""

    code: int
    words: str
    channel: str
    markets: tuple[str, ...]


KalshiNews = Trade | MarketNews | FeeNews | Missed | Complaint


def fill(found: wire.FillBody) -> Fill:
    contract, _ = _bought(found.market_ticker, found.book_side, found.outcome_side)
    size, fee = quantity(found.count_fp), Cash(micros(found.fee_cost))
    return Fill(
        client_id=found.client_order_id,
        order_id=found.order_id,
        fill_id=found.trade_id,
        contract=contract,
        side=Side.BUY,
        price=bought(contract, price(found.yes_price_dollars), size, fee),
        quantity=size,
        fee=fee,
        maker=not found.is_taker,
        filled_at=moment(found.ts_ms),
        provisional=False,
    )


def order(found: wire.OrderBody) -> Order:
    """As `normalize_orders.order` tells the same order read by REST, plus EXPIRED and UNKNOWN."""
    contract, own = _bought(found.ticker, found.book_side, found.outcome_side)
    first, filled = quantity(found.initial_count_fp), quantity(found.fill_count_fp)
    if found.status not in STATUSES:
        state, total = OrderState.UNKNOWN, max(first, filled)
    else:
        resting = quantity(found.remaining_count_fp)
        state, total = standing(found.status, first, filled, resting)
    if state is OrderState.CANCELED and found.last_update_reason == "ExpiryCancel":
        state = OrderState.EXPIRED
    return Order(
        client_id=found.client_order_id,
        order_id=found.order_id,
        contract=contract,
        side=Side.BUY,
        limit=own(found.yes_price_dollars),
        quantity=total,
        filled=filled,
        state=state,
        fee=Cash(micros(found.taker_fees_dollars) + micros(found.maker_fees_dollars)),
        venue_ms=found.last_updated_ts_ms or found.created_ts_ms,
    )


def position(found: wire.PositionBody) -> Position:
    """What we hold now: + is YES, − is NO, and none at all is told as no YES."""
    held = micros(found.position_fp)
    outcome = Outcome.NO if held < 0 else Outcome.YES
    return Position(
        contract=Contract(VENUE, found.market_ticker, outcome),
        quantity=Quantity(abs(held)),
        cost=Cash(micros(found.position_cost_dollars)),
    )


def trade(found: wire.TradeBody) -> Trade:
    return Trade(
        id=found.trade_id,
        market=found.market_ticker,
        price=price(found.yes_price_dollars),
        quantity=quantity(found.count_fp),
        taker=Outcome(found.taker_outcome_side),
        at_ms=found.ts_ms,
        block=found.is_block_trade,
    )


def lifecycle(found: wire.LifecycleBody) -> MarketNews:
    closes = found.close_ts
    return MarketNews(
        market=found.market_ticker,
        says=found.event_type,
        status=_STATUS.get(found.event_type),
        closes_at=None if closes is None else moment(closes * 1_000),
    )


def fees(found: wire.FeeBody, now_ms: int) -> FeeNews:
    """In force at once: the frame has no time of its own."""
    terms = Terms(found.fee_type_override, found.fee_multiplier_override)
    return FeeNews(found.event_ticker, Change(now_ms, terms))


def moment(at_ms: int) -> datetime:
    try:
        return _EPOCH + timedelta(milliseconds=at_ms)
    except OverflowError:
        raise ValueError(f"{at_ms} ms is past the end of the calendar") from None


def _bought(ticker: str, book: str, outcome: str) -> tuple[Contract, Callable[[str], Price]]:
    """The contract that a bid or an ask amounts to buying, and YES price → that contract's own.

    Both fields say the same; where they differ nobody knows what was meant.
    """
    bid = _BIDS.get((book, outcome))
    if bid is None:
        raise ValueError(f"a {book} with outcome {outcome}")
    if bid:
        return Contract(VENUE, ticker, Outcome.YES), price
    return Contract(VENUE, ticker, Outcome.NO), lambda yes: Price(ONE - price(yes))
