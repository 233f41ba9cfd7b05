"""Polymarket's websockets: every frame they send and every command they take. Facts §12, §13.

An event is a tagged union by `event_type`, a frame one event or an array of them. What we depend on
is required, the rest ignored. Prices and sizes stay text; stamps are text, too, and become numbers
here. The payloads above are from `recorded/polymarket/ws`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final, TypeVar, get_args

import msgspec
from msgspec import Raw, Struct

from venues.polymarket.wire_trades import Trade

T = TypeVar("T")


# {"asset_id": "7077…", "price": "0.5", "size": "5189.73", "side": "SELL", "hash": "367031e4…",
#  "best_bid": "0.48", "best_ask": "0.5"}; predxt_20260228/polymarket_trade_updates.json
class Change(Struct, frozen=True, gc=False):
    asset_id: str
    price: str
    size: str
    side: str
    best_bid: str | None = None
    best_ask: str | None = None


# {"market": "0x7090…", "price_changes": […], "timestamp": "1772279178967", "event_type": …}
# predxt_20260228/polymarket_trade_updates.json
class PriceChange(Struct, tag_field="event_type", tag="price_change", frozen=True, gc=False):
    price_changes: tuple[Change, ...]
    timestamp: int


# one level: {"price": "0.01", "size": "655155.31"}; predxt_20260228/polymarket_order_books.json
class Rung(Struct, frozen=True, gc=False):
    price: str
    size: str


# {"market": "0x7090…", "asset_id": "7077…", "timestamp": "1772279170115", "hash": "ca68b648…",
#  "bids": […], "asks": […], "event_type": "book", "tick_size": "0.01", "last_trade_price": "0.490"}
# predxt_20260228/polymarket_order_books.json, where most have no tick_size; best comes last
class Book(Struct, tag_field="event_type", tag="book", frozen=True, kw_only=True):
    asset_id: str
    timestamp: int
    bids: tuple[Rung, ...] | None = None
    asks: tuple[Rung, ...] | None = None
    buys: tuple[Rung, ...] | None = None
    sells: tuple[Rung, ...] | None = None
    tick_size: str | None = None


# {"asset_id": "4674…", "price": "0.52", "size": "1544.230768", "side": "BUY", "timestamp": "177…",
#  "transaction_hash": "0xe877…", "fee_rate_bps": "0", …}; predxt_20260228/polymarket_other.json
class LastTrade(Struct, tag_field="event_type", tag="last_trade_price", frozen=True, kw_only=True):
    asset_id: str
    price: str
    size: str
    side: str
    timestamp: int
    transaction_hash: str | None = None


# {"asset_id": "7132…", "old_tick_size": "0.1", "new_tick_size": "0.01", "timestamp": "17038…", …}
# nautilus_rs_2026/ws_market_tick_size_msg.json
class TickSize(Struct, tag_field="event_type", tag="tick_size_change", frozen=True, kw_only=True):
    asset_id: str
    new_tick_size: str
    timestamp: int


# {"asset_id": "8535…", "best_bid": "0.73", "best_ask": "0.77", "spread": "0.04", "timestamp": …}
# nautilus_rs_2026/ws_market_best_bid_ask_msg.json
class BestBidAsk(Struct, tag_field="event_type", tag="best_bid_ask", frozen=True, kw_only=True):
    asset_id: str
    best_bid: str
    best_ask: str
    timestamp: int


# {"market": "0x311d…", "question": "Will NVIDIA…", "slug": "nvda-above-240-on-…", "outcomes": […],
#  "assets_ids": ["7604…", "3169…"], "timestamp": "1766790415550", …}
# nautilus_rs_2026/ws_market_new_market_msg.json
class NewMarket(Struct, tag_field="event_type", tag="new_market", frozen=True, kw_only=True):
    market: str
    question: str = ""
    slug: str = ""
    timestamp: int


# {"market": "0x311d…", "assets_ids": […], "winning_asset_id": "7604…", "winning_outcome": "Yes", …}
# nautilus_rs_2026/ws_market_resolved_msg.json
class Resolved(Struct, tag_field="event_type", tag="market_resolved", frozen=True, kw_only=True):
    market: str
    timestamp: int
    winning_asset_id: str | None = None
    winning_outcome: str | None = None


# {"id": "0x1234…", "asset_id": "7132…", "side": "BUY", "price": "0.5", "original_size": "100.0",
#  "size_matched": "25.0", "status": "LIVE", "type": "UPDATE", "timestamp": "1703875200500", …}
# nautilus_rs_2026/ws_user_order_update.json; "" for none in ws_user_order_fok_killed.json
class UserOrder(Struct, tag_field="event_type", tag="order", frozen=True, kw_only=True):
    id: str
    asset_id: str
    side: str
    price: str
    original_size: str
    size_matched: str
    type: str
    status: str | None = None
    timestamp: str | int | None = None


MarketEvent = PriceChange | Book | LastTrade | TickSize | BestBidAsk | NewMarket | Resolved
UserEvent = UserOrder | Trade


class _Asset(Struct, frozen=True):
    asset_id: str | None = None


class Other(Struct, frozen=True, kw_only=True):
    """An event by its envelope alone: its type is news to us, or something in it is broken."""

    event_type: str
    asset_id: str | None = None
    price_changes: tuple[_Asset, ...] | None = None

    @property
    def is_known(self) -> bool:
        return self.event_type in TYPES

    @property
    def tokens(self) -> set[str]:
        """Those that it names."""
        named = (self.asset_id, *(each.asset_id for each in self.price_changes or ()))
        return {*filter(None, named)}


TYPES: Final = frozenset(
    each.__struct_config__.tag for each in (*get_args(MarketEvent), *get_args(UserEvent))
)
OF_BOOKS: Final = frozenset({"price_change", "book", "tick_size_change"})
"""Types whose loss makes a book wrong."""
_MARKET: Final[msgspec.json.Decoder[MarketEvent | tuple[MarketEvent, ...]]] = msgspec.json.Decoder(
    MarketEvent | tuple[MarketEvent, ...],
    strict=False,  # a stamp is a number written as text
)
_MARKET_EVENT: Final[msgspec.json.Decoder[MarketEvent]] = msgspec.json.Decoder(
    MarketEvent, strict=False
)
_USER_EVENT: Final[msgspec.json.Decoder[UserEvent]] = msgspec.json.Decoder(UserEvent)
_ARRAY: Final = msgspec.json.Decoder(tuple[Raw, ...])
_OTHER: Final = msgspec.json.Decoder(Other)
market_frame: Final = _MARKET.decode
"""Raises ValueError or RecursionError; `market_events` may still read a part of such a frame."""


def market_events(raw: str | bytes) -> list[MarketEvent | Other | None]:
    """A frame event by event, None for one that cannot be read at all."""
    return [_one(part, _MARKET_EVENT.decode) for part in _parts(raw)]


def user_events(raw: str | bytes) -> list[UserEvent | Other | None]:
    return [_one(part, _USER_EVENT.decode) for part in _parts(raw)]


def _parts(raw: str | bytes) -> tuple[Raw | str | bytes, ...]:
    try:
        return _ARRAY.decode(raw)
    except (ValueError, RecursionError):
        return (raw,)


def _one(raw: Raw | str | bytes, read: Callable[[Raw | str | bytes], T]) -> T | Other | None:
    try:
        return read(raw)
    except (ValueError, RecursionError):
        pass
    try:
        return _OTHER.decode(raw)
    except (ValueError, RecursionError):
        return None


def first(tokens: Collection[str]) -> str:
    """The first frame of the market channel. The flag brings best_bid_ask and news of markets."""
    return _text({"type": "market", "assets_ids": [*tokens], "custom_feature_enabled": True})


def subscribe(tokens: Collection[str]) -> str:
    """Brings the book of each that was not subscribed; naming one again brings nothing."""
    named = {"assets_ids": [*tokens], "custom_feature_enabled": True}
    return _text({"operation": "subscribe", **named})


def unsubscribe(tokens: Collection[str]) -> str:
    return _text({"operation": "unsubscribe", "assets_ids": [*tokens]})


def log_in(api_key: str, secret: str, passphrase: str) -> str:
    """The first frame of the user channel, for all markets."""
    auth = {"apiKey": api_key, "secret": secret, "passphrase": passphrase}
    return _text({"type": "user", "auth": auth})


def _text(command: dict[str, object]) -> str:
    return msgspec.json.encode(command).decode()
