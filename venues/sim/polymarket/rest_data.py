"""The indexer's public reads by wallet address (§17): they trail, and their sizes are doubles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from venues.money import ONE, Quantity, micros
from venues.sim.polymarket.catalogue import Market
from venues.sim.polymarket.records import Activity, ActivityKind, Holding
from venues.sim.polymarket.refusal import Refusal
from venues.sim.polymarket.rest_ask import Ask, Handlers, Query, Said
from venues.sim.polymarket.rest_data_rows import (
    activity_row,
    position_row,
    price_now,
    resolution_row,
    trade_row,
)
from venues.sim.polymarket.rest_markets import samples
from venues.sim.polymarket.rest_pages import data_page
from venues.sim.polymarket.wire_text import Object, number

CONDITIONS_MAX: Final = 20
DUST: Final = Quantity(micros("0.1"))
"""Positions below it are hidden unless asked for."""
_SPAN_S_MAX: Final = 15 * 86_400
_POINTS_MAX: Final = 10_000
_INTERVALS: Final = {"1h": 1, "6h": 6, "1d": 24, "1w": 168, "1m": 720, "max": 8_784, "all": 8_784}


def positions(ask: Ask) -> Said:
    """OPEN and REDEEMABLE ones, by value; CLOSED ones are not kept."""
    query = ask.query
    status, asked = query.text("status").upper(), _asked(query)
    held = list(ask.house.data.holdings(_user(query)))
    held = [each for each in held if _fits(ask, each, held, status) and asked(each.market)]
    held = [each for each in held if _weighs(ask, each)]
    held.sort(key=lambda each: (-price_now(ask, each) * each.size, each.token))
    return Said(data_page([position_row(ask, each, held) for each in held], ask))


def trades(ask: Ask) -> Said:
    found = [each for each in _lines(ask) if each.kind is ActivityKind.TRADE]
    side = ask.query.text("side").lower()
    kept = [each for each in found if side in {"", each.side or ""}]
    return Said(data_page([trade_row(ask, each) for each in kept], ask))


def activity(ask: Ask) -> Said:
    """Newest first unless `sort_direction` says ASC."""
    query = ask.query
    kinds = {each.upper() for each in query.listed("type", 20)}
    found = [each for each in _lines(ask) if not kinds or each.kind.value in kinds]
    if query.text("sort_direction").upper() == "ASC":
        found.reverse()
    return Said(data_page([activity_row(ask, each) for each in found], ask))


def value(ask: Ask) -> Said:
    user, asked = _user(ask.query), _asked(ask.query)
    held = [each for each in ask.house.data.holdings(user) if asked(each.market)]
    worth = sum(price_now(ask, each) * each.size // ONE for each in held)
    return Said({"data": {"proxy_wallet": user, "value": number(worth)}})


def resolutions(ask: Ask) -> Said:
    """By exactly one of question_id, condition_id, event_id; conditions have 64 digits here."""
    query, catalogue = ask.query, ask.house.catalogue
    names = [name for name in ("question_id", "condition_id", "event_id") if query.text(name)]
    if len(names) != 1:
        raise Refusal(400, "exactly one of question_id, condition_id, event_id is required")
    asked = query.listed(names[0], CONDITIONS_MAX)
    if names == ["event_id"]:
        found = [each for id in asked for each in catalogue.of_event(id)]
    else:
        known = (catalogue.markets.get(id.lower()) for id in asked)
        found = [each for each in known if each]
    shown = [each for each in found if each.uma_status or each.payouts]
    return Said(data_page([resolution_row(each) for each in shown], ask))


def history(ask: Ask) -> Said:
    query = ask.query
    token, now_s = query.text("token_id"), ask.house.now_ms // 1_000
    spans = [name for name in ("interval", "start", "as_of") if query.text(name)]
    if ask.house.catalogue.market_of(token) is None or len(spans) != 1:
        raise Refusal(400, "token_id and exactly one of interval, start, as_of are required")
    start, end = query.whole("start"), query.whole("end") or now_s
    if spans == ["as_of"]:
        start, end = 0, query.whole("as_of") or now_s
    elif start is None:
        hours = _INTERVALS.get(query.text("interval"))
        if hours is None:
            raise Refusal(400, "invalid interval")
        start = now_s - hours * 3_600
    elif end - start > _SPAN_S_MAX:
        raise Refusal(400, "interval is too long")
    bucket_s = min(max(query.whole("bucket_seconds") or 60, 60), 86_400)
    told = samples(ask, token, start, end, bucket_s)
    if spans == ["as_of"]:
        told, bucket_s = told[-1:], 0  # 0: a price of that very moment
    rows: list[Object] = [
        {"timestamp": at_s, "price": number(price), "resolution_seconds": bucket_s}
        for at_s, price in told
    ]
    return Said(data_page(rows, ask, most=_POINTS_MAX, default=_POINTS_MAX))


def _user(query: Query) -> str:
    user = query.text("user")
    if not user:
        raise Refusal(400, "user is required")
    return user


def _asked(query: Query) -> Callable[[str], bool]:
    """Whether a market is meant. Raises Refusal (400) for too many."""
    conditions = {each.lower() for each in query.listed("condition_id", CONDITIONS_MAX)}
    return lambda market: not conditions or market in conditions


def _lines(ask: Ask) -> list[Activity]:
    """A wallet's past within the asked seconds, newest first."""
    query = ask.query
    start, end, asked = query.whole("start"), query.whole("end"), _asked(query)
    found = ask.house.data.activity(_user(query))
    return [
        each
        for each in found
        if asked(each.market)
        and (start is None or each.at_ms // 1_000 >= start)
        and (end is None or each.at_ms // 1_000 <= end)
    ]


def _fits(ask: Ask, holding: Holding, all_held: list[Holding], status: str) -> bool:
    market = ask.house.catalogue.markets[holding.market]
    lost = market.payouts is not None and price_now(ask, holding) == 0
    match status:
        case "":
            return True
        case "OPEN":
            return market.payouts is None
        case "REDEEMABLE":
            return market.payouts is not None
        case "REDEEMABLE_LOST":
            return lost
        case "MERGEABLE":
            return market.payouts is None and _both(market, all_held)
        case "CLOSED":
            return False
    raise Refusal(400, "invalid status")


def _both(market: Market, held: list[Holding]) -> bool:
    return set(market.tokens) <= {each.token for each in held}


def _weighs(ask: Ask, holding: Holding) -> bool:
    """More than the dust that is asked for, in shares or in dollars."""
    query = ask.query
    text, in_dollars = query.text("filter_amount"), query.text("filter_type").upper() == "CASH"
    try:
        least = micros(text) if text else 0 if in_dollars else DUST
    except ValueError:
        raise Refusal(400, "invalid filter_amount") from None
    worth = price_now(ask, holding) * holding.size // ONE
    return (worth if in_dollars else holding.size) >= least


HANDLERS: Final[Handlers] = {
    ("GET", "/data/v2/positions"): positions,
    ("GET", "/data/v2/trades"): trades,
    ("GET", "/data/v2/activity"): activity,
    ("GET", "/data/v2/value"): value,
    ("GET", "/data/v2/resolutions"): resolutions,
    ("GET", "/data/v2/prices-history"): history,
}
