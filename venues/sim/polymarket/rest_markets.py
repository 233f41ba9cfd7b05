"""The exchange's own view of its markets, and past prices (§6, §6.2)."""

from __future__ import annotations

from typing import Any, Final

from venues.money import ONE, Price
from venues.sim.polymarket.catalogue import Market, Phase
from venues.sim.polymarket.refusal import Refusal
from venues.sim.polymarket.rest_ask import Ask, Handlers, Said
from venues.sim.polymarket.rest_books import base_fee
from venues.sim.polymarket.rest_pages import enveloped, page
from venues.sim.polymarket.wire_text import Object, iso, number
from venues.sim.polymarket.wire_text_book import middle

PAGE: Final = 1_000
SPAN_S_MAX: Final = 15 * 86_400
_HOUR_S: Final = 3_600
_INTERVALS: Final = {"1h": 1, "6h": 6, "1d": 24, "1w": 168, "1m": 720, "max": 24 * 366}
_CONDITION: Final = 66


def by_token(ask: Ask) -> Said:
    market = ask.house.catalogue.market_of(ask.values["token_id"])
    if market is None:
        raise Refusal(404, "market not found")
    first, second = market.tokens
    found = {
        "condition_id": market.condition,
        "primary_token_id": first,
        "secondary_token_id": second,
    }
    return Said(found)


def compact(ask: Ask) -> Said:
    return Said(compact_market(_asked(ask)))


def long_form(ask: Ask) -> Said:
    return Said(_long(ask, _asked(ask)))


def markets(ask: Ask) -> Said:
    return _listed(ask, [_long(ask, each) for each in _tradable(ask)])


def simplified(ask: Ask) -> Said:
    return _listed(ask, [_simple(_long(ask, each)) for each in _tradable(ask)])


def history(ask: Ask) -> Said:
    """The last price of each `fidelity` minutes in which there was one, and the middle now."""
    query = ask.query
    token, now_s = query.text("market"), ask.house.now_ms // 1_000
    if ask.house.catalogue.market_of(token) is None:
        raise Refusal(400, "Invalid token id")
    start, end = query.whole("startTs"), query.whole("endTs")
    interval = query.text("interval")
    if start is None:
        hours = _INTERVALS.get(interval or "1d")
        if hours is None:
            raise Refusal(400, "invalid interval")
        start = now_s - hours * _HOUR_S
    elif interval or (end or now_s) - start > SPAN_S_MAX:
        raise Refusal(400, "interval is too long" if not interval else "invalid interval")
    bucket_s = (query.whole("fidelity") or 1) * 60
    rows = samples(ask, token, start, end or now_s, bucket_s)
    return Said({"history": [{"t": at_s, "p": number(price)} for at_s, price in rows]})


def samples(
    ask: Ask, token: str, start_s: int, end_s: int, bucket_s: int
) -> tuple[tuple[int, Price], ...]:
    """(second, price), oldest first: the last of each bucket; the newest is the middle now."""
    now_s = ask.house.now_ms // 1_000
    told = [(each.at_ms // 1_000, each.price) for each in ask.shelf.past.of(token)]
    told.append((now_s, Price(middle(ask.house.book(token)))))
    last = {at_s // bucket_s: (at_s, price) for at_s, price in told if start_s <= at_s <= end_s}
    return tuple(last[bucket] for bucket in sorted(last))


def compact_market(market: Market) -> Object:
    """Keys that say nothing are left out, as the venue does."""
    found: Object = {
        "r": {"mi": 100, "ma": number(3_500_000), "moas": 4},
        "t": [
            {"t": token, "o": name}
            for token, name in zip(market.tokens, market.outcomes, strict=True)
        ],
        "c": market.condition,
        "mos": number(market.minimum),
        "mts": number(market.tick),
        "mbf": base_fee(market),
        "tbf": base_fee(market),
        "ao": market.phase is Phase.OPEN,
        "aot": iso(market.start_ms),
        "ibce": True,
        "v": market.version,
    }
    optional = {
        "nr": market.neg_risk,
        "cbos": market.cleared_at_start,
        "sd": market.delay_s,
        "itode": market.taker_delay_ms > 0,
        "gst": iso(market.game_start_ms),
    }
    found |= {key: value for key, value in optional.items() if value}
    if market.fee:
        fee = market.fee
        found["fd"] = {"r": number(fee.rate), "e": fee.exponent, "to": fee.taker_only}
    return found


def _long(ask: Ask, market: Market) -> Object:
    opened, over = market.phase is Phase.OPEN, market.phase in {Phase.CLOSED, Phase.RESOLVED}
    event = ask.house.catalogue.events.get(market.event_id)
    group = market.event_id if market.neg_risk else ""
    return {
        "enable_order_book": not over,
        "active": True,
        "closed": over,
        "archived": False,
        "accepting_orders": opened,
        "accepting_order_timestamp": iso(market.start_ms),
        "minimum_order_size": number(market.minimum),
        "minimum_tick_size": number(market.tick),
        "condition_id": market.condition,
        "question_id": market.condition,
        "question": market.question,
        "description": market.description,
        "market_slug": market.slug,
        "end_date_iso": iso(market.end_ms),
        "game_start_time": iso(market.game_start_ms),
        "seconds_delay": market.delay_s,
        "fpmm": "",
        "maker_base_fee": base_fee(market),
        "taker_base_fee": base_fee(market),
        "notifications_enabled": True,
        "neg_risk": market.neg_risk,
        "neg_risk_market_id": group,
        "neg_risk_request_id": group,
        "icon": "",
        "image": "",
        "rewards": {"rates": None, "min_size": 0, "max_spread": 0},
        "is_50_50_outcome": market.payouts is not None and market.payouts[0] == market.payouts[1],
        "tokens": [_token(ask, market, number) for number in (0, 1)],
        "tags": [*event.tags] if event else [],
    }


def _token(ask: Ask, market: Market, which: int) -> Object:
    token = market.tokens[which]
    pays = market.payouts[which] if market.payouts else None
    price = middle(ask.house.book(token)) if pays is None else pays
    return {
        "token_id": token,
        "outcome": market.outcomes[which],
        "price": number(price),
        "winner": pays == ONE,
    }


def _simple(found: Object) -> Object:
    kept = ("condition_id", "rewards", "tokens", "active", "closed", "archived", "accepting_orders")
    return {key: found[key] for key in kept}


def _listed(ask: Ask, rows: list[Any]) -> Said:
    shown, following = page(rows, ask.query, PAGE)
    return Said(enveloped(shown, following, PAGE))


def _tradable(ask: Ask) -> list[Market]:
    """What the exchange knows; the sampling lists only what takes orders."""
    only_open = ask.path.startswith("/sampling")
    return [
        each
        for each in ask.house.catalogue.markets.values()
        if each.phase is not Phase.LISTED and (each.phase is Phase.OPEN or not only_open)
    ]


def _asked(ask: Ask) -> Market:
    """Conditions have 64 digits here, those of Protocol V2 too (§4.4)."""
    condition = ask.values["condition_id"]
    if len(condition) != _CONDITION:
        raise Refusal(400, "Invalid market")
    market = ask.house.catalogue.markets.get(condition.lower())
    if market is None or market.phase is Phase.LISTED:
        raise Refusal(404, "market not found")
    return market


HANDLERS: Final[Handlers] = {
    ("GET", "/markets-by-token/{token_id}"): by_token,
    ("GET", "/clob-markets/{condition_id}"): compact,
    ("GET", "/markets"): markets,
    ("GET", "/sampling-markets"): markets,
    ("GET", "/simplified-markets"): simplified,
    ("GET", "/sampling-simplified-markets"): simplified,
    ("GET", "/markets/{condition_id}"): long_form,
    ("GET", "/prices-history"): history,
}
