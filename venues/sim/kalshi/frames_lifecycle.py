"""The `msg` of lifecycle frames: markets, events, fee overrides (12.5)."""

from __future__ import annotations

from venues.sim.kalshi.catalogue import Event, Market
from venues.sim.kalshi.frames import Message
from venues.sim.kalshi.notices import MarketChanged, MarketEvent
from venues.sim.kalshi.wire_text import dollars, number


def market(change: MarketChanged) -> Message:
    """Each kind of event has keys of its own."""
    msg: Message = {"market_ticker": change.market.ticker, "event_type": change.event.value}
    return msg | _own_keys(change)


def event(created: Event) -> Message:
    msg: Message = {
        "event_ticker": created.ticker,
        "exchange_index": created.exchange_index,
        "title": created.title,
        "subtitle": created.sub_title,
        "collateral_return_type": created.collateral_return_type,
        "series_ticker": created.series_ticker,
    }
    if created.strike_ms is not None:
        msg["strike_date"] = created.strike_ms // 1_000
    if created.strike_period is not None:
        msg["strike_period"] = created.strike_period
    return msg


def event_fee(changed: Event) -> Message:
    multiplier = changed.fee_multiplier_override
    return {
        "event_ticker": changed.ticker,
        "fee_type_override": changed.fee_type_override,
        "fee_multiplier_override": None if multiplier is None else number(multiplier),
    }


def _own_keys(change: MarketChanged) -> Message:
    it = change.market
    match change.event:
        case MarketEvent.CREATED:
            return _created(change)
        case MarketEvent.ACTIVATED | MarketEvent.DEACTIVATED:
            return {"is_deactivated": change.event is MarketEvent.DEACTIVATED}
        case MarketEvent.CLOSE_DATE_UPDATED:
            return {"close_ts": it.close_ms // 1_000}
        case MarketEvent.DETERMINED:
            determined_ms = change.ts_ms if it.determined_ms is None else it.determined_ms
            msg: Message = {
                "result": it.result.value,
                "determination_ts": determined_ms // 1_000,
            }
            value = it.settlement_value
            return msg | ({} if value is None else {"settlement_value": dollars(value)})
        case MarketEvent.SETTLED:
            settled_ms = change.ts_ms if it.settled_ms is None else it.settled_ms
            return {"settled_ts": settled_ms // 1_000}
        case MarketEvent.PRICE_LEVEL_STRUCTURE_UPDATED:
            return _structure(it)
        case MarketEvent.METADATA_UPDATED:
            return _strikes(it) | ({"yes_sub_title": it.yes_sub_title} if it.yes_sub_title else {})


def _created(change: MarketChanged) -> Message:
    it, parent = change.market, change.parent
    expected_ms = it.expected_expiration_ms
    metadata: Message = {
        "name": parent.title,
        "title": it.title,
        "yes_sub_title": it.yes_sub_title,
        "no_sub_title": it.no_sub_title,
        "rules_primary": it.rules_primary,
        "rules_secondary": it.rules_secondary,
        "can_close_early": it.can_close_early,
        "event_ticker": it.event_ticker,
        "expected_expiration_ts": (it.latest_expiration_ms if expected_ms is None else expected_ms)
        // 1_000,
    }
    structure = _structure(it)
    if parent.multivariate:
        structure.pop("price_ranges")
    return {
        "exchange_index": it.exchange_index,
        "open_ts": it.open_ms // 1_000,
        "close_ts": it.close_ms // 1_000,
        **structure,
        "additional_metadata": metadata | _strikes(it),
    }


def _structure(it: Market) -> Message:
    return {
        "price_level_structure": it.price_level_structure,
        "price_ranges": [
            {"start": dollars(band.start), "end": dollars(band.end), "step": dollars(band.step)}
            for band in it.bands
        ],
    }


def _strikes(it: Market) -> Message:
    msg: Message = {}
    if it.strike_type is not None:
        msg["strike_type"] = it.strike_type
    if it.floor_strike is not None:
        msg["floor_strike"] = it.floor_strike
    if it.cap_strike is not None:
        msg["cap_strike"] = it.cap_strike
    if it.custom_strike:
        msg["custom_strike"] = dict(it.custom_strike)
    return msg
