"""What the concrete venues say of fees and terms, for those who may not name a venue."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from app.config import Settings
from app.pairs_file import PairRow
from app.problem import Exit, Problem
from matching import category_of
from matching.pairs import MarketKey
from scanner import OrderKind, Policy
from venues import Cash, FeeModel, Grid, Market, MarketStatus, Price, Quantity, UnknownFee
from venues.fees import FeeSchedule
from venues.kalshi import fees as kalshi_fees
from venues.kalshi.fees import Member as Member  # noqa: PLC0414 - app/ takes it from here
from venues.money import LOT
from venues.polymarket import fees as polymarket_fees

VENUES: Final = ("kalshi", "polymarket")


def known_venue(name: str) -> str:
    """`name`. Raises Problem for what is no venue: nobody's order goes to another one."""
    if name not in VENUES:
        known = " or ".join(VENUES)
        raise Problem(Exit.WRONG_USAGE, f"There is no venue {name[:40]!r}; say {known}.")
    return name


def live_policy(settings: Settings) -> Policy:
    """What a live scan keeps to."""
    cash = {venue: settings.scan.cash(venue) for venue in VENUES}
    return Policy(
        age_ms_max=settings.scan.age_ms_max,
        cash={venue: Cash(limit) for venue, limit in cash.items() if limit is not None},
        minimum_cost={"polymarket": polymarket_fees.MARKETABLE_MINIMUM},
        kind={"polymarket": OrderKind(settings.polymarket.order)},
    )


def assumed_market(key: MarketKey, row: PairRow, member: Member) -> Market:
    """A market of which a tape holds nothing but quotes: standard terms, and what the row says."""
    if key.venue == "kalshi":
        fees = kalshi_fees.assumed(key.id, member)
    else:
        fees = polymarket_fees.assumed(row.category or category_of(row.kalshi))
    market = Market(
        venue=key.venue,
        id=key.id,
        event_id="",
        title=row.pair_id,
        yes_means="",
        rules="",
        status=MarketStatus.OPEN,
        grid=Grid.even(Price(1)),
        fees=fees,
    )
    # A tape holds prices that stood there: a tick in the pairs file is for orders, not for them.
    return replace(overridden(market, row, member), grid=market.grid)


def overridden(market: Market, row: PairRow, member: Member) -> Market:
    """The market with what the pairs file says about it in place of the venue's word."""
    kalshi = market.venue == "kalshi"
    tick = row.kalshi_tick if kalshi else row.polymarket_tick
    minimum = None if kalshi else row.polymarket_min_size
    return replace(
        market,
        grid=market.grid if tick is None else Grid.even(Price(tick)),
        fees=_fees(market, row, member),
        minimum=market.minimum if minimum is None else max(Quantity(minimum), LOT),
        payout_at=row.payout_at or market.payout_at,
    )


def _fees(market: Market, row: PairRow, member: Member) -> FeeSchedule:
    if market.venue == "polymarket":
        rate = row.polymarket_fee_rate
        if rate is None:
            return market.fees
        return FeeSchedule.always(polymarket_fees.model(rate))
    if row.kalshi_fee_rate is None and row.kalshi_fee_multiplier is None:
        return market.fees
    rate = kalshi_fees.RATE if row.kalshi_fee_rate is None else row.kalshi_fee_rate
    multiplier = 1 if row.kalshi_fee_multiplier is None else row.kalshi_fee_multiplier
    return FeeSchedule.always(kalshi_fees.at_rate(rate * multiplier, member))


def kalshi_model(fee_type: str, multiplier: Decimal, member: Member) -> FeeModel | UnknownFee:
    """The fee of a kind of series, for `dutchbook fees`."""
    return kalshi_fees.model(fee_type, multiplier, member)


def polymarket_model(rate: Decimal) -> FeeModel | UnknownFee:
    """The fee at a market's own rate."""
    return polymarket_fees.model(rate)


def polymarket_model_on(category: str | None, at_ms: int) -> FeeModel | UnknownFee:
    """The fee of a category on a day; None: the dearest of that day."""
    return polymarket_fees.assumed(category).at(at_ms)


def polymarket_categories() -> tuple[str, ...]:
    return tuple(polymarket_fees.RATES)
