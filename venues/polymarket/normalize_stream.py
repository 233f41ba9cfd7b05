"""Polymarket's websockets → the house's words, pure. Raises ValueError for what makes no sense."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from venues.money import ONE, Price, Quantity, price, quantity
from venues.order import Order, OrderState
from venues.polymarket import wire_stream as wire
from venues.polymarket.normalize import condition
from venues.polymarket.normalize_trades import EPOCH, contract_of, moment, side
from venues.polymarket.terms import Known, TermsBook
from venues.sides import Outcome, Side

_MS: Final = timedelta(milliseconds=1)
_ENDED: Final = ("CANCELED", "INVALID", "UNMATCHED")
_GOING: Final = ("", "LIVE", "MATCHED", "DELAYED")
_KINDS: Final = ("PLACEMENT", "UPDATE", "CANCELLATION")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """`price` in YES dollars; `taker`: the outcome that the taker bought, or whose opposite it
    sold. `transaction` is the venue's hash, "" where it names none."""

    market: str
    price: Price
    quantity: Quantity
    taker: Outcome
    at_ms: int
    transaction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TickChanged:
    """Prices of a market are multiples of `tick` from now on: its terms are to be read again."""

    market: str
    tick: Price
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketListed:
    market: str
    title: str
    slug: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketResolved:
    """`winner` None: it is of a market whose tokens we don't know, or nobody won. Not every
    resolution is told."""

    market: str
    winner: Outcome | None
    at_ms: int


PolymarketNews = Trade | TickChanged | MarketListed | MarketResolved


def trade(found: wire.LastTrade, book: TermsBook) -> Trade:
    contract = contract_of(found.asset_id, book)
    at, bought = price(found.price), side(found.side) is Side.BUY
    is_yes = contract.outcome is Outcome.YES
    return Trade(
        market=contract.market,
        price=at if is_yes else Price(ONE - at),
        quantity=quantity(found.size),
        taker=contract.outcome if bought else contract.outcome.other,
        at_ms=found.timestamp,
        transaction=found.transaction_hash or "",
    )


def tick_changed(found: wire.TickSize, book: TermsBook) -> TickChanged:
    market = contract_of(found.asset_id, book).market
    return TickChanged(market=market, tick=price(found.new_tick_size), at_ms=found.timestamp)


def listed(found: wire.NewMarket) -> MarketListed:
    return MarketListed(
        market=condition(found.market),
        title=found.question,
        slug=found.slug,
        at_ms=found.timestamp,
    )


def resolved(found: wire.Resolved, book: TermsBook) -> MarketResolved:
    market = condition(found.market)
    won = book.contract_of(found.winning_asset_id or "")
    winner = won[1] if won and won[0] == market else None
    return MarketResolved(market=market, winner=winner, at_ms=found.timestamp)


def order(found: wire.UserOrder, book: TermsBook, known: Known) -> Order:
    """One that is known keeps our words and takes `filled` and `state` from the venue; another has
    no `client_id`."""
    contract, own = contract_of(found.asset_id, book), side(found.side)
    filled = quantity(found.size_matched or "0")
    at = moment(found.timestamp)
    ours = known.get(found.id)
    if ours is None:
        ours = Order(
            client_id="",
            order_id=found.id,
            contract=contract,
            side=own,
            limit=price(found.price),
            quantity=quantity(found.original_size),
            filled=filled,
            state=OrderState.UNKNOWN,
        )
    if (ours.contract, ours.side) != (contract, own):
        raise ValueError(f"order {found.id[:80]} is told as one of another contract")
    return replace(
        ours,
        filled=filled,
        state=_state(found, filled, ours.quantity),
        venue_ms=(at - EPOCH) // _MS if at else None,
    )


def _state(found: wire.UserOrder, filled: Quantity, whole: Quantity) -> OrderState:
    kind, status = found.type.upper(), (found.status or "").upper()
    status = status.removeprefix("ORDER_STATUS_")
    over = status.startswith(_ENDED)
    if kind not in _KINDS or not (over or status in _GOING):
        raise ValueError(f"an order {found.type[:40]!r} of status {found.status!r:.80}")
    if filled >= whole:
        return OrderState.FILLED
    if over or kind == "CANCELLATION":
        return OrderState.EXPIRED if "EXPIRED" in status else OrderState.CANCELED
    return OrderState.PARTIAL if filled else OrderState.ACKED
