"""The house's records as the venue's JSON: orders, fills, positions, money (6.7)."""

from __future__ import annotations

from typing import Any

from venues.money import ONE, Price
from venues.sim.kalshi.orders import Placed, Reduced
from venues.sim.kalshi.records import (
    BalanceRecord,
    BookSide,
    FillRecord,
    GroupRecord,
    OrderRecord,
    PositionRecord,
    SettlementRecord,
    TradeRecord,
    TransferRecord,
)
from venues.sim.kalshi.refusal import Refusal
from venues.sim.kalshi.wire_text import cents, count, dollars, exact_dollars, timestamp

Object = dict[str, Any]


def order(record: OrderRecord, *, legacy: bool) -> Object:
    """`legacy`: with the deprecated `side` and `action` (UNSURE #17)."""
    expires = record.expires_ms
    return {
        "order_id": record.order_id,
        "user_id": record.user_id,
        "client_order_id": record.client_order_id,
        "ticker": record.ticker,
        **direction(record.side, legacy=legacy),
        "type": "limit",
        "status": record.status.value,
        **both_prices(record.price),
        "initial_count_fp": count(record.initial),
        "fill_count_fp": count(record.filled),
        "remaining_count_fp": count(record.remaining),
        "taker_fill_cost_dollars": exact_dollars(record.taker_cost),
        "maker_fill_cost_dollars": exact_dollars(record.maker_cost),
        "taker_fees_dollars": exact_dollars(record.taker_fees),
        "maker_fees_dollars": exact_dollars(record.maker_fees),
        "created_time": timestamp(record.created_ms),
        "last_update_time": timestamp(record.updated_ms),
        "expiration_time": None if expires is None else timestamp(expires),
        "self_trade_prevention_type": record.self_trade_prevention_type.value,
        "order_group_id": record.order_group_id,
        "cancel_order_on_pause": record.cancel_order_on_pause,
        "subaccount_number": record.subaccount,
        "exchange_index": record.exchange_index,
    }


def fill(record: FillRecord, *, legacy: bool) -> Object:
    """Without a client_order_id: the venue's REST fills have none."""
    return {
        "fill_id": record.trade_id,
        "trade_id": record.trade_id,
        "order_id": record.order_id,
        "ticker": record.ticker,
        "market_ticker": record.ticker,
        **direction(record.side, legacy=legacy),
        "count_fp": count(record.count),
        **both_prices(record.price),
        "is_taker": record.is_taker,
        "fee_cost": exact_dollars(record.fee),
        "created_time": timestamp(record.created_ms),
        "ts": record.created_ms // 1_000,
        "subaccount_number": record.subaccount,
        "exchange_index": record.exchange_index,
    }


def trade(record: TradeRecord) -> Object:
    return {
        "trade_id": record.trade_id,
        "ticker": record.ticker,
        "count_fp": count(record.count),
        **both_prices(record.price),
        "taker_side": record.taker_side.outcome.value,
        "taker_outcome_side": record.taker_side.outcome.value,
        "taker_book_side": record.taker_side.value,
        "created_time": timestamp(record.created_ms),
        "is_block_trade": record.is_block_trade,
    }


def direction(side: BookSide, *, legacy: bool) -> Object:
    """Nobody can ask for a sale any more, so the legacy words are always those of a purchase."""
    old = {"side": side.outcome.value, "action": "buy"} if legacy else {}
    return {**old, "outcome_side": side.outcome.value, "book_side": side.value}


def both_prices(yes: Price) -> Object:
    return {"yes_price_dollars": dollars(yes), "no_price_dollars": dollars(ONE - yes)}


def placed(answer: Placed) -> Object:
    """A create's answer: the averages only where something filled."""
    return {
        "order_id": answer.order.order_id,
        **_name(answer.order),
        "fill_count": count(sum(each.count for each in answer.fills)),
        "remaining_count": count(answer.order.remaining),
        **_averages(answer),
        "ts_ms": answer.ts_ms,
    }


def amended(answer: Placed) -> Object:
    """Both counts are always told here; the venue may leave them out where nothing changed."""
    return placed(answer)


def reduced(answer: Reduced) -> Object:
    """A cancel's answer."""
    return {
        "order_id": answer.order.order_id,
        **_name(answer.order),
        "reduced_by": count(answer.reduced_by),
        "ts_ms": answer.ts_ms,
    }


def decreased(answer: Reduced) -> Object:
    return {
        "order_id": answer.order.order_id,
        **_name(answer.order),
        "remaining_count": count(answer.order.remaining),
        "ts_ms": answer.ts_ms,
    }


def placed_item(answer: Placed | Refusal, client_order_id: str | None) -> Object:
    """One item of a batch create: what an error leaves open is null."""
    blank = dict.fromkeys(
        ("fill_count", "remaining_count", "average_fill_price", "average_fee_paid", "ts_ms")
    )
    if isinstance(answer, Refusal):
        return {"client_order_id": client_order_id, **blank, "error": flat_error(answer)}
    return {**blank, **placed(answer)}


def reduced_item(answer: Reduced | Refusal, order_id: str) -> Object:
    """One item of a batch cancel."""
    if isinstance(answer, Refusal):
        failed = {"order_id": order_id, "reduced_by": count(0), "ts_ms": None}
        return {**failed, "error": flat_error(answer)}
    return reduced(answer)


def flat_error(refusal: Refusal) -> Object:
    details = {"details": refusal.details} if refusal.details else {}
    return {"code": refusal.code, "message": refusal.message, **details}


def position(record: PositionRecord) -> Object:
    return {
        "ticker": record.ticker,
        "exchange_index": record.exchange_index,
        "position_fp": count(record.count),
        "market_exposure_dollars": exact_dollars(record.cost),
        "total_traded_dollars": exact_dollars(record.traded),
        "realized_pnl_dollars": exact_dollars(record.realized_pnl),
        "fees_paid_dollars": exact_dollars(record.fees),
        "last_updated_ts": timestamp(record.updated_ms),
    }


def event_position(event_ticker: str, records: list[PositionRecord]) -> Object:
    """The positions of one event, added up."""
    return {
        "event_ticker": event_ticker,
        "total_cost_dollars": exact_dollars(sum(each.traded for each in records)),
        "total_cost_shares_fp": count(sum(each.volume for each in records)),
        "event_exposure_dollars": exact_dollars(sum(each.cost for each in records)),
        "realized_pnl_dollars": exact_dollars(sum(each.realized_pnl for each in records)),
        "fees_paid_dollars": exact_dollars(sum(each.fees for each in records)),
    }


def settlement(record: SettlementRecord) -> Object:
    return {
        "ticker": record.ticker,
        "event_ticker": record.event_ticker,
        "exchange_index": record.exchange_index,
        "market_result": record.market_result,
        "yes_count_fp": count(record.yes_count),
        "yes_total_cost_dollars": exact_dollars(record.yes_cost),
        "no_count_fp": count(record.no_count),
        "no_total_cost_dollars": exact_dollars(record.no_cost),
        "revenue": cents(record.revenue),
        "settled_time": timestamp(record.settled_ms),
        "fee_cost": exact_dollars(record.fee),
        "value": cents(record.value),
    }


def balance(record: BalanceRecord, *, breakdown: bool) -> Object:
    """`breakdown` is left out for a key that is locked to a subaccount."""
    shards = [
        {"exchange_index": index, "balance": dollars(cash)} for index, cash in record.by_shard
    ]
    return {
        "balance": cents(record.cash),
        "balance_dollars": dollars(record.cash),
        "portfolio_value": cents(record.portfolio_value),
        "updated_ts": record.updated_ms // 1_000,
        **({"balance_breakdown": shards} if breakdown else {}),
    }


def transfer(record: TransferRecord) -> Object:
    """In centicents it came in; as a dollar string it goes out."""
    named = record.client_transfer_id
    return {
        "transfer_id": record.transfer_id,
        **({"client_transfer_id": named} if named else {}),
        "source": "event_contract",
        "destination": "event_contract",
        "source_exchange_shard": record.from_shard,
        "destination_exchange_shard": record.to_shard,
        "amount": dollars(record.amount),
        "status": record.status,
        "created_ts": record.created_ms // 1_000,
    }


def group(record: GroupRecord) -> Object:
    return {"id": record.group_id, **group_state(record)}


def group_state(record: GroupRecord) -> Object:
    """Auto-cancel counts as enabled until the group has fired (our reading)."""
    return {
        "is_auto_cancel_enabled": not record.tripped,
        "contracts_limit_fp": count(record.limit),
        "exchange_index": record.exchange_index,
    }


def _name(record: OrderRecord) -> Object:
    return {"client_order_id": record.client_order_id} if record.client_order_id else {}


def _averages(answer: Placed) -> Object:
    price, fee = answer.average_fill_price, answer.average_fee_paid
    if price is None or fee is None:
        return {}
    return {"average_fill_price": dollars(price), "average_fee_paid": dollars(fee)}
