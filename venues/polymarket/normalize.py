"""Polymarket's wire → the vocabulary, pure.

A market is a condition; YES is its first outcome, whatever that is called. The two tokens' books
mirror one another, so only the YES book is ever read and depth is never counted twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from venues.book import Book, Level
from venues.fees import FeeModel, FeeSchedule, UnknownFee
from venues.market import Contract, Event, Grid, Market, MarketStatus, written
from venues.money import LOT, ONE, Price, Quantity, micros, price, quantity
from venues.polymarket import fees, wire
from venues.polymarket.terms import Terms
from venues.sides import Outcome
from venues.venue import PricePoint, VenueStatus

VENUE: Final = "polymarket"
_LIVENESS: Final = timedelta(hours=2)
_CONDITION: Final = re.compile(r"0x[0-9a-f]{62}([0-9a-f]{2})?")
_CONDITION_LENGTH: Final = 66
_PLACEHOLDER: Final = re.compile(r"[A-Z][a-z]+ [A-Z]{1,2}")
_DECIDED: Final = ("resolved", "settled")
_RESOLUTION_WORDS: Final = ("", "requested", "proposed", "disputed", *_DECIDED)
_PAYOUTS: Final = (("1", "0"), ("0", "1"), ("0.5", "0.5"))
_V2_RESOLUTION_WORDS: Final = ("", "inactive", "active", "resolved")


def condition(text: str) -> str:
    """A condition id as the exchange writes it, 64 digits; Gamma leaves out two zeros of v2 ids.

    Raises ValueError for anything else.
    """
    id = text.lower()
    if not _CONDITION.fullmatch(id):
        raise ValueError(f"{text!r} is no condition id")
    return id.ljust(_CONDITION_LENGTH, "0")


def is_condition(text: str) -> bool:
    """Whether it is a condition id as the exchange writes it: a market id of ours."""
    return bool(_CONDITION.fullmatch(text)) and len(text) == _CONDITION_LENGTH


def market(found: wire.Market, event: wire.Event | None, now: wire.CompactMarket | None) -> Market:
    """A market from Gamma's words and, where known, the exchange's present terms.

    `payout_at` is the end date and the oracle's two hours of liveness: seldom sooner, often later.
    Raises ValueError where there aren't two outcomes, or where it is unsure which token is YES.
    """
    outcomes = wire.packed(found.outcomes)
    if len(outcomes) != 2:
        raise ValueError(f"{len(outcomes)} outcomes instead of two")
    if now:
        _check_tokens(found, outcomes, now)
    around = event or next(iter(found.events or ()), None)
    minimum = now.minimum if now else found.order_min_size
    return Market(
        venue=VENUE,
        id=condition(found.condition_id),
        event_id=around.id if around else "",
        title=found.question,
        yes_means=found.group_item_title or "" if outcomes[0] == "Yes" else outcomes[0],
        rules=found.description or "",
        status=_status(found, now),
        grid=_grid(now.tick if now else found.order_price_min_tick_size),
        fees=FeeSchedule.always(_fee(found, now)),
        minimum=max(LOT, quantity(minimum)) if minimum else LOT,
        closes_at=found.end_date,
        payout_at=_payout_at(found.end_date),
        category=_category(found, around),
        url=f"https://polymarket.com/event/{around.slug}" if around and around.slug else "",
        warnings=tuple(_warnings(found, around, now)),
        slug=found.slug or "",
        outcomes=outcomes,
        group_title=found.group_item_title or "",
        line=written(found.line),
        starts_at=_moment(found.game_start_time),
        resolving=_resolving(found),
        pays=_pays(found),
    )


def _resolving(found: wire.Market) -> str:
    words = found.uma_resolution_status or "", found.resolution_status or ""
    return next((word for word in words if word not in {"", "active", "inactive"}), "")


def _pays(found: wire.Market) -> Price | None:
    """Gamma's prices are quotes of a while ago; once it is decided they are the payouts, and the
    oracle knows three."""
    if _resolving(found) not in _DECIDED:
        return None
    try:
        told = wire.packed(found.outcome_prices)
    except ValueError:
        return None
    return Price(micros(told[0])) if told in _PAYOUTS else None


def terms(market: str, found: wire.CompactMarket, now_ms: int) -> Terms:
    """Raises ValueError where it has not two tokens, or a tick that is none."""
    if len(found.tokens) != 2:
        raise ValueError(f"{len(found.tokens)} tokens instead of two")
    (step,) = _grid(found.tick).bands
    fee = found.fee
    return Terms(
        market=market,
        yes=found.tokens[0].t,
        no=found.tokens[1].t,
        tick=step.step,
        minimum=max(LOT, quantity(found.minimum)) if found.minimum else LOT,
        fees=fees.model(fee.r, fee.e, taker_only=fee.to) if fee else fees.FREE,
        neg_risk=bool(found.neg_risk),
        version=found.version or "v1",
        accepting=found.accepting,
        delayed=bool(found.delay_s or found.taker_delay),
        read_ms=now_ms,
    )


def tokens(found: wire.Market) -> tuple[str, str]:
    """(YES, NO) as Gamma lists them. Raises ValueError where there aren't two."""
    named = wire.packed(found.clob_token_ids) or found.position_ids or ()
    if len(named) != 2 or len(wire.packed(found.outcomes)) != 2:
        raise ValueError("not two outcomes with a token each")
    return named[0], named[1]


def event(found: wire.Event, markets: tuple[Market, ...]) -> Event:
    """`exclusive` follows the neg-risk flag alone: being listed together proves nothing.

    Exclusive is not exhaustive: an augmented event may still get names that it does not list.
    """
    return Event(
        venue=VENUE,
        id=found.id,
        title=found.title,
        exclusive=bool(found.neg_risk),
        markets=markets,
        category=next((each.category for each in markets if each.category), ""),
        series=found.series_slug or "",
        tags=_tags(found),
        slug=found.slug or "",
    )


def book(id: str, found: wire.Book, received_ms: int) -> Book:
    """The YES book: sorted here, equal prices merged; whatever else is wrong, `Book.fault` tells.

    Raises ValueError for a bad number or the book of another market.
    """
    if condition(found.market) != id:
        raise ValueError(f"it is of market {found.market}")
    bids, asks = _sizes(found.bids), _sizes(found.asks)
    return Book(
        Contract(VENUE, id, Outcome.YES),
        tuple([Level(at, Quantity(bids[at])) for at in sorted(bids, reverse=True)]),
        tuple([Level(at, Quantity(asks[at])) for at in sorted(asks)]),
        received_ms,
        int(found.timestamp),
    )


def point(found: wire.HistoryPoint) -> PricePoint:
    """A sampled YES quote (near the middle, no trade), rounded to a micro-dollar, half to even."""
    if not found.p.is_finite() or not 0 <= found.p <= 1:
        raise ValueError(f"a price of {found.p}")
    return PricePoint(found.t * 1_000, Price(round(found.p * ONE)))


def status(seconds: int, says: str, now_ms: int) -> VenueStatus:
    """Trading is what the exchange admits to; its clock has whole seconds, rounded down."""
    return VenueStatus(
        venue=VENUE, trading=says == "OK", says=says[:100], skew_ms=seconds * 1_000 - now_ms
    )


def _check_tokens(found: wire.Market, outcomes: tuple[str, ...], now: wire.CompactMarket) -> None:
    """Both APIs must mean the same by the first outcome, or we would buy the wrong side."""
    gamma = wire.packed(found.clob_token_ids) or found.position_ids
    clob = tuple(token.t for token in now.tokens)
    same = clob == gamma if gamma else tuple(token.o for token in now.tokens) == outcomes
    if not same:
        raise ValueError("catalogue and exchange differ in its tokens")


def _payout_at(ends: datetime | None) -> datetime | None:
    """None also where the calendar ends before the payout: 9999-12-31 says no more than null."""
    try:
        return ends + _LIVENESS if ends else None
    except OverflowError:
        return None


def _moment(text: str | None) -> datetime | None:
    """A game's start, "2026-04-05 15:00:00+00"; None where it is written in any other way."""
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.tzinfo else None


def _grid(tick: Decimal | None) -> Grid:
    step = micros(tick) if tick else 0
    if step <= 0 or ONE % step:
        raise ValueError(f"a tick size of {tick}")
    return Grid.even(Price(step))


def _sizes(levels: Iterable[wire.Level]) -> dict[Price, int]:
    sizes: dict[Price, int] = {}
    for level in levels:
        at = price(level.price)
        sizes[at] = sizes.get(at, 0) + quantity(level.size)
    return sizes


def _status(found: wire.Market, now: wire.CompactMarket | None) -> MarketStatus:
    uma, v2 = found.uma_resolution_status or "", found.resolution_status or ""
    if uma not in _RESOLUTION_WORDS or v2 not in _V2_RESOLUTION_WORDS:
        return MarketStatus.UNKNOWN
    if uma in _DECIDED or v2 in _DECIDED:
        return MarketStatus.RESOLVED
    if found.closed or found.archived:
        return MarketStatus.CLOSED
    if found.active is False or v2 == "inactive":
        return MarketStatus.UPCOMING
    accepting = now.accepting if now else found.accepting_orders and found.enable_order_book
    return MarketStatus.OPEN if accepting else MarketStatus.PAUSED


def _fee(found: wire.Market, now: wire.CompactMarket | None) -> FeeModel | UnknownFee:
    """The exchange's word beats Gamma's; no terms mean no fee."""
    if now:
        said = now.fee
        return fees.model(said.r, said.e, taker_only=said.to) if said else fees.FREE
    if not found.fees_enabled:
        return fees.FREE
    terms = found.fee_schedule
    if terms is None:
        return UnknownFee(f"{found.fee_type or 'a fee'} without a rate")
    return fees.model(terms.rate, terms.exponent, taker_only=terms.taker_only)


def _category(found: wire.Market, around: wire.Event | None) -> str:
    """From the fee type ("sports_fees_v2"), else a tag that names a fee category."""
    if found.fee_type:
        return found.fee_type.split("_fees")[0]
    return next((tag for tag in (_tags(around) if around else ()) if tag in fees.RATES), "")


def _tags(event: wire.Event) -> tuple[str, ...]:
    return tuple(tag.slug for tag in event.tags or () if tag.slug)


def _warnings(
    found: wire.Market, around: wire.Event | None, now: wire.CompactMarket | None
) -> Iterable[str]:
    if found.neg_risk_other:
        yield "the 'Other' leg: what it means shrinks when a name is added"
    augmented = around and around.neg_risk_augmented
    if augmented and _PLACEHOLDER.fullmatch(found.group_item_title or ""):
        yield "a placeholder that may get a name later"
    delay_s = now.delay_s if now else found.seconds_delay
    if delay_s:
        yield f"orders that take wait {delay_s} s"
    if now and now.taker_delay:
        yield "orders that take wait a moment"
    version = (now.version if now else found.version) or "v1"
    if version not in {"v1", "v2"}:
        yield f"a market of protocol {version}"
    uma, v2 = found.uma_resolution_status or "", found.resolution_status or ""
    if uma in {"proposed", "disputed"}:
        yield f"an outcome is {uma}"
    if uma not in _RESOLUTION_WORDS or v2 not in _V2_RESOLUTION_WORDS:
        yield f"unknown resolution status {v2 if uma in _RESOLUTION_WORDS else uma!r}"
    fee = _fee(found, now)
    if isinstance(fee, UnknownFee):
        yield f"unknown fee: {fee.name}"
