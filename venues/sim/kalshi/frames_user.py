"""The `msg` of private frames: fills, orders, positions, order groups (12.5)."""

from __future__ import annotations

from typing import Final

from venues.sim.kalshi.frames import Message
from venues.sim.kalshi.notices import GroupChanged, GroupEvent
from venues.sim.kalshi.records import FillRecord, OrderRecord, PositionRecord
from venues.sim.kalshi.wire_text import count, dollars, exact_dollars, timestamp

_LIMIT_TOLD: Final = frozenset({GroupEvent.CREATED, GroupEvent.LIMIT_UPDATED})


def fill(record: FillRecord, *, legacy: bool) -> Message:
    """`legacy`: with `side` and `action`, which may vanish (UNSURE #17). All buys, as V2 has no
    other verb: an ask buys NO."""
    outcome = record.side.outcome.value
    msg: Message = {
        "trade_id": record.trade_id,
        "order_id": record.order_id,
        "market_ticker": record.ticker,
        "exchange_index": record.exchange_index,
        "is_taker": record.is_taker,
        "outcome_side": outcome,
        "book_side": record.side.value,
        "yes_price_dollars": dollars(record.price),
        "count_fp": count(record.count),
        "fee_cost": exact_dollars(record.fee),
        "post_position_fp": count(record.post_position),
        "purchased_side": outcome,
        "ts": record.created_ms // 1_000,
        "ts_ms": record.created_ms,
    }
    if record.client_order_id:
        msg["client_order_id"] = record.client_order_id
    if record.subaccount:
        msg["subaccount"] = record.subaccount
    return msg | ({"side": outcome, "action": "buy"} if legacy else {})


def order(record: OrderRecord, *, legacy: bool) -> Message:
    msg: Message = {
        "order_id": record.order_id,
        "user_id": record.user_id,
        "ticker": record.ticker,
        "exchange_index": record.exchange_index,
        "status": record.status.value,
        "outcome_side": record.outcome.value,
        "book_side": record.side.value,
        "yes_price_dollars": dollars(record.price),
        "initial_count_fp": count(record.initial),
        "fill_count_fp": count(record.filled),
        "remaining_count_fp": count(record.remaining),
        "taker_fill_cost_dollars": exact_dollars(record.taker_cost),
        "maker_fill_cost_dollars": exact_dollars(record.maker_cost),
        "taker_fees_dollars": exact_dollars(record.taker_fees),
        "maker_fees_dollars": exact_dollars(record.maker_fees),
        "client_order_id": record.client_order_id,
        "self_trade_prevention_type": record.self_trade_prevention_type.value,
        "created_time": timestamp(record.created_ms),
        "created_ts_ms": record.created_ms,
        "subaccount_number": record.subaccount,
    }
    if legacy:
        msg |= {"side": record.outcome.value, "is_yes": record.outcome.value == "yes"}
    if record.order_group_id is not None:
        msg["order_group_id"] = record.order_group_id
    if record.expires_ms is not None:
        msg |= {
            "expiration_ts_ms": record.expires_ms,
            "expiration_time": timestamp(record.expires_ms),
        }
    if record.updated_ms != record.created_ms or record.last_update_reason is not None:
        updated_ms = record.updated_ms
        msg |= {"last_updated_ts_ms": updated_ms, "last_update_time": timestamp(updated_ms)}
    if record.last_update_reason is not None:
        msg["last_update_reason"] = record.last_update_reason.value
    return msg


def position(record: PositionRecord) -> Message:
    """The fee cost of the open position is not kept apart: it is all fees, until it is flat."""
    msg: Message = {
        "user_id": record.user_id,
        "market_ticker": record.ticker,
        "position_fp": count(record.count),
        "position_cost_dollars": dollars(record.cost),
        "realized_pnl_dollars": dollars(record.realized_pnl),
        "fees_paid_dollars": dollars(record.fees),
        "position_fee_cost_dollars": dollars(record.fees if record.count else 0),
        "volume_fp": count(record.volume),
    }
    return msg | ({"subaccount": record.subaccount} if record.subaccount else {})


def group(change: GroupChanged) -> Message:
    msg: Message = {
        "event_type": change.event.value,
        "order_group_id": change.group.group_id,
        "ts_ms": change.ts_ms,
    }
    if change.event in _LIMIT_TOLD:
        msg["contracts_limit_fp"] = count(change.group.limit)
    return msg
