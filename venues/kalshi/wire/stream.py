"""Kalshi's websocket: every frame it sends and every command it takes.

A frame is a tagged union by `type`; what we depend on is required, the rest is ignored. Sources are
the AsyncAPI document 2.0.0 (October 2026) and, where named, recordings in `recorded/kalshi/ws`.
Prices and counts stay text. `sid` is the subscription, `seq` counts its frames.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, Literal, get_args

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from venues.kalshi.wire.bystanders import Bystander, Framed

BOOKS: Final = "orderbook_delta"
FILLS: Final = "fill"
ORDERS: Final = "user_orders"
POSITIONS: Final = "market_positions"
TRADES: Final = "trade"
LIFECYCLE: Final = "market_lifecycle_v2"
PRIVATE: Final = frozenset({FILLS, ORDERS, POSITIONS})
"""Without `seq`: a loss shows nowhere, so these are reconciled by REST."""

Word = Literal["yes", "no"]
Rung = tuple[str, str]


# {"market_ticker": "KXMLBGAME-…-NYM", "market_id": "957e…", "price_dollars": "0.4300",
#  "delta_fp": "-100.00", "side": "yes", "ts": "2026-08-07T06:46:28.97871Z", "ts_ms": 1786085188978}
# wire_frames_sample_20260807.jsonl; `clock` since October 2026; `client_order_id` only if it was us
class Change(Struct, frozen=True, gc=False):
    market_ticker: str
    price_dollars: str
    delta_fp: str
    side: Word
    ts_ms: int | None = None
    client_order_id: str = ""


# {"type": "orderbook_delta", "sid": 1, "seq": 24, "msg": {…}}; not a Framed: this one is hot
# wire_frames_sample_20260807.jsonl
class Delta(Struct, tag_field="type", tag="orderbook_delta", frozen=True, gc=False):
    sid: int
    seq: int
    msg: Change


# {"market_ticker": "KXBTC15M-…", "market_id": "6b8d…", "yes_dollars_fp": [["0.0010", "500.00"]],
#  "no_dollars_fp": […]}; worst first, and the key of an empty side is absent
# wire_frames_sample_20260807.jsonl, kxbtc15m_20260515T1907Z.jsonl.gz
class Rungs(Struct, frozen=True):
    market_ticker: str
    yes_dollars_fp: tuple[Rung, ...] = ()
    no_dollars_fp: tuple[Rung, ...] = ()


# {"type": "orderbook_snapshot", "sid": 1, "seq": 1, "msg": {…}}; `id` if it answers a get_snapshot
# wire_frames_sample_20260807.jsonl
class Snapshot(Framed, tag="orderbook_snapshot", frozen=True):
    msg: Rungs


# {"id": 1, "type": "subscribed", "msg": {"channel": "orderbook_delta", "sid": 1}}
# wire_frames_sample_20260807.jsonl
class Channel(Struct, frozen=True):
    channel: str
    sid: int


class Subscribed(Struct, tag_field="type", tag="subscribed", frozen=True, kw_only=True):
    msg: Channel
    id: int = 0


# {"id": 102, "sid": 2, "seq": 7, "type": "unsubscribed"}
class Unsubscribed(Framed, tag="unsubscribed", frozen=True):
    pass


# {"market_tickers": ["MARKET-1", "MARKET-2"]}: all of them after the change, not only the new ones
# wire_frames_sample_20260807.jsonl
class Members(Struct, frozen=True):
    market_tickers: tuple[str, ...] = ()


# {"id": 4, "sid": 1, "seq": 2, "type": "ok", "msg": {…}}; for list_subscriptions
# {"id": 3, "type": "ok", "msg": [{"channel": "ticker", "sid": 2}]}
class Ok(Struct, tag_field="type", tag="ok", frozen=True, kw_only=True):
    msg: Members | tuple[Channel, ...] | None = None
    sid: int = 0
    seq: int = 0
    id: int = 0


# {"code": 7, "msg": "Unknown subscription ID"}; `market_ticker(s)` where it is about some
class Problem(Struct, frozen=True):
    code: int
    msg: str = ""
    market_ticker: str = ""
    market_tickers: tuple[str, ...] = ()


# {"id": 123, "type": "error", "msg": {…}}; `sid` and `seq` where it is about a subscription
class Error(Struct, tag_field="type", tag="error", frozen=True, kw_only=True):
    msg: Problem
    sid: int = 0
    seq: int = 0
    id: int = 0


# {"trade_id": "d91b…", "market_ticker": "HIGHNY-22DEC23-B53.5", "yes_price_dollars": "0.3600",
#  "count_fp": "136.00", "taker_outcome_side": "no", "is_block_trade": false, "ts_ms": 16691498…}
class TradeBody(Struct, frozen=True):
    trade_id: str
    market_ticker: str
    yes_price_dollars: str
    count_fp: str
    taker_outcome_side: Word
    is_block_trade: bool
    ts_ms: int


class Trade(Framed, tag="trade", frozen=True):
    msg: TradeBody


# {"trade_id": "d91b…", "order_id": "ee58…", "client_order_id": "my-order-1", "is_taker": true,
#  "market_ticker": "HIGHNY-22DEC23-B53.5", "outcome_side": "yes", "book_side": "bid",
#  "yes_price_dollars": "0.7500", "count_fp": "278.00", "fee_cost": "0.010000", "ts_ms": 16718993…}
class FillBody(Struct, frozen=True, kw_only=True):
    trade_id: str
    order_id: str
    market_ticker: str
    is_taker: bool
    outcome_side: Word
    book_side: Literal["bid", "ask"]
    yes_price_dollars: str
    count_fp: str
    fee_cost: str
    ts_ms: int
    client_order_id: str = ""
    subaccount: int | None = None


class Fill(Framed, tag="fill", frozen=True):
    msg: FillBody


# {"order_id": "ee58…", "client_order_id": "my-order-1", "ticker": "FED-23DEC-T3.00",
#  "status": "resting", "outcome_side": "yes", "book_side": "bid", "yes_price_dollars": "0.3500",
#  "fill_count_fp": "0.00", "remaining_count_fp": "10.00", "initial_count_fp": "10.00",
#  "taker_fees_dollars": "0.000000", "maker_fees_dollars": "0.000000", "created_ts_ms": 17330472…,
#  "last_update_reason": "ExpiryCancel"}
class OrderBody(Struct, frozen=True, kw_only=True):
    order_id: str
    client_order_id: str
    ticker: str
    status: str
    outcome_side: Word
    book_side: Literal["bid", "ask"]
    yes_price_dollars: str
    fill_count_fp: str
    remaining_count_fp: str
    initial_count_fp: str
    taker_fees_dollars: str
    maker_fees_dollars: str
    created_ts_ms: int | None = None
    last_updated_ts_ms: int | None = None
    last_update_reason: str = ""
    subaccount_number: int | None = None


class UserOrder(Framed, tag="user_order", frozen=True):
    msg: OrderBody


# {"market_ticker": "FED-23DEC-T3.00", "position_fp": "100.00", "position_cost_dollars": "50.0000"}
class PositionBody(Struct, frozen=True):
    market_ticker: str
    position_fp: str
    position_cost_dollars: str
    subaccount: int | None = None


class MarketPosition(Framed, tag="market_position", frozen=True):
    msg: PositionBody


# {"market_ticker": "INXD-23SEP14-B4487", "event_type": "created", "close_ts": 1694721600}
class LifecycleBody(Struct, frozen=True):
    market_ticker: str
    event_type: str
    close_ts: int | None = None


class MarketLifecycle(Framed, tag="market_lifecycle_v2", frozen=True):
    msg: LifecycleBody


class ComboLifecycle(Framed, tag="multivariate_market_lifecycle", frozen=True):
    msg: LifecycleBody


# {"event_ticker": "KXQUICKSETTLE-26JAN25H2150", "series_ticker": "KXQUICKSETTLE", …}
class EventBody(Struct, frozen=True):
    event_ticker: str


class EventLifecycle(Framed, tag="event_lifecycle", frozen=True):
    msg: EventBody


# {"event_ticker": "KXBTCD-26MAY2018", "fee_type_override": "quadratic",
#  "fee_multiplier_override": 1}; both null = the event's override is cleared
class FeeBody(Struct, frozen=True):
    event_ticker: str
    fee_type_override: str | None
    fee_multiplier_override: Decimal | None


class EventFee(Framed, tag="event_fee_update", frozen=True):
    msg: FeeBody


class Other(Struct, frozen=True, kw_only=True):
    """A frame by its envelope alone: its `type` is news to us, or its `msg` is broken."""

    type: str
    sid: int = 0
    seq: int = 0
    id: int = 0
    msg: Raw | UnsetType = UNSET

    @property
    def ticker(self) -> str:
        """The market it names, "" for none."""
        try:
            return msgspec.json.decode(self.msg or b"{}", type=_Named).market_ticker
        except (ValueError, RecursionError):
            return ""


class _Named(Struct, frozen=True):
    market_ticker: str = ""


Frame = (
    Delta
    | Snapshot
    | Subscribed
    | Unsubscribed
    | Ok
    | Error
    | Trade
    | Fill
    | UserOrder
    | MarketPosition
    | MarketLifecycle
    | ComboLifecycle
    | EventLifecycle
    | EventFee
    | Bystander
)
TYPES: Final = frozenset(each.__struct_config__.tag for each in get_args(Frame))
_FRAMES: Final[msgspec.json.Decoder[Frame]] = msgspec.json.Decoder(Frame)
_OTHERS: Final = msgspec.json.Decoder(Other)
frame: Final = _FRAMES.decode
"""Raises ValueError or RecursionError for what is none of them: `other` may still read it."""


def other(raw: str | bytes) -> Other | None:
    """A frame by its envelope alone; None for what has none."""
    try:
        return _OTHERS.decode(raw)
    except (ValueError, RecursionError):
        return None


class Subscribe(Struct, omit_defaults=True, frozen=True, kw_only=True):
    """Parameters of `subscribe`. `use_yes_price` must be said for order books: its default is
    announced to flip. Which parameter belongs to which channel, the AsyncAPI document says."""

    channels: tuple[str, ...]
    market_ticker: str = ""
    market_tickers: tuple[str, ...] = ()
    market_id: str = ""
    market_ids: tuple[str, ...] = ()
    use_yes_price: bool | UnsetType = UNSET
    send_initial_snapshot: bool = False
    skip_ticker_ack: bool = False
    user_filter: str = ""
    shard_factor: int = 0
    shard_key: int | UnsetType = UNSET
    index_ids: tuple[str, ...] = ()
    underlying_tickers: tuple[str, ...] = ()


class Update(Struct, omit_defaults=True, frozen=True, kw_only=True):
    """Parameters of `update_subscription`: `sid` or one of `sids`."""

    action: str
    sid: int = 0
    sids: tuple[int, ...] = ()
    market_ticker: str = ""
    market_tickers: tuple[str, ...] = ()
    market_id: str = ""
    market_ids: tuple[str, ...] = ()
    send_initial_snapshot: bool = False
    index_ids: tuple[str, ...] = ()
    underlying_tickers: tuple[str, ...] = ()


def subscribe(id: int, params: Subscribe) -> str:
    if BOOKS in params.channels and params.use_yes_price is UNSET:
        raise ValueError("say use_yes_price: without it nobody knows what a NO price means")
    return _command(id, "subscribe", params)


def update(id: int, params: Update) -> str:
    return _command(id, "update_subscription", params)


def unsubscribe(id: int, sids: tuple[int, ...]) -> str:
    return _command(id, "unsubscribe", {"sids": sids})


def list_subscriptions(id: int) -> str:
    return msgspec.json.encode({"id": id, "cmd": "list_subscriptions"}).decode()


def _command(id: int, name: str, params: Subscribe | Update | dict[str, tuple[int, ...]]) -> str:
    return msgspec.json.encode({"id": id, "cmd": name, "params": params}).decode()
