"""The events of the user channel (§13)."""

from __future__ import annotations

from venues.sim.polymarket.catalogue import Market
from venues.sim.polymarket.notices import OrderUpdated, TradeUpdated
from venues.sim.polymarket.records import ApiKey, MakerMatch, OrderRecord, OrderType
from venues.sim.polymarket.rest_books import base_fee
from venues.sim.polymarket.stream_knobs import StreamKnobs, Times
from venues.sim.polymarket.wire_text import Object, plain
from venues.sim.polymarket.wire_text_book import side_text


def order(updated: OrderUpdated, knobs: StreamKnobs) -> Object:
    """A placement tells no trades by null. An order that was killed whole tells its outcome, its
    matched size and its birth by "": recorded so."""
    it = updated.order
    killed = _killed(updated)
    in_ms = knobs.times is Times.RECORDED
    return {
        "id": it.id,
        "owner": it.owner,
        "market": it.market,
        "asset_id": it.token,
        "side": side_text(it.side),
        "order_owner": it.owner,
        "original_size": plain(it.original),
        "size_matched": "" if killed else plain(it.matched),
        "price": plain(it.price),
        "associate_trades": _trades(updated),
        "outcome": "" if killed else it.outcome,
        "type": updated.kind,
        "created_at": "" if killed else str(it.created_ms if in_ms else it.created_ms // 1_000),
        "expiration": str(it.expiration_s),
        "order_type": it.order_type.value,
        "status": it.why or it.status.value,
        "maker_address": it.maker_address,
        "timestamp": _timestamp(updated.ts_ms, knobs),
        "event_type": "order",
    }


def trade(updated: TradeUpdated, reader: ApiKey, market: Market, knobs: StreamKnobs) -> Object:
    """Its head describes the taker, also to a maker; `owner` is who reads it. To one who is both
    it is told as the taker's."""
    it = updated.trade
    cap = str(base_fee(market))
    return {
        "id": it.id,
        "taker_order_id": it.taker_order_id,
        "market": it.market,
        "asset_id": it.token,
        "side": side_text(it.side),
        "size": plain(it.size),
        "fee_rate_bps": cap,
        "price": plain(it.price),
        "status": it.status.value,
        knobs.match_time: str(it.matched_ms // 1_000),
        "last_update": str(it.updated_ms // 1_000),
        "outcome": it.outcome,
        "owner": reader.key,
        "trade_owner": it.owner,
        "maker_address": it.maker_address,
        "bucket_index": it.bucket_index,
        "maker_orders": [_maker(each, cap, told_side=knobs.maker_sides) for each in it.makers],
        "trader_side": "TAKER" if it.owner == reader.key else "MAKER",
        "transaction_hash": it.transaction_hash,
        "timestamp": _timestamp(updated.ts_ms, knobs),
        "type": "TRADE",
        "event_type": "trade",
    }


def _maker(match: MakerMatch, cap: str, *, told_side: bool) -> Object:
    found: Object = {
        "order_id": match.order_id,
        "owner": match.owner,
        "maker_address": match.maker_address,
        "matched_amount": plain(match.matched),
        "price": plain(match.price),
        "fee_rate_bps": cap,
        "asset_id": match.token,
        "outcome": match.outcome,
    }
    return found | ({"side": side_text(match.side)} if told_side else {})


def _killed(updated: OrderUpdated) -> bool:
    it: OrderRecord = updated.order
    at_once = it.order_type in {OrderType.FOK, OrderType.FAK}
    return updated.kind == "CANCELLATION" and at_once and not it.matched


def _trades(updated: OrderUpdated) -> list[str] | None:
    found = [*updated.order.trade_ids]
    return None if updated.kind == "PLACEMENT" and not found else found


def _timestamp(ts_ms: int, knobs: StreamKnobs) -> str:
    return str(ts_ms // 1_000 if knobs.times is Times.SECONDS else ts_ms)
