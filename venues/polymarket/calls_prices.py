"""Single numbers of the exchange's books as values, by token. Source: facts/polymarket.md §6.

Prices are dollars. A batch takes BOOKS_MAX tokens, leaves unknown ones out and keeps no order.
Whoever trades reads whole books (calls.books): these numbers say nothing of size. `/fee-rate` is
left out: it tells an old cap, not the fee, which calls.compact_market has.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TypeVar

import msgspec

from venues.http import MIB, Call
from venues.polymarket import wire
from venues.polymarket import wire_reference as reference
from venues.sides import Side

T = TypeVar("T")


def book(token: str) -> Call[wire.Book]:
    """All that rests; the best comes last. NotFound where the exchange knows no such token yet."""
    return _one("/book", token, wire.Book)


def price(token: str, resting: Side) -> Call[reference.Price]:
    """The best of the orders that rest on this side: a buyer pays that of SELL.

    docs.polymarket.com and a live probe of 2026-07; many clients read it the other way round.
    """
    return _one("/price", token, reference.Price, (("side", resting.upper()),))


def prices(asked: Iterable[tuple[str, Side]]) -> Call[dict[str, dict[str, Decimal]]]:
    """Token → "BUY" or "SELL" → the best that rests there, for each token and side asked."""
    items = [{"token_id": token, "side": side.upper()} for token, side in asked]
    return _batch("/prices", items, dict[str, dict[str, Decimal]])


def midpoint(token: str) -> Call[reference.Midpoint]:
    """Halfway between the two best."""
    return _one("/midpoint", token, reference.Midpoint)


def midpoints(tokens: Sequence[str]) -> Call[dict[str, Decimal]]:
    return _batch("/midpoints", _items(tokens), dict[str, Decimal])


def spread(token: str) -> Call[reference.Spread]:
    """From the best bid to the best ask."""
    return _one("/spread", token, reference.Spread)


def spreads(tokens: Sequence[str]) -> Call[dict[str, Decimal]]:
    return _batch("/spreads", _items(tokens), dict[str, Decimal])


def last_trade(token: str) -> Call[reference.LastTrade]:
    """`side` is the taker's. Where nobody ever traded it is "", and the price means nothing."""
    return _one("/last-trade-price", token, reference.LastTrade)


def last_trades(tokens: Sequence[str]) -> Call[tuple[reference.LastTrade, ...]]:
    return _batch("/last-trades-prices", _items(tokens), tuple[reference.LastTrade, ...])


def tick_size(token: str) -> Call[reference.TickSize]:
    """May change while a market is live."""
    return _one("/tick-size", token, reference.TickSize)


def neg_risk(token: str) -> Call[reference.NegRisk]:
    """Which of two exchange contracts an order must be signed for."""
    return _one("/neg-risk", token, reference.NegRisk)


def _one(path: str, token: str, answer: type[T], more: tuple[tuple[str, str], ...] = ()) -> Call[T]:
    return Call(method="GET", path=path, params=(("token_id", token), *more), answer=answer)


def _items(tokens: Sequence[str]) -> list[dict[str, str]]:
    return [{"token_id": token} for token in tokens]


def _batch(path: str, items: list[dict[str, str]], answer: type[T]) -> Call[T]:
    body = msgspec.json.encode(items)
    return Call(method="POST", path=path, body=body, answer=answer, bytes_max=MIB)
