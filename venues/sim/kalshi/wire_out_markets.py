"""Series, events, markets and books as the venue's JSON (6.2 – 6.6, 7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from venues.money import ONE, Price
from venues.sim.exchange import Level
from venues.sim.kalshi.catalogue import Event, FeeChange, Market, Series, Source
from venues.sim.kalshi.records import Quote, ShardStatus
from venues.sim.kalshi.wire_text import count, dollars, number, timestamp

Object = dict[str, Any]


def market(each: Market, quote: Quote) -> Object:
    return {
        "ticker": each.ticker,
        "event_ticker": each.event_ticker,
        "market_type": each.market_type,
        "title": each.title,
        "subtitle": each.subtitle,
        "yes_sub_title": each.yes_sub_title,
        "no_sub_title": each.no_sub_title,
        "status": each.status.value,
        "result": each.result.value,
        "can_close_early": each.can_close_early,
        "expiration_value": each.expiration_value,
        "settlement_timer_seconds": each.settlement_timer_s,
        "settlement_bounds_type": each.settlement_bounds_type,
        "notional_value_dollars": dollars(ONE),
        "rules_primary": each.rules_primary,
        "rules_secondary": each.rules_secondary,
        "price_level_structure": each.price_level_structure,
        "price_ranges": [
            {"start": dollars(b.start), "end": dollars(b.end), "step": dollars(b.step)}
            for b in each.bands
        ],
        "is_provisional": each.is_provisional,
        "exchange_index": each.exchange_index,
        **_times(each),
        **_figures(quote),
        **_outcome(each),
        **_strike(each),
        **_legs(each),
    }


def event(each: Event, markets: Iterable[Object] | None = None) -> Object:
    """`markets` None: without the key, as when nobody asked for them."""
    date, multiplier = each.strike_ms, each.fee_multiplier_override
    return {
        "event_ticker": each.ticker,
        "series_ticker": each.series_ticker,
        "title": each.title,
        "sub_title": each.sub_title,
        "collateral_return_type": each.collateral_return_type,
        "mutually_exclusive": each.mutually_exclusive,
        "category": each.category,
        **({} if date is None else {"strike_date": timestamp(date)}),
        **({} if each.strike_period is None else {"strike_period": each.strike_period}),
        "settlement_sources": _sources(each.settlement_sources),
        "last_updated_ts": timestamp(each.updated_ms),
        "fee_type_override": each.fee_type_override,
        "fee_multiplier_override": None if multiplier is None else number(multiplier),
        "exchange_index": each.exchange_index,
        **({} if markets is None else {"markets": list(markets)}),
    }


def series(each: Series, *, volume: int | None = None, metadata: bool = False) -> Object:
    return {
        "ticker": each.ticker,
        "title": each.title,
        "category": each.category,
        "categories": list(each.categories or (each.category,)),
        "tags": list(each.tags) or None,
        "frequency": each.frequency,
        "settlement_sources": _sources(each.settlement_sources) or None,
        "contract_url": each.contract_url,
        "contract_terms_url": each.contract_terms_url,
        "fee_type": each.fee_type,
        "fee_multiplier": number(each.fee_multiplier),
        "additional_prohibitions": list(each.additional_prohibitions) or None,
        "last_updated_ts": timestamp(each.updated_ms),
        "exchange_index": each.exchange_index,
        **({"product_metadata": {}} if metadata else {}),
        **({} if volume is None else {"volume_fp": count(volume)}),
    }


def book(bids: Sequence[Level], asks: Sequence[Level], depth: int = 0) -> Object:
    """From YES bids and YES asks, best first; `depth` 0 is everything.

    Both sides are bids, lowest first: NO in its own prices, so the lowest ask comes last.
    """
    most = depth or None
    return {
        "yes_dollars": _levels((level.price, level.size) for level in bids[:most]),
        "no_dollars": _levels((Price(ONE - level.price), level.size) for level in asks[:most]),
    }


def series_fee_change(each: FeeChange) -> Object:
    return {
        "id": each.id,
        "series_ticker": each.series_ticker,
        "fee_type": each.fee_type or "quadratic",
        "fee_multiplier": number(ONE if each.fee_multiplier is None else each.fee_multiplier),
        "scheduled_ts": timestamp(each.scheduled_ms),
    }


def event_fee_change(each: FeeChange) -> Object:
    """Both overrides null: cleared."""
    multiplier = each.fee_multiplier
    return {
        "id": each.id,
        "event_ticker": each.event_ticker,
        "series_ticker": each.series_ticker,
        "fee_type_override": each.fee_type,
        "fee_multiplier_override": None if multiplier is None else number(multiplier),
        "scheduled_ts": timestamp(each.scheduled_ms),
    }


def exchange_status(statuses: Sequence[ShardStatus]) -> Object:
    """The top is shard 0's."""
    top = statuses[0]
    resume = top.estimated_resume_ms
    return {
        "exchange_active": top.exchange_active,
        "trading_active": top.trading_active,
        "intra_exchange_transfers_active": top.transfers_active,
        "exchange_estimated_resume_time": None if resume is None else timestamp(resume),
        "exchange_index_statuses": [
            {
                "exchange_index": each.exchange_index,
                "description": each.description,
                "exchange_active": each.exchange_active,
                "trading_active": each.trading_active,
                "intra_exchange_transfers_active": each.transfers_active,
            }
            for each in statuses
        ],
    }


def _levels(best_first: Iterable[tuple[Price, int]]) -> list[list[str]]:
    return [[dollars(price), count(size)] for price, size in best_first][::-1]


def _times(each: Market) -> Object:
    last = each.latest_expiration_ms or each.close_ms
    optional = {
        "expected_expiration_time": each.expected_expiration_ms,
        "occurrence_datetime": each.occurrence_ms,
        "fee_waiver_expiration_time": each.fee_waiver_ms,
        "settlement_ts": each.settled_ms,
    }
    return {
        "created_time": timestamp(each.created_ms),
        "updated_time": timestamp(each.updated_ms),
        "open_time": timestamp(each.open_ms),
        "close_time": timestamp(each.close_ms),
        "latest_expiration_time": timestamp(last),
        "expiration_time": timestamp(last),
        **{name: timestamp(at) for name, at in optional.items() if at is not None},
    }


def _figures(quote: Quote) -> Object:
    """A missing side shows the sentinels: bid 0, ask 1, which nobody can trade at."""
    return {
        "yes_bid_dollars": dollars(quote.yes_bid),
        "yes_bid_size_fp": count(quote.yes_bid_size),
        "yes_ask_dollars": dollars(quote.yes_ask),
        "yes_ask_size_fp": count(quote.yes_ask_size),
        "no_bid_dollars": dollars(ONE - quote.yes_ask),
        "no_ask_dollars": dollars(ONE - quote.yes_bid),
        "last_price_dollars": dollars(quote.last_price),
        "volume_fp": count(quote.volume),
        "volume_24h_fp": count(quote.volume_24h),
        "open_interest_fp": count(quote.open_interest),
        "previous_yes_bid_dollars": dollars(quote.previous_yes_bid),
        "previous_yes_ask_dollars": dollars(quote.previous_yes_ask),
        "previous_price_dollars": dollars(quote.previous_price),
    }


def _outcome(each: Market) -> Object:
    value = each.settlement_value
    early = each.early_close_condition
    return {
        **({} if value is None else {"settlement_value_dollars": dollars(value)}),
        **({"early_close_condition": early} if early else {}),
    }


def _strike(each: Market) -> Object:
    fields = {
        "strike_type": each.strike_type,
        "floor_strike": each.floor_strike,
        "cap_strike": each.cap_strike,
        "functional_strike": each.functional_strike,
        "custom_strike": dict(each.custom_strike) or None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _legs(each: Market) -> Object:
    if each.mve_collection_ticker is None:
        return {}
    return {
        "mve_collection_ticker": each.mve_collection_ticker,
        "mve_selected_legs": [leg._asdict() for leg in each.mve_selected_legs],
    }


def _sources(sources: Iterable[Source]) -> list[Object]:
    return [{"name": source.name, "url": source.url} for source in sources]
