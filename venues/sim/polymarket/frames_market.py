"""The events of the market channel (§12.1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha1
from typing import NamedTuple

from venues.money import ONE, Price, Quantity
from venues.sides import Side
from venues.sim.polymarket.catalogue import Event, Fee, Market
from venues.sim.polymarket.notices import MarketListed, MarketResolved, TickChanged, TradePrinted
from venues.sim.polymarket.records import BookView
from venues.sim.polymarket.rest_books import base_fee
from venues.sim.polymarket.wire_text import Object, iso, number, plain
from venues.sim.polymarket.wire_text_book import best, side_text
from venues.sim.polymarket.wire_text_book import book as rest_book


class Moved(NamedTuple):
    """A level as it stands now, in its token's dollars."""

    side: Side
    price: Price
    size: Quantity

    def mirrored(self) -> Moved:
        """The same liquidity seen from the other token."""
        return Moved(self.side.other, Price(ONE - self.price), self.size)


@dataclass(frozen=True, slots=True)
class Top:
    """A token's best prices as text. `empty` stands for those of an empty side."""

    bid: str
    ask: str
    spread: str

    @classmethod
    def of(cls, view: BookView, empty: tuple[str, str]) -> Top:
        bid, ask = best(view)
        bid_text = empty[0] if bid is None else plain(bid)
        ask_text = empty[1] if ask is None else plain(ask)
        spread = plain((ONE if ask is None else ask) - (bid or 0))
        return cls(bid_text, ask_text, spread if bid_text and ask_text else "")


def book(view: BookView, market: Market, *, whole: bool) -> Object:
    """A snapshot. After a trade (`whole` False) it tells neither tick nor last price: recorded so.
    The hash is that of the book at REST."""
    found = rest_book(view, market)
    named = ["market", "asset_id", "timestamp", "hash", "bids", "asks"]
    if whole:
        named += ["tick_size", "last_trade_price"]
    return {name: found[name] for name in named} | {"event_type": "book"}


def price_change(market: str, changes: Iterable[Object], ts_ms: int) -> Object:
    return {
        "market": market,
        "price_changes": [*changes],
        "timestamp": str(ts_ms),
        "event_type": "price_change",
    }


def change(token: str, moved: Moved, top: Top, digest: str) -> Object:
    """One item of a price_change: the level's absolute size, and the top after the command."""
    return {
        "asset_id": token,
        "price": plain(moved.price),
        "size": plain(moved.size),
        "side": side_text(moved.side),
        "hash": digest,
        "best_bid": top.bid,
        "best_ask": top.ask,
    }


def level_hash(token: str, moved: Moved, ts_ms: int) -> str:
    """Stands for an order's hash (UNSURE 5): it is no book's."""
    said = f"{token} {moved.side} {moved.price} {moved.size} {ts_ms}"
    return sha1(said.encode(), usedforsecurity=False).hexdigest()


def last_trade_price(printed: TradePrinted, market: Market) -> Object:
    return {
        "market": printed.market,
        "asset_id": printed.token,
        "price": plain(printed.price),
        "size": plain(printed.size),
        "fee_rate_bps": str(base_fee(market)),
        "side": side_text(printed.side),
        "timestamp": str(printed.ts_ms),
        "event_type": "last_trade_price",
        "transaction_hash": printed.transaction_hash,
    }


def tick_size_change(token: str, changed: TickChanged) -> Object:
    return {
        "market": changed.market,
        "asset_id": token,
        "old_tick_size": plain(changed.old),
        "new_tick_size": plain(changed.new),
        "timestamp": str(changed.ts_ms),
        "event_type": "tick_size_change",
    }


def best_bid_ask(view: BookView, top: Top, ts_ms: int) -> Object:
    return {
        "market": view.market,
        "asset_id": view.token,
        "best_bid": top.bid,
        "best_ask": top.ask,
        "spread": top.spread,
        "timestamp": str(ts_ms),
        "event_type": "best_bid_ask",
    }


def new_market(listed: MarketListed) -> Object:
    market = listed.market
    found: Object = {
        "id": market.id,
        "question": market.question,
        "market": market.condition,
        "slug": market.slug,
        "description": market.description,
        "assets_ids": [*market.tokens],
        "outcomes": [*market.outcomes],
        "event_message": _event_message(listed.event),
        "timestamp": str(listed.ts_ms),
        "event_type": "new_market",
        "tags": [*listed.event.tags],
        "condition_id": market.condition,
        "active": True,
        "clob_token_ids": [*market.tokens],
        "sports_market_type": "",
        "line": "",
        "game_start_time": iso(market.game_start_ms) or "",
        "order_price_min_tick_size": plain(market.tick),
        "group_item_title": market.title,
        "taker_base_fee": str(base_fee(market)),
        "fees_enabled": market.fee is not None,
    }
    return found | ({"fee_schedule": _fee_schedule(market.fee)} if market.fee else {})


def market_resolved(resolved: MarketResolved) -> Object:
    """Of a market that pays both halves no token wins: both names are empty (our choice)."""
    market, winner = resolved.market, resolved.winner
    return {
        "id": market.id,
        "market": market.condition,
        "assets_ids": [*market.tokens],
        "winning_asset_id": "" if winner is None else market.tokens[winner],
        "winning_outcome": "" if winner is None else market.outcomes[winner],
        "event_message": _event_message(resolved.event),
        "timestamp": str(resolved.ts_ms),
        "event_type": "market_resolved",
        "tags": [*resolved.event.tags],
    }


def _event_message(event: Event) -> Object:
    return {
        "id": event.id,
        "ticker": event.slug,
        "slug": event.slug,
        "title": event.title,
        "description": event.description,
    }


def _fee_schedule(fee: Fee) -> Object:
    return {
        "exponent": fee.exponent,
        "rate": number(fee.rate),
        "takerOnly": fee.taker_only,
        "rebateRate": number(fee.rebate),
    }
