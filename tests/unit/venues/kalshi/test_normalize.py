"""Kalshi's wire in the house's words: what is kept, what is dropped, and what is said about it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec
import pytest

from venues import ONE, CarriedFee, Cash, Grid, Market, MarketStatus, Price, UnknownFee
from venues.kalshi import Member, normalize
from venues.kalshi.normalize import Surroundings
from venues.kalshi.wire import public as wire
from venues.market import Band

EXPIRY: Final = datetime(2026, 12, 1, 5, tzinfo=UTC)
LATEST: Final = datetime(2026, 12, 8, tzinfo=UTC)
MARKET: Final = wire.Market(
    ticker="KXA-1-B",
    event_ticker="KXA-1",
    market_type="binary",
    title="Will the **high temp** be <80°?",
    yes_sub_title="79° or below",
    close_time=datetime(2026, 12, 1, tzinfo=UTC),
    expected_expiration_time=EXPIRY,
    latest_expiration_time=LATEST,
    settlement_timer_seconds=300,
    status="active",
    strike_type="less",
    notional_value_dollars="1.0000",
    rules_primary="If it is, Yes.",
    rules_secondary="Not all data is the same.",
    price_ranges=(wire.PriceRange(start="0.0000", end="1.0000", step="0.0100"),),
)
EVENT: Final = wire.Event(
    event_ticker="KXA-1", series_ticker="KXA", title="How **hot**?", mutually_exclusive=True
)
AROUND: Final = Surroundings(
    series=wire.Series(
        ticker="KXA",
        category="Climate and Weather",
        fee_type="quadratic",
        fee_multiplier=Decimal(1),
        tags=("Daily temperature",),
    ),
    series_changes=(),
    event_changes=(),
    member=Member.DIRECT,
    now_ms=0,
)


def normalized(**changed: Any) -> Market:
    found = msgspec.structs.replace(MARKET, **changed)
    return normalize.event(EVENT, AROUND, [found]).markets[0]


def test_a_market_keeps_the_venues_words_without_its_bold_type() -> None:
    found = normalized()

    assert (found.venue, found.id, found.event_id) == ("kalshi", "KXA-1-B", "KXA-1")
    assert found.title == "Will the high temp be <80°?"
    assert found.yes_means == "79° or below"
    assert found.rules == "If it is, Yes.\n\nNot all data is the same."
    assert found.category == "Climate and Weather"
    assert found.url == "https://kalshi.com/markets/kxa-1"
    assert found.closes_at == MARKET.close_time
    assert not found.warnings


def test_an_event_says_whether_at_most_one_of_its_markets_can_win() -> None:
    found = normalize.event(EVENT, AROUND, [MARKET])

    assert found.exclusive
    assert (found.title, found.series, found.tags) == ("How hot?", "KXA", ("Daily temperature",))


def test_without_titles_and_second_rules_nothing_is_made_up() -> None:
    found = normalized(title="", rules_secondary="")

    assert found.title == "How hot?"
    assert found.rules == "If it is, Yes."


def test_an_event_of_a_series_nobody_describes_keeps_its_own_category() -> None:
    event = msgspec.structs.replace(EVENT, category="Sports")
    around = Surroundings(
        series=None, series_changes=(), event_changes=(), member=Member.DIRECT, now_ms=0
    )

    (found,) = normalize.event(event, around, [MARKET]).markets

    assert found.category == "Sports"
    assert isinstance(found.fees.at(0), UnknownFee)
    assert found.warnings == ("unknown fee: of a series that is not described",)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("initialized", MarketStatus.UPCOMING),
        ("active", MarketStatus.OPEN),
        ("inactive", MarketStatus.PAUSED),
        ("closed", MarketStatus.CLOSED),
        ("determined", MarketStatus.RESOLVED),
        ("disputed", MarketStatus.CLOSED),
        ("amended", MarketStatus.RESOLVED),
        ("finalized", MarketStatus.SETTLED),
        ("hibernating", MarketStatus.UNKNOWN),
    ],
)
def test_each_word_for_a_state_has_its_meaning(word: str, status: MarketStatus) -> None:
    assert normalized(status=word).status is status


@pytest.mark.parametrize(
    ("said", "resolving", "pays"),
    [
        ({"status": "active", "result": "yes"}, "", None),
        ({"status": "closed"}, "", None),
        ({"status": "determined", "result": "yes"}, "determined", ONE),
        ({"status": "disputed", "result": "no"}, "disputed", 0),
        ({"status": "amended", "result": ""}, "amended", None),
        (
            {"status": "finalized", "result": "scalar", "settlement_value_dollars": "0.3060"},
            "finalized",
            306_000,
        ),
        ({"status": "finalized", "result": "scalar"}, "finalized", None),
    ],
)
def test_a_result_is_told_with_what_yes_pays(
    said: dict[str, str], resolving: str, pays: int | None
) -> None:
    found = normalized(**said)
    assert (found.resolving, found.pays) == (resolving, pays)


@pytest.mark.parametrize(
    ("changed", "warning"),
    [
        ({"status": "hibernating"}, "unknown status 'hibernating'"),
        ({"status": "disputed"}, "its result is disputed"),
        ({"market_type": "scalar"}, "pays a scalar value, not yes or no"),
        ({"market_type": "ternary"}, "unknown market type 'ternary'"),
        ({"strike_type": "vibes"}, "unknown strike type 'vibes'"),
        (
            {"settlement_bounds_type": "floor"},
            "settlement bounds 'floor': it may not pay 0 or 1",
        ),
    ],
)
def test_what_a_person_must_know_first_is_a_warning(changed: dict[str, str], warning: str) -> None:
    assert normalized(**changed).warnings == (warning,)


def test_the_grid_is_made_of_the_venues_bands() -> None:
    ends = [("0", "0.1", "0.001"), ("0.1", "0.9", "0.01"), ("0.9", "1", "0.001")]
    ranges = tuple(wire.PriceRange(start=a, end=b, step=c) for a, b, c in ends)

    grid = normalized(price_ranges=ranges).grid

    assert grid.bands[0] == Band(Price(0), Price(100_000), Price(1_000))
    assert [p for p in (99_000, 101_000, 110_000, 999_000) if not grid.holds(Price(p))] == [101_000]
    assert normalized().grid == Grid.even(Price(10_000))


@pytest.mark.parametrize(
    "changed",
    [
        {"price_ranges": ()},
        {"price_ranges": (wire.PriceRange(start="0", end="1", step="0"),)},
        {"price_ranges": (wire.PriceRange(start="0", end="1", step="1e-2"),)},
        {"notional_value_dollars": "100.0000"},
    ],
)
def test_a_market_that_cannot_be_priced_in_dollars_makes_no_sense(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"price grid|not one|plain number"):
        normalized(**changed)


def test_a_payout_is_expected_a_timer_after_expiry_and_not_at_the_close() -> None:
    timer, paid = timedelta(seconds=300), datetime(2026, 12, 1, 6, tzinfo=UTC)

    assert normalized().payout_at == EXPIRY + timer
    assert normalized(expected_expiration_time=None).payout_at == LATEST + timer
    assert normalized(settlement_ts=paid).payout_at == paid
    never = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert normalized(expected_expiration_time=never).payout_at is None


def test_a_waived_fee_is_due_from_the_end_of_the_waiver() -> None:
    fees = normalized(fee_waiver_expiration_time=EXPIRY).fees

    assert fees.at(normalize.ms(EXPIRY) - 1) == CarriedFee(0, 0, Cash(100))
    assert fees.at(normalize.ms(EXPIRY)) == CarriedFee(70_000, 0, Cash(100))


def test_a_book_turns_no_bids_into_asks_and_puts_the_best_first() -> None:
    orders = wire.Orders(
        yes_dollars=(("0.0100", "5.00"), ("0.4200", "13.00")),
        no_dollars=(("0.0100", "9.00"), ("0.5600", "17.00")),
    )

    book = normalize.book("KXA-1-B", orders, 7)

    assert book.bids == ((420_000, 13_000_000), (10_000, 5_000_000))
    assert book.asks == ((440_000, 17_000_000), (990_000, 9_000_000))
    assert (str(book.contract), book.received_ms, book.venue_ms) == ("kalshi:KXA-1-B:yes", 7, None)
    assert book.fault() is None


def test_prices_of_nobody_are_no_quotes() -> None:
    orders = wire.Orders(
        yes_dollars=(("0.0000", "0.00"), ("0.4200", "13.00")), no_dollars=(("1.0000", "9.00"),)
    )

    book = normalize.book("T", orders, 0)

    assert (book.bids, book.asks) == (((420_000, 13_000_000),), ())


@pytest.mark.parametrize(
    ("yes", "no", "fault"),
    [
        ((("0.4200", "1.00"), ("0.4100", "1.00")), (), "a bid out of order"),
        ((("0.4200", "0.00"),), (), "a bid without size"),
        ((("0.4200", "1.00"),), (("0.5800", "1.00"),), "crossed"),
    ],
)
def test_a_wrong_book_is_handed_on_as_it_is_and_says_what_is_wrong(
    yes: tuple[tuple[str, str], ...], no: tuple[tuple[str, str], ...], fault: str
) -> None:
    found = normalize.book("T", wire.Orders(yes_dollars=yes, no_dollars=no), 0).fault()

    assert found
    assert found.startswith(fault)


@pytest.mark.parametrize(
    ("close", "bid", "ask", "price"),
    [
        ("0.4100", "0.3000", "0.3100", 410_000),
        (None, "0.4001", "0.4002", 400_150),
        (None, "0.000001", "0.000002", 1),
        (None, "0.0000", "0.4000", None),
        (None, "0.4000", "1.0000", None),
    ],
)
def test_a_candle_is_its_last_trade_or_the_middle_of_two_quotes(
    close: str | None, bid: str, ask: str, price: int | None
) -> None:
    candle = wire.Candle(
        end_period_ts=7_200,
        price=wire.Traded(close_dollars=close),
        yes_bid=wire.Quoted(close_dollars=bid),
        yes_ask=wire.Quoted(close_dollars=ask),
    )

    point = normalize.point(candle)

    assert (point and (point.at_ms, point.price)) == (None if price is None else (7_200_000, price))


def test_a_schedule_keeps_its_gaps() -> None:
    day = (wire.Session(open_time="00:00", close_time="00:00"),)
    early = wire.Session(open_time="00:00", close_time="03:00")
    late = wire.Session(open_time="05:00", close_time="00:00")
    week = wire.Week(
        start_time=EXPIRY,
        end_time=LATEST,
        monday=day,
        tuesday=day,
        wednesday=day,
        thursday=(early, late),
        friday=day,
        saturday=day,
        sunday=day,
    )
    pause = wire.Maintenance(start_datetime=EXPIRY, end_datetime=LATEST)

    found = normalize.hours(wire.Schedule(standard_hours=(week,), maintenance_windows=(pause,)))

    thursday = [(s.opens, s.closes) for s in found.weeks[0].sessions if s.weekday == 3]
    assert thursday == [("00:00", "03:00"), ("05:00", "00:00")]
    assert len(found.weeks[0].sessions) == 8
    assert found.maintenance == ((EXPIRY, LATEST),)
