"""Rows of the indexer. Source: SDK polymarket-client 0.14, models/data."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from venues.money import ONE, Price
from venues.sim.polymarket.catalogue import Market
from venues.sim.polymarket.records import Activity, ActivityKind, Holding
from venues.sim.polymarket.refusal import Refusal
from venues.sim.polymarket.rest_ask import Ask
from venues.sim.polymarket.wire_text import Object, day, iso, number
from venues.sim.polymarket.wire_text_book import middle, side_text

_HASH_NONE: Final = "0x" + "0" * 64
_DIGITS: Final = Decimal("0.000001")


def price_now(ask: Ask, holding: Holding) -> Price:
    """The payout once resolved, the middle of the book until then."""
    market = ask.house.catalogue.markets[holding.market]
    if market.payouts is not None:
        return market.payouts[market.tokens.index(holding.token)]
    try:
        return Price(middle(ask.house.book(holding.token)))
    except Refusal:
        return Price(ONE // 2)


def position_row(ask: Ask, holding: Holding, held: Iterable[Holding]) -> Object:
    """`held` is everything of the same wallet; what was realised is not kept, and says 0."""
    market = ask.house.catalogue.markets[holding.market]
    price = price_now(ask, holding)
    worth = price * holding.size // ONE
    which = market.tokens.index(holding.token)
    tokens = {each.token for each in held}
    return {
        "proxy_wallet": holding.wallet,
        "token_id": holding.token,
        "condition_id": holding.market,
        "current_size": number(holding.size),
        "avg_price": _ratio(holding.cost, holding.size),
        "entry_cost_usdc": number(holding.cost),
        "entry_fees_usdc": 0,
        "total_cost_usdc": number(holding.cost),
        "current_price": number(price),
        "current_value": number(worth),
        "total_size": number(holding.bought),
        "realized_pnl": 0,
        "unrealized_pnl": number(worth - holding.cost),
        "total_pnl": number(worth - holding.cost),
        "percent_pnl": _ratio(100 * (worth - holding.cost), holding.cost),
        "percent_realized_pnl": 0,
        "status": "OPEN" if market.payouts is None else "REDEEMABLE",
        "redeemable": market.payouts is not None,
        "mergeable": market.payouts is None and set(market.tokens) <= tokens,
        "negative_risk": market.neg_risk,
        "archived": False,
        "verified": False,
        **_display(ask, market, holding.token),
        "event_id": market.event_id,
        "opposite_outcome": market.outcomes[1 - which],
        "opposite_token_id": market.tokens[1 - which],
        "end_date": day(market.end_ms),
    }


def trade_row(ask: Ask, line: Activity) -> Object:
    market = ask.house.catalogue.markets[line.market]
    return {
        "proxy_wallet": line.wallet,
        "token_id": line.token,
        "condition_id": line.market,
        "side": side_text(line.side) if line.side else "",
        "size": number(line.size),
        "price": number(line.price),
        "timestamp": line.at_ms // 1_000,
        "transaction_hash": line.transaction_hash or _HASH_NONE,
        **_display(ask, market, line.token),
    }


def activity_row(ask: Ask, line: Activity) -> Object:
    market = ask.house.catalogue.markets[line.market]
    found: Object = {
        "proxy_wallet": line.wallet,
        "type": line.kind.value,
        "condition_id": line.market,
        "size": number(line.size),
        "usdc_size": number(abs(line.cash)),
        "timestamp": line.at_ms // 1_000,
        "transaction_hash": line.transaction_hash or _HASH_NONE,
        **_display(ask, market, line.token),
    }
    if line.kind is ActivityKind.TRADE:
        side = side_text(line.side) if line.side else ""
        found |= {
            "is_combo": False,
            "token_id": line.token,
            "side": side,
            "price": number(line.price),
        }
    return found


def resolution_row(market: Market) -> Object:
    """Payouts in micro-dollars, once it is resolved."""
    disputed = market.uma_status == "disputed"
    found: Object = {
        "question_id": market.condition,
        "condition_id": market.condition,
        "status": "resolved" if market.payouts else market.uma_status or "posed",
        "extended_review": False,
        "was_disputed": disputed,
        "new_version_q": False,
        "last_update_timestamp": (market.resolved_ms or market.end_ms or 0) // 1_000,
        "market_type": "ATOMIC_NEGRISK" if market.neg_risk else "BINARY",
        "reporter": "UMA_OO" if market.version == "v1" else "CHAINLINK",
    }
    if market.payouts:
        found |= {
            "payouts": [str(each) for each in market.payouts],
            "resolution_source": "reported",
            "resolved_at": iso(market.resolved_ms),
        }
    return found


def _display(ask: Ask, market: Market, token: str) -> Object:
    """What a page shows; no outcome where the line is of the whole market."""
    event = ask.house.catalogue.events[market.event_id]
    which = market.tokens.index(token) if token in market.tokens else None
    return {
        "title": market.question,
        "slug": market.slug,
        "icon": "",
        "event_slug": event.slug,
        "outcome": "" if which is None else market.outcomes[which],
        "outcome_index": 999 if which is None else which,
    }


def _ratio(above: int, below: int) -> Decimal:
    """To six decimals; 0 of nothing."""
    return (Decimal(above) / Decimal(below)).quantize(_DIGITS).normalize() if below else Decimal(0)
