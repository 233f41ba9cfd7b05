"""Kalshi's wire → the house's words, pure. Raises ValueError for a payload that makes no sense.

Facts and sources: docs/venues/kalshi.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from venues.book import Book, Level
from venues.fees import FeeSchedule, UnknownFee
from venues.kalshi.fees import NOT_SAID, Change, Member, Terms, schedule
from venues.kalshi.wire import public as wire
from venues.market import Band, Contract, Event, Grid, Market, MarketStatus, written
from venues.money import ONE, Price, Quantity, micros, price, quantity
from venues.sides import Outcome
from venues.venue import PricePoint, VenueStatus

VENUE: Final = "kalshi"

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_STATUS: Final = {
    "initialized": MarketStatus.UPCOMING,
    "active": MarketStatus.OPEN,
    "inactive": MarketStatus.PAUSED,
    "closed": MarketStatus.CLOSED,
    "determined": MarketStatus.RESOLVED,
    "disputed": MarketStatus.CLOSED,  # a challenged result is no result
    "amended": MarketStatus.RESOLVED,
    "finalized": MarketStatus.SETTLED,
}
_DECIDED: Final = frozenset({"determined", "disputed", "amended", "finalized"})
_STRIKE_TYPES: Final = {
    *("", "greater", "greater_or_equal", "less", "less_or_equal", "between"),
    *("functional", "custom", "structured"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What an event's markets need to know from elsewhere: its series and the fees to come.

    `series` is None where the venue does not describe it. `now_ms`: when the event was read.
    """

    series: wire.Series | None
    series_changes: Sequence[Change]
    event_changes: Sequence[Change]
    member: Member
    now_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """One public trade: YES changed hands at `price`; `taker` is what the taker bought."""

    id: str
    market: str
    price: Price
    quantity: Quantity
    taker: Outcome
    at_ms: int
    block: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Hours of trading on one weekday (0 = Monday), "HH:MM" US Eastern as the venue writes them."""

    weekday: int
    opens: str
    closes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """The sessions in force between two moments; between sessions nobody trades."""

    since: datetime
    until: datetime
    sessions: tuple[Session, ...]


@dataclass(frozen=True, slots=True)
class Schedule:
    """Ordinary weeks, and maintenance as (start, end)."""

    weeks: tuple[Week, ...]
    maintenance: tuple[tuple[datetime, datetime], ...]


def ms(moment: datetime) -> int:
    """UTC epoch milliseconds, rounded down."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def event(
    found: wire.Event, around: Surroundings, markets: Sequence[wire.Market] | None = None
) -> Event:
    """An event with `markets`, or else with those nested in it."""
    listed = found.markets if markets is None else markets
    series = around.series
    category = (series.category if series else "") or found.category
    unwaived = _fees(found, around, waived_until_ms=0)
    return Event(
        venue=VENUE,
        id=found.event_ticker,
        title=_plain(found.title),
        exclusive=found.mutually_exclusive,
        markets=tuple([_market(each, found, around, unwaived, category) for each in listed]),
        category=category,
        series=found.series_ticker,
        tags=(series.tags if series else None) or (),
    )


def book(ticker: str, orders: wire.Orders, received_ms: int) -> Book:
    """The YES book of a market.

    Both arrays of the venue are bids, worst first; a NO bid at q is a YES ask at ONE − q. Prices
    of 0 and 1 stand for "nobody" and are dropped; everything else is kept, also what is wrong:
    `Book.fault` tells.
    """
    asks = tuple([Level(Price(ONE - at), size) for at, size in _best_first(orders.no_dollars)])
    bids = tuple(_best_first(orders.yes_dollars))
    return Book(Contract(VENUE, ticker, Outcome.YES), bids, asks, received_ms)


def trade(found: wire.Trade) -> Trade:
    return Trade(
        id=found.trade_id,
        market=found.ticker,
        price=price(found.yes_price_dollars),
        quantity=quantity(found.count_fp),
        taker=Outcome(found.taker_outcome_side),
        at_ms=ms(found.created_time),
        block=found.is_block_trade,
    )


def point(candle: wire.Candle) -> PricePoint | None:
    """A candle's last trade; without one the middle of its closing quotes, rounded down to a micro.

    None where nothing traded and one side was empty: a bid of 0 and an ask of 1 are not quotes.
    """
    at_ms = candle.end_period_ts * 1_000
    if candle.price.close_dollars is not None:
        return PricePoint(at_ms, price(candle.price.close_dollars))
    bid, ask = price(candle.yes_bid.close_dollars), price(candle.yes_ask.close_dollars)
    if bid == 0 or ask == ONE:
        return None
    return PricePoint(at_ms, Price((bid + ask) // 2))


def status(found: wire.ExchangeStatus, skew_ms: int | None) -> VenueStatus:
    """Trading is what the exchange as a whole says; shards that differ are named in `says`."""
    state = _state(found)
    shards = [(_state(each), each.description) for each in found.exchange_index_statuses]
    differing = [f"; {name}: {own}" for own, name in shards if own != state]
    return VenueStatus(
        venue=VENUE,
        trading=found.exchange_active and found.trading_active,
        says=state + "".join(differing),
        skew_ms=skew_ms,
    )


def hours(found: wire.Schedule) -> Schedule:
    return Schedule(
        weeks=tuple(
            Week(since=week.start_time, until=week.end_time, sessions=tuple(_sessions(week)))
            for week in found.standard_hours
        ),
        maintenance=tuple((m.start_datetime, m.end_datetime) for m in found.maintenance_windows),
    )


def series_change(found: wire.SeriesFeeChange) -> Change:
    return Change(ms(found.scheduled_ts), Terms(found.fee_type, found.fee_multiplier))


def event_change(found: wire.EventFeeChange) -> Change:
    return Change(
        ms(found.scheduled_ts), Terms(found.fee_type_override, found.fee_multiplier_override)
    )


def _market(
    found: wire.Market,
    parent: wire.Event,
    around: Surroundings,
    unwaived: FeeSchedule,
    category: str,
) -> Market:
    if micros(found.notional_value_dollars) != ONE:
        raise ValueError(f"its contract pays {found.notional_value_dollars} dollars, not one")
    waived = found.fee_waiver_expiration_time
    fees = _fees(parent, around, waived_until_ms=ms(waived)) if waived else unwaived
    return Market(
        venue=VENUE,
        id=found.ticker,
        event_id=found.event_ticker,
        title=_plain(found.title or parent.title),
        yes_means=_plain(found.yes_sub_title),
        rules="\n\n".join(text for text in (found.rules_primary, found.rules_secondary) if text),
        status=_STATUS.get(found.status, MarketStatus.UNKNOWN),
        grid=_grid(found.price_ranges),
        fees=fees,
        closes_at=found.close_time,
        payout_at=_payout_at(found),
        category=category,
        pocket="" if found.exchange_index is None else str(found.exchange_index),
        url=f"https://kalshi.com/markets/{found.event_ticker.lower()}",
        warnings=tuple(_warnings(found, fees)),
        strike_type=found.strike_type,
        floor=written(found.floor_strike),
        cap=written(found.cap_strike),
        resolving=found.status if found.status in _DECIDED else "",
        pays=_pays(found),
    )


def _pays(found: wire.Market) -> Price | None:
    """A scalar result pays its value, which comes with it."""
    if found.status not in _DECIDED or found.result not in {"yes", "no", "scalar"}:
        return None
    if found.result == "scalar":
        value = found.settlement_value_dollars
        return None if value is None else price(value)
    return Price(ONE if found.result == "yes" else 0)


def _fees(found: wire.Event, around: Surroundings, *, waived_until_ms: int) -> FeeSchedule:
    series = around.series
    return schedule(
        Terms(series.fee_type, series.fee_multiplier) if series else NOT_SAID,
        Terms(found.fee_type_override, found.fee_multiplier_override),
        waived_until_ms=waived_until_ms,
        series_changes=around.series_changes,
        event_changes=around.event_changes,
        member=around.member,
        now_ms=around.now_ms,
    )


def _grid(ranges: Sequence[wire.PriceRange]) -> Grid:
    bands = tuple([Band(price(r.start), price(r.end), price(r.step)) for r in ranges])
    if not bands or any(band.step == 0 for band in bands):
        raise ValueError("it has no price grid")
    return Grid(bands)


def _payout_at(found: wire.Market) -> datetime | None:
    """When it paid, or when to expect that; None where that is past the end of the calendar.

    Expected expiry plus the settlement timer; with no expectation, the latest possible expiry.
    Not the close: a sports market is listed to close two weeks after its game.
    """
    if found.settlement_ts:
        return found.settlement_ts
    expiry = found.expected_expiration_time or found.latest_expiration_time
    try:
        return expiry + timedelta(seconds=found.settlement_timer_seconds)
    except OverflowError:
        return None


def _warnings(found: wire.Market, fees: FeeSchedule) -> Iterator[str]:
    if found.status not in _STATUS:
        yield f"unknown status {found.status!r}"
    if found.status == "disputed":
        yield "its result is disputed"
    if found.market_type == "scalar":
        yield "pays a scalar value, not yes or no"
    elif found.market_type != "binary":
        yield f"unknown market type {found.market_type!r}"
    if found.strike_type not in _STRIKE_TYPES:
        yield f"unknown strike type {found.strike_type!r}"
    if found.settlement_bounds_type != "default":
        yield f"settlement bounds {found.settlement_bounds_type!r}: it may not pay 0 or 1"
    for name in {fee.name: None for _, fee in fees.entries if isinstance(fee, UnknownFee)}:
        yield f"unknown fee: {name}"


def _best_first(levels: Sequence[tuple[str, str]]) -> Iterator[Level]:
    for at, size in reversed(levels):
        if 0 < (bid := price(at)) < ONE:
            yield Level(bid, quantity(size))


def _sessions(week: wire.Week) -> Iterator[Session]:
    days = (week.monday, week.tuesday, week.wednesday, week.thursday, week.friday)
    for weekday, sessions in enumerate((*days, week.saturday, week.sunday)):
        for each in sessions:
            yield Session(weekday=weekday, opens=each.open_time, closes=each.close_time)


def _state(found: wire.ExchangeStatus | wire.ShardStatus) -> str:
    if not found.exchange_active:
        return "exchange paused"
    return "trading" if found.trading_active else "trading paused"


def _plain(text: str) -> str:
    """Titles come with ** around what the site prints bold."""
    return text.replace("**", "")
