"""The `msg` of public market frames: books, tickers, trades (12.5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from venues.money import ONE
from venues.sides import Outcome
from venues.sim.exchange import Level
from venues.sim.kalshi.catalogue import Market
from venues.sim.kalshi.frames import Message
from venues.sim.kalshi.notices import BookChanged
from venues.sim.kalshi.records import OrderRecord, Quote, TradeRecord
from venues.sim.kalshi.wire_text import count, dollars, timestamp

_CONTRACTS_A_DOLLAR: Final = 2 * ONE


def snapshot(
    market: Market,
    clock: int,
    bids: Iterable[Level],
    asks: Iterable[Level],
    *,
    yes_price: bool,
    empty_shown: bool,
) -> Message:
    """A whole book, each side worst first; the key of an empty side is absent (or [] on demand).

    `bids` and `asks` come best first in YES dollars; NO levels leave in NO dollars unless
    `yes_price`.
    """
    sides = {
        "yes_dollars_fp": [_rung(level.price, level.size) for level in bids],
        "no_dollars_fp": [
            _rung(level.price if yes_price else ONE - level.price, level.size) for level in asks
        ],
    }
    msg: Message = {"market_ticker": market.ticker, "market_id": market.id, "clock": clock}
    return msg | {name: side[::-1] for name, side in sides.items() if side or empty_shown}


def delta(
    change: BookChanged, market_id: str, *, yes_price: bool, cause: OrderRecord | None
) -> Message:
    """`cause`: the order that it names, because the reader's own order caused it."""
    in_yes = change.outcome is Outcome.YES or yes_price
    msg: Message = {
        "market_ticker": change.ticker,
        "market_id": market_id,
        "clock": change.clock,
        "price_dollars": dollars(change.yes_price if in_yes else ONE - change.yes_price),
        "delta_fp": count(change.delta),
        "side": change.outcome.value,
        "ts": timestamp(change.ts_ms),
        "ts_ms": change.ts_ms,
    }
    if cause is not None:
        msg["client_order_id"] = cause.client_order_id
        if cause.subaccount:
            msg["subaccount"] = cause.subaccount
    return msg


def ticker(market: Market, quote: Quote, ts_ms: int) -> Message:
    """The dollar figures count half a dollar a contract, whole dollars, rounded down: so they are
    in recorded frames and in the official example."""
    return {
        "market_ticker": market.ticker,
        "market_id": market.id,
        "price_dollars": dollars(quote.last_price),
        "yes_bid_dollars": dollars(quote.yes_bid),
        "yes_ask_dollars": dollars(quote.yes_ask),
        "yes_bid_size_fp": count(quote.yes_bid_size),
        "yes_ask_size_fp": count(quote.yes_ask_size),
        "last_trade_size_fp": count(quote.last_size),
        "volume_fp": count(quote.volume),
        "open_interest_fp": count(quote.open_interest),
        "dollar_volume": quote.volume // _CONTRACTS_A_DOLLAR,
        "dollar_open_interest": quote.open_interest // _CONTRACTS_A_DOLLAR,
        "ts": ts_ms // 1_000,
        "ts_ms": ts_ms,
        "time": timestamp(ts_ms),
    }


def trade(record: TradeRecord) -> Message:
    outcome = record.taker_side.outcome.value
    return {
        "trade_id": record.trade_id,
        "market_ticker": record.ticker,
        "yes_price_dollars": dollars(record.price),
        "no_price_dollars": dollars(ONE - record.price),
        "count_fp": count(record.count),
        "taker_outcome_side": outcome,
        "taker_book_side": record.taker_side.value,
        "taker_side": outcome,
        "is_block_trade": record.is_block_trade,
        "ts": record.created_ms // 1_000,
        "ts_ms": record.created_ms,
    }


def _rung(at: int, size: int) -> list[str]:
    return [dollars(at), count(size)]
